/* cfkv.rows.*: what is in a file, row by row, for a script to make items of. */
#include <lauxlib.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "call.h"
#include "live.h"
#include "seed/rows.h"
#include "tables.h"
#include "value.h"

#define ROWS         "cfkv.rows"
#define PROBLEMS_MAX 20 /* of a file; the first is told, and the lines of the others */

/* One loop over a file. Its user value is the metatable of its rows. */
struct live_rows {
    struct rows *rows; /* NULL: over */
    enum source_format format;
    bool at_work; /* a row is being pushed */
};

static int free_rows(lua_State *L)
{
    struct live_rows *loop = luaL_checkudata(L, 1, ROWS);
    rows_close(loop->rows);
    loop->rows = NULL;
    return 0;
}

/* A finalizer, which may run while a row is pushed, may close the loop that the row is from. */
static int close_rows(lua_State *L)
{
    struct live_rows *loop = luaL_checkudata(L, 1, ROWS);
    return loop->at_work ? 0 : free_rows(L);
}

static const luaL_Reg rows_methods[] = {{"__gc", free_rows}, {"__close", close_rows}, {NULL, NULL}};

/* ---- Options of CSV -------------------------------------------------------------------------- */

struct csv_fields {
    struct bytes delimiter, decimal;
    struct strings header;
    struct renamings columns, types;
};

#define AT(field) offsetof(struct csv_fields, field)

static const char *const decimal_signs[] = {".", ",", NULL};

static const struct field csv_fields[] = {
    {.name = "delimiter",
     .kind = FIELD_STRING,
     .at = AT(delimiter),
     .doc = "what is between cells: one character, such as \";\" or \"\\t\"; a comma unless given"},
    {.name = "decimal",
     .kind = FIELD_STRING,
     .at = AT(decimal),
     .choices = decimal_signs,
     .doc = "the decimal sign of numbers"},
    {.name = "header",
     .kind = FIELD_STRINGS,
     .at = AT(header),
     .doc = "names of the columns of a file whose first line does not name them"},
    {.name = "columns",
     .kind = FIELD_RENAMES,
     .at = AT(columns),
     .doc = "names of columns in the file to those that rows have"},
    {.name = "types",
     .kind = FIELD_RENAMES,
     .at = AT(types),
     .doc = "what columns (by the names that rows have) hold; text unless given"},
};

const struct fields live_csv_fields = {"cfkv.rows.csv", csv_fields,
                                       sizeof csv_fields / sizeof *csv_fields};

static char read_sign(lua_State *L, const char *field, struct bytes text, const char *accepted,
                      char otherwise)
{
    char quoted[80];
    if (!text.data)
        return otherwise;
    unsigned char c = text.len == 1 ? (unsigned char)text.data[0] : 0;
    bool ok = accepted ? c && strchr(accepted, (char)c)
                       : (c == '\t' || (c >= ' ' && c < 0x7f)) && c != '"';
    if (!ok)
        vm_raise(L, accepted ? NULL : "\";\", \"\\t\" and \"|\" are common ones",
                 "%s must be %s, got %s", field,
                 accepted ? "'.' or ','" : "one character that is no quote",
                 text_quoted(text, quoted, sizeof quoted));
    return text.data[0];
}

static void read_types(lua_State *L, const struct renamings *types, struct rows_shape *shape)
{
    char name[QUOTED_SIZE], got[QUOTED_SIZE];
    struct row_typed *list = vm_alloc(L, types->n + 1, sizeof *list);
    for (size_t i = 0; i < types->n; i++) {
        struct bytes word = types->items[i].to;
        int type = 0;
        while (row_type_words[type] && !bytes_equal(word, bytes_of(row_type_words[type])))
            type++;
        if (!row_type_words[type]) {
            const char *nearest = text_nearest(word, row_type_words);
            char hint[64];
            snprintf(hint, sizeof hint, "did you mean '%s'?", nearest ? nearest : "");
            vm_raise(L,
                     nearest ? hint
                             : "there are: string, integer, number, boolean, json, duration, "
                               "time",
                     "column %s has the unknown type %s",
                     text_quoted(types->items[i].from, name, sizeof name),
                     text_quoted(word, got, sizeof got));
        }
        list[i] = (struct row_typed){types->items[i].from, (enum row_type)type};
    }
    shape->types = list;
    shape->n_types = types->n;
}

static struct rows_shape read_shape(lua_State *L)
{
    struct csv_fields fields = {0};
    struct rows_shape shape = {.format = SOURCE_CSV};
    live_options(L, 2, &live_csv_fields, &fields);
    shape.delimiter = read_sign(L, "delimiter", fields.delimiter, NULL, ',');
    shape.decimal = read_sign(L, "decimal", fields.decimal, ".,", '.');
    shape.header = fields.header;
    shape.columns = fields.columns;
    read_types(L, &fields.types, &shape);
    return shape;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* The first problem with its place; the lines of the others stand in the hint. */
static void raise_problems(lua_State *L, struct diag_list *diags)
{
    struct error err = {0};
    struct buf hint = {0};
    diag_sort(diags);
    live_first_problem(diags, &err);
    if (err.hint[0])
        buf_addf(&hint, "%s", err.hint);
    if (diags->errors > 1)
        buf_addf(&hint, "%s%zu more problem%s", hint.len > 0 ? "; " : "", diags->errors - 1,
                 text_plural(diags->errors - 1));
    for (size_t i = 1; i < diags->n; i++)
        if (diags->items[i].pos.line > 0)
            buf_addf(&hint, "%s%d",
                     i > 1          ? ", "
                     : diags->n > 2 ? ", in lines "
                                    : ", in line ",
                     diags->items[i].pos.line);
    if (hint.len > 0)
        error_hint(&err, "%s", hint.data);
    buf_release(&hint);
    diag_release(diags);
    vm_raise_error(L, &err);
}

/* Relative to the root, as all paths of a script's calls; a path that is found from where cfkv was
 * started instead is told. */
static struct rows *open_rows(lua_State *L, struct bytes path, const struct rows_shape *shape)
{
    struct error err = {0};
    struct arena arena = {0};
    const char *name = arena_printf(&arena, "%.*s", BYTES_FMT(path));
    bool relative = path.data[0] != '/' && strcmp(name, "-") != 0;
    if (strlen(name) != path.len) {
        arena_release(&arena);
        vm_raise(L, NULL, "the path has a NUL byte in it");
    }
    struct rows *rows =
        rows_open(relative ? path_join(&arena, vm_of(L)->shown_root, name) : name, shape, &err);
    if (!rows && relative && err.code == ERR_NOT_FOUND && access(name, F_OK) == 0)
        error_hint(&err, "paths are relative to the folder of the script (--root); the file in the "
                         "current folder is meant by its absolute path");
    arena_release(&arena);
    if (!rows)
        vm_raise_error(L, &err);
    return rows;
}

static int next_row(lua_State *L);

/* [ path, … ] → what a loop takes. Everything is judged before the first row is given. */
static int push_rows(lua_State *L, const struct rows_shape *shape)
{
    struct error err = {0};
    struct diag_list diags = {0};
    struct bytes path = call_text(L, 1, "a path");
    if (path.len == 0)
        return vm_raise(L, NULL, "the path is empty");
    struct live_rows *loop = lua_newuserdatauv(L, sizeof *loop, 1);
    *loop = (struct live_rows){.format = shape->format};
    value_set_metatable(L, ROWS, rows_methods);
    loop->rows = open_rows(L, path, shape);
    bool ok = rows_survey(loop->rows, PROBLEMS_MAX, &diags, &err);
    if (ok && diags.errors > 0)
        raise_problems(L, &diags);
    diag_release(&diags);
    if (!ok)
        return vm_raise_error(L, &err);
    lua_pushvalue(L, -1);
    live_push_native(L, next_row, 1);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, -4);
    return 4; /* the fourth is closed when a loop is left */
}

int live_rows_csv(lua_State *L)
{
    lua_settop(L, 2);
    struct rows_shape shape = read_shape(L);
    return push_rows(L, &shape);
}

int live_rows_jsonl(lua_State *L)
{
    return push_rows(L, &(struct rows_shape){.format = SOURCE_JSONL});
}

int live_rows_dir(lua_State *L)
{
    return push_rows(L, &(struct rows_shape){.format = SOURCE_DIR});
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* What a bulk put asks of a row that is given to it as an item. */
static const char *const item_fields[] = {"key",        "value",          "base64",
                                          "expiration", "expiration_ttl", "metadata"};

/* A field that a row has not. Upvalue: a table whose keys are the columns. */
static int row_index(lua_State *L)
{
    char got[QUOTED_SIZE], hint[QUOTED_SIZE];
    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TSTRING)
        return 0;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 0; /* an empty cell */
    for (size_t i = 0; i < sizeof item_fields / sizeof *item_fields; i++)
        if (strcmp(lua_tostring(L, 2), item_fields[i]) == 0)
            return 0;
    size_t n = 0;
    for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)); lua_pop(L, 1))
        n++;
    const char **names = lua_newuserdatauv(L, (n + 1) * sizeof *names, 0);
    n = 0;
    for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)); lua_pop(L, 1))
        names[n++] = lua_tostring(L, -2);
    names[n] = NULL;
    const char *nearest = text_nearest(value_bytes(L, 2), names);
    snprintf(hint, sizeof hint, "did you mean '%.120s'?", nearest ? nearest : "");
    return vm_raise(L, nearest ? hint : "rawget(row, name) asks without this error",
                    "the rows have no column %s", text_quoted(value_bytes(L, 2), got, sizeof got));
}

/* The metatable of the rows, which the first one makes. */
static void push_row_metatable(lua_State *L, int loop, const struct row *row)
{
    if (lua_getiuservalue(L, loop, 1) == LUA_TTABLE)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 2);
    lua_newtable(L);
    for (size_t i = 0; i < row->n; i++) {
        value_push_bytes(L, row->cells[i].name);
        lua_pushboolean(L, 1);
        lua_rawset(L, -3);
    }
    lua_pushcclosure(L, row_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, loop, 1);
}

static bool push_cell(lua_State *L, const struct row_cell *cell, struct error *err)
{
    switch (cell->absent ? ROW_STRING : cell->type) {
    case ROW_INTEGER:
    case ROW_DURATION:
    case ROW_TIME:
        lua_pushinteger(L, cell->integer);
        return true;
    case ROW_NUMBER:
        if (cell->is_integer)
            lua_pushinteger(L, cell->integer);
        else
            lua_pushnumber(L, cell->number);
        return true;
    case ROW_BOOLEAN:
        lua_pushboolean(L, cell->truth);
        return true;
    case ROW_JSON:
        return value_push_json(L, cell->text, err);
    case ROW_STRING:
        value_push_bytes(L, cell->text);
    }
    return true;
}

/* [ …, loop at `loop` ] → the row. */
static bool push_row(lua_State *L, int loop, const struct row *row, struct error *err)
{
    if (row->json.data)
        return value_push_json(L, row->json, err);
    lua_createtable(L, 0, row->n > 0 ? (int)row->n : 2);
    if (row->path.data) {
        value_push_bytes(L, row->path);
        lua_setfield(L, -2, "key");
        value_push_bytes(L, row->value);
        lua_setfield(L, -2, "value");
        return true;
    }
    for (size_t i = 0; i < row->n; i++) {
        if (row->cells[i].absent)
            continue;
        value_push_bytes(L, row->cells[i].name);
        if (!push_cell(L, &row->cells[i], err))
            return false;
        lua_rawset(L, -3);
    }
    push_row_metatable(L, loop, row);
    lua_setmetatable(L, -2);
    return true;
}

/* Upvalue: the loop. Gives the row and its line. A failure is raised: a loop would take nil for the
 * end. */
static int next_row(lua_State *L)
{
    struct live_rows *loop = lua_touserdata(L, lua_upvalueindex(1));
    struct row row;
    struct error err = {0};
    enum seed_status status = loop->rows ? rows_next(loop->rows, &row, &err) : SEED_END;
    lua_settop(L, 0);
    luaL_checkstack(L, 12, NULL);
    if (status == SEED_ITEM) {
        lua_pushvalue(L, lua_upvalueindex(1));
        loop->at_work = true;
        bool ok = push_row(L, 1, &row, &err);
        loop->at_work = false;
        if (!ok) {
            error_wrap(&err, "%s:%d", row.pos.file, row.pos.line);
            return vm_raise_error(L, &err);
        }
        if (row.pos.line == 0)
            return 1;
        lua_pushinteger(L, row.pos.line);
        return 2;
    }
    rows_close(loop->rows);
    loop->rows = NULL;
    if (status == SEED_FAILED)
        return vm_raise_error(L, &err);
    lua_pushnil(L);
    return 1;
}
