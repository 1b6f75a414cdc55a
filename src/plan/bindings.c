#include "bindings.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "config_guards.h"
#include "local_bindings.h"
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

static struct binding_change *change_wanted(struct decider *d, enum binding_change_kind kind,
                                            const struct wanted_binding *w)
{
    struct binding_change *change = add_change(d, kind, w->env, w->name);
    change->ns = w->ns;
    if (w->there) {
        change->id = w->there->id;
        change->preview_id = w->there->preview_id;
    }
    return change;
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

/* The service tells ids in small letters; in a config either case is an id. */
static bool is_same_id(struct bytes a, struct bytes b)
{
    size_t i = 0;
    while (i < a.len && i < b.len && text_hex_digit(a.data[i]) >= 0 &&
           text_hex_digit(a.data[i]) == text_hex_digit(b.data[i]))
        i++;
    return i == a.len && i == b.len && i > 0;
}

/* true when what the binding has as its id (or its preview_id) may be replaced. That cfkv wrote the
 * one says nothing of the other. */
static bool may_replace(const struct decider *d, const struct wanted_binding *w, bool preview)
{
    struct bytes id = preview ? w->there->preview_id : w->there->id;
    const struct binding_ids *ids = &d->view->ids[w->ns];
    const struct state_binding *record = record_of(d, w->env, w->name);
    bool is_ours = record && (preview ? record->preview_id.data : record->id.data);
    return !wrangler_id_is_real(id) || d->view->take_over || is_ours || is_local_id(d, w->ns, id) ||
           is_same_id(id, preview ? ids->preview_id : ids->id) || is_gone(d, w->env, id);
}

/* ---- What is wanted -------------------------------------------------------------------------- */

static void decide_new(struct decider *d, const struct wanted_binding *w)
{
    const struct binding_ids *ids = &d->view->ids[w->ns];
    struct binding_change *change = change_wanted(d, BINDING_ADD, w);
    change->sets_id = change->owns_id = true;
    change->sets_preview = change->owns_preview =
        d->view->local ? !bytes_equal(binding_data_id(ids), ids->id) : has_preview(d, w->ns);
}

/* true when it is recorded that the member is cfkv's, as it stands there. */
static bool is_recorded(const struct decider *d, const struct wanted_binding *w, bool preview)
{
    const struct state_binding *record = record_of(d, w->env, w->name);
    struct bytes there = preview ? w->there->preview_id : w->there->id;
    struct bytes recorded = bytes_make(NULL, 0);
    if (record)
        recorded = preview ? record->preview_id : record->id;
    return there.len && recorded.data && bytes_equal(recorded, there);
}

/* A preview_id of the user's that is none: only a declared preview fills it. */
static void note_placeholder_preview(struct decider *d, const struct wanted_binding *w)
{
    char what[BINDING_SHOWN_SIZE], word[QUOTED_SIZE];
    if (!w->there->preview_id.data || wrangler_id_is_real(w->there->preview_id) ||
        has_preview(d, w->ns))
        return;
    diag_add(d->notes, DIAG_WARNING, "wrangler.placeholder", d->view->m->namespaces[w->ns].pos,
             "%s has the placeholder %s for its preview_id, which stays",
             binding_shown(d->config, w->env, w->name, w->there->line, what),
             text_quoted(w->there->preview_id, word, sizeof word));
    diag_hint(d->notes, "preview = true in its declaration makes a namespace for it; cfkv apply "
                        "--local fills it for wrangler dev");
}

/* A change that only records, when that is so already, is none. */
static void drop_known_record(struct decider *d)
{
    const struct binding_change *change = &d->config->changes[d->config->n_changes - 1];
    const struct state_binding *old = record_of(d, change->env, change->name);
    struct state_binding new = config_record_after(d->config, change, d->view->ids);
    if (old ? bytes_same(old->id, new.id) && bytes_same(old->preview_id, new.preview_id)
            : !new.id.data && !new.preview_id.data)
        d->config->n_changes--;
}

static void change_there(struct decider *d, const struct wanted_binding *w,
                         const struct local_write *write)
{
    bool changes = write->id || write->preview || write->drop_preview;
    struct binding_change *change = change_wanted(d, changes ? BINDING_SET : BINDING_RECORD, w);
    change->sets_id = write->id;
    change->sets_preview = write->preview;
    change->drop_preview = write->drop_preview;
    change->owns_id = write->id || is_recorded(d, w, false);
    change->owns_preview = write->preview || (!write->drop_preview && is_recorded(d, w, true));
}

static bool differs(struct bytes wanted, struct bytes there)
{
    return !wanted.data || !bytes_equal(wanted, there);
}

static void decide_remote(struct decider *d, const struct wanted_binding *w)
{
    const struct binding_ids *ids = &d->view->ids[w->ns];
    bool left_to_wrangler = !w->there->id.data && d->config->decl->ids == IDS_AUTO;
    struct local_write write = {.id = !left_to_wrangler && differs(ids->id, w->there->id),
                                .preview = has_preview(d, w->ns) &&
                                           differs(ids->preview_id, w->there->preview_id),
                                .drop_preview = !has_preview(d, w->ns) && is_recorded(d, w, true)};
    bool foreign_id = write.id && !may_replace(d, w, false);
    bool foreign_preview = write.preview && !may_replace(d, w, true);
    if (foreign_id)
        config_guard_foreign(d->config, d->view, w, false, d->notes);
    if (foreign_preview)
        config_guard_foreign(d->config, d->view, w, true, d->notes);
    if (foreign_id || foreign_preview)
        return;
    size_t n = d->config->n_changes;
    change_there(d, w, &write);
    struct binding_change *change = &d->config->changes[n];
    change->owns_id = !left_to_wrangler;
    change->owns_preview = change->owns_preview || (has_preview(d, w->ns) && !write.preview);
    if (change->kind == BINDING_RECORD)
        drop_known_record(d);
    if (d->config->n_changes > n)
        note_placeholder_preview(d, w);
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
             "%s has the %s %.*s, so wrangler dev does not see what is seeded %s",
             binding_shown(d->config, w->env, w->name, w->there->line, what),
             w->there->preview_id.data ? "preview_id"
             : w->there->id.data       ? "id"
                                       : "name",
             BYTES_FMT(there), place.data);
    diag_hint(d->notes, "take the id out of the file: cfkv apply --local writes the namespace's");
    buf_release(&place);
}

/* Locally what is somebody's stays, and nothing needs to be recorded of it. */
static void decide_local(struct decider *d, const struct wanted_binding *w)
{
    const struct binding_ids *ids = &d->view->ids[w->ns];
    struct local_scribe scribe = {d->view->state, d->view->other, d->view->project};
    struct local_write write = local_write_of(&scribe, d->config, d->view->m, w, ids);
    struct bytes data = binding_data_id(ids);
    bool sees = data.data ? bytes_equal(local_word_after(w->there, &write, ids), data)
                          : write.preview || (write.id && !w->there->preview_id.data);
    if (write.id || write.preview || write.drop_preview)
        change_there(d, w, &write);
    if (!sees)
        note_other_id(d, w, binding_word(w->there), data);
}

static void decide_wanted(struct decider *d, const struct wanted_binding *w)
{
    if (w->elsewhere || (d->view->left_out && d->view->left_out[w->ns]))
        return;
    if (!w->there)
        decide_new(d, w);
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

/* true when nobody's preview_id stands there: none, a placeholder, or one of cfkv's. */
static bool covers_preview(const struct decider *d, const struct state_binding *record,
                           const struct wrangler_binding *b)
{
    const struct state_binding *other =
        d->view->other ? config_record(d->config, d->view->other, b->env, b->binding) : NULL;
    return !wrangler_id_is_real(b->preview_id) || bytes_equal(record->preview_id, b->preview_id) ||
           (other && bytes_equal(other->preview_id, b->preview_id)) ||
           (!record->preview_id.data && is_gone(d, b->env, b->preview_id));
}

static bool is_untouched_id(const struct state_binding *record, const struct wrangler_binding *b)
{
    return bytes_equal(record->id, b->id) &&
           (!record->preview_id.data || bytes_equal(record->preview_id, b->preview_id));
}

/* true when the binding still is as cfkv wrote it. */
static bool is_untouched(const struct decider *d, const struct state_binding *record,
                         const struct wrangler_binding *b)
{
    return is_untouched_id(record, b) && covers_preview(d, record, b);
}

/* true when it is what an apply to the account wrote there since: that one will take it out. */
static bool is_accounts(const struct decider *d, const struct wrangler_binding *b)
{
    const struct state_binding *record =
        d->view->other ? config_record(d->config, d->view->other, b->env, b->binding) : NULL;
    return record && is_untouched(d, record, b);
}

static void note_stays(struct decider *d, const struct state_binding *record,
                       const struct wrangler_binding *b)
{
    char what[BINDING_SHOWN_SIZE];
    binding_shown(d->config, b->env, b->binding, b->line, what);
    if (is_untouched_id(record, b))
        diag_add(d->notes, DIAG_WARNING, "wrangler.changed", d->config->decl->pos,
                 "%s is declared no more and stays: cfkv did not write its preview_id %.*s", what,
                 BYTES_FMT(b->preview_id));
    else
        diag_add(d->notes, DIAG_WARNING, "wrangler.changed", d->config->decl->pos,
                 "%s is declared no more and was changed by hand; it stays", what);
    diag_hint(d->notes, "take it out of the file where nothing needs it any more");
}

static void decide_removal(struct decider *d, const struct state_binding *record)
{
    struct bytes env = record->env.len ? record->env : bytes_make(NULL, 0);
    const struct wrangler_binding *b =
        d->config->exists ? wrangler_config_binding(&d->config->content, env, record->binding)
                          : NULL;
    bool kept = d->view->destroy && d->view->kept && d->view->kept(d->view->ctx, record->id);
    bool remove = b && is_untouched(d, record, b) && !kept;
    if (b && !is_untouched(d, record, b) && !is_accounts(d, b))
        note_stays(d, record, b);
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
    if (!filters || !plan_is_filtered(filters))
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
        /* One that stays in a binding of cfkv's was told when that became cfkv's. */
        if (d->view->as_is || wrangler_id_is_real(b->preview_id) ||
            !is_wanted(d, b->env, b->binding))
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
