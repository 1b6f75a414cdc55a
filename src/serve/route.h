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

#define ENDPOINT_KV "accounts/:account/storage/kv/namespaces"

/* Each endpoint: its constant; its name, in faults and the log, which is also that of the function
 * that answers it (endpoints.h); what error messages call it; its method, its path. A segment that
 * starts with ':' matches anything. "DELETE …/bulk" is deprecated and still in use. */
#define ENDPOINTS(X)                                                                               \
    X(NAMESPACE_LIST, namespace_list, "list namespaces", "GET", ENDPOINT_KV)                       \
    X(NAMESPACE_CREATE, namespace_create, "create namespace", "POST", ENDPOINT_KV)                 \
    X(NAMESPACE_GET, namespace_get, "get namespace", "GET", ENDPOINT_KV "/:id")                    \
    X(NAMESPACE_RENAME, namespace_rename, "rename namespace", "PUT", ENDPOINT_KV "/:id")           \
    X(NAMESPACE_DELETE, namespace_delete, "remove namespace", "DELETE", ENDPOINT_KV "/:id")        \
    X(KEY_LIST, key_list, "list keys", "GET", ENDPOINT_KV "/:id/keys")                             \
    X(VALUE_GET, value_get, "get", "GET", ENDPOINT_KV "/:id/values/:key")                          \
    X(VALUE_PUT, value_put, "put", "PUT", ENDPOINT_KV "/:id/values/:key")                          \
    X(VALUE_DELETE, value_delete, "remove key", "DELETE", ENDPOINT_KV "/:id/values/:key")          \
    X(METADATA_GET, metadata_get, "metadata", "GET", ENDPOINT_KV "/:id/metadata/:key")             \
    X(BULK_PUT, bulk_put, "bulk put", "PUT", ENDPOINT_KV "/:id/bulk")                              \
    X(BULK_DELETE, bulk_delete, "bulk delete", "POST", ENDPOINT_KV "/:id/bulk/delete")             \
    X(BULK_DELETE_OLD, bulk_delete_old, "bulk delete", "DELETE", ENDPOINT_KV "/:id/bulk")          \
    X(BULK_GET, bulk_get, "bulk get keys", "POST", ENDPOINT_KV "/:id/bulk/get")                    \
    X(ACCOUNT_LIST, account_list, "list accounts", "GET", "accounts")                              \
    X(ACCOUNT_GET, account_get, "get account", "GET", "accounts/:account")                         \
    X(ACCOUNT_TOKEN, account_token, "verify token", "GET", "accounts/:account/tokens/verify")      \
    X(BUCKET_LIST, bucket_list, "list buckets", "GET", "accounts/:account/r2/buckets")             \
    X(USER_GET, user_get, "get user", "GET", "user")                                               \
    X(USER_TOKEN, user_token, "verify token", "GET", "user/tokens/verify")                         \
    X(MEMBERSHIP_LIST, membership_list, "list memberships", "GET", "memberships")                  \
    X(GRAPHQL, graphql, "query", "POST", "graphql")

#define ENDPOINT_CONSTANT(constant, name, op, method, path) ENDPOINT_##constant,

enum endpoint { ENDPOINT_NONE /* no such path */, ENDPOINTS(ENDPOINT_CONSTANT) ENDPOINT_COUNT };

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
