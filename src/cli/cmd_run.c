/* run: a script with live calls. */
#include "command.h"

#include <inttypes.h>

#include "kv/rewrites.h"
#include "script/run.h"

static void warn(void *ctx, const struct diag_list *warnings, bool last)
{
    struct session *s = ctx;
    output_diagnostics(s->output, warnings);
    if (last)
        output_note(s->output, "further warnings are not shown");
}

/* One line, whatever else was said, and also with --quiet: something was not done. */
static void tell_unread(const struct cli *cli, const struct run_unread *unread)
{
    struct error told = {0};
    if (unread->writes == 0)
        return;
    error_set(&told, ERR_FAILED,
              "%" PRIu64 " write%s failed, and the script did not look at %s (--strict raises)%s%s",
              unread->writes, unread->writes == 1 ? " or deletion" : "s or deletions",
              unread->writes == 1 ? "it" : "them", unread->first.code ? "; the first at " : "",
              unread->first.message);
    output_error(&cli->output, &told);
}

static enum exit_code tell(const struct cli *cli, const struct run_result *r)
{
    if (r->failed || r->error.code)
        output_error_at(&cli->output, &r->error, &r->spot);
    if (r->failed && r->trace.len > 0)
        output_talk(&cli->output, buf_bytes(&r->trace));
    tell_unread(cli, &r->unread);
    if (r->interrupted)
        return EXIT_INTERRUPTED;
    return r->failed ? EXIT_FAILED : (enum exit_code)r->exit_code;
}

bool cmd_run(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct text_list *args = &cli->options.args;
    struct run_result result = {0};
    struct rewrites rewrites = {0};
    struct diag_list warnings = {0};
    if (!session_open_store(s, true, err))
        return false;
    if (!s->target.local) /* files take any number */
        s->kv.rewrites = &rewrites;
    struct run_options options = {
        .file = args->items[0],
        .root = cli->options.root,
        .args = args->items + 1,
        .n_args = args->n - 1,
        .kv = &s->kv,
        .strict = cli->options.strict,
        .interrupted = &s->interrupt->pending,
        .warn = warn,
        .ctx = s,
    };
    bool ok = script_run(&options, &result, err);
    rewrites_tell(&rewrites, &warnings);
    output_diagnostics(&cli->output, &warnings);
    diag_release(&warnings);
    rewrites_release(&rewrites);
    if (ok)
        *code = tell(cli, &result);
    run_release(&result);
    return ok;
}
