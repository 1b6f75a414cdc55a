/*
 * filters.h: --env and --only that match nothing are slips, and refused.
 */
#ifndef CFKV_CLI_FILTERS_H
#define CFKV_CLI_FILTERS_H

#include "plan/plan.h"

/* false with ERR_USAGE when a filter matches no namespace, declared or recorded; the hint names the
 * nearest that it may be meant for. `local`: the state is that of the local store. */
bool filters_check(const struct model *m, const struct state *state,
                   const struct plan_options *options, bool local, struct error *err);

#endif
