#include "command.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "help.h"

#define WIDTH_MIN 40
#define WIDTH_MAX 80

static unsigned width(void)
{
    unsigned columns = output_width(STDOUT_FILENO);
    return columns < WIDTH_MIN ? WIDTH_MIN : columns > WIDTH_MAX ? WIDTH_MAX : columns;
}

static bool print(struct cli *cli, const char *module, const char *function, const char *asked,
                  bool lua, struct error *err)
{
    struct help_request request = {asked, lua, width()};
    struct buf document = {0};
    help_write_json(&request, &document);
    return output_text(&cli->output, module, function, &document, err);
}

bool command_help(struct cli *cli, const char *asked, struct error *err)
{
    return print(cli, "help", "text", asked, false, err);
}

/* `name` is of something in Lua; NULL: all of them are listed. `*found`: something was printed. */
static bool print_lua(struct cli *cli, const char *name, bool *found, struct error *err)
{
    size_t before = cli->output.out.len;
    bool ok = print(cli, "lua_names", "text", name, true, err);
    *found = cli->output.out.len > before;
    return ok;
}

static bool lua_help(struct cli *cli, const char *name, struct error *err)
{
    char quoted[80], near[80];
    bool found;
    if (!print_lua(cli, name, &found, err) || found)
        return found;
    error_set(err, ERR_USAGE, "there is no Lua name %s",
              text_quoted(bytes_of(name), quoted, sizeof quoted));
    if (help_nearest_lua(bytes_of(name), near, sizeof near))
        return error_hint(err, "did you mean '%s'?", near);
    return error_hint(err, "'cfkv help lua' lists them");
}

/* What no command is called: a name in Lua that looks like one ("ns:put", "ttl_seconds"), or a slip
 * in the name of a topic. */
static bool other_help(struct cli *cli, const char *word, struct error *err)
{
    struct error unknown;
    char near[32];
    bool found = false;
    if (strpbrk(word, ".:_") && !print_lua(cli, word, &found, &unknown)) {
        *err = unknown;
        return false;
    }
    if (!found && help_nearest_topic(bytes_of(word), near, sizeof near))
        error_hint(err, "did you mean '%s'?", near);
    return found;
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
        ok = command ? command_help(cli, command->name, err)
                     : words->n == 1 && other_help(cli, words->items[0], err);
    }
    buf_release(&name);
    return ok;
}

bool cmd_help(struct cli *cli, enum exit_code *code, struct error *err)
{
    const struct text_list *args = &cli->options.args;
    char quoted[80];
    (void)code;
    if (cli->options.json && cli->options.man)
        return error_set(err, ERR_USAGE, "--json and --man contradict each other");
    if ((cli->options.json || cli->options.man) && args->n > 0)
        return error_set(err, ERR_USAGE, "--json and --man are about all of cfkv: leave %s out",
                         text_quoted(bytes_of(args->items[0]), quoted, sizeof quoted));
    if (cli->options.json)
        return print(cli, "help", "document", NULL, true, err);
    if (cli->options.man)
        return print(cli, "man", "page", NULL, true, err);
    if (args->n > 0 && args->n <= 2 && strcmp(args->items[0], "lua") == 0)
        return lua_help(cli, args->n == 2 ? args->items[1] : NULL, err);
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
