/*
 * kv.h: on what, and for whom, effects on namespaces and keys happen.
 *
 * kv/ carries out every effect once, with its rule; terminal verbs, scripts, apply, restore and
 * copy are doors to it:
 *
 *     find.h      a namespace by title, id or address   guard.h   what may not happen unasked
 *     binding.h   ... as a wrangler config names it
 *     run.h       one operation                         save.h    a backup before a loss
 *     delete.h    keys or a namespace out               batch.h   what one request takes
 *     sender.h    pairs in, keys out                    read.h    a namespace in key order
 *     backup.h, restore.h, copy.h                       whole namespaces
 *     fill.h      what restore and copy have in common
 *     rename.h    keys under other names: a copy, then a delete
 *     rewrites.h  keys that are written too often
 *     preview.h   what that would change, to be asked about
 *     rehearsal.h what a dry run came to
 *
 * A struct kv is filled by whoever opened the target; nothing of it is owned but `arena` and what
 * find.h keeps: kv_release.
 */
#ifndef CFKV_KV_KV_H
#define CFKV_KV_KV_H

#include "base/arena.h"
#include "guard.h"
#include "state/state.h"
#include "store/store.h"

/* Where backups before a loss are kept, and for how long. */
struct kv_backups {
    const char *dir; /* the folder; made when it is needed */
    unsigned keep;   /* what is not among so many newest, */
    unsigned days;   /* and older, goes when the next one is written; 0: not looked at; both: all
                        stay */
    bool off;        /* none is written: --no-backup */
    bool dry;        /* none is written, for nothing is lost: a dry run */
    bool fleeting;   /* the folder goes with the machine (CI): told once */
};

struct kv_namespace;
struct kv_names;
struct kv_file;
struct rewrites;

struct kv {
    struct store *store;
    struct state *state; /* what the project records; NULL: outside of a project */
    bool local;          /* protection does not hold there; all else does */
    const char *service; /* where the store is, in journals of work: an address, or "local" */
    struct guards guards;
    struct permits permits;
    enum guard_words words; /* where a refusal is read */
    struct kv_backups backups;
    unsigned jobs; /* requests in flight; 0: STORE_JOBS */
    int64_t now;   /* seconds since the epoch */

    struct rewrites *rewrites; /* notes what scripts write (rewrites.h); NULL: not wanted */

    /* The account of what names none (empty on the local target; may ask the service), and the id
     * to ask for when a namespace of that title is created (empty: the store chooses). `target` is
     * passed through. */
    bool (*account)(void *target, struct bytes *id, struct error *err);
    const char *(*new_id)(void *target, struct arena *arena, struct bytes title);
    void *target;
    struct account_words account_words; /* how accounts are told */

    /* true when the value of that key is known to be no text, which backups then read by itself at
     * once; NULL: of none it is known. */
    bool (*is_odd)(void *ctx, const struct kv_namespace *ns, struct bytes key);
    void *is_odd_ctx;

    /* Tells the user something at once ("what is deleted is kept in '…'"); NULL: nobody. */
    void (*tell)(void *ctx, const char *text);
    void *tell_ctx;

    struct arena arena;     /* texts of what was found or written; live as long as the kv */
    struct kv_names *names; /* private to find.c, */
    struct kv_file *file;   /* and to save.c: the backup of this command */
};

/* false outside of a project: nobody knows what is protected there. */
static inline bool kv_knows_protection(const struct kv *kv)
{
    return kv->local || (kv->state && !kv->state->fresh);
}

void kv_release(struct kv *kv);    /* safe on a zeroed one */
void kv_close_file(struct kv *kv); /* save.c: the backup is as it will be; kv_release does it too */

#endif
