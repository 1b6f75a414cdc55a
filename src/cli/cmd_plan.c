/* The commands that compare and change nothing: plan, drift. */
#include "command.h"

#include "base/text.h"
#include "formats.h"
#include "plan/drift.h"
#include "show.h"

static bool flush(void *ctx, struct error *err)
{
    return output_flush(ctx, err);
}

static bool write_plan(struct cli *cli, struct error *err)
{
    struct session *s = &cli->session;
    if (!cli->options.json)
        return formats_plan(s, err);
    return plan_write_json(&s->plan, &s->model.diags, &cli->output.out, flush, &cli->output, err);
}

static void add_option(struct buf *out, const char *option, const char *value)
{
    if (!value)
        return;
    buf_addf(out, " %s ", option);
    text_shell_word(out, bytes_of(value));
}

/* What to type next: with all that says which configuration, state and target it is. */
static void tell_saved(const struct cli *cli)
{
    const struct options *o = &cli->options;
    const char *argument = cli_argument(cli);
    struct buf command = {0};
    buf_add_str(&command, "cfkv apply --plan ");
    text_shell_word(&command, bytes_of(o->out));
    add_option(&command, "-C", o->folder);
    add_option(&command, "-f", argument ? argument : o->file);
    add_option(&command, "--root", o->root);
    add_option(&command, "--state", o->state_path);
    for (size_t i = 0; i < o->env_files.n; i++)
        add_option(&command, "--env-file", o->env_files.items[i]);
    buf_add_str(&command, o->local ? " --local" : "");
    output_note(&cli->output, "the plan is saved; to apply it: %s", command.data);
    buf_release(&command);
}

bool cmd_plan(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    formats_begin(s);
    if (!session_evaluate(s, cli_argument(cli), err) || !session_open_target(s, false, err))
        return false;
    bool planned = session_plan(s, false, err);
    show_notes(&cli->output, &s->plan, "apply will refuse");
    if (!planned || !write_plan(cli, err))
        return false;
    if (o->out && !plan_save(&s->plan, &s->model, &s->target, o->out, err))
        return false;
    if (o->out)
        tell_saved(cli);
    if (o->detailed_exitcode && !plan_is_empty(&s->plan))
        *code = EXIT_DIFFERENCES;
    return true;
}

bool cmd_drift(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct buf *out = &cli->output.out;
    struct plan_options options;
    formats_begin(s);
    if (!session_evaluate(s, cli_argument(cli), err) || !session_open_target(s, false, err) ||
        !session_plan_options(s, &options, err))
        return false;
    struct drift drift = {0};
    if (s->target.state.fresh)
        output_note(&cli->output, "there is no state: nothing is recorded that could be compared");
    bool ok = drift_find(&drift, &s->model, &s->target, &s->root, &options, err);
    diag_locate(&drift.notes, &s->model.texts);
    output_diagnostics(&cli->output, &drift.notes);
    diag_add_all(&s->plan.notes, &drift.notes); /* for who annotates */
    if (ok && cli->options.json)
        drift_write_json(&drift, &s->target, out);
    else if (ok)
        ok = formats_drift(s, &drift, err);
    if (ok && drift.n > 0)
        *code = EXIT_DIFFERENCES;
    if (ok && drift.verdict.code != ERR_NONE) { /* what is known is written all the same */
        ok = false;
        if (output_flush(&cli->output, err))
            *err = drift.verdict;
    }
    drift_release(&drift);
    return ok;
}
