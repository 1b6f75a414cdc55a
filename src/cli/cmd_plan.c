/* The commands that compare and change nothing: plan, drift. */
#include "command.h"

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
    output_diagnostics(&cli->output, &drift.notes);
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
