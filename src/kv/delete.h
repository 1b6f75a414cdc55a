/*
 * delete.h: keys, or a namespace with its keys, out of the store: judged, saved, then deleted.
 *
 * Whatever door it comes through: in a protected namespace keys go with allowed loss only, and the
 * namespace not at all; more than a part of a large namespace, or all of it because what it is
 * compared with is empty, needs allowed mass deletion; a namespace that holds keys needs allowed
 * loss, and must still have the title under which it was found. What goes is backed up first
 * (save.h).
 *
 *     kv_delete_judge    what it would be, or why it may not
 *     kv_delete_go       saves and deletes
 *     kv_delete_keys     both, with a question between them
 *
 * Deletes in pieces pass below the thresholds: each is judged alone.
 */
#ifndef CFKV_KV_DELETE_H
#define CFKV_KV_DELETE_H

#include "find.h"
#include "overlap.h"
#include "sender.h"
#include "save.h"

/* Which keys go. Either those that are named: */
struct kv_doomed {
    pull_key_fn pull;                             /* gives them; must not call into the store */
    uint64_t named;                               /* how many it gives */
    bool (*rewind)(void *ctx, struct error *err); /* from the start again: before each pass */
    void *ctx;

    /* or, when `pull` is NULL, those that are listed: all that begin with `prefix` (empty: all),
     * but for those of `stays`. */
    struct bytes prefix;
    struct kv_stream stays;
};

/* What is about to be lost. */
struct kv_loss {
    uint64_t keys;
    bool more;                /* at least so many */
    bool whole;               /* the namespace goes too */
    bool unknown;             /* nobody knows whether it is protected (kv_knows_protection) */
    uint64_t backup_requests; /* that saving it takes, as far as one can tell; 0: none is made */
};

/* Asks whoever there is to ask; false (with err) when it shall not be. */
typedef bool (*kv_confirm_fn)(void *ctx, const struct kv_loss *loss, struct error *err);

struct kv_delete {
    const struct kv_namespace *ns;
    struct kv_doomed doomed;
    const char *reason; /* of the backup: "delete", "prune" */
    const char *how;    /* in messages: "deleted", "pruned" */
    const char *source; /* of `stays`, in messages: "the backup" */

    kv_confirm_fn confirm; /* kv_delete_keys: NULL: nobody is asked */
    void *confirm_ctx;

    kv_failed_fn on_failed; /* NULL: nobody is told */
    void *on_failed_ctx;
    kv_progress_fn progress; /* NULL: none */
    void *progress_ctx;
    struct kv_counts *counts; /* brought up to date all the time; the caller's */
};

/* Counts, and refuses what a guard refuses (ERR_GUARD). Lists as little as it can. */
bool kv_delete_judge(struct kv *kv, const struct kv_delete *d, struct kv_loss *loss,
                     struct error *err);

/* Saves, then deletes. Of listed keys exactly those go that were saved; what comes meanwhile stays.
 * Keys that failed singly do not make it false. `section`: the backup. */
bool kv_delete_go(struct kv *kv, const struct kv_delete *d, struct kv_section *section,
                  struct error *err);

bool kv_delete_keys(struct kv *kv, const struct kv_delete *d, struct kv_section *section,
                    struct error *err);

/* The namespace with all its keys: read by id, saved, deleted. Its title must be known, and be what
 * it was found by. `about`: what guards are asked, NULL: kv_guarded. ERR_NOT_FOUND for one of
 * wrangler's own in the local store, and for one that is gone. `confirm` (NULL: nobody is asked) is
 * told how many keys there are, which takes a listing. */
bool kv_delete_namespace(struct kv *kv, const struct kv_namespace *ns, const struct guarded *about,
                         kv_confirm_fn confirm, void *ctx, struct kv_section *section,
                         struct error *err);

/* Saves what is about to be overwritten: the keys under `prefix` that are live and that `keys`
 * gives too. One listing. */
bool kv_save_overwritten(struct kv *kv, const struct kv_namespace *ns, struct bytes prefix,
                         const struct kv_stream *keys, struct kv_section *section,
                         struct error *err);

/* How many keys begin with `prefix` (empty: all). Stops counting at `enough` (0: never). */
bool kv_count(struct kv *kv, const struct kv_namespace *ns, struct bytes prefix, uint64_t enough,
              uint64_t *n, struct error *err);

#endif
