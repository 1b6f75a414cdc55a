/*
 * apply_outputs.c: outputs go to the state once their ids are known.
 */
#include "applier.h"

#include "base/mem.h"

/* A value that is recorded already is recorded under the addresses of now. */
static bool set_output(struct applier *ap, const struct output_decl *out, struct error *err)
{
    const struct state_output *old = state_find_output(ap->s, bytes_of(out->name));
    struct buf json = {0};
    size_t n;
    if (!output_is_planned(&ap->pl, out) || !output_value(&ap->pl, out, &json))
        return true;
    bool changes = !old || !bytes_equal(old->json, buf_bytes(&json));
    struct state_ref *refs = output_refs(&ap->pl, out, &n);
    bool ok = state_set_output(ap->s, out->name, buf_bytes(&json), refs, n, err);
    ap->r->applied.outputs += ok && changes;
    mem_free(refs);
    buf_release(&json);
    return ok;
}

/* All that was to go of what it names is still there; or may be, where it names nothing. */
static bool is_needed(const struct applier *ap, const struct state_output *o)
{
    size_t going = 0, there = 0;
    for (size_t i = 0; i < o->n_refs; i++) {
        bool goes = output_ref_is_removed(ap->p, &o->refs[i]);
        going += goes;
        there += goes && state_find(ap->s, o->refs[i].account, o->refs[i].address);
    }
    return going > 0 ? there == going
                     : ap->p->options.destroy && o->n_refs == 0 && ap->r->n_failed > 0;
}

static bool remove_output(struct applier *ap, const char *name, struct error *err)
{
    const struct state_output *record = state_find_output(ap->s, bytes_of(name));
    if (!record || is_needed(ap, record))
        return true;
    if (!state_remove_output(ap->s, name, err))
        return false;
    ap->r->applied.outputs++;
    return true;
}

/* What is as it would be undeclared is not recorded. */
static int64_t unless(int64_t n, int64_t usual)
{
    return n == usual ? 0 : n;
}

static bool set_settings(const struct planner *pl, struct error *err)
{
    const struct project *p = &pl->m->project;
    struct state_settings settings = {
        .account_id = p->account_id,
        .accounts = p->accounts,
        .assumed = target_assumed(pl->t, pl->m, &pl->p->arena),
        .mass_percent = unless(p->mass_percent, CFKV_MASS_PERCENT),
        .mass_from = unless(p->mass_from, CFKV_MASS_FROM),
        .backups_dir = p->backups_dir,
        .backups_keep = unless(p->backups_keep, CFKV_BACKUPS_KEEP),
        .backups_days = unless(p->backups_days, CFKV_BACKUPS_DAYS),
        .ephemeral_match = p->ephemeral,
        .ephemeral_days = unless(p->ephemeral_days, CFKV_EPHEMERAL_DAYS),
    };
    return !p->declared || state_set_settings(&pl->t->state, &settings, err);
}

bool planner_set_project(const struct planner *pl, struct error *err)
{
    const struct project *p = &pl->m->project;
    return (!p->name.data || state_set_project(&pl->t->state, p->name, err)) &&
           set_settings(pl, err);
}

bool apply_outputs(struct applier *ap, struct error *err)
{
    const struct model *m = ap->pl.m;
    bool ok = planner_set_project(&ap->pl, err);
    for (size_t i = 0; ok && !ap->p->options.destroy && i < m->n_outputs; i++)
        ok = set_output(ap, &m->outputs[i], err);
    for (size_t i = 0; ok && i < ap->p->n_outputs; i++)
        ok = !ap->p->outputs[i].removed || remove_output(ap, ap->p->outputs[i].name, err);
    return ok && state_commit(ap->s, err);
}
