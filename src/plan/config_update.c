#include "config_update.h"

#include "base/mem.h"
#include "base/text.h"
#include "before_after.h"
#include "bindings.h"
#include "config_notes.h"
#include "config_reads.h"
#include "dev_data.h"
#include "local_ids.h"
#include "render.h"

/* ---- Reading, for a plan --------------------------------------------------------------------- */

/* A saved plan is for the configs as they were. */
static void keep_source(struct planner *pl, const struct config *config)
{
    struct plan *p = pl->p;
    if (!config->exists)
        return;
    arena_grow(&p->arena, (void **)&p->sources, &p->cap_sources, p->n_sources + 1,
               sizeof *p->sources);
    p->sources[p->n_sources++] = (struct input_file){
        .path = config->name,
        .size = config->text.len,
        .digest = hash_sha256(buf_bytes(&config->text)),
    };
}

bool plan_configs_read(struct planner *pl, struct error *err)
{
    struct configs *configs = pl->p->configs;
    if (!configs_read(configs, pl->m, pl->t->root, &pl->p->notes, err))
        return false;
    for (size_t i = 0; i < configs->n; i++)
        keep_source(pl, &configs->items[i]);
    return true;
}

/* ---- Ids ------------------------------------------------------------------------------------- */

static struct binding_ids known_ids(const struct planner *pl, size_t ns)
{
    const struct plan *p = pl->p;
    size_t preview = model_preview(pl->m, ns);
    struct binding_ids ids = {.id = p->ids[ns]};
    if (p->local_ids)
        return local_ids_binding(pl, ns);
    if (preview != SIZE_MAX)
        ids.preview_id = p->ids[preview];
    return ids;
}

struct binding_ids *plan_binding_ids(const struct planner *pl)
{
    struct binding_ids *ids = mem_zalloc(pl->m->n_namespaces + 1, sizeof *ids);
    for (size_t i = 0; i < pl->m->n_namespaces; i++)
        ids[i] = known_ids(pl, i);
    return ids;
}

/* ---- What the target tells ------------------------------------------------------------------- */

/* An id of a config as the service tells it: in small letters. */
static struct bytes told_id(const struct planner *pl, struct bytes id)
{
    char *told = arena_alloc(&pl->p->arena, id.len + 1, 1);
    for (size_t i = 0; i < id.len; i++)
        told[i] = id.data[i] >= 'A' && id.data[i] <= 'F' ? (char)(id.data[i] | 0x20) : id.data[i];
    return wrangler_id_is_real(id) ? bytes_make(told, id.len) : id;
}

/* An id names one namespace, whatever the account. */
static size_t live_of_id(const struct planner *pl, struct bytes id)
{
    for (size_t i = 0; i < pl->o->n; i++)
        if (bytes_equal(pl->o->namespaces[i].id, id))
            return i;
    return OBSERVE_NONE;
}

static bool is_gone(void *ctx, struct bytes account, struct bytes id)
{
    const struct planner *pl = ctx;
    if (account.len == 0)
        account = pl->m->project.account_id;
    if (observed_anywhere(pl->o, told_id(pl, id)) || observed_is_short(pl->o, account))
        return false;
    /* What is no id at all nothing can have. */
    return id_valid(id) ? observed_is_gone(pl->o, account, id) : observed_lists(pl->o, account);
}

static bool owner_of(void *ctx, struct bytes account, struct bytes id, struct bytes *title)
{
    const struct planner *pl = ctx;
    size_t live = live_of_id(pl, told_id(pl, id));
    if (live != OBSERVE_NONE)
        *title = pl->o->namespaces[live].title;
    return live != OBSERVE_NONE ||
           observed_lists(pl->o, account.len ? account : pl->m->project.account_id);
}

static bool is_kept(void *ctx, struct bytes id)
{
    const struct planner *pl = ctx;
    size_t live = live_of_id(pl, id);
    for (size_t i = 0; i < pl->p->n_removals; i++)
        if (pl->p->removals[i].live == live && pl->p->removals[i].deleted)
            return false;
    return live != OBSERVE_NONE;
}

/* ---- Actions --------------------------------------------------------------------------------- */

static const char *reason_of(const struct planner *pl, const struct config *config)
{
    size_t counts[BINDING_REMOVE + 1] = {0};
    static const char *const words[] = {"added", "changed", "removed"};
    struct buf reason = {0};
    for (size_t i = 0; i < config->n_changes; i++)
        if (config->changes[i].kind <= BINDING_REMOVE)
            counts[config->changes[i].kind]++;
    for (size_t k = 0; k <= BINDING_REMOVE; k++)
        if (counts[k])
            buf_addf(&reason, "%s%zu binding%s %s", reason.len ? ", " : "", counts[k],
                     text_plural(counts[k]), words[k]);
    if (!config->exists)
        buf_add_str(&reason, "; the file does not exist yet");
    const char *kept = arena_str(&pl->p->arena, reason.data);
    buf_release(&reason);
    return kept;
}

#define PLACEHOLDER_SHOWN 64 /* characters */

/* One member of a binding: what it has and what it gets; `after` data NULL: not known yet. */
static void add_member(struct buf *out, const char *label, enum binding_change_kind kind,
                       struct bytes before, struct bytes after)
{
    buf_addf(out, "  %s ", label);
    if (!after.data)
        after = bytes_of("(known after apply)");
    bool replaces = before.data && !wrangler_id_is_real(before);
    if (kind == BINDING_REMOVE) {
        add_shown(out, before.len ? before : bytes_of("(none)"), SIZE_MAX);
    } else if (kind == BINDING_ADD) {
        add_shown(out, after, SIZE_MAX);
    } else if (replaces) {
        add_shown(out, after, SIZE_MAX);
        buf_add_str(out, " replaces the placeholder ");
        add_shown(out, before.len ? before : bytes_of("\"\""), PLACEHOLDER_SHOWN);
    } else {
        add_shown(out, before.len ? before : bytes_of("(none)"), SIZE_MAX);
        buf_add_str(out, " -> ");
        add_shown(out, after, SIZE_MAX);
    }
}

static void add_line(const struct binding_change *change, const struct binding_ids *ids,
                     struct buf *out)
{
    static const char signs[] = {'+', '~', '-'};
    struct binding_ids none = {0};
    const struct binding_ids *new = change->ns == CONFIG_NONE ? &none : &ids[change->ns];
    bool removes = change->kind == BINDING_REMOVE;
    buf_addf(out, "      %c ", signs[change->kind]);
    if (change->env.data) {
        add_shown(out, change->env, SIZE_MAX);
        buf_add_char(out, ' ');
    }
    add_shown(out, change->name, SIZE_MAX);
    if (removes || change->sets_id)
        add_member(out, "id", change->kind, change->id, new->id);
    if ((removes && change->preview_id.data) || change->sets_preview)
        add_member(out, "preview_id", change->kind, change->preview_id, new->preview_id);
    else if (change->drop_preview)
        add_member(out, "preview_id", change->kind, change->preview_id, bytes_of("(none)"));
    buf_add_char(out, '\n');
}

static struct bytes show_lines(const struct planner *pl, const struct config *config,
                               const struct binding_ids *ids)
{
    struct buf lines = {0};
    for (size_t i = 0; i < config->n_changes; i++)
        if (config->changes[i].kind <= BINDING_REMOVE)
            add_line(&config->changes[i], ids, &lines);
    struct bytes kept = arena_copy(&pl->p->arena, buf_bytes(&lines));
    buf_release(&lines);
    return kept;
}

static void plan_config(struct planner *pl, size_t index, const struct binding_ids *ids)
{
    const struct config *config = &pl->p->configs->items[index];
    if (!config_is_stale(config))
        return;
    struct action *a = planner_action(pl, ACTION_FILE, ACTION_WRITE, reason_of(pl, config));
    a->title = bytes_of(config->name);
    a->pos = config->decl->pos;
    a->index = index;
    show_bindings(pl, config, ids, a);
    a->lines = show_lines(pl, config, ids);
}

void plan_configs_decide(struct planner *pl, const struct binding_ids *ids, bool as_is)
{
    const struct plan_options *o = &pl->p->options;
    bool *left_out = mem_zalloc(pl->m->n_namespaces + 1, sizeof *left_out);
    struct bytes *accounts = mem_zalloc(pl->m->n_namespaces + 1, sizeof *accounts);
    for (size_t i = 0; !o->destroy && i < pl->m->n_namespaces; i++) {
        left_out[i] = !pl->p->resolutions[i].in_scope;
        accounts[i] = planner_account(pl, i);
    }
    struct config_view view = {
        .m = pl->m,
        .state = &pl->t->state,
        .other = pl->t->local ? &pl->t->remote : NULL,
        .ids = ids,
        .left_out = left_out,
        .filters = o,
        .local = pl->t->local != NULL,
        .destroy = o->destroy,
        .take_over = o->take_over,
        .as_is = as_is,
        .project = pl->t->project,
        .gone = pl->t->local || o->refresh == REFRESH_NONE ? NULL : is_gone,
        .kept = is_kept,
        .owner = owner_of,
        .ctx = pl,
        .accounts = accounts,
        .deploy_account = o->deploy_account,
    };
    bindings_decide(pl->p->configs, &view, &pl->p->notes);
    mem_free(left_out);
    mem_free(accounts);
}

static void note_programs(struct planner *pl, const struct binding_ids *ids)
{
    struct config_programs programs = {0};
    if (!pl->p->options.destroy)
        config_programs_find(&programs, pl->p->configs, pl->m, pl->t->root, ids);
    config_programs_note(&programs, false, &pl->p->notes);
    config_programs_release(&programs);
}

void plan_configs(struct planner *pl)
{
    struct binding_ids *ids = plan_binding_ids(pl);
    plan_configs_decide(pl, ids, false);
    configs_note_redirected(pl->p->configs, pl->t->root, &pl->p->notes);
    if (!pl->t->local)
        configs_note_dev_data(pl->p->configs, pl->t->root, &pl->p->notes);
    note_programs(pl, ids);
    for (size_t i = 0; i < pl->p->configs->n; i++)
        plan_config(pl, i, ids);
    mem_free(ids);
}

/* ---- Without a plan: what is recorded -------------------------------------------------------- */

/* What the local store records is the id of the data. A config holds the account's ids where those
 * lead there, and never as its id what somebody else wrote as a preview_id. */
static void find_ids(struct config_update *u, const struct model *m, struct target *t, size_t ns,
                     struct bytes account)
{
    struct binding_ids *ids = &u->ids[ns];
    *ids = recorded_ids(&t->state, m, ns, t->local ? bytes_make(NULL, 0) : account);
    if (!t->local || !ids->id.data)
        return;
    struct binding_ids remote = recorded_ids(&t->remote, m, ns, account);
    const struct state_namespace *entry =
        state_find_id(&t->state, recorded_account(&t->state, ids->id), ids->id);
    ids->preview_id = ids->id;
    if (remote.id.data &&
        (entry->borrowed || bytes_equal(binding_data_id(&remote), ids->preview_id)))
        ids->id = remote.id;
    else if (entry->borrowed)
        ids->id = bytes_of(target_new_id(t, &u->configs.arena, m->namespaces[ns].title));
}

static void note_unapplied(struct config_update *u, const struct model *m, const bool *left_out)
{
    for (size_t i = 0; i < u->configs.n; i++) {
        const struct config *config = &u->configs.items[i];
        for (size_t j = 0; j < config->n_wanted; j++) {
            size_t ns = config->wanted[j].ns;
            char title[QUOTED_SIZE];
            if (u->ids[ns].id.data || left_out[ns])
                continue;
            u->unapplied++;
            if (j > 0 && config->wanted[j - 1].ns == ns)
                continue; /* told of its first section */
            diag_add(&u->notes, DIAG_WARNING, "wrangler.unapplied", m->namespaces[ns].pos,
                     "namespace %s has no recorded id yet, so '%s' cannot name it",
                     text_quoted(m->namespaces[ns].title, title, sizeof title), config->name);
            diag_hint(&u->notes, "cfkv apply creates it");
        }
    }
}

static bool owner_recorded(void *ctx, struct bytes account, struct bytes id, struct bytes *title)
{
    struct state *s = ctx;
    (void)account; /* an id names one namespace, whatever the account */
    for (size_t i = 0; i < s->n_accounts; i++) {
        const struct state_namespace *entry = state_find_id(s, s->accounts[i].id, id);
        if (entry)
            *title = entry->title;
    }
    return title->data != NULL;
}

static void decide(struct config_update *u, const struct model *m, struct target *t,
                   const struct plan_options *options)
{
    bool *left_out = mem_zalloc(m->n_namespaces + 1, sizeof *left_out);
    struct bytes *accounts = mem_zalloc(m->n_namespaces + 1, sizeof *accounts);
    for (size_t i = 0; i < m->n_namespaces; i++) {
        left_out[i] = !planner_takes_recorded(options, m, &t->state, &m->namespaces[i]);
        accounts[i] = recorded_account(&t->state, u->ids[i].id);
    }
    note_unapplied(u, m, left_out);
    for (size_t i = 0; i < m->n_namespaces; i++)
        left_out[i] = left_out[i] || !u->ids[i].id.data;
    struct config_view view = {
        .m = m,
        .state = &t->state,
        .other = t->local ? &t->remote : NULL,
        .ids = u->ids,
        .left_out = left_out,
        .filters = options,
        .local = t->local != NULL,
        .take_over = options->take_over,
        .project = t->project,
        .owner = owner_recorded,
        .ctx = &t->state,
        .accounts = accounts,
        .deploy_account = options->deploy_account,
    };
    bindings_decide(&u->configs, &view, &u->notes);
    configs_note_redirected(&u->configs, t->root, &u->notes);
    configs_note_dev_data(&u->configs, t->root, &u->notes);
    config_programs_find(&u->programs, &u->configs, m, t->root, u->ids);
    mem_free(left_out);
    mem_free(accounts);
    diag_sort(&u->notes);
}

bool config_update_find(struct config_update *u, const struct model *m, struct target *t,
                        const struct plan_options *options, struct bytes account, struct error *err)
{
    u->ids = mem_zalloc(m->n_namespaces + 1, sizeof *u->ids);
    for (size_t i = 0; i < m->n_namespaces; i++)
        find_ids(u, m, t, i, account);
    if (!configs_read(&u->configs, m, t->root, &u->notes, err) ||
        !configs_check(&u->configs, m, &u->notes, err))
        return false;
    decide(u, m, t, options);
    return true;
}

void config_update_release(struct config_update *u)
{
    configs_release(&u->configs);
    config_programs_release(&u->programs);
    mem_free(u->ids);
    diag_release(&u->notes);
    *u = (struct config_update){0};
}

bool config_update_write(const struct config_update *u, const struct config *config,
                         const struct model *m, struct target *t, struct error *err)
{
    return (!config_is_stale(config) || config_write(config, m, u->ids, err)) &&
           configs_record(config, u->ids, &t->state, err) && state_commit(&t->state, err);
}
