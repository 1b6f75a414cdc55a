/* cfkv.var and cfkv.getenv: the declared inputs. */
#include <ctype.h>
#include <inttypes.h>
#include <lauxlib.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/mem.h"
#include "base/text.h"
#include "bind.h"
#include "schema.h"
#include "tables.h"
#include "value.h"

enum input_type {
    TYPE_UNSET,
    TYPE_STRING,
    TYPE_INTEGER,
    TYPE_NUMBER,
    TYPE_BOOLEAN,
    TYPE_DURATION, /* a number from here on, and in all that is printed */
    TYPE_TIME
};

static const char *const type_names[] = {"string",   "integer", "number", "boolean",
                                         "duration", "time",    NULL};

struct input_fields {
    enum input_type type;
    struct bytes doc;
    bool secret;
};

enum { I_DEFAULT, I_VAR_TYPE, I_VAR_ONEOF };

#define DOC_FIELD                                                                                  \
    FIELD_ROW("doc", FIELD_STRING, offsetof(struct input_fields, doc),                             \
              .doc = "what it is for, as cfkv inputs tells")

static const struct field var_fields[] = {
    FIELD_ROW("default", FIELD_ANY, 0, .doc = "what it is unless it is given"),
    FIELD_PICK("type", type_names, TYPE_STRING, offsetof(struct input_fields, type),
               .doc = "the default's unless given"),
    FIELD_ROW("oneof", FIELD_TABLE, 0, .doc = "the only values that it may have"),
    DOC_FIELD,
};

static const struct field env_fields[] = {
    FIELD_ROW("default", FIELD_ANY, 0, .doc = "what it is unless it is set"),
    FIELD_ROW("secret", FIELD_BOOLEAN, offsetof(struct input_fields, secret),
              .doc = "its value is never printed"),
    DOC_FIELD,
};

const struct fields input_var_fields = {"cfkv.var", var_fields,
                                        sizeof var_fields / sizeof *var_fields};
const struct fields input_env_fields = {"cfkv.getenv", env_fields,
                                        sizeof env_fields / sizeof *env_fields};

/* ---- Values ---------------------------------------------------------------------------------- */

static enum input_type type_of(lua_State *L, int idx)
{
    switch (lua_type(L, idx)) {
    case LUA_TSTRING:
        return TYPE_STRING;
    case LUA_TBOOLEAN:
        return TYPE_BOOLEAN;
    case LUA_TNUMBER:
        return lua_isinteger(L, idx) ? TYPE_INTEGER : TYPE_NUMBER;
    default:
        return TYPE_UNSET;
    }
}

static bool is_seconds(enum input_type type)
{
    return type == TYPE_DURATION || type == TYPE_TIME;
}

/* What stands for `text` in `type`: seconds for a duration or a time, else it itself. */
static struct bytes settled(lua_State *L, struct bytes text, enum input_type type)
{
    int64_t n;
    bool ok = type == TYPE_DURATION ? duration_or_seconds(text, &n)
                                    : type == TYPE_TIME && moment_or_seconds(text, &n);
    if (!ok)
        return value_keep_bytes(L, text);
    struct pieces *p = &vm_of(L)->pieces;
    pieces_clear(p);
    buf_addf(&p->text, "%" PRId64, n);
    return value_keep_bytes(L, buf_bytes(&p->text));
}

/* The text form of the Lua value at `idx` as `type`; data NULL when it is of another type. */
static struct bytes lua_to_text(lua_State *L, int idx, enum input_type type)
{
    enum input_type have = type_of(L, idx);
    if (is_seconds(type)) {
        int64_t n;
        if (have != TYPE_STRING)
            return lua_to_text(L, idx, TYPE_INTEGER);
        struct bytes text = settled(L, value_bytes(L, idx), type);
        return text_to_int64(text, &n) ? text : bytes_make(NULL, 0);
    }
    lua_Integer integer;
    bool fits = have == type || (type == TYPE_NUMBER && have == TYPE_INTEGER);
    if (type == TYPE_INTEGER && have == TYPE_NUMBER)
        fits = lua_numbertointeger(lua_tonumber(L, idx), &integer) &&
               (lua_Number)integer == lua_tonumber(L, idx);
    if (have == TYPE_UNSET || !fits)
        return bytes_make(NULL, 0);
    struct pieces *p = &vm_of(L)->pieces;
    pieces_clear(p);
    if (have == TYPE_STRING)
        return value_keep_bytes(L, value_bytes(L, idx));
    if (have == TYPE_BOOLEAN)
        buf_add_str(&p->text, lua_toboolean(L, idx) ? "true" : "false");
    else if (have == TYPE_INTEGER)
        buf_addf(&p->text, "%lld", (long long)lua_tointeger(L, idx));
    else if (isfinite(lua_tonumber(L, idx)))
        json_format_double(&p->text, lua_tonumber(L, idx));
    else
        return bytes_make(NULL, 0);
    return value_keep_bytes(L, buf_bytes(&p->text));
}

/* Pushes the value that `text` says in `type`; false when it says none. */
static bool push_typed(lua_State *L, struct bytes text, enum input_type type)
{
    int64_t n;
    double d;
    char *end;
    switch (type) {
    case TYPE_INTEGER:
    case TYPE_DURATION:
    case TYPE_TIME:
        if (!text_to_int64(text, &n))
            return false;
        lua_pushinteger(L, n);
        return true;
    case TYPE_NUMBER:
        if (text.len == 0 || isspace((unsigned char)text.data[0]) ||
            memchr(text.data, 'x', text.len))
            return false;
        d = strtod(text.data, &end); /* the arena puts a NUL behind */
        if (end != text.data + text.len || !isfinite(d))
            return false;
        lua_pushnumber(L, d);
        return true;
    case TYPE_BOOLEAN:
        if (!bytes_equal(text, bytes_of("true")) && !bytes_equal(text, bytes_of("false")))
            return false;
        lua_pushboolean(L, text.data[0] == 't');
        return true;
    case TYPE_UNSET:
    case TYPE_STRING:
        break;
    }
    value_push_bytes(L, text);
    return true;
}

/* Something of the right type, so that evaluation can go on to find the other problems. */
static void push_stand_in(lua_State *L, const struct input_decl *in, enum input_type type)
{
    if (in->n_oneof && push_typed(L, in->oneof[0], type))
        return;
    const char *text = type == TYPE_STRING || type == TYPE_UNSET ? "" : "0";
    push_typed(L, bytes_of(type == TYPE_BOOLEAN ? "false" : text), type);
}

/* ---- Declaring ------------------------------------------------------------------------------- */

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (!(isalpha(c) || c == '_' || (i > 0 && isdigit(c))))
            return false;
    }
    return name.len > 0 && name.len <= 100;
}

static bool read_name(lua_State *L, struct input_decl *in)
{
    char got[160];
    struct bytes name = value_bytes(L, 1);
    if (!is_name(name)) {
        vm_problem(L, "input.name", in->pos, "letters, digits and _", "%s takes a name, got %s",
                   in->kind == INPUT_VAR ? "cfkv.var" : "cfkv.getenv",
                   value_describe(L, 1, got, sizeof got));
        return false;
    }
    if (in->kind == INPUT_ENV &&
        (bytes_starts_with(name, bytes_of("CLOUDFLARE_")) ||
         bytes_starts_with(name, bytes_of("CF_")) || bytes_starts_with(name, bytes_of("CFKV_")))) {
        vm_problem(L, "input.reserved", in->pos,
                   "CLOUDFLARE_*, CF_* and CFKV_* hold credentials and settings of cfkv itself",
                   "environment variable '%s' cannot be read", name.data);
        return false;
    }
    in->name = arena_str(&vm_of(L)->model->arena, name.data);
    vm_need(L, 1);
    return true;
}

static void read_oneof(lua_State *L, struct input_decl *in, enum input_type type)
{
    if (lua_getfield(L, 2, "oneof") == LUA_TTABLE) {
        int list = lua_gettop(L);
        size_t n = (size_t)lua_rawlen(L, list);
        in->oneof = vm_alloc(L, n, sizeof *in->oneof);
        for (size_t i = 0; i < n; i++) {
            lua_rawgeti(L, list, (lua_Integer)i + 1);
            struct bytes text = lua_to_text(L, list + 1, type);
            char got[160];
            if (text.data)
                in->oneof[in->n_oneof++] = text;
            else
                vm_problem(L, "input.choice", in->pos, NULL,
                           "element %zu of oneof of '%s' must be of type %s, got %s", i + 1,
                           in->name, in->type, value_describe(L, -1, got, sizeof got));
            lua_pop(L, 1);
        }
        if (n == 0)
            vm_problem(L, "input.choice", in->pos, "leave oneof out to accept anything",
                       "oneof of '%s' is empty", in->name);
    }
    lua_pop(L, 1);
}

static void read_default(lua_State *L, struct input_decl *in, enum input_type type)
{
    char got[160];
    if (lua_getfield(L, 2, "default") != LUA_TNIL) {
        in->default_value = lua_to_text(L, lua_gettop(L), type);
        if (!in->default_value.data)
            vm_problem(L, "input.default", in->pos, NULL,
                       "the default of '%s' must be of type %s, got %s", in->name, in->type,
                       value_describe(L, -1, got, sizeof got));
    }
    lua_pop(L, 1);
}

static enum input_type read_options(lua_State *L, struct input_decl *in)
{
    struct input_fields fields = {0};
    enum input_type type = TYPE_STRING;
    bool table = lua_istable(L, 2);
    if (!lua_isnil(L, 2))
        schema_read(L, 2, in->kind == INPUT_VAR ? &input_var_fields : &input_env_fields, &fields,
                    in->pos, "");
    if (table && in->kind == INPUT_VAR) { /* the type that was given, else the default's */
        type = fields.type;
        if (type == TYPE_UNSET) {
            lua_getfield(L, 2, "default");
            type = type_of(L, -1);
            lua_pop(L, 1);
        }
        type = type == TYPE_UNSET ? TYPE_STRING : type;
    }
    in->type = type_names[type - TYPE_STRING];
    in->doc = fields.doc.data;
    in->secret = fields.secret;
    if (table && in->kind == INPUT_VAR)
        read_oneof(L, in, type);
    if (table)
        read_default(L, in, type);
    return type;
}

/*
 * An environment variable that is set but empty is mostly a secret that CI did not have, or a slip:
 * it is told, and never overwrites what is there. `default = ""` says that empty is meant.
 */
static const char *told_when_empty(lua_State *L, const struct input_decl *in, const char *name,
                                   const char *value, bool *empty)
{
    if (!value || *value)
        return value;
    if (!in->default_value.data) {
        *empty = true;
        vm_problem(L, "input.empty", in->pos,
                   "give it a value; default = \"\" says that an empty one is meant",
                   "environment variable '%s' is set but empty", name);
    } else if (in->default_value.len > 0) {
        struct diag_list *diags = &vm_of(L)->model->diags;
        diag_add(diags, DIAG_WARNING, "input.empty", in->pos,
                 "environment variable '%s' is set but empty: its default counts", name);
        diag_hint(diags, "unset it, or give it a value");
    }
    return NULL;
}

/* The environment's, else what an env file says. */
static const char *find_variable(lua_State *L, const struct input_decl *in,
                                 const struct dotenv *env)
{
    const struct dotenv_variable *v = env ? dotenv_find(env, in->name) : NULL;
    if (!v)
        return getenv(in->name);
    if (v->refers)
        vm_problem(L, "input.env_file", in->pos, "write the value itself; \\$ is a dollar",
                   "environment variable '%s' (%s:%zu) names another one, which cfkv does not "
                   "replace",
                   in->name, v->file, v->line);
    return v->value;
}

/* What came from outside: --var first, which may be empty, then the environment. NULL: nothing, or
 * nothing to go on with (`empty`, told). */
static const char *find_outside(lua_State *L, const struct input_decl *in, bool *empty)
{
    const struct script_options *o = vm_of(L)->options;
    char name[128];
    if (in->kind == INPUT_ENV)
        return told_when_empty(L, in, in->name, find_variable(L, in, o->env), empty);
    for (size_t i = o->n_vars; i-- > 0;) /* the last of equals wins */
        if (strcmp(o->vars[i].name, in->name) == 0)
            return o->vars[i].value;
    snprintf(name, sizeof name, "CFKV_VAR_%s", in->name);
    return told_when_empty(L, in, name, getenv(name), empty);
}

static bool is_accepted(const struct input_decl *in)
{
    for (size_t i = 0; i < in->n_oneof; i++)
        if (bytes_equal(in->oneof[i], in->value))
            return true;
    return in->n_oneof == 0;
}

static void report_missing(lua_State *L, const struct input_decl *in)
{
    char hint[300];
    if (in->kind == INPUT_VAR)
        snprintf(hint, sizeof hint, "give --var %s=…, set CFKV_VAR_%s, or add a default", in->name,
                 in->name);
    else
        snprintf(hint, sizeof hint, "set it, or add a default");
    vm_problem(L, "input.missing", in->pos, hint,
               in->kind == INPUT_VAR ? "variable '%s' has no value"
                                     : "environment variable '%s' is not set",
               in->name);
}

/* What to write for a text that is none of the type. */
static const char *type_hint(struct bytes text, enum input_type type, char out[HINT_SIZE])
{
    const char *meant;
    switch (type) {
    case TYPE_BOOLEAN:
        return "write true or false";
    case TYPE_DURATION:
        meant = duration_hint(text, out);
        return meant ? meant : "give " DURATION_WANTED;
    case TYPE_TIME:
        meant = moment_hint(text, out);
        return meant ? meant : "give " MOMENT_WANTED;
    default:
        return NULL;
    }
}

/* Pushes the value that the file sees; a problem is diagnosed and something is pushed anyway. */
static void push_input(lua_State *L, const struct input_decl *in, enum input_type type, bool told)
{
    char guess[HINT_SIZE];
    char quoted[160], hint[400];
    if (!in->value.data) {
        /* A default of a wrong type was told already. */
        if (!told &&
            (lua_isnil(L, 2) || !lua_istable(L, 2) || lua_getfield(L, 2, "default") == LUA_TNIL))
            report_missing(L, in);
        push_stand_in(L, in, type);
        return;
    }
    text_quoted(in->value, quoted, sizeof quoted);
    if (!push_typed(L, in->value, type)) {
        vm_problem(L, "input.type", in->pos, type_hint(in->value, type, guess),
                   "variable '%s' must be of type %s, got %s", in->name, in->type, quoted);
        push_stand_in(L, in, type);
        return;
    }
    if (!is_accepted(in)) {
        size_t used = 0;
        for (size_t i = 0; i < in->n_oneof && used < sizeof hint; i++)
            used += (size_t)snprintf(hint + used, sizeof hint - used, "%s'%.*s'",
                                     i ? ", " : "accepted: ", BYTES_FMT(in->oneof[i]));
        vm_problem(L, "input.choice", in->pos, hint, "variable '%s' cannot be %s", in->name,
                   quoted);
    }
}

static bool same_declaration(const struct input_decl *a, const struct input_decl *b)
{
    bool same = strcmp(a->type, b->type) == 0 && a->secret == b->secret &&
                a->n_oneof == b->n_oneof && !a->default_value.data == !b->default_value.data &&
                bytes_equal(a->default_value, b->default_value);
    for (size_t i = 0; same && i < a->n_oneof; i++)
        same = bytes_equal(a->oneof[i], b->oneof[i]);
    return same;
}

static void keep_input(lua_State *L, const struct input_decl *in)
{
    struct model *m = vm_of(L)->model;
    for (size_t i = 0; i < m->n_inputs; i++) {
        const struct input_decl *old = &m->inputs[i];
        if (old->kind != in->kind || strcmp(old->name, in->name) != 0)
            continue;
        if (!same_declaration(old, in))
            vm_problem(L, "input.conflict", in->pos, "declare it once, in a module of its own",
                       "'%s' was declared differently at %s:%d", in->name,
                       old->pos.file ? old->pos.file : "?", old->pos.line);
        return;
    }
    struct input_decl *kept = model_add_input(m);
    vm_need(L, 1);
    *kept = *in;
}

static int declare(lua_State *L, enum input_kind kind)
{
    struct input_decl in = {.kind = kind, .pos = vm_where(L)};
    lua_settop(L, 2);
    if (!read_name(L, &in)) {
        lua_pushliteral(L, "");
        return 1;
    }
    enum input_type type = read_options(L, &in);
    bool empty = false;
    const char *outside = find_outside(L, &in, &empty);
    in.given = outside != NULL;
    in.value = outside ? settled(L, bytes_of(outside), type) : in.default_value;
    keep_input(L, &in);
    push_input(L, &in, type, empty);
    if (in.secret) {
        struct pieces *p = &vm_of(L)->pieces;
        pieces_clear(p);
        buf_add_bytes(&p->text, value_bytes(L, -1));
        p->secret = true;
        value_push_pieces(L, p);
    }
    return 1;
}

int bind_var(lua_State *L)
{
    return declare(L, INPUT_VAR);
}

int bind_getenv(lua_State *L)
{
    return declare(L, INPUT_ENV);
}

/* ---- --var that nobody asked for ------------------------------------------------------------ */

static bool is_declared(const struct model *m, const char *name)
{
    for (size_t i = 0; i < m->n_inputs; i++)
        if (m->inputs[i].kind == INPUT_VAR && strcmp(m->inputs[i].name, name) == 0)
            return true;
    return false;
}

void bind_check_vars(struct vm *vm)
{
    struct model *m = vm->model;
    const char **names = mem_zalloc(m->n_inputs + 1, sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < m->n_inputs; i++)
        if (m->inputs[i].kind == INPUT_VAR)
            names[n++] = m->inputs[i].name;
    for (size_t i = 0; i < vm->options->n_vars; i++) {
        const char *name = vm->options->vars[i].name;
        if (is_declared(m, name))
            continue;
        char quoted[160];
        struct srcpos nowhere = {NULL, 0};
        diag_add(&m->diags, DIAG_ERROR, "input.unknown", nowhere,
                 "--var %s is not declared by the configuration",
                 text_quoted(bytes_of(name), quoted, sizeof quoted));
        const char *near = text_nearest(bytes_of(name), names);
        if (near)
            diag_hint(&m->diags, "did you mean '%s'?", near);
        else
            diag_hint(&m->diags, "declare it: cfkv.var(\"%s\")", name);
    }
    mem_free(names);
}
