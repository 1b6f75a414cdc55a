/*
 * outputs.c: which outputs change. What the state records of them is kept for the namespaces that
 * the filters leave out, and goes with those that are removed.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "model/validate.h"
#include "planner.h"

bool output_is_planned(const struct planner *pl, const struct output_decl *out)
{
    bool names = false, inside = false;
    for (size_t i = 0; i < out->value.n; i++) {
        const struct part *part = &out->value.parts[i];
        names = names || part->kind != PART_TEXT;
        inside = inside || (part->kind != PART_TEXT && pl->p->resolutions[part->ns].in_scope);
    }
    return inside || !names;
}

bool output_value(const struct planner *pl, const struct output_decl *out, struct buf *json)
{
    struct buf scratch = {0};
    struct bytes value;
    struct json_writer w = json_writer_to(json, 0);
    bool known = out->json.data || deferred_resolve(&out->value, pl->p->ids, &scratch, &value);
    if (out->json.data)
        buf_add_bytes(json, out->json);
    else if (known)
        json_value(&w, value);
    buf_release(&scratch);
    return known;
}

struct state_ref *output_refs(const struct planner *pl, const struct output_decl *out, size_t *n)
{
    struct state_ref *refs = mem_zalloc(out->value.n + 1, sizeof *refs);
    *n = 0;
    for (size_t i = 0; i < out->value.n; i++) {
        size_t ns = out->value.parts[i].ns;
        if (out->value.parts[i].kind != PART_TEXT)
            refs[(*n)++] =
                (struct state_ref){planner_account(pl, ns), pl->m->namespaces[ns].address};
    }
    return refs;
}

/* ---- What is removed ------------------------------------------------------------------------- */

bool output_ref_is_removed(const struct plan *p, const struct state_ref *ref)
{
    struct bytes account = state_store_account(ref->account);
    for (size_t i = 0; i < p->n_removals; i++)
        if (bytes_equal(p->removals[i].account, account) &&
            bytes_equal(p->removals[i].address, ref->address))
            return true;
    return false;
}

/* A namespace that an output names, and that stays. */
static bool is_inside(const struct planner *pl, const struct state_ref *ref)
{
    const struct state_namespace *entry = state_find(&pl->t->state, ref->account, ref->address);
    return entry && planner_in_scope(&pl->p->options, entry->env, state_store_account(ref->account),
                                     entry->address, entry->title);
}

struct named {
    size_t removed, inside, recorded; /* of the namespaces that an output names */
};

static struct named count_named(const struct planner *pl, const struct state_output *o)
{
    struct named n = {0};
    for (size_t i = 0; i < o->n_refs; i++) {
        bool removed = output_ref_is_removed(pl->p, &o->refs[i]);
        n.removed += removed;
        n.inside += removed || is_inside(pl, &o->refs[i]);
        n.recorded += !removed && state_find(&pl->t->state, o->refs[i].account, o->refs[i].address);
    }
    return n;
}

/*
 * An id that is gone is worth nothing, whatever else the value names. What is declared no more goes
 * unless a namespace that it names may be outside the filters; and what `destroy` leaves alone
 * keeps its outputs.
 */
static bool is_removed(const struct planner *pl, const struct state_output *o, bool declared)
{
    struct named named = count_named(pl, o);
    if (named.removed > 0)
        return true;
    if (declared)
        return false;
    if (plan_is_filtered(&pl->p->options))
        return o->n_refs > 0 && named.inside == o->n_refs && !pl->p->options.destroy;
    return !pl->p->options.destroy || named.recorded == 0;
}

/* ---- The list -------------------------------------------------------------------------------- */

/* The account of all these; empty: they have none in common. */
static struct bytes shared_account(const struct state_ref *refs, size_t n)
{
    struct bytes account = n > 0 ? state_store_account(refs[0].account) : bytes_make(NULL, 0);
    for (size_t i = 1; i < n; i++)
        if (!bytes_equal(state_store_account(refs[i].account), account))
            return bytes_make(NULL, 0);
    return account;
}

static struct plan_output *add_output(struct plan *p, const char *name)
{
    arena_grow(&p->arena, (void **)&p->outputs, &p->cap_outputs, p->n_outputs + 1,
               sizeof *p->outputs);
    p->outputs[p->n_outputs] = (struct plan_output){.name = name};
    return &p->outputs[p->n_outputs++];
}

/* A side of the change. What looks like a credential is not shown, though it is recorded. */
static struct bytes shown(struct plan *p, const char *name, struct bytes json)
{
    if (!json.data)
        return json;
    return looks_secret(bytes_of(name), json) ? bytes_of("{\"secret\":true}")
                                              : arena_copy(&p->arena, json);
}

static void plan_removed(struct planner *pl, const struct state_output *o)
{
    struct plan_output *change = add_output(pl->p, o->name);
    change->account = shared_account(o->refs, o->n_refs);
    change->before = shown(pl->p, o->name, o->json);
    change->removed = true;
}

static void plan_declared(struct planner *pl, const struct output_decl *out)
{
    const struct state_output *record = state_find_output(&pl->t->state, bytes_of(out->name));
    struct buf json = {0};
    size_t n;
    bool known = output_value(pl, out, &json);
    if (!record || !known || !bytes_equal(record->json, buf_bytes(&json))) {
        struct plan_output *change = add_output(pl->p, out->name);
        struct state_ref *refs = output_refs(pl, out, &n);
        change->account = shared_account(refs, n);
        change->before = shown(pl->p, out->name, record ? record->json : bytes_make(NULL, 0));
        change->unknown = !known;
        if (known)
            change->after = shown(pl->p, out->name, buf_bytes(&json));
        mem_free(refs);
    }
    buf_release(&json);
}

static int by_name(const void *a, const void *b)
{
    const struct plan_output *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* Outputs outside the filters stay as they are recorded: they count as declared, and no more. */
void plan_outputs(struct planner *pl)
{
    const struct state *s = &pl->t->state;
    struct plan *p = pl->p;
    struct map declared = {0};
    for (size_t i = 0; !p->options.destroy && i < pl->m->n_outputs; i++) {
        const struct output_decl *out = &pl->m->outputs[i];
        bool inside = output_is_planned(pl, out);
        map_set(&declared, bytes_of(out->name), inside);
        if (inside)
            plan_declared(pl, out);
    }
    for (size_t i = 0; i < s->n_outputs; i++) {
        size_t found = map_get(&declared, bytes_of(s->outputs[i].name));
        if (found != true && is_removed(pl, &s->outputs[i], found != MAP_NONE))
            plan_removed(pl, &s->outputs[i]);
    }
    map_release(&declared);
    if (p->n_outputs > 1)
        qsort(p->outputs, p->n_outputs, sizeof *p->outputs, by_name);
}
