/*
 * cloudflare_probe.h: what credentials are and what they may do, found out by single requests that
 * change nothing whatever comes of them.
 */
#ifndef CFKV_STORE_CLOUDFLARE_PROBE_H
#define CFKV_STORE_CLOUDFLARE_PROBE_H

#include "base/arena.h"
#include "cloudflare.h"

enum probe_kind {
    PROBE_USER_TOKEN,    /* verifies a token that belongs to a user → id, status, … */
    PROBE_ACCOUNT_TOKEN, /* and one that belongs to the account */
    PROBE_ACCOUNT,       /* → name */
    PROBE_KV_READ,       /* → total: how many namespaces there are */
    PROBE_KV_WRITE,      /* a rename to no title, of an id that nothing has */
    PROBE_ANALYTICS,
    PROBE_R2
};

enum probe_verdict {
    PROBE_MAY,
    PROBE_MAY_NOT, /* the credentials are refused */
    PROBE_FAILED   /* nothing is known: no answer, or none of the API */
};

struct probe {
    enum probe_verdict verdict;
    struct error error;                          /* unless it may */
    bool unreached;                              /* no connection was made */
    struct bytes status, expires_on, not_before; /* as answered; data NULL: not told */
    struct bytes name, id;                       /* likewise */
    int64_t total;                               /* -1: not told */
};

/* Sends one request with the credentials of `account`. Texts are copied to `arena`; what repeats
 * the credentials is left out. */
void cloudflare_store_probe(struct store *s, enum probe_kind kind, struct bytes account,
                            struct arena *arena, struct probe *out);

#endif
