/* What a live call gives back: errors, results of bulk calls, and whether anybody looks at them. */
#include <inttypes.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "live.h"
#include "value.h"

#define ERROR  "cfkv.error"
#define UNREAD "cfkv.unread" /* metatable of what tells of a failed write and was not read yet */
#define HIDDEN "cfkv.hidden" /* in the registry: the fields of each of these */

/* ---- Errors ---------------------------------------------------------------------------------- */

static const char *const code_words[] = {
    [ERR_IO] = "io",         [ERR_INVALID] = "invalid",     [ERR_FORMAT] = "format",
    [ERR_ANSWER] = "format", [ERR_LIMIT] = "limit",         [ERR_GUARD] = "guard",
    [ERR_LOCKED] = "locked", [ERR_NOT_FOUND] = "not_found", [ERR_EXISTS] = "exists",
    [ERR_FAILED] = "failed",
};

static const char *code_word(enum error_code code)
{
    return code_words[code] ? code_words[code] : "failed";
}

enum error_code live_code_named(const char *word)
{
    size_t code = 0;
    while (code < ERR_FAILED && (!code_words[code] || strcmp(code_words[code], word) != 0))
        code++;
    return (enum error_code)code;
}

/* The message, and the hint on a line of its own. */
static int error_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_getfield(L, 1, "message");
    if (!lua_isstring(L, -1)) {
        lua_pushliteral(L, ERROR);
        return 1;
    }
    if (lua_getfield(L, 1, "hint") == LUA_TSTRING)
        lua_pushfstring(L, "%s\nhint: %s", lua_tostring(L, 2), lua_tostring(L, 3));
    else
        lua_pop(L, 1);
    return 1;
}

static const luaL_Reg error_methods[] = {{"__tostring", error_tostring}, {NULL, NULL}};

void live_push_error(lua_State *L, const struct error *err)
{
    if (err->code == ERR_INTERRUPTED)
        vm_stop(L, VM_INTERRUPTED);
    luaL_checkstack(L, 4, NULL);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, code_word(err->code));
    lua_setfield(L, -2, "code");
    lua_pushstring(L, err->message);
    lua_setfield(L, -2, "message");
    if (err->hint[0]) {
        lua_pushstring(L, err->hint);
        lua_setfield(L, -2, "hint");
    }
    value_set_metatable(L, ERROR, error_methods);
}

bool live_is_error(lua_State *L, int idx)
{
    if (!lua_istable(L, idx) || !lua_getmetatable(L, idx))
        return false;
    luaL_getmetatable(L, ERROR);
    bool is = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return is;
}

/* ---- Failed writes that nobody looked at -----------------------------------------------------
 *
 * The table that tells of one is empty at first; the first look at it moves its fields in. What
 * nobody looked at is told when the script has ended.
 */

enum { SERIAL = 1, WRITES }; /* beside the fields */

/* By the table that is given in their place, which it does not keep alive. */
static void push_hidden(lua_State *L)
{
    if (luaL_getsubtable(L, LUA_REGISTRYINDEX, HIDDEN))
        return;
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
}

static lua_Integer take_number(lua_State *L, int number)
{
    lua_rawgeti(L, -1, number);
    lua_Integer n = lua_tointeger(L, -1);
    lua_pop(L, 1);
    lua_pushnil(L);
    lua_rawseti(L, -2, number);
    return n;
}

/* A failure at `idx` (anything else is left as it is) is looked at: its fields are there then. */
static void look(lua_State *L, int idx)
{
    struct live *live = live_of(L);
    int table = lua_absindex(L, idx);
    luaL_checkstack(L, 8, NULL);
    push_hidden(L);
    lua_pushvalue(L, table);
    if (!lua_istable(L, table) || lua_rawget(L, -2) != LUA_TTABLE) {
        lua_pop(L, 2);
        return;
    }
    lua_Integer serial = take_number(L, SERIAL);
    live->result->unread.writes -= (uint64_t)take_number(L, WRITES);
    if ((uint64_t)serial == live->first_unread) {
        live->first_unread = 0;
        live->result->unread.first = (struct error){0};
    }
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, table);
    }
    if (!lua_getmetatable(L, -1))
        lua_pushnil(L);
    lua_setmetatable(L, table);
    lua_pushvalue(L, table);
    lua_pushnil(L);
    lua_rawset(L, -4);
    lua_pop(L, 2);
}

static int unread_index(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    look(L, 1);
    lua_rawget(L, 1);
    return 1;
}

static int unread_pairs(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    look(L, 1);
    lua_getglobal(L, "next");
    lua_pushvalue(L, 1);
    return 2;
}

static int unread_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    look(L, 1);
    luaL_tolstring(L, 1, NULL);
    return 1;
}

static const luaL_Reg unread_methods[] = {{"__index", unread_index},
                                          {"__pairs", unread_pairs},
                                          {"__tostring", unread_tostring},
                                          {NULL, NULL}};

/* [ …, fields ] → the table that is given in their place. `writes` failed, as `err` says. */
static void hide(lua_State *L, uint64_t writes, const struct error *err)
{
    struct live *live = live_of(L);
    struct run_unread *unread = &live->result->unread;
    struct srcpos pos = vm_where(L);
    luaL_checkstack(L, 6, NULL);
    lua_pushinteger(L, (lua_Integer)++live->serial);
    lua_rawseti(L, -2, SERIAL);
    lua_pushinteger(L, (lua_Integer)writes);
    lua_rawseti(L, -2, WRITES);
    lua_newtable(L);
    value_set_metatable(L, UNREAD, unread_methods);
    push_hidden(L);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -4);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    lua_remove(L, -2);
    unread->writes += writes;
    if (live->first_unread)
        return;
    live->first_unread = live->serial;
    error_set(&unread->first, err->code, "%s:%d: %s", pos.file ? pos.file : "", pos.line,
              err->message);
}

void live_look_at_arguments(lua_State *L)
{
    int n = live_of(L)->result->unread.writes > 0 ? lua_gettop(L) : 0;
    luaL_checkstack(L, 4, NULL);
    for (int i = 1; i <= n; i++) {
        look(L, i);
        if (!lua_istable(L, i))
            continue;
        for (lua_pushnil(L); lua_next(L, i); lua_pop(L, 1))
            look(L, -1);
    }
}

/* ---- One operation --------------------------------------------------------------------------- */

/* [ …, error ] → nil, error; raised where the script is strict. */
static int give_error(lua_State *L)
{
    if (live_of(L)->strict)
        return lua_error(L);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

int live_fail(lua_State *L, const struct error *err)
{
    live_push_error(L, err);
    return give_error(L);
}

int live_fail_write(lua_State *L, const struct error *err)
{
    live_push_error(L, err);
    if (!live_of(L)->strict)
        hide(L, 1, err);
    return give_error(L);
}

int live_done(lua_State *L, const char *backup)
{
    lua_pushboolean(L, true);
    if (!backup)
        return 1;
    lua_pushstring(L, backup);
    return 2;
}

/* ---- Many keys ------------------------------------------------------------------------------- */

bool live_tally_failed(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    struct live_tally *tally = ctx;
    (void)err;
    if (tally->n_failed++ == 0)
        tally->cause = *cause;
    buf_add(&tally->failed, &key.len, sizeof key.len);
    buf_add_bytes(&tally->failed, key);
    return true;
}

/* Sets what is told of it as fields of the table on top of the stack. */
static void set_tally(lua_State *L, const struct live_tally *tally)
{
    lua_pushinteger(L, (lua_Integer)tally->counts.keys);
    lua_setfield(L, -2, tally->done);
    lua_createtable(L, tally->n_failed < INT_MAX ? (int)tally->n_failed : INT_MAX, 0);
    for (size_t i = 0, at = 0, len; i < tally->n_failed; i++, at += len) {
        memcpy(&len, tally->failed.data + at, sizeof len);
        at += sizeof len;
        lua_pushlstring(L, tally->failed.data + at, len);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "failed");
    if (tally->backup) {
        lua_pushstring(L, tally->backup);
        lua_setfield(L, -2, "backup");
    }
    if (tally->n_failed == 0)
        return;
    live_push_error(L, &tally->cause);
    lua_setfield(L, -2, "reason");
}

int live_tally_give(lua_State *L, const struct live_tally *tally)
{
    if (tally->n_failed > 0 && live_of(L)->strict) {
        struct error err = {0};
        error_set(&err, ERR_FAILED, "%zu key%s not %s: %s", tally->n_failed,
                  tally->n_failed == 1 ? " was" : "s were", tally->done, tally->cause.message);
        if (tally->cause.hint[0])
            error_hint(&err, "%s", tally->cause.hint);
        live_push_error(L, &err);
        set_tally(L, tally);
        return lua_error(L);
    }
    lua_createtable(L, 0, 4);
    set_tally(L, tally);
    if (tally->n_failed > 0)
        hide(L, tally->n_failed, &tally->cause);
    return 1;
}

int live_tally_fail(lua_State *L, const struct live_tally *tally, const struct error *err)
{
    live_push_error(L, err);
    set_tally(L, tally);
    if (!live_of(L)->strict)
        hide(L, tally->n_failed > 0 ? tally->n_failed : 1, err);
    return give_error(L);
}

int live_tally_raise(lua_State *L, const struct live_tally *tally)
{
    struct error err = {0};
    vm_check(L);
    int cause = lua_gettop(L);
    const char *text = luaL_tolstring(L, cause, NULL);
    size_t len;
    const char *hint = vm_split_hint(text, &len);
    error_set(&err, ERR_FAILED, "%.*s (%" PRIu64 " key%s %s before)", (int)len, text,
              tally->counts.keys, tally->counts.keys == 1 ? " was" : "s were", tally->done);
    if (hint)
        error_hint(&err, "%s", hint);
    live_push_error(L, &err);
    set_tally(L, tally);
    lua_pushliteral(L, "raised");
    lua_setfield(L, -2, "code");
    lua_pushvalue(L, cause);
    lua_setfield(L, -2, "cause");
    return lua_error(L);
}

void live_tally_release(struct live_tally *tally)
{
    buf_release(&tally->failed);
    tally->n_failed = 0;
}
