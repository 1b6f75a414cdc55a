/*
 * item.h: one key-value pair in wrangler's bulk form, from JSON events. Private to seed/.
 *
 *     item_start(&it, number, offset, pos, diags);
 *     … feed a json_stream made with item_handlers and &it, until it.done …
 *     if (item_finish(&it, err)) … it.key, it.value, … are there, unless it.bad …
 *
 * What is wrong with an item is added to `diags` as it is met, and reading goes on: all problems of
 * an item are found. Handlers fail only for want of memory, and when what should hold the items is
 * no array.
 */
#ifndef CFKV_SEED_ITEM_H
#define CFKV_SEED_ITEM_H

#include "model/model.h"

struct item {
    /* What it is, good until the next item_start. */
    struct bytes key, value;
    struct bytes metadata; /* JSON text without white space, numbers as written; data NULL: none */
    int64_t expiration_ttl, expiration; /* 0: not given */

    /* How it stands. */
    bool done;     /* all of it was read */
    bool bad;      /* diagnostics were added */
    bool in_array; /* set by the owner: items are the elements of an array */

    /* Where it is. */
    uint64_t number;
    uint64_t offset;
    struct srcpos pos;
    struct diag_list *diags;

    /* The inside of reading. */
    int level;            /* open containers */
    int member;           /* enum in item.c */
    unsigned seen, meant; /* bits of members: given, misspelt */
    bool base64, has_metadata, is_object;
    struct json_writer writer;
    struct buf key_text, value_text, metadata_text, decoded;
};

extern const struct json_handlers item_handlers;

void item_start(struct item *it, uint64_t number, uint64_t offset, struct srcpos pos,
                struct diag_list *diags);

/* Judges the whole and decodes the value. false: out of memory. */
bool item_finish(struct item *it, struct error *err);

/* Adds a problem: "item 3 (byte 120): …". */
void item_problem(struct item *it, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void item_release(struct item *it);

#endif
