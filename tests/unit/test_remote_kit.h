/*
 * test_remote_kit.h: a service that is a buffer: it looks before it writes, and on request answers
 * late, not at all, twice, or lets somebody else write first.
 *
 * Define _GNU_SOURCE before the first include (test_folder.h).
 */
#ifndef CFKV_TESTS_UNIT_TEST_REMOTE_KIT_H
#define CFKV_TESTS_UNIT_TEST_REMOTE_KIT_H

#include "test_folder.h"
#include "test_state_kit.h"

#include "base/file.h"
#include "state/remote.h"

enum mishap {
    NO_MISHAP,
    AWAY,     /* the request never got there */
    LOST,     /* it got there, and nobody knows: the request is lost */
    UNHEARD,  /* it was done, and the answer is lost */
    REPEATED, /* it was done, and the answer is that of a repetition: refused */
    LATE,     /* nobody knows; it gets there before the next write */
    OVERTAKEN /* somebody else writes first */
};

#define MISHAPS_MAX 16

struct cloud {
    struct buf document, late;
    bool exists;
    int etag, late_etag; /* late_etag: what the late one replaces; -1: none is on its way */
    enum mishap writes[MISHAPS_MAX], reads[MISHAPS_MAX]; /* of the n-th from now */
    size_t n_writes, n_reads;                            /* so far */
    int64_t date;
    const char *rival;   /* what the OVERTAKEN are overtaken by */
    bool locks, ignores; /* has locks; does not look before it writes */
    char lock[64];       /* the id of the lock that is held */
    bool forgetful;      /* its locks expire */
    bool dead;           /* nothing gets there */
};

static inline void cloud_etag(const struct cloud *c, struct remote_version *v)
{
    v->exists = c->exists;
    snprintf(v->etag, sizeof v->etag, "\"%d\"", c->etag);
    if (!c->exists || c->ignores)
        v->etag[0] = '\0';
}

static inline void cloud_put(struct cloud *c, struct bytes document)
{
    buf_clear(&c->document);
    buf_add_bytes(&c->document, document);
    c->exists = true;
    c->etag++;
}

static inline enum mishap next_mishap(enum mishap *list)
{
    enum mishap m = list[0];
    memmove(list, list + 1, (MISHAPS_MAX - 1) * sizeof *list);
    list[MISHAPS_MAX - 1] = NO_MISHAP;
    return m;
}

static inline bool cloud_fits(const struct cloud *c, const struct remote_version *expected)
{
    struct remote_version now;
    cloud_etag(c, &now);
    return c->ignores || (now.exists == expected->exists && strcmp(now.etag, expected->etag) == 0);
}

static inline enum remote_outcome cloud_read(void *ctx, struct remote_answer *a, struct error *err)
{
    struct cloud *c = ctx;
    c->n_reads++;
    a->date = c->date;
    if (next_mishap(c->reads) != NO_MISHAP || c->dead) {
        error_set(err, ERR_AWAY, "no connection to the cloud");
        return REMOTE_FAILED;
    }
    cloud_etag(c, &a->version);
    if (c->exists)
        buf_add_bytes(&a->body, buf_bytes(&c->document));
    return REMOTE_DONE;
}

static inline enum remote_outcome cloud_refuse(struct error *err)
{
    error_set(err, ERR_STALE, "HTTP 412");
    return REMOTE_MOVED;
}

static inline enum remote_outcome cloud_unknown(struct error *err)
{
    error_set(err, ERR_AWAY, "no answer");
    return REMOTE_UNKNOWN;
}

static inline void cloud_deliver(struct cloud *c)
{
    if (c->late_etag >= 0 && c->late_etag == (c->exists ? c->etag : 0))
        cloud_put(c, buf_bytes(&c->late));
    c->late_etag = -1;
}

static inline enum remote_outcome cloud_write(void *ctx, struct bytes document,
                                              const struct remote_version *expected,
                                              struct remote_answer *a, struct error *err)
{
    struct cloud *c = ctx;
    enum mishap m = next_mishap(c->writes);
    c->n_writes++;
    a->date = c->date;
    cloud_deliver(c);
    if (m == AWAY || c->dead) {
        error_set(err, ERR_AWAY, "no connection to the cloud");
        return REMOTE_FAILED;
    }
    if (c->locks && !c->lock[0]) {
        error_set(err, ERR_LOCKED, "HTTP 409");
        return REMOTE_FAILED;
    }
    if (m == OVERTAKEN)
        cloud_put(c, bytes_of(c->rival));
    if (m == LOST)
        return cloud_unknown(err);
    if (m == LATE) {
        buf_clear(&c->late);
        buf_add_bytes(&c->late, document);
        c->late_etag = c->exists ? c->etag : 0;
        return cloud_unknown(err);
    }
    if (!cloud_fits(c, expected))
        return cloud_refuse(err);
    cloud_put(c, document);
    if (m == UNHEARD)
        return cloud_unknown(err);
    if (m == REPEATED)
        return cloud_refuse(err);
    cloud_etag(c, &a->version);
    return REMOTE_DONE;
}

static inline bool cloud_checks(void *ctx, const struct remote_version *version)
{
    const struct cloud *c = ctx;
    (void)version;
    return !c->ignores;
}

static inline enum remote_outcome cloud_lock(void *ctx, struct lease *lease,
                                             struct remote_answer *a, struct error *err)
{
    struct cloud *c = ctx;
    if (c->dead) {
        error_set(err, ERR_AWAY, "no connection to the cloud");
        return REMOTE_FAILED;
    }
    if (c->lock[0] && strcmp(c->lock, lease->id) != 0) {
        snprintf(a->holder.id, sizeof a->holder.id, "%s", c->lock);
        snprintf(a->holder.who, sizeof a->holder.who, "rival@elsewhere");
        error_set(err, ERR_LOCKED, "HTTP 423");
        return REMOTE_MOVED;
    }
    snprintf(c->lock, sizeof c->lock, "%s", lease->id);
    if (!c->forgetful)
        lease->seconds = 0;
    return REMOTE_DONE;
}

static inline enum remote_outcome cloud_unlock(void *ctx, const char *id, struct remote_answer *a,
                                               struct error *err)
{
    struct cloud *c = ctx;
    (void)a;
    if (c->dead) {
        error_set(err, ERR_AWAY, "no connection to the cloud");
        return REMOTE_FAILED;
    }
    if (c->lock[0] && strcmp(c->lock, id) != 0) {
        error_set(err, ERR_LOCKED, "HTTP 409");
        return REMOTE_MOVED;
    }
    c->lock[0] = '\0';
    return REMOTE_DONE;
}

static inline struct remote_object cloud_object(struct cloud *c)
{
    return (struct remote_object){.ctx = c,
                                  .name = "s3://bucket/state.json",
                                  .read = cloud_read,
                                  .write = cloud_write,
                                  .checks = cloud_checks,
                                  .lock = c->locks ? cloud_lock : NULL,
                                  .unlock = c->locks ? cloud_unlock : NULL};
}

static inline void cloud_release(struct cloud *c)
{
    buf_release(&c->document);
    buf_release(&c->late);
}

/* ---- Runs ------------------------------------------------------------------------------------ */

/* What was told, a line each. */
static inline void hear(void *ctx, const char *text)
{
    buf_addf(ctx, "%s\n", text);
}

struct run {
    struct cloud *cloud;
    struct state state;
    struct remote_stop stop;
    volatile int interrupted;
    struct buf told;
    struct error err;
    bool reads, lease_first, or_cached;
    const char *folder; /* NULL: "kept" */
};

static inline bool open_run(struct run *r)
{
    struct state_backend backend;
    const char *where = r->folder ? r->folder : "kept";
    r->stop.from = &r->interrupted;
    r->err = (struct error){0};
    struct remote_options o = {.object = cloud_object(r->cloud),
                               .folder = where,
                               .write = !r->reads,
                               .lease_first = r->lease_first,
                               .or_cached = r->or_cached,
                               .command = "cfkv apply",
                               .stop = &r->stop,
                               .tell = hear,
                               .tell_ctx = &r->told};
    if (!file_make_dirs(where, 0700, &r->err))
        fail_msg("%s", r->err.message);
    return remote_backend(&o, &backend, &r->err) &&
           state_open(&r->state, backend, bytes_of(NULL), &r->err);
}

static inline void must_open(struct run *r)
{
    if (!open_run(r))
        fail_msg("%s", r->err.message);
}

static inline void must_begin(struct run *r)
{
    if (!state_begin(&r->state, &r->err))
        fail_msg("%s", r->err.message);
}

static inline void end_run(struct run *r)
{
    state_close(&r->state);
    buf_release(&r->told);
}

/* As a kill ends it: nothing more is said to the service, and of what is held here only the
 * kernel's lock goes. */
static inline void kill_run(struct run *r)
{
    r->cloud->dead = true;
    end_run(r);
    r->cloud->dead = false;
}

/* The envelope on the service. */
static inline void read_cloud(const struct cloud *c, struct envelope *e)
{
    struct buf copy = {0};
    struct error err;
    buf_add_bytes(&copy, buf_bytes(&c->document));
    if (!envelope_read(e, &copy, "the cloud", &err))
        fail_msg("%s", err.message);
}

static inline bool cloud_holds(const struct cloud *c, const char *text)
{
    return c->document.data && strstr(c->document.data, text) != NULL;
}

#endif
