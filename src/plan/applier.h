/*
 * applier.h: apply's inside: one run of plan_apply and what its steps share.
 *
 * Steps in order: intents (what is about to be done is recorded), moves of local data, renames,
 * records of what is live, creations, keys (backups, then puts, then deletes), files, deletes of
 * namespaces, outputs, save. Each completed action is recorded before it is counted; a failed one
 * is noted and the rest goes on, except that nothing is deleted after a failure.
 */
#ifndef CFKV_PLAN_APPLIER_H
#define CFKV_PLAN_APPLIER_H

#include "kv/delete.h"
#include "kv/guard.h"
#include "kv/run.h"
#include "kv/save.h"
#include "planner.h"

struct applier {
    struct planner pl;
    struct plan *p;
    struct state *s;
    const struct apply_options *options;
    struct apply_result *r;
    struct kv kv;  /* the effects, with what the project declares of guards and backups */
    bool *unready; /* per model namespace: could not be created or adopted; its keys are skipped */
    bool changed;  /* something was done, be it part of an action */

    size_t *key_actions; /* indexes into plan.actions, grouped by namespace */
    size_t n_key_actions;
    struct kv_counts key_counts; /* how far they are */
};

/* Counts an action as done and reports progress. */
void applier_done(struct applier *ap, size_t action);

/* Notes a failure. With `key`: of one of the action's keys. */
void applier_fail(struct applier *ap, size_t action, const struct error *cause);
void applier_fail_key(struct applier *ap, size_t action, struct bytes key,
                      const struct error *cause);

/* Runs one operation; `*outcome` says how it went. false when the run cannot go on. */
bool applier_run(struct applier *ap, const struct store_op *op, kv_ok_fn on_ok, void *ctx,
                 struct error *outcome, struct error *err);

/* What failed with `outcome` is one action's failure; false, with err, when it is the run's: an
 * interrupt. */
bool applier_goes_on(const struct error *outcome, struct error *err);

/*
 * apply_intents.c: what is about to be created and put is recorded, for everybody to see, before
 * anything is done; and at the end, of what was never begun, that it is not about to be done.
 * `*begun` false: nothing was done, and the state is not to be saved either (state_begin).
 */
bool apply_intents(struct applier *ap, bool *begun, struct error *err);
void apply_end_intents(struct applier *ap);

/* The same of the puts that are planned by now; before they are sent. */
bool apply_put_intents(struct applier *ap, struct error *err);

/* What a put came to: done as `key` says, or surely not. */
bool apply_put_done(struct applier *ap, const struct action *a, const struct state_key *key,
                    struct error *err);
bool apply_put_refused(struct applier *ap, const struct action *a, struct error *err);

/* true for what a service says that surely has not done it; after others it may have. */
bool applier_is_refusal(enum error_code code);

/* apply_moves.c: local data follows its id, before anything else is done under it; and is found by
 * whoever opens the local store next. */
bool apply_moves(struct applier *ap, struct error *err);
bool apply_roots(struct applier *ap, struct error *err);

/* apply_moves.c: says of which bindings that have an id and a preview_id the latter counted. */
void apply_tell_words(const struct applier *ap);

/* apply_files.c: wrangler configs, before anything is deleted */
bool apply_files(struct applier *ap, struct error *err);

/* apply_namespaces.c */
bool apply_renames(struct applier *ap, struct error *err);
bool apply_records(struct applier *ap, struct error *err);
bool apply_ttls(struct applier *ap, struct error *err); /* after the keys */

/* apply_creations.c */
bool apply_creations(struct applier *ap, struct error *err);

/* apply_namespaces.c: records a declared namespace as it is live now. */
bool applier_record_live(struct applier *ap, size_t ns, struct error *err);

/* apply_creations.c: replaces the planned key actions of an action's namespace by what its keys,
 * looked at again, ask for. */
bool applier_replan(struct applier *ap, size_t action, struct error *err);

/* apply_outputs.c */
bool apply_outputs(struct applier *ap, struct error *err);

/* apply_keys.c */
bool apply_keys(struct applier *ap, struct error *err);

static inline struct action *applier_key_action(const struct applier *ap, size_t at)
{
    return &ap->p->actions[ap->key_actions[at]];
}

/* apply_save.c: checks that bulk sources are what was planned, and saves what the key actions will
 * lose, namespace by namespace; those for which that fails are dropped and noted. */
bool apply_saves(struct applier *ap, struct error *err);

/* apply_backup.c: opens ap->kv; tells the result where backups lie, and closes it. */
bool applier_open(struct applier *ap, const struct apply_options *options, struct error *err);
void applier_close(struct applier *ap);

/* What kv needs to know of a live namespace. Borrows. */
struct kv_namespace applier_namespace(const struct applier *ap,
                                      const struct observed_namespace *ns);

/* apply_backup.c: saves `keys` of a live namespace to a new backup file, unless none is
 * wanted (--no-backup); `*outcome` says whether that worked. */
bool apply_backup(struct applier *ap, const struct observed_namespace *ns, const char *reason,
                  const struct bytes *keys, size_t n, struct error *outcome, struct error *err);

/* apply_removals.c */
bool apply_removals(struct applier *ap, struct error *err);

#endif
