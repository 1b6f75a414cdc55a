/*
 * observe.h: what is live, seen with the fewest requests.
 *
 * Namespaces come from one listing an account. Keys are listed only for the namespaces that are
 * asked for, values are read only for the keys marked `wanted`, and of a value only its digest is
 * kept (and its first bytes, for showing).
 */
#ifndef CFKV_PLAN_OBSERVE_H
#define CFKV_PLAN_OBSERVE_H

#include "base/hash.h"
#include "account_map.h"
#include "store/queue.h"

#define OBSERVE_SHOW_MAX 4096 /* bytes of a value that are kept for showing */
#define OBSERVE_NONE     SIZE_MAX

struct observed_key {
    struct bytes key;
    struct bytes metadata; /* canonical JSON, unless `damaged`; data NULL: none */
    int64_t expiration;    /* seconds since the epoch; 0: never */
    struct digest value;   /* SHA-256, when has_value */
    uint64_t size;         /* bytes of the value, when has_value */
    struct bytes shown;    /* the value, when it is at most OBSERVE_SHOW_MAX; else data NULL */
    bool wanted;           /* its value shall be read */
    bool has_value;
    bool declared;  /* a put or a bulk item names it */
    bool divergent; /* local store: its copies differ */
    bool damaged;   /* its metadata is no JSON: it equals nothing declared */
};

struct observed_namespace {
    struct bytes account;
    struct bytes id;
    struct bytes title;
    struct bytes jurisdiction; /* data NULL: none, or not told */
    bool keys_known;
    struct observed_key *keys; /* in byte order, each once */
    size_t n_keys, cap_keys;
};

struct observed {
    struct arena *arena;
    struct store *store;
    struct observed_namespace *namespaces;
    size_t n, cap;
    struct account_map by_id;    /* → index, */
    struct account_map by_title; /* maybe outdated: what is found there must have that name */
    uint64_t requests;           /* operations sent so far */
};

/* `arena` and `store` are borrowed. NULL: out of memory. */
struct observed *observed_new(struct arena *arena, struct store *store);
void observed_free(struct observed *o); /* NULL is fine; the arena stays */

/* Indexes into `namespaces`, or OBSERVE_NONE. */
size_t observed_by_id(const struct observed *o, struct bytes account, struct bytes id);
size_t observed_by_title(const struct observed *o, struct bytes account, struct bytes title);

/* NULL when the namespace has no such live key (or its keys are not known). */
struct observed_key *observed_key(const struct observed_namespace *ns, struct bytes key);

/* Adds a namespace known otherwise (from the state, or just created). Its index, or OBSERVE_NONE
 * when out of memory. */
size_t observed_add(struct observed *o, struct bytes account, struct bytes id, struct bytes title);

/* A namespace has another title now. false: out of memory. */
bool observed_retitle(struct observed *o, size_t i, struct bytes title);

/* Lists the namespaces of one account; again: what is new is added, titles are brought up to date.
 */
bool observe_namespaces(struct observed *o, struct bytes account, struct error *err);

/* All keys of `namespaces[which[k]]` are listed: marks as `wanted` those whose values shall be
 * read.
 */
typedef bool (*observe_mark_fn)(void *ctx, size_t k, struct error *err);

/* What shall be known of the contents of namespaces. */
struct observe_wish {
    const size_t *which; /* indexes into `namespaces` */
    size_t n;
    observe_mark_fn mark; /* may be NULL */
    void *ctx;
    bool values; /* read the values that `mark` wants */
};

/* Lists the keys of each namespace of the wish, those not listed before, and reads the wanted
 * values that are not known yet. */
bool observe_contents(struct observed *o, const struct observe_wish *w, struct error *err);

#endif
