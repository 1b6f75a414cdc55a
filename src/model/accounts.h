/*
 * accounts.h: accounts and the names that `cfkv.project { accounts = … }` gives them, and how a
 * namespace of one of several accounts is written: ACCOUNT:ADDRESS, where ACCOUNT is a name or an
 * id.
 *
 * Titles may hold colons. So whoever looks for one namespace by a word takes it whole first, and
 * only what nothing is called is split.
 */
#ifndef CFKV_MODEL_ACCOUNTS_H
#define CFKV_MODEL_ACCOUNTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "field.h"

/* The id of that name; data NULL: no account has it. */
struct bytes account_id_of(const struct renamings *names, struct bytes name);

/* Its name; data NULL: it has none. */
struct bytes account_name_of(const struct renamings *names, struct bytes id);

/* What people are told: its name if it has one, else the id. */
struct bytes account_word(const struct renamings *names, struct bytes id);

/* "ID (Name)"; `name` empty: it has none. */
void account_show(struct bytes id, struct bytes name, struct buf *out);

/* How people are told which account something is in. */
struct account_words {
    const struct renamings *names; /* those of the configuration, else as recorded; NULL: none */
    bool several;                  /* there is more than one to tell apart */
};

/* The name of that account, else its id, else "local" of what a local store holds of none (`id`
 * empty); data NULL where there is one account only. */
struct bytes account_told(const struct account_words *words, struct bytes id);

/* NULL when an account may be called so; else what is wrong ("is no identifier"). */
const char *account_name_fault(struct bytes name);

/* The variable that holds the token of the account of that name: "CLOUDFLARE_API_TOKEN_EU_PROD" of
 * "eu-prod". In `arena`. */
char *account_variable(struct arena *arena, struct bytes name);

/* Splits "ACCOUNT:REST" where ACCOUNT is one of the names, or an id, or "local" (whose id is empty:
 * what a local store holds of no account); false: it is not of that form. `names` may be NULL. */
bool account_split(const struct renamings *names, struct bytes word, struct bytes *id,
                   struct bytes *rest);

/* "ACCOUNT:ADDRESS" of a name or an id, in `arena`. */
struct bytes account_join(struct arena *arena, struct bytes account, struct bytes address);

/* true when `pattern` (glob_match) matches the address or the title, one of which may have data
 * NULL; or, as "ID:PATTERN", does so within that account. */
bool account_matches(struct bytes pattern, struct bytes account, struct bytes address,
                     struct bytes title);

#endif
