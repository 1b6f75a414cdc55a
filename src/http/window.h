/*
 * window.h: how many requests are in flight at once, when nobody said how many. Pure: the caller
 * brings the clock. Private to http/.
 *
 * It starts at WINDOW_FIRST and grows by one with each quick answer, so that it doubles with each
 * round trip, up to WINDOW_MOST, as long as the budget does not ask for a pause. A 429, a 5xx or a
 * connection that breaks halves it; what was sent before that says nothing more about it. From then
 * on it takes a whole window of quick answers to grow by one.
 */
#ifndef CFKV_HTTP_WINDOW_H
#define CFKV_HTTP_WINDOW_H

#include <stdint.h>

#include "retry.h"

#define WINDOW_FIRST    8
#define WINDOW_MOST     32
#define WINDOW_QUICK_MS 1000

struct window {
    unsigned size; /* requests that may be in flight; at least 1 */
    unsigned most;
    bool is_fixed;
    unsigned answers;  /* quick ones, towards the next growth */
    int64_t halved_ms; /* when it was halved last; 0: never */
};

/* `fixed`: so many, always; 0: as many as go well. */
void window_init(struct window *w, unsigned fixed);

/* An attempt ended so; `is_free`: the budget lets the next request out at once. */
void window_learn(struct window *w, enum retry_kind kind, int64_t started_ms, int64_t now_ms,
                  bool is_free);

#endif
