#include "command.h"

#include "help.h"

bool command_help(struct cli *cli, const char *asked, struct error *err)
{
    struct buf document = {0};
    help_write_json(asked, &document);
    return output_text(&cli->output, "help", "text", &document, err);
}

/* A family ("state", "kv key") and a topic stand for themselves; of other words those count that
 * name a command. */
static bool words_help(struct cli *cli, const struct text_list *words, struct error *err)
{
    struct buf name = {0};
    size_t used = 0;
    bool ok;
    for (size_t i = 0; i < words->n; i++)
        buf_addf(&name, "%s%s", i ? " " : "", words->items[i]);
    if (command_is_family(name.data) || help_is_topic(buf_bytes(&name))) {
        ok = command_help(cli, name.data, err);
    } else {
        const struct command *command = command_find(words->n, words->items, &used, err);
        ok = command && command_help(cli, command->name, err);
    }
    buf_release(&name);
    return ok;
}

bool cmd_help(struct cli *cli, enum exit_code *code, struct error *err)
{
    const struct text_list *args = &cli->options.args;
    (void)code;
    if (args->n > 0)
        return words_help(cli, args, err);
    /* `cfkv help --help` is not `cfkv --help` */
    return command_help(cli, cli->options.help ? cli->command->name : NULL, err);
}

bool cmd_version(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    (void)err;
    buf_add_str(&cli->output.out, "cfkv " CFKV_VERSION "\n");
    return true;
}
