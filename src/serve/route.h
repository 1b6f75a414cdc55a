/*
 * route.h: from a request line to an endpoint and what its path names.
 *
 * The path is split at '/' before anything is decoded, and each segment is decoded once: "%2F"
 * inside a key is a slash of the key, "%252F" is the text "%2F". Both "/client/v4/…" and the bare
 * "/…" are served, since some clients leave the prefix out.
 */
#ifndef CFKV_SERVE_ROUTE_H
#define CFKV_SERVE_ROUTE_H

#include "base/arena.h"

enum endpoint {
    ENDPOINT_NONE, /* no such path */
    ENDPOINT_NAMESPACE_LIST,
    ENDPOINT_NAMESPACE_CREATE,
    ENDPOINT_NAMESPACE_GET,
    ENDPOINT_NAMESPACE_RENAME,
    ENDPOINT_NAMESPACE_DELETE,
    ENDPOINT_KEY_LIST,
    ENDPOINT_VALUE_GET,
    ENDPOINT_VALUE_PUT,
    ENDPOINT_VALUE_DELETE,
    ENDPOINT_METADATA_GET,
    ENDPOINT_BULK_PUT,
    ENDPOINT_BULK_DELETE,
    ENDPOINT_BULK_DELETE_OLD, /* DELETE …/bulk, deprecated and still in use */
    ENDPOINT_BULK_GET,
    ENDPOINT_ACCOUNT_LIST,
    ENDPOINT_ACCOUNT_GET,
    ENDPOINT_ACCOUNT_TOKEN,
    ENDPOINT_USER_GET,
    ENDPOINT_USER_TOKEN,
    ENDPOINT_MEMBERSHIP_LIST,
    ENDPOINT_GRAPHQL,
    ENDPOINT_COUNT
};

struct route {
    enum endpoint endpoint;
    bool path_known;      /* with ENDPOINT_NONE: the path exists, for other methods */
    bool undecodable;     /* an account, id or key is not valid percent-encoding */
    struct bytes account; /* decoded; data NULL: the path has none */
    struct bytes id;      /* of the namespace; likewise */
    struct bytes key;     /* likewise; may be empty where the path ends in "/" */
    struct bytes path;    /* as it came, without the query */
    struct bytes query;   /* as it came, without the "?" */
};

/* `target` is the request target as it came; the route points into it and into the arena. */
struct route route_find(const char *method, struct bytes target, struct arena *arena);

/* "bulk_put"; "none" for ENDPOINT_NONE. */
const char *endpoint_name(enum endpoint e);

/* NULL-terminated, in the order of the enum. */
const char *const *endpoint_names(void);

/* The parameter `name` of a query string, decoded ("+" is a space); data NULL: it is not there. */
struct bytes query_get(struct bytes query, const char *name, struct arena *arena);

/* Decodes %XX once; `plus` turns "+" into a space. false when it is not valid percent-encoding. */
bool percent_decode(struct bytes text, bool plus, struct arena *arena, struct bytes *out);

#endif
