/*
 * state_keys.h: keys of an S3 service that are got while a command runs, and got again when they
 * end: each function makes the `renew` of a state_access (state/access.h).
 */
#ifndef CFKV_CLI_STATE_KEYS_H
#define CFKV_CLI_STATE_KEYS_H

#include "base/arena.h"
#include "state/access.h"
#include "store/cloudflare.h"

/*
 * By the program that credential_process names, `line`, whose words are taken apart as AWS's do it:
 * quotes keep blanks together, and nothing is replaced. It prints
 * {"Version": 1, "AccessKeyId": …, "SecretAccessKey": …, "SessionToken": …?, "Expiration": …?}.
 * `source` names it in messages. All is borrowed as long as the access.
 */
void state_keys_by_process(struct arena *arena, const char *line, const char *source,
                           struct state_access *out);

/*
 * Of an R2 bucket, by a token of the API: the id of the key is the token's id, which one request
 * asks for (two for a token that is the account's), and the secret is the SHA-256 of the token
 * (developers.cloudflare.com, R2, "Get S3 API credentials from an API token"). The token itself
 * goes to the API only, as `api` reaches it. `source` names the token in messages. All is borrowed.
 */
void state_keys_of_token(struct arena *arena, const struct cloudflare_options *api,
                         const char *token, const char *account, const char *source,
                         struct state_access *out);

/* The secret of a token's key: 64 hexadecimal digits, in `arena`. */
const char *state_keys_secret(struct arena *arena, const char *token);

/* What credential_process printed, without running it: `text`. ERR_FAILED; nothing of it is in the
 * message. */
bool state_keys_read(struct arena *arena, struct bytes text, int64_t now, struct state_access *out,
                     struct error *err);

#endif
