/* What a project declares besides its namespaces: cfkv.project, cfkv.removed, cfkv.wrangler,
 * cfkv.output. */
#include <lauxlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "bind.h"
#include "schema.h"
#include "state/address.h"
#include "value.h"

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

/* A text with a NUL in it would be another one to whoever reads it as a C string. */
static bool holds_nul(const struct state_decl *d)
{
    const struct bytes texts[] = {d->url,          d->endpoint,       d->region,
                                  d->lock_address, d->unlock_address, d->lock_method,
                                  d->unlock_method};
    bool found = false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        found = found || (texts[i].len > 0 && memchr(texts[i].data, '\0', texts[i].len));
    return found;
}

static void check_state(lua_State *L, const struct project *p, struct srcpos pos)
{
    struct vm *vm = vm_of(L);
    struct state_said said = state_said_by(p);
    struct state_address address;
    struct error err = {0};
    char quoted[QUOTED_SIZE];
    if (!said.url)
        return;
    vm_need(L, 1);
    if (holds_nul(&p->state)) {
        vm_problem(L, "project.state", pos, "a \\0 or \\x00 in a string of Lua is one",
                   "state: a text holds a NUL byte");
    } else if (*said.url && !state_address_is_url(said.url)) {
        vm_problem(
            L, "project.state", pos,
            "s3://BUCKET/KEY or https://HOST/PATH; a file lies beside the configuration, and "
            "--state PATH names another",
            "state %s is no URL", text_quoted(p->state.url, quoted, sizeof quoted));
    } else if (!state_address_parse(&vm->model->arena, &said, &address, &err)) {
        vm_problem(L, "project.state", pos, error_hint_or_null(&err), "%s", err.message);
    }
}

int bind_project(lua_State *L)
{
    struct srcpos pos = vm_where(L);
    struct vm *vm = vm_of(L);
    struct project *p = &vm->model->project;
    struct project in = *p;
    lua_settop(L, 1);
    /* Both are mistakes that would change titles behind the user's back. */
    if (p->declared)
        vm_problem(L, "project.duplicate", pos, "declare the project once",
                   "cfkv.project was called before, at %s:%d", p->pos.file ? p->pos.file : "?",
                   p->pos.line);
    else if (vm->first_namespace.file)
        vm_problem(L, "project.late", pos, "put cfkv.project before the first cfkv.namespace",
                   "cfkv.project comes after the namespace at %s:%d", vm->first_namespace.file,
                   vm->first_namespace.line);
    struct schema_result r = schema_read(L, 1, &project_fields, &in, pos, "");
    /* The defaults of namespaces are fields of a struct of their own. */
    if (lua_istable(L, 1) && lua_getfield(L, 1, "defaults") == LUA_TTABLE)
        schema_read(L, -1, &namespace_defaults, &vm->defaults, pos, "");
    if (vm->defaults.account.data && vm->defaults.account_id.data) {
        vm_problem(L, "project.defaults", pos, "they say the same thing; keep one",
                   "defaults give both account and account_id");
        vm->defaults.account = bytes_make(NULL, 0);
    }
    lua_settop(L, 1);
    if (in.backups_dir.data)
        check_write(L, in.backups_dir, true, "project.backups", "backups.dir:", pos);
    check_state(L, &in, pos);
    if (p->declared || !(r.given || r.ok))
        return 0;
    *p = in;
    p->declared = true;
    p->pos = pos;
    return 0;
}

int bind_removed(lua_State *L)
{
    struct removed_decl in = {.pos = vm_where(L)};
    lua_settop(L, 1);
    struct schema_result r = schema_read(L, 1, &removed_fields, &in, in.pos, "");
    if (!r.ok && !in.title.data && !in.address.data)
        return 0; /* that it names nothing comes of what was told */
    struct removed_decl *kept = model_add_removed(vm_of(L)->model);
    vm_need(L, 1);
    *kept = in;
    return 0;
}

int bind_wrangler(lua_State *L)
{
    struct vm *vm = vm_of(L);
    struct wrangler_decl in = {.pos = vm_where(L)};
    lua_settop(L, 1);
    schema_read(L, 1, &wrangler_fields, &in, in.pos, "");
    if (!lua_istable(L, 1))
        return 0;
    if (in.path.data)
        check_write(L, in.path, false, "wrangler.path", "wrangler", in.pos);
    struct wrangler_decl *w = model_add_wrangler(vm->model);
    vm_need(L, 1);
    *w = in;
    return 0;
}

static bool read_output(lua_State *L, struct output_decl *out, struct error *err)
{
    struct pieces *p = &vm_of(L)->pieces;
    bool text = lua_type(L, 2) == LUA_TSTRING || value_is_deferred(L, 2);
    if (lua_isnil(L, 2)) {
        error_set(err, ERR_INVALID, "it has no value (nil)");
        return error_hint(err, "is there a slip in a name?");
    }
    pieces_clear(p);
    if (text ? !value_read(L, 2, &out->value, err) : !value_add_json(L, 2, "value", p, err))
        return false;
    if (text) /* that it is a secret the rules tell (output.secret) */
        return true;
    if (p->secret) {
        error_set(err, ERR_INVALID, "a secret cannot be an output");
        return error_hint(err, "outputs are printed and kept in the state file");
    }
    if (p->n_marks) {
        error_set(err, ERR_INVALID, "a table with an id inside cannot be an output");
        return error_hint(err, "make the id an output of its own");
    }
    out->json = value_keep_bytes(L, buf_bytes(&p->text));
    return true;
}

int bind_output(lua_State *L)
{
    struct srcpos pos = vm_where(L);
    struct output_decl out = {.pos = pos};
    struct error err = {0};
    lua_settop(L, 2);
    struct bytes name = value_bytes(L, 1);
    bool named = name.data && strlen(name.data) == name.len;
    if (!named) {
        char got[160];
        vm_problem(L, "output.name", pos, "cfkv.output(\"name\", value)",
                   "the name of an output must be a string, got %s",
                   value_describe(L, 1, got, sizeof got));
    }
    out.name = arena_str(&vm_of(L)->model->arena, named ? name.data : "(unnamed)");
    vm_need(L, 1);
    if (!read_output(L, &out, &err))
        vm_problem(L, "output.value", pos, error_hint_or_null(&err), "output '%s': %s", out.name,
                   err.message);
    if (!named)
        return 0;
    struct output_decl *kept = model_add_output(vm_of(L)->model);
    vm_need(L, 1);
    *kept = out;
    return 0;
}
