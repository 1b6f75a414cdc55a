/*
 * field.h: a field of a declaration, described once.
 *
 * A table of these says of each field of a declaration what it is called, what it may hold and
 * where it stands in the C struct. Reading a Lua table (script/schema.h), `cfkv eval` and the other
 * walkers go by it.
 */
#ifndef CFKV_MODEL_FIELD_H
#define CFKV_MODEL_FIELD_H

#include <stddef.h>

#include "base/json.h"

enum field_kind {
    FIELD_STRING,   /* struct bytes; data NULL: not given */
    FIELD_INTEGER,  /* int64_t; 3600.0 is one, 3600.5 is not */
    FIELD_DURATION, /* int64_t: seconds, or as many of `unit`; a number or a text (base/duration.h)
                     */
    FIELD_MOMENT,   /* int64_t: seconds since 1970; a number or a time of RFC 3339 */
    FIELD_BOOLEAN,  /* bool */
    FIELD_TRISTATE, /* enum tristate */
    FIELD_CHOICE,   /* int or an enum: first_choice + position in `choices`; other values: not given
                     */
    FIELD_STRINGS,  /* struct strings; a single string counts as a list of one */
    FIELD_RENAMES,  /* struct renamings: a table from string to string */
    FIELD_RENAMES_LISTS, /* the same, or to a list of strings: a renaming each */
    FIELD_RENAMES_PARTS, /* the same, or to a table from part to string: a renaming each */
    FIELD_TABLE,         /* a table of `members`; without members the caller reads it */
    FIELD_OBJECT,        /* struct bytes: canonical JSON of a table with names; data NULL: not given
                          */
    FIELD_ANY            /* not stored; the caller reads the value */
};

enum field_use {
    FIELD_REQUIRED = 1,
    FIELD_LINE = 2,      /* a STRING that is one line of text and not empty */
    FIELD_NAMES = 4,     /* without it there is no name for what is declared */
    FIELD_ALIAS = 8,     /* another word for another field: read, and shown nowhere */
    FIELD_DERIVED = 16,  /* what is shown is not what is declared: each walker's own */
    FIELD_AUDIT = 32,    /* recorded, and told by audit */
    FIELD_RECORDED = 64, /* the state has it as it is declared */
    FIELD_SETTLED = 128, /* of a namespace: when it is created, for life */
    FIELD_OR_TEXT = 256  /* a TABLE for which a string may stand: its first member */
};

struct field {
    const char *name;
    enum field_kind kind;
    unsigned use;
    size_t at;                  /* offset into the struct */
    const char *const *choices; /* of a CHOICE, or of a STRING that a rule judges; ends with NULL */
    int first_choice;           /* what the first choice counts as */
    const struct field *members; /* of a TABLE; they stand in the same struct */
    size_t n_members;
    const struct fields *table; /* of a TABLE that the caller reads: what it holds */
    int64_t unit;               /* seconds that a DURATION counts by; 0: 1 */
    int64_t min, max;           /* of a number, as a rule has it; 0: no such rule */
    bool or_zero;               /* 0 is right, too */
    size_t bytes;               /* of a value, at most, as a rule has it; 0: no such rule */
    size_t at_most;             /* characters of a STRING; 0: no such rule */
    const char *code;           /* of a diagnostic about it: "namespace.app" */
    const char *doc;            /* one line for people */
};

/* Rows of the common kinds; the last arguments are an offset and, behind it, other members (".doc =
 * …"). */
#define FIELD_ROW(name_, kind_, ...)                                                               \
    {                                                                                              \
        .name = (name_), .kind = (kind_), .at = __VA_ARGS__                                        \
    }
#define FIELD_NEED(name_, kind_, ...)                                                              \
    {                                                                                              \
        .name = (name_), .kind = (kind_), .use = FIELD_REQUIRED, .at = __VA_ARGS__                 \
    }
#define FIELD_PICK(name_, choices_, first_, ...)                                                   \
    {                                                                                              \
        .name = (name_), .kind = FIELD_CHOICE, .choices = (choices_), .first_choice = (first_),    \
        .at = __VA_ARGS__                                                                          \
    }

/* All of one kind of declaration. */
struct fields {
    const char *what; /* "cfkv.namespace" */
    const struct field *rows;
    size_t n;
};

struct strings {
    struct bytes *items;
    size_t n;
};

struct renaming {
    struct bytes from, to;
    struct bytes part; /* RENAMES_PARTS: of `from`, that it is for; data NULL: all of it */
};

struct renamings {
    struct renaming *items;
    size_t n;
};

enum tristate { UNSET, NO, YES };

/* The value of `f` in the struct at `record`. */
static inline const void *field_at(const struct field *f, const void *record)
{
    return (const char *)record + f->at;
}

#endif
