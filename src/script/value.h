/*
 * value.h: Lua values to C and back: every rule on numbers, keys, null and depth.
 *
 * Three values stand for what Lua has no word for:
 *
 *   - a deferred: a string with namespace ids in it that are known only at apply, or a secret, or
 *     both. It can be joined with `..`, compared with ==, and put where a value is expected;
 *     anything that would read its text raises. A secret makes everything secret it is joined to.
 *   - cfkv.null: JSON's null, also inside tables.
 *   - cfkv.array: a table marked as a JSON array, so that an empty one is [] and not {}.
 */
#ifndef CFKV_SCRIPT_VALUE_H
#define CFKV_SCRIPT_VALUE_H

#include <lauxlib.h>
#include <lua.h>

#include "pieces.h"
#include "vm.h"

/* ---- Kinds ----------------------------------------------------------------------------------- */

/* The string at `idx`; data NULL when it is none. */
struct bytes value_bytes(lua_State *L, int idx);
void value_push_bytes(lua_State *L, struct bytes b);

/* Gives the userdata or table on top of the stack the metatable `name`, made of `methods` (NULL:
 * none) when it is needed first. No Lua code sees or changes it. Raises. */
void value_set_metatable(lua_State *L, const char *name, const luaL_Reg *methods);

bool value_is_deferred(lua_State *L, int idx);
void value_push_null(lua_State *L);
bool value_is_null(lua_State *L, int idx); /* cfkv.null only, not nil */

/* Pushes the id of model.namespaces[ns] as a deferred. Raises. */
void value_push_id(lua_State *L, size_t ns);

/* Pushes a text for people: "${shop/config/prod.id}/x", or "(secret)". Raises. */
void value_push_shown(lua_State *L, int idx);

/* Marks the table on top of the stack as a JSON array. Raises. */
void value_mark_array(lua_State *L);
bool value_is_array(lua_State *L, int idx);

/* A value for a message: 'text', 3600.5, true, nothing, a table, a secret. Returns `out`. */
char *value_describe(lua_State *L, int idx, char *out, size_t size);

/* Lists that calls take. */
struct value_list {
    const char *of;      /* "items" */
    const char *written; /* how one is written, for the hint */
};

extern const struct value_list value_items, value_keys;

/*
 * How many elements the list at `idx`, a table, has; `call` is what takes it ("ns:bulk"). false
 * with err when it is none: names beside the elements, or a hole, behind which everything would be
 * lost. What has its own __len or __index is believed. Raises what these raise.
 */
bool value_list_length(lua_State *L, int idx, const char *call, const struct value_list *list,
                       lua_Integer *n, struct error *err);

/* ---- Building -------------------------------------------------------------------------------- */

/* Adds the deferred at `idx` to the value under construction; with `json` its text is escaped for
 * the inside of a JSON string. */
void value_add_deferred(lua_State *L, int idx, struct pieces *p, bool json);

/*
 * Adds the canonical JSON of any Lua value: sorted members, integers without fraction, cycles and
 * everything that JSON cannot say refused with the path to it ("value.limits[3]: …"). false with
 * err (ERR_INVALID); raises only when memory runs out. Tables are read raw: no code of the user's
 * runs meanwhile.
 */
bool value_add_json(lua_State *L, int idx, const char *name, struct pieces *p, struct error *err);

/* Pushes what `p` holds: a string when nothing in it is deferred or secret. Raises. */
void value_push_pieces(lua_State *L, const struct pieces *p);

/* Copies what `p` holds into the model. Raises when memory runs out. */
struct deferred value_keep(lua_State *L, const struct pieces *p);
struct bytes value_keep_bytes(lua_State *L, struct bytes b);

/*
 * The value of a key: a string as its bytes, a table as canonical JSON, a deferred as it is.
 * Anything else is false with err set and a hint.
 */
bool value_read(lua_State *L, int idx, struct deferred *out, struct error *err);

/* Pushes the Lua value of a JSON text; false with err (ERR_FORMAT). Raises when memory runs out. */
bool value_push_json(lua_State *L, struct bytes text, struct error *err);

#endif
