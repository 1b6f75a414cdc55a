/*
 * restore.h: a backup (seed/backup.h) into a namespace, in bounded memory.
 *
 *     restore_verify   reads all of the file: nothing is restored from one that is damaged
 *     restore_keys     writes its keys: values, metadata and absolute expirations as they were
 *
 * Keys that have expired, or will before a store would take them (the service refuses less than 60
 * seconds), are left out and counted. No default ttl is applied.
 */
#ifndef CFKV_KV_RESTORE_H
#define CFKV_KV_RESTORE_H

#include "base/arena.h"
#include "prune.h"
#include "seed/backup.h"

/* How long a key must still live to be written: what the service asks for, and some time for the
 * request to get there. */
#define RESTORE_SECONDS_LEFT 75

static inline bool restore_expires(int64_t expiration, int64_t now)
{
    return expiration != 0 && expiration - now < RESTORE_SECONDS_LEFT;
}

/* A file that was verified. */
struct restore_file {
    const char *path;        /* borrowed */
    struct backup_info info; /* texts in the arena */
    struct backup_totals totals;
    struct bytes prefix; /* only these keys; borrowed */
    bool ordered;        /* its keys come in byte order, each once */
    uint64_t wanted;     /* keys under the prefix that have not expired */
    uint64_t expired;
};

bool restore_verify(const char *path, struct bytes prefix, int64_t now, struct arena *arena,
                    struct restore_file *file, struct error *err);

struct restore_options {
    struct put_options put; /* where to, and who is told; `resume` is not for `if_missing`, which
                               finds what is there anyway */
    bool if_missing;        /* keys that are there stay as they are: for files in order only */
};

struct restore_report {
    uint64_t expired; /* not written for that */
    uint64_t present; /* not written because they are there */
};

/* false when the file is another one now (ERR_STALE), or put.h says so. Keys that failed singly do
 * not make it false. */
bool restore_keys(const struct restore_file *file, const struct restore_options *o,
                  struct restore_report *report, struct error *err);

/*
 * The keys of the file that are under its prefix, for prune.h: expired ones too, for a key that is
 * in the backup is not one that was added since. For files in order only.
 */
struct restore_stays;

struct restore_stays *restore_stays_open(const struct restore_file *file, struct error *err);
bool restore_stays_next(void *stays, struct bytes *key, bool *end, struct error *err);
void restore_stays_close(struct restore_stays *s); /* NULL is fine */

#endif
