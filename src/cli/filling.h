/*
 * filling.h: what `restore` and `copy` have in common: a namespace that many keys are written into.
 *
 *     filling_find     the namespace, or makes it with --create
 *     filling_prune_*  what --prune would delete, and doing it
 *     filling_confirm  asks, when something that is there may be replaced or deleted
 *     filling_begin    opens the journal of what an interrupted run did, and the progress line
 *     filling_end      says what was done, what failed, and how it ended
 */
#ifndef CFKV_CLI_FILLING_H
#define CFKV_CLI_FILLING_H

#include "command.h"
#include "failures.h"
#include "progress.h"
#include "seed/resume.h"
#include "which.h"
#include "kv/delete.h"

#define FILLING_NAME 160

/* What an interrupted run did is believed for so long. */
#define FILLING_SECONDS (24 * 60 * 60)

struct filling {
    struct cli *cli;
    struct session *s; /* of the target that is written to */
    struct kv_namespace ns;
    char name[FILLING_NAME]; /* its title or id, quoted */
    bool created;            /* by this run */
    bool empty;              /* there is no key that the work is about */

    struct kv_counts counts;
    uint64_t expired, present; /* keys not written for that */
    struct failures failures;
    struct moving moving;

    struct resume *resume; /* NULL: nothing is noted */
    uint64_t resumed;      /* keys that earlier runs wrote */

    struct kv_delete prune;
    struct kv_loss doomed;
    struct kv_counts pruned;
    const char *pruned_backup; /* NULL: nothing was pruned */
    const char *backup;        /* of what was overwritten; NULL: nothing was */
    uint64_t backup_requests;
    struct buf left_out; /* keys, as strings with commas between */
    uint64_t n_left_out;
};

void filling_init(struct filling *f, struct cli *cli, struct session *s);
void filling_release(struct filling *f);

/* The namespace that `word`, a title or id, names (NULL: the options do). ERR_NOT_FOUND says how it
 * can be made; with --create a title that is not there is made. `prefix`: of the work. */
bool filling_find(struct filling *f, const char *word, struct bytes prefix, struct error *err);

/* Where to put, with the options of the command line. */
struct put_options filling_put(struct filling *f);

/* Counts what --prune would delete, and refuses what a guard forbids. `stays`: the keys that stay,
 * of `source` ("the backup"); borrowed until the end. */
bool filling_prune_check(struct filling *f, struct bytes prefix, const struct kv_stream *stays,
                         const char *source, struct error *err);

/* Does it. */
bool filling_prune(struct filling *f, struct error *err);

/* Backs up what is about to be overwritten: the keys under `prefix` that are there, of those that
 * `keys` gives or, when it is NULL, `pull`. Nothing where nothing can be. */
bool filling_save(struct filling *f, struct bytes prefix, const struct kv_stream *keys,
                  pull_key_fn pull, void *ctx, struct error *err);

/* A restore_expired_fn: names the key. `ctx` is the struct filling. */
bool filling_expired(void *ctx, struct bytes key, struct error *err);

/* Asks "WHAT into NAME?", unless nothing that is there can be lost. */
bool filling_confirm(struct filling *f, const char *what, struct error *err);

/* The name of a session's target in the journal. */
struct bytes filling_target(const struct session *s);

/*
 * Opens the journal of the work, unless --if-missing (which needs none). What an earlier run did
 * counts only while its keys can still be there, and for FILLING_SECONDS. From here on Ctrl-C ends
 * what is in flight first. `doing`: "restoring"; `total`: keys, 0: not known.
 */
bool filling_begin(struct filling *f, const struct digest *work, const char *doing, uint64_t total,
                   struct error *err);

/*
 * Says what was done (`verb`: "restored") and what failed, and prints with --json
 *
 *     {"backup":…|null,"backup_requests":…,"bytes":…,"expired":…,"expired_keys":[KEY…],"failed":[KEY…],"format_version":1,"from":{"id":…,"title":…}?,
 *      "id":…,"present":…,"pruned":…,"pruned_backup":…|null,"requests":…,"resumed":…,"title":…,
 *      "written":…}
 *
 * `ok` and `err` are those of the work; ERR_PARTIAL when a key is missing. The journal is kept
 * unless all was done. `from`: of a copy; NULL: none.
 */
bool filling_end(struct filling *f, bool ok, const char *verb, const struct kv_namespace *from,
                 struct error *err);

#endif
