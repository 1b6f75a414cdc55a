#include "fields.h"

#include <stdlib.h>

#include "base/duration.h"
#include "base/mem.h"
#include "model.h"

static const char *const on_remove_words[] = {"delete", "keep", NULL};
static const char *const ids_words[] = {"fill", "auto", NULL};

/* ---- Namespaces ------------------------------------------------------------------------------ */

#define KIND_STRING    FIELD_STRING
#define KIND_DURATION  FIELD_DURATION
#define KIND_BOOLEAN   FIELD_BOOLEAN
#define KIND_TRISTATE  FIELD_TRISTATE
#define KIND_ON_REMOVE FIELD_CHOICE, .choices = on_remove_words, .first_choice = ON_REMOVE_DELETE

#define NAMESPACE_ROW(name_, kind_, at_most_, use_, doc_)                                          \
    {.name = #name_,                                                                               \
     .kind = KIND_##kind_,                                                                         \
     .use = (use_),                                                                                \
     .at = offsetof(struct namespace_decl, name_),                                                 \
     .at_most = (at_most_),                                                                        \
     .code = "namespace." #name_,                                                                  \
     .doc = (doc_)},

static const struct field of_namespace[] = {NAMESPACE_FIELDS(NAMESPACE_ROW)};
static const struct field of_defaults[] = {NAMESPACE_DEFAULTS_RECORDED(NAMESPACE_ROW)
                                               NAMESPACE_DEFAULTS(NAMESPACE_ROW)};

/* ---- The rest -------------------------------------------------------------------------------- */

#define N_OF(array) (sizeof(array) / sizeof *(array))
#define TABLE(name_, rows)                                                                         \
    {                                                                                              \
        .name = (name_), .kind = FIELD_TABLE, .members = (rows), .n_members = N_OF(rows)           \
    }

static const struct field of_guards[] = {
    FIELD_ROW("mass_percent", FIELD_INTEGER, offsetof(struct project, mass_percent)),
    FIELD_ROW("mass_from", FIELD_INTEGER, offsetof(struct project, mass_from)),
};

static const struct field of_backups[] = {
    FIELD_ROW("dir", FIELD_STRING, offsetof(struct project, backups_dir)),
    FIELD_ROW("keep", FIELD_INTEGER, offsetof(struct project, backups_keep)),
    {.name = "days",
     .kind = FIELD_DURATION,
     .at = offsetof(struct project, backups_days),
     .unit = DURATION_DAY},
};

static const struct field of_ephemeral[] = {
    FIELD_NEED("match", FIELD_STRING, offsetof(struct project, ephemeral)),
};

static const struct field of_limits[] = {
    FIELD_ROW("namespaces", FIELD_INTEGER, offsetof(struct project, namespaces_max)),
};

static const struct field of_project[] = {
    FIELD_NEED("name", FIELD_STRING, offsetof(struct project, name)),
    FIELD_ROW("account_id", FIELD_STRING, offsetof(struct project, account_id)),
    FIELD_ROW("accounts", FIELD_RENAMES, offsetof(struct project, accounts)),
    FIELD_ROW("naming", FIELD_STRING, offsetof(struct project, naming)),
    FIELD_ROW("environments", FIELD_STRINGS, offsetof(struct project, environments)),
    FIELD_ROW("protected_envs", FIELD_STRINGS, offsetof(struct project, protected_envs)),
    FIELD_ROW("title_max", FIELD_INTEGER, offsetof(struct project, title_max)),
    {.name = "defaults", .kind = FIELD_TABLE, .table = &namespace_defaults},
    TABLE("guards", of_guards),
    TABLE("backups", of_backups),
    TABLE("ephemeral", of_ephemeral),
    TABLE("limits", of_limits),
};

static const struct field of_removed[] = {
    FIELD_ROW("title", FIELD_STRING, offsetof(struct removed_decl, title)),
    FIELD_ROW("address", FIELD_STRING, offsetof(struct removed_decl, address)),
    FIELD_ROW("allow_data_loss", FIELD_BOOLEAN, offsetof(struct removed_decl, allow_data_loss)),
    FIELD_ROW("allow_mass_delete", FIELD_BOOLEAN, offsetof(struct removed_decl, allow_mass_delete)),
};

static const struct field of_wrangler[] = {
    FIELD_NEED("path", FIELD_STRING, offsetof(struct wrangler_decl, path)),
    FIELD_ROW("top_level", FIELD_STRING, offsetof(struct wrangler_decl, top_level)),
    FIELD_ROW("environments", FIELD_RENAMES_LISTS, offsetof(struct wrangler_decl, environments)),
    FIELD_ROW("previews", FIELD_STRING, offsetof(struct wrangler_decl, previews)),
    FIELD_ROW("bindings", FIELD_RENAMES_PARTS, offsetof(struct wrangler_decl, bindings)),
    FIELD_ROW("app", FIELD_STRING, offsetof(struct wrangler_decl, app)),
    FIELD_ROW("select", FIELD_STRINGS, offsetof(struct wrangler_decl, select)),
    FIELD_PICK("ids", ids_words, IDS_FILL, offsetof(struct wrangler_decl, ids)),
    FIELD_ROW("persist_to", FIELD_STRING, offsetof(struct wrangler_decl, persist_to)),
};

const struct fields namespace_fields = {"cfkv.namespace", of_namespace, N_OF(of_namespace)};
const struct fields namespace_defaults = {"the defaults of cfkv.project", of_defaults,
                                          N_OF(of_defaults)};
const struct fields project_fields = {"cfkv.project", of_project, N_OF(of_project)};
const struct fields removed_fields = {"cfkv.removed", of_removed, N_OF(of_removed)};
const struct fields wrangler_fields = {"cfkv.wrangler", of_wrangler, N_OF(of_wrangler)};

/* ---- As JSON --------------------------------------------------------------------------------- */

static void write_choice(struct json_writer *w, const struct field *f, int choice)
{
    json_str(w, choice >= f->first_choice ? f->choices[choice - f->first_choice] : NULL);
}

static void write_strings(struct json_writer *w, const struct strings *list)
{
    json_begin_array(w);
    for (size_t i = 0; i < list->n; i++)
        json_string(w, list->items[i]);
    json_end_array(w);
}

/* The first of `from`, at `start` or behind it; the length of the list: there is none. */
static size_t find_from(const struct renamings *list, size_t start, struct bytes from)
{
    size_t i = start;
    while (i < list->n && !bytes_equal(list->items[i].from, from))
        i++;
    return i;
}

static void write_parts(struct json_writer *w, const struct renamings *list, size_t first)
{
    struct bytes from = list->items[first].from;
    struct json_sort sort;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    for (size_t i = first; i < list->n; i = find_from(list, i + 1, from)) {
        json_key_bytes(w, list->items[i].part);
        json_string(w, list->items[i].to);
    }
    json_sort_end(w, &sort);
    json_end_object(w);
}

/* All that `from` of the first one becomes, as it was declared. */
static void write_renaming(struct json_writer *w, const struct renamings *list, size_t first)
{
    const struct renaming *r = &list->items[first];
    if (r->part.data) {
        write_parts(w, list, first);
    } else if (find_from(list, first + 1, r->from) == list->n) {
        json_string(w, r->to);
    } else {
        json_begin_array(w);
        for (size_t i = first; i < list->n; i = find_from(list, i + 1, r->from))
            json_string(w, list->items[i].to);
        json_end_array(w);
    }
}

static void write_renamings(struct json_writer *w, const struct renamings *list)
{
    struct json_sort sort;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    for (size_t i = 0; i < list->n; i++) {
        if (find_from(list, 0, list->items[i].from) < i)
            continue; /* written with the first of them */
        json_key_bytes(w, list->items[i].from);
        write_renaming(w, list, i);
    }
    json_sort_end(w, &sort);
    json_end_object(w);
}

static bool lacks_what_it_needs(const struct field *f, const void *record)
{
    for (size_t i = 0; i < f->n_members; i++) {
        const struct field *member = &f->members[i];
        if ((member->use & FIELD_REQUIRED) &&
            !((const struct bytes *)field_at(member, record))->data)
            return true;
    }
    return false;
}

static void write_table(struct json_writer *w, const struct field *f, const void *record)
{
    struct fields members = {f->name, f->members, f->n_members};
    struct json_sort sort;
    if (lacks_what_it_needs(f, record)) {
        json_null(w);
        return;
    }
    json_begin_object(w);
    json_sort_begin(w, &sort);
    fields_write(w, &members, record);
    json_sort_end(w, &sort);
    json_end_object(w);
}

static void write_value(struct json_writer *w, const struct field *f, const void *record)
{
    const void *at = field_at(f, record);
    switch (f->kind) {
    case FIELD_STRING:
        json_text(w, *(const struct bytes *)at);
        break;
    case FIELD_INTEGER:
    case FIELD_DURATION:
    case FIELD_MOMENT:
        json_int(w, *(const int64_t *)at);
        break;
    case FIELD_BOOLEAN:
        json_bool(w, *(const bool *)at);
        break;
    case FIELD_TRISTATE:
        json_bool(w, *(const enum tristate *)at == YES);
        break;
    case FIELD_CHOICE:
        write_choice(w, f, *(const int *)at);
        break;
    case FIELD_STRINGS:
        write_strings(w, at);
        break;
    case FIELD_RENAMES:
    case FIELD_RENAMES_LISTS:
    case FIELD_RENAMES_PARTS:
        write_renamings(w, at);
        break;
    case FIELD_TABLE:
        write_table(w, f, record);
        break;
    case FIELD_ANY:
        json_null(w);
        break;
    }
}

bool field_is_written(const struct field *f)
{
    bool empty = f->kind == FIELD_TABLE && f->n_members == 0;
    return !empty && f->kind != FIELD_ANY && !(f->use & (FIELD_ALIAS | FIELD_DERIVED));
}

void fields_write(struct json_writer *w, const struct fields *fields, const void *record)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->rows[i];
        if (!field_is_written(f))
            continue;
        json_key(w, f->name);
        write_value(w, f, record);
    }
}

/* ---- For people ------------------------------------------------------------------------------ */

static const char *type_word(enum field_kind kind)
{
    switch (kind) {
    case FIELD_INTEGER:
        return "integer";
    case FIELD_DURATION:
        return "duration";
    case FIELD_MOMENT:
        return "time";
    case FIELD_BOOLEAN:
    case FIELD_TRISTATE:
        return "boolean";
    case FIELD_STRINGS:
        return "list";
    case FIELD_RENAMES:
    case FIELD_RENAMES_LISTS:
    case FIELD_RENAMES_PARTS:
    case FIELD_TABLE:
        return "table";
    case FIELD_STRING:
    case FIELD_CHOICE:
        break;
    case FIELD_ANY:
        return "any";
    }
    return "string";
}

static bool has(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->n; i++)
        if (strcmp(fields->rows[i].name, name) == 0)
            return true;
    return false;
}

static void describe(struct json_writer *w, const struct field *f, bool is_default)
{
    json_begin_object(w);
    if (f->at_most > 0)
        json_field_count(w, "at_most", f->at_most);
    if (f->choices) {
        json_field_array(w, "choices");
        for (size_t i = 0; f->choices[i]; i++)
            json_str(w, f->choices[i]);
        json_end_array(w);
    }
    json_field_bool(w, "default", is_default);
    json_field_str(w, "doc", f->doc);
    json_field_str(w, "name", f->name);
    json_field_str(w, "type", type_word(f->kind));
    json_end_object(w);
}

void fields_describe(struct json_writer *w, const struct fields *fields,
                     const struct fields *defaults)
{
    json_begin_array(w);
    for (size_t i = 0; i < fields->n; i++)
        if (!(fields->rows[i].use & FIELD_ALIAS))
            describe(w, &fields->rows[i], has(defaults, fields->rows[i].name));
    json_end_array(w);
}
