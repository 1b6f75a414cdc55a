#include "audit.h"

#include "observe.h"
#include "render.h"

/* ---- Words ----------------------------------------------------------------------------------- */

const char *audit_word_name(enum audit_word word)
{
    static const char *const names[] = {"managed",  "declared", "adoptable", "foreign",
                                        "orphan",   "gone",     "missing",   "stale",
                                        "misnamed", "no-expiry"};
    return names[word];
}

/* ---- A namespace ----------------------------------------------------------------------------- */

/* Of the recorded fields those that audit tells: as recorded, else as declared, else as another
 * project records them. */
#define FACT(name)                                                                                 \
    (row->entry                   ? row->entry->name                                               \
     : row->decl                  ? row->decl->name                                                \
     : row->elsewhere != MAP_NONE ? a->below->entries[row->elsewhere].ns.name                      \
                                  : none)

static void write_facts(struct json_writer *w, const struct audit *a, const struct audit_row *row)
{
    static const struct bytes none;
#define WRITE_STRING(name, use)                                                                    \
    if ((use)&FIELD_AUDIT)                                                                         \
        json_field_text(w, #name, FACT(name));
#define WRITE_WORD(name, use) /* of which a listing tells, too */                                  \
    if ((use)&FIELD_AUDIT)                                                                         \
        json_field_text(w, #name, row->live && row->live->name.data ? row->live->name : FACT(name));
#define WRITE_OBJECT(name, use)              WRITE_DURATION(name, use)
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

static void write_bindings(struct json_writer *w, const struct audit_row *row)
{
    json_field_array(w, "bindings");
    for (size_t i = 0; i < row->n_bindings; i++)
        write_binding(w, &row->bindings[i]);
    json_end_array(w);
}

static void write_keys(struct json_writer *w, const struct audit_keys *keys)
{
    json_key(w, "keys");
    if (!keys) {
        json_null(w);
        return;
    }
    json_begin_object(w);
    json_field_count(w, "count", keys->n);
    json_key(w, "nearest_expiration");
    if (keys->nearest > 0)
        json_int(w, keys->nearest);
    else
        json_null(w);
    json_field_count(w, "without_expiration", keys->lasting);
    json_field_strings(w, "without_expiration_first", keys->names, keys->n_names);
    json_end_object(w);
}

static void write_marks(struct json_writer *w, const struct audit_row *row)
{
    json_field_array(w, "marks");
    for (int mark = 0; mark < AUDIT_WORDS; mark++)
        if (row->marks >> mark & 1)
            json_str(w, audit_word_name((enum audit_word)mark));
    json_end_array(w);
}

static void write_projects(struct json_writer *w, const struct audit *a,
                           const struct audit_row *row)
{
    size_t other = row->elsewhere;
    json_field_array(w, "projects");
    for (; other != MAP_NONE; other = below_entry_next(a->below, row->account, other)) {
        const struct below_entry *entry = &a->below->entries[other];
        json_begin_object(w);
        json_field_text(w, "address", entry->ns.address);
        json_field_text(w, "name", entry->project->name);
        json_field_str(w, "state", entry->project->path);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_ttl(struct json_writer *w, int64_t ttl)
{
    json_key(w, "ttl_seconds");
    if (ttl > 0)
        json_int(w, ttl);
    else
        json_null(w);
}

static void write_row(struct json_writer *w, const struct audit *a, const struct plan *p,
                      const struct audit_row *row)
{
    struct json_sort sort;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    json_field_text(w, "account", account_name_of(p->target->words.names, row->account));
    json_field_text(w, "account_id", row->account.len ? row->account : bytes_make(NULL, 0));
    json_field_text(w, "address", row->address);
    write_bindings(w, row);
    json_field_text(w, "id", row->id);
    write_keys(w, row->keys);
    write_marks(w, row);
    write_projects(w, a, row);
    json_field_str(w, "status", audit_word_name(row->status));
    json_field_text(w, "title", row->title);
    write_ttl(w, audit_ttl(a, row));
    write_facts(w, a, row);
    json_sort_end(w, &sort);
    json_end_object(w);
}

/* ---- All ------------------------------------------------------------------------------------- */

static void write_naming(struct json_writer *w, const struct audit_naming *naming)
{
    json_key(w, "naming");
    if (!naming->naming.data) {
        json_null(w);
        return;
    }
    json_begin_object(w);
    json_field_bool(w, "declared", naming->declared);
    json_field_count(w, "followed", naming->found.followed);
    json_field_count(w, "of", naming->found.of);
    json_field_text(w, "template", naming->naming);
    json_end_object(w);
}

static void write_summary(struct json_writer *w, const struct audit *a)
{
    struct json_sort sort;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    for (int word = 0; word < AUDIT_WORDS; word++)
        json_field_count(w, audit_word_name((enum audit_word)word), a->counts[word]);
    json_sort_end(w, &sort);
    json_end_object(w);
}

void audit_write_json(const struct audit *a, const struct plan *p, const char *where,
                      struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "accounts");
    target_write_accounts(p->target, &w);
    json_field_str(&w, "configuration", a->configuration);
    json_key(&w, "diagnostics");
    diag_write_json(&p->notes, &w);
    json_field_int(&w, "format_version", 1);
    json_field_array(&w, "namespaces");
    for (size_t i = 0; i < a->n; i++)
        write_row(&w, a, p, &a->rows[i]);
    json_end_array(&w);
    write_naming(&w, &a->naming);
    json_key(&w, "summary");
    write_summary(&w, a);
    json_field_str(&w, "target", p->target->name);
    if (where)
        json_field_str(&w, "where", where);
    json_end_object(&w);
    buf_add_char(out, '\n');
}
