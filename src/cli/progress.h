/*
 * progress.h: how far the work is.
 *
 * On a terminal one line on stderr, after a second and then at most twice a second; whatever else
 * is printed takes it away first (output.h). Elsewhere a line every thirty seconds. Quick work
 * shows nothing, nor does any with --quiet. With --verbose an apply says one line for each action
 * instead.
 */
#ifndef CFKV_CLI_PROGRESS_H
#define CFKV_CLI_PROGRESS_H

#include "kv/counts.h"
#include "output.h"
#include "plan/plan.h"

struct progress {
    const struct output *output;
    struct store *service; /* a Cloudflare store: its requests are counted; NULL: operations are */
    const char *doing;     /* "writing" */
    int64_t began_ms, due_ms;
    uint64_t requests_before;
    size_t actions; /* of an apply that are done */
};

/* Looks at the clock: call it when the work begins. All is borrowed. */
void progress_begin(struct progress *p, const struct output *o, struct store *service,
                    const char *doing);

/* What the work calls after each answer; `ctx` is the struct progress. */
void progress_keys(void *ctx, const struct kv_counts *counts);          /* a kv_progress_fn */
void progress_look(void *ctx, const struct observe_counts *seen);       /* an observe_progress_fn */
void progress_action(void *ctx, const struct plan *plan, size_t action, /* an apply_progress_fn */
                     bool ok);

/* Takes the line away. */
void progress_end(struct progress *p);

/* Requests since progress_begin, repeated ones included. */
uint64_t progress_requests(const struct progress *p, const struct kv_counts *counts);

/* Milliseconds as they are for lines that are told now and then: a test makes them pass quicker. */
int64_t progress_interval(int64_t ms);

#define PROGRESS_SPARSE_MS 30000 /* between lines where there is no terminal */

/* ---- Their texts ----------------------------------------------------------------------------- */

/* What a line shows. */
struct progress_view {
    const char *doing;
    const char *unit;      /* "key"; NULL: that */
    uint64_t done, total;  /* total 0: not known */
    uint64_t own;          /* of those done, what this run did: the others took no time */
    uint64_t keys, values; /* looked at so far; 0: not said */
    bool moves;            /* bytes are said: */
    uint64_t bytes;
    uint64_t requests, failed;
    int64_t elapsed_ms;
    int64_t budget, budget_left; /* budget 0: not known */
};

/* "writing 120,000 of 1,000,000 keys (12 %), 5.8 MB, 1.2 MB/s, 12 requests, 1,188 of 1,200 left,
 * 0:42 to go" */
void progress_line(const struct progress_view *v, struct buf *out);

void progress_count(uint64_t n, struct buf *out);                   /* "1,234,567" */
void progress_named(uint64_t n, const char *what, struct buf *out); /* "1 key", "1,234 keys" */
void progress_bytes(uint64_t n, struct buf *out);                   /* "999 bytes", "48.0 MB" */
void progress_time(uint64_t seconds, struct buf *out);              /* "0:42", "1:02:03" */

#endif
