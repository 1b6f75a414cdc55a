/*
 * save.h: a backup of what is about to be lost: keys, metadata, expiry and values, read once, in
 * bounded memory. What cfkv keeps for itself in metadata (fingerprints) is left out.
 *
 * One file a command: each call adds a section (seed/backup.h) to it, and returns when that is
 * durable. The first one makes the file in kv->backups.dir, and sweeps away what kv->backups
 * says is too old. With kv->backups.off nothing is written or read.
 */
#ifndef CFKV_KV_SAVE_H
#define CFKV_KV_SAVE_H

#include "find.h"
#include "read.h"
#include "seed/backup.h"

/* Of which namespace, and why: "delete", "prune", "overwrite" (in the name of the file). */
struct kv_saving {
    const struct kv_namespace *ns;
    const char *reason;
    struct bytes prefix; /* only keys that begin with it are saved; empty: all */
    bool partial;        /* not all of these */
};

struct kv_section {
    const char *path; /* of the file; lives as long as the kv; NULL: nothing was there to save */
    uint64_t keys;
    uint64_t requests; /* that saving it took */
    unsigned number;   /* of the section in the file, from 0 */
};

struct kv_saver;

/* A section is begun: nothing is written before there is something to write. Ends with kv_saver_end
 * or kv_saver_abandon. `what` is borrowed. */
struct kv_saver *kv_saver_begin(struct kv *kv, const struct kv_saving *what);

/* Reads and adds the keys that `pull` gives (it must not call into the store), or all of what is
 * saved. */
bool kv_saver_pull(struct kv_saver *s, pull_key_fn pull, void *ctx, struct error *err);
bool kv_saver_list(struct kv_saver *s, struct error *err);

/* Makes it durable. `ok` false: gives it up, and keeps `err`, with "cannot back up namespace 'x'"
 * before it: nothing may be lost then. */
bool kv_saver_end(struct kv_saver *s, bool ok, struct kv_section *section, struct error *err);

/* All of that for keys that `pull` gives or, when it is NULL, for all that `what` is about. */
bool kv_save(struct kv *kv, const struct kv_saving *what, pull_key_fn pull, void *ctx,
             struct kv_section *section, struct error *err);

/* Opens the file at that section, to read back what was saved. */
struct backup_reader *kv_saved_open(const struct kv_section *section, struct error *err);

/* How many bulk gets (and, without `pull`, pages) saving `n` keys takes, one for each value that is
 * no text not counted. */
uint64_t kv_save_cost(const struct kv *kv, uint64_t n, bool listed);

/* The path of the command's file; NULL: nothing was saved so far. */
const char *kv_saved_path(const struct kv *kv);

#endif
