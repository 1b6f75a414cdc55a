/*
 * key_check.h: the rules of a configuration's keys, for a key that the command line names.
 */
#ifndef CFKV_CLI_KEY_CHECK_H
#define CFKV_CLI_KEY_CHECK_H

#include "session.h"

#define KEY_QUOTED_SIZE 160

/* ERR_INVALID with the first rule that is broken; warnings are notes on stderr. */
bool key_check(const struct session *s, const struct seed_key *seed, size_t value_len,
               struct error *err);

/* As above, of a key's name alone. */
bool key_check_name(const struct session *s, struct bytes key, struct error *err);

#endif
