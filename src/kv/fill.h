/*
 * fill.h: many keys into a namespace, as restore and copy do it: what they would overwrite or prune
 * is judged and asked for; then that is saved, the keys are written, and what is pruned is saved
 * and deleted, unless a key failed. What was done is noted below the project's root, so that the
 * same work goes on where an interrupted run stopped.
 */
#ifndef CFKV_KV_FILL_H
#define CFKV_KV_FILL_H

#include "delete.h"
#include "preview.h"
#include "restore.h"

/* ---- What an interrupted run did ------------------------------------------------------------- */

/* Is believed for so long: keys may have expired since. */
#define KV_RESUME_SECONDS (24 * 60 * 60)

struct kv_journal {
    const char *root;    /* of the project */
    const char *command; /* "restore" */
    bool restart;        /* what an earlier run did does not count */
};

/* Opens the journal of that work on `ns` (`content`, `options`: what else makes it other work), and
 * tells the user of an earlier run. NULL with err. */
struct resume *kv_resume(struct kv *kv, const struct kv_namespace *ns,
                         const struct kv_journal *journal, const struct digest *content,
                         struct bytes options, struct error *err);

/* ---- Filling --------------------------------------------------------------------------------- */

/* What filling it may lose. */
struct kv_fill_loss {
    bool overwrites;                  /* values of keys that are written */
    struct kv_loss pruned;            /* other keys */
    uint64_t wanted;                  /* keys that are to be written; 0: not known */
    const struct kv_preview *preview; /* of what is overwritten; NULL: nobody looked */
};

/* Asks whoever there is to ask, if anything is lost; false (with err) when it shall not be. */
typedef bool (*kv_fill_confirm_fn)(void *ctx, const struct kv_fill_loss *loss, struct error *err);

struct kv_fill {
    struct kv *kv;
    const struct kv_namespace *ns;
    bool created;        /* by this run: nothing is there */
    struct bytes prefix; /* of the keys that it is about; empty: all */
    bool if_missing;     /* keys that are there stay as they are; then nothing is noted: what an
                            earlier run wrote is found anyway */
    bool prune;          /* keys that the source does not have go */
    bool preview;        /* somebody will be asked, and wants to see what changes */
    struct kv_journal journal;

    kv_fill_confirm_fn confirm; /* called when all is judged, and nothing begun */
    void *confirm_ctx;
    kv_failed_fn on_failed;
    restore_expired_fn on_expired; /* told of keys that are left out for that */
    void *told_ctx;                /* of these two */
    kv_progress_fn progress;
    void *progress_ctx;
    struct kv_counts *written, *pruned; /* brought up to date all the time; the caller's */

    /* What was done. */
    uint64_t present;                      /* keys that are not written, for they are there */
    uint64_t resumed;                      /* that earlier runs wrote */
    struct kv_section saved, pruned_saved; /* of what is overwritten, and pruned */
};

/* What it is filled from. */
struct kv_source {
    const char *name;      /* in messages: "the backup" */
    struct digest content; /* what makes it another source */
    uint64_t wanted;       /* keys to write; 0: not known */
    bool ordered;          /* they come in byte order */
    bool listed;           /* they are of a store: a page of them is a request */
    struct kv_stream all;  /* with those that cannot be written: they are no reason to prune */

    /* Those that are yet to be written. Uses the store only when they are ordered. */
    bool (*pending)(void *ctx, struct resume *resume, struct kv_stream *keys, struct error *err);
    /* Gives what would be written under these keys of `pending`, at most KV_PREVIEW_MAX; `requests`
     * grows by what it sent, for the keys too. */
    bool (*fetch)(void *ctx, const struct bytes *keys, size_t n, kv_pair_fn fn, void *fn_ctx,
                  uint64_t *requests, struct error *err);
    /* Writes them by `put`, and notes them in `resume` (NULL: nowhere). */
    bool (*write)(void *ctx, struct kv_fill *f, const struct sender_options *put,
                  struct resume *resume, struct error *err);
    void *ctx;
};

/* Keys that failed singly do not make it false. */
bool kv_fill(struct kv_fill *f, const struct kv_source *source, struct error *err);

/* From a backup that was verified; restore_write says more. */
bool kv_restore(struct kv_fill *f, const struct restore_file *file, struct error *err);

/* From another namespace, of the same store or not; copy_keys says more. */
bool kv_copy(struct kv_fill *f, struct kv *from, const struct kv_namespace *source,
             struct error *err);

#endif
