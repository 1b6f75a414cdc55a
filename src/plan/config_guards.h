/*
 * config_guards.h: what keeps an id out of a wrangler config until somebody has said a word.
 *
 * Of another account: wrangler deploys a section of a config (the top level, an environment) to
 * the account that its account_id names, else to that of CLOUDFLARE_ACCOUNT_ID; ids of namespaces
 * of another one are of no use there. The local target has no accounts.
 *
 * Of somebody else: an id that cfkv did not write is not replaced.
 */
#ifndef CFKV_PLAN_CONFIG_GUARDS_H
#define CFKV_PLAN_CONFIG_GUARDS_H

#include "bindings.h"

/* Marks the wanted bindings that are `elsewhere`, and adds an error, "guard.account", for each
 * section that has some. */
void config_guard_accounts(struct config *config, const struct config_view *view,
                           struct diag_list *notes);

/* Adds an error, "guard.take_over": the binding has `theirs` as its id, or as its preview_id. */
void config_guard_foreign(const struct config *config, const struct config_view *view,
                          const struct wanted_binding *w, bool preview, struct diag_list *notes);

#endif
