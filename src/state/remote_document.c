#include "remote_document.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

#define TRIES    4     /* of one write whose end cannot be told, */
#define TRIES_MS 20000 /* begun within so long */

void remote_document_open(struct remote_document *d, const struct remote_object *object,
                          struct remote_stop *stop)
{
    *d = (struct remote_document){.object = *object, .stop = stop};
}

void remote_document_close(struct remote_document *d)
{
    envelope_release(&d->envelope);
    if (d->object.close)
        d->object.close(d->object.ctx);
    *d = (struct remote_document){0};
}

/* ---- Time ------------------------------------------------------------------------------------ */

void remote_document_hear(struct remote_document *d, const struct remote_answer *a)
{
    if (a->date <= 0)
        return;
    d->date = a->date;
    d->date_ms = clock_monotonic_ms();
}

int64_t remote_document_now(const struct remote_document *d)
{
    return d->date > 0 ? d->date + (clock_monotonic_ms() - d->date_ms) / 1000 : clock_now();
}

#define SLICE_MS 50

bool remote_document_pause(struct remote_document *d, unsigned ms)
{
    int64_t end = clock_monotonic_ms() + (int64_t)ms * clock_wait_unit_ms() / 1000;
    for (;;) {
        int64_t left = end - clock_monotonic_ms();
        if (remote_stop_now(d->stop))
            return false;
        if (left <= 0)
            return true;
        struct timespec t = {.tv_nsec = (long)(left < SLICE_MS ? left : SLICE_MS) * 1000000L};
        nanosleep(&t, NULL);
    }
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* What a service has nothing of keeps the lineage that we chose for it. */
static bool begin_anew(struct envelope *e, const struct envelope *known, struct error *err)
{
    if (!envelope_make(e, err))
        return false;
    if (known->serial == 0 && known->lineage[0])
        memcpy(e->lineage, known->lineage, sizeof e->lineage);
    return true;
}

/* What a kind had no better word for. */
static void hint_away(struct error *err)
{
    if (err->code == ERR_AWAY && !*err->hint)
        error_hint(err, "try it again in a while; if it stays so, look at the address and the way "
                        "there");
}

/* What stands there, without forgetting what was known. */
static bool fetch(struct remote_document *d, struct envelope *e, struct remote_version *version,
                  struct error *err)
{
    struct remote_answer answer = {0};
    enum remote_outcome outcome = d->object.read(d->object.ctx, &answer, err);
    bool ok = outcome == REMOTE_DONE;
    remote_document_hear(d, &answer);
    if (ok)
        ok = answer.version.exists ? envelope_read(e, &answer.body, d->object.name, err)
                                   : begin_anew(e, &d->envelope, err);
    if (ok) {
        *version = answer.version;
        version->serial = e->serial;
    } else {
        hint_away(err);
    }
    buf_release(&answer.body);
    return ok;
}

static void adopt(struct remote_document *d, struct envelope *e,
                  const struct remote_version *version)
{
    envelope_release(&d->envelope);
    d->envelope = *e;
    d->version = *version;
    *e = (struct envelope){0};
}

bool remote_document_read(struct remote_document *d, struct error *err)
{
    struct envelope e = {0};
    struct remote_version version;
    if (!fetch(d, &e, &version, err))
        return false;
    adopt(d, &e, &version);
    return true;
}

void remote_document_words(const struct remote_document *d, struct buf *out)
{
    buf_addf(out, "writing %lld", (long long)d->envelope.serial);
    if (d->envelope.writer[0])
        buf_addf(out, " of it is by %s", d->envelope.writer);
}

/* ---- Writing: what is to stand there --------------------------------------------------------- */

struct writing {
    const struct remote_change *change;
    char nonce[ENVELOPE_NONCE_SIZE];
    struct buf text;
};

/* Nobody could read it again. */
static bool refuse_size(const struct remote_document *d, size_t len, struct error *err)
{
    error_set(err, ERR_LIMIT, "the state is %zu MiB, and %s takes %zu MiB", len >> 20,
              d->object.name, REMOTE_SIZE_MAX >> 20);
    return error_hint(err, "many keys need little room as a bulk seed (ns:bulk), of which the "
                           "state keeps one digest; or keep the state in a file");
}

/* On top of what is known now. The envelope is borrowed member by member: nothing of it is copied
 * but what changes. */
static bool compose(const struct remote_document *d, struct writing *w, struct error *err)
{
    const struct remote_change *c = w->change;
    struct envelope next = d->envelope;
    size_t len = c->state.len;
    if (!envelope_renew(&next, err))
        return false;
    memcpy(next.nonce, w->nonce, sizeof next.nonce);
    while (len > 0 && c->state.data[len - 1] == '\n')
        len--;
    if (c->state.data)
        next.state = bytes_make(len > 0 ? c->state.data : NULL, len);
    next.leased = c->lease != NULL;
    if (c->lease)
        next.lease = *c->lease;
    if (c->moved_to)
        next.moved_to = *c->moved_to ? c->moved_to : NULL;
    if (c->writer) {
        struct buf writer = {0};
        buf_add_str(&writer, c->writer);
        size_t n = writer.len < sizeof next.writer ? writer.len : sizeof next.writer - 1;
        while (n > 0 && n < writer.len && ((unsigned char)writer.data[n] & 0xC0) == 0x80)
            n--;
        memcpy(next.writer, writer.data ? writer.data : "", n);
        next.writer[n] = '\0';
        buf_release(&writer);
    }
    buf_clear(&w->text);
    envelope_print(&next, &w->text);
    return w->text.len <= REMOTE_SIZE_MAX || refuse_size(d, w->text.len, err);
}

/* Before anything of ours stands there the service must have shown that it looks before it writes.
 */
static bool probe(struct remote_document *d, struct error *err)
{
    struct buf service = {0};
    const struct remote_object *o = &d->object;
    if (!o->recall || o->recall(o->ctx, d->envelope.service))
        return true;
    bool ok = o->probe(o->ctx, &service, err);
    if (ok)
        envelope_set_service(&d->envelope, buf_bytes(&service));
    buf_release(&service);
    return ok;
}

/* ---- Writing: whether it happened ------------------------------------------------------------ */

static void remember_unsure(struct remote_document *d, const char *nonce)
{
    for (size_t i = 0; i < d->n_unsure; i++)
        if (strcmp(d->unsure[i], nonce) == 0)
            return;
    if (d->n_unsure == REMOTE_UNSURE)
        memmove(d->unsure, d->unsure + 1, --d->n_unsure * sizeof *d->unsure);
    memcpy(d->unsure[d->n_unsure++], nonce, ENVELOPE_NONCE_SIZE);
}

static bool is_unsure(const struct remote_document *d, const char *nonce)
{
    for (size_t i = 0; i < d->n_unsure; i++)
        if (strcmp(d->unsure[i], nonce) == 0)
            return true;
    return false;
}

static bool same_writing(const struct envelope *a, const struct envelope *b)
{
    return strcmp(a->nonce, b->nonce) == 0 && strcmp(a->lineage, b->lineage) == 0;
}

enum verdict {
    HAPPENED,
    NOT_YET, /* what is to be replaced stands there still */
    OURS,    /* an earlier attempt of ours does */
    OTHERS,
    NOBODY_KNOWS
};

/* Looks. What was found is what is known from now on, but for NOBODY_KNOWS. */
static enum verdict look(struct remote_document *d, const char *nonce, struct error *err)
{
    struct envelope e = {0};
    struct remote_version version;
    enum verdict verdict = OTHERS;
    if (!fetch(d, &e, &version, err))
        return NOBODY_KNOWS;
    if (version.exists && envelope_follows(&e, nonce))
        verdict = HAPPENED;
    else if (version.exists == d->version.exists && same_writing(&e, &d->envelope))
        verdict = NOT_YET;
    else if (version.exists && is_unsure(d, e.nonce))
        verdict = OURS;
    /* What was found out about the service stands in no document yet. */
    if (verdict == NOT_YET && !e.service.data)
        envelope_set_service(&e, d->envelope.service);
    adopt(d, &e, &version);
    return verdict;
}

/* What was written is what stands there. */
static bool take_written(struct remote_document *d, struct writing *w,
                         const struct remote_answer *answer, struct error *err)
{
    struct envelope e;
    struct remote_version version = answer->version;
    if (!envelope_read(&e, &w->text, d->object.name, err))
        return false;
    version.exists = true;
    version.serial = e.serial;
    adopt(d, &e, &version);
    d->n_unsure = 0;
    return true;
}

/* Services that look only at a lock, or at nothing, are looked at before. */
static bool still_there(struct remote_document *d, const char *nonce, enum verdict *verdict,
                        struct error *err)
{
    *verdict = NOT_YET;
    if (!d->object.checks || !d->object.checks(d->object.ctx, &d->version))
        *verdict = look(d, nonce, err);
    return *verdict == NOT_YET;
}

static bool moved(const struct remote_document *d, struct error *err)
{
    struct buf words = {0};
    remote_document_words(d, &words);
    error_set(err, ERR_STALE, "%s was written by somebody else meanwhile: %s", d->object.name,
              words.data);
    buf_release(&words);
    return error_hint(err, "run it again: it then goes on from what stands there now");
}

/* One attempt and what came of it. */
static enum verdict attempt(struct remote_document *d, struct writing *w, bool *done,
                            struct error *err)
{
    struct remote_answer answer = {0};
    enum verdict verdict;
    struct error cause;
    if (!still_there(d, w->nonce, &verdict, err))
        return verdict;
    enum remote_outcome outcome =
        d->object.write(d->object.ctx, buf_bytes(&w->text), &d->version, &answer, err);
    remote_document_hear(d, &answer);
    /* A lock that was lost does not come back. */
    *done = outcome == REMOTE_DONE || outcome == REMOTE_FAILED ||
            (outcome == REMOTE_MOVED && err->code == ERR_LOCKED);
    if (outcome == REMOTE_DONE)
        return take_written(d, w, &answer, err) ? HAPPENED : NOBODY_KNOWS;
    if (outcome == REMOTE_FAILED)
        return NOT_YET;
    if (outcome == REMOTE_UNKNOWN)
        remember_unsure(d, w->nonce);
    verdict = look(d, w->nonce, &cause);
    if (verdict == NOBODY_KNOWS)
        remember_unsure(d, w->nonce);
    return verdict;
}

static enum remote_outcome write_it(struct remote_document *d, struct writing *w, struct error *err)
{
    int64_t end = clock_monotonic_ms() + TRIES_MS;
    for (int i = 0; i < TRIES && (i == 0 || clock_monotonic_ms() < end); i++) {
        bool done = false;
        if ((i > 0 && !remote_document_pause(d, 500u << i)) || !compose(d, w, err))
            break;
        switch (attempt(d, w, &done, err)) {
        case HAPPENED:
            return REMOTE_DONE;
        case OTHERS:
            moved(d, err);
            return REMOTE_MOVED;
        case NOT_YET:
            if (done)
                return is_unsure(d, w->nonce) ? REMOTE_UNKNOWN : REMOTE_FAILED;
            break;
        case OURS:
        case NOBODY_KNOWS:
            break;
        }
    }
    return is_unsure(d, w->nonce) ? REMOTE_UNKNOWN : REMOTE_FAILED;
}

enum remote_outcome remote_document_write(struct remote_document *d,
                                          const struct remote_change *change, struct error *err)
{
    struct writing w = {.change = change};
    bool ok = probe(d, err);
    if (ok && change->nonce)
        memcpy(w.nonce, change->nonce, sizeof w.nonce);
    else if (ok)
        ok = envelope_nonce(w.nonce, err);
    enum remote_outcome outcome = ok ? write_it(d, &w, err) : REMOTE_FAILED;
    if (outcome != REMOTE_DONE)
        hint_away(err);
    buf_release(&w.text);
    return outcome;
}
