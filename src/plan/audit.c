#include "audit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "config_notes.h"
#include "config_update.h"
#include "unlisted.h"
#include "local_ids.h"
#include "render.h"

struct auditor {
    struct audit *a;
    struct planner pl;
    size_t *owners; /* per live namespace: the declaration that it is; SIZE_MAX: of none */
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

static void add_live(struct auditor *au, size_t live)
{
    const struct planner *pl = &au->pl;
    const struct observed_namespace *seen = &pl->o->namespaces[live];
    size_t ns = au->owners[live];
    const struct state_namespace *entry = ns == SIZE_MAX ? NULL : planner_entry(pl, ns);
    if (!entry)
        entry = state_find_id(&pl->t->state, seen->account, seen->id);
    if (!(entry && entry_in_scope(au, seen->account, entry)) &&
        !(ns != SIZE_MAX && pl->p->resolutions[ns].in_scope) &&
        !title_in_scope(au, seen->account, seen->title))
        return;
    struct audit_row row = {
        .status = entry            ? AUDIT_MANAGED
                  : ns != SIZE_MAX ? AUDIT_DECLARED
                                   : AUDIT_ORPHAN,
        .account = seen->account,
        .id = seen->id,
        .title = seen->title,
    };
    if (ns != SIZE_MAX)
        row.decl = &pl->m->namespaces[ns];
    row.entry = entry;
    row.address = entry ? entry->address : row.decl ? row.decl->address : row.address;
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
                                .entry = entry};
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
                            .decl = decl};
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

static int compare_rows(const void *left, const void *right)
{
    const struct audit_row *a = left, *b = right;
    int order = bytes_compare(a->title, b->title);
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
    for (size_t i = 0; i < a->n; i++)
        a->counts[a->rows[i].status]++;
}

/* ---- Bindings -------------------------------------------------------------------------------- */

static void bind(struct audit *a, struct audit_row *row, const struct config *config,
                 const struct wrangler_binding *b, bool preview)
{
    if (!row->id.len || !bytes_equal(row->id, preview ? b->preview_id : b->id))
        return;
    arena_grow(&a->arena, (void **)&row->bindings, &row->cap_bindings, row->n_bindings + 1,
               sizeof *row->bindings);
    row->bindings[row->n_bindings++] = (struct audit_binding){.file = config->name,
                                                              .env = b->env,
                                                              .name = b->binding,
                                                              .line = b->line,
                                                              .preview = preview};
}

static void find_bindings(struct auditor *au, struct audit_row *row)
{
    const struct configs *configs = au->pl.p->configs;
    for (size_t i = 0; i < configs->n; i++) {
        const struct config *config = &configs->items[i];
        for (size_t j = 0; j < config->content.n_bindings; j++) {
            const struct wrangler_binding *b = &config->content.bindings[j];
            bind(au->a, row, config, b, false);
            bind(au->a, row, config, b, true);
        }
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

bool audit_find(struct audit *a, struct plan *p, const struct model *m, struct target *t,
                const struct plan_options *options, struct error *err)
{
    struct plan_options names = *options;
    names.refresh = REFRESH_NAMES;
    plan_start(p, m, t, &names);
    struct auditor au = {.a = a, .pl = {.p = p, .m = m, .t = t, .o = p->observed}};
    if (!plan_configs_read(&au.pl, err) || !resolve_accounts(&au.pl, true, err) ||
        !observe_default(&au.pl, err) || !resolve_unlisted(&au.pl, err))
        return false;
    local_ids_choose(&au.pl);
    resolve_declarations(&au.pl);
    add_rows(&au);
    order_rows(&au);
    unlisted_verdict(p->observed, a->unsure, &a->verdict);
    for (size_t i = 0; i < a->n; i++)
        find_bindings(&au, &a->rows[i]);
    note_configs(&au.pl);
    return true;
}

void audit_release(struct audit *a)
{
    mem_free(a->rows);
    arena_release(&a->arena);
    *a = (struct audit){0};
}

/* ---- Showing --------------------------------------------------------------------------------- */

const char *audit_status_name(enum audit_status status)
{
    static const char *const names[] = {"managed", "declared", "orphan", "gone", "missing"};
    return names[status];
}

/* Of the recorded fields those that audit tells: as recorded, else as declared. */
#define FACT(row, name) ((row)->entry ? (row)->entry->name : (row)->decl ? (row)->decl->name : none)

static void write_facts(struct json_writer *w, const struct audit_row *row)
{
    static const struct bytes none;
#define WRITE_STRING(name, use)                                                                    \
    if ((use)&FIELD_AUDIT)                                                                         \
        json_field_text(w, #name, FACT(row, name));
#define WRITE_WORD(name, use)                WRITE_STRING(name, use)
#define WRITE_DURATION(name, use)            _Static_assert(!((use)&FIELD_AUDIT), "audit tells texts");
#define WRITE(name, kind, at_most, use, doc) WRITE_##kind(name, use)
    NAMESPACE_RECORDED(WRITE)
}

static void write_binding(struct json_writer *w, const struct audit_binding *b)
{
    json_begin_object(w);
    json_field_text(w, "binding", b->name);
    json_field_text(w, "env", b->env);
    json_field_str(w, "file", b->file);
    json_field_count(w, "line", b->line);
    json_field_str(w, "member", b->preview ? "preview_id" : "id");
    json_end_object(w);
}

static void write_row(struct json_writer *w, const struct plan *p, const struct audit_row *row)
{
    struct json_sort sort;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    json_field_text(w, "account", account_name_of(p->target->words.names, row->account));
    json_field_text(w, "account_id", row->account.len ? row->account : bytes_make(NULL, 0));
    json_field_text(w, "address", row->address);
    json_field_array(w, "bindings");
    for (size_t i = 0; i < row->n_bindings; i++)
        write_binding(w, &row->bindings[i]);
    json_end_array(w);
    json_field_text(w, "id", row->id);
    json_field_str(w, "status", audit_status_name(row->status));
    json_field_text(w, "title", row->title);
    write_facts(w, row);
    json_sort_end(w, &sort);
    json_end_object(w);
}

static void write_summary(struct json_writer *w, const struct audit *a)
{
    static const enum audit_status sorted[] = {AUDIT_DECLARED, AUDIT_GONE, AUDIT_MANAGED,
                                               AUDIT_MISSING, AUDIT_ORPHAN};
    json_begin_object(w);
    for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++)
        json_field_count(w, audit_status_name(sorted[i]), a->counts[sorted[i]]);
    json_end_object(w);
}

void audit_write_json(const struct audit *a, const struct plan *p, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "accounts");
    target_write_accounts(p->target, &w);
    json_key(&w, "diagnostics");
    diag_write_json(&p->notes, &w);
    json_field_int(&w, "format_version", 1);
    json_field_array(&w, "namespaces");
    for (size_t i = 0; i < a->n; i++)
        write_row(&w, p, &a->rows[i]);
    json_end_array(&w);
    json_key(&w, "summary");
    write_summary(&w, a);
    json_field_str(&w, "target", p->target->name);
    json_end_object(&w);
    buf_add_char(out, '\n');
}
