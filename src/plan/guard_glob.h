/*
 * guard_glob.h: one word for many namespaces that guards refuse.
 */
#ifndef CFKV_PLAN_GUARD_GLOB_H
#define CFKV_PLAN_GUARD_GLOB_H

#include "planner.h"

/* A glob, in the plan's arena, that names the namespaces of these addresses and no other one that
 * is declared or recorded; NULL: their addresses have too little in common for one, or there are
 * several accounts. `n` is not 0. */
const char *plan_exact_glob(struct planner *pl, const struct bytes *addresses, size_t n);

#endif
