#include "bindings.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "config_guards.h"
#include "planner.h"

struct decider {
    const struct config_view *view;
    struct config *config;
    struct diag_list *notes;
};

static const struct state_binding *record_of(const struct decider *d, struct bytes env,
                                             struct bytes name)
{
    return config_record(d->config, d->view->state, env, name);
}

static struct binding_change *add_change(struct decider *d, enum binding_change_kind kind,
                                         struct bytes env, struct bytes name)
{
    struct config *config = d->config;
    mem_grow((void **)&config->changes, &config->cap_changes, config->n_changes + 1,
             sizeof *config->changes);
    struct binding_change *change = &config->changes[config->n_changes++];
    *change = (struct binding_change){.kind = kind, .ns = CONFIG_NONE, .env = env, .name = name};
    return change;
}

static bool has_preview(const struct decider *d, size_t ns)
{
    return d->view->ids[ns].preview_id.data || model_preview(d->view->m, ns) != SIZE_MAX;
}

/* true when writing the ids would change no byte of the binding. A preview that is declared has one
 * after an apply to the account; locally nothing waits for it. */
static bool is_written(const struct decider *d, const struct wanted_binding *w)
{
    const struct binding_ids *ids = &d->view->ids[w->ns];
    bool awaits = !d->view->local && has_preview(d, w->ns);
    return ids->id.data && bytes_equal(ids->id, w->there->id) &&
           (ids->preview_id.data ? bytes_equal(ids->preview_id, w->there->preview_id) : !awaits);
}

static bool is_recorded(const struct decider *d, const struct wanted_binding *w)
{
    const struct binding_ids *ids = &d->view->ids[w->ns];
    const struct state_binding *record = record_of(d, w->env, w->name);
    return record && bytes_equal(record->id, ids->id) &&
           bytes_equal(record->preview_id, ids->preview_id);
}

/* A SET that would change no byte is a RECORD, and that is nothing when it is recorded already. */
static void change_wanted(struct decider *d, enum binding_change_kind kind,
                          const struct wanted_binding *w, bool drop_preview)
{
    if (kind == BINDING_SET && !drop_preview && is_written(d, w))
        kind = BINDING_RECORD;
    if (kind == BINDING_RECORD && is_recorded(d, w))
        return;
    struct binding_change *change = add_change(d, kind, w->env, w->name);
    change->ns = w->ns;
    change->drop_preview = drop_preview;
    if (w->there) {
        change->id = w->there->id;
        change->preview_id = w->there->preview_id;
    }
}

/* ---- Messages -------------------------------------------------------------------------------- */

const char *binding_shown(const struct config *config, struct bytes env, struct bytes name,
                          size_t line, char out[BINDING_SHOWN_SIZE])
{
    char binding[QUOTED_SIZE], file[QUOTED_SIZE], section[SECTION_SHOWN_SIZE];
    snprintf(out, BINDING_SHOWN_SIZE, "binding %s%s%s in %s (line %zu)",
             text_quoted(name, binding, sizeof binding), env.data ? " of " : "",
             env.data ? wrangler_section_shown(env, section) : "",
             text_quoted(bytes_of(config->name), file, sizeof file), line);
    return out;
}

/* ---- Whose it is ----------------------------------------------------------------------------- */

static bool is_gone(const struct decider *d, struct bytes env, struct bytes id)
{
    return d->view->gone && d->view->gone(d->view->ctx, config_account(d->config, env), id);
}

static bool is_local_id(const struct decider *d, size_t ns, struct bytes id)
{
    return config_made_id(d->view->project, &d->view->m->namespaces[ns], id);
}

/* true when `id`, which a binding has, may be replaced. */
static bool may_replace(const struct decider *d, const struct wanted_binding *w, struct bytes id)
{
    return id.len == 0 || d->view->take_over || record_of(d, w->env, w->name) ||
           is_local_id(d, w->ns, id) || is_gone(d, w->env, id);
}

/* ---- What is wanted -------------------------------------------------------------------------- */

/* A preview_id that cfkv wrote and that is declared no more. */
static bool drops_preview(const struct decider *d, const struct wanted_binding *w)
{
    const struct state_binding *record = record_of(d, w->env, w->name);
    return !has_preview(d, w->ns) && record && record->preview_id.data &&
           w->there->preview_id.len && bytes_equal(record->preview_id, w->there->preview_id);
}

static void decide_remote(struct decider *d, const struct wanted_binding *w)
{
    const struct binding_ids *ids = &d->view->ids[w->ns];
    bool id_differs = !ids->id.data || !bytes_equal(ids->id, w->there->id);
    bool preview_differs =
        has_preview(d, w->ns) &&
        (!ids->preview_id.data || !bytes_equal(ids->preview_id, w->there->preview_id));
    if (is_written(d, w) && !drops_preview(d, w)) {
        change_wanted(d, BINDING_RECORD, w, false);
        return;
    }
    bool foreign = id_differs && !may_replace(d, w, w->there->id);
    if (foreign)
        config_guard_foreign(d->config, d->view, w, false, d->notes);
    if (preview_differs && !may_replace(d, w, w->there->preview_id)) {
        config_guard_foreign(d->config, d->view, w, true, d->notes);
        foreign = true;
    }
    if (!foreign)
        change_wanted(d, BINDING_SET, w, drops_preview(d, w));
}

/* `here` is not known before the namespace is there. */
static void note_other_id(struct decider *d, const struct wanted_binding *w, struct bytes there,
                          struct bytes here)
{
    const struct namespace_decl *ns = &d->view->m->namespaces[w->ns];
    char what[BINDING_SHOWN_SIZE], title[QUOTED_SIZE];
    struct buf place = {0};
    if (here.data)
        buf_addf(&place, "under %.*s", BYTES_FMT(here));
    else
        buf_addf(&place, "into namespace %s", text_quoted(ns->title, title, sizeof title));
    diag_add(d->notes, DIAG_WARNING, "wrangler.other_id", ns->pos,
             "%s has the id %.*s, so wrangler dev does not see what is seeded %s",
             binding_shown(d->config, w->env, w->name, w->there->line, what), BYTES_FMT(there),
             place.data);
    diag_hint(d->notes, "take the id out of the file: cfkv apply --local writes the namespace's");
    buf_release(&place);
}

/* Locally an id that stands in the file stays, unless it is one that cfkv made and the namespace
 * has a remote one by now. */
static void decide_local(struct decider *d, const struct wanted_binding *w)
{
    const struct binding_ids *ids = &d->view->ids[w->ns];
    struct bytes there = binding_local_id(w->there);
    struct bytes here = binding_data_id(ids);
    if (there.data && bytes_equal(there, here))
        return;
    if (!there.data || record_of(d, w->env, w->name) || is_local_id(d, w->ns, there) ||
        (d->view->other && config_record(d->config, d->view->other, w->env, w->name)))
        change_wanted(d, BINDING_SET, w, false);
    else
        note_other_id(d, w, there, here);
}

static void decide_wanted(struct decider *d, const struct wanted_binding *w)
{
    if (w->elsewhere || (d->view->left_out && d->view->left_out[w->ns]))
        return;
    if (!w->there)
        change_wanted(d, BINDING_ADD, w, false);
    else if (d->view->local)
        decide_local(d, w);
    else
        decide_remote(d, w);
}

/* ---- What is wanted no more ------------------------------------------------------------------ */

static bool is_wanted(const struct decider *d, struct bytes env, struct bytes name)
{
    for (size_t i = 0; !d->view->destroy && i < d->config->n_wanted; i++) {
        const struct wanted_binding *w = &d->config->wanted[i];
        bool same_env = w->env.data ? bytes_equal(w->env, env) : env.len == 0;
        if (same_env && bytes_equal(w->name, name))
            return true;
    }
    return false;
}

/* true when the binding still is as cfkv wrote it. */
static bool is_untouched(const struct state_binding *record, const struct wrangler_binding *b)
{
    return bytes_equal(record->id, b->id) &&
           (!record->preview_id.data || bytes_equal(record->preview_id, b->preview_id));
}

/* true when it is what an apply to the account wrote there since: that one will take it out. */
static bool is_accounts(const struct decider *d, const struct wrangler_binding *b)
{
    const struct state_binding *record =
        d->view->other ? config_record(d->config, d->view->other, b->env, b->binding) : NULL;
    return record && is_untouched(record, b);
}

static void decide_removal(struct decider *d, const struct state_binding *record)
{
    struct bytes env = record->env.len ? record->env : bytes_make(NULL, 0);
    const struct wrangler_binding *b =
        d->config->exists ? wrangler_config_binding(&d->config->content, env, record->binding)
                          : NULL;
    char what[BINDING_SHOWN_SIZE];
    bool kept = d->view->destroy && d->view->kept && d->view->kept(d->view->ctx, record->id);
    bool remove = b && is_untouched(record, b) && !kept;
    if (b && !is_untouched(record, b) && !is_accounts(d, b)) {
        diag_add(d->notes, DIAG_WARNING, "wrangler.changed", d->config->decl->pos,
                 "%s is declared no more and was changed by hand; it stays",
                 binding_shown(d->config, env, record->binding, b->line, what));
        diag_hint(d->notes, "take it out of the file where nothing needs it any more");
    }
    struct binding_change *change =
        add_change(d, remove ? BINDING_REMOVE : BINDING_FORGET, env, record->binding);
    if (b) {
        change->id = b->id;
        change->preview_id = b->preview_id;
    }
}

/* true when the namespace that was bound is recorded, and inside the filters. */
static bool is_inside(const struct decider *d, const struct state_binding *record)
{
    const struct plan_options *filters = d->view->filters;
    struct state *s = d->view->state;
    if (!filters || (filters->n_envs == 0 && filters->n_only == 0))
        return true;
    for (size_t i = 0; i < s->n_accounts; i++) {
        struct bytes account = state_store_account(s->accounts[i].id);
        const struct state_namespace *entry = state_find_id(s, account, record->id);
        if (entry)
            return planner_in_scope(filters, entry->env, account, entry->address, entry->title);
    }
    return false;
}

static void decide_removals(struct decider *d)
{
    const struct state *s = d->view->state;
    for (size_t i = 0; i < s->n_bindings; i++) {
        const struct state_binding *record = &s->bindings[i];
        if (bytes_equal(record->file, bytes_of(d->config->name)) &&
            !is_wanted(d, record->env, record->binding) && is_inside(d, record))
            decide_removal(d, record);
    }
}

/* ---- What people must know ------------------------------------------------------------------- */

const struct binding_change *binding_change_of(const struct config *config, struct bytes env,
                                               struct bytes name)
{
    for (size_t i = 0; i < config->n_changes; i++) {
        const struct binding_change *change = &config->changes[i];
        if (change->kind <= BINDING_REMOVE && bytes_same(change->env, env) &&
            bytes_equal(change->name, name))
            return change;
    }
    return NULL;
}

/* The declared namespace that has this id, when the file is to bind it in other sections only;
 * SIZE_MAX: there is none. Adds those, "the top level and environment 'live'", to `sections`. */
static size_t other_sections(const struct decider *d, const struct wrangler_binding *b,
                             struct buf *sections)
{
    size_t other = SIZE_MAX;
    for (size_t i = 0; i < d->config->n_wanted; i++) {
        const struct wanted_binding *w = &d->config->wanted[i];
        const struct binding_ids *ids = &d->view->ids[w->ns];
        char section[SECTION_SHOWN_SIZE];
        if (!ids->id.data || !bytes_equal(ids->id, b->id))
            continue;
        if (bytes_same(w->env, b->env))
            return SIZE_MAX;
        other = w->ns;
        buf_addf(sections, "%s%s", sections->len ? " and " : "",
                 wrangler_section_shown(w->env, section));
    }
    return other;
}

static void note_other_environment(struct decider *d, const struct wrangler_binding *b)
{
    char what[BINDING_SHOWN_SIZE], title[QUOTED_SIZE];
    struct buf sections = {0};
    size_t ns = other_sections(d, b, &sections);
    if (ns != SIZE_MAX)
        diag_add(d->notes, DIAG_WARNING, "wrangler.other_environment", d->config->decl->pos,
                 "%s has the id of namespace %s, which belongs to %s",
                 binding_shown(d->config, b->env, b->binding, b->line, what),
                 text_quoted(d->view->m->namespaces[ns].title, title, sizeof title), sections.data);
    buf_release(&sections);
}

static void note_stale(struct decider *d, const struct wrangler_binding *b, const char *member,
                       struct bytes id)
{
    char what[BINDING_SHOWN_SIZE];
    if (id.len == 0 || !is_gone(d, b->env, id))
        return;
    diag_add(d->notes, DIAG_WARNING, "wrangler.stale", d->config->decl->pos,
             "%s has the %s %.*s, and no namespace of the account has that id",
             binding_shown(d->config, b->env, b->binding, b->line, what), member, BYTES_FMT(id));
}

static void note_ids(struct decider *d)
{
    for (size_t i = 0; i < d->config->content.n_bindings; i++) {
        const struct wrangler_binding *b = &d->config->content.bindings[i];
        if (d->view->destroy ||
            (!d->view->as_is && binding_change_of(d->config, b->env, b->binding)))
            continue;
        if (b->id.len)
            note_other_environment(d, b);
        note_stale(d, b, "id", b->id);
        note_stale(d, b, "preview_id", b->preview_id);
    }
}

/* Once the account of its section is what it should be. */
static bool comes_later(const struct decider *d, struct bytes env, struct bytes name)
{
    for (size_t i = 0; i < d->config->n_wanted; i++) {
        const struct wanted_binding *w = &d->config->wanted[i];
        if (w->elsewhere && bytes_same(w->env, env) && bytes_equal(w->name, name))
            return true;
    }
    return false;
}

static bool will_have(const struct decider *d, struct bytes env, struct bytes name)
{
    const struct binding_change *change = binding_change_of(d->config, env, name);
    if (comes_later(d, env, name))
        return true;
    return change ? change->kind != BINDING_REMOVE
                  : wrangler_config_binding(&d->config->content, env, name) != NULL;
}

/* true when cfkv has bindings in that section, so that it has a list of its own. */
static bool is_served(const struct decider *d, struct bytes env)
{
    for (size_t i = 0; i < d->config->n_wanted; i++)
        if (bytes_same(d->config->wanted[i].env, env))
            return true;
    return false;
}

static bool is_wanted_on_top(const struct decider *d, struct bytes name)
{
    for (size_t i = 0; i < d->config->n_wanted; i++)
        if (!d->config->wanted[i].env.data && bytes_equal(d->config->wanted[i].name, name))
            return true;
    return false;
}

/* true when the section is to bind the namespace, by whatever name. */
static bool is_wanted_in(const struct decider *d, struct bytes env, size_t ns)
{
    for (size_t i = 0; i < d->config->n_wanted; i++)
        if (d->config->wanted[i].ns == ns && bytes_same(d->config->wanted[i].env, env))
            return true;
    return false;
}

static void add_name(struct buf *names, struct bytes name)
{
    buf_addf(names, "%s%.*s", names->len ? ", " : "", BYTES_FMT(name));
}

/* wrangler warns of these too, at each deploy (but for [previews], which inherits as little). Those
 * of somebody else are told where cfkv's own bring the warning about. */
static void note_not_inherited(struct decider *d, struct bytes env)
{
    const struct wrangler_config *content = &d->config->content;
    struct buf lacks = {0};
    char section[SECTION_SHOWN_SIZE], file[QUOTED_SIZE];
    for (size_t i = 0; i < d->config->n_wanted; i++) {
        const struct wanted_binding *w = &d->config->wanted[i];
        if (!w->env.data && !will_have(d, env, w->name) && !is_wanted_in(d, env, w->ns))
            add_name(&lacks, w->name);
    }
    for (size_t i = 0; i < content->n_bindings && is_served(d, env); i++) {
        const struct wrangler_binding *b = &content->bindings[i];
        if (!b->env.data && !is_wanted_on_top(d, b->binding) && will_have(d, b->env, b->binding) &&
            !will_have(d, env, b->binding))
            add_name(&lacks, b->binding);
    }
    if (lacks.len)
        diag_add(d->notes, DIAG_WARNING, "wrangler.not_inherited", d->config->decl->pos,
                 "%s of %s has no binding %s: %s inherit those of the top level",
                 wrangler_section_shown(env, section),
                 text_quoted(bytes_of(d->config->name), file, sizeof file), lacks.data,
                 wrangler_is_previews(env) ? "it does not" : "environments do not");
    buf_release(&lacks);
}

/* wrangler warns of these only once the environment has a section, and that is made by the edit. */
static void note_new_environment(struct decider *d, struct bytes env)
{
    struct bytes lacks = d->config->content.uninherited;
    char section[QUOTED_SIZE], file[QUOTED_SIZE];
    if (d->config->exists && lacks.data)
        diag_add(d->notes, DIAG_WARNING, "wrangler.not_inherited", d->config->decl->pos,
                 "environment %s is new in %s, and environments do not inherit %.*s of the top "
                 "level",
                 text_quoted(env, section, sizeof section),
                 text_quoted(bytes_of(d->config->name), file, sizeof file), BYTES_FMT(lacks));
}

static void note_environments(struct decider *d)
{
    const struct wrangler_config *content = &d->config->content;
    if (is_served(d, bytes_of(WRANGLER_PREVIEWS)))
        note_not_inherited(d, bytes_of(WRANGLER_PREVIEWS));
    for (size_t i = 0; i < content->n_environments; i++)
        note_not_inherited(d, content->environments[i].name);
    for (size_t i = 0; i < d->config->n_changes; i++) {
        struct bytes env = d->config->changes[i].env;
        bool told = !env.data || wrangler_is_previews(env) ||
                    d->config->changes[i].kind != BINDING_ADD ||
                    wrangler_config_environment(content, env) != NULL;
        for (size_t j = 0; j < i && !told; j++)
            told = bytes_same(d->config->changes[j].env, env);
        if (told)
            continue;
        note_not_inherited(d, env);
        note_new_environment(d, env);
    }
}

/* ---- All ------------------------------------------------------------------------------------- */

void bindings_decide(struct configs *c, const struct config_view *view, struct diag_list *notes)
{
    for (size_t i = 0; i < c->n; i++) {
        struct config *config = &c->items[i];
        struct decider d = {.view = view, .config = config, .notes = notes};
        config->n_changes = 0;
        config_guard_accounts(config, view, notes);
        for (size_t w = 0; !view->destroy && w < config->n_wanted; w++)
            decide_wanted(&d, &config->wanted[w]);
        decide_removals(&d);
        note_ids(&d);
        if (!view->destroy)
            note_environments(&d);
    }
}
