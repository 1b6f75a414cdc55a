/*
 * rename.h: keys of a namespace under other names: one key, or all that begin with a prefix, which
 * is then another one. Value, metadata and absolute expiration stay; what cfkv keeps for itself in
 * metadata (fingerprints) does not come along.
 *
 * It is a copy, and then a delete, each by its own rule (fill.h, delete.h): what is overwritten is
 * asked for and saved; what is deleted is judged, and saved; and nothing is deleted before all is
 * written. Exactly those keys go of which this run saw a copy under the new name, so that what is
 * written meanwhile stays.
 *
 * Cut short at any instant it is gone on with by the same call: a key whose copy is there already
 * is not written again. And done twice it is done once: keys under a new prefix that begins with
 * the old one are where they belong and stay; a rename after which a key would still begin with the
 * old prefix is refused.
 */
#ifndef CFKV_KV_RENAME_H
#define CFKV_KV_RENAME_H

#include "fill.h"

struct kv_rename {
    const struct kv_namespace *ns;
    struct bytes from, to; /* prefixes, or */
    bool single;           /* whole keys */

    bool preview; /* somebody will be asked, and wants to see what changes */
    /* Asked when all is judged and nothing begun: `pruned` is what is deleted, `wanted` how many
     * keys there are to rename. NULL: nobody is asked. */
    kv_fill_confirm_fn confirm;
    void *confirm_ctx;
    kv_failed_fn on_failed;
    restore_expired_fn on_expired; /* told of keys that are left where they are for that */
    void *told_ctx;                /* of these two */
    kv_progress_fn progress;
    void *progress_ctx;
    struct kv_counts *written, *deleted; /* brought up to date all the time; the caller's; copies
                                            that were there already are skipped */

    /* What was done. */
    uint64_t settled; /* keys under `to` that begin with `from`, too: they stay */
    struct kv_section saved, deleted_saved; /* of what is overwritten, and deleted */
};

/* ERR_NOT_FOUND where there is no such key; none under the prefix is fine. Keys that failed singly
 * do not make it false; then nothing is deleted. */
bool kv_rename_keys(struct kv *kv, struct kv_rename *r, struct error *err);

#endif
