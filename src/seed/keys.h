/*
 * keys.h: a list of keys from a file or standard input, in bounded memory.
 *
 * A JSON array or JSON Lines (told apart by the first byte) of strings, or of objects whose `key`
 * or `name` is the key: what `kv key list --json` prints, and what `kv bulk put` reads and backups
 * hold; gzipped or not. Other members are not looked at; the header and the trailer of a backup are
 * no keys. A key may be there twice.
 */
#ifndef CFKV_SEED_KEYS_H
#define CFKV_SEED_KEYS_H

#include "base/hash.h"
#include "model/diag.h"

struct keys;

/* `path` "-" is standard input, which is spooled. NULL with err. */
struct keys *keys_open(const char *path, struct error *err);
void keys_close(struct keys *k); /* NULL is fine */

const char *keys_path(const struct keys *k); /* for messages */

/*
 * The first pass: what is no key, or one that Workers KV does not have, is a diagnostic; after
 * `max_problems` it stops reading (0: never). `n` counts only while `diags` has no error. false for
 * I/O errors.
 */
bool keys_check(struct keys *k, size_t max_problems, struct diag_list *diags, uint64_t *n,
                struct error *err);

/* Starts another pass. */
bool keys_start(struct keys *k, struct error *err);

/* The next key of it, good until the next call; `*end` at the end. ERR_FORMAT when it is not what
 * was checked. */
bool keys_next(struct keys *k, struct bytes *key, bool *end, struct error *err);

#endif
