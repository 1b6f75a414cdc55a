/*
 * offered_account.h: the account that a wrangler config names, for the refusal of who did not say
 * which one is meant. It is offered, never taken: a config is not where cfkv is told.
 */
#ifndef CFKV_CLI_OFFERED_ACCOUNT_H
#define CFKV_CLI_OFFERED_ACCOUNT_H

#include "model/model.h"

/* The words of a hint, in `arena`; NULL: no config names one. The configs are those that `m`
 * declares, below `root`; where `m` is NULL or declares none, the one that wrangler finds in
 * `root`. */
const char *offered_account(struct arena *arena, const struct model *m, const char *root);

#endif
