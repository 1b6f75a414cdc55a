/*
 * in_step.h: the wrangler configs of a project compared with what a state records, without asking
 * the target anything: cfkv wrangler.
 */
#ifndef CFKV_PLAN_IN_STEP_H
#define CFKV_PLAN_IN_STEP_H

#include "config_files.h"
#include "plan.h"

struct in_step {
    struct configs configs;
    struct binding_ids *ids; /* per model namespace, as recorded; owned */
    struct diag_list notes;  /* as configs_decide gives them, and "wrangler.unapplied" warnings */
    size_t unapplied;        /* bindings of namespaces that have no id yet */
};

/*
 * Of `options` the filters and `take_over` count. `account`: of what declares none; empty: the only
 * one that records it. Zeroed `s`, ended by in_step_release whatever happens. ERR_FAILED when a
 * config cannot be used (s->notes says why).
 */
bool in_step_find(struct in_step *s, const struct model *m, struct target *t,
                  const struct plan_options *options, struct bytes account, struct error *err);
void in_step_release(struct in_step *s);

/* Writes one config, when it is stale, and records what it holds in t->state, which the caller
 * saves. ERR_STALE when it was changed meanwhile. */
bool in_step_write(const struct in_step *s, const struct config *config, const struct model *m,
                   struct target *t, struct error *err);

#endif
