#include "help.h"

#include <string.h>

#include "base/text.h"
#include "command.h"

#define HELP_WIDTH  80
#define HELP_COLUMN 28

/* Adds the words of `text` behind column `at`, breaking lines before HELP_WIDTH; continued lines
 * begin at `indent`. */
static void wrap(struct buf *out, const char *text, size_t at, size_t indent)
{
    bool fresh = true;
    while (*text) {
        size_t word = strcspn(text, " ");
        size_t columns = text_columns(bytes_make(text, word));
        if (!fresh && at + 1 + columns > HELP_WIDTH) {
            buf_addf(out, "\n%*s", (int)indent, "");
            at = indent;
            fresh = true;
        }
        if (!fresh) {
            buf_add_char(out, ' ');
            at++;
        }
        buf_add(out, text, word);
        at += columns;
        fresh = false;
        text += word;
        text += strspn(text, " ");
    }
    buf_add_char(out, '\n');
}

void help_row(struct buf *out, const char *left, const char *right)
{
    size_t width = 2 + text_columns(bytes_of(left));
    buf_addf(out, "  %s", left);
    if (width + 2 > HELP_COLUMN) {
        buf_add_char(out, '\n');
        width = 0;
    }
    text_pad(out, width, HELP_COLUMN);
    wrap(out, right, HELP_COLUMN, HELP_COLUMN);
}

static void add_commands(struct buf *out, const char *family)
{
    for (const struct command *c = command_table; c->name; c++) {
        if (family && !command_in_family(c, family))
            continue;
        struct buf left = {0};
        buf_addf(&left, "%s%s%s", c->name, *c->args ? " " : "", c->args);
        help_row(out, left.data, c->summary);
        buf_release(&left);
    }
}

void help_overview(struct buf *out)
{
    buf_add_str(out, "usage: cfkv COMMAND [options]\n\n"
                     "Declares, plans and applies Cloudflare Workers KV namespaces.\n\n"
                     "commands:\n");
    add_commands(out, NULL);
    buf_add_str(out, "\n'cfkv help COMMAND' explains one of them and lists its options.\n\n"
                     "exit codes:\n");
    help_row(out, "0", "done");
    help_row(out, "1", "failed");
    help_row(out, "2", "there are differences (plan --detailed-exitcode, drift, wrangler --check)");
    help_row(out, "3", "the configuration or an input file is invalid or damaged");
    help_row(out, "4", "done in part");
    help_row(out, "5", "a guard refused, a saved plan is stale, or the prompt was declined");
    help_row(out, "64", "wrong usage");
    help_row(out, "75", "another run holds a lock: try again");
    help_row(out, "130", "interrupted");
}

void help_command(struct buf *out, const struct command *command)
{
    buf_addf(out, "usage: cfkv %s%s%s [options]\n\n", command->name, *command->args ? " " : "",
             command->args);
    wrap(out, command->about, 0, 0);
    buf_add_str(out, "\noptions:\n");
    options_help(out, command->groups);
    bool is_family = false;
    for (const struct command *c = command_table; c->name; c++)
        is_family = is_family || command_in_family(c, command->name);
    if (!is_family)
        return;
    buf_add_str(out, "\nother commands:\n");
    add_commands(out, command->name);
}

void help_family(struct buf *out, const char *word)
{
    buf_addf(out, "usage: cfkv %s COMMAND [options]\n\ncommands:\n", word);
    add_commands(out, word);
}
