/*
 * state_access.h: which credentials go to the host of a remote state, and which do not.
 *
 * A configuration names the address, and a configuration may be anybody's. So what it names gets
 * only what the user has bound to that very host, outside the project:
 *
 *     CFKV_STATE_TOKEN_<host>   Bearer, for https and s3 endpoints alike no other host. The host in
 *                               lower case, "." as "_", "-" as "__"; with _PORT for one port only
 *     TF_HTTP_USERNAME, TF_HTTP_PASSWORD, TF_HTTP_CLIENT_CERTIFICATE_PEM,
 *     TF_HTTP_CLIENT_PRIVATE_KEY_PEM, TF_HTTP_CLIENT_CA_CERTIFICATE_PEM
 *                               only where TF_HTTP_ADDRESS is this URL, or --state named it
 *     AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE, ~/.aws/config,
 *     ~/.aws/credentials and their credential_process
 *                               to *.amazonaws.com, to the endpoint that AWS_ENDPOINT_URL_S3,
 *                               AWS_ENDPOINT_URL, endpoint_url of the profile or --state names, and
 *                               to the R2 host of the account that is worked on
 *     CLOUDFLARE_API_TOKEN      never; but keys derived from it, which the service can tell and
 *                               nobody else can use, for the R2 host of the account
 *
 * An endpoint that the configuration names and that is none of these is refused by name, and
 * nothing is signed. Nothing of an address but its host, port and account decides.
 */
#ifndef CFKV_CLI_STATE_ACCESS_H
#define CFKV_CLI_STATE_ACCESS_H

#include "base/arena.h"
#include "base/dotenv.h"
#include "state/access.h"
#include "model/accounts.h"
#include "store/cloudflare.h"

struct state_address;

struct state_access_wanted {
    const struct dotenv *env;            /* of --env-file: gives credentials, never an endpoint */
    const struct state_address *address; /* s3 or http */
    bool named_by_user;                  /* by --state: no file of the project named it */
    struct bytes account; /* the account that is worked on, 32 hex digits; empty: not known */
    const struct renamings *names; /* of accounts, for tokens of their own; NULL: none has one */
    /* How the account is asked, for keys derived from its token: borrowed as long as the access.
     * NULL: nobody is. */
    const struct cloudflare_options *api;
};

/*
 * Fills `out`; sends nothing and runs nothing (state_access_fresh does). No credentials for the
 * host is no failure: state_access_given is false then, and `source` says what is looked for.
 *
 * ERR_DENIED for an endpoint that no credential may go to, ERR_USAGE for half of a pair and for
 * what no header may carry, ERR_FORMAT and ERR_IO for AWS's files, and for one that another user
 * could have written.
 */
bool state_access_read(struct arena *arena, const struct state_access_wanted *w,
                       struct state_access *out, struct error *err);

/* Whether keys may have to be derived from the token of the API: else nobody need ask for it, or
 * run what prints it. */
bool state_access_wants_api(const struct state_address *address);

/* true for the name of a variable that holds a credential of a state host: --env-file gives it. */
bool state_access_variable(const char *name);

/* true for one that says where such a credential goes, or what is run for it: never a file's word.
 */
bool state_access_never(const char *name);

#endif
