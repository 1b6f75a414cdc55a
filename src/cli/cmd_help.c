#include "command.h"

#include "help.h"

/* Help of a family's first word alone ("state"), when there is such a family. */
static bool family_help(struct cli *cli, const char *word)
{
    for (const struct command *c = command_table; c->name; c++) {
        if (command_in_family(c, word)) {
            help_family(&cli->output.out, word);
            return true;
        }
    }
    return false;
}

bool cmd_help(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    const struct text_list *args = &cli->options.args;
    if (args->n == 0) {
        if (cli->options.help) /* `cfkv help --help`, not `cfkv --help` */
            help_command(&cli->output.out, cli->command);
        else
            help_overview(&cli->output.out);
        return true;
    }
    if (args->n == 1 && family_help(cli, args->items[0]))
        return true;
    size_t used = 0;
    const struct command *command = command_find(args->n, args->items, &used, err);
    if (!command)
        return false;
    help_command(&cli->output.out, command);
    return true;
}

bool cmd_version(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    (void)err;
    buf_add_str(&cli->output.out, "cfkv " CFKV_VERSION "\n");
    return true;
}
