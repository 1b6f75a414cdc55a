#include "remote_lease.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define POLL_MS   1000
#define JITTER_MS 400 /* so that those who wait do not all come at once */

/* ---- Ours ------------------------------------------------------------------------------------ */

/* Which machine's folder this is: one that was copied, as a CI's cache is, is another. */
static void add_place(const struct remote_lease *l, struct buf *out)
{
    struct arena scratch = {0};
    struct stat st = {0};
    char host[128] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    (void)!stat(path_parent(&scratch, l->file), &st);
    buf_addf(out, " %s %llu:%llu\n", host, (unsigned long long)st.st_dev,
             (unsigned long long)st.st_ino);
    arena_release(&scratch);
}

#define UUID_SIZE 36

/* The id that a killed run left here. */
static void read_left(struct remote_lease *l)
{
    struct buf text = {0}, place = {0};
    struct error ignored;
    if (!l->file || !file_read(l->file, 1024, &text, &ignored) || text.len <= UUID_SIZE) {
        buf_release(&text);
        return;
    }
    add_place(l, &place);
    if (bytes_equal(bytes_make(text.data + UUID_SIZE, text.len - UUID_SIZE), buf_bytes(&place))) {
        memcpy(l->lease.id, text.data, UUID_SIZE);
        l->lease.id[UUID_SIZE] = '\0';
        l->left = l->old = true;
    }
    buf_release(&text);
    buf_release(&place);
}

bool remote_lease_make(struct remote_lease *l, const char *command, struct error *err)
{
    if (!lease_make(&l->lease, command, err))
        return false;
    read_left(l);
    return true;
}

/* Before it is asked for: it may be ours from the moment the request is sent. That it cannot be
 * left here is no reason not to go on: a run that is killed then waits for its own lease. */
static void leave(struct remote_lease *l)
{
    struct buf text = {0};
    struct error ignored;
    if (!l->file || l->left)
        return;
    buf_add_str(&text, l->lease.id);
    add_place(l, &text);
    l->left = file_replace(l->file, buf_bytes(&text), 0600, &ignored);
    buf_release(&text);
}

static void forget(struct remote_lease *l)
{
    if (l->file && l->left)
        unlink(l->file);
    l->left = false;
}

void remote_lease_stamp(struct remote_lease *l)
{
    int64_t now = remote_document_now(l->d);
    l->lease.taken = l->held && l->lease.taken ? l->lease.taken : now;
    l->lease.renewed = now;
    leave(l);
}

void remote_lease_keep(struct remote_lease *l)
{
    l->held = true;
    l->unsure = false;
    l->renewed_ms = clock_monotonic_ms();
}

int64_t remote_lease_left(const struct remote_lease *l)
{
    int64_t unit = clock_wait_unit_ms() > 0 ? clock_wait_unit_ms() : 1;
    return l->lease.seconds == 0 ? INT32_MAX
                                 : l->lease.seconds - (clock_monotonic_ms() - l->renewed_ms) / unit;
}

/* ---- Another's ------------------------------------------------------------------------------- */

bool remote_lease_refuse(const struct remote_document *d, const struct lease *holder,
                         struct error *err)
{
    struct buf who = {0}, left = {0};
    int64_t now = remote_document_now(d);
    lease_words(holder, now, &who);
    if (holder->seconds > 0)
        lease_age(holder->renewed + holder->seconds - now, &left);
    error_set(err, ERR_LOCKED, "%s is in use by %s", d->object.name, who.data);
    error_hint(err,
               "wait for it with --lock-timeout SECONDS%s%s; when it is known that its holder runs "
               "no more, 'cfkv state unlock' frees it",
               left.len ? "; unless it is renewed it ends by itself in " : "",
               left.len ? left.data : "");
    buf_release(&who);
    buf_release(&left);
    return false;
}

static void tell_taken_over(const struct remote_lease *l, const struct lease *old)
{
    struct buf who = {0}, ago = {0};
    char text[1024];
    lease_words(old, 0, &who);
    lease_age(remote_document_now(l->d) - old->renewed - old->seconds, &ago);
    snprintf(text, sizeof text,
             "the lock of %s on %s ended %s ago without being freed: it is taken over", who.data,
             l->d->object.name, ago.data);
    if (l->tell)
        l->tell(l->tell_ctx, text);
    buf_release(&who);
    buf_release(&ago);
}

/* ---- Waiting --------------------------------------------------------------------------------- */

struct waiting {
    int64_t end; /* monotonic ms */
    bool told;
};

static struct waiting wait_for(const struct remote_lease *l)
{
    return (struct waiting){.end = clock_monotonic_ms() + (int64_t)(l->timeout * 1000)};
}

static unsigned poll_ms(const struct remote_lease *l)
{
    return POLL_MS + (unsigned)l->lease.id[0] * 37 % JITTER_MS;
}

/* false when the wait is over. */
static bool wait_more(struct remote_lease *l, struct waiting *w, const struct lease *holder,
                      struct error *err)
{
    struct remote_document *d = l->d;
    if (clock_monotonic_ms() >= w->end)
        return remote_lease_refuse(d, holder, err);
    if (!w->told && l->tell) {
        struct buf text = {0};
        buf_addf(&text, "waiting for %s, which is in use by ", d->object.name);
        lease_words(holder, remote_document_now(d), &text);
        l->tell(l->tell_ctx, text.data);
        buf_release(&text);
        w->told = true;
    }
    return remote_document_pause(d, poll_ms(l)) ||
           error_set(err, ERR_INTERRUPTED, "interrupted while waiting for %s", d->object.name);
}

static bool is_ours(const struct remote_lease *l, const struct lease *other)
{
    return other->id[0] && strcmp(other->id, l->lease.id) == 0;
}

/* ---- Taking ---------------------------------------------------------------------------------- */

/* One attempt; with no answer the same id is asked for again: it may be ours already. */
static enum remote_outcome try_lock(struct remote_lease *l, struct lease *holder, struct error *err)
{
    struct remote_object *o = &l->d->object;
    struct remote_answer answer = {0};
    remote_lease_stamp(l);
    enum remote_outcome outcome = o->lock(o->ctx, &l->lease, &answer, err);
    if (outcome == REMOTE_UNKNOWN)
        outcome = o->lock(o->ctx, &l->lease, &answer, err);
    if (outcome == REMOTE_MOVED && is_ours(l, &answer.holder))
        outcome = REMOTE_DONE;
    *holder = answer.holder;
    buf_release(&answer.body);
    return outcome;
}

/* An id that was used up (of a lock that was broken, or ended) is refused without a holder. */
static bool renew_id(struct remote_lease *l, const struct lease *holder)
{
    struct error ignored;
    if (!l->old || holder->id[0])
        return false;
    l->old = false;
    forget(l);
    return envelope_uuid(l->lease.id, &ignored);
}

static bool take_lock(struct remote_lease *l, struct error *err)
{
    struct waiting w = wait_for(l);
    enum remote_outcome outcome;
    struct lease holder;
    do {
        outcome = try_lock(l, &holder, err);
    } while (outcome == REMOTE_MOVED && (renew_id(l, &holder) || wait_more(l, &w, &holder, err)));
    l->locked = outcome == REMOTE_DONE;
    if (l->locked) {
        remote_lease_keep(l);
        if (holder.id[0] && !is_ours(l, &holder))
            tell_taken_over(l, &holder);
    } else if (outcome != REMOTE_UNKNOWN) {
        forget(l);
    }
    return l->locked;
}

/* Where the service does not tell its time two machines' clocks are compared, and may be apart. */
#define CLOCKS_APART_S 300

static bool is_over(const struct remote_lease *l, const struct lease *other)
{
    int64_t apart = l->d->date > 0 ? 0 : CLOCKS_APART_S;
    return lease_expired(other, remote_document_now(l->d) - apart);
}

/* Reads until no other's lease is in the document. */
static bool await_lease(struct remote_lease *l, struct waiting *w, struct error *err)
{
    const struct envelope *e = &l->d->envelope;
    for (;;) {
        if (!remote_document_read(l->d, err))
            return false;
        if (!e->leased || is_ours(l, &e->lease))
            return true;
        if (is_over(l, &e->lease)) {
            tell_taken_over(l, &e->lease);
            return true;
        }
        if (!wait_more(l, w, &e->lease, err))
            return false;
    }
}

bool remote_lease_await(struct remote_lease *l, struct error *err)
{
    struct waiting w = wait_for(l);
    if (l->d->object.lock)
        return take_lock(l, err) && remote_document_read(l->d, err);
    return await_lease(l, &w, err);
}

bool remote_lease_take(struct remote_lease *l, struct error *err)
{
    struct waiting w = wait_for(l);
    if (l->d->object.lock)
        return remote_lease_await(l, err);
    for (;;) {
        if (!await_lease(l, &w, err))
            return false;
        remote_lease_stamp(l);
        enum remote_outcome outcome =
            remote_document_write(l->d, &(struct remote_change){.lease = &l->lease}, err);
        const struct envelope *e = &l->d->envelope;
        if (outcome == REMOTE_DONE && e->leased && is_ours(l, &e->lease)) {
            remote_lease_keep(l);
            return true;
        }
        l->unsure = outcome == REMOTE_UNKNOWN;
        if (outcome != REMOTE_DONE && outcome != REMOTE_MOVED)
            return false;
        if (remote_stop_now(l->d->stop))
            return error_set(err, ERR_INTERRUPTED, "interrupted while waiting for %s",
                             l->d->object.name);
    }
}

/* ---- Keeping and freeing --------------------------------------------------------------------- */

static bool is_lost(const struct remote_lease *l, const struct lease *holder, struct error *err)
{
    struct buf who = {0};
    lease_words(holder, 0, &who);
    error_set(err, ERR_LOCKED, "the lock on %s was taken from us by %s", l->d->object.name,
              who.data);
    buf_release(&who);
    return false;
}

enum remote_outcome remote_lease_renew(struct remote_lease *l, struct error *err)
{
    struct remote_object *o = &l->d->object;
    struct remote_answer answer = {0};
    if (!l->locked || l->lease.seconds == 0)
        return REMOTE_DONE;
    enum remote_outcome outcome = o->lock(o->ctx, &l->lease, &answer, err);
    buf_release(&answer.body);
    if (outcome == REMOTE_MOVED && !is_ours(l, &answer.holder))
        is_lost(l, &answer.holder, err);
    else if (outcome == REMOTE_MOVED)
        outcome = REMOTE_DONE;
    if (outcome == REMOTE_DONE)
        remote_lease_keep(l);
    return outcome;
}

static bool unlock(struct remote_lease *l, struct error *err)
{
    struct remote_object *o = &l->d->object;
    struct remote_answer answer = {0};
    enum remote_outcome outcome = o->unlock(o->ctx, l->lease.id, &answer, err);
    buf_release(&answer.body);
    return outcome == REMOTE_DONE || outcome == REMOTE_MOVED; /* another's: ours is no more */
}

/* As long as nobody knows that it is free its id stays here. */
static bool free_in_document(struct remote_lease *l, struct error *err)
{
    const struct envelope *e = &l->d->envelope;
    if (l->unsure && !remote_document_read(l->d, err))
        return false;
    if ((!l->held && !l->unsure) || !e->leased || !is_ours(l, &e->lease))
        return true;
    enum remote_outcome outcome = remote_document_write(l->d, &(struct remote_change){0}, err);
    return outcome == REMOTE_DONE || outcome == REMOTE_MOVED;
}

bool remote_lease_free(struct remote_lease *l, struct error *err)
{
    bool ok = l->locked ? unlock(l, err) : free_in_document(l, err);
    l->held = l->locked = l->unsure = false;
    if (ok)
        forget(l);
    return ok;
}

/* ---- Breaking -------------------------------------------------------------------------------- */

/* Who holds a lock is only told to one who asks for it; what is free is then ours for a moment. */
static bool look_at_lock(struct remote_document *d, const char *command, struct lease *holder,
                         bool *held, struct error *err)
{
    struct remote_object *o = &d->object;
    struct remote_answer answer = {0};
    struct lease ours;
    if (!lease_make(&ours, command, err))
        return false;
    enum remote_outcome outcome = o->lock(o->ctx, &ours, &answer, err);
    remote_document_hear(d, &answer);
    *held = outcome == REMOTE_MOVED;
    *holder = answer.holder;
    buf_release(&answer.body);
    if (outcome == REMOTE_MOVED)
        return true;
    if (outcome == REMOTE_FAILED)
        return false;
    answer = (struct remote_answer){0};
    outcome = o->unlock(o->ctx, ours.id, &answer, err);
    buf_release(&answer.body);
    return outcome == REMOTE_DONE;
}

bool remote_lease_look(struct remote_document *d, const char *command, struct lease *holder,
                       bool *held, struct error *err)
{
    *holder = (struct lease){0};
    *held = false;
    if (d->object.lock)
        return look_at_lock(d, command, holder, held, err);
    if (!remote_document_read(d, err))
        return false;
    *held = d->envelope.leased;
    *holder = d->envelope.lease;
    return true;
}

/* A lock whose answer told no id may still be freed by none, as GitLab has it. */
static bool break_lock(struct remote_document *d, const struct lease *holder, struct error *err)
{
    struct remote_object *o = &d->object;
    struct remote_answer answer = {0};
    enum remote_outcome outcome = o->unlock(o->ctx, holder->id, &answer, err);
    if (outcome == REMOTE_MOVED)
        remote_lease_refuse(d, &answer.holder, err);
    buf_release(&answer.body);
    return outcome == REMOTE_DONE;
}

bool remote_lease_break(struct remote_document *d, const struct lease *holder, struct error *err)
{
    const struct envelope *e = &d->envelope;
    if (d->object.lock)
        return break_lock(d, holder, err);
    while (e->leased && strcmp(e->lease.id, holder->id) == 0) {
        enum remote_outcome outcome = remote_document_write(d, &(struct remote_change){0}, err);
        if (outcome != REMOTE_MOVED)
            return outcome == REMOTE_DONE;
    }
    return !e->leased || remote_lease_refuse(d, &e->lease, err);
}
