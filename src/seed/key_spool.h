/*
 * key_spool.h: keys that are remembered in their order, in a temporary file: any number of them, in
 * little memory.
 */
#ifndef CFKV_SEED_KEY_SPOOL_H
#define CFKV_SEED_KEY_SPOOL_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

struct key_spool;

struct key_spool *key_spool_open(struct error *err); /* NULL with err */
void key_spool_close(struct key_spool *s);           /* NULL is fine */

/* Adds a key of at most 4,096 bytes; not between key_spool_rewind and its last key. */
bool key_spool_add(struct key_spool *s, struct bytes key, struct error *err);
uint64_t key_spool_count(const struct key_spool *s);

/* From the first key on; the next one, good until the next call. */
bool key_spool_rewind(struct key_spool *s, struct error *err);
bool key_spool_next(struct key_spool *s, struct bytes *key, bool *end, struct error *err);

#endif
