/*
 * restore.h: a backup (seed/backup.h) into a namespace, in bounded memory.
 *
 *     restore_verify   reads all of the file: nothing is restored from one that is damaged
 *     restore_write    writes its keys: values, metadata and absolute expirations as they were
 *     kv_restore       all that a restore does (fill.h)
 *
 * Keys that have expired, or will before a store would take them (the service refuses less than 60
 * seconds), are left out and counted. No default ttl is applied.
 */
#ifndef CFKV_KV_RESTORE_H
#define CFKV_KV_RESTORE_H

#include "base/arena.h"
#include "overlap.h"
#include "sender.h"
#include "seed/backup.h"

/* How long a key must still live to be written: what the service asks for, and some time for the
 * request to get there. */
#define RESTORE_SECONDS_LEFT 75

static inline bool restore_expires(int64_t expiration, int64_t now)
{
    return expiration != 0 && expiration - now < RESTORE_SECONDS_LEFT;
}

/* A namespace of which a file holds keys, in one section or several. */
struct restore_namespace {
    struct backup_info info; /* of its first section; texts in the arena */
    unsigned sections;
    bool ordered;    /* its keys come in byte order, each once */
    bool partial;    /* not all that it held */
    uint64_t wanted; /* keys under the prefix that have not expired; of several sections a key
                        counts each time */
    uint64_t expired;
};

/* A file that was verified. */
struct restore_file {
    const char *path;            /* borrowed */
    struct backup_totals totals; /* of the file: `keys` of all sections */
    struct bytes prefix;         /* only these keys; borrowed */
    struct restore_namespace *all;
    size_t n, cap;
    const struct restore_namespace *from; /* the one that is restored: the only one, or as chosen */
    const struct store *store; /* by whose clock keys expire; the caller's; NULL: by ours */
    bool cut_off;              /* its last section was not finished, and is not looked at */
};

bool restore_verify(const char *path, struct bytes prefix, int64_t now, struct arena *arena,
                    struct restore_file *file, struct error *err);

/* Chooses the namespace of that title or id, where there are several. ERR_USAGE says which there
 * are. */
bool restore_choose(struct restore_file *file, struct bytes word, struct error *err);

/* Gets each key that is left out because it has expired, or is about to; may be NULL. */
typedef bool (*restore_expired_fn)(void *ctx, struct bytes key, struct error *err);

struct restore_options {
    struct sender_options put; /* where to, and who is told; `resume` is not for `if_missing`, which
                               finds what is there anyway */
    bool if_missing;           /* keys that are there stay as they are: for files in order only */
    restore_expired_fn on_expired;
    void *on_expired_ctx;
};

struct restore_report {
    uint64_t expired; /* not written for that */
    uint64_t present; /* not written because they are there */
};

/* false when the file is another one now (ERR_STALE), or sender.h says so. Keys that failed singly
 * do not make it false. */
bool restore_write(const struct restore_file *file, const struct restore_options *o,
                   struct restore_report *report, struct error *err);

/*
 * The keys of the file that are under its prefix, as a stream. For pruning expired ones count too:
 * a key that is in the backup is not one that was added since; `pending` leaves them out, and what
 * `resume` (NULL: none) says was done: what is about to be overwritten. In order where the file is.
 */
struct restore_keys;

struct restore_keys *restore_keys_open(const struct restore_file *file, bool pending,
                                       struct resume *resume, struct error *err);
struct kv_stream restore_keys_stream(struct restore_keys *k);

void restore_keys_close(struct restore_keys *k); /* NULL is fine */

#endif
