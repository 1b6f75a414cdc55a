#include "host.h"

#include <lauxlib.h>
#include <lualib.h>

#include "base/mem.h"
#include "base/text.h"
#include "embed.h"
#include "tools.h"
#include "view.h"

/* One text that is being made. */
struct work {
    const char *module, *function;
    struct bytes view;
    struct diag_list *problems;
    struct buf *out;
    struct error *err;
    struct buf source; /* of a module, in a development build */
    bool ok;
};

static void *allocate(void *ctx, void *ptr, size_t old_size, size_t size)
{
    (void)ctx, (void)old_size;
    if (size > 0)
        return mem_realloc(ptr, size);
    mem_free(ptr);
    return NULL;
}

/* ---- The state ------------------------------------------------------------------------------- */

/* Upvalues: the table of loaded modules and the work. */
static int require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    struct work *work = lua_touserdata(L, lua_upvalueindex(2));
    struct bytes text;
    if (lua_getfield(L, lua_upvalueindex(1), name) != LUA_TNIL)
        return 1;
    lua_pushfstring(L, "host/%s.lua", luaL_gsub(L, name, ".", "/"));
    const char *path = lua_tostring(L, -1);
    if (!embed_text(embed_host, "lua", path, &work->source, &text))
        return luaL_error(L, "there is no module '%s'", name);
    if (luaL_loadbufferx(L, text.data, text.len, lua_pushfstring(L, "=%s", path), "t") != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, lua_upvalueindex(1), name);
    return 1;
}

static void open_libraries(lua_State *L, struct work *work)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},       {LUA_STRLIBNAME, luaopen_string},
        {LUA_TABLIBNAME, luaopen_table}, {LUA_MATHLIBNAME, luaopen_math},
        {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    /* They read files and code, or print past the result. */
    static const char *const closed[] = {"collectgarbage", "dofile", "load",
                                         "loadfile",       "print",  "warn"};
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++)
        luaL_requiref(L, libraries[i].name, libraries[i].func, true);
    lua_settop(L, 0);
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        lua_pushnil(L);
        lua_setglobal(L, closed[i]);
    }
    lua_newtable(L);
    tools_push(L);
    lua_setfield(L, -2, "text");
    lua_pushlightuserdata(L, work);
    lua_pushcclosure(L, require, 2);
    lua_setglobal(L, "require");
}

/* ---- The text -------------------------------------------------------------------------------- */

/* The problems are an array of { message =, hint = } at the top of the stack. */
static bool take_problems(lua_State *L, struct work *work)
{
    static const struct srcpos nowhere = {0};
    lua_Integer n = luaL_len(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_geti(L, -1, i);
        lua_getfield(L, -1, "message");
        lua_getfield(L, -2, "hint");
        diag_add(work->problems, DIAG_ERROR, "text.problem", nowhere, "%s",
                 luaL_checkstring(L, -2));
        if (!lua_isnil(L, -1))
            diag_hint(work->problems, "%s", luaL_checkstring(L, -1));
        lua_pop(L, 3);
    }
    return error_set(work->err, ERR_FAILED, "nothing is printed: %d problem%s", (int)n,
                     text_plural((uint64_t)n));
}

static int make_text(lua_State *L)
{
    struct work *work = lua_touserdata(L, 1);
    open_libraries(L, work);
    lua_getglobal(L, "require");
    lua_pushstring(L, work->module);
    lua_call(L, 1, 1);
    lua_getfield(L, -1, work->function);
    if (!view_push(L, work->view, work->err))
        return 0;
    lua_call(L, 1, 2);
    if (lua_isnil(L, -2)) {
        work->ok = take_problems(L, work);
    } else {
        size_t len;
        const char *text = luaL_checklstring(L, -2, &len);
        buf_add(work->out, text, len);
        work->ok = true;
    }
    return 0;
}

/* Lua puts "host/state.lua:12: " in front. */
static bool report_bug(lua_State *L, struct error *err)
{
    const char *message = luaL_tolstring(L, -1, NULL);
    return error_set(err, ERR_FAILED, "a bug in cfkv: %.*s", (int)strcspn(message, "\n"), message);
}

bool host_text(const char *module, const char *function, struct bytes view,
               struct diag_list *problems, struct buf *out, struct error *err)
{
    struct work work = {.module = module,
                        .function = function,
                        .view = view,
                        .problems = problems,
                        .out = out,
                        .err = err};
    lua_State *L = lua_newstate(allocate, NULL);
    if (!L)
        mem_exhausted();
    lua_pushcfunction(L, make_text);
    lua_pushlightuserdata(L, &work);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        work.ok = report_bug(L, err);
    lua_close(L);
    buf_release(&work.source);
    return work.ok;
}

bool host_module(const char *folder, size_t n, struct bytes *name)
{
    size_t len = strlen(folder);
    for (const struct embed_file *f = embed_host; f->name; f++) {
        struct bytes path = bytes_of(f->name + sizeof "host/" - 1);
        if (!bytes_starts_with(path, bytes_make(folder, len)) || path.data[len] != '/' || n-- > 0)
            continue;
        *name = bytes_make(path.data + len + 1, path.len - len - 1 - (sizeof ".lua" - 1));
        return true;
    }
    return false;
}
