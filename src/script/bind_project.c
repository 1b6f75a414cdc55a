/* cfkv.project, cfkv.removed and cfkv.wrangler. */
#include <lauxlib.h>
#include <stddef.h>

#include "base/file.h"
#include "bind.h"
#include "bind_fields.h"
#include "schema.h"

struct project_fields {
    struct bytes name, account_id, naming;
    struct schema_strings environments, protected_envs;
    int64_t title_max;
    int64_t mass_percent, mass_from;
    struct bytes backups_dir;
    int64_t backups_keep, backups_days;
    struct bytes ephemeral;
};

static const struct field project_fields[] = {
    {"name", FIELD_STRING, true, offsetof(struct project_fields, name), NULL, 0},
    {"account_id", FIELD_STRING, false, offsetof(struct project_fields, account_id), NULL, 0},
    {"naming", FIELD_STRING, false, offsetof(struct project_fields, naming), NULL, 0},
    {"environments", FIELD_STRINGS, false, offsetof(struct project_fields, environments), NULL, 0},
    {"protected_envs", FIELD_STRINGS, false, offsetof(struct project_fields, protected_envs), NULL,
     0},
    {"title_max", FIELD_INTEGER, false, offsetof(struct project_fields, title_max), NULL, 0},
    {"defaults", FIELD_TABLE, false, 0, NULL, 0},
    {"guards", FIELD_TABLE, false, 0, NULL, 0},
    {"backups", FIELD_TABLE, false, 0, NULL, 0},
    {"ephemeral", FIELD_TABLE, false, 0, NULL, 0},
};

static const struct schema project_schema = {"cfkv.project", project_fields,
                                             sizeof project_fields / sizeof *project_fields};

#define PROJECT_AT(member) offsetof(struct project_fields, member)

static const struct field guards_fields[] = {
    {"mass_percent", FIELD_INTEGER, false, PROJECT_AT(mass_percent), NULL, 0},
    {"mass_from", FIELD_INTEGER, false, PROJECT_AT(mass_from), NULL, 0},
};

static const struct field backups_fields[] = {
    {"dir", FIELD_STRING, false, PROJECT_AT(backups_dir), NULL, 0},
    {"keep", FIELD_INTEGER, false, PROJECT_AT(backups_keep), NULL, 0},
    {"days", FIELD_INTEGER, false, PROJECT_AT(backups_days), NULL, 0},
};

static const struct field ephemeral_fields[] = {
    {"match", FIELD_STRING, true, PROJECT_AT(ephemeral), NULL, 0},
};

static const struct schema guards_schema = {"guards", guards_fields,
                                            sizeof guards_fields / sizeof *guards_fields};
static const struct schema backups_schema = {"backups", backups_fields,
                                             sizeof backups_fields / sizeof *backups_fields};
static const struct schema ephemeral_schema = {"ephemeral", ephemeral_fields,
                                               sizeof ephemeral_fields / sizeof *ephemeral_fields};

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

static void keep_project(struct project *p, const struct project_fields *in, struct srcpos pos)
{
    p->declared = true;
    p->name = in->name;
    p->account_id = in->account_id;
    p->naming = in->naming;
    p->title_max = in->title_max;
    p->mass_percent = in->mass_percent;
    p->mass_from = in->mass_from;
    p->backups_dir = in->backups_dir;
    p->backups_keep = in->backups_keep;
    p->backups_days = in->backups_days;
    p->ephemeral = in->ephemeral;
    p->environments = in->environments.items;
    p->n_environments = in->environments.n;
    p->protected_envs = in->protected_envs.items;
    p->n_protected_envs = in->protected_envs.n;
    p->pos = pos;
}

/* A member that is a table of fields itself. */
static void read_member(lua_State *L, const char *name, const struct schema *schema, void *out,
                        struct srcpos pos)
{
    if (lua_istable(L, 1) && lua_getfield(L, 1, name) == LUA_TTABLE)
        schema_read(L, -1, schema, out, pos, "");
    lua_settop(L, 1);
}

int bind_project(lua_State *L)
{
    struct vm *vm = vm_of(L);
    struct srcpos pos = vm_where(L);
    struct project *p = &vm->model->project;
    struct project_fields in = {.naming = p->naming,
                                .title_max = p->title_max,
                                .mass_percent = p->mass_percent,
                                .mass_from = p->mass_from,
                                .backups_keep = p->backups_keep,
                                .backups_days = p->backups_days};
    lua_settop(L, 1);
    check_once(L, pos);
    struct schema_result r = schema_read(L, 1, &project_schema, &in, pos, "");
    read_member(L, "defaults", &namespace_defaults_schema, &vm->defaults, pos);
    read_member(L, "guards", &guards_schema, &in, pos);
    read_member(L, "backups", &backups_schema, &in, pos);
    read_member(L, "ephemeral", &ephemeral_schema, &in, pos);
    if (in.backups_dir.data)
        check_write(L, in.backups_dir, true, "project.backups", "backups.dir:", pos);
    if (!p->declared && (r.given || r.ok))
        keep_project(p, &in, pos);
    return 0;
}

/* ---- removed --------------------------------------------------------------------------------- */

static const struct field removed_fields[] = {
    {"title", FIELD_STRING, false, offsetof(struct removed_decl, title), NULL, 0},
    {"address", FIELD_STRING, false, offsetof(struct removed_decl, address), NULL, 0},
    {"allow_data_loss", FIELD_BOOLEAN, false, offsetof(struct removed_decl, allow_data_loss), NULL,
     0},
    {"allow_mass_delete", FIELD_BOOLEAN, false, offsetof(struct removed_decl, allow_mass_delete),
     NULL, 0},
};

static const struct schema removed_schema = {"cfkv.removed", removed_fields,
                                             sizeof removed_fields / sizeof *removed_fields};

int bind_removed(lua_State *L)
{
    struct removed_decl in = {.pos = vm_where(L)};
    lua_settop(L, 1);
    if (!schema_read(L, 1, &removed_schema, &in, in.pos, "").ok)
        return 0;
    struct removed_decl *r = model_add_removed(vm_of(L)->model);
    vm_need(L, 1);
    *r = in;
    return 0;
}

/* ---- wrangler -------------------------------------------------------------------------------- */

struct wrangler_fields {
    struct bytes path, top_level, app, persist_to;
    struct schema_renames environments, bindings;
    struct schema_strings select;
};

static const struct field wrangler_fields[] = {
    {"path", FIELD_STRING, true, offsetof(struct wrangler_fields, path), NULL, 0},
    {"top_level", FIELD_STRING, false, offsetof(struct wrangler_fields, top_level), NULL, 0},
    {"environments", FIELD_RENAMES, false, offsetof(struct wrangler_fields, environments), NULL, 0},
    {"bindings", FIELD_RENAMES, false, offsetof(struct wrangler_fields, bindings), NULL, 0},
    {"app", FIELD_STRING, false, offsetof(struct wrangler_fields, app), NULL, 0},
    {"select", FIELD_STRINGS, false, offsetof(struct wrangler_fields, select), NULL, 0},
    {"persist_to", FIELD_STRING, false, offsetof(struct wrangler_fields, persist_to), NULL, 0},
};

static const struct schema wrangler_schema = {"cfkv.wrangler", wrangler_fields,
                                              sizeof wrangler_fields / sizeof *wrangler_fields};

int bind_wrangler(lua_State *L)
{
    struct vm *vm = vm_of(L);
    struct srcpos pos = vm_where(L);
    struct wrangler_fields in = {0};
    lua_settop(L, 1);
    if (!schema_read(L, 1, &wrangler_schema, &in, pos, "").ok)
        return 0;
    check_write(L, in.path, false, "wrangler.path", "wrangler", pos);
    struct wrangler_decl *w = model_add_wrangler(vm->model);
    vm_need(L, 1);
    w->path = in.path;
    w->top_level = in.top_level;
    w->app = in.app;
    w->persist_to = in.persist_to;
    w->environments = in.environments.items;
    w->n_environments = in.environments.n;
    w->bindings = in.bindings.items;
    w->n_bindings = in.bindings.n;
    w->select = in.select.items;
    w->n_select = in.select.n;
    w->pos = pos;
    return 0;
}
