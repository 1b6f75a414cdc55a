#include "command.h"

#include <string.h>

#include "help.h"
#include "host/host.h"
#include "model/fields.h"

/* Help of a family alone ("state", "kv key"), when there is such a family. One that is a command
 * too ("backup") is explained as that. */
static bool family_help(struct cli *cli, const struct text_list *words)
{
    struct buf family = {0};
    bool found = false;
    for (size_t i = 0; i < words->n; i++)
        buf_addf(&family, "%s%s", i ? " " : "", words->items[i]);
    for (const struct command *c = command_table; c->name && !found; c++) {
        if (strcmp(c->name, family.data) == 0)
            break;
        found = command_in_family(c, family.data);
    }
    if (found)
        help_family(&cli->output.out, family.data);
    buf_release(&family);
    return found;
}

static bool is_topic(const char *word)
{
    struct bytes name;
    for (size_t i = 0; host_module("topic", i, &name); i++)
        if (bytes_equal(name, bytes_of(word)))
            return true;
    return false;
}

/* That of configurations tells the fields of a namespace, too. */
static bool topic_help(struct cli *cli, const char *topic, struct error *err)
{
    struct buf document = {0};
    struct json_writer w = json_writer_to(&document, 0);
    json_begin_object(&w);
    if (strcmp(topic, "configuration") == 0) {
        json_key(&w, "fields");
        fields_describe(&w, &namespace_fields, &namespace_defaults);
    }
    json_key(&w, "name");
    json_str(&w, topic);
    json_end_object(&w);
    return output_text(&cli->output, "topics", "page", &document, err);
}

static bool overview(struct cli *cli, struct error *err)
{
    struct buf document = {0};
    struct json_writer w = json_writer_to(&document, 0);
    struct bytes name;
    help_overview(&cli->output.out);
    json_begin_array(&w);
    for (size_t i = 0; host_module("topic", i, &name); i++)
        json_string(&w, name);
    json_end_array(&w);
    return output_text(&cli->output, "topics", "list", &document, err);
}

static bool topic_behind(struct cli *cli, const char *topic, struct error *err)
{
    if (!is_topic(topic))
        return true;
    buf_add_char(&cli->output.out, '\n');
    return topic_help(cli, topic, err);
}

bool command_help(struct cli *cli, const struct command *command, struct error *err)
{
    help_command(&cli->output.out, command);
    return topic_behind(cli, command->name, err);
}

static bool words_help(struct cli *cli, const struct text_list *words, struct error *err)
{
    const char *first = words->items[0];
    size_t used = 0;
    if (family_help(cli, words))
        return words->n > 1 || topic_behind(cli, first, err);
    const struct command *command = command_find(words->n, words->items, &used, err);
    if (command)
        return command_help(cli, command, err);
    return words->n == 1 && is_topic(first) && topic_help(cli, first, err);
}

bool cmd_help(struct cli *cli, enum exit_code *code, struct error *err)
{
    const struct text_list *args = &cli->options.args;
    (void)code;
    if (args->n > 0)
        return words_help(cli, args, err);
    if (cli->options.help) /* `cfkv help --help`, not `cfkv --help` */
        return command_help(cli, cli->command, err);
    return overview(cli, err);
}

bool cmd_version(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    (void)err;
    buf_add_str(&cli->output.out, "cfkv " CFKV_VERSION "\n");
    return true;
}
