/*
 * body.h: the JSON bodies of the bulk endpoints, read as a stream so that no byte of a key or value
 * is lost. Everything is checked before anything is done: the first thing wrong refuses the whole
 * call. Private to serve/.
 */
#ifndef CFKV_SERVE_BODY_H
#define CFKV_SERVE_BODY_H

#include "server.h"

struct body_pairs {
    struct store_pair *items; /* in the request's arena */
    size_t n, cap;
};

struct body_keys {
    struct bytes *items; /* in the request's arena */
    size_t n, cap;
};

struct body_get {
    struct body_keys keys;
    bool json; /* type */
    bool with_metadata;
};

/* [{"key":…, "value":…, …}, …]; 10012, or the code of the first bad item. */
bool body_read_pairs(struct call *c, struct body_pairs *pairs);

/* ["key", …] */
bool body_read_keys(struct call *c, struct body_keys *keys);

/* {"keys":[…], "type":…, "withMetadata":…} */
bool body_read_get(struct call *c, struct body_get *get);

#endif
