/*
 * patterns.h: what --only and the permissions name, as plan/ and kv/ match it (account_matches):
 * with accounts by id.
 *
 * "NAME:REST" becomes "ID:REST" where NAME names an account, unless the whole matches a namespace,
 * declared or recorded, as it is: a title may hold a colon.
 */
#ifndef CFKV_CLI_PATTERNS_H
#define CFKV_CLI_PATTERNS_H

#include "session.h"

/* One pattern. */
struct bytes pattern_by_id(struct session *s, struct bytes pattern);

/* The patterns of --only, as many as there are; and the permissions. They live as long as the
 * session, whose target is open. */
const char *const *patterns_only(struct session *s);
struct permits patterns_permits(struct session *s);

#endif
