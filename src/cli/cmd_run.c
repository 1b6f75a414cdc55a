/* run: a script with live calls. */
#include "command.h"

#include <stdio.h>

#include "script/run.h"

/* ---- What a script asks of the session --------------------------------------------------------
 */

static bool recorded(void *ctx, struct bytes id, struct run_recorded *out, struct error *err)
{
    struct session *s = ctx;
    struct bytes account = {0};
    if (!s->target.local && !target_account(&s->target, &account, err))
        return false;
    const struct state_namespace *entry = state_find_id(&s->target.state, account, id);
    *out = (struct run_recorded){.account = account};
    if (entry) {
        out->ttl_seconds = entry->ttl_seconds;
        out->protect = entry->protect && !s->target.local;
    }
    return true;
}

static bool new_id(void *ctx, struct bytes title, struct bytes *id, struct error *err)
{
    struct session *s = ctx;
    const char *wanted = target_new_id(&s->target, &s->arena, title);
    if (!wanted)
        return error_nomem(err);
    *id = bytes_of(wanted);
    return true;
}

static void warn(void *ctx, const struct diag_list *warnings, bool last)
{
    struct session *s = ctx;
    output_diagnostics(s->output, warnings);
    if (last)
        output_note(s->output, "further warnings are not shown");
}

/* ---- The command ----------------------------------------------------------------------------- */

static enum exit_code tell(const struct cli *cli, const struct run_result *r)
{
    if (r->failed || r->error.code)
        output_error(&cli->output, &r->error);
    if (r->failed && r->trace.len > 0)
        output_talk(&cli->output, buf_bytes(&r->trace));
    if (r->interrupted)
        return EXIT_INTERRUPTED;
    return r->failed ? EXIT_FAILED : (enum exit_code)r->exit_code;
}

bool cmd_run(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct text_list *args = &cli->options.args;
    struct run_result result = {0};
    if (!session_open_store(s, true, err))
        return false;
    struct run_options options = {
        .file = args->items[0],
        .root = cli->options.root,
        .args = args->items + 1,
        .n_args = args->n - 1,
        .store = s->target.store,
        .jobs = (unsigned)cli->options.jobs,
        .backup_dir = s->kv.backups.dir,
        .now = s->now,
        .interrupted = &s->interrupt->pending,
        .recorded = recorded,
        .new_id = new_id,
        .warn = warn,
        .ctx = s,
    };
    bool ok = script_run(&options, &result, err);
    if (ok)
        *code = tell(cli, &result);
    run_release(&result);
    return ok;
}
