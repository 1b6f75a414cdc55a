/*
 * remote_object.h: one document on a service that others read and write at the same time.
 *
 * The face that the kinds of service show to remote.h: s3.h (compare-and-swap) and terraform_http.h
 * (Terraform's protocol, with a lock). A kind speaks its protocol and says plainly what came of
 * each request; what the document means, who may write, and what is done when nobody knows whether
 * a write happened, is remote.h's, once for all kinds.
 *
 * Every call is one exchange, retries included as far as http's table allows them (http/retry.h),
 * and ends in one of four ways. The one rule on which nothing is lost: REMOTE_FAILED is said only
 * of what surely had no effect. Who is not sure says REMOTE_UNKNOWN, be it that an answer was lost,
 * cut, late, a 5xx, or the interrupt's grace over; remote.h then reads, and recognises its own
 * write by the nonce in it.
 *
 * `err` is set with every outcome but REMOTE_DONE. Its codes: ERR_AWAY the service is out of reach
 * or says 5xx or 429 to the last; ERR_DENIED the credentials will not do; ERR_INTERRUPTED;
 * ERR_LIMIT the document is larger than the service takes; ERR_ANSWER what it says makes no sense;
 * ERR_FAILED anything else. Messages name the state as `name` does and never a credential.
 */
#ifndef CFKV_STATE_REMOTE_OBJECT_H
#define CFKV_STATE_REMOTE_OBJECT_H

#include "base/buf.h"
#include "lease.h"

enum remote_outcome {
    REMOTE_DONE,    /* it happened */
    REMOTE_MOVED,   /* refused, since something else stands there: 412, 409, 422 of a repeated
                       serial, 404 where something was expected. Also what a repeated request is
                       answered whose first attempt happened: it may be our own write that stands
                       there. Of a lock: another one holds it */
    REMOTE_UNKNOWN, /* it may have happened */
    REMOTE_FAILED   /* it surely did not */
};

#define REMOTE_ETAG_MAX 512
#define REMOTE_SIZE_MAX ((size_t)64 << 20) /* bytes of a document that are read */

/* For who asks how safe a state is that has neither an ETag nor a server that looks at serials. */
#define REMOTE_LOCK_ONLY                                                                           \
    "protected by its lock only: the service does not look whether what is replaced is still "     \
    "there"

/* Which writing of the document. */
struct remote_version {
    bool exists;                /* there is a document */
    char etag[REMOTE_ETAG_MAX]; /* as the service gave it, quotes included; "": it gave none */
    int64_t serial;             /* of the envelope, filled in by remote.h; 0: there is none */
};

/* What an exchange brought; zeroed by the caller, which releases `body`. Kept by one who asks
 * twice. */
struct remote_answer {
    struct remote_version version; /* DONE: which writing stands there now (etag "" where the answer
                                      to a write had none) */
    struct buf body;               /* of a read that is DONE: the document as it came */
    int64_t date; /* seconds since the epoch by the service's clock (Date); 0: not said */
    /* Of a lock that is MOVED: who holds it, as far as the answer told. Of one that is DONE: whose
     * lease it replaced, which was over; id "": nobody's. */
    struct lease holder;
};

struct remote_object {
    void *ctx;
    const char *name; /* for messages: the address as the user wrote it; lives as long as `ctx` */

    /*
     * REMOTE_DONE or REMOTE_FAILED. `version.exists` false where there is no document: 404, and for
     * http 204 and an empty 200. An empty object of S3 exists, and is for remote.h to refuse.
     */
    enum remote_outcome (*read)(void *ctx, struct remote_answer *answer, struct error *err);

    /*
     * Replaces what stands there when it is still `expected` (etag, or nothing where !exists), as
     * far as the service can be made to look. A service that cannot (http without ETag) checks
     * nothing here but its lock; remote.h reads again before where `checks` is false. May be called
     * after REMOTE_UNKNOWN or REMOTE_MOVED with another `expected`. A pace that the service asks
     * for (R2: a write a second of one key) is kept inside.
     */
    enum remote_outcome (*write)(void *ctx, struct bytes document,
                                 const struct remote_version *expected,
                                 struct remote_answer *answer, struct error *err);

    /* Whether a write that is told to replace `version` is refused by the service when something
     * else stands there. Asked before each write. */
    bool (*checks)(void *ctx, const struct remote_version *version);

    /*
     * What the envelope remembers of the service: its member "service" as JSON (data NULL: nothing)
     * by which a kind recognises that it was probed, and how it wants its conditions. false: it
     * must be probed before the first write. NULL: there is nothing to probe.
     */
    bool (*recall)(void *ctx, struct bytes service);

    /* Finds out whether the service honours conditions, on a throw-away document of its own beside
     * this one, and adds what the envelope is to remember as a JSON object to `service`.
     * ERR_FAILED, with words and a hint, where it does not: nothing of ours may be written there.
     */
    bool (*probe)(void *ctx, struct buf *service, struct error *err);

    /*
     * ---- Kinds that lock before they read and write; NULL for those where the lease in the
     * document is the lock.
     */

    /*
     * Takes the lock for `lease`; from then on writes carry its id. Asked again with the same id it
     * is a renewal, and DONE while we have it. MOVED: `answer.holder` has it (its id "" where the
     * answer did not tell). FAILED with ERR_USAGE and a hint where the service knows no lock (404,
     * 405, 501). `lease->seconds` is set to 0 when the service's locks do not expire: then there is
     * nothing to renew, and nothing to take over.
     */
    enum remote_outcome (*lock)(void *ctx, struct lease *lease, struct remote_answer *answer,
                                struct error *err);

    /* Frees the lock of that id: ours, or with `state unlock` another's. One that is gone already
     * is DONE. MOVED: another id holds it. */
    enum remote_outcome (*unlock)(void *ctx, const char *id, struct remote_answer *answer,
                                  struct error *err);

    void (*close)(void *ctx);
};

#endif
