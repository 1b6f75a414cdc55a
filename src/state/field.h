/*
 * field.h: one table describes a record: how its members are named, read, checked and printed.
 *
 * The document (document.h) and the journal (change.h) hold the same records, so each is described
 * once. Private to state/.
 */
#ifndef CFKV_STATE_FIELD_H
#define CFKV_STATE_FIELD_H

#include "state.h"

enum field_kind {
    FIELD_TEXT,     /* struct bytes; data NULL: absent */
    FIELD_INT,      /* int64_t, not negative */
    FIELD_COUNT,    /* uint64_t */
    FIELD_FLAG,     /* bool */
    FIELD_DIGEST,   /* struct digest, as hex */
    FIELD_MAC,      /* struct state_mac: "v2:" and hex; hex alone: plain */
    FIELD_SALT,     /* uint8_t[16], as hex */
    FIELD_ORIGIN,   /* enum state_origin: "created", "adopted" */
    FIELD_WHOSE,    /* enum key_origin: "wrote", "found"; absent: unknown */
    FIELD_ON_REMOVE /* enum on_remove: "delete", "keep"; absent: default */
};

enum field_need {
    FIELD_REQUIRED, /* always there */
    FIELD_OPTIONAL, /* not printed while it is absent, 0, false or the default */
    FIELD_NULLABLE  /* a text that is null while it is absent */
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t offset; /* of the value inside the record */
    enum field_need need;
};

/* A scalar as a reader of JSON meets it. */
struct scalar {
    enum { SCALAR_NULL, SCALAR_FLAG, SCALAR_INT, SCALAR_NUMBER, SCALAR_TEXT } type;
    bool flag;
    int64_t n;
    struct bytes text; /* SCALAR_TEXT; borrowed */
};

/* The index of the field of that name, or SIZE_MAX. */
size_t field_find(const struct field *fields, size_t n, struct bytes name);

/* Stores `v` into the record, texts as copies in `arena`. ERR_FORMAT: "'hmac' must be …". */
bool field_set(const struct field *f, void *record, const struct scalar *v, struct arena *arena,
               struct error *err);

/* true when `need` allows to print nothing. */
bool field_is_left_out(const struct field *f, const void *record);

/* Prints name and value, or nothing where that is allowed. */
void field_write(const struct field *f, const void *record, struct json_writer *w);

#endif
