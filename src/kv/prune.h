/*
 * prune.h: deleting the keys of a namespace that are not in something else, whose keys come in byte
 * order too: a backup, another namespace.
 *
 *     prune_survey   how many that would be: for guards, and for who is asked
 *     prune_save     writes them to a backup
 *     prune_delete   deletes what that backup holds, and nothing else
 */
#ifndef CFKV_KV_PRUNE_H
#define CFKV_KV_PRUNE_H

#include "remove.h"

/* Gives the next key that stays (good until the next call), in byte order. May use a store. */
typedef bool (*prune_stays_fn)(void *ctx, struct bytes *key, bool *end, struct error *err);

struct prune_options {
    struct store *store;
    struct bytes account, id, title;
    struct bytes prefix; /* keys that do not begin with it stay */
    const char *root;    /* below which the backup is kept (backup_path) */
    unsigned jobs;       /* 0: 8 */
    int64_t now;
    prune_stays_fn stays; /* from the start, for each of survey and save */
    void *stays_ctx;
};

struct prune_found {
    uint64_t live;   /* keys under the prefix */
    uint64_t doomed; /* of these, not among those that stay */
};

bool prune_survey(const struct prune_options *o, struct prune_found *found, struct error *err);

/* `*path` is the backup's, to be freed with mem_free; NULL when there is nothing to delete. */
bool prune_save(const struct prune_options *o, char **path, struct error *err);

/* `remove` says where from; its counts are brought up to date. */
bool prune_delete(const struct remove_options *remove, const char *path, struct error *err);

#endif
