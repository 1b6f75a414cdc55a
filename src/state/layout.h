/*
 * layout.h: what stands where in a document: one table for who reads it and who prints it.
 * document.h shows it whole. Private to state/.
 */
#ifndef CFKV_STATE_LAYOUT_H
#define CFKV_STATE_LAYOUT_H

#include "record.h"

/* The objects and the array of a document. */
enum place {
    ROOT,
    ACCOUNTS,
    ACCOUNT,
    CREATING,
    NAMESPACES,
    NAMESPACE,
    BULKS,
    BULK,
    KEYS,
    KEY,
    WRITING, /* of a namespace */
    WRITING_KEY,
    TITLES, /* "writing" of an account */
    TITLED,
    TITLED_KEY,
    OUTPUTS,
    OUTPUT,
    CONFIGS,
    CONFIG,
    CONFIG_ENV,
    BINDING,
    OUTSIDE
};

/* Values of any shape, which are read whole. */
enum capture { NOT_CAPTURED, OUTPUT_VALUE, OUTPUT_NAMESPACES, SETTINGS, UNKNOWN_MEMBER };

/* A member whose name the format fixes: a scalar, a container, or a value of any shape. */
struct member {
    struct record_field field; /* of a scalar; of the others only name and need count */
    enum place opens;          /* OUTSIDE: no container */
    enum capture capture;
};

struct layout {
    enum place parent;
    const struct member *members; /* of the root the version first */
    size_t n_members;             /* at most 32 */
    enum place named; /* what each member opens that people name; OUTSIDE: they name none */
    size_t extras;    /* where the record of a place with members has its unknown ones */
};

/* The scalars at the top. */
struct state_root {
    struct bytes project;
    uint8_t salt[16];
    int64_t version;
    struct state_extras *extras;
};

extern const struct layout layouts[OUTSIDE];

/* The index of the member of that name, or SIZE_MAX. */
size_t layout_find(const struct layout *layout, struct bytes name);

#endif
