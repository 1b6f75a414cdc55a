#include "live.h"

#include <lauxlib.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "bind.h"
#include "call.h"
#include "kv/save.h"
#include "model/validate.h"
#include "tables.h"
#include "value.h"

#define WARNINGS_MAX 20 /* told of a run */

void live_release(struct live *live)
{
    mem_free(live->given);
    buf_release(&live->metadata);
    buf_release(&live->text);
}

/* ---- The door -------------------------------------------------------------------------------- */

void live_check(lua_State *L)
{
    const volatile int *interrupted = live_of(L)->options->interrupted;
    if (interrupted && *interrupted)
        vm_stop(L, VM_INTERRUPTED);
}

/* Upvalue: the native. It may fill the buffers of `live` and of the vm, and a finalizer can run
 * whenever Lua gets memory: then it is refused, and they stay as they are. */
static int door(lua_State *L)
{
    struct live *live = live_of(L);
    vm_check(L);
    live_check(L);
    if (live->busy)
        return vm_raise(L, "note what is to be done, and do it later",
                        "a finalizer (__gc) cannot call cfkv");
    live_look_at_arguments(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    live->busy = true;
    int status = lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0);
    live->busy = false;
    if (status == LUA_ERRMEM)
        return vm_stop_memory(L);
    return status == LUA_OK ? lua_gettop(L) : lua_error(L);
}

void live_push_native(lua_State *L, lua_CFunction fn, int n)
{
    lua_pushcclosure(L, fn, n);
    lua_pushcclosure(L, door, 1);
}

void live_call_back(lua_State *L, int n)
{
    struct live *live = live_of(L);
    live->busy = false;
    lua_call(L, 0, n);
    live->busy = true;
}

int live_protect(lua_State *L, lua_CFunction fn, int n, void *ctx)
{
    lua_pushcfunction(L, fn);
    for (int i = 1; i <= n; i++)
        lua_pushvalue(L, i);
    lua_pushlightuserdata(L, ctx);
    int status = lua_pcall(L, n + 1, 0, 0);
    live_of(L)->busy = true;
    return status;
}

/* ---- Warnings ------------------------------------------------------------------------------- */

void live_warn(lua_State *L, struct diag_list *warnings)
{
    struct live *live = live_of(L);
    if (warnings->n == 0 || live->warned >= WARNINGS_MAX)
        return;
    live->warned += warnings->n;
    diag_locate(warnings, &vm_of(L)->model->texts);
    live->options->warn(live->options->ctx, warnings, live->warned >= WARNINGS_MAX);
}

bool live_first_problem(const struct diag_list *diags, struct error *err)
{
    const struct diag *first = diags->items;
    while (first->severity != DIAG_ERROR)
        first++;
    error_set(err, ERR_INVALID, "%s", first->message);
    if (first->pos.line > 0)
        error_wrap(err, "%s:%d", first->pos.file, first->pos.line);
    else if (first->pos.file)
        error_wrap(err, "%s", first->pos.file);
    if (first->hint)
        error_hint(err, "%s", first->hint);
    return false;
}

/* ---- Arguments ------------------------------------------------------------------------------- */

struct schema_result live_options(lua_State *L, int idx, const struct fields *schema, void *out)
{
    if (lua_isnoneornil(L, idx))
        return (struct schema_result){.ok = true};
    return schema_read(L, idx, schema, out, vm_where(L), "");
}

struct bytes live_string(lua_State *L, int idx, const char *what)
{
    char got[160];
    if (lua_type(L, idx) != LUA_TSTRING)
        vm_raise(L, lua_isnumber(L, idx) ? "tostring(n) makes a string of a number" : NULL,
                 "%s must be a string, got %s", what, value_describe(L, idx, got, sizeof got));
    return value_bytes(L, idx);
}

struct bytes live_key(lua_State *L, int idx, const char *where)
{
    char what[64];
    snprintf(what, sizeof what, "%sthe key", where);
    struct bytes key = live_string(L, idx, what);
    struct error err = {0};
    if (!seed_name_judge(key, where, &err))
        vm_raise_error(L, &err);
    return key;
}

struct loss_fields {
    bool data_loss, mass_delete, backup;
};

enum { I_DATA_LOSS, I_MASS_DELETE, I_BACKUP };

#define AT(field) offsetof(struct loss_fields, field)

static const struct field loss_fields[] = {
    FIELD_ROW("allow_data_loss", FIELD_BOOLEAN, AT(data_loss),
              .doc = "a namespace with keys, keys of a protected namespace"),
    FIELD_ROW("allow_mass_delete", FIELD_BOOLEAN, AT(mass_delete),
              .doc = "more than 30 % of a namespace's keys, from 100 up"),
    FIELD_ROW("backup", FIELD_BOOLEAN, AT(backup), .doc = "false: none is kept"),
};

const struct fields live_loss_fields = {"what may be lost", loss_fields,
                                        sizeof loss_fields / sizeof *loss_fields};

void live_allow(lua_State *L, int idx, const char *call)
{
    struct live *live = live_of(L);
    struct loss_fields fields = {0};
    const struct fields schema = {call, live_loss_fields.rows, live_loss_fields.n};
    struct schema_result r = live_options(L, idx, &schema, &fields);
    live->kv->permits = live->permits;
    live->kv->permits.data_loss.bare |= fields.data_loss;
    live->kv->permits.mass_delete.bare |= fields.mass_delete;
    live->kv->backups.off = (r.given & (1u << I_BACKUP)) ? !fields.backup : live->no_backup;
}

bool live_back_up(struct kv *kv, const struct kv_namespace *ns, pull_key_fn pull, void *ctx,
                  const char **path, struct error *err)
{
    struct kv_saving what = {.ns = ns, .reason = "overwrite", .partial = true};
    struct kv_section saved = {0};
    kv->backups.off = false; /* a call of an iterator's may have said otherwise */
    if (!kv_save(kv, &what, pull, ctx, &saved, err))
        return false;
    *path = saved.path ? saved.path : *path;
    return true;
}

/* ---- Keys one after the other ---------------------------------------------------------------- */

struct live_keys live_keys_at(lua_State *L, int idx, const char *what)
{
    char got[160];
    if (!lua_istable(L, idx) && !lua_isfunction(L, idx))
        vm_raise(L, NULL, "%s takes an array of keys or an iterator, got %s", what,
                 value_describe(L, idx, got, sizeof got));
    struct live_keys keys = {.idx = lua_absindex(L, idx), .n = -1};
    struct error err = {0};
    if (lua_istable(L, idx) && !value_list_length(L, idx, what, &value_keys, &keys.n, &err))
        vm_raise_error(L, &err);
    return keys;
}

bool live_next_key(lua_State *L, struct live_keys *keys, struct bytes *key)
{
    char where[48];
    luaL_checkstack(L, 8, NULL);
    if (keys->n == keys->at)
        return false;
    if (keys->n >= 0) {
        lua_geti(L, keys->idx, keys->at + 1);
    } else {
        lua_pushvalue(L, keys->idx);
        live_call_back(L, 1);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            return false;
        }
    }
    keys->at++;
    snprintf(where, sizeof where, "key %lld: ", (long long)keys->at);
    if (lua_istable(L, -1)) {
        lua_getfield(L, -1, "key");
        lua_remove(L, -2);
    }
    *key = live_key(L, lua_gettop(L), where);
    return true;
}

enum pull live_pull_one(void *ctx, struct bytes *key, struct error *err)
{
    struct live_one_key *one = ctx;
    (void)err;
    if (one->given)
        return PULL_END;
    one->given = true;
    *key = one->key;
    return PULL_PAIR;
}

/* ---- Strictness ------------------------------------------------------------------------------ */

/* cfkv.strict(on?): whether expected failures raise; on unless it says false. Gives what was so. */
static int live_strict(lua_State *L)
{
    char got[160];
    lua_settop(L, 1);
    if (!lua_isnil(L, 1) && !lua_isboolean(L, 1))
        vm_raise(L, NULL, "cfkv.strict takes true, false or nothing, got %s",
                 value_describe(L, 1, got, sizeof got));
    lua_pushboolean(L, live_of(L)->strict);
    live_of(L)->strict = lua_isnil(L, 1) || lua_toboolean(L, 1);
    return 1;
}

/* ---- The natives ----------------------------------------------------------------------------- */

static const struct script_call calls[] = {
    {"namespace_create", "cfkv.namespace.create", "title", live_namespace_create, false},
    {"namespace_list", "cfkv.namespace.list", "", live_namespace_list, false},
    {"namespace_get", "cfkv.namespace.get", "namespace", live_namespace_get, false},
    {"namespace_rename", "cfkv.namespace.rename", "namespace, title", live_namespace_rename, false},
    {"namespace_delete", "cfkv.namespace.delete", "namespace, options", live_namespace_delete,
     false},
    {"key_put", "cfkv.key.put", "namespace, key, value, options", live_key_put, false},
    {"key_get", "cfkv.key.get", "namespace, key", live_key_get, false},
    {"key_metadata", "cfkv.key.metadata", "namespace, key", live_key_metadata, false},
    {"key_list", "cfkv.key.list", "namespace, options", live_key_list, false},
    {"key_delete", "cfkv.key.delete", "namespace, key, options", live_key_delete, false},
    {"bulk_put", "cfkv.bulk.put", "namespace, source, options", live_bulk_put, false},
    {"bulk_get", "cfkv.bulk.get", "namespace, keys", live_bulk_get, false},
    {"bulk_delete", "cfkv.bulk.delete", "namespace, keys, options", live_bulk_delete, false},
    {"rows_csv", "cfkv.rows.csv", "path, options", live_rows_csv, false},
    {"rows_jsonl", "cfkv.rows.jsonl", "path", live_rows_jsonl, false},
    {"rows_dir", "cfkv.rows.dir", "path", live_rows_dir, false},
    {"strict", "cfkv.strict", "on", live_strict, false},
    {NULL, NULL, NULL, NULL, false},
};

void live_push(lua_State *L)
{
    bind_push(L);
    call_set(L, calls);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (!lua_isfunction(L, -1))
            continue;
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_pushcclosure(L, door, 1);
        lua_rawset(L, -5); /* a field that is there already */
    }
    live_push_migrate(L);
}
