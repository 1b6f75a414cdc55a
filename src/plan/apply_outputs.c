/*
 * apply_outputs.c: outputs go to the state once their ids are known.
 */
#include "applier.h"

#include "base/mem.h"

/* Outputs of namespaces outside the filters stay as they are. */
static bool output_in_scope(const struct applier *ap, const struct output_decl *out)
{
    for (size_t i = 0; i < out->value.n; i++)
        if (out->value.parts[i].kind != PART_TEXT &&
            !ap->p->resolutions[out->value.parts[i].ns].in_scope)
            return false;
    return true;
}

/* Leaves `json` empty while an id is not known. */
static void output_json(struct applier *ap, const struct output_decl *out, struct buf *json)
{
    struct buf scratch = {0};
    struct bytes value;
    struct json_writer w = json_writer_to(json, 0);
    if (out->json.data)
        buf_add_bytes(json, out->json);
    else if (deferred_resolve(&out->value, ap->p->ids, &scratch, &value))
        json_value(&w, value);
    buf_release(&scratch);
}

/* The namespaces that the value names. */
static struct state_ref *output_refs(const struct applier *ap, const struct output_decl *out,
                                     size_t *n)
{
    struct state_ref *refs = mem_zalloc(out->value.n + 1, sizeof *refs);
    *n = 0;
    for (size_t i = 0; i < out->value.n; i++) {
        size_t ns = out->value.parts[i].ns;
        if (out->value.parts[i].kind != PART_TEXT)
            refs[(*n)++] =
                (struct state_ref){planner_account(&ap->pl, ns), ap->pl.m->namespaces[ns].address};
    }
    return refs;
}

static bool set_output(struct applier *ap, const struct output_decl *out, struct error *err)
{
    struct buf json = {0};
    size_t n;
    if (!output_in_scope(ap, out))
        return true;
    struct state_ref *refs = output_refs(ap, out, &n);
    output_json(ap, out, &json);
    bool ok = json.len == 0 || state_set_output(ap->s, out->name, buf_bytes(&json), refs, n, err);
    mem_free(refs);
    buf_release(&json);
    return ok;
}

static bool drop_undeclared(struct applier *ap, const struct map *declared, struct error *err)
{
    for (size_t i = ap->s->n_outputs; i-- > 0;) {
        const char *name = ap->s->outputs[i].name;
        if (map_get(declared, bytes_of(name)) == MAP_NONE && !state_remove_output(ap->s, name, err))
            return false;
    }
    return true;
}

/* With a filter nothing is dropped: what is declared no more may be outside. */
static bool drop_outputs(struct applier *ap, struct error *err)
{
    const struct plan_options *o = &ap->p->options;
    const struct model *m = ap->pl.m;
    struct map declared = {0};
    if (o->n_envs || o->n_only || (o->destroy && ap->r->n_failed))
        return true;
    for (size_t i = 0; !o->destroy && i < m->n_outputs; i++)
        map_set(&declared, bytes_of(m->outputs[i].name), i);
    bool ok = drop_undeclared(ap, &declared, err);
    map_release(&declared);
    return ok;
}

/* What is as it would be undeclared is not recorded. */
static int64_t unless(int64_t n, int64_t usual)
{
    return n == usual ? 0 : n;
}

/* What commands need of the project that never evaluate the configuration. */
static bool set_settings(struct applier *ap, struct error *err)
{
    const struct project *p = &ap->pl.m->project;
    struct state_settings settings = {
        .account_id = p->account_id,
        .accounts = p->accounts,
        .mass_percent = unless(p->mass_percent, CFKV_MASS_PERCENT),
        .mass_from = unless(p->mass_from, CFKV_MASS_FROM),
        .backups_dir = p->backups_dir,
        .backups_keep = unless(p->backups_keep, CFKV_BACKUPS_KEEP),
        .backups_days = unless(p->backups_days, CFKV_BACKUPS_DAYS),
        .ephemeral_match = p->ephemeral,
    };
    return !p->declared || state_set_settings(ap->s, &settings, err);
}

bool apply_outputs(struct applier *ap, struct error *err)
{
    const struct model *m = ap->pl.m;
    bool ok = (!m->project.name.data || state_set_project(ap->s, m->project.name, err)) &&
              set_settings(ap, err);
    for (size_t i = 0; ok && !ap->p->options.destroy && i < m->n_outputs; i++)
        ok = set_output(ap, &m->outputs[i], err);
    return ok && drop_outputs(ap, err) && state_commit(ap->s, err);
}
