/*
 * import.h: private of `cfkv import`: what its steps share.
 *
 *     import_inputs.c     files of other tools and wrangler configs → the host state
 *     import_account.c    the accounts that they name, or that were asked for
 *     import_seeds.c      keys into seed files
 *     import_declared.c   what the configuration that is there declares, and what the state records
 *     cmd_import.c        their order, the files that are written, and what is said
 *
 * The host state (lua/host/import.lua) keeps what was collected between the steps.
 */
#ifndef CFKV_CLI_IMPORT_H
#define CFKV_CLI_IMPORT_H

#include "command.h"
#include "host/host.h"
#include "new_files.h"
#include "plan/adopt.h"

/* A seed file: its content is a part of a file without a name until all is known to be well. */
struct import_seed {
    const char *account, *id; /* of the namespace */
    const char *path;         /* relative to the root */
    uint64_t from, size;
    uint64_t keys;
};

struct import {
    struct cli *cli;
    struct session *s;     /* looks at the account */
    struct session there;  /* the configuration that is there, and the state, locked at the end */
    struct session result; /* the configuration that is there then */
    struct host *host;
    struct json *written; /* the files, as the host state says */
    struct new_files files;
    const char *named;    /* the configuration, where -o names it; NULL: as usual */
    const char *root;     /* of the project */
    const char *file;     /* to be written, */
    const char *shown;    /* as it is called: a part by its path below the root */
    bool exists;          /* there is a configuration */
    bool is_part;         /* what is written is for `require` */
    bool looks;           /* an account is asked */
    struct bytes account; /* the default one; data NULL: nobody knows */
    struct import_seed *seeds;
    size_t n_seeds, cap_seeds;
    int seeds_fd; /* what they are parts of; -1: no keys were read */
    struct adopt_counts recorded;
};

/* Calls a function of the host state; `view` NULL: an empty one, `out` NULL: nobody wants its text.
 */
bool import_ask(struct import *in, const char *function, const struct buf *view, struct buf *out,
                struct error *err);

/* Reads what the command line names. What is wrong with their content is among the diagnostics. */
bool import_inputs(struct import *in, struct error *err);

/* Lists the accounts that are concerned. */
bool import_accounts(struct import *in, struct error *err);

/* Reads the keys of all namespaces; what is read lies in a file, so memory does not grow with it.
 */
bool import_seeds(struct import *in, struct error *err);
void import_seeds_release(struct import *in);

/* Writes the member `declared`: what the configuration that is there has; null: there is none. */
void import_write_declared(const struct import *in, struct json_writer *w);

/* Writes the member `project`: what it is called and what it says of accounts and titles. */
void import_write_project(const struct import *in, struct json_writer *w);

/* Evaluates the configuration that is there by now, and records what of it is known. */
bool import_record(struct import *in, struct error *err);

#endif
