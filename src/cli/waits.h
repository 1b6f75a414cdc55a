/*
 * waits.h: what requests wait for is told: what failed, when it is tried again and until when; and
 * a budget that slows them down.
 *
 * On a terminal in the line that is drawn anew; elsewhere each cause once, and then one line in
 * thirty seconds at most. Nothing with --quiet; with --verbose every attempt is told by itself.
 */
#ifndef CFKV_CLI_WAITS_H
#define CFKV_CLI_WAITS_H

#include "base/hash.h"
#include "store/cloudflare.h"
#include "output.h"

#define WAITS_CAUSES 8

struct waits {
    const struct output *output;
    struct digest told[WAITS_CAUSES]; /* the last causes that were told */
    size_t n_told;                    /* in all */
    int64_t due_ms;                   /* when one of them may be told again */
};

void waits_begin(struct waits *w, const struct output *o);

/* An http_wait_fn; `ctx` is the struct waits. */
void waits_tell(void *ctx, const struct http_wait *wait);

/* "HTTP 503: trying again in 2 s, attempt 3 of 8, until 12:59:10 UTC at the latest (GET /…)";
 * `local`: in local time. */
void waits_text(const struct http_wait *wait, int64_t now, bool local, struct buf *out);

#endif
