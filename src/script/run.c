#include "run.h"

#include <errno.h>
#include <lauxlib.h>
#include <limits.h>
#include <lua-cjson.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "advice.h"
#include "bind.h"
#include "chunk.h"
#include "guard.h"
#include "live.h"
#include "sandbox.h"
#include "value.h"

#define HOOK_STEP 1000 /* instructions between two looks at Ctrl-C */
#define TRACE_MAX 20   /* lines of a traceback */

/* ---- What scripts get in place of Lua's own -------------------------------------------------- */

/* print: as Lua's, but that stdout did not take it is an error. A program gets the bytes as they
 * are, a terminal what it shows as it is. */
static int script_print(lua_State *L)
{
    int n = lua_gettop(L);
    bool ok = true, terminal = isatty(STDOUT_FILENO);
    for (int i = 1; i <= n; i++) {
        size_t len;
        const char *s = luaL_tolstring(L, i, &len);
        ok = ok && (i == 1 || fputc('\t', stdout) != EOF);
        ok = ok &&
             (terminal ? guard_show(bytes_make(s, len), stdout) : fwrite(s, 1, len, stdout) == len);
        lua_pop(L, 1);
    }
    ok = ok && fputc('\n', stdout) != EOF;
    if (!ok)
        return vm_raise(L, NULL, "cannot write to stdout: %s", strerror(errno));
    return 0;
}

/* os.exit(code?): the script is over; what it has to close is closed, and so is the store. */
static int script_exit(lua_State *L)
{
    lua_Integer code = 0;
    if (lua_isboolean(L, 1))
        code = lua_toboolean(L, 1) ? 0 : 1;
    else
        code = luaL_optinteger(L, 1, 0);
    live_of(L)->result->exit_code = (int)(code & 0xff);
    return vm_stop(L, VM_EXIT);
}

/* load: as Lua's (the upvalue), which catches what a function raises that it reads from. */
static int script_load(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    vm_check(L);
    return lua_gettop(L);
}

/* cjson.encode: as it is (the upvalue), which does not see what only a metamethod gives. */
static int script_encode(lua_State *L)
{
    live_look_at_arguments(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* Those of guard.h that catch errors: what ends a script must not be caught. */
static const char *const catchers[] = {"pcall", "xpcall", "require"};
static const char *const coroutine_catchers[] = {"resume", "wrap", "close"};

/* [ …, guards, library ]: takes over guards' `prefix`NAME as NAME. */
static void take_over(lua_State *L, const char *prefix, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        lua_pushfstring(L, "%s%s", prefix, names[i]);
        lua_gettable(L, -3);
        lua_setfield(L, -2, names[i]);
    }
}

static void replace_functions(lua_State *L)
{
    guard_push(L);
    lua_pushglobaltable(L);
    take_over(L, "", catchers, sizeof catchers / sizeof *catchers);
    lua_pushcfunction(L, script_print);
    lua_setfield(L, -2, "print");
    lua_getfield(L, -1, "load");
    lua_pushcclosure(L, script_load, 1);
    lua_setfield(L, -2, "load");
    lua_pop(L, 1);
    lua_getglobal(L, LUA_COLIBNAME);
    take_over(L, "coroutine.", coroutine_catchers,
              sizeof coroutine_catchers / sizeof *coroutine_catchers);
    lua_pop(L, 2);
    lua_getglobal(L, LUA_OSLIBNAME);
    lua_pushcfunction(L, script_exit);
    lua_setfield(L, -2, "exit");
    lua_pop(L, 1);
}

/* ---- Libraries ------------------------------------------------------------------------------- */

/* All but `package`, of which lua/cfkv/live.lua makes what is true here: modules are the project's
 * and cfkv's. */
static const luaL_Reg libraries[] = {
    {LUA_GNAME, luaopen_base},        {LUA_TABLIBNAME, luaopen_table},
    {LUA_IOLIBNAME, luaopen_io},      {LUA_OSLIBNAME, luaopen_os},
    {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
    {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_COLIBNAME, luaopen_coroutine},
    {LUA_DBLIBNAME, luaopen_debug},
};

/* Of debug what tells, not what changes: a hook of the script's would be in the place of the one
 * that looks at Ctrl-C, and the metatables of handles are not for others. */
static void narrow_debug(lua_State *L)
{
    static const char *const kept[] = {"traceback", "getinfo"};
    lua_getglobal(L, LUA_DBLIBNAME);
    lua_createtable(L, 0, 2);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        lua_getfield(L, -2, kept[i]);
        lua_setfield(L, -2, kept[i]);
    }
    lua_setglobal(L, LUA_DBLIBNAME);
    lua_pop(L, 1);
}

static void open_module(lua_State *L)
{
    bind_open(L);
    sandbox_open_tools(L);
    lua_pushglobaltable(L);
    chunk_set_environment(L);
    /* What require gives without a file. */
    for (size_t i = 1; i < sizeof libraries / sizeof *libraries; i++) {
        lua_getglobal(L, libraries[i].name);
        chunk_set_loaded(L, libraries[i].name);
    }
    lua_pushcfunction(L, luaopen_cjson);
    lua_call(L, 0, 1);
    lua_getfield(L, -1, "encode");
    lua_pushcclosure(L, script_encode, 1);
    lua_setfield(L, -2, "encode");
    chunk_set_loaded(L, "cjson");
    chunk_push_tools(L);
    live_push(L);
    chunk_push_loaded(L);
    lua_setfield(L, -2, "loaded");
    chunk_push_tools(L);
    lua_pushvalue(L, -2);
    chunk_run_trusted(L, "cfkv/migrate.lua", 2, 1);
    lua_setfield(L, -2, "migrate");
    chunk_run_trusted(L, "cfkv/live.lua", 2, 2);
    lua_setglobal(L, LUA_LOADLIBNAME);
    chunk_set_module(L);
}

/* ---- The script ------------------------------------------------------------------------------ */

/* The global `arg`, and the arguments on the stack; returns how many. */
static int push_arguments(lua_State *L, const struct run_options *o)
{
    if (o->n_args > INT_MAX / 2)
        return luaL_error(L, "too many arguments");
    int n = (int)o->n_args;
    lua_createtable(L, n, 1);
    lua_pushstring(L, o->file);
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < n; i++) {
        lua_pushstring(L, o->args[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setglobal(L, "arg");
    luaL_checkstack(L, n + 4, "too many arguments");
    for (int i = 0; i < n; i++)
        lua_pushstring(L, o->args[i]);
    return n;
}

static int run_script(lua_State *L)
{
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    narrow_debug(L);
    replace_functions(L);
    open_module(L);
    lua_gc(L, LUA_GCRESTART);
    chunk_push_main(L);
    lua_call(L, push_arguments(L, live_of(L)->options), 0);
    return 0;
}

static void on_count(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    if (vm_of(L)->end == VM_ALIVE) /* else it closes what it has to close */
        live_check(L);
}

/* ---- How it ended ---------------------------------------------------------------------------- */

/* true when the message says already where it is from: one of the lines of the chain's files. */
static bool has_position(const char *message, const struct srcpos *chain, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(chain[i].file);
        const char *line = message + len + 1;
        if (strncmp(message, chain[i].file, len) == 0 && message[len] == ':' && *line >= '0' &&
            *line <= '9')
            return true;
    }
    return false;
}

/* Where an error is that says its own place, else, unless it did not want to, the line that ran.
 * true when a file did not compile. */
static bool find_spot(struct vm *vm, const char *message, const struct srcpos *chain, size_t n,
                      bool bare)
{
    struct srcpos pos = n > 0 && !bare ? chain[0] : (struct srcpos){0};
    bool syntax = vm_split_position(vm, &message, &pos);
    const struct lua_text *text = pos.file ? lua_texts_find(&vm->model->texts, pos.file) : NULL;
    if (text)
        vm->live->result->spot =
            spot_find(text, syntax ? "lua.syntax" : "lua.error", message, pos.line);
    return syntax;
}

static void note_failure(struct run_result *r, const char *message, const struct srcpos *chain,
                         size_t n, bool bare)
{
    size_t len;
    const char *hint = vm_split_hint(message, &len);
    if (bare || n == 0 || has_position(message, chain, n))
        error_set(&r->error, ERR_FAILED, "%.*s", (int)len, message);
    else
        error_set(&r->error, ERR_FAILED, "%s:%d: %.*s", chain[0].file, chain[0].line, (int)len,
                  message);
    if (hint)
        error_hint(&r->error, "%s", hint);
    else if (strstr(message, "(global 'cfkv')"))
        error_hint(&r->error, "write local cfkv = require \"cfkv\" first");
    for (size_t i = 0; i < n; i++)
        buf_addf(&r->trace, "  at %s:%d\n", chain[i].file, chain[i].line);
}

/* Who asked for what another run holds may try again: that is told by the exit code. */
static bool is_locked(lua_State *L, int idx)
{
    bool is = live_is_error(L, idx) && lua_getfield(L, idx, "code") == LUA_TSTRING &&
              live_code_named(lua_tostring(L, -1)) == ERR_LOCKED;
    lua_settop(L, idx);
    return is;
}

static int on_error(lua_State *L)
{
    struct vm *vm = vm_of(L);
    struct run_result *r = vm->live->result;
    struct srcpos chain[TRACE_MAX];
    if (vm->end == VM_EXIT || r->error.code)
        return 1;
    luaL_checkstack(L, 10, NULL);
    size_t n = vm_chain(L, chain, TRACE_MAX);
    if (vm->end == VM_INTERRUPTED) {
        note_failure(r, "interrupted", chain, n, false);
        return 1;
    }
    bool bare = lua_type(L, 1) == LUA_TSTRING; /* it said where, or did not want to */
    vm_push_message(L);
    bool syntax = find_spot(vm, lua_tostring(L, -1), chain, n, bare);
    note_failure(r, lua_tostring(L, -1), chain, n, bare);
    char text[200];
    const char *advice = advice_of(lua_tostring(L, -1), syntax, text, sizeof text);
    if (advice && !*r->error.hint)
        error_hint(&r->error, "%s", advice);
    lua_settop(L, 1);
    if (is_locked(L, 1))
        r->error.code = ERR_LOCKED;
    return 1;
}

/* What is left to say about a run whose protected call gave `status`. */
static bool settle(struct vm *vm, int status, struct error *err)
{
    struct run_result *r = vm->live->result;
    const volatile int *interrupted = vm->live->options->interrupted;
    if (status == LUA_ERRMEM || vm->end == VM_MEMORY)
        return error_set(err, ERR_LIMIT, "%s asks for more memory than there can be",
                         vm->options->file);
    r->interrupted =
        vm->end == VM_INTERRUPTED || (vm->end == VM_ALIVE && interrupted && *interrupted);
    if (r->interrupted && !r->error.code)
        error_set(&r->error, ERR_INTERRUPTED, "interrupted");
    if (r->interrupted && vm->live->written > 0)
        error_hint(&r->error, "%llu key%s of its bulk put %s written before",
                   (unsigned long long)vm->live->written, text_plural(vm->live->written),
                   vm->live->written == 1 ? "was" : "were");
    r->failed = status != LUA_OK && vm->end == VM_ALIVE && !r->interrupted;
    if (r->failed && !r->error.code)
        error_set(&r->error, ERR_FAILED, "%s failed, and so did telling why", vm->options->file);
    return true;
}

/* Everything printed must be out: a full disk or a closed pipe is the script's failure. */
static void flush_stdout(struct run_result *r)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    if (!r->failed && !r->interrupted)
        error_set(&r->error, ERR_IO, "cannot write to stdout: %s", strerror(errno ? errno : EIO));
    r->failed = !r->interrupted;
}

bool script_run(const struct run_options *options, struct run_result *result, struct error *err)
{
    struct script_options script = {
        .file = options->file, .root = options->root, .limits = {.memory = SIZE_MAX / 2}};
    struct model model;
    struct live live = {.options = options,
                        .result = result,
                        .kv = options->kv,
                        .strict = options->strict,
                        .permits = options->kv->permits,
                        .no_backup = options->kv->backups.off};
    struct vm vm = {.options = &script, .model = &model, .live = &live, .root = {.fd = -1}};
    model_init(&model);
    options->kv->words = GUARD_FIELDS;
    bool ok = chunk_read_main(&vm, err) && vm_init(&vm, err) &&
              settle(&vm, vm_protect(&vm, run_script, on_count, HOOK_STEP, on_error), err);
    if (vm.end == VM_ALIVE)
        vm.end = VM_EXIT; /* finalizers that are left cannot call cfkv any more */
    vm_release(&vm);
    live_release(&live);
    result->texts = model.texts; /* its spot is in them */
    model.texts = (struct lua_texts){0};
    model_release(&model);
    if (ok)
        flush_stdout(result);
    return ok;
}

void run_release(struct run_result *result)
{
    buf_release(&result->trace);
    lua_texts_release(&result->texts);
}
