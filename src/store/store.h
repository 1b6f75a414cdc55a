/*
 * store.h: the contract of everything that can hold namespaces and keys.
 *
 * A store pulls its work: store_run asks `next` for an operation whenever it has a free slot and
 * reports each operation exactly once through `done`. A store that talks to a network keeps several
 * in flight, a local one a single one; the caller cannot tell. Dependencies between operations are
 * the caller's: it answers NEXT_WAIT while nothing may start yet (legal only while something is in
 * flight, else ERR_FAILED), NEXT_END when there will be nothing more. Neither callback may call
 * into the store.
 *
 * Everything an operation points at is borrowed until its `done`; everything a result points at is
 * good only during `done`.
 *
 * Semantics all kinds share: a put replaces value, metadata and expiry together; deleting a missing
 * key succeeds; an expired key is absent; keys list in byte order; titles are unique per account;
 * expiration_ttl wins over expiration. Stores check what the service checks (limits of key, value,
 * metadata and ttl) and answer ERR_LIMIT.
 */
#ifndef CFKV_STORE_STORE_H
#define CFKV_STORE_STORE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/map.h"

#define STORE_PAGE     1000  /* namespaces or keys in a full listing page */
#define STORE_BULK_MAX 10000 /* pairs of a bulk put, keys of a bulk delete */
#define STORE_GET_MAX  100   /* keys of a bulk get */

/* Operations that are worth having under way at once, unless somebody says how many. A store takes
 * as many as it wants. */
#define STORE_JOBS 32

/* A value of at least so many bytes may take a request of its own; who forecasts requests puts it
 * alone. */
#define STORE_ALONE_BYTES ((size_t)1024 * 1024)

enum store_op_kind {
    STORE_NAMESPACE_LIST,   /* page → namespaces, total */
    STORE_NAMESPACE_GET,    /* id → namespaces[0]; ERR_NOT_FOUND */
    STORE_NAMESPACE_CREATE, /* title, id (wanted; the service ignores it), jurisdiction, mode
                               and create_options (only the service has such) → namespaces[0],
                               existed; ERR_EXISTS when the title is taken */
    STORE_NAMESPACE_RENAME, /* id, title; ERR_EXISTS, ERR_NOT_FOUND */
    STORE_NAMESPACE_DELETE, /* id, with all its keys; ERR_NOT_FOUND */
    STORE_KEY_LIST,         /* id, prefix, cursor → keys, cursor */
    STORE_BULK_GET,         /* id, keys (at most STORE_GET_MAX) → on_pair for each found key */
    STORE_BULK_PUT,         /* id, pairs (at most STORE_BULK_MAX) → failed */
    STORE_BULK_DELETE       /* id, keys (at most STORE_BULK_MAX) → failed */
};

struct store_namespace {
    struct bytes id;
    struct bytes title;
    struct bytes jurisdiction; /* where its data must stay; data NULL: anywhere, or not told */
    struct bytes mode;         /* "instant"; data NULL: none, or not told */
};

/* A key as a listing shows it. */
struct store_key {
    struct bytes key;
    int64_t expiration;    /* seconds since the epoch; 0: never */
    struct bytes metadata; /* JSON text; data NULL: none */
    bool divergent;        /* local store with several roots: they do not agree on this key */
};

/* A key with its value, to put or as got. */
struct store_pair {
    struct bytes key;
    struct bytes value;
    struct bytes metadata;  /* JSON text; data NULL: none */
    int64_t expiration;     /* 0: none */
    int64_t expiration_ttl; /* put only; 0: none */
    bool bare;              /* as got: metadata was not looked at */
    bool no_ttl;            /* put only: the sender's default ttl is not meant; stores ignore it */
};

/* Gets each found pair of a bulk get, in no promised order; its bytes are good during the call.
 * false (with err) ends the operation with that error. */
typedef bool (*store_pair_fn)(void *ctx, const struct store_pair *pair, struct error *err);

struct store_op {
    enum store_op_kind kind;
    struct bytes account; /* empty: the target's default */
    struct bytes id;
    struct bytes title;
    struct bytes jurisdiction;   /* data NULL: none */
    struct bytes mode;           /* data NULL: none */
    struct bytes create_options; /* a JSON object, sent with a create as it is; data NULL: none */
    unsigned page;               /* from 1 */
    struct bytes prefix;
    struct bytes cursor; /* empty: from the start */
    const struct store_pair *pairs;
    const struct bytes *keys;
    size_t n;         /* of pairs or keys */
    bool values_only; /* bulk get: metadata may be left out, when that is cheaper */
    bool singly; /* bulk get of one key: its value may be no text, which a service can only give
                    by itself */
    store_pair_fn on_pair;
    void *on_pair_ctx;
    void *tag; /* the caller's */
};

struct store_result {
    bool ok;
    struct error error; /* when not ok */
    const struct store_namespace *namespaces;
    size_t n_namespaces;
    size_t total;  /* namespaces in the account */
    bool is_short; /* the page holds fewer of them than the service itself counts, also when it was
                      asked again: what is not on it may exist */
    bool existed;  /* a create found data under that id already */
    const struct store_key *keys;
    size_t n_keys;
    struct bytes cursor; /* empty: that was the last page. A page may be empty and not last. */
    const struct bytes
        *failed; /* keys that were not written or deleted though the call succeeded */
    size_t n_failed;
};

enum store_next { NEXT_OP, NEXT_WAIT, NEXT_END };

typedef enum store_next (*store_next_fn)(void *ctx, struct store_op *op); /* op is zeroed */
typedef void (*store_done_fn)(void *ctx, const struct store_op *op,
                              const struct store_result *result);

/* Requests, and the operations that the service bills: puts and deletes by key, reads by key, key
 * listings by page. */
struct store_cost {
    uint64_t requests, writes, reads, lists, deletes;
};

struct store;

struct store_class {
    const char *target; /* "local", "memory", "cloudflare" */
    bool (*run)(struct store *s, store_next_fn next, store_done_fn done, void *ctx,
                struct error *err);
    void (*close)(struct store *s);
};

#define LOCAL_IDS_HINT "'cfkv kv namespace list --local' shows those there are"

/* Every kind of store begins with this. */
struct store {
    const struct store_class *cls;
    const volatile int *interrupted; /* != 0: start nothing more; NULL: never. Set by the owner. */
    int64_t
        ahead; /* seconds that the clock of the service is ahead of ours, as far as it told; else
                  0 */
    struct store_cost spent; /* since it was opened, where there is a service to send to; what is
                                sent again after a failure counts once */
    struct map instant; /* ids of namespaces of mode "instant", as far as anybody said so, and when
                           each may be written next (monotonic milliseconds) */
    struct arena instant_ids;
};

/*
 * Runs operations until NEXT_END and all are reported. false when the store itself cannot go on
 * (ERR_INTERRUPTED, a wrong NEXT_WAIT); what was in flight was reported by then. The
 * failure of an operation is in its result only.
 */
static inline bool store_run(struct store *s, store_next_fn next, store_done_fn done, void *ctx,
                             struct error *err)
{
    return s->cls->run(s, next, done, ctx, err);
}

/* Now, by the clock that expirations are reckoned by. */
static inline int64_t store_now(const struct store *s)
{
    return clock_now() + s->ahead;
}

static inline void store_close(struct store *s)
{
    if (!s)
        return;
    map_release(&s->instant);
    arena_release(&s->instant_ids);
    s->cls->close(s);
}

/*
 * check.c: says of which mode a namespace is; NULL data says nothing. What is written to an instant
 * one is judged by its limits from here on (ERR_LIMIT), and goes key by key, a second apart, since
 * the service takes no bulk writes there. Who learns it says so: a listing, the state, a
 * declaration. `s` NULL: nothing is written at all.
 */
void store_note_mode(struct store *s, struct bytes id, struct bytes mode);
bool store_is_instant(const struct store *s, struct bytes id);

/* check.c: the id to try next when another namespace has `id`: 32 hex digits. `out` may be where it
 * is. */
void store_other_id(struct bytes id, char out[33]);

#endif
