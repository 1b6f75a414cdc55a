#include "deploy_ids.h"

#include "base/text.h"
#include "planner.h"
#include "store/local.h"

/* ---- What cfkv makes ------------------------------------------------------------------------- */

static void add_made(struct deploy_ids *d, struct bytes title)
{
    char id[33];
    if (!title.len)
        return;
    local_namespace_id(d->local->project, title, id);
    map_add(&d->made, bytes_of(arena_str(&d->arena, id)), 0, NULL);
}

static void add_recorded(struct deploy_ids *d, const struct state *s)
{
    for (size_t i = 0; i < s->n_accounts; i++)
        for (size_t k = 0; k < s->accounts[i].n; k++)
            add_made(d, s->accounts[i].namespaces[k].title);
}

void deploy_ids_open(struct deploy_ids *d, const struct model *m, struct target *local)
{
    *d = (struct deploy_ids){.m = m, .local = local};
    for (size_t i = 0; i < m->n_namespaces; i++) {
        add_made(d, m->namespaces[i].title);
        add_made(d, m->namespaces[i].renamed_from);
    }
    for (size_t i = 0; i < m->n_removed; i++)
        add_made(d, m->removed[i].title);
    add_recorded(d, &local->state);
    add_recorded(d, &local->remote);
}

void deploy_ids_close(struct deploy_ids *d)
{
    map_release(&d->made);
    arena_release(&d->arena);
}

/* ---- Whose an id is -------------------------------------------------------------------------- */

static bool is_accounts(const struct deploy_ids *d, struct bytes id)
{
    struct state *s = &d->local->remote;
    bool found = false;
    for (size_t i = 0; !found && i < s->n_accounts; i++)
        found = state_find_id(s, s->accounts[i].id, id) != NULL;
    for (size_t i = 0; !found && i < d->m->n_namespaces; i++)
        found = bytes_equal(d->m->namespaces[i].id, id); /* pinned */
    return found;
}

/* What the local store's state says of the binding. */
static const struct state_binding *record_of(const struct deploy_ids *d, const char *file,
                                             const struct wrangler_binding *b)
{
    return state_find_binding(&d->local->state, bytes_of(file), b->env.data ? b->env : bytes_of(""),
                              b->binding);
}

static bool is_local(const struct deploy_ids *d, const char *file, const struct wrangler_binding *b)
{
    const struct state_binding *record = record_of(d, file, b);
    bool wrote = record && bytes_equal(record->id, b->id);
    return b->id.len > 0 && (wrote || map_get(&d->made, b->id) != MAP_NONE) &&
           !is_accounts(d, b->id);
}

size_t deploy_ids_count(const struct deploy_ids *d, const struct config *config)
{
    struct wrangler_config content = {0};
    struct buf text = {0};
    struct error ignored;
    size_t n = 0;
    if (file_read(config->path, WRANGLER_CONFIG_MAX, &text, &ignored) &&
        wrangler_config_read(buf_bytes(&text), config->syntax, &content, &ignored))
        for (size_t i = 0; i < content.n_bindings; i++)
            n += is_local(d, config->name, &content.bindings[i]);
    wrangler_config_release(&content);
    buf_release(&text);
    return n;
}

/* ---- Telling --------------------------------------------------------------------------------- */

static const struct wanted_binding *find_wanted(const struct config *config,
                                                const struct wrangler_binding *b)
{
    for (size_t i = 0; i < config->n_wanted; i++)
        if (config->wanted[i].there == b)
            return &config->wanted[i];
    return NULL;
}

/* One sentence whatever the section, which the line tells, so that many are told as one. */
static void note(const struct deploy_ids *d, const struct config *config,
                 const struct wrangler_binding *b, bool wanted, struct diag_list *notes)
{
    char name[QUOTED_SIZE];
    struct srcpos pos = {config->path, (int)b->line};
    bool was = !wanted && record_of(d, config->name, b);
    diag_add(notes, DIAG_WARNING, "wrangler.local_id", pos,
             "binding %s%s has the id %.*s, which only the local store has: a deploy would bind "
             "nothing",
             text_quoted(b->binding, name, sizeof name),
             wanted ? ""
             : was  ? ", which nothing declares any more,"
                    : ", which nothing declares,",
             BYTES_FMT(b->id));
    diag_hint(notes, "%s",
              wanted ? "cfkv apply replaces it by the account's; do so before a deploy"
              : was  ? "cfkv apply --local takes it out"
                     : "take it out, or declare its namespace");
}

size_t deploy_ids_note(const struct deploy_ids *d, const struct config *config,
                       const struct plan_options *filters, struct diag_list *notes)
{
    bool filtered = plan_is_filtered(filters);
    size_t n = 0;
    for (size_t i = 0; i < config->content.n_bindings; i++) {
        const struct wrangler_binding *b = &config->content.bindings[i];
        const struct wanted_binding *w = find_wanted(config, b);
        bool inside = w ? planner_takes(filters, d->m, &d->m->namespaces[w->ns]) : !filtered;
        if (!inside || !is_local(d, config->name, b))
            continue;
        note(d, config, b, w != NULL, notes);
        n++;
    }
    return n;
}
