/*
 * command.h: the commands, declared once, and the way from argv to an exit code.
 */
#ifndef CFKV_CLI_COMMAND_H
#define CFKV_CLI_COMMAND_H

#include "interrupt.h"
#include "options.h"
#include "output.h"
#include "session.h"

/* Everything one run of the program has; owned by cli_main. */
struct cli {
    const struct command *command;
    struct options options;
    struct output output;
    struct session session;
};

struct command {
    const char *name; /* "plan"; "state list" and "kv key list" are of families */
    const char *args; /* "[FILE]"; "" when it takes none */
    size_t min_args, max_args;
    option_groups groups;
    const char *summary; /* one line, for lists */
    const char *about;   /* for its own help */

    /*
     * Does it. true: done, with `*code` EXIT_OK unless it says otherwise. false: `err` says why;
     * whoever called prints it (and the JSON document that --json promises) and derives the code.
     */
    bool (*run)(struct cli *cli, enum exit_code *code, struct error *err);
};

/* In the order of help; ends with a NULL name. */
extern const struct command command_table[];

/* true for "kv" and "kv key": what the names of several commands begin with. */
bool command_is_family(const char *words);

/* The command of that whole name; NULL: there is none. */
const struct command *command_named(const char *name);

/* Finds what `words` begins with, and says how many of them name it. NULL with ERR_USAGE and the
 * nearest name. */
const struct command *command_find(size_t n, const char *const *words, size_t *used,
                                   struct error *err);

/* Prints the help of a command or a family, and behind it the topic that has its name; NULL: the
 * overview. */
bool command_help(struct cli *cli, const char *asked, struct error *err);

/* The whole program: runs what argv says and returns the exit code. */
enum exit_code cli_main(int argc, char **argv, struct interrupt *interrupt);

/* ---- The commands (cmd_*.c) ------------------------------------------------------------------ */

/* The first argument; NULL: there is none. */
static inline const char *cli_argument(const struct cli *cli)
{
    return cli->options.args.n > 0 ? cli->options.args.items[0] : NULL;
}

bool cmd_init(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_validate(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_eval(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_inputs(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_plan(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_apply(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_sweep(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_destroy(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_drift(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_import(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_audit(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_backup(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_backup_list(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_backup_purge(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_restore(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_copy(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_output(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_export(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_wrangler(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_list(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_show(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_mv(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_rm(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_pull(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_push(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_move(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_unlock(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_merge(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_state_unprotect(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_namespace_list(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_namespace_create(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_namespace_get(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_namespace_rename(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_namespace_clear(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_namespace_delete(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_key_list(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_key_get(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_key_put(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_key_delete(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_key_rename(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_bulk_put(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_bulk_get(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_kv_bulk_delete(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_run(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_serve(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_schema(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_completions(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_doctor(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_version(struct cli *cli, enum exit_code *code, struct error *err);
bool cmd_help(struct cli *cli, enum exit_code *code, struct error *err);

#endif
