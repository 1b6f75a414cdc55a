/*
 * credentials_command.h: a program that prints the credentials of the API, named by the user
 * outside of every project:
 *
 *     CFKV_CREDENTIALS_COMMAND="wrangler auth token --json"
 *     credentials_command = "op read op://work/cloudflare/token"     in ~/.config/cfkv/config
 *
 * Its words stand between blanks, and no quotes mean anything; the program has 30 s and what
 * own_program.h says. It prints the token alone, or what `wrangler auth token --json` prints:
 * {"type": "oauth" or "api_token", "token": …} or {"type": "api_key", "key": …, "email": …}
 * (developers.cloudflare.com, changelog of 2025-12-18).
 */
#ifndef CFKV_CLI_CREDENTIALS_COMMAND_H
#define CFKV_CLI_CREDENTIALS_COMMAND_H

#include "base/arena.h"
#include "store/cloudflare.h"

#define CREDENTIALS_COMMAND "CFKV_CREDENTIALS_COMMAND"

struct credentials_command {
    const char *line; /* NULL: none is named */
    const char *file; /* that names it; NULL: the environment */
    size_t at;        /* and its line there */
};

/* The variable, else the user's configuration file. ERR_GUARD, ERR_IO and ERR_FORMAT for that file
 * (own_file.h), ERR_INVALID for a setting in it that there is not. */
bool credentials_command_find(struct arena *arena, struct credentials_command *out,
                              struct error *err);

/* "CFKV_CREDENTIALS_COMMAND", "credentials_command of /home/x/.config/cfkv/config:1": for messages.
 */
const char *credentials_command_name(struct arena *arena, const struct credentials_command *c);

/* Runs it. What it prints lives in `arena`, and in no message. ERR_FAILED when it cannot be run or
 * refuses, or when what it prints is no credential. */
bool credentials_command_run(struct arena *arena, const struct credentials_command *c,
                             struct http_credentials *out, struct error *err);

#endif
