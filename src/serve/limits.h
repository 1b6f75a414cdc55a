/*
 * limits.h: what the service refuses of keys, values, metadata, expiry, titles and parameters.
 *
 * Each check replies with the service's code and text, and returns false. `op` is what a message
 * starts with: "put", "bulk put", …
 */
#ifndef CFKV_SERVE_LIMITS_H
#define CFKV_SERVE_LIMITS_H

#include "base/arena.h"
#include "reply.h"
#include "store/store.h"

/* A number as a client gave it, in a query or in JSON. */
struct limits_number {
    bool given;
    bool whole; /* an integer; `n` has it */
    int64_t n;
    char text[32]; /* for messages */
};

struct limits_number limits_number_of(struct bytes text);

bool limits_hex_id(struct bytes id); /* 32 hex digits */

bool limits_key(struct bytes key, const char *op, struct reply *reply);
bool limits_prefix(struct bytes prefix, const char *op, struct reply *reply);
bool limits_value(size_t len, const char *op, struct reply *reply);

/* `json` is metadata as text; `*compact` (in the arena) is what is stored: without white space,
 * data NULL for null. Not JSON: 10147. */
bool limits_metadata(struct bytes json, const char *op, struct arena *arena, struct bytes *compact,
                     struct reply *reply);

/* Sets the pair's expiration or expiration_ttl; a ttl wins. */
bool limits_expiry(const struct limits_number *ttl, const struct limits_number *expiration,
                   int64_t now, const char *op, struct store_pair *pair, struct reply *reply);

bool limits_title(struct bytes title, const char *op, struct reply *reply);

#endif
