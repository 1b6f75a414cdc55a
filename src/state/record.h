/*
 * record.h: one table describes a record: how its members are named, read, checked and printed.
 *
 * The document (document.h) and the journal (change.h) hold the same records, so each is described
 * once. Private to state/.
 */
#ifndef CFKV_STATE_RECORD_H
#define CFKV_STATE_RECORD_H

#include "contents.h"

enum record_kind {
    RECORD_TEXT,   /* struct bytes; data NULL: absent */
    RECORD_JSON,   /* the same: the text of a JSON object */
    RECORD_INT,    /* int64_t, not negative */
    RECORD_COUNT,  /* uint64_t */
    RECORD_FLAG,   /* bool */
    RECORD_DIGEST, /* struct digest, as hex */
    RECORD_MAC,    /* struct state_mac: "v2:" and hex; hex alone: plain */
    RECORD_SALT,   /* uint8_t[16], as hex */
    /* Choices: an enum as the word for it; a value without a word is absent. */
    RECORD_ORIGIN,   /* enum state_origin: "created", "adopted" */
    RECORD_WHOSE,    /* enum key_origin: "wrote", "found" */
    RECORD_ON_REMOVE /* enum on_remove: "delete", "keep" */
};

enum record_need {
    RECORD_REQUIRED, /* always there */
    RECORD_OPTIONAL, /* not printed while it is absent, 0, false or the default */
    RECORD_NULLABLE  /* a text that is null while it is absent */
};

/* The kinds of namespace_fields.h that are recorded. */
#define RECORD_STRING        RECORD_TEXT
#define RECORD_NEED_STRING   RECORD_OPTIONAL
#define RECORD_OBJECT        RECORD_JSON
#define RECORD_NEED_OBJECT   RECORD_OPTIONAL
#define RECORD_WORD          RECORD_TEXT
#define RECORD_NEED_WORD     RECORD_OPTIONAL
#define RECORD_DURATION      RECORD_INT
#define RECORD_NEED_DURATION RECORD_REQUIRED

struct record_field {
    const char *name;
    enum record_kind kind;
    size_t offset; /* of the value inside the record */
    enum record_need need;
};

/* The index of the field of that name, or SIZE_MAX. */
size_t record_find(const struct record_field *fields, size_t n, struct bytes name);

/* Stores a scalar into the record, texts as copies in `arena`. ERR_FORMAT: "'hmac' must be …". */
bool record_set(const struct record_field *f, void *record, const struct json_event *v,
                struct arena *arena, struct error *err);

/* true when `need` allows to print nothing. */
bool record_is_left_out(const struct record_field *f, const void *record);

/* Prints name and value, or nothing where that is allowed. */
void record_write(const struct record_field *f, const void *record, struct json_writer *w);

/* Writes the JSON Schema of the value, where it is printed. */
void record_write_schema(const struct record_field *f, struct json_writer *w);

#endif
