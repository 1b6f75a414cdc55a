/*
 * local_move.h: the keys of one namespace go over to another id. Private to store/.
 *
 * Each root of `to` gets the keys that it lacks, a page at a time: their blobs under a second name,
 * their rows in one transaction. Then everything under `from` is cleared. So a run that is killed
 * in between leaves each key under one id or both, and doing it again ends in the same place.
 *
 * When both live under the same roots each root keeps what it had. Otherwise a root takes what lies
 * there, then what the others have.
 */
#ifndef CFKV_STORE_LOCAL_MOVE_H
#define CFKV_STORE_LOCAL_MOVE_H

#include "local_keys.h"

/* Fault points "local.move.rows", "local.move.clear". */
bool local_keys_move(struct local_keys *k, struct bytes from, struct bytes to, struct error *err);

#endif
