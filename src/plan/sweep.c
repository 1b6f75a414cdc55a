#include "sweep.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/duration.h"

/* ---- Names ----------------------------------------------------------------------------------- */

/* What the only star of `match` stands for in an environment that it matches; data NULL: it has
 * several, or a question mark. */
static struct bytes part_of_star(struct bytes environment, struct bytes match)
{
    const char *star = match.len > 0 ? memchr(match.data, '*', match.len) : NULL;
    size_t before = star ? (size_t)(star - match.data) : 0;
    size_t behind = star ? match.len - before - 1 : 0;
    if (!star || memchr(star + 1, '*', behind) || memchr(match.data, '?', match.len) ||
        environment.len < before + behind)
        return bytes_make(NULL, 0);
    return bytes_make(environment.data + before, environment.len - before - behind);
}

/* Names may be many: most are told apart by their digits. */
static bool calls(const struct sweep_name *name, struct bytes what)
{
    return what.len > 0 &&
           (bytes_equal(name->text, what) ||
            (bytes_ends_with(what, bytes_of(name->digits)) && slug_is_of(what, name->text)));
}

bool sweep_keeps(const struct sweep_name *name, struct bytes environment, struct bytes match)
{
    return calls(name, environment) || calls(name, part_of_star(environment, match));
}

/* ---- Environments ---------------------------------------------------------------------------- */

static struct sweep_environment *find(const struct sweep *sweep, struct bytes name)
{
    for (size_t i = 0; i < sweep->n; i++)
        if (bytes_equal(sweep->items[i].name, name))
            return &sweep->items[i];
    return NULL;
}

/* Under another address, or under the same in spite of all. */
static bool is_claimed(const struct model *m, const struct state_namespace *ns)
{
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct namespace_decl *d = &m->namespaces[i];
        bool by_id = d->id.data && bytes_equal(d->id, ns->id);
        bool renamed = d->renamed_from.data && (bytes_equal(d->renamed_from, ns->address) ||
                                                bytes_equal(d->renamed_from, ns->title));
        if (by_id || renamed || bytes_equal(d->title, ns->title) ||
            (d->env.data && bytes_equal(d->env, ns->env)))
            return true;
    }
    return false;
}

/* The youngest counts; one without a day makes the age of all unknown. */
static void count_in(struct sweep_environment *e, const struct state_namespace *ns)
{
    bool first = e->namespaces++ == 0;
    if (!ns->created.data || (!first && !e->created.data))
        e->created = bytes_make(NULL, 0);
    else if (first || bytes_compare(ns->created, e->created) > 0)
        e->created = ns->created;
}

static void collect(struct sweep *sweep, struct arena *arena, const struct model *m,
                    const struct state *state)
{
    for (size_t a = 0; a < state->n_accounts; a++) {
        const struct state_account *account = &state->accounts[a];
        for (size_t i = 0; !account->aside && i < account->n; i++) {
            const struct state_namespace *ns = &account->namespaces[i];
            if (ns->removed || !environment_is_ephemeral(&m->project, ns->env))
                continue;
            struct sweep_environment *e = find(sweep, ns->env);
            if (!e) {
                arena_grow(arena, (void **)&sweep->items, &sweep->cap, sweep->n + 1,
                           sizeof *sweep->items);
                e = &sweep->items[sweep->n++];
                *e = (struct sweep_environment){.name = ns->env};
            }
            count_in(e, ns);
            e->claimed = e->claimed || is_claimed(m, ns);
        }
    }
}

static int by_name(const void *a, const void *b)
{
    const struct sweep_environment *x = a, *y = b;
    return bytes_compare(x->name, y->name);
}

/* ---- Verdicts -------------------------------------------------------------------------------- */

/* Whole days since then; -1 where the day is none, or has not come yet. */
static int64_t days_since(struct bytes day, int64_t now)
{
    char text[MOMENT_SIZE];
    int64_t at;
    if (day.len != strlen("2026-11-30"))
        return -1;
    memcpy(text, day.data, day.len);
    memcpy(text + day.len, "T00:00:00Z", sizeof "T00:00:00Z");
    return moment_parse(bytes_of(text), &at) && at <= now ? (now - at) / DURATION_DAY : -1;
}

static const struct sweep_name *kept_by(const struct sweep_names *names, struct bytes environment,
                                        struct bytes match)
{
    for (size_t i = 0; i < names->n; i++)
        if (sweep_keeps(&names->items[i], environment, match))
            return &names->items[i];
    return NULL;
}

static enum sweep_verdict judge(struct sweep_environment *e, const struct model *m,
                                const struct sweep_names *names)
{
    if (e->claimed)
        return SWEEP_DECLARED;
    e->by = kept_by(names, e->name, m->project.ephemeral);
    if (e->by)
        return SWEEP_NAMED;
    if (names->given)
        return names->late && e->days >= 0 && e->days <= 1 ? SWEEP_RECENT : SWEEP_GOES;
    if (e->days < 0)
        return SWEEP_UNDATED;
    return e->days > m->project.ephemeral_days ? SWEEP_GOES : SWEEP_YOUNG;
}

void sweep_judge(struct sweep *sweep, struct arena *arena, const struct model *m,
                 const struct state *state, const struct sweep_names *names, int64_t now)
{
    collect(sweep, arena, m, state);
    if (sweep->n > 1)
        qsort(sweep->items, sweep->n, sizeof *sweep->items, by_name);
    for (size_t i = 0; i < sweep->n; i++) {
        struct sweep_environment *e = &sweep->items[i];
        e->days = days_since(e->created, now);
        e->verdict = judge(e, m, names);
    }
}

bool sweep_takes(const struct sweep *sweep, struct bytes environment)
{
    const struct sweep_environment *e = environment.data ? find(sweep, environment) : NULL;
    return e && e->verdict == SWEEP_GOES;
}

size_t sweep_count(const struct sweep *sweep)
{
    size_t n = 0;
    for (size_t i = 0; i < sweep->n; i++)
        n += sweep->items[i].verdict == SWEEP_GOES;
    return n;
}

/* ---- Telling --------------------------------------------------------------------------------- */

static const char *const verdict_words[] = {
    [SWEEP_GOES] = "goes",   [SWEEP_DECLARED] = "declared", [SWEEP_NAMED] = "named",
    [SWEEP_YOUNG] = "young", [SWEEP_UNDATED] = "undated",   [SWEEP_RECENT] = "recent",
};

void sweep_write_json(const struct sweep *sweep, struct json_writer *w)
{
    json_begin_array(w);
    for (size_t i = 0; i < sweep->n; i++) {
        const struct sweep_environment *e = &sweep->items[i];
        json_begin_object(w);
        json_field_text(w, "created", e->created);
        json_key(w, "days");
        if (e->days >= 0)
            json_int(w, e->days);
        else
            json_null(w);
        json_field_string(w, "env", e->name);
        json_field_text(w, "kept_by", bytes_of(e->by ? e->by->source : NULL));
        json_field_count(w, "namespaces", e->namespaces);
        json_field_str(w, "verdict", verdict_words[e->verdict]);
        json_end_object(w);
    }
    json_end_array(w);
}
