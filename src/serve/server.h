/*
 * server.h: what the parts of the emulator share. Private to serve/.
 *
 * One thread does everything: an endpoint runs from start to end before the next one, so that the
 * store is never touched twice at once. Whatever takes time (latency, hanging) suspends a
 * connection instead of waiting.
 */
#ifndef CFKV_SERVE_SERVER_H
#define CFKV_SERVE_SERVER_H

#include "admit.h"
#include "faults.h"
#include "rate.h"
#include "serve.h"
#include "stale.h"
#include "usage.h"

/* The account there is when neither the faults file nor the store names one. Under it is what the
 * store holds for its default account. */
#define SERVER_ACCOUNT      "cf000000000000000000000000000001"
#define SERVER_ACCOUNT_NAME "cfkv serve"

struct server {
    const struct serve_options *options;
    struct store *store; /* borrowed, or `owned` */
    struct store *owned; /* of --discard: namespaces only */
    struct faults faults;
    struct rate rate;
    struct usage usage;
    struct stale stale;
    struct map jurisdictions; /* namespace id to an index; the store has no place for it */
    struct map instant;       /* ids of namespaces of that mode, likewise */
    struct arena arena;       /* names in these maps */
    struct admit_rules admit;
    char url[96]; /* where it listens */
    uint64_t ray_seed;
    uint64_t rays; /* given out so far */
    int64_t started_ms;
};

/* One request, as an endpoint sees it. */
struct call {
    struct server *server;
    struct head head;
    struct route route;
    const char *credential; /* what was given; set once it was admitted */
    struct bytes body;
    struct bytes account;     /* as the store knows it; empty: its default */
    const char *op;           /* what messages start with: "put" */
    struct fault_rule *fault; /* that fired for this request; NULL: none */
    struct rate_state rate;
    struct arena *arena; /* lives as long as the request */
    struct reply *reply;
    size_t items; /* pairs or keys in a bulk, for the log */
};

static inline bool call_has_fault(const struct call *c, enum fault_kind kind)
{
    return c->fault && c->fault->kind == kind;
}

#endif
