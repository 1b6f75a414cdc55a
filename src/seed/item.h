/*
 * item.h: one key-value pair in wrangler's bulk form, from JSON events or from texts. Private to
 * seed/.
 *
 *     item_start(&it, number, offset, pos, diags);
 *     … feed a json_stream made with item_event and &it, until it.done …
 *     item_finish(&it) … it.key, it.value, … are there, unless it.bad …
 *
 * What is wrong with an item is added to `diags` as it is met, and reading goes on: all problems of
 * an item are found, up to ITEM_PROBLEMS. item_event fails only when what should hold the items is
 * no array. Memory does not grow with what is too long: a key, value or metadata that cannot be
 * good any more is not kept.
 */
#ifndef CFKV_SEED_ITEM_H
#define CFKV_SEED_ITEM_H

#include "model/model.h"

#define ITEM_PROBLEMS 20 /* told of one item */

enum item_member {
    ITEM_KEY,
    ITEM_VALUE,
    ITEM_BASE64,
    ITEM_EXPIRATION,
    ITEM_EXPIRATION_TTL,
    ITEM_METADATA,
    ITEM_MEMBERS, /* how many there are */
    ITEM_IGNORED
};

struct item {
    /* What it is, good until the next item_start. */
    struct bytes key, value;
    struct bytes metadata; /* JSON text without white space, numbers as written; data NULL: none */
    int64_t expiration_ttl, expiration; /* 0: not given … */
    bool no_ttl, zero_expiration;       /* … but where one of these says that 0 was given */

    /* How it stands. */
    bool done;     /* all of it was read, or the array began */
    bool bad;      /* diagnostics were added */
    bool in_array; /* set by the owner: items are the elements of an array */

    /* Where it is. */
    uint64_t number;
    uint64_t offset;
    struct srcpos pos;
    struct diag_list *diags;

    /* The inside of reading. */
    int level;            /* open containers */
    int member;           /* enum item_member */
    unsigned seen, meant; /* bits of members: given, misspelt */
    unsigned cut;         /* … too long, and not kept */
    size_t n_problems;
    bool base64, has_metadata, is_object;
    struct json_writer writer;
    struct buf key_text, value_text, metadata_text, decoded;
};

/* A json_event_fn; ctx is the item. */
bool item_event(void *ctx, const struct json_event *e, struct error *err);

void item_start(struct item *it, uint64_t number, uint64_t offset, struct srcpos pos,
                struct diag_list *diags);

/* Judges the whole and decodes the value. */
void item_finish(struct item *it);

/*
 * The same from texts, for other formats than JSON: item_start, item_begin, then each member in one
 * piece or (key and value) in several, in any order. A text is what JSON would write without
 * quotes: "true", "3600", "{\"a\":1}".
 */
void item_begin(struct item *it);
void item_add_text(struct item *it, enum item_member member, struct bytes part);

/* The member of that name; ITEM_MEMBERS when there is none. `*nearest` (may be NULL) is then the
 * name that was meant, or NULL. */
enum item_member item_member_named(struct bytes name, const char **nearest);
const char *item_member_name(enum item_member member);

/* Adds a problem: "item 3 (byte 120): …" ("header: …" for number 0), and its hint. */
void item_problem(struct item *it, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void item_hint(struct item *it, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void item_release(struct item *it);

#endif
