#include "audit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "config_notes.h"
#include "config_update.h"
#include "unlisted.h"
#include "local_ids.h"
#include "planner.h"

struct auditor {
    struct audit *a;
    struct planner pl;
    size_t *owners;      /* per live namespace: the declaration that it is; SIZE_MAX: of none */
    struct bound *bound; /* the ids in wrangler configs */
    size_t n_bound, cap_bound;
};

/* ---- Rows ------------------------------------------------------------------------------------ */

static void add_row(struct auditor *au, struct audit_row row)
{
    struct audit *a = au->a;
    mem_grow((void **)&a->rows, &a->cap, a->n + 1, sizeof *a->rows);
    a->rows[a->n++] = row;
}

static bool entry_in_scope(const struct auditor *au, struct bytes account,
                           const struct state_namespace *entry)
{
    return planner_in_scope(&au->pl.p->options, entry->env, account, entry->address, entry->title);
}

static bool title_in_scope(const struct auditor *au, struct bytes account, struct bytes title)
{
    struct bytes none = bytes_make(NULL, 0);
    return planner_in_scope(&au->pl.p->options, none, account, none, title);
}

/* The first record of it in the state of another project. */
static size_t find_elsewhere(const struct auditor *au, struct bytes account, struct bytes id)
{
    return au->a->below && id.data ? below_entry_of(au->a->below, account, id) : MAP_NONE;
}

static bool live_in_scope(const struct auditor *au, const struct audit_row *row)
{
    size_t other = row->elsewhere;
    bool in_scope =
        (row->entry && entry_in_scope(au, row->account, row->entry)) ||
        (row->decl && au->pl.p->resolutions[row->decl - au->pl.m->namespaces].in_scope) ||
        title_in_scope(au, row->account, row->title);
    for (; !in_scope && other != MAP_NONE;
         other = below_entry_next(au->a->below, row->account, other))
        in_scope = entry_in_scope(au, row->account, &au->a->below->entries[other].ns);
    return in_scope;
}

static void add_live(struct auditor *au, size_t live)
{
    const struct planner *pl = &au->pl;
    const struct observed_namespace *seen = &pl->o->namespaces[live];
    size_t ns = au->owners[live];
    const struct state_namespace *entry = ns == SIZE_MAX ? NULL : planner_entry(pl, ns);
    if (!entry)
        entry = state_find_id(&pl->t->state, seen->account, seen->id);
    struct audit_row row = {
        .account = seen->account,
        .id = seen->id,
        .title = seen->title,
        .live = seen,
        .entry = entry,
        .decl = ns != SIZE_MAX ? &pl->m->namespaces[ns] : NULL,
        .elsewhere = find_elsewhere(au, seen->account, seen->id),
    };
    row.status = entry                       ? AUDIT_MANAGED
                 : row.decl                  ? AUDIT_DECLARED
                 : row.elsewhere != MAP_NONE ? AUDIT_FOREIGN
                                             : AUDIT_ORPHAN; /* so far */
    row.address = entry ? entry->address : row.decl ? row.decl->address : row.address;
    if (live_in_scope(au, &row))
        add_row(au, row);
}

/* Locally a namespace may be on its way to another id: it lives under the new one already. */
static bool is_live(const struct planner *pl, struct bytes account,
                    const struct state_namespace *entry)
{
    bool live = observed_by_id(pl->o, account, entry->id) != OBSERVE_NONE;
    for (size_t i = 0; !live && i < pl->m->n_namespaces; i++)
        live = planner_entry(pl, i) == entry && planner_live(pl, i);
    return live;
}

static void add_gone(struct auditor *au, const struct state_account *section)
{
    struct bytes account = state_store_account(section->id);
    for (size_t i = 0; !section->aside && i < section->n; i++) {
        const struct state_namespace *entry = &section->namespaces[i];
        bool gone = observed_is_gone(au->pl.o, account, entry->id);
        struct audit_row row = {.status = gone ? AUDIT_GONE : AUDIT_MANAGED,
                                .account = account,
                                .address = entry->address,
                                .id = entry->id,
                                .title = entry->title,
                                .entry = entry,
                                .elsewhere = find_elsewhere(au, account, entry->id)};
        if (entry->removed || !entry_in_scope(au, account, entry) ||
            is_live(&au->pl, account, entry))
            continue;
        au->a->unsure += !gone;
        add_row(au, row);
    }
}

/* One that is pinned to a namespace which is another declaration's is not missing. */
static bool is_missing(const struct planner *pl, size_t ns)
{
    const struct resolution *res = &pl->p->resolutions[ns];
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    return res->in_scope && res->live == OBSERVE_NONE && !res->entry_address.data &&
           !(decl->id.data &&
             observed_by_id(pl->o, planner_account(pl, ns), decl->id) != OBSERVE_NONE);
}

static void add_missing(struct auditor *au, size_t ns)
{
    const struct namespace_decl *decl = &au->pl.m->namespaces[ns];
    struct audit_row row = {.status = AUDIT_MISSING,
                            .account = planner_account(&au->pl, ns),
                            .address = decl->address,
                            .id = decl->id,
                            .title = decl->title,
                            .decl = decl,
                            .elsewhere = MAP_NONE};
    if (is_missing(&au->pl, ns))
        add_row(au, row);
}

static void find_owners(struct auditor *au)
{
    const struct planner *pl = &au->pl;
    au->owners = mem_zalloc(pl->o->n + 1, sizeof *au->owners);
    for (size_t i = 0; i < pl->o->n; i++)
        au->owners[i] = SIZE_MAX;
    for (size_t i = 0; i < pl->m->n_namespaces; i++)
        if (pl->p->resolutions[i].live != OBSERVE_NONE)
            au->owners[pl->p->resolutions[i].live] = i;
}

static void add_rows(struct auditor *au)
{
    const struct state *s = &au->pl.t->state;
    find_owners(au);
    for (size_t i = 0; i < au->pl.o->n; i++)
        add_live(au, i);
    for (size_t i = 0; i < s->n_accounts; i++)
        add_gone(au, &s->accounts[i]);
    for (size_t i = 0; i < au->pl.m->n_namespaces; i++)
        add_missing(au, i);
    mem_free(au->owners);
}

/* What has no title comes last. */
static int compare_rows(const void *left, const void *right)
{
    const struct audit_row *a = left, *b = right;
    int order = !a->title.data - !b->title.data;
    if (order == 0)
        order = bytes_compare(a->title, b->title);
    if (order == 0)
        order = bytes_compare(a->id, b->id);
    if (order == 0)
        order = (a->status > b->status) - (a->status < b->status);
    return order ? order : bytes_compare(a->account, b->account);
}

/* The local store is the same one whatever the account, so what is declared for several accounts is
 * listed several times: of each namespace the row that says most stays. */
static void drop_repeats(struct audit *a)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->n; i++)
        if (kept == 0 || !a->rows[i].id.data || !bytes_equal(a->rows[i].id, a->rows[kept - 1].id))
            a->rows[kept++] = a->rows[i];
    a->n = kept;
}

static void order_rows(struct auditor *au)
{
    struct audit *a = au->a;
    if (a->n > 0)
        qsort(a->rows, a->n, sizeof *a->rows, compare_rows);
    if (au->pl.t->local)
        drop_repeats(a);
    for (size_t i = 0; i < a->n; i++) {
        a->counts[a->rows[i].status]++;
        for (int mark = 0; mark < AUDIT_WORDS; mark++)
            a->counts[mark] += a->rows[i].marks >> mark & 1;
    }
}

/* ---- Bindings -------------------------------------------------------------------------------- */

/* An id in a wrangler config, declared or found below the folder. */
struct bound {
    const char *file;
    const struct wrangler_binding *binding;
    struct bytes id;
    struct bytes account; /* in which wrangler looks for it */
    bool preview;
};

static void add_bound(struct auditor *au, const char *file, const struct wrangler_config *content)
{
    struct audit *a = au->a;
    for (size_t i = 0; i < content->n_bindings; i++) {
        const struct wrangler_binding *b = &content->bindings[i];
        struct bytes account = wrangler_config_account(content, b->env).id;
        const struct bytes ids[] = {b->id, b->preview_id};
        for (size_t k = 0; k < 2; k++) {
            if (!wrangler_id_is_real(ids[k]))
                continue;
            arena_grow(&a->arena, (void **)&au->bound, &au->cap_bound, au->n_bound + 1,
                       sizeof *au->bound);
            au->bound[au->n_bound++] =
                (struct bound){.file = file,
                               .binding = b,
                               .id = ids[k],
                               .account = account.len ? account : au->pl.m->project.account_id,
                               .preview = k == 1};
        }
    }
}

static bool is_declared(const struct configs *configs, const char *path)
{
    for (size_t i = 0; i < configs->n; i++)
        if (strcmp(configs->items[i].name, path) == 0)
            return true;
    return false;
}

static void find_bound(struct auditor *au)
{
    const struct configs *configs = au->pl.p->configs;
    const struct below *below = au->a->below;
    for (size_t i = 0; i < configs->n; i++)
        add_bound(au, configs->items[i].name, &configs->items[i].content);
    for (size_t i = 0; below && i < below->n_configs; i++)
        if (!is_declared(configs, below->configs[i].path))
            add_bound(au, below->configs[i].path, &below->configs[i].content);
}

static void bind(struct audit *a, struct audit_row *row, const struct bound *bound)
{
    arena_grow(&a->arena, (void **)&row->bindings, &row->cap_bindings, row->n_bindings + 1,
               sizeof *row->bindings);
    row->bindings[row->n_bindings++] = (struct audit_binding){.file = bound->file,
                                                              .env = bound->binding->env,
                                                              .name = bound->binding->binding,
                                                              .line = bound->binding->line,
                                                              .preview = bound->preview};
}

/* What nobody listed, and what is left out by the filters, is not judged; nor are ids locally,
 * where only what was written is there. */
static bool may_be_stale(const struct auditor *au, const struct bound *bound)
{
    const struct plan_options *o = &au->pl.p->options;
    return !au->pl.t->local && !plan_is_filtered(o) && observed_lists(au->pl.o, bound->account) &&
           !observed_anywhere(au->pl.o, bound->id);
}

/* Each binding to the rows of its id; what no row has is stale, or nobody knows. */
static void find_bindings(struct auditor *au)
{
    struct audit *a = au->a;
    size_t unread = 0;
    for (size_t i = 0; i < au->n_bound; i++) {
        const struct bound *bound = &au->bound[i];
        bool found = false;
        for (size_t k = 0; k < a->n; k++)
            if (bytes_equal(a->rows[k].id, bound->id)) {
                bind(a, &a->rows[k], bound);
                found = true;
            }
        if (found || !may_be_stale(au, bound))
            continue;
        if (!observed_is_gone(au->pl.o, bound->account, bound->id)) {
            unread++;
            continue;
        }
        add_row(au, (struct audit_row){.status = AUDIT_STALE,
                                       .account = bound->account,
                                       .id = bound->id,
                                       .elsewhere = MAP_NONE});
        bind(a, &a->rows[a->n - 1], bound);
    }
    if (unread == 0)
        return;
    diag_add(&au->pl.p->notes, DIAG_WARNING, "audit.unread", (struct srcpos){0},
             "%zu binding%s of wrangler configs %s an id that the listing lacks, and that was not "
             "read: nobody knows whether it is stale",
             unread, text_plural(unread), unread == 1 ? "has" : "have");
    diag_hint(&au->pl.p->notes, "mend those that are told, and run it again: at most %d are read",
              UNLISTED_READS_MAX);
}

static void judge(struct audit *a)
{
    for (size_t i = 0; i < a->n; i++) {
        struct audit_row *row = &a->rows[i];
        if (row->n_bindings > 0 && row->status == AUDIT_ORPHAN)
            row->status = AUDIT_ADOPTABLE;
        if (row->n_bindings > 0 && (row->status == AUDIT_GONE || row->status == AUDIT_MISSING))
            row->marks |= 1u << AUDIT_STALE;
    }
}

/* ---- Titles ---------------------------------------------------------------------------------- */

static bool is_live_row(const struct audit_row *row)
{
    return row->status < AUDIT_GONE;
}

/* What another project made is named as that one wants it. */
static void judge_titles(struct audit *a, const struct model *m)
{
    for (size_t i = 0; i < a->n; i++) {
        struct audit_row *row = &a->rows[i];
        if (!is_live_row(row) || row->status == AUDIT_FOREIGN)
            continue;
        bool follows = title_follows(&m->project, row->title);
        a->naming.found.of++;
        a->naming.found.followed += follows;
        row->marks |= follows ? 0 : 1u << AUDIT_MISNAMED;
    }
}

static void find_template(struct audit *a)
{
    struct bytes *titles = arena_alloc(&a->arena, a->n + 1, sizeof *titles);
    struct buf naming = {0};
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (is_live_row(&a->rows[i]))
            titles[n++] = a->rows[i].title;
    if (titles_template(titles, n, &naming, &a->naming.found))
        a->naming.naming = arena_copy(&a->arena, buf_bytes(&naming));
    buf_release(&naming);
}

static void find_naming(struct audit *a, const struct model *m)
{
    a->naming.declared = titles_have_naming(m);
    if (a->naming.declared) {
        a->naming.naming = m->project.naming;
        judge_titles(a, m);
    } else if (!a->configuration) {
        find_template(a);
    }
}

/* ---- Looking --------------------------------------------------------------------------------- */

/* The account that is named, or that the credentials are for, counts even when nothing is declared
 * or recorded in it. */
static bool observe_default(struct planner *pl, struct error *err)
{
    struct bytes account = pl->m->project.account_id;
    bool concerned = account.len > 0 || pl->m->n_namespaces == 0;
    return !concerned || observe_namespaces_once(pl->o, account, err);
}

/* What would stop an apply does not stop a report. */
static void note_configs(struct planner *pl)
{
    struct error unheard;
    struct diag_list *notes = &pl->p->notes;
    configs_check(pl->p->configs, pl->m, notes, &unheard);
    struct binding_ids *ids = plan_binding_ids(pl);
    plan_configs_decide(pl, ids, true);
    mem_free(ids);
    for (size_t i = 0; i < notes->n; i++)
        notes->items[i].severity = DIAG_WARNING;
    notes->errors = 0;
    diag_sort(notes);
}

/* Ids of configs are read, too, before anybody calls them stale. */
static bool settle_unlisted(struct auditor *au, struct error *err)
{
    const struct planner *pl = &au->pl;
    struct unlisted_id *others = arena_alloc(&au->a->arena, au->n_bound + 1, sizeof *others);
    for (size_t i = 0; i < au->n_bound; i++)
        others[i] = (struct unlisted_id){au->bound[i].account, au->bound[i].id};
    struct unlisted unlisted = {.o = pl->o,
                                .m = pl->m,
                                .state = &pl->t->state,
                                .configs = pl->p->configs,
                                .others = others,
                                .n_others = au->n_bound,
                                .options = &pl->p->options,
                                .notes = &pl->p->notes};
    target_note_clock(pl->t, pl->p->options.now, &pl->p->notes);
    return unlisted_settle(&unlisted, err);
}

bool audit_find(struct audit *a, struct plan *p, const struct model *m, struct target *t,
                const struct plan_options *options, struct error *err)
{
    struct plan_options names = *options;
    names.refresh = REFRESH_NAMES;
    plan_start(p, m, t, &names);
    struct auditor au = {.a = a, .pl = {.p = p, .m = m, .t = t, .o = p->observed}};
    if (!plan_configs_read(&au.pl, err) || !resolve_accounts(&au.pl, true, err) ||
        !observe_default(&au.pl, err))
        return false;
    find_bound(&au);
    if (!settle_unlisted(&au, err))
        return false;
    local_ids_choose(&au.pl);
    resolve_declarations(&au.pl);
    add_rows(&au);
    find_bindings(&au);
    judge(a);
    find_naming(a, m);
    order_rows(&au);
    unlisted_verdict(p->observed, a->unsure, &a->verdict);
    note_configs(&au.pl);
    return true;
}

void audit_release(struct audit *a)
{
    mem_free(a->rows);
    arena_release(&a->arena);
    *a = (struct audit){0};
}
