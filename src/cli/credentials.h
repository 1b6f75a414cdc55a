/*
 * credentials.h: who talks to the API, from the environment of the process and, where that has
 * nothing, from the files of --env-file (`env`, env_files.h).
 *
 *     CLOUDFLARE_API_TOKEN, or CLOUDFLARE_API_TOKEN_FILE (a file that holds it, blanks around it
 *     dropped), else CLOUDFLARE_API_KEY with CLOUDFLARE_EMAIL, else what a program prints that the
 *     user named outside of the project (credentials_command.h)
 *     CLOUDFLARE_API_TOKEN_NAME   that of the account which the project calls so, instead
 *     CLOUDFLARE_ACCOUNT_ID       the account of what declares none
 *     CLOUDFLARE_API_BASE_URL     another API; plain http only to loopback. Never from a file
 *
 * An empty variable counts as unset. No message ever holds a credential, and once they are read no
 * dump of memory is written.
 */
#ifndef CFKV_CLI_CREDENTIALS_H
#define CFKV_CLI_CREDENTIALS_H

#include "base/arena.h"
#include "base/dotenv.h"
#include "model/accounts.h"
#include "store/cloudflare.h"

/* true for the name of a variable that is a credential or the account. */
bool credentials_variable(const char *name);

/* true when the environment names credentials of any form, be it a program that prints them: a
 * target can be chosen by it. */
bool credentials_given(const struct dotenv *env);

/* Where the common credentials come from: the variable that counts where several are set, or as
 * credentials_command_name has it. NULL: from nowhere. */
const char *credentials_common(struct arena *arena, const struct dotenv *env);

/* Where the value of a variable comes from: the file and line of --env-file, or, with `file` NULL,
 * the environment of the process. false: it has none. */
struct credentials_source {
    const char *file;
    size_t line;
    const char *value; /* a secret where the variable is one */
};
bool credentials_source(const struct dotenv *env, const char *name, struct credentials_source *out);

/* The API that is talked to. */
const char *credentials_base_url(void);

/* CLOUDFLARE_ACCOUNT_ID; `*id` NULL: not set. ERR_USAGE when it is no account id. */
bool credentials_account(const struct dotenv *env, const char **id, struct error *err);

/*
 * Fills base_url, credentials, their source and account_id; texts live in the environment, in `env`
 * or in `arena`. Where there is but the credentials command, it is run, unless `printed`, zeroed at
 * first, has what it printed already. ERR_USAGE for half of a pair, for two forms that contradict,
 * for a credential in quotation marks and for what is no account id; ERR_IO for the token file;
 * else as credentials_command.h.
 */
bool credentials_read(struct arena *arena, const struct dotenv *env,
                      struct http_credentials *printed, struct cloudflare_options *options,
                      struct error *err);

/* Gives the store the tokens of the named accounts, as far as the environment has them. ERR_USAGE
 * as above. */
bool credentials_of_accounts(struct arena *arena, const struct dotenv *env,
                             const struct renamings *names, struct store *store, struct error *err);

#endif
