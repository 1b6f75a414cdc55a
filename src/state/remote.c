#include "remote.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "remote_kept.h"
#include "remote_lease.h"

#define AGAIN_S 5 /* after a renewal that failed */

struct remote {
    struct arena arena;
    struct remote_options o;
    struct remote_document doc;
    struct remote_lease lease;
    struct remote_kept kept;
    struct lock lock; /* against others on this machine */
    bool began;       /* the intents stand on the service */
    bool over;        /* nothing was done, and nothing will be: the state is to be opened anew */
    bool away;        /* the last write found no service */
    bool busy;        /* an exchange with the service is under way: no beat comes between */
    bool lost;        /* the lease is another's */
    struct error why; /* of `lost` */
    int64_t tried_ms; /* monotonic: when a renewal was tried last */
    bool cached;      /* what was read is not from the service */
    const char *last; /* path of REMOTE_LAST, or NULL */
    char *writer;
};

static void tell(const struct remote *r, const char *text)
{
    if (r->o.tell)
        r->o.tell(r->o.tell_ctx, text);
}

__attribute__((format(printf, 2, 3))) static void tellf(struct remote *r, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    tell(r, text);
}

/* ---- Writing to the service ------------------------------------------------------------------ */

/* With the first document it is known what the service looks at. */
static void tell_safety(struct remote *r)
{
    const struct remote_object *o = &r->doc.object;
    if (o->checks && !o->checks(o->ctx, &r->doc.version))
        tellf(r, "%s is %s", o->name, REMOTE_LOCK_ONLY);
}

/* That a failed disk cannot keep a mark is no reason not to write where it matters more. */
static enum remote_outcome push(struct remote *r, struct bytes document, bool go_on,
                                struct error *err)
{
    char nonce[ENVELOPE_NONCE_SIZE];
    struct error ignored;
    bool leased = go_on && !r->lease.locked, existed = r->doc.version.exists;
    if (!envelope_nonce(nonce, err))
        return REMOTE_FAILED;
    if (r->kept.begun)
        remote_kept_mark(&r->kept, nonce, &ignored);
    if (leased)
        remote_lease_stamp(&r->lease);
    struct remote_change change = {.nonce = nonce,
                                   .state = document,
                                   .lease = leased ? &r->lease.lease : NULL,
                                   .writer = r->writer};
    enum remote_outcome outcome = remote_document_write(&r->doc, &change, err);
    /* It happened, but others wrote on top of it: then the lease is not ours. */
    if (outcome == REMOTE_DONE && go_on && strcmp(r->doc.envelope.nonce, nonce) != 0) {
        error_set(err, ERR_STALE, "%s was written by somebody else meanwhile", r->doc.object.name);
        return REMOTE_MOVED;
    }
    if (leased && outcome == REMOTE_UNKNOWN)
        r->lease.unsure = true;
    if (leased && outcome == REMOTE_DONE)
        remote_lease_keep(&r->lease);
    if (outcome == REMOTE_DONE && !existed)
        tell_safety(r);
    return outcome;
}

/* ---- Loading --------------------------------------------------------------------------------- */

static void cache(const struct remote *r)
{
    struct buf text = {0};
    struct error ignored;
    if (!r->last || r->cached || !r->doc.version.exists)
        return;
    envelope_print(&r->doc.envelope, &text);
    if (!file_holds(r->last, buf_bytes(&text)))
        file_replace(r->last, buf_bytes(&text), 0600, &ignored);
    buf_release(&text);
}

static bool check_moved(const struct remote *r, struct error *err)
{
    const char *to = r->doc.envelope.moved_to;
    if (!to)
        return true;
    error_set(err, ERR_FAILED, "%s was moved to %s", r->doc.object.name, to);
    return error_hint(err, "name that address: cfkv.project { state = … }, or --state; the old one "
                           "stays for who must go back");
}

/* Writes what is owed, once more on top of what others wrote meanwhile. */
static bool finish(struct remote *r, struct buf *document, struct error *err)
{
    for (int i = 0; i < 5; i++) {
        bool owed;
        buf_clear(document);
        if (!remote_kept_join(&r->kept, &r->doc.envelope, r->doc.version.exists, document, &owed,
                              err))
            return false;
        enum remote_outcome outcome =
            owed ? push(r, buf_bytes(document), r->lease.held, err) : REMOTE_DONE;
        if (outcome == REMOTE_DONE && owed)
            tellf(r, "what was done here and was not in %s yet stands there now",
                  r->doc.object.name);
        if (outcome == REMOTE_DONE)
            return remote_kept_drop(&r->kept, err);
        if (outcome != REMOTE_MOVED)
            return false;
    }
    return false; /* as the last write said */
}

/* For who only looks: as if it were finished. */
static bool look_finished(struct remote *r, struct buf *document, struct error *err)
{
    bool owed;
    if (!remote_kept_join(&r->kept, &r->doc.envelope, r->doc.version.exists, document, &owed, err))
        return false;
    if (owed)
        tellf(
            r,
            "what an earlier run did is recorded here and not yet in %s; the next apply, or 'cfkv "
            "state push', writes it there",
            r->doc.object.name);
    return true;
}

static bool read_state(struct remote *r, struct buf *document, struct error *err)
{
    struct buf whole = {0};
    bool ok = check_moved(r, err);
    if (ok && r->kept.begun) {
        ok = r->o.write ? finish(r, &whole, err) : look_finished(r, &whole, err);
        if (ok)
            buf_add_bytes(document, buf_bytes(&whole));
    } else if (ok) {
        envelope_print_state(&r->doc.envelope, document);
    }
    buf_release(&whole);
    return ok;
}

static bool lock_machine(struct remote *r, struct error *err)
{
    const char *path = path_join(&r->arena, r->o.folder, "lock");
    return lock_take(&r->lock, path, r->doc.object.name, r->o.command, r->o.lock_timeout,
                     r->o.stop ? r->o.stop->from : NULL, err);
}

static bool open_for_writing(struct remote *r, struct error *err)
{
    return lock_machine(r, err) &&
           remote_kept_open(&r->kept, r->o.folder, r->doc.object.name, err) &&
           remote_lease_make(&r->lease, r->o.command, err) &&
           (r->o.lease_first ? remote_lease_take(&r->lease, err)
                             : remote_lease_await(&r->lease, err));
}

static bool is_out_of_reach(const struct error *err)
{
    return err->code == ERR_AWAY || err->code == ERR_DENIED;
}

/* What was read last, in place of what stands there. */
static void take_cached(struct remote *r, const struct error *why)
{
    struct buf text = {0};
    struct error none;
    r->doc.version.exists = r->last && file_read(r->last, STATE_SIZE_MAX, &text, &none) &&
                            envelope_read(&r->doc.envelope, &text, r->last, &none);
    if (r->doc.version.exists)
        tellf(r, "%s; what was read of it last is used", why->message);
    else
        tellf(r, "%s, and nothing was read of it before: it is as if nothing were recorded",
              why->message);
    buf_release(&text);
}

/* What another run on this machine is just doing is no business of one that looks. */
static bool open_kept(struct remote *r, struct error *err)
{
    struct lock_holder holder;
    if (!remote_kept_open(&r->kept, r->o.folder, r->doc.object.name, err))
        return false;
    if (r->kept.begun && lock_look(path_join(&r->arena, r->o.folder, "lock"), &holder))
        r->kept.begun = false;
    return true;
}

static bool open_for_reading(struct remote *r, struct error *err)
{
    if (!open_kept(r, err))
        return false;
    if (!r->doc.object.read)
        error_set(err, ERR_DENIED, "there are no credentials for %s", r->doc.object.name);
    else if (remote_document_read(&r->doc, err))
        return true;
    if (!r->o.or_cached || !is_out_of_reach(err))
        return false;
    r->cached = true;
    take_cached(r, err);
    return true;
}

static bool load(void *ctx, struct buf *document, struct buf *journal, struct error *err)
{
    struct remote *r = ctx;
    (void)journal; /* what is in ours is in the document */
    r->busy = true;
    bool ok = (r->o.write ? open_for_writing(r, err) : open_for_reading(r, err)) &&
              read_state(r, document, err);
    r->busy = false;
    if (ok)
        cache(r);
    return ok;
}

/* ---- While it runs --------------------------------------------------------------------------- */

static bool append(void *ctx, struct bytes lines, struct error *err)
{
    struct remote *r = ctx;
    return remote_kept_begin(&r->kept, &r->doc.envelope, err) &&
           remote_kept_append(&r->kept, lines, err);
}

static bool lose(struct remote *r, struct error *err)
{
    struct buf who = {0};
    const struct envelope *e = &r->doc.envelope;
    if (e->leased)
        lease_words(&e->lease, 0, &who);
    else
        buf_add_str(&who, e->writer[0] ? e->writer : "somebody");
    error_set(err, ERR_LOCKED, "the lock on %s was taken from us by %s", r->doc.object.name,
              who.data);
    error_hint(err, "what was done is recorded; run it again for the rest");
    buf_release(&who);
    r->lost = true;
    r->why = *err;
    return false;
}

/* The service does not answer: as long as the lease holds that is no reason to stop. */
static bool is_bearable(struct remote *r, struct error *err)
{
    if (remote_lease_left(&r->lease) > AGAIN_S)
        return true;
    error_wrap(err, "the lock on %s could not be renewed", r->doc.object.name);
    error_hint(err, "what was done is recorded here; run it again when the service is back");
    err->code = ERR_AWAY;
    r->lost = true;
    r->why = *err;
    return false;
}

static bool is_time(const struct remote *r)
{
    int64_t now = clock_monotonic_ms(), unit = clock_wait_unit_ms();
    return now - r->lease.renewed_ms >= LEASE_RENEW * unit && now - r->tried_ms >= AGAIN_S * unit;
}

static bool checkpoint(struct remote *r, struct bytes document, struct error *err)
{
    enum remote_outcome outcome = REMOTE_DONE;
    if (r->lease.locked)
        outcome = remote_lease_renew(&r->lease, err);
    /* Before the intents stand there only the lease is to be kept. */
    if (outcome == REMOTE_DONE && (r->began || !r->lease.locked))
        outcome = push(r, r->began ? document : bytes_make(NULL, 0), true, err);
    if (outcome == REMOTE_DONE)
        return !r->kept.begun || remote_kept_pushed(&r->kept, &r->doc.envelope, err);
    return outcome == REMOTE_MOVED ? lose(r, err) : is_bearable(r, err);
}

/* The first time nothing was done yet, and so nothing is owed when it cannot be. */
static bool begin(void *ctx, struct bytes document, struct error *err)
{
    struct remote *r = ctx;
    struct error ignored;
    if (r->began)
        return checkpoint(r, document, err);
    if (!remote_kept_begin(&r->kept, &r->doc.envelope, err))
        return false;
    if (push(r, document, true, err) == REMOTE_DONE) {
        r->began = true;
        return remote_kept_pushed(&r->kept, &r->doc.envelope, err);
    }
    r->over = true;
    remote_kept_drop(&r->kept, &ignored);
    return false;
}

static bool beat(void *ctx, void (*print)(const struct state *s, struct buf *out),
                 const struct state *s, struct error *err)
{
    struct remote *r = ctx;
    struct buf document = {0};
    if (r->lost) {
        *err = r->why;
        return false;
    }
    if (r->busy || !r->lease.held || !is_time(r))
        return true;
    r->busy = true;
    print(s, &document);
    bool ok = checkpoint(r, buf_bytes(&document), err);
    r->busy = false;
    r->tried_ms = clock_monotonic_ms();
    buf_release(&document);
    return ok;
}

/* ---- Saving ---------------------------------------------------------------------------------- */

static bool keep(struct remote *r, struct error *err)
{
    error_wrap(err, "what was done could not be written to %s, and is kept here",
               r->doc.object.name);
    return error_hint(err,
                      "'cfkv state push' writes it there, and so does the next apply; until "
                      "then leave %s as it is",
                      r->o.folder);
}

/* Others wrote, but nobody is writing now: what both did can be put together at once. */
static bool join_others(struct remote *r, struct error *err)
{
    const struct envelope *e = &r->doc.envelope;
    struct buf joined = {0};
    struct error failed;
    if (!remote_document_read(&r->doc, &failed) ||
        (e->leased && strcmp(e->lease.id, r->lease.lease.id) != 0))
        return false;
    bool held = r->lease.held;
    r->lease.held = false; /* it is the last write */
    bool ok = finish(r, &joined, err);
    r->lease.held = held && (!ok || r->lease.locked);
    buf_release(&joined);
    return ok;
}

/* A lock that ended while nobody else wanted it (a machine that slept) is taken once more. */
static enum remote_outcome push_last(struct remote *r, struct bytes document, struct error *err)
{
    struct error refused;
    enum remote_outcome outcome = push(r, document, false, err);
    if (outcome != REMOTE_FAILED || err->code != ERR_LOCKED || !r->lease.locked ||
        remote_lease_renew(&r->lease, &refused) != REMOTE_DONE)
        return outcome;
    return push(r, document, false, err);
}

static bool save_now(struct remote *r, struct bytes document, struct error *err)
{
    if (r->lost)
        *err = r->why;
    enum remote_outcome outcome = r->lost ? REMOTE_MOVED : push_last(r, document, err);
    if (outcome == REMOTE_DONE)
        return remote_kept_drop(&r->kept, err);
    if (!r->kept.begun)
        return false;
    return (outcome == REMOTE_MOVED && join_others(r, err)) || keep(r, err);
}

static bool save(void *ctx, struct bytes document, struct error *err)
{
    struct remote *r = ctx;
    if (r->over)
        return true;
    remote_stop_finish(r->o.stop, true);
    r->busy = true;
    bool ok = save_now(r, document, err);
    r->busy = false;
    r->away = !ok && err->code == ERR_AWAY;
    remote_stop_finish(r->o.stop, false);
    if (ok)
        cache(r);
    return ok;
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void destroy(void *ctx)
{
    struct remote *r = ctx;
    struct error err;
    remote_stop_finish(r->o.stop, true);
    /* Who found nobody with his last write finds nobody now; a lease ends by itself. */
    bool ends = r->away && !r->lease.locked;
    if (r->o.write && !ends && !remote_lease_free(&r->lease, &err))
        tellf(r, "the lock on %s could not be freed: %s", r->doc.object.name, err.message);
    remote_stop_finish(r->o.stop, false);
    remote_kept_close(&r->kept);
    lock_drop(&r->lock);
    remote_document_close(&r->doc);
    mem_free(r->writer);
    arena_release(&r->arena);
    mem_free(r);
}

static struct state_backend backend_of(struct remote *r)
{
    return (struct state_backend){.ctx = r,
                                  .name = arena_str(&r->arena, r->doc.object.name),
                                  .load = load,
                                  .append = append,
                                  .save = save,
                                  .begin = r->o.write ? begin : NULL,
                                  .beat = r->o.write ? beat : NULL,
                                  .close = destroy};
}

static void name_writer(struct remote *r)
{
    struct lease lease;
    struct buf words = {0};
    struct error ignored;
    if (!lease_make(&lease, r->o.command ? r->o.command : "cfkv", &ignored))
        return;
    lease_words(&lease, 0, &words);
    r->writer = mem_text(buf_bytes(&words));
    buf_release(&words);
}

bool remote_backend(const struct remote_options *options, struct state_backend *backend,
                    struct error *err)
{
    struct remote *r = mem_zalloc(1, sizeof *r);
    r->o = *options;
    r->lock.fd = -1;
    (void)err;
    remote_document_open(&r->doc, &options->object, options->stop);
    if (options->folder) {
        r->o.folder = arena_str(&r->arena, options->folder);
        r->last = path_join(&r->arena, r->o.folder, REMOTE_LAST);
        r->lease.file = path_join(&r->arena, r->o.folder, "lease");
    }
    r->lease.d = &r->doc;
    r->lease.timeout = options->lock_timeout;
    r->lease.tell = options->tell;
    r->lease.tell_ctx = options->tell_ctx;
    name_writer(r);
    *backend = backend_of(r);
    return true;
}
