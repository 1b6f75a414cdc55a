/*
 * bind.h: the native half of the `cfkv` module: one function per declaring call.
 *
 * Each reads its arguments into plain C, records a diagnostic for whatever is wrong with them, and
 * only then touches the model. They raise only on misuse of Lua itself.
 */
#ifndef CFKV_SCRIPT_BIND_H
#define CFKV_SCRIPT_BIND_H

#include <lua.h>
#include <stdint.h>

#include "vm.h"

/* Makes the metatable of namespace handles (bind_namespace.c). */
void bind_open(lua_State *L);

/* Pushes the table of natives that lua/cfkv/declare.lua builds the module from. */
void bind_push(lua_State *L);

/* Runs each policy on each namespace, in address order. */
void bind_run_policies(lua_State *L);

/* A diagnostic for each --var that was never declared. */
void bind_check_vars(struct vm *vm);

/* ---- The natives, by file -------------------------------------------------------------------- */

int bind_project(lua_State *L); /* bind_project.c */
int bind_removed(lua_State *L);
int bind_wrangler(lua_State *L);
int bind_output(lua_State *L);
int bind_namespace(lua_State *L); /* bind_namespace.c */
int bind_var(lua_State *L);       /* bind_input.c */
int bind_getenv(lua_State *L);
int bind_file_text(lua_State *L); /* bind_file.c */
int bind_file_bytes(lua_State *L);
int bind_file_json(lua_State *L);
int bind_source_json(lua_State *L);
int bind_source_jsonl(lua_State *L);
int bind_source_csv(lua_State *L);
int bind_source_dir(lua_State *L);
int bind_policy(lua_State *L); /* bind_policy.c */

/* ---- Handles --------------------------------------------------------------------------------- */

/* A cfkv.source: a file or folder below the root that is read later. */
struct source_handle {
    enum source_format format;
    bool bad; /* it was diagnosed where it was made */
    size_t len;
    char path[];
};

/* The source at `idx`, or NULL. */
const struct source_handle *bind_to_source(lua_State *L, int idx);

/* The seeds of a namespace handle: ns:put, ns:bulk, ns:prune (bind_seed.c). Argument 1 is checked
 * by them with bind_to_namespace. */
int bind_put(lua_State *L);
int bind_bulk(lua_State *L);
int bind_prune(lua_State *L);

#define NAMESPACE_DETACHED SIZE_MAX /* a declaration too wrong to be in the model */

/* The index of the namespace whose handle is argument 1; raises when `method` was called without
 * it. */
size_t bind_to_namespace(lua_State *L, const char *method);

/* Hint of an error for vm_problem. */
static inline const char *error_hint_or_null(const struct error *err)
{
    return err->hint[0] ? err->hint : NULL;
}

#endif
