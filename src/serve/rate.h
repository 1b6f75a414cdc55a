/*
 * rate.h: how often one may ask: so many requests in a window of so many seconds per credential;
 * and, on request, one write a second per key.
 *
 * A window starts with its first request. The service counts in the same manner, and blocks until
 * the window is over.
 */
#ifndef CFKV_SERVE_RATE_H
#define CFKV_SERVE_RATE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"

#define RATE_REQUESTS 1200 /* what the service allows, said when there is no limit here */
#define RATE_SECONDS  300

struct rate_window {
    int64_t start_ms;
    unsigned used;
};

struct rate {
    unsigned requests, seconds; /* requests 0: no limit */
    struct rate_window *windows;
    size_t n, cap;
    struct map by_credential; /* digests, so that no secret stays in memory, to windows */
    struct map key_writes;    /* namespace and key to the time of the last write */
    struct arena arena;       /* names in the maps */
};

/* What the Ratelimit headers say. */
struct rate_state {
    unsigned quota, window_s;
    unsigned remaining, reset_s; /* reset_s is rounded up */
};

/* The state of somebody who has not asked yet. */
struct rate_state rate_fresh(const struct rate *rate);

/* Counts a request at `now_ms`. false: it is one too many. */
bool rate_take(struct rate *rate, const char *credential, int64_t now_ms, struct rate_state *state);

/* Counts a write of a key. false: it is the second within a second. */
bool rate_take_key(struct rate *rate, struct bytes id, struct bytes key, int64_t now_ms);

void rate_release(struct rate *rate);

#endif
