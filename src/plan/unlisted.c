#include "unlisted.h"

#include "base/text.h"
#include "kv/guard.h"
#include "planner.h"

/* A namespace that somebody speaks of and the listing lacks. */
struct missing_namespace {
    struct observed *o;
    struct bytes account, id;
    struct bytes address, title; /* of the state's entry; data NULL: only an id is known */
};

struct settling {
    const struct unlisted *d;
    struct missing_namespace *items; /* the recorded ones first */
    size_t n, cap, n_recorded;
    struct account_map seen;
};

/* ---- What is missing ------------------------------------------------------------------------- */

static void add_missing(struct settling *s, struct bytes account, struct bytes id,
                        const struct state_namespace *entry)
{
    struct observed *o = s->d->o;
    size_t existing;
    if (!id.data || !observed_lists(o, account) || observed_by_id(o, account, id) != OBSERVE_NONE)
        return;
    account_map_add(&s->seen, account, id, 1, &existing);
    if (existing != MAP_NONE)
        return;
    arena_grow(o->arena, (void **)&s->items, &s->cap, s->n + 1, sizeof *s->items);
    struct missing_namespace *m = &s->items[s->n++];
    *m = (struct missing_namespace){.o = o, .account = account, .id = id};
    if (entry) {
        m->address = entry->address;
        m->title = entry->title;
    }
}

/* The filters are about declarations; an entry may have been recorded under another environment. */
static bool concerns(const struct unlisted *d, struct bytes account,
                     const struct state_namespace *e)
{
    if (planner_in_scope(d->options, e->env, account, e->address, e->title))
        return true;
    for (size_t i = 0; d->m && i < d->m->n_namespaces; i++) {
        const struct namespace_decl *decl = &d->m->namespaces[i];
        if (bytes_equal(decl->address, e->address) &&
            bytes_equal(namespace_account(d->m, decl), account))
            return planner_takes(d->options, d->m, decl);
    }
    return false;
}

static void find_recorded(struct settling *s)
{
    const struct state *state = s->d->state;
    for (size_t a = 0; a < state->n_accounts; a++) {
        const struct state_account *section = &state->accounts[a];
        struct bytes account = state_store_account(section->id);
        for (size_t i = 0; !section->aside && i < section->n; i++) {
            const struct state_namespace *e = &section->namespaces[i];
            if (!e->removed && concerns(s->d, account, e))
                add_missing(s, account, e->id, e);
        }
    }
    s->n_recorded = s->n;
}

static void find_pinned(struct settling *s)
{
    const struct model *m = s->d->m;
    for (size_t i = 0; m && i < m->n_namespaces; i++) {
        const struct namespace_decl *decl = &m->namespaces[i];
        if (planner_takes(s->d->options, m, decl))
            add_missing(s, namespace_account(m, decl), decl->id, NULL);
    }
}

/* What is no id at all (a placeholder) is not asked for: nothing has it. */
static void find_bound(struct settling *s)
{
    const struct configs *configs = s->d->configs;
    for (size_t i = 0; configs && i < configs->n; i++) {
        const struct config *config = &configs->items[i];
        for (size_t b = 0; b < config->content.n_bindings; b++) {
            const struct wrangler_binding *binding = &config->content.bindings[b];
            const struct bytes ids[] = {binding->id, binding->preview_id};
            struct bytes account = config_account(config, binding->env);
            if (account.len == 0 && s->d->m)
                account = s->d->m->project.account_id;
            for (size_t k = 0; k < 2; k++)
                if (id_valid(ids[k]) && !observed_anywhere(s->d->o, ids[k]))
                    add_missing(s, account, ids[k], NULL);
        }
    }
}

static void find_others(struct settling *s)
{
    for (size_t i = 0; i < s->d->n_others; i++)
        if (!observed_anywhere(s->d->o, s->d->others[i].id))
            add_missing(s, s->d->others[i].account, s->d->others[i].id, NULL);
}

/* ---- Reading by id --------------------------------------------------------------------------- */

static bool found(struct missing_namespace *m, const struct store_namespace *ns, struct error *err)
{
    char name[QUOTED_SIZE];
    if (!bytes_equal(ns->id, m->id))
        return error_set(err, ERR_ANSWER, "namespace %.*s was asked for, and %s came",
                         BYTES_FMT(m->id), text_quoted(ns->id, name, sizeof name));
    observe_namespace(m->o, m->account, ns);
    return true;
}

static bool namespace_read(void *ctx, struct queue *q, const struct store_op *op,
                           const struct store_result *result, struct error *err)
{
    struct missing_namespace *m = ctx;
    (void)q;
    (void)op;
    if (result->ok)
        return found(m, &result->namespaces[0], err);
    if (result->error.code == ERR_NOT_FOUND) {
        if (!observed_is_short(m->o, m->account))
            account_map_set(&m->o->gone, m->account, m->id, 1);
        return true;
    }
    *err = result->error;
    return error_wrap(err, "cannot look whether namespace %.*s exists", BYTES_FMT(m->id));
}

/* Reads as many as may be read of those that are not settled yet, the recorded ones first. Where a
 * listing is short and too many are missing nobody is the wiser for it. */
static bool read_missing(struct settling *s, struct error *err)
{
    struct queue q = {0};
    size_t n = 0;
    for (size_t i = 0; i < s->n && n < UNLISTED_READS_MAX; i++) {
        const struct missing_namespace *m = &s->items[i];
        if (account_map_get(&s->d->o->gone, m->account, m->id) != MAP_NONE)
            continue;
        n++;
        struct store_op op = {
            .kind = STORE_NAMESPACE_GET, .account = s->items[i].account, .id = s->items[i].id};
        queue_push(&q, &op, namespace_read, &s->items[i]);
    }
    bool ok = queue_run(&q, s->d->o->store, err);
    s->d->o->requests += q.sent;
    queue_release(&q);
    return ok;
}

/* ---- Too many -------------------------------------------------------------------------------- */

/* The reviewed word that it may go, from the command line or the configuration. */
static bool may_go(const struct unlisted *d, const struct missing_namespace *m)
{
    const struct removed_decl *said =
        d->m ? model_find_removed(d->m, m->account, m->address, m->title) : NULL;
    return (said && said->allow_mass_delete) ||
           permit_names(&d->options->permits.mass_delete, m->account, m->address, m->title);
}

static bool note_too_many(const struct settling *s, const struct bytes *names, size_t n)
{
    struct guarded_many many = {.names = names, .n = n};
    struct error cause = {0};
    if (guard_missing(&many, UNLISTED_READS_MAX, &cause))
        return false;
    s->d->o->unsought = n;
    diag_add(s->d->notes, DIAG_ERROR, "guard.missing", (struct srcpos){0}, "%s", cause.message);
    diag_hint(s->d->notes, "%s", cause.hint);
    return true;
}

/* Where too many are missing the listing is believed of those that may go, and of no other. */
static bool settle_many(struct settling *s, struct error *err)
{
    const struct unlisted *d = s->d;
    struct bytes *names = arena_alloc(d->o->arena, s->n_recorded, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < s->n_recorded; i++) {
        const struct missing_namespace *m = &s->items[i];
        if (observed_is_short(d->o, m->account))
            continue;
        if (!may_go(d, m))
            names[n++] = m->address;
        else
            account_map_set(&d->o->gone, m->account, m->id, 1);
    }
    return note_too_many(s, names, n) || read_missing(s, err);
}

/* ---- All ------------------------------------------------------------------------------------- */

static void note_short(const struct unlisted *d)
{
    for (size_t i = 0; i < d->o->n_listed; i++) {
        const struct observed_account *a = &d->o->listed[i];
        if (!a->is_short)
            continue;
        diag_add(
            d->notes, DIAG_WARNING, "listing.short", (struct srcpos){0},
            "account %.*s counts %zu namespace%s and lists %zu of them, also when asked again: "
            "nothing is forgotten, called deleted or deleted in this run",
            BYTES_FMT(a->id.len ? a->id : bytes_of("(default)")), a->total, text_plural(a->total),
            a->seen);
        diag_hint(d->notes, "listings lag behind: run it again in a minute");
    }
}

bool unlisted_settle(const struct unlisted *d, struct error *err)
{
    struct settling s = {.d = d};
    if (d->o->trusted)
        return true;
    note_short(d);
    find_recorded(&s);
    find_pinned(&s);
    find_bound(&s);
    find_others(&s);
    bool ok = s.n_recorded > UNLISTED_READS_MAX ? settle_many(&s, err) : read_missing(&s, err);
    account_map_release(&s.seen);
    return ok;
}

bool unlisted_verdict(const struct observed *o, size_t unsure, struct error *err)
{
    if (o->unsought > 0)
        return error_set(err, ERR_GUARD,
                         "%zu recorded namespaces are not listed, too many to be believed gone",
                         o->unsought);
    if (unsure == 0)
        return true;
    error_set(err, ERR_PARTIAL,
              "%zu recorded namespace%s %s left alone: the account's listing holds less than it "
              "counts",
              unsure, text_plural(unsure), unsure == 1 ? "was" : "were");
    return error_hint(err, "run it again in a minute");
}
