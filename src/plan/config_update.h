/*
 * config_update.h: wrangler configs brought up to date: by a plan, with what the target tells, and
 * by `cfkv wrangler`, with what a state records, without asking the target anything.
 */
#ifndef CFKV_PLAN_CONFIG_UPDATE_H
#define CFKV_PLAN_CONFIG_UPDATE_H

#include "config_files.h"
#include "config_program.h"
#include "planner.h"

/* ---- By a plan ------------------------------------------------------------------------------- */

/* Reads them into the plan. */
bool plan_configs_read(struct planner *pl, struct error *err);

/* What goes into them, per model namespace, as far as it is known; mem_free it. */
struct binding_ids *plan_binding_ids(const struct planner *pl);

/* What changes in them, noting what people must know (`as_is`: config_view). */
void plan_configs_decide(struct planner *pl, const struct binding_ids *ids, bool as_is);

/* Adds the actions that write them. */
void plan_configs(struct planner *pl);

/* ---- Without a plan -------------------------------------------------------------------------- */

struct config_update {
    struct configs configs;
    struct binding_ids *ids; /* per model namespace, as recorded; owned */
    struct diag_list notes;  /* as bindings_decide gives them, and "wrangler.unapplied" warnings */
    size_t unapplied;        /* bindings of namespaces that have no id yet */
    size_t local;            /* ids of the local store, where somebody counts them (deploy_ids.h) */
    struct config_programs programs; /* told by the caller */
};

/*
 * Of `options` the filters and `take_over` count. `account`: of what declares none; empty: the only
 * one that records it. Zeroed `u`, ended by config_update_release whatever happens. ERR_FAILED when
 * a config cannot be used (u->notes says why).
 */
bool config_update_find(struct config_update *u, const struct model *m, struct target *t,
                        const struct plan_options *options, struct bytes account,
                        struct error *err);
void config_update_release(struct config_update *u);

/* Writes one config, when it is stale, and records what it holds in t->state, which the caller
 * saves. ERR_STALE when it was changed meanwhile. */
bool config_update_write(const struct config_update *u, const struct config *config,
                         const struct model *m, struct target *t, struct error *err);

#endif
