#include "fields.h"

#include <stdlib.h>

#include "base/duration.h"
#include "base/mem.h"
#include "model.h"

static const char *const jurisdiction_words[] = {"eu", "fedramp", "us", NULL};
static const char *const mode_words[] = {MODE_INSTANT, NULL};
static const char *const on_remove_words[] = {"delete", "keep", NULL};
static const char *const ids_words[] = {"fill", "auto", NULL};

/* ---- Namespaces ------------------------------------------------------------------------------ */

#define KIND_STRING(name)    FIELD_STRING
#define KIND_WORD(name)      FIELD_STRING, .choices = name##_words
#define KIND_OBJECT(name)    FIELD_OBJECT, .bytes = CFKV_OPTIONS_MAX
#define KIND_DURATION(name)  FIELD_DURATION, .min = KV_TTL_MIN, .or_zero = true
#define KIND_BOOLEAN(name)   FIELD_BOOLEAN
#define KIND_TRISTATE(name)  FIELD_TRISTATE
#define KIND_ON_REMOVE(name) FIELD_CHOICE, .choices = name##_words, .first_choice = ON_REMOVE_DELETE

#define NAMESPACE_ROW(name_, kind_, at_most_, use_, doc_)                                          \
    {.name = #name_,                                                                               \
     .kind = KIND_##kind_(name_),                                                                  \
     .use = (use_),                                                                                \
     .at = offsetof(struct namespace_decl, name_),                                                 \
     .at_most = (at_most_),                                                                        \
     .code = "namespace." #name_,                                                                  \
     .doc = (doc_)},

#define RECORDED_ROW(name_, kind_, at_most_, use_, doc_)                                           \
    NAMESPACE_ROW(name_, kind_, at_most_, (use_) | FIELD_RECORDED, doc_)

static const struct field of_namespace[] = {NAMESPACE_OWN(NAMESPACE_ROW) NAMESPACE_OWN_RECORDED(
    RECORDED_ROW) NAMESPACE_DEFAULTS_RECORDED(RECORDED_ROW) NAMESPACE_DEFAULTS(NAMESPACE_ROW)};
static const struct field of_defaults[] = {NAMESPACE_DEFAULTS_RECORDED(RECORDED_ROW)
                                               NAMESPACE_DEFAULTS(NAMESPACE_ROW)};

/* ---- The rest -------------------------------------------------------------------------------- */

#define N_OF(array) (sizeof(array) / sizeof *(array))
#define TABLE(name_, rows, doc_)                                                                   \
    {                                                                                              \
        .name = (name_), .kind = FIELD_TABLE, .members = (rows), .n_members = N_OF(rows),          \
        .doc = (doc_)                                                                              \
    }

#define AT(member) offsetof(struct project, member)

static const struct field of_guards[] = {
    FIELD_ROW("mass_percent", FIELD_INTEGER, AT(mass_percent), .min = 1, .max = 100,
              .doc = "percent of a namespace's keys, or of the namespaces; 30 unless given"),
    FIELD_ROW("mass_from", FIELD_INTEGER, AT(mass_from), .min = 1, .max = CFKV_MASS_FROM_MAX,
              .doc = "keys that a namespace has at least for that to count; 100 unless given"),
};

static const struct field of_backups[] = {
    FIELD_ROW("dir", FIELD_STRING, AT(backups_dir),
              .doc = "a folder below the project root, \".cfkv/backups\" unless given"),
    FIELD_ROW("keep", FIELD_INTEGER, AT(backups_keep), .min = 1, .max = CFKV_BACKUPS_KEEP_MAX,
              .doc = "so many files stay, 20 unless given"),
    FIELD_ROW("days", FIELD_DURATION, AT(backups_days), .min = 1, .max = CFKV_BACKUPS_DAYS_MAX,
              .unit = DURATION_DAY,
              .doc =
                  "files of so many days stay, or of a duration such as \"2w\"; 30 unless given"),
};

static const struct field of_ephemeral[] = {
    FIELD_NEED("match", FIELD_STRING, AT(ephemeral), .doc = "a glob (* and ?) over env"),
    FIELD_ROW("days", FIELD_DURATION, AT(ephemeral_days), .min = 1, .max = CFKV_EPHEMERAL_DAYS_MAX,
              .unit = DURATION_DAY,
              .doc = "how long one stays unless cfkv sweep is told, or a duration such as \"2w\"; "
                     "7 unless given"),
};

static const struct field of_limits[] = {
    FIELD_ROW("namespaces", FIELD_INTEGER, AT(namespaces_max), .min = 1,
              .max = CFKV_NAMESPACES_RAISED_MAX,
              .doc = "namespaces of the account; 1000 unless given"),
};

static const struct field of_state[] = {
    FIELD_NEED("url", FIELD_STRING, AT(state.url),
               .doc = "\"s3://BUCKET/KEY\" or \"https://HOST/PATH\""),
    FIELD_ROW("endpoint", FIELD_STRING, AT(state.endpoint),
              .doc = "of S3: \"https://HOST\"; the environment names it, too, unless it is the "
                     "account's R2"),
    FIELD_ROW("region", FIELD_STRING, AT(state.region),
              .doc = "of S3; else AWS_REGION, and \"auto\" for R2"),
    FIELD_ROW("lock_address", FIELD_STRING, AT(state.lock_address),
              .doc = "of https: where it is locked; the URL (of …/terraform/state/NAME its /lock) "
                     "unless given"),
    FIELD_ROW("unlock_address", FIELD_STRING, AT(state.unlock_address),
              .doc = "where it is unlocked; lock_address unless given"),
    FIELD_ROW("lock_method", FIELD_STRING, AT(state.lock_method),
              .doc = "\"LOCK\", or \"POST\" for …/terraform/state/NAME, unless given"),
    FIELD_ROW("unlock_method", FIELD_STRING, AT(state.unlock_method),
              .doc = "\"UNLOCK\", or \"DELETE\" for …/terraform/state/NAME, unless given"),
};

static const struct field of_project[] = {
    FIELD_NEED("name", FIELD_STRING, AT(name), .doc = "names the project in its state"),
    FIELD_ROW("account_id", FIELD_STRING, AT(account_id),
              .doc = "32 hexadecimal digits; else CLOUDFLARE_ACCOUNT_ID"),
    FIELD_ROW("accounts", FIELD_RENAMES, AT(accounts),
              .doc = "from names of accounts to their ids"),
    FIELD_ROW("naming", FIELD_STRING, AT(naming),
              .doc = "title template, \"{app}-{purpose}-{env}\" unless given"),
    FIELD_ROW("environments", FIELD_STRINGS, AT(environments),
              .doc = "the only values that env may have, but for ephemeral ones"),
    FIELD_ROW("protected_envs", FIELD_STRINGS, AT(protected_envs),
              .doc = "environments whose namespaces are protected"),
    FIELD_ROW("title_max", FIELD_INTEGER, AT(title_max), .min = 1, .max = KV_TITLE_MAX,
              .doc = "characters, 64 unless given, at most 512"),
    {.name = "defaults",
     .kind = FIELD_TABLE,
     .table = &namespace_defaults,
     .doc = "fields of every namespace that does not give its own"},
    TABLE("guards", of_guards, "how much may be deleted at once"),
    TABLE("backups", of_backups, "what is kept of what is deleted or overwritten"),
    TABLE("ephemeral", of_ephemeral, "environments that come and go"),
    TABLE("limits", of_limits, "what Cloudflare lets the account have where it lets it have more"),
    {.name = "state",
     .kind = FIELD_TABLE,
     .use = FIELD_OR_TEXT,
     .members = of_state,
     .n_members = N_OF(of_state),
     .doc = "URL of the service that keeps the state; a file unless given"},
};

#undef AT
#define AT(member) offsetof(struct removed_decl, member)

static const struct field of_removed[] = {
    FIELD_ROW("title", FIELD_STRING, AT(title), .doc = "what it was titled,"),
    FIELD_ROW("address", FIELD_STRING, AT(address), .doc = "or its address"),
    FIELD_ROW("allow_data_loss", FIELD_BOOLEAN, AT(allow_data_loss),
              .doc = "though it holds keys; they are backed up first"),
    FIELD_ROW("allow_mass_delete", FIELD_BOOLEAN, AT(allow_mass_delete),
              .doc = "though it is one of many"),
};

#undef AT
#define AT(member) offsetof(struct wrangler_decl, member)

static const struct field of_wrangler[] = {
    FIELD_NEED("path", FIELD_STRING, AT(path),
               .doc = "wrangler.toml or wrangler.jsonc, below the project root"),
    FIELD_ROW("top_level", FIELD_STRING, AT(top_level),
              .doc = "the env whose bindings stand outside [env.*], where `wrangler dev` looks"),
    FIELD_ROW("environments", FIELD_RENAMES_LISTS, AT(environments),
              .doc = "our env to wrangler's: { prod = \"production\" }, or to several"),
    FIELD_ROW("previews", FIELD_STRING, AT(previews),
              .doc = "the env whose bindings stand in [previews]"),
    FIELD_ROW("bindings", FIELD_RENAMES_PARTS, AT(bindings),
              .doc = "names in this file, by address or title (* matches anything)"),
    FIELD_ROW("app", FIELD_STRING, AT(app), .doc = "only namespaces of this app"),
    FIELD_ROW("select", FIELD_STRINGS, AT(select),
              .doc = "only these addresses or titles; * matches anything"),
    FIELD_PICK("ids", ids_words, IDS_FILL, AT(ids),
               .doc = "\"auto\": what has no id stays without one, for `wrangler deploy` to make "
                      "its namespace"),
    FIELD_ROW("persist_to", FIELD_STRING, AT(persist_to),
              .doc = "as wrangler's --persist-to, relative to the folder of the config"),
};

#undef AT

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

static void write_object(struct json_writer *w, struct bytes json)
{
    if (json.data)
        json_raw(w, json);
    else
        json_null(w);
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
    case FIELD_OBJECT:
        write_object(w, *(const struct bytes *)at);
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
    case FIELD_OBJECT:
        return "table";
    case FIELD_STRING:
    case FIELD_CHOICE:
        break;
    case FIELD_ANY:
        return "any";
    }
    return "string";
}

static void describe(struct json_writer *w, const struct field *f, const void *record);

/* What it is when it is not given: of the kinds that always have a value. */
static void write_default(struct json_writer *w, const struct field *f, const void *record)
{
    bool text = f->kind == FIELD_STRING && ((const struct bytes *)field_at(f, record))->data;
    bool choice = f->kind == FIELD_CHOICE && *(const int *)field_at(f, record) >= f->first_choice;
    if (text || choice || f->kind == FIELD_INTEGER || f->kind == FIELD_DURATION ||
        f->kind == FIELD_BOOLEAN || f->kind == FIELD_TRISTATE) {
        json_key(w, "default");
        write_value(w, f, record);
    }
}

static void describe_members(struct json_writer *w, const struct field *rows, size_t n,
                             const void *record)
{
    json_begin_array(w);
    for (size_t i = 0; i < n; i++)
        describe(w, &rows[i], record);
    json_end_array(w);
}

static void describe_limits(struct json_writer *w, const struct field *f)
{
    if (f->max > 0)
        json_field_int(w, "max", f->max);
    if (f->bytes > 0)
        json_field_count(w, "max_bytes", f->bytes);
    if (f->at_most > 0)
        json_field_count(w, "max_characters", f->at_most);
    if (f->min > 0)
        json_field_int(w, "min", f->min);
}

static void describe(struct json_writer *w, const struct field *f, const void *record)
{
    json_begin_object(w);
    if (f->choices) {
        json_field_array(w, "choices");
        for (size_t i = 0; f->choices[i]; i++)
            json_str(w, f->choices[i]);
        json_end_array(w);
    }
    if (record)
        write_default(w, f, record);
    json_field_str(w, "doc", f->doc);
    if (f->n_members > 0 || f->table) {
        json_key(w, "fields");
        describe_members(w, f->table ? f->table->rows : f->members,
                         f->table ? f->table->n : f->n_members, f->table ? NULL : record);
    }
    describe_limits(w, f);
    json_field_str(w, "name", f->name);
    if (f->use & FIELD_OR_TEXT)
        json_field_bool(w, "or_text", true);
    if (f->or_zero)
        json_field_bool(w, "or_zero", true);
    json_field_bool(w, "recorded", f->use & FIELD_RECORDED);
    json_field_bool(w, "required", f->use & FIELD_REQUIRED);
    json_field_str(w, "type", type_word(f->kind));
    if (f->kind == FIELD_DURATION)
        json_field_int(w, "unit", f->unit > 0 ? f->unit : 1);
    json_end_object(w);
}

void fields_describe(struct json_writer *w, const struct fields *fields, const void *record)
{
    describe_members(w, fields->rows, fields->n, record);
}
