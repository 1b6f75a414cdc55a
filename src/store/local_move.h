/*
 * local_move.h: the keys of one id go over to another. Private to store/.
 *
 * Each root of `to` gets the keys that it lacks, a page at a time: their blobs under a second name,
 * their rows in one transaction. Then what has gone over is cleared under `from`, unless somebody
 * goes on looking there. So a run that is killed in between leaves each key under one id or both,
 * and doing it again ends in the same place.
 *
 * A key that `to` has with another value stays as it is in both places: nothing is lost.
 *
 * When both live under the same roots each root keeps what it had. Otherwise a root takes what lies
 * there, then what the others have.
 */
#ifndef CFKV_STORE_LOCAL_MOVE_H
#define CFKV_STORE_LOCAL_MOVE_H

#include "local_keys.h"

/* Fault point "local.move.rows". */
bool local_keys_copy(struct local_keys *k, struct bytes from, struct bytes to, struct error *err);

/* Once they are copied. `*left` counts keys that stay. Fault point "local.move.clear". */
bool local_keys_clear_copied(struct local_keys *k, struct bytes from, struct bytes to, size_t *left,
                             struct error *err);

#endif
