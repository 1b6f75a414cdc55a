/*
 * aws_profile.h: what the user's AWS configuration says: ~/.aws/config (AWS_CONFIG_FILE) and
 * ~/.aws/credentials (AWS_SHARED_CREDENTIALS_FILE), of one profile. Both are read by the rule of
 * own_file.h: what they name is run, or gets credentials.
 *
 * Reference: AWS SDKs and Tools Reference Guide, "Shared config and credentials files",
 * "Service-specific endpoints", "Process credential provider".
 */
#ifndef CFKV_CLI_AWS_PROFILE_H
#define CFKV_CLI_AWS_PROFILE_H

#include "base/arena.h"
#include "base/error.h"

struct aws_profile {
    bool found;                        /* a file has it */
    const char *id, *secret, *session; /* id NULL: no keys; session NULL: none */
    const char *process;               /* credential_process; NULL: none */
    const char *source;                /* of these: "profile 'work' of /home/x/.aws/credentials" */
    const char *region, *endpoint;     /* NULL: not said; the endpoint is S3's */
    const char *endpoint_source;       /* "endpoint_url of /home/x/.aws/config:7" */
    const char *unsupported; /* how AWS's programs would get keys, and cfkv does not: "sso_session",
                                "role_arn"; NULL */
};

/*
 * Reads the profile of that name. Without either file nothing is found. ERR_GUARD, ERR_IO and
 * ERR_FORMAT as own_file.h; ERR_FORMAT too for half of a pair of keys, and for a value that is
 * needed and goes on on further lines.
 */
bool aws_profile_read(struct arena *arena, const char *name, struct aws_profile *out,
                      struct error *err);

/* Where its files are: for messages. In `arena`. */
const char *aws_profile_files(struct arena *arena);

#endif
