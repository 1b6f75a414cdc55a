/*
 * account_map.h: from an account and a name in it (a title, an id, an address) to a number.
 *
 * Keys are borrowed, as in map.h. A zero-initialised map is empty and safe to release. Accounts are
 * few: they are walked.
 */
#ifndef CFKV_PLAN_ACCOUNT_MAP_H
#define CFKV_PLAN_ACCOUNT_MAP_H

#include "base/map.h"

struct account_names {
    struct bytes account;
    struct map names;
};

struct account_map {
    struct account_names *accounts;
    size_t n, cap;
};

/* The number stored, or MAP_NONE. */
size_t account_map_get(const struct account_map *m, struct bytes account, struct bytes name);

/* Stores or replaces. */
void account_map_set(struct account_map *m, struct bytes account, struct bytes name, size_t value);

/* Stores unless it is there; `*existing` gets what was found, or MAP_NONE. */
void account_map_add(struct account_map *m, struct bytes account, struct bytes name, size_t value,
                     size_t *existing);

void account_map_release(struct account_map *m);

#endif
