#include "command.h"

#include <string.h>

#include "help.h"

/* Help of a family alone ("state", "kv key"), when there is such a family. One that is a command
 * too ("backup") is explained as that. */
static bool family_help(struct cli *cli, const struct text_list *words)
{
    struct buf family = {0};
    bool found = false;
    for (size_t i = 0; i < words->n; i++)
        buf_addf(&family, "%s%s", i ? " " : "", words->items[i]);
    for (const struct command *c = command_table; !family.failed && c->name && !found; c++) {
        if (strcmp(c->name, family.data) == 0)
            break;
        found = command_in_family(c, family.data);
    }
    if (found)
        help_family(&cli->output.out, family.data);
    buf_release(&family);
    return found;
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
    if (family_help(cli, args))
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
