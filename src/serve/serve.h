/*
 * serve.h: the emulator: Cloudflare's Workers KV REST API on loopback, over any store. The only
 * folder that includes libmicrohttpd.
 *
 * Anyone can point a Cloudflare client at it
 * (CLOUDFLARE_API_BASE_URL=http://127.0.0.1:PORT/client/v4): wrangler, the SDKs, Terraform, and
 * cfkv itself. Limits, error codes, shapes and headers are those of the service as far as they are
 * known. A credential is always required; foreign Host and Origin headers are refused, so that no
 * web page can reach it; it listens on loopback unless a token was given explicitly.
 */
#ifndef CFKV_SERVE_SERVE_H
#define CFKV_SERVE_SERVE_H

#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

/* What a client is pointed at. */
struct serve_ready {
    const char *url;     /* "http://127.0.0.1:8788/client/v4" */
    const char *account; /* the id of the first that it lists; NULL: none */
};

struct serve_account {
    struct bytes id;   /* empty: the store's default */
    struct bytes name; /* data NULL: none */
};

struct serve_options {
    struct store *store; /* borrowed; NULL: --discard, which accepts and forgets writes */
    /* The accounts of the store, in the order they are listed, in `arena`. NULL: there is its
     * default only. */
    bool (*accounts)(void *ctx, struct arena *arena, struct serve_account **accounts, size_t *n,
                     struct error *err);
    void *accounts_ctx;
    const char *address;    /* "127.0.0.1" when NULL; anything but loopback needs `token` */
    unsigned short port;    /* 0: any free one */
    const char *token;      /* the one accepted; NULL: any credential */
    const char *faults;     /* path of a faults file; NULL: none */
    unsigned rate_requests; /* 0: no limit */
    unsigned rate_seconds;
    unsigned latency_ms;             /* before each answer */
    unsigned idle_s;                 /* a connection that does nothing is closed then; 0: 30 */
    FILE *log;                       /* one JSON line a request; NULL: none */
    const volatile int *interrupted; /* != 0: stop */
    /* Called once when it listens; false (with err) ends it. */
    bool (*on_ready)(void *ctx, const struct serve_ready *ready, struct error *err);
    void *ready_ctx;
};

/* Serves until interrupted. */
bool serve_run(const struct serve_options *options, struct error *err);

#endif
