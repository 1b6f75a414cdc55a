#include "schema.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/text.h"
#include "model/vocabulary.h"
#include "order.h"
#include "value.h"

static bool wrong(lua_State *L, int idx, struct error *err, const char *expected)
{
    char got[160];
    return error_set(err, ERR_INVALID, "must be %s, got %s", expected,
                     value_describe(L, idx, got, sizeof got));
}

static bool read_string(lua_State *L, int idx, struct bytes *out, struct error *err)
{
    if (value_is_deferred(L, idx)) {
        wrong(L, idx, err, "a string");
        return error_hint(err, "ids and secrets can be used in values and outputs");
    }
    if (lua_type(L, idx) != LUA_TSTRING) {
        wrong(L, idx, err, "a string");
        return lua_isnumber(L, idx) ? error_hint(err, "write it in quotes") : false;
    }
    *out = value_keep_bytes(L, value_bytes(L, idx));
    return true;
}

static bool read_integer(lua_State *L, int idx, int64_t *out, struct error *err)
{
    int is_integer = 0;
    lua_Integer n = lua_type(L, idx) == LUA_TNUMBER ? lua_tointegerx(L, idx, &is_integer) : 0;
    if (!is_integer) {
        wrong(L, idx, err, "an integer");
        int64_t parsed;
        if (lua_type(L, idx) == LUA_TSTRING && text_to_int64(value_bytes(L, idx), &parsed))
            error_hint(err, "write %lld, without quotes", (long long)parsed);
        return false;
    }
    *out = n;
    return true;
}

/* What may stand in place of a number. */
struct seconds_text {
    const char *wanted, *type; /* the latter is what cfkv.var calls it */
    bool (*parse)(struct bytes text, int64_t *seconds);
    const char *(*hint)(struct bytes text, char out[HINT_SIZE]);
};

static const struct seconds_text duration_text = {DURATION_WANTED, "duration", duration_parse,
                                                  duration_hint};
static const struct seconds_text days_text = {DAYS_WANTED, "integer", duration_parse,
                                              duration_hint};
static const struct seconds_text moment_text = {MOMENT_WANTED, "time", moment_parse, moment_hint};

static bool read_seconds(lua_State *L, int idx, const struct seconds_text *known, int64_t unit,
                         int64_t *out, struct error *err)
{
    struct bytes text = value_bytes(L, idx);
    int is_integer = 0;
    int64_t n = text.data ? 0 : lua_tointegerx(L, idx, &is_integer);
    if (is_integer) {
        *out = n;
        return true;
    }
    if (text.data && known->parse(text, &n) && n % unit == 0) {
        *out = n / unit;
        return true;
    }
    char hint[HINT_SIZE];
    wrong(L, idx, err, known->wanted);
    if (text.data && text_to_int64(text, &n))
        return error_hint(err, "write %lld, without quotes; cfkv.var gives it with type = '%s'",
                          (long long)n, known->type);
    const char *meant = text.data ? known->hint(text, hint) : NULL;
    return meant ? error_hint(err, "%s", meant) : false;
}

static bool read_boolean(lua_State *L, int idx, bool *out, struct error *err)
{
    if (!lua_isboolean(L, idx))
        return wrong(L, idx, err, "true or false");
    *out = lua_toboolean(L, idx);
    return true;
}

static bool read_choice(lua_State *L, int idx, const struct field *f, int *out, struct error *err)
{
    if (lua_type(L, idx) == LUA_TSTRING)
        for (int i = 0; f->choices[i]; i++)
            if (bytes_equal(value_bytes(L, idx), bytes_of(f->choices[i]))) {
                *out = f->first_choice + i;
                return true;
            }
    char expected[200];
    size_t used = 0;
    for (size_t i = 0; f->choices[i] && used < sizeof expected; i++) {
        const char *before = i == 0 ? "" : f->choices[i + 1] ? ", " : " or ";
        used += (size_t)snprintf(expected + used, sizeof expected - used, "%s'%s'", before,
                                 f->choices[i]);
    }
    return wrong(L, idx, err, expected);
}

static bool read_strings(lua_State *L, int idx, struct strings *out, struct error *err)
{
    if (lua_type(L, idx) != LUA_TSTRING && !lua_istable(L, idx))
        return wrong(L, idx, err, "a list of strings");
    size_t n = lua_istable(L, idx) ? (size_t)lua_rawlen(L, idx) : 1;
    struct bytes *items = vm_alloc(L, n, sizeof *items);
    if (!lua_istable(L, idx)) {
        *out = (struct strings){items, 1};
        return read_string(L, idx, items, err);
    }
    for (size_t i = 0; i < n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i + 1);
        bool ok = read_string(L, lua_gettop(L), &items[i], err);
        lua_pop(L, 1);
        if (!ok)
            return error_wrap(err, "is a list of strings: element %zu", i + 1);
    }
    *out = (struct strings){items, n};
    return true;
}

static size_t count_members(lua_State *L, int idx)
{
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1))
        n++;
    return n;
}

/* Renamings as they are read; the list has room for all of them. */
struct renames {
    enum field_kind kind;
    struct renamings *out;
    struct bytes from; /* RENAMES_PARTS: the table that is read */
};

typedef bool (*member_reader)(lua_State *L, struct bytes name, struct renames *r,
                              struct error *err);

/* Calls `read` for each member of the table at `idx`, in the order of their names, the value being
 * on top of the stack. `example` is what a member looks like. */
static bool each_member(lua_State *L, int idx, const char *example, member_reader read,
                        struct renames *r, struct error *err)
{
    size_t n = count_members(L, idx);
    const struct order_key *keys = order_push_keys(L, idx, n);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        if (keys[i].type != LUA_TSTRING) {
            ok = error_set(err, ERR_INVALID, "must be a table with names as keys, such as %s",
                           example);
            break;
        }
        struct bytes name = value_keep_bytes(L, keys[i].text);
        value_push_bytes(L, name);
        lua_rawget(L, idx);
        ok = read(L, name, r, err) || error_wrap(err, "member '%.*s'", BYTES_FMT(name));
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return ok;
}

static bool add_renaming(lua_State *L, struct renaming renaming, struct renames *r,
                         struct error *err)
{
    if (!read_string(L, lua_gettop(L), &renaming.to, err))
        return false;
    r->out->items[r->out->n++] = renaming;
    return true;
}

static bool read_part(lua_State *L, struct bytes name, struct renames *r, struct error *err)
{
    return add_renaming(L, (struct renaming){.from = r->from, .part = name}, r, err);
}

static bool read_parts(lua_State *L, struct bytes name, struct renames *r, struct error *err)
{
    int idx = lua_gettop(L);
    if (!lua_istable(L, idx) || count_members(L, idx) == 0)
        return wrong(L, idx, err, "a string or a table such as { top_level = 'NAME' }");
    r->from = name;
    return each_member(L, idx, "top_level = '…'", read_part, r, err);
}

static bool read_list(lua_State *L, struct bytes name, struct renames *r, struct error *err)
{
    int idx = lua_gettop(L);
    size_t n = lua_istable(L, idx) ? (size_t)lua_rawlen(L, idx) : 0;
    if (n == 0 || n != count_members(L, idx))
        return wrong(L, idx, err, "a string or a list of strings");
    bool ok = true;
    for (size_t i = 1; ok && i <= n; i++) {
        lua_rawgeti(L, idx, (lua_Integer)i);
        ok = add_renaming(L, (struct renaming){.from = name}, r, err) ||
             error_wrap(err, "element %zu", i);
        lua_pop(L, 1);
    }
    return ok;
}

static bool read_renaming(lua_State *L, struct bytes name, struct renames *r, struct error *err)
{
    if (r->kind == FIELD_RENAMES || lua_type(L, -1) == LUA_TSTRING)
        return add_renaming(L, (struct renaming){.from = name}, r, err);
    return r->kind == FIELD_RENAMES_LISTS ? read_list(L, name, r, err)
                                          : read_parts(L, name, r, err);
}

static size_t count_renamings(lua_State *L, int idx)
{
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1))
        n += lua_istable(L, -1) ? count_members(L, lua_gettop(L)) : 1;
    return n;
}

static bool read_renames(lua_State *L, int idx, enum field_kind kind, struct renamings *out,
                         struct error *err)
{
    if (!lua_istable(L, idx))
        return wrong(L, idx, err, "a table such as { prod = 'production' }");
    size_t n = count_renamings(L, idx);
    struct renamings list = {vm_alloc(L, n, sizeof *list.items), 0};
    struct renames r = {.kind = kind, .out = &list};
    if (!each_member(L, idx, "prod = '…'", read_renaming, &r, err))
        return false;
    *out = list;
    return true;
}

/* A table with names as canonical JSON; an empty one is as none. */
static bool read_object(lua_State *L, int idx, const struct field *f, struct bytes *out,
                        struct error *err)
{
    struct pieces *p = &vm_of(L)->pieces;
    if (!lua_istable(L, idx) || value_is_array(L, idx) || lua_rawlen(L, idx) > 0)
        return wrong(L, idx, err, "a table with names, such as { name = true }");
    pieces_clear(p);
    if (!value_add_json(L, idx, f->name, p, err))
        return error_wrap(err, "is no JSON");
    if (p->n_marks || p->secret) {
        error_set(err, ERR_INVALID, "cannot hold ids or secrets");
        return error_hint(err, "they are printed and recorded as they are");
    }
    if (f->bytes > 0 && p->text.len > f->bytes) {
        error_set(err, ERR_INVALID, "has %zu bytes as JSON, more than %zu", p->text.len, f->bytes);
        return error_hint(err, "shorten it");
    }
    if (p->text.len > strlen("{}"))
        *out = value_keep_bytes(L, buf_bytes(&p->text));
    return true;
}

bool schema_read_value(lua_State *L, int idx, const struct field *field, void *target,
                       struct error *err)
{
    bool b = false;
    switch (field->kind) {
    case FIELD_STRING:
        return read_string(L, idx, target, err);
    case FIELD_INTEGER:
        return read_integer(L, idx, target, err);
    case FIELD_DURATION:
        return field->unit > 1 ? read_seconds(L, idx, &days_text, field->unit, target, err)
                               : read_seconds(L, idx, &duration_text, 1, target, err);
    case FIELD_MOMENT:
        return read_seconds(L, idx, &moment_text, 1, target, err);
    case FIELD_BOOLEAN:
        return read_boolean(L, idx, target, err);
    case FIELD_TRISTATE:
        if (!read_boolean(L, idx, &b, err))
            return false;
        *(enum tristate *)target = b ? YES : NO;
        return true;
    case FIELD_CHOICE:
        return read_choice(L, idx, field, target, err);
    case FIELD_STRINGS:
        return read_strings(L, idx, target, err);
    case FIELD_RENAMES:
    case FIELD_RENAMES_LISTS:
    case FIELD_RENAMES_PARTS:
        return read_renames(L, idx, field->kind, target, err);
    case FIELD_TABLE:
        return lua_istable(L, idx) ||
               wrong(L, idx, err, field->use & FIELD_OR_TEXT ? "a string or a table" : "a table");
    case FIELD_OBJECT:
        return read_object(L, idx, field, target, err);
    case FIELD_ANY:
        break;
    }
    return true;
}

/* ---- Tables ---------------------------------------------------------------------------------- */

static const struct field *find_field(const struct fields *s, struct bytes name)
{
    for (size_t i = 0; i < s->n; i++)
        if (bytes_equal(name, bytes_of(s->rows[i].name)))
            return &s->rows[i];
    return NULL;
}

/* `names` ends with NULL. */
static void list_names(const struct fields *s, const char *names[SCHEMA_MAX + 1])
{
    for (size_t i = 0; i < s->n; i++)
        names[i] = s->rows[i].name;
    names[s->n] = NULL;
}

/* The field of `s` inside of which `name` is one, or was meant to be; `*inner` is what it is there.
 */
static const char *find_inside(const struct fields *s, struct bytes name, const char **inner)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct field *f = &s->rows[i];
        struct fields own = {f->name, f->members, f->n_members};
        const char *names[SCHEMA_MAX + 1];
        list_names(f->table ? f->table : &own, names);
        *inner = vocabulary_meant(name, names);
        if (*inner)
            return f->name;
    }
    return NULL;
}

/* What to write for a name that is no field. An exact one inside of a table is that; but mostly the
 * slip is nearer, and then it is returned. */
static const char *hint_at_unknown(const struct fields *s, struct bytes name, char *hint,
                                   size_t size)
{
    const char *names[SCHEMA_MAX + 1], *inner;
    list_names(s, names);
    if (vocabulary_is_credential(name)) {
        snprintf(hint, size,
                 "credentials are never a configuration's: set CLOUDFLARE_API_TOKEN, or "
                 "CFKV_CREDENTIALS_COMMAND to a program that prints them ('cfkv help account'); "
                 "those of a state's host likewise ('cfkv help state-credentials')");
        return NULL;
    }
    const char *near = vocabulary_meant(name, names);
    const char *outer = find_inside(s, name, &inner);
    if (outer && (!near || bytes_equal(name, bytes_of(inner)))) {
        snprintf(hint, size, "did you mean '%s' inside of '%s'? %s = { %s = … }", inner, outer,
                 outer, inner);
        return NULL;
    }
    if (near)
        snprintf(hint, size, "did you mean '%s'?", near);
    return near;
}

/* Sets the bit in `meant` of the field that was probably meant. */
static void report_unknown(lua_State *L, const struct fields *s, const struct order_key *key,
                           struct srcpos pos, const char *where, uint32_t *meant)
{
    char hint[400];
    size_t used = 0;
    for (size_t i = 0; i < s->n && used < sizeof hint; i++)
        used += (size_t)snprintf(hint + used, sizeof hint - used, "%s%s",
                                 i ? ", " : "accepted: ", s->rows[i].name);
    if (key->type != LUA_TSTRING) {
        vm_problem(L, "declare.field", pos, hint, "%s%s takes named fields, not a list", where,
                   s->what);
        return;
    }
    char quoted[100];
    const char *near = hint_at_unknown(s, key->text, hint, sizeof hint);
    if (near)
        *meant |= UINT32_C(1) << (find_field(s, bytes_of(near)) - s->rows);
    vm_problem(L, "declare.field", pos, hint, "%sunknown field %s in %s", where,
               text_quoted(key->text, quoted, sizeof quoted), s->what);
}

static bool report_unknowns(lua_State *L, int idx, const struct fields *s, struct srcpos pos,
                            const char *where, uint32_t *meant)
{
    bool ordered = true; /* told apart before sorting could raise */
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1), n++) {
        int type = lua_type(L, -2);
        ordered = ordered && (type == LUA_TSTRING || type == LUA_TNUMBER || type == LUA_TBOOLEAN);
    }
    if (!ordered) {
        vm_problem(L, "declare.field", pos, NULL, "%s%s takes names as keys, nothing else", where,
                   s->what);
        return true;
    }
    const struct order_key *keys = order_push_keys(L, idx, n);
    bool list_told = false, any = false;
    for (size_t i = 0; i < n; i++) {
        bool named = keys[i].type == LUA_TSTRING;
        if ((named && find_field(s, keys[i].text)) || (!named && list_told))
            continue;
        report_unknown(L, s, &keys[i], pos, where, meant);
        list_told = list_told || !named;
        any = true;
    }
    lua_pop(L, 1);
    return any;
}

static void read_field(lua_State *L, int idx, const struct fields *s, size_t i, void *out,
                       struct schema_result *r, struct srcpos pos, const char *where)
{
    const struct field *f = &s->rows[i];
    struct error err = {0};
    if (lua_getfield(L, idx, f->name) == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    r->given |= UINT32_C(1) << i;
    if ((f->use & FIELD_OR_TEXT) && lua_type(L, -1) == LUA_TSTRING) {
        const struct field *member = &f->members[0];
        schema_read_value(L, lua_gettop(L), member, (char *)out + member->at, &err);
    } else if (!schema_read_value(L, lua_gettop(L), f, (char *)out + f->at, &err)) {
        vm_problem(L, "declare.type", pos, err.hint[0] ? err.hint : NULL, "%sfield '%s' of %s %s",
                   where, f->name, s->what, err.message);
        r->bad |= UINT32_C(1) << i;
        r->ok = false;
    } else if (f->n_members > 0) {
        struct fields members = {f->name, f->members, f->n_members};
        schema_read(L, lua_gettop(L), &members, out, pos, where);
    }
    lua_pop(L, 1);
}

struct schema_result schema_read(lua_State *L, int idx, const struct fields *fields, void *out,
                                 struct srcpos pos, const char *where)
{
    struct schema_result r = {0, 0, true};
    char got[160];
    luaL_checkstack(L, 12, NULL);
    idx = lua_absindex(L, idx);
    if (!lua_istable(L, idx)) {
        vm_problem(L, "declare.type", pos, NULL, "%s%s takes a table of named fields, got %s",
                   where, fields->what, value_describe(L, idx, got, sizeof got));
        r.ok = false;
        return r;
    }
    for (size_t i = 0; i < fields->n; i++)
        read_field(L, idx, fields, i, out, &r, pos, where);
    uint32_t meant = 0;
    /* Mostly every key of the table was one of the fields: then there is nothing to look for. */
    if (count_members(L, idx) != (size_t)__builtin_popcount(r.given) &&
        report_unknowns(L, idx, fields, pos, where, &meant))
        r.ok = false;
    /* After the unknown ones: what is misspelt is not missing. */
    for (size_t i = 0; i < fields->n; i++) {
        if (!(fields->rows[i].use & FIELD_REQUIRED) || ((r.given | meant) & (UINT32_C(1) << i)))
            continue;
        char hint[80];
        snprintf(hint, sizeof hint, "add %s = …", fields->rows[i].name);
        vm_problem(L, "declare.required", pos, hint, "%s%s needs field '%s'", where, fields->what,
                   fields->rows[i].name);
        r.ok = false;
    }
    return r;
}
