/*
 * schema.h: the fields a call takes, described once.
 *
 * One table per call says name, kind and accepted values of each field. It drives reading, the
 * messages about unknown fields (with the nearest name) and about wrong types and values.
 */
#ifndef CFKV_SCRIPT_SCHEMA_H
#define CFKV_SCRIPT_SCHEMA_H

#include <lua.h>

#include "vm.h"

#define SCHEMA_MAX 32 /* fields of one schema: they fit a bit mask */

enum field_kind {
    FIELD_STRING,   /* struct bytes, in the model's arena */
    FIELD_INTEGER,  /* int64_t; 3600.0 is one, 3600.5 is not */
    FIELD_BOOLEAN,  /* bool */
    FIELD_TRISTATE, /* enum tristate */
    FIELD_CHOICE,   /* int: position in `choices` */
    FIELD_STRINGS,  /* struct schema_strings; a single string counts as a list of one */
    FIELD_RENAMES,  /* struct schema_renames: a table from string to string */
    FIELD_TABLE,    /* not stored; the caller reads the table */
    FIELD_ANY       /* not stored; the caller reads the value */
};

struct field {
    const char *name;
    enum field_kind kind;
    bool required;
    size_t at;                  /* offset into what is filled */
    const char *const *choices; /* ends with NULL */
    int first_choice;           /* what the first choice counts as */
};

struct schema {
    const char *what; /* "cfkv.namespace" */
    const struct field *fields;
    size_t n;
};

struct schema_strings {
    struct bytes *items;
    size_t n;
};

struct schema_renames {
    struct renaming *items;
    size_t n;
};

struct schema_result {
    uint32_t given; /* bit i: field i has a value (not nil) */
    uint32_t bad;   /* bit i: the value was refused and not stored */
    bool ok;        /* no problem was found */
};

/*
 * Fills `out` from the table at `idx` and records a diagnostic at `pos` for each unknown field,
 * wrong type or value and missing required field; `where` ("item 3: ") is put before each message.
 * An argument that is no table is one diagnostic. Raises only when memory runs out, or when a
 * metamethod of the table does.
 */
struct schema_result schema_read(lua_State *L, int idx, const struct schema *schema, void *out,
                                 struct srcpos pos, const char *where);

/* The value at `idx` as `kind` into `target`; false with a description of the problem ("must be an
 * integer, got 'x'") and a hint in err. Raises only when memory runs out. */
bool schema_read_value(lua_State *L, int idx, const struct field *field, void *target,
                       struct error *err);

#endif
