/*
 * moving.h: what `restore` and `copy` have in common: a namespace that many keys are written into.
 *
 *     moving_begin    finds the namespace, or makes it with --create
 *     moving_prune_*  what --prune would delete, and doing it
 *     moving_confirm  asks, when something that is there may be replaced or deleted
 *     moving_resume   what an interrupted run did already
 *     moving_end      says what failed
 *     moving_report   and what was done
 */
#ifndef CFKV_CLI_MOVING_H
#define CFKV_CLI_MOVING_H

#include "base/json.h"
#include "command.h"
#include "named.h"
#include "seed/resume.h"
#include "transfer/prune.h"

#define MOVING_NAME 160

struct moving {
    struct cli *cli;
    struct session *s; /* of the target that is written to */
    struct named ns;
    char name[MOVING_NAME]; /* its title or id, quoted */
    bool created;           /* by this run */
    bool empty;             /* there is no key that the work is about */
    const char *verb;       /* "restored", "copied" */

    struct transfer_counts counts;
    uint64_t expired, present; /* keys not written for that */
    struct buf failed;         /* JSON: elements of an array */
    struct json_writer failed_json;

    struct resume *resume;
    uint64_t resumed; /* keys that earlier runs wrote */

    struct prune_options prune;
    struct prune_found doomed;
    struct transfer_counts pruned;
    char *pruned_backup; /* NULL: nothing was pruned */
};

void moving_init(struct moving *m, struct cli *cli, struct session *s, const char *verb);
void moving_release(struct moving *m);

/* The namespace that `word`, a title or id, names (NULL: the options do). ERR_NOT_FOUND says how it
 * can be made; with --create a title that is not there is made. `prefix`: of the work. */
bool moving_begin(struct moving *m, const char *word, struct bytes prefix, struct error *err);

/* Where to put, with the options of the command line. */
struct put_options moving_put(struct moving *m);

/* Counts what --prune would delete, and refuses what a guard forbids. `stays` gives, in order, the
 * keys that stay. */
bool moving_prune_check(struct moving *m, struct bytes prefix, prune_stays_fn stays, void *ctx,
                        struct error *err);

/* Does it: `ctx` is what gives the keys, from the start. */
bool moving_prune(struct moving *m, void *ctx, struct error *err);

/* Asks "WHAT into NAME?", unless nothing that is there can be lost. */
bool moving_confirm(struct moving *m, const char *what, struct error *err);

/*
 * Opens the journal of the work, unless --if-missing (which needs none). What an earlier run did
 * counts only while its keys can still be there, and for `max_age` seconds. From here on Ctrl-C
 * ends what is in flight first.
 */
bool moving_resume(struct moving *m, const struct digest *work, const char *what, int64_t max_age,
                   struct error *err);

/*
 * Settles the outcome: the journal is kept unless all was done, what failed is said, and `*code`
 * says how it ended. `ok` and `cause`: of the work. false, with `*err`, when nothing at all was
 * done.
 */
bool moving_end(struct moving *m, bool ok, const struct error *cause, enum exit_code *code,
                struct error *err);

/* Says what was done on stderr, and with --json on stdout:
 * {"expired":…,"failed":[{"key":…,"message":…}…],"format_version":1,"from":{"id":…,"title":…}?,
 *  "id":…,"present":…,"pruned":…,"pruned_backup":…,"resumed":…,"title":…,"written":…}
 * `from`: of a copy; NULL: none. */
void moving_report(const struct moving *m, const struct named *from);

#endif
