/* cfkv sweep: removes environments that come and go (plan/sweep.h); the plan is a destroy's. */
#include "base/text.h"
#include "change.h"
#include "keep_names.h"

/* Seconds between the list and the state, as when somebody else's run was waited for: a pull
 * request that was opened meanwhile has its environment, and is not on the list. */
#define LATE 5

struct sweeping {
    struct sweep_names names;
    struct sweep sweep;
};

static bool check_match(const struct session *s, struct error *err)
{
    if (s->model.project.ephemeral.data)
        return true;
    error_set(err, ERR_INVALID, "%s does not say which environments come and go", s->file);
    return error_hint(err, "cfkv.project { ephemeral = { match = \"pr-*\" } } does");
}

static bool show(struct cli *cli, const struct sweep *sweep, struct error *err)
{
    const struct project *p = &cli->session.model.project;
    struct buf document = {0};
    struct json_writer w = json_writer_to(&document, 0);
    if (cli->options.json)
        return true;
    json_begin_object(&w);
    json_field_int(&w, "days", p->ephemeral_days);
    json_key(&w, "environments");
    sweep_write_json(sweep, &w);
    json_field_string(&w, "match", p->ephemeral);
    json_end_object(&w);
    return output_text(&cli->output, "sweep", "list", &document, err);
}

/* A list of the wrong things keeps nothing. */
static void note_idle(const struct cli *cli, const struct sweeping *s)
{
    size_t idle = keep_names_idle(&s->names, &s->sweep, cli->session.model.project.ephemeral);
    if (s->names.n > 0 && idle == s->names.n && sweep_count(&s->sweep) > 0)
        output_note(&cli->output,
                    "nothing recorded is kept by %s: do they name environments, their branches or "
                    "what * stands for?",
                    idle == 1 ? "the name that was given" : "the names that were given");
}

static bool prepare(struct cli *cli, void *ctx, struct error *err)
{
    struct session *s = &cli->session;
    struct sweeping *sweeping = ctx;
    int64_t now = s->now + (s->target.store ? s->target.store->ahead : 0);
    if (!check_match(s, err))
        return false;
    sweeping->names.late = s->lease_first || clock_now() - s->now >= LATE;
    sweeping->sweep = (struct sweep){0};
    sweep_judge(&sweeping->sweep, &s->arena, &s->model, &s->target.state, &sweeping->names, now);
    s->sweep = &sweeping->sweep;
    note_idle(cli, sweeping);
    return show(cli, s->sweep, err);
}

bool cmd_sweep(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct arena *arena = &cli->session.arena;
    struct sweeping *sweeping = arena_alloc(arena, 1, sizeof *sweeping);
    struct change change = {.destroy = true,
                            .question = "Remove these environments?",
                            .prepare = prepare,
                            .ctx = sweeping};
    (void)code;
    return keep_names_read(&cli->options, arena, &sweeping->names, err) &&
           change_run(cli, &change, err);
}
