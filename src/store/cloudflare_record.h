/*
 * cloudflare_record.h: reads one JSON object of an answer by a table of its members. Private to
 * store/.
 */
#ifndef CFKV_STORE_CLOUDFLARE_RECORD_H
#define CFKV_STORE_CLOUDFLARE_RECORD_H

#include "base/arena.h"
#include "cloudflare_envelope.h"

enum record_kind {
    RECORD_TEXT,   /* a string */
    RECORD_NUMBER, /* an integer from 0 */
    RECORD_JSON    /* anything: kept as its compact text */
};

struct record_member {
    const char *name;
    enum record_kind kind;
    bool required; /* else it may be absent or null */
};

#define RECORD_MEMBERS 3

struct record {
    const char *what; /* "an item of 'result'", for messages */
    const struct record_member *members;
    size_t n;
    struct arena *arena; /* of texts */

    /* What was read; texts that are absent have data NULL. */
    struct bytes text[RECORD_MEMBERS];
    uint64_t number[RECORD_MEMBERS];
    bool has[RECORD_MEMBERS];

    unsigned seen;
    size_t current; /* the member whose value comes; n: one that is skipped */
    struct buf json;
    struct json_writer writer;
    bool copying;
};

/* Forgets what was read, for the next object. */
void record_begin(struct record *r);

/* An event inside the object, `e->depth` counted from its members (0: a key or its value). */
bool record_event(struct record *r, const struct event *e, struct error *err);

/* The object ends: ERR_FORMAT when a required member is missing. */
bool record_end(const struct record *r, struct error *err);

void record_release(struct record *r);

#endif
