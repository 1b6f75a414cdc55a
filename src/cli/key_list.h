/*
 * key_list.h: the list of keys that a command is about (seed/keys.h), judged before anything is
 * done.
 */
#ifndef CFKV_CLI_KEY_LIST_H
#define CFKV_CLI_KEY_LIST_H

#include "command.h"
#include "kv/read.h"
#include "seed/keys.h"

/* Opens the list that is the first argument, and judges all of it: what is wrong is printed, and
 * ERR_INVALID. `n`: of its keys. NULL with err. */
struct keys *key_list_open(struct cli *cli, uint64_t *n, struct error *err);

/* A pull_key_fn; `keys` was started. */
enum pull key_list_pull(void *keys, struct bytes *key, struct error *err);

#endif
