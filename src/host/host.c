#include "host.h"

#include <lauxlib.h>
#include <lualib.h>

#include "base/mem.h"
#include "base/text.h"
#include "embed.h"
#include "tools.h"
#include "view.h"

/* Percent of what lives that is allocated before the next collection. What lives is a module and
 * the view of one call, so it is memory for time. */
#define GC_PAUSE 400

struct host {
    lua_State *L;      /* the module's table lies at index 1 */
    struct buf source; /* of a module, in a development build */
};

/* One call, for what runs protected. */
struct work {
    struct host *host;
    const char *name; /* of the module, or of the function */
    struct bytes view;
    struct diag_list *problems;
    struct buf *out;
    struct error *err;
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

const char *host_lua(void)
{
    return LUA_RELEASE;
}

/* ---- The state ------------------------------------------------------------------------------- */

/* Upvalues: the table of loaded modules and the host. */
static int require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    struct host *host = lua_touserdata(L, lua_upvalueindex(2));
    struct bytes text;
    if (lua_getfield(L, lua_upvalueindex(1), name) != LUA_TNIL)
        return 1;
    lua_pushfstring(L, "host/%s.lua", luaL_gsub(L, name, ".", "/"));
    const char *path = lua_tostring(L, -1);
    if (!embed_text(embed_host, "lua", path, &host->source, &text))
        return luaL_error(L, "there is no module '%s'", name);
    if (luaL_loadbufferx(L, text.data, text.len, lua_pushfstring(L, "=%s", path), "t") != LUA_OK)
        return lua_error(L);
    lua_call(L, 0, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, lua_upvalueindex(1), name);
    return 1;
}

static void open_libraries(lua_State *L, struct host *host)
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
    lua_pushlightuserdata(L, host);
    lua_pushcclosure(L, require, 2);
    lua_setglobal(L, "require");
}

static int open_module(lua_State *L)
{
    struct work *work = lua_touserdata(L, 1);
    open_libraries(L, work->host);
    lua_getglobal(L, "require");
    lua_pushstring(L, work->name);
    lua_call(L, 1, 1);
    return 1;
}

/* Lua puts "host/state.lua:12: " in front. */
static bool report_bug(lua_State *L, struct error *err)
{
    const char *message = luaL_tolstring(L, -1, NULL);
    error_set(err, ERR_FAILED, "a bug in cfkv: %.*s", (int)strcspn(message, "\n"), message);
    lua_pop(L, 2);
    return false;
}

struct host *host_open(const char *module, struct error *err)
{
    struct host *host = mem_zalloc(1, sizeof *host);
    struct work work = {.host = host, .name = module};
    host->L = lua_newstate(allocate, NULL);
    if (!host->L)
        mem_exhausted();
    lua_gc(host->L, LUA_GCINC, GC_PAUSE, 0, 0);
    lua_pushcfunction(host->L, open_module);
    lua_pushlightuserdata(host->L, &work);
    if (lua_pcall(host->L, 1, 1, 0) == LUA_OK)
        return host;
    report_bug(host->L, err);
    host_close(host);
    return NULL;
}

void host_close(struct host *host)
{
    if (!host)
        return;
    lua_close(host->L);
    buf_release(&host->source);
    mem_free(host);
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

/* Arguments: the module and the work. */
static int make_text(lua_State *L)
{
    struct work *work = lua_touserdata(L, 2);
    lua_getfield(L, 1, work->name);
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

bool host_call(struct host *host, const char *function, struct bytes view,
               struct diag_list *problems, struct buf *out, struct error *err)
{
    struct work work = {
        .name = function, .view = view, .problems = problems, .out = out, .err = err};
    lua_pushcfunction(host->L, make_text);
    lua_pushvalue(host->L, 1);
    lua_pushlightuserdata(host->L, &work);
    if (lua_pcall(host->L, 2, 0, 0) != LUA_OK)
        return report_bug(host->L, err);
    return work.ok;
}

bool host_text(const char *module, const char *function, struct bytes view,
               struct diag_list *problems, struct buf *out, struct error *err)
{
    struct host *host = host_open(module, err);
    bool ok = host && host_call(host, function, view, problems, out, err);
    host_close(host);
    return ok;
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
