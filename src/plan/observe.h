/*
 * observe.h: what is live, seen with the fewest requests.
 *
 * Namespaces come from one listing an account. Keys are listed only for the namespaces that are
 * asked for, values are read only for the keys marked `wanted`, and of a value only its digest is
 * kept (and the value itself where the wish says so).
 *
 * A million keys must fit: a key takes 40 bytes and its name, packed. Metadata that is longer than
 * its digest is kept as that, unless the wish says that the whole of it is needed.
 *
 *     observed.c   what is kept, and finding it
 *     observe.c    listing and reading
 */
#ifndef CFKV_PLAN_OBSERVE_H
#define CFKV_PLAN_OBSERVE_H

#include "account_map.h"
#include "base/hash.h"
#include "model/fingerprint.h"
#include "store/queue.h"

#define OBSERVE_KEEP_MAX   ((size_t)1024 * 1024)      /* bytes of a value that is kept, */
#define OBSERVE_KEEP_TOTAL ((size_t)64 * 1024 * 1024) /* and of all of them */
#define OBSERVE_NONE       SIZE_MAX

/* What reading a value told. */
struct observed_value {
    struct digest digest; /* SHA-256 */
    uint64_t size;
    struct bytes kept; /* the value, when it is; else data NULL */
    bool is_text;      /* else only a GET reads it: whoever reads it again need not find that out */
};

struct observed_key {
    const char *text;             /* its name, and its metadata behind it */
    struct observed_value *value; /* NULL: not read */
    uint32_t expiration;          /* seconds since the epoch; 0: never; later ones are cut */
    struct fingerprint mark;      /* when `marked`; it is not part of the metadata then */
    uint16_t name_len, metadata_len;
    bool marked : 1;
    bool has_metadata : 1;
    bool hashed : 1;    /* its metadata is kept as the SHA-256 of it */
    bool damaged : 1;   /* its metadata is no JSON: it equals nothing declared */
    bool divergent : 1; /* local store: its copies differ */
    bool wanted : 1;    /* its value shall be read */
    bool declared : 1;  /* a put or a bulk item names it */
    bool odd : 1;       /* what is declared for it is no text, so its value is likely to be none */
    bool doomed : 1;    /* applying the plan saves it first: it is overwritten or deleted */
};

struct observed_namespace {
    struct bytes account;
    struct bytes id;
    struct bytes title;
    struct bytes jurisdiction; /* data NULL: none, or not told */
    struct bytes mode;         /* the same */
    bool keys_known;
    struct observed_key *keys; /* in byte order, each once */
    size_t n_keys, cap_keys;
};

/* Text of many keys, back to back in the arena. */
struct observed_text {
    char *free;
    size_t left;
};

/* An account whose namespaces were listed. */
struct observed_account {
    struct bytes id;
    bool is_short;      /* it counts more namespaces than it lists */
    size_t seen, total; /* of the last listing */
};

/* How far it is. */
struct observe_counts {
    uint64_t listed;            /* namespaces */
    uint64_t namespaces, total; /* whose keys are listed, of those whose keys are to be; 0: none */
    uint64_t keys;              /* listed */
    uint64_t values;            /* read */
    uint64_t requests;          /* operations that were answered */
};

/* Called after a listing of namespaces and after each answer about keys. Must be quick: work waits
 * for it. */
typedef void (*observe_progress_fn)(void *ctx, const struct observe_counts *seen);

struct observed {
    struct arena *arena;
    struct store *store;
    struct observed_namespace *namespaces;
    size_t n, cap;
    struct account_map by_id;    /* → index, */
    struct account_map by_title; /* maybe outdated: what is found there must have that name */
    struct observed_text text;   /* of the keys */
    struct buf scratch;          /* of metadata being looked at */
    size_t kept;                 /* bytes of values */
    uint64_t requests;           /* operations sent so far */
    struct observed_account *listed;
    size_t n_listed, cap_listed;
    bool trusted;            /* what the store does not list does not exist (a local one) */
    struct account_map gone; /* ids that were read, and that nothing has (unlisted.h) */
    size_t unsought;         /* recorded namespaces that are missing, too many to be read */
    struct observe_counts seen;
    observe_progress_fn progress; /* NULL: none */
    void *progress_ctx;
};

/* `arena` and `store` are borrowed. `store` NULL: nothing can be asked. */
struct observed *observed_new(struct arena *arena, struct store *store);
void observed_free(struct observed *o); /* NULL is fine; the arena stays */

/* Indexes into `namespaces`, or OBSERVE_NONE. */
size_t observed_by_id(const struct observed *o, struct bytes account, struct bytes id);
bool observed_anywhere(const struct observed *o, struct bytes id); /* in whichever account */
size_t observed_by_title(const struct observed *o, struct bytes account, struct bytes title);

/*
 * NULL when the namespace has no such live key (or its keys are not known). `*near` is where to
 * look first, and is moved to where the next key in order would be: asked in the order of their
 * names, keys are found at once. Start with 0; NULL: none.
 */
struct observed_key *observed_key(const struct observed_namespace *ns, struct bytes name,
                                  size_t *near);

static inline struct bytes observed_name(const struct observed_key *key)
{
    return bytes_make(key->text, key->name_len);
}

/* Its value was read, and is no text. */
static inline bool observed_is_odd(const struct observed_key *key)
{
    return key->value && !key->value->is_text;
}

/* Its metadata without a fingerprint, canonical unless `damaged`; data NULL: none, or only its
 * digest is kept. */
struct bytes observed_metadata(const struct observed_key *key);

/* What is kept instead. false: it has none, or the whole of it is kept. */
bool observed_metadata_digest(const struct observed_key *key, struct digest *digest);

/* true when that is its metadata (canonical, data NULL: none), fingerprints left aside. */
bool observed_metadata_is(const struct observed_key *key, struct bytes metadata);

/* Adds a listed key, unless it is there already. `whole`: keep all of its metadata. false: its name
 * is longer than any can be (ERR_ANSWER). */
bool observed_add_key(struct observed *o, struct observed_namespace *ns,
                      const struct store_key *live, bool whole, struct error *err);

/* Adds a namespace known otherwise (from the state, or just created). Its index. */
size_t observed_add(struct observed *o, struct bytes account, struct bytes id, struct bytes title);

/* A namespace has another title now. */
void observed_retitle(struct observed *o, size_t i, struct bytes title);

/* A namespace is known under another id now. */
void observed_reid(struct observed *o, size_t i, struct bytes id);

/* Adds what a listing or a read by id shows, or brings it up to date. */
void observe_namespace(struct observed *o, struct bytes account, const struct store_namespace *ns);

/* Lists the namespaces of one account; again: what is new is added, titles are brought up to date.
 */
bool observe_namespaces(struct observed *o, struct bytes account, struct error *err);

/* true when the namespaces of that account were listed. What is not among them may exist all the
 * same: observed_is_gone tells. */
bool observed_lists(const struct observed *o, struct bytes account);

/* true when the listing of that account holds fewer namespaces than the account counts. */
bool observed_is_short(const struct observed *o, struct bytes account);

/* true when no namespace of the listed account has that id: a listing that is trusted lacks it, or
 * it was read by its id. Not known to be live and not gone: nobody can tell (unlisted.h). */
bool observed_is_gone(const struct observed *o, struct bytes account, struct bytes id);

/* Lists them unless they were. */
bool observe_namespaces_once(struct observed *o, struct bytes account, struct error *err);

/* So many requests more were answered, of which `o->seen` tells the rest: says so. */
void observed_tell(struct observed *o, uint64_t requests);

/* All keys of `namespaces[which[k]]` are listed: marks as `wanted` those whose values shall be
 * read.
 */
typedef bool (*observe_mark_fn)(void *ctx, size_t k, struct error *err);

/* true when the whole metadata of that key of `namespaces[which[k]]` is needed. */
typedef bool (*observe_whole_fn)(void *ctx, size_t k, struct bytes name);

/* The value of a wanted key of `namespaces[which[k]]` came: true when it is to be kept, which it is
 * within OBSERVE_KEEP_MAX and OBSERVE_KEEP_TOTAL. */
typedef bool (*observe_keep_fn)(void *ctx, size_t k, const struct observed_key *key,
                                struct bytes value);

/* What shall be known of the contents of namespaces. */
struct observe_wish {
    const size_t *which; /* indexes into `namespaces` */
    size_t n;
    observe_mark_fn mark;   /* may be NULL */
    observe_whole_fn whole; /* NULL: of no key */
    observe_keep_fn keep;   /* NULL: none are */
    void *ctx;
    bool values; /* read the values that `mark` wants */
};

/* Lists the keys of each namespace of the wish, those not listed before, and reads the wanted
 * values that are not known yet. */
bool observe_contents(struct observed *o, const struct observe_wish *w, struct error *err);

#endif
