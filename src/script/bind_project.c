/* cfkv.project, cfkv.removed and cfkv.wrangler. */
#include <lauxlib.h>

#include "base/file.h"
#include "bind.h"
#include "schema.h"

/* Both are mistakes that would change titles behind the user's back. */
static void check_once(lua_State *L, struct srcpos pos)
{
    struct vm *vm = vm_of(L);
    struct srcpos first = vm->model->project.pos;
    if (vm->model->project.declared)
        vm_problem(L, "project.duplicate", pos, "declare the project once",
                   "cfkv.project was called before, at %s:%d", first.file ? first.file : "?",
                   first.line);
    else if (vm->first_namespace.file)
        vm_problem(L, "project.late", pos, "put cfkv.project before the first cfkv.namespace",
                   "cfkv.project comes after the namespace at %s:%d", vm->first_namespace.file,
                   vm->first_namespace.line);
}

/* Links are looked at here, where the root is; the text of the path is the model's to judge. */
static void check_write(lua_State *L, struct bytes path, bool folder, const char *code,
                        const char *what, struct srcpos pos)
{
    struct vm *vm = vm_of(L);
    struct error err = {0};
    struct bytes plain = bytes_of(path_plain(&vm->model->arena, path));
    vm_need(L, 1);
    if (file_path_fault(plain) || path.data[0] == '/' ||
        (folder ? file_root_may_fill(&vm->root, plain, &err)
                : file_root_may_write(&vm->root, plain, &err)))
        return;
    vm_problem(L, code, pos, error_hint_or_null(&err), "%s %s", what, err.message);
}

/* The defaults of namespaces are fields of a struct of their own. */
static void read_defaults(lua_State *L, struct srcpos pos)
{
    if (lua_istable(L, 1) && lua_getfield(L, 1, "defaults") == LUA_TTABLE)
        schema_read(L, -1, &namespace_defaults, &vm_of(L)->defaults, pos, "");
    lua_settop(L, 1);
}

int bind_project(lua_State *L)
{
    struct srcpos pos = vm_where(L);
    struct project *p = &vm_of(L)->model->project;
    struct project in = *p;
    lua_settop(L, 1);
    check_once(L, pos);
    struct schema_result r = schema_read(L, 1, &project_fields, &in, pos, "");
    read_defaults(L, pos);
    if (in.backups_dir.data)
        check_write(L, in.backups_dir, true, "project.backups", "backups.dir:", pos);
    if (p->declared || !(r.given || r.ok))
        return 0;
    *p = in;
    p->declared = true;
    p->pos = pos;
    return 0;
}

/* ---- removed --------------------------------------------------------------------------------- */

int bind_removed(lua_State *L)
{
    struct removed_decl in = {.pos = vm_where(L)};
    lua_settop(L, 1);
    if (!schema_read(L, 1, &removed_fields, &in, in.pos, "").ok)
        return 0;
    struct removed_decl *r = model_add_removed(vm_of(L)->model);
    vm_need(L, 1);
    *r = in;
    return 0;
}

/* ---- wrangler -------------------------------------------------------------------------------- */

int bind_wrangler(lua_State *L)
{
    struct vm *vm = vm_of(L);
    struct wrangler_decl in = {.pos = vm_where(L)};
    lua_settop(L, 1);
    if (!schema_read(L, 1, &wrangler_fields, &in, in.pos, "").ok)
        return 0;
    check_write(L, in.path, false, "wrangler.path", "wrangler", in.pos);
    struct wrangler_decl *w = model_add_wrangler(vm->model);
    vm_need(L, 1);
    *w = in;
    return 0;
}
