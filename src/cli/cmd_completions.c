#include "command.h"

#include "base/text.h"
#include "host/host.h"

/* The scripts are modules of lua/host/completions, by the names of the shells. */
static bool is_shell(const char *name)
{
    struct bytes shell;
    for (size_t i = 0; host_module("completions", i, &shell); i++)
        if (bytes_equal(shell, bytes_of(name)))
            return true;
    return false;
}

bool cmd_completions(struct cli *cli, enum exit_code *code, struct error *err)
{
    const char *shell = cli_argument(cli);
    char quoted[80];
    struct buf view = {0};
    (void)code;
    if (!is_shell(shell)) {
        error_set(err, ERR_USAGE, "there are no completions for %s",
                  text_quoted(bytes_of(shell), quoted, sizeof quoted));
        return error_hint(err, "there are some for %s", cli->command->args);
    }
    buf_addf(&view, "\"%s\"", shell);
    cli->output.data = true;
    return output_text(&cli->output, "completions", "script", &view, err);
}
