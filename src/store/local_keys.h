/*
 * local_keys.h: operations on the keys of one namespace over all the roots it lives under. Private
 * to store/.
 *
 * Writes do one root after the other; a run that was killed in between leaves keys on which the
 * roots disagree, and the next plan puts them again. Reads take the first root that has the key.
 */
#ifndef CFKV_STORE_LOCAL_KEYS_H
#define CFKV_STORE_LOCAL_KEYS_H

#include "base/arena.h"
#include "places.h"

struct local_keys {
    struct places places;
    const volatile int *interrupted; /* ends waiting for a lock */
};

/* true in `*any` when at least one live key is there. */
bool local_keys_any(struct local_keys *k, struct bytes id, bool *any, struct error *err);

bool local_keys_list(struct local_keys *k, const struct store_op *op, struct arena *arena,
                     struct store_result *result, struct error *err);
bool local_keys_get(struct local_keys *k, const struct store_op *op, struct error *err);
bool local_keys_put(struct local_keys *k, const struct store_op *op, struct error *err);
bool local_keys_delete(struct local_keys *k, const struct store_op *op, struct error *err);

/* Deletes all data of a namespace under these roots. */
bool local_keys_clear(struct local_keys *k, struct bytes id, const struct place_set *set,
                      struct error *err);

#endif
