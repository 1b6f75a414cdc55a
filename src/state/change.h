/*
 * change.h: one change of the state: a line of the journal, and what it does to the image. Private
 * to state/.
 *
 * A line is a compact JSON object, "op" first. It names whole results. Members that are not known
 * are kept by the record that it is about, beside those it has, and else mean nothing. What it is
 * about is named by id wherever something of an entry is changed, and moves and removals name
 * address and id, so that on a document that somebody edited a line finds what it was meant for or
 * nothing.
 */
#ifndef CFKV_STATE_CHANGE_H
#define CFKV_STATE_CHANGE_H

#include "contents.h"

enum op {
    OP_BINDING,
    OP_BULK,
    OP_CREATING,
    OP_END_CREATING,
    OP_FOLDED, /* no change: the lines before are in the document of that digest */
    OP_KEY,
    OP_MOVE,
    OP_NAMESPACE,
    OP_NOT_WRITTEN,
    OP_OUTPUT,
    OP_PROJECT,
    OP_REMOVE_BINDING,
    OP_REMOVE_BULK,
    OP_REMOVE_KEY,
    OP_REMOVE_NAMESPACE,
    OP_REMOVE_OUTPUT,
    OP_SALT,
    OP_SETTINGS,
    OP_SET_ID,
    OP_WRITING,
    OP_WROTE
};

/* Which members count is up to the op (change.c). What is about to be put is of the entry of an id,
 * or of a title. */
struct change {
    enum op op;
    struct bytes account;      /* never empty where it counts */
    struct state_namespace ns; /* id, address (of a move: the old one) and attributes; of a binding
                                * its id and environment */
    struct bytes to;           /* new address; new id */
    struct bytes name;         /* key, source, output, project, binding */
    struct bytes file, preview_id; /* of a binding */
    struct digest digest;
    struct state_mac hmac;
    int64_t ttl, expiration;
    enum key_origin whose;
    bool secret;
    uint64_t count;
    struct bytes json; /* of an output or of the settings */
    struct bytes refs; /* the namespaces of an output, as JSON; data NULL: none */
    uint8_t salt[16];
    struct state_extras *extras; /* members of a line that this version does not know; NULL: none */
};

/* ERR_INVALID for text that is not UTF-8: it would be read back as something else. */
bool change_check(const struct change *c, struct error *err);

/* Adds the line of a change that change_check takes, newline included. */
void change_print(const struct change *c, struct buf *out);

/* Reads a line without its newline. Texts live in `arena`. ERR_FORMAT, also for a member that is
 * not the line's but would be one of the record. */
bool change_parse(struct bytes line, struct change *c, struct arena *arena, struct error *err);

/* Does it to the image. What it is about may be gone: then nothing happens. ERR_FORMAT for
 * an output or settings that a line has wrong. */
bool change_do(struct state *s, const struct change *c, struct error *err);

#endif
