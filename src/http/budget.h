/*
 * budget.h: how many requests may go out, and when. Pure: the caller brings the clock, in monotonic
 * milliseconds. Private to http/.
 *
 * The service allows so many requests in a window of time and, past that, refuses everything for a
 * whole window. So the first half of the budget may be spent at once, and from there each request
 * costs a pause that grows as the budget shrinks: the pace settles at 80 % of what is allowed, and
 * the wall is never hit. The same is done with what the service says is left (`Ratelimit`), since
 * others may be spending the same budget; a `Ratelimit-Policy` narrows the configured budget, never
 * widens it.
 */
#ifndef CFKV_HTTP_BUDGET_H
#define CFKV_HTTP_BUDGET_H

#include <stdint.h>

#include "base/bytes.h"

#define BUDGET_SLICES   64
#define BUDGET_POLICIES 4

/* A named quota of the service. */
struct budget_policy {
    char name[32];
    int64_t quota;
};

struct budget {
    int64_t second_ms; /* how long a second of a header is */

    /* What was sent in the last window, counted by slices of it. */
    int64_t quota, window_ms, slice_ms;
    int64_t counts[BUDGET_SLICES]; /* of slice n at n % BUDGET_SLICES */
    int64_t newest;                /* the slice of the last look at the clock */
    int64_t used;                  /* sum of counts */
    int64_t last_ms;               /* of the last request */

    /* What the service said last. */
    struct budget_policy policies[BUDGET_POLICIES];
    size_t n_policies;
    int64_t left, left_quota, reset_ms;

    int64_t hold_ms; /* nothing goes out before */
};

/* `second_ms` is 1000 but in tests; `requests` and `seconds` are at least 1. */
void budget_init(struct budget *b, unsigned requests, unsigned seconds, unsigned second_ms);

/* Milliseconds until the next request may go out; 0: now. Ask again when they are over. */
uint64_t budget_wait_ms(struct budget *b, int64_t now_ms);

/* A request goes out now, whatever budget_wait_ms said. */
void budget_take(struct budget *b, int64_t now_ms);

/* How many requests are left of the window's, by our count or the service's, whichever is less. */
int64_t budget_left(struct budget *b, int64_t now_ms);

/* Nothing before `until_ms`: the service refused. Never shortens an earlier hold. */
void budget_hold(struct budget *b, int64_t until_ms);

/* The values of `Ratelimit-Policy` ("default";q=1200;w=300) and `Ratelimit` ("default";r=50;t=30),
 * the policy first. What does not parse is skipped. `in_flight` requests may not be in the
 * service's count yet. */
void budget_learn_policy(struct budget *b, struct bytes value, int64_t now_ms);
void budget_learn(struct budget *b, struct bytes value, unsigned in_flight, int64_t now_ms);

#endif
