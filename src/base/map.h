/*
 * map.h: from bytes to a number (an index into the caller's array).
 *
 * Open addressing over hashes seeded per process, so that hostile key names cannot make it slow.
 * Keys are borrowed: they must outlive the map. A zero-initialised map is empty and safe to
 * release. Iterating is the caller's business (over its own array), so order never depends on it.
 */
#ifndef CFKV_BASE_MAP_H
#define CFKV_BASE_MAP_H

#include <stdint.h>

#include "bytes.h"

struct map_slot;

struct map {
    struct map_slot *slots;
    size_t cap;
    size_t n;
    uint64_t seed;
};

#define MAP_NONE SIZE_MAX

/* The value stored for `key`, or MAP_NONE. */
size_t map_get(const struct map *m, struct bytes key);

/*
 * Stores `value` under `key` unless the key is there already; `*existing` gets the value found, or
 * MAP_NONE when this call added it. `existing` may be NULL.
 */
void map_add(struct map *m, struct bytes key, size_t value, size_t *existing);

/* Stores or replaces. */
void map_set(struct map *m, struct bytes key, size_t value);

void map_release(struct map *m);

/* What the tables of others go by, too: a hash that an unknown seed makes unguessable, and a seed.
 */
uint64_t map_hash(uint64_t seed, struct bytes key);
uint64_t map_seed(void);

#endif
