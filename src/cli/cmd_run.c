/* run: a script with live calls. */
#include "command.h"

#include <inttypes.h>

#include "base/nearby.h"
#include "dry_run.h"
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
    if (r->failed)
        return r->error.code == ERR_LOCKED ? EXIT_LOCKED : EXIT_FAILED;
    return (enum exit_code)r->exit_code;
}

/* What went wrong, for the document of a dry run. */
static void gather(const struct run_result *r, struct diag_list *diags)
{
    struct srcpos nowhere = {0};
    if (!r->failed && !r->error.code)
        return;
    diag_add(diags, DIAG_ERROR, "script.failed", nowhere, "%s", r->error.message);
    if (r->error.hint[0])
        diag_hint(diags, "%s", r->error.hint);
}

/* The script has ended. */
static bool finish(struct cli *cli, struct dry_run *dry, const struct run_result *r,
                   enum exit_code *code, struct error *err)
{
    struct diag_list diags = {0};
    dry_run_restore_stdout(dry);
    *code = tell(cli, r);
    if (!dry->store || r->interrupted)
        return true;
    gather(r, &diags);
    bool ok = dry_run_tell(dry, *code, &diags, err);
    diag_release(&diags);
    return ok;
}

bool cmd_run(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct run_result result = {0};
    struct rewrites rewrites = {0};
    struct diag_list warnings = {0};
    struct dry_run dry = {.out = -1};
    if (o->json && !o->dry_run) {
        error_set(err, ERR_USAGE, "--json needs --dry-run");
        return error_hint(err, "what else a script prints is its own: print(cfkv.json.encode(t))");
    }
    if (!session_open_store(s, true, err))
        return false;
    if (!s->target.local) /* files take any number */
        s->kv.rewrites = &rewrites;
    if (o->dry_run && !dry_run_begin(&dry, s, err)) {
        dry_run_end(&dry);
        return false;
    }
    struct run_options options = {
        .file = o->args.items[0],
        .root = o->root,
        .args = o->args.items + 1,
        .n_args = o->args.n - 1,
        .kv = &s->kv,
        .strict = o->strict,
        .interrupted = &s->interrupt->pending,
        .warn = warn,
        .ctx = s,
    };
    bool ok = script_run(&options, &result, err);
    if (!ok && err->code == ERR_NOT_FOUND && !*err->hint)
        error_hint(err, FILE_HERE_HINT);
    dry_run_restore_stdout(&dry);
    rewrites_tell(&rewrites, &warnings);
    output_diagnostics(&cli->output, &warnings);
    diag_release(&warnings);
    rewrites_release(&rewrites);
    ok = ok && finish(cli, &dry, &result, code, err);
    dry_run_end(&dry);
    run_release(&result);
    return ok;
}
