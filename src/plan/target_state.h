/*
 * target_state.h: which state goes with a target, and its lock. Private to target.c.
 *
 *     the local store     a document in its registry
 *     an account          a file beside the configuration, or a document on a service
 */
#ifndef CFKV_PLAN_TARGET_STATE_H
#define CFKV_PLAN_TARGET_STATE_H

#include "target.h"

/* The local store's own. */
bool target_open_registry(struct target *t, const struct target_options *o, struct error *err);

/* The account's. */
bool target_open_kept(struct target *t, const struct target_options *o, struct error *err);

/* The account's, for its ids alone, beside the local store's: `t->remote`. */
bool target_open_ids(struct target *t, const struct target_options *o, struct error *err);

#endif
