/*
 * check.h: what every kind of store refuses before it does anything. Private to store/.
 *
 * The rules are the service's own, so that what the local store took the account takes too. The
 * first thing wrong with an operation fails all of it.
 */
#ifndef CFKV_STORE_CHECK_H
#define CFKV_STORE_CHECK_H

#include "store.h"

/* ERR_LIMIT when the operation is beyond a limit; ERR_FORMAT when metadata is not JSON. */
bool store_check(const struct store_op *op, struct error *err);

/* … for an instant namespace. */
bool store_check_mode(const struct store *s, const struct store_op *op, struct error *err);

/* When a pair that is put `now` expires; 0: never. Its own ttl wins over its expiration. */
int64_t store_expiration(const struct store_pair *pair, int64_t now);

#endif
