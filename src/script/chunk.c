#include "chunk.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "embed.h"

#define SOURCE_MAX      ((size_t)16 * 1024 * 1024)
#define MODULE_NAME_MAX 200

/* Registry keys: the environment of user code, the tools of our own, the module table, values of
 * loaded modules by name, and the list of modules being loaded, outermost first. */
static const char environment_key = 0;
static const char tools_key = 0;
static const char module_key = 0;
static const char loaded_key = 0;
static const char loading_key = 0;

void chunk_set_environment(lua_State *L)
{
    lua_rawsetp(L, LUA_REGISTRYINDEX, &environment_key);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &loaded_key);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &loading_key);
}

void chunk_set_tools(lua_State *L)
{
    lua_rawsetp(L, LUA_REGISTRYINDEX, &tools_key);
}

void chunk_push_tools(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &tools_key);
}

void chunk_set_module(lua_State *L)
{
    lua_rawsetp(L, LUA_REGISTRYINDEX, &module_key);
}

void chunk_set_loaded(lua_State *L, const char *name)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &loaded_key);
    lua_insert(L, -2);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

void chunk_push_loaded(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &loaded_key);
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* What a script reads decides nothing that is kept. */
static void record_file(struct vm *vm, const char *name)
{
    struct bytes text = buf_bytes(&vm->source);
    if (!vm->live)
        model_add_file(vm->model, name, text.len, hash_sha256(text));
}

bool chunk_read_main(struct vm *vm, struct error *err)
{
    buf_clear(&vm->source);
    if (!file_read(vm->options->file, SOURCE_MAX, &vm->source, err))
        return false;
    record_file(vm, vm->options->file);
    const char *root = vm->options->root;
    vm->shown_root = root ? root : path_parent(&vm->model->arena, vm->options->file);
    return file_root_open(&vm->root, vm->shown_root, err);
}

bool chunk_read_file(struct vm *vm, struct bytes relative, size_t max, struct error *err)
{
    int fd = file_root_read(&vm->root, relative, err);
    if (fd < 0)
        return false;
    char name[1024];
    snprintf(name, sizeof name, "%.*s", BYTES_FMT(relative));
    buf_clear(&vm->source);
    bool ok = file_read_fd(fd, name, max, &vm->source, err);
    close(fd);
    if (ok)
        record_file(vm, name);
    return ok;
}

/* Without a byte order mark and a "#!" line; the line's end stays, so that line numbers hold. */
static struct bytes skip_preamble(struct bytes text)
{
    size_t at = bytes_starts_with(text, bytes_of("\xEF\xBB\xBF")) ? 3 : 0;
    if (at < text.len && text.data[at] == '#')
        while (at < text.len && text.data[at] != '\n')
            at++;
    return bytes_make(text.data + at, text.len - at);
}

static void set_environment(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key);
    lua_setupvalue(L, -2, 1);
}

/* Pushes the function of `text`, shown as `file`. A syntax error raises with its own position. */
static void load_user_text(lua_State *L, struct bytes text, const char *file)
{
    struct bytes code = skip_preamble(text);
    if (text_is_utf16(text)) {
        lua_pushliteral(L, TEXT_UTF16 "\nhint: " TEXT_UTF16_HINT);
        vm_syntax_error(L, file);
        return;
    }
    lua_texts_add(&vm_of(L)->model->texts, file, text);
    lua_pushfstring(L, "@%s", file);
    /* lua_load answers errors with a status, so that the message can be looked at first. */
    int status =
        luaL_loadbufferx(L, code.data ? code.data : "", code.len, lua_tostring(L, -1), "t");
    lua_remove(L, -2);
    if (status == LUA_ERRMEM)
        vm_stop_memory(L);
    if (status != LUA_OK) {
        vm_syntax_error(L, file);
        return;
    }
    vm_add_chunk(L, file);
    set_environment(L);
}

void chunk_push_main(lua_State *L)
{
    struct vm *vm = vm_of(L);
    const char *file = arena_str(&vm->model->arena, vm->options->file);
    vm_need(L, 1);
    alarm_note(&vm->alarm, (struct srcpos){file, 1});
    load_user_text(L, buf_bytes(&vm->source), file);
}

/* ---- Embedded -------------------------------------------------------------------------------- */

/* Pushes the function of an embedded file. */
static bool load_embedded(lua_State *L, const char *folder, const struct embed_file *list,
                          const char *name)
{
    struct bytes text;
    /* The tape is free while a module is loaded; vm->source still holds the configuration. */
    if (!embed_text(list, folder, name, &vm_of(L)->tape, &text))
        return false;
    lua_pushfstring(L, "=%s", name);
    int status = luaL_loadbufferx(L, text.data, text.len, lua_tostring(L, -1), "t");
    lua_remove(L, -2);
    if (status != LUA_OK)
        lua_error(L);
    return true;
}

void chunk_run_trusted(lua_State *L, const char *name, int nargs, int nresults)
{
    if (!load_embedded(L, "lua", embed_lua, name))
        vm_raise(L, NULL, "'%s' is missing from this program", name);
    /* Our own Lua sees nothing but its arguments. */
    lua_newtable(L);
    lua_setupvalue(L, -2, 1);
    lua_insert(L, -nargs - 1);
    lua_call(L, nargs, nresults);
}

/* ---- require --------------------------------------------------------------------------------- */

/* One or more parts of letters, digits, _ and -, with single dots between. */
static bool is_module_name(struct bytes name)
{
    bool part = false;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        bool word =
            (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '-';
        if (!word && (c != '.' || !part))
            return false;
        part = word;
    }
    return part && name.len <= MODULE_NAME_MAX;
}

/* Tries to load `relative` from the project; false when there is no such file. */
static bool load_from_root(lua_State *L, const char *relative)
{
    struct vm *vm = vm_of(L);
    struct error err = {0};
    if (!chunk_read_file(vm, bytes_of(relative), SOURCE_MAX, &err)) {
        if (err.code == ERR_NOT_FOUND)
            return false;
        vm_raise_error(L, &err);
    }
    const char *shown = path_join(&vm->model->arena, vm->shown_root, relative);
    vm_need(L, 1);
    load_user_text(L, buf_bytes(&vm->source), shown);
    return true;
}

/* Pushes the function of a module, looked up in the project and then in the standard library. */
static void load_module(lua_State *L, const char *name)
{
    bool ours = strncmp(name, "cfkv.", 5) == 0; /* never from the project */
    char stem[MODULE_NAME_MAX + 1], path[MODULE_NAME_MAX + 8], init[MODULE_NAME_MAX + 16];
    snprintf(stem, sizeof stem, "%s", name);
    for (char *dot = stem; (dot = strchr(dot, '.'));)
        *dot = '/';
    snprintf(path, sizeof path, "%s.lua", stem);
    snprintf(init, sizeof init, "%s/init.lua", stem);
    if (!ours && (load_from_root(L, path) || load_from_root(L, init)))
        return;
    if (load_embedded(L, "stdlib", embed_stdlib, path)) {
        set_environment(L);
        return;
    }
    char hint[600];
    if (!ours) {
        snprintf(hint, sizeof hint, "looked for %s and %s below the project root", path, init);
        vm_raise(L, hint, "module '%s' not found", name);
    }
    size_t used = (size_t)snprintf(hint, sizeof hint, "there is 'cfkv'");
    for (const struct embed_file *f = embed_stdlib; f->name; f++)
        if (strncmp(f->name, "cfkv/", 5) == 0 && used < sizeof hint)
            used += (size_t)snprintf(hint + used, sizeof hint - used, ", 'cfkv.%.*s'",
                                     (int)(strlen(f->name) - 9), f->name + 5);
    vm_raise(L, hint, "there is no module '%s'", name);
}

/* Takes the innermost module off the list of those being loaded, whatever way it ended. */
static int loading_done(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &loading_key);
    lua_pushnil(L);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2));
    return 0;
}

/* Raises when `name` is being loaded already: "a → b → a". */
static void check_loop(lua_State *L, const char *name)
{
    char loop[800];
    size_t used = 0;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &loading_key);
    lua_Integer n = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, -1, i);
        const char *other = lua_tostring(L, -1);
        if ((used || strcmp(other, name) == 0) && used < sizeof loop)
            used += (size_t)snprintf(loop + used, sizeof loop - used, "%s → ", other);
        lua_pop(L, 1);
    }
    if (used)
        vm_raise(L, NULL, "modules require each other in a loop: %s%s", loop, name);
    lua_pushstring(L, name);
    lua_rawseti(L, -2, n + 1);
    lua_pop(L, 1);
}

static void run_module(lua_State *L, const char *name)
{
    check_loop(L, name);
    lua_newtable(L); /* closed when the module's code has ended, by an error too */
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, loading_done);
    lua_setfield(L, -2, "__close");
    lua_setmetatable(L, -2);
    lua_toclose(L, -1);
    load_module(L, name);
    lua_pushstring(L, name);
    lua_call(L, 1, 1); /* closer, value */
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    chunk_set_loaded(L, name);
    lua_closeslot(L, -2);
    lua_remove(L, -2);
}

int chunk_require(lua_State *L)
{
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    char quoted[100];
    lua_settop(L, 1);
    if (!is_module_name(bytes_make(name, len)))
        return vm_raise(L, "write names with dots between, such as \"lib.purposes\"",
                        "bad module name %s",
                        text_quoted(bytes_make(name, len), quoted, sizeof quoted));
    if (strcmp(name, "cfkv") == 0) {
        lua_rawgetp(L, LUA_REGISTRYINDEX, &module_key);
        return 1;
    }
    lua_rawgetp(L, LUA_REGISTRYINDEX, &loaded_key);
    if (lua_getfield(L, -1, name) != LUA_TNIL)
        return 1;
    lua_pop(L, 2);
    run_module(L, name);
    return 1;
}

/* ---- load ------------------------------------------------------------------------------------ */

/* Replaces a function at index 1 by the text that its calls give. */
static void collect_pieces(lua_State *L)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (;;) {
        lua_pushvalue(L, 1);
        lua_call(L, 0, 1);
        if (lua_isnil(L, -1) || (lua_isstring(L, -1) && lua_rawlen(L, -1) == 0))
            break;
        if (!lua_isstring(L, -1))
            vm_raise(L, NULL, "a function given to load must return strings");
        luaL_addvalue(&b);
    }
    lua_pop(L, 1);
    luaL_pushresult(&b);
    lua_replace(L, 1);
}

int chunk_load(lua_State *L)
{
    lua_settop(L, 4);
    const char *mode = luaL_optstring(L, 3, "t");
    if (lua_isfunction(L, 1))
        collect_pieces(L);
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    int status;
    if (strchr(mode, 't')) {
        status = luaL_loadbufferx(L, text, len, "=(load)", "t");
    } else {
        lua_pushliteral(L, "only text can be loaded");
        status = LUA_ERRSYNTAX;
    }
    if (status == LUA_ERRMEM)
        vm_stop_memory(L);
    if (status != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (lua_istable(L, 4)) {
        lua_pushvalue(L, 4);
        lua_setupvalue(L, -2, 1);
    } else {
        set_environment(L);
    }
    return 1;
}
