/* The commands that change the target: apply, destroy; and what sweep has in common with them. */
#include "change.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "formats.h"
#include "progress.h"
#include "show.h"

/* With --quiet the plan is for who is asked. */
static bool shows_plan(const struct cli *cli)
{
    return !cli->output.quiet || (!cli->options.yes && !plan_is_empty(&cli->session.plan));
}

/* The plan is shown before anything is done: where it is data on stdout, and beside JSON on stderr.
 * A stdout that does not take it ends the run while nothing was changed yet. */
static bool show_before(struct cli *cli, struct error *err)
{
    struct session *s = &cli->session;
    if (!shows_plan(cli))
        return true;
    return cli->options.json ? formats_talk_plan(s, err) : formats_plan(s, err);
}

/* ---- What was done --------------------------------------------------------------------------- */

#define SAME_FAILURES_MAX 3 /* told in a row of one cause */

static void tell_failures(const struct cli *cli, const struct apply_result *r)
{
    const struct plan *p = &cli->session.plan;
    const char *told = ""; /* the hint that was told last */
    size_t in_row = 0, row = 0;
    for (size_t i = 0; i < r->n_failed; i++, in_row++) {
        const struct apply_failure *f = &r->failed[i];
        if (in_row == row) /* a refused batch fails each of its keys, a bad token each request */
            for (in_row = 0, row = 1; i + row < r->n_failed; row++)
                if (!diag_same_cause(f->message, r->failed[i + row].message))
                    break;
        if (in_row == SAME_FAILURES_MAX && row > in_row + 1) {
            output_note(&cli->output, "and %zu more for the same reason", row - in_row);
            i += row - in_row - 1;
            in_row = row - 1;
            continue;
        }
        struct buf what = {0};
        struct error failure = {0};
        show_action(&p->actions[f->action], &what);
        error_set(&failure, ERR_FAILED, "cannot %s: %s", what.data ? what.data : "act", f->message);
        if (f->hint && strcmp(f->hint, told) != 0)
            error_hint(&failure, "%s", told = f->hint);
        output_error(&cli->output, &failure);
        buf_release(&what);
    }
}

/* An empty line between what was printed before and what comes. */
static void add_gap(const struct cli *cli, struct buf *out)
{
    buf_add_str(out, shows_plan(cli) || out->len > 0 ? "\n" : "");
}

static void add_verdict(const struct cli *cli, const struct apply_result *r,
                        const struct error *err, bool done, struct buf *out)
{
    add_gap(cli, out);
    if (!done && err->code == ERR_INTERRUPTED)
        buf_add_str(out, "interrupted; applied so far: ");
    else if (!done && err->code == ERR_PARTIAL)
        buf_add_str(out, "applied in part: ");
    else
        buf_add_str(out, "applied: ");
    show_done(&r->applied, out);
    if (r->n_failed > 0)
        buf_addf(out, "; %zu failed", r->n_failed);
    buf_add_str(out, ", in ");
    target_words(&cli->session.target, out);
    buf_add_char(out, '\n');
}

static bool write_result(struct cli *cli, const struct apply_result *r, bool done,
                         const struct error *applied, struct error *err)
{
    struct session *s = &cli->session;
    const struct state *state = &s->target.state;
    struct output *o = &cli->output;
    struct buf outputs = {0};
    bool ok = true;
    if (cli->options.json) {
        apply_write_json(r, &s->plan, state, &o->out);
        return output_flush(o, err);
    }
    if (state->n_outputs > 0) {
        add_gap(cli, &o->out);
        buf_add_str(&o->out, "outputs:\n");
        show_outputs_json(state, NULL, &outputs);
        ok = output_text(o, "output.text", "indented", &outputs, err);
    }
    if (!done || !plan_is_empty(&s->plan))
        add_verdict(cli, r, applied, done, &o->out); /* the last line says what is true now */
    return ok && output_flush(o, err);
}

/* Otherwise the next deploy tells. */
static void tell_local_ids(const struct cli *cli, const struct apply_result *r)
{
    for (size_t i = 0; i < r->n_local_ids; i++) {
        const struct local_ids *ids = &r->local_ids[i];
        bool one = ids->n == 1;
        output_note(&cli->output,
                    "%zu id%s in %s %s local; `cfkv apply` replaces %s before a deploy", ids->n,
                    text_plural(ids->n), ids->file, one ? "is" : "are", one ? "it" : "them");
    }
}

static bool do_plan(struct cli *cli, struct error *err)
{
    struct session *s = &cli->session;
    struct apply_result result = {0};
    struct progress progress;
    struct error unwritten = {0};
    progress_begin(&progress, &cli->output, session_service(s), "applying");
    struct apply_options options = session_apply_options(s);
    options.on_progress = progress_action;
    options.on_keys = progress_keys;
    options.progress_ctx = &progress;
    bool done = plan_apply(&s->plan, &s->model, &s->target, &s->root, &options, &result, err);
    progress_end(&progress);
    if (!done && err->code == ERR_STALE) { /* nothing was done: it is planned again */
        apply_result_release(&result);
        return false;
    }
    if (!done && s->lost.code)
        *err = s->lost;
    tell_failures(cli, &result);
    for (size_t i = 0; i < result.n_backups; i++)
        output_note(&cli->output, "backed up to %.*s", BYTES_FMT(result.backups[i]));
    bool written = write_result(cli, &result, done, err, &unwritten);
    if (done && !written)
        *err = unwritten;
    for (size_t i = 0; done && i < s->plan.configs->n; i++)
        show_built(&cli->output, &s->plan.configs->items[i]);
    tell_local_ids(cli, &result);
    apply_result_release(&result);
    return done && written;
}

/* ---- Destroying without a state -------------------------------------------------------------- */

/* Adds a line for each declared namespace that exists: all that a plan without a state adopts. */
static size_t list_existing(const struct plan *p, struct buf *lines, struct buf *titles)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct action *a = &p->actions[i];
        if (a->kind != ACTION_NAMESPACE || a->verb != ACTION_ADOPT)
            continue;
        json_show_name(lines, a->title);
        buf_addf(lines, "  %.*s\n", BYTES_FMT(a->id));
        buf_add_str(titles, n++ > 0 ? ", " : "");
        text_quote(titles, a->title, 100);
    }
    return n;
}

static bool refuse_existing(struct cli *cli, size_t n, const struct buf *lines,
                            const struct buf *titles, struct error *err)
{
    const struct target *t = &cli->session.target;
    struct output *o = &cli->output;
    if (n == 0) {
        output_note(o, "there is no state, and nothing that is declared exists");
        return true;
    }
    if (!cli->options.json) {
        show_target(&cli->session, &o->out);
        buf_add_bytes(&o->out, buf_bytes(lines));
    }
    if (!output_flush(o, err))
        return false;
    error_set(err, ERR_GUARD,
              "there is no state%s%s, which alone says what may be destroyed; nothing was changed, "
              "and %zu declared namespace%s: %s",
              t->state_file ? " " : "", t->state_file ? t->state_file : "", n,
              n == 1 ? " exists" : "s exist", titles->data);
    return error_hint(err, "bring the state back (--state PATH), or record anew what is there with "
                           "'cfkv import --match GLOB'; 'cfkv kv namespace delete TITLE' deletes "
                           "one");
}

/* What is not declared, nothing can be told of; `env`: NULL: whatever it may be. */
static bool refuse_unknown(const struct cli *cli, const char *env, struct error *err)
{
    const struct target *t = &cli->session.target;
    char name[QUOTED_SIZE], glob[QUOTED_SIZE], quoted[QUOTED_SIZE];
    snprintf(glob, sizeof glob, "*%s*", env ? env : "");
    error_set(err, ERR_GUARD,
              "there is no state%s%s, which alone says what may be destroyed%s%s; nothing was "
              "changed",
              t->state_file ? " " : "", t->state_file ? t->state_file : "",
              env ? " of environment " : "",
              env ? text_quoted(bytes_of(env), name, sizeof name) : "");
    return error_hint(err,
                      "bring the state back (--state PATH), or record anew what is there with "
                      "'cfkv import --match %s', declared with on_remove = \"delete\"; 'cfkv kv "
                      "namespace delete TITLE' deletes one",
                      env ? text_quoted(bytes_of(glob), quoted, sizeof quoted) : "GLOB");
}

/* The first environment that was asked for and that nothing declares; NULL: there is none. */
static const char *undeclared_env(const struct session *s)
{
    for (size_t i = 0; i < s->options->envs.n; i++) {
        bool declared = false;
        for (size_t n = 0; !declared && n < s->model.n_namespaces; n++)
            declared = bytes_equal(s->model.namespaces[n].env, bytes_of(s->options->envs.items[i]));
        if (!declared)
            return s->options->envs.items[i];
    }
    return NULL;
}

/* Without a state nothing is known to be cfkv's own, and to say "no changes" would be to say that
 * nothing is left. */
static bool check_state(struct cli *cli, const struct change *change, struct error *err)
{
    struct session *s = &cli->session;
    struct plan_options options;
    struct buf lines = {0}, titles = {0};
    const char *env = undeclared_env(s);
    if (!s->target.state.fresh)
        return true;
    if (env || change->prepare) /* what is swept is declared nowhere */
        return refuse_unknown(cli, env, err);
    if (!session_plan_options(s, &options, err))
        return false;
    options.refresh = REFRESH_NAMES;
    bool ok = plan_make(&s->plan, &s->model, &s->target, &s->root, &options, err);
    size_t n = ok ? list_existing(&s->plan, &lines, &titles) : 0;
    plan_release(&s->plan);
    ok = ok && refuse_existing(cli, n, &lines, &titles, err);
    buf_release(&lines);
    buf_release(&titles);
    return ok;
}

/* ---- The commands ---------------------------------------------------------------------------- */

static bool change_once(struct cli *cli, const struct change *change, struct error *err)
{
    struct session *s = &cli->session;
    const char *saved = cli->options.plan;
    if (!session_open_target(s, true, err) || (change->destroy && !check_state(cli, change, err)) ||
        (change->prepare && !change->prepare(cli, change->ctx, err)))
        return false;
    if (!session_plan(s, change->destroy, err)) {
        show_notes(&cli->output, &s->plan, "refused");
        return false;
    }
    if ((saved && !plan_check_saved(&s->plan, &s->model, &s->target, saved, err)) ||
        !show_before(cli, err))
        return false;
    size_t refusals = show_notes(&cli->output, &s->plan, "refused");
    if (!plan_guard(&s->plan, err))
        return error_set(err, ERR_GUARD, "nothing was changed: %zu %s refused", refusals,
                         refusals == 1 ? "guard" : "guards");
    struct bytes project = s->model.project.name;
    /* What removes everything wants to be told what it is that goes. */
    struct bytes word = change->by_name && project.len > 0 ? project : bytes_of("yes");
    return (plan_is_empty(&s->plan) || session_confirm_by(s, change->question, word, err)) &&
           do_plan(cli, err);
}

/*
 * The lock of a state on a service is taken by the first write, together with what is about to be
 * done. Whoever comes too late with that has done nothing: he plans again upon what stands there
 * now, this time with the lock first, so that it cannot happen twice, and asks again. A saved plan
 * is stale then.
 */
bool change_run(struct cli *cli, const struct change *change, struct error *err)
{
    struct session *s = &cli->session;
    formats_begin(s);
    if (!session_evaluate(s, NULL, err))
        return false;
    if (change_once(cli, change, err))
        return true;
    if (err->code != ERR_STALE || cli->options.plan || !s->target.stop)
        return false;
    output_note(&cli->output, "%s; nothing was changed yet: it is planned again", err->message);
    session_reopen(s);
    s->lease_first = true;
    return change_once(cli, change, err);
}

bool cmd_apply(struct cli *cli, enum exit_code *code, struct error *err)
{
    static const struct change change = {.question = "Apply these changes?"};
    (void)code;
    return change_run(cli, &change, err);
}

bool cmd_destroy(struct cli *cli, enum exit_code *code, struct error *err)
{
    static const struct change change = {
        .destroy = true, .by_name = true, .question = "Destroy all of this?"};
    (void)code;
    return change_run(cli, &change, err);
}
