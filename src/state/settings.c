#include "settings.h"

#include <stddef.h>

#include "base/text.h"
#include "record.h"

#define TEXT(name, member)                                                                         \
    {                                                                                              \
        name, RECORD_TEXT, offsetof(struct state_settings, member), RECORD_OPTIONAL                \
    }
#define NUMBER(name, member)                                                                       \
    {                                                                                              \
        name, RECORD_INT, offsetof(struct state_settings, member), RECORD_OPTIONAL                 \
    }

static const struct record_field top_fields[] = {TEXT("account_id", account_id),
                                                 TEXT("assumed_accounts", assumed)};
static const struct record_field backup_fields[] = {
    NUMBER("days", backups_days), TEXT("dir", backups_dir), NUMBER("keep", backups_keep)};
static const struct record_field ephemeral_fields[] = {NUMBER("days", ephemeral_days),
                                                       TEXT("match", ephemeral_match)};
static const struct record_field guard_fields[] = {NUMBER("mass_from", mass_from),
                                                   NUMBER("mass_percent", mass_percent)};

#define FIELDS(array) array, sizeof(array) / sizeof *(array)

#define ACCOUNTS "accounts"

/* The objects of settings; the first is the whole. */
static const struct group {
    const char *name;
    const struct record_field *fields;
    size_t n;
} groups[] = {
    {NULL, FIELDS(top_fields)},
    {"backups", FIELDS(backup_fields)},
    {"ephemeral", FIELDS(ephemeral_fields)},
    {"guards", FIELDS(guard_fields)},
};

#define N_GROUPS (sizeof groups / sizeof *groups)

/* ---- Printing -------------------------------------------------------------------------------- */

static bool is_known(const struct group *g, const char *name)
{
    if (record_find(g->fields, g->n, bytes_of(name)) != SIZE_MAX)
        return true;
    for (size_t i = 1; !g->name && i < N_GROUPS; i++)
        if (strcmp(groups[i].name, name) == 0)
            return true;
    return !g->name && strcmp(name, ACCOUNTS) == 0;
}

/* What is known, then what a newer version recorded beside it. */
static void write_members(const struct group *g, const struct state_settings *settings,
                          const struct json *old, struct json_writer *w)
{
    struct buf json = {0};
    for (size_t i = 0; i < g->n; i++)
        record_write(&g->fields[i], settings, w);
    for (const struct json *m = json_first(old); m; m = json_next(m)) {
        if (is_known(g, json_name(m)))
            continue;
        buf_clear(&json);
        json_print(m, &json);
        json_key(w, json_name(m));
        json_raw(w, buf_bytes(&json));
    }
    buf_release(&json);
}

static bool has_members(const struct group *g, const struct state_settings *settings,
                        const struct json *old)
{
    for (size_t i = 0; i < g->n; i++)
        if (!record_is_left_out(&g->fields[i], settings))
            return true;
    for (const struct json *m = json_first(old); m; m = json_next(m))
        if (!is_known(g, json_name(m)))
            return true;
    return false;
}

static void write_accounts(const struct state_settings *settings, struct json_writer *w)
{
    if (settings->accounts.n == 0)
        return;
    json_field_object(w, ACCOUNTS);
    for (size_t i = 0; i < settings->accounts.n; i++) {
        json_key_bytes(w, settings->accounts.items[i].from);
        json_string(w, settings->accounts.items[i].to);
    }
    json_end_object(w);
}

static void write_all(const struct state_settings *settings, const struct json *old,
                      struct json_writer *w)
{
    json_begin_object(w);
    write_members(&groups[0], settings, old, w);
    write_accounts(settings, w);
    for (size_t i = 1; i < N_GROUPS; i++) {
        const struct json *group = json_member(old, groups[i].name);
        if (!has_members(&groups[i], settings, group))
            continue;
        json_field_object(w, groups[i].name);
        write_members(&groups[i], settings, group, w);
        json_end_object(w);
    }
    json_end_object(w);
}

static bool check_text(const char *name, struct bytes text, struct error *err)
{
    char quoted[128];
    return (utf8_valid(text) && !(text.len > 0 && memchr(text.data, 0, text.len))) ||
           error_set(err, ERR_INVALID, "cannot record %s %s: it is not plain UTF-8 text", name,
                     text_quoted(text, quoted, sizeof quoted));
}

static bool check_field(const struct record_field *f, const struct state_settings *settings,
                        struct error *err)
{
    const void *at = (const char *)settings + f->offset;
    if (f->kind == RECORD_TEXT)
        return check_text(f->name, *(const struct bytes *)at, err);
    return *(const int64_t *)at >= 0 ||
           error_set(err, ERR_INVALID, "cannot record %s: it is negative", f->name);
}

static bool check(const struct state_settings *settings, struct error *err)
{
    for (size_t i = 0; i < N_GROUPS; i++)
        for (size_t k = 0; k < groups[i].n; k++)
            if (!check_field(&groups[i].fields[k], settings, err))
                return false;
    for (size_t i = 0; i < settings->accounts.n; i++)
        if (!check_text("account name", settings->accounts.items[i].from, err) ||
            !check_text("account id", settings->accounts.items[i].to, err))
            return false;
    return true;
}

bool settings_print(const struct state_settings *settings, struct bytes old, struct buf *out,
                    struct error *err)
{
    struct buf text = {0};
    struct json_writer w = json_writer_to(&text, 0);
    struct json *tree = NULL;
    if (!check(settings, err) || (old.len > 0 && !(tree = json_doc_parse(old, err))))
        return false;
    write_all(settings, tree, &w);
    json_doc_free(tree);
    bool ok =
        bytes_equal(buf_bytes(&text), bytes_of("{}")) || json_canonical(buf_bytes(&text), out, err);
    buf_release(&text);
    return ok;
}

/* ---- Their schema ---------------------------------------------------------------------------- */

static void write_group_schema(const struct group *g, struct json_writer *w)
{
    json_begin_object(w);
    json_field_bool(w, "additionalProperties", false);
    json_field_object(w, "properties");
    for (size_t i = 0; i < g->n; i++) {
        json_key(w, g->fields[i].name);
        record_write_schema(&g->fields[i], w);
    }
    if (!g->name) {
        json_field_object(w, ACCOUNTS);
        json_field_object(w, "additionalProperties");
        json_field_str(w, "type", "string");
        json_end_object(w);
        json_field_str(w, "type", "object");
        json_end_object(w);
    }
    for (size_t i = 1; !g->name && i < N_GROUPS; i++) {
        json_key(w, groups[i].name);
        write_group_schema(&groups[i], w);
    }
    json_end_object(w);
    json_field_str(w, "type", "object");
    json_end_object(w);
}

void settings_write_schema(struct json_writer *w)
{
    write_group_schema(&groups[0], w);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool must_be_object(const char *name, const struct json *v, struct error *err)
{
    return !v || json_is_object(v) || error_set(err, ERR_FORMAT, "'%s' must be an object", name);
}

static bool read_group(const struct group *g, const struct json *object, struct arena *arena,
                       struct state_settings *settings, struct error *err)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct json *v = json_member(object, g->fields[i].name);
        if (!v)
            continue;
        struct json_event e = json_as_event(v);
        if (!record_set(&g->fields[i], settings, &e, arena, err))
            return false;
    }
    return true;
}

static bool read_accounts(const struct json *accounts, struct arena *arena,
                          struct state_settings *settings, struct error *err)
{
    size_t n = json_count(accounts);
    if (n == 0)
        return true;
    settings->accounts.items = arena_alloc(arena, n, sizeof *settings->accounts.items);
    for (const struct json *a = json_first(accounts); a; a = json_next(a)) {
        const char *id;
        if (!json_as_str(a, &id))
            return error_set(err, ERR_FORMAT, "'%s' must hold strings", ACCOUNTS);
        settings->accounts.items[settings->accounts.n++] = (struct renaming){
            .from = arena_copy(arena, bytes_of(json_name(a))),
            .to = arena_copy(arena, bytes_of(id)),
        };
    }
    return true;
}

static bool read_all(const struct json *root, struct arena *arena, struct state_settings *settings,
                     struct error *err)
{
    const struct json *accounts = json_member(root, ACCOUNTS);
    if (!must_be_object("settings", root, err) || !must_be_object(ACCOUNTS, accounts, err) ||
        !read_group(&groups[0], root, arena, settings, err) ||
        !read_accounts(accounts, arena, settings, err))
        return false;
    for (size_t i = 1; i < N_GROUPS; i++) {
        const struct json *object = json_member(root, groups[i].name);
        if (!must_be_object(groups[i].name, object, err) ||
            !read_group(&groups[i], object, arena, settings, err))
            return false;
    }
    return true;
}

bool settings_read(struct state *s, struct bytes json, struct error *err)
{
    struct state_settings settings = {0};
    struct json *root = json_doc_parse(json, err);
    bool empty = bytes_equal(json, bytes_of("{}"));
    bool ok = root && read_all(root, &s->arena, &settings, err);
    json_doc_free(root);
    if (!ok)
        return false;
    s->settings = settings;
    s->settings_json = empty ? bytes_make(NULL, 0) : arena_copy(&s->arena, json);
    return true;
}
