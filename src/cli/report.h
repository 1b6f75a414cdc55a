/*
 * report.h: what a command that writes or deletes many keys says: how far it is, which keys failed
 * and why, what it did and where, what was kept of what is gone, and how it ended.
 *
 *     report_init       which verb it is
 *     report_confirm    asks, and begins
 *     report_begin      the work begins: from here on it is timed
 *     report_failed     a key that failed (a kv_failed_fn)
 *     report_left_out   one that is too late to be written (a restore_expired_fn)
 *     report_end        all of that on stderr, the document of --json, and the verdict
 *
 * A failed key is told once, with its cause: the first REPORT_SHOWN of them, all with --verbose and
 * in JSON; the verdict counts them. One alone is the verdict itself.
 */
#ifndef CFKV_CLI_REPORT_H
#define CFKV_CLI_REPORT_H

#include "command.h"
#include "progress.h"
#include "question.h"

#define REPORT_SHOWN    20 /* keys that are told singly */
#define REPORT_PROBLEMS 10 /* of a source that are shown, unless --keep-going */

enum report_verb { REPORT_PUT, REPORT_DELETE, REPORT_RENAME, REPORT_RESTORE, REPORT_COPY };

/* Keys, for JSON. */
struct report_keys {
    struct buf json; /* strings with commas between */
    uint64_t n;
};

struct report {
    struct cli *cli;
    struct session *s; /* of the target that is written to; report_init: the command's own */
    enum report_verb verb;
    struct question question; /* the caller's to fill */
    struct progress progress;

    /* The caller's to fill, as far as there is something to say. */
    struct kv_namespace ns;
    const struct kv_namespace *from; /* of a copy */
    struct kv_counts counts;         /* of what is written, or deleted by a command that deletes */
    struct kv_counts pruned;         /* of what a restore, a copy or a rename deletes when all is
                                        written */
    struct kv_section saved;         /* the backup of what is overwritten, or deleted */
    struct kv_section pruned_saved;  /* of what is pruned */
    uint64_t present;                /* keys that are not written, for they are there */
    uint64_t resumed;                /* keys that earlier runs wrote */

    struct report_keys failed, left_out;
    struct buf lines;    /* those of failed keys */
    struct error cause;  /* why the last one failed */
    struct error single; /* what is said when it was the only one */
};

void report_init(struct report *r, struct cli *cli, enum report_verb verb);
void report_release(struct report *r);

/* Prints what is wrong with a source, and fails with ERR_INVALID when there is an error. */
bool report_problems(struct cli *cli, const char *source, struct error *err);

/* Ctrl-C lets what is in flight finish from here on. `total`: keys, 0: not known. */
void report_begin(struct report *r, uint64_t total);

/* A kv_confirm_fn, and a kv_fill_confirm_fn: the question, and the work begins when the answer is
 * yes, or nothing is to be asked. */
bool report_confirm(void *ctx, const struct kv_loss *loss, struct error *err);
bool report_confirm_fill(void *ctx, const struct kv_fill_loss *loss, struct error *err);

/* How a restore or a copy fills the namespace: by the options, and told to the report. */
struct kv_fill report_fill(struct report *r, bool created);

bool report_failed(void *ctx, struct bytes key, const struct error *cause, struct error *err);
bool report_left_out(void *ctx, struct bytes key, struct error *err);

/*
 * Prints with --json, where a key was done or failed,
 *
 *     {"accounts":[ID…],"backup":PATH|null,"backup_requests":N,"bytes":N,"failed":[KEY…],
 *      "format_version":1,"id":…,"requests":N,"skipped":N,"target":…,"title":…|null,"written":N}
 *
 * with `deleted` for `written` where keys are deleted, and both, with `deleted_backup`, of a
 * rename. Of restore, copy and rename `expired` and `expired_keys`. Of restore and copy also `from`
 * (of a copy: {"id":…,"title":…}), `present`, `pruned`, `pruned_backup` and `resumed`. `ok` and
 * `err` are those of the work. ERR_PARTIAL when some of it was done, and some not. What failed
 * before report_begin is the caller's err alone; what succeeded before it had nothing to do.
 */
bool report_end(struct report *r, bool ok, struct error *err);

/* The same of a fill. */
bool report_end_fill(struct report *r, const struct kv_fill *fill, bool ok, struct error *err);

#endif
