/*
 * schema.h: the fields a call takes, described once.
 *
 * One table per call says name, kind and accepted values of each field. It drives reading, the
 * messages about unknown fields (with the nearest name) and about wrong types and values.
 */
#ifndef CFKV_SCRIPT_SCHEMA_H
#define CFKV_SCRIPT_SCHEMA_H

#include <lua.h>

#include "model/fields.h"
#include "vm.h"

#define SCHEMA_MAX 32 /* fields of one schema: they fit a bit mask */

struct schema_result {
    uint32_t given; /* bit i: field i has a value (not nil) */
    uint32_t bad;   /* bit i: the value was refused and not stored */
    bool ok;        /* no problem was found */
};

/*
 * Fills `out` from the table at `idx` and records a diagnostic at `pos` for each unknown field,
 * wrong type or value and missing required field; `where` ("item 3: ") is put before each message.
 * A field that is a table of fields itself is read the same way. An argument that is no table is
 * one diagnostic. Raises only when memory runs out, or when a metamethod of the table does.
 */
struct schema_result schema_read(lua_State *L, int idx, const struct fields *fields, void *out,
                                 struct srcpos pos, const char *where);

/* The value at `idx` as `kind` into `target`; false with a description of the problem ("must be an
 * integer, got 'x'") and a hint in err. Raises only when memory runs out. */
bool schema_read_value(lua_State *L, int idx, const struct field *field, void *target,
                       struct error *err);

#endif
