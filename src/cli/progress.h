/*
 * progress.h: how far an apply, or the moving of many keys, is.
 *
 * On a terminal one line on stderr, after a second and then at most twice a second; it is cleared
 * at the end. Elsewhere the moving of keys says a line every ten seconds. With --verbose an apply
 * says one line for each action instead, wherever stderr goes.
 */
#ifndef CFKV_CLI_PROGRESS_H
#define CFKV_CLI_PROGRESS_H

#include "kv/counts.h"
#include "plan/plan.h"
#include "session.h"

struct progress {
    const struct output *output;
    size_t done;
    bool live;      /* stderr is a terminal, and the line is wanted */
    bool shown;     /* there is a line to clear */
    int64_t due_ms; /* when the line may be drawn next */
};

void progress_begin(struct progress *p, const struct output *o);

/* An apply_progress_fn; `ctx` is the struct progress. */
void progress_step(void *ctx, const struct plan *plan, size_t action, bool ok);

void progress_end(struct progress *p);

/* ---- Moving keys ----------------------------------------------------------------------------- */

struct moving {
    const struct output *output;
    struct store *service; /* a Cloudflare store: its requests are counted; NULL: operations are */
    const char *doing;     /* "writing" */
    bool live, shown;
    int64_t began_ms, due_ms;
    uint64_t requests_before;
};

/* Looks at the clock: call it when the work begins. `service` and `doing` are borrowed. */
void moving_begin(struct moving *m, const struct output *o, struct store *service,
                  const char *doing);

/* A kv_progress_fn; `ctx` is the struct moving. */
void moving_step(void *ctx, const struct kv_counts *counts);

/* Clears the line; anything else on stderr comes behind this. */
void moving_end(struct moving *m);

/* Requests since moving_begin, repeated ones included. */
uint64_t moving_requests(const struct moving *m, const struct kv_counts *counts);

/* ---- Their texts ----------------------------------------------------------------------------- */

/* What a line shows. */
struct moving_view {
    const char *doing;
    struct kv_counts counts;
    uint64_t requests;
    int64_t elapsed_ms;
    int64_t budget, budget_left; /* budget 0: not known */
};

/* "writing 120,000 of 1,000,000 keys (12 %), 5.8 MB, 1.2 MB/s, 12 requests, 1,188 of 1,200 left,
 * 0:42 to go" */
void progress_line(const struct moving_view *v, struct buf *out);

void progress_count(uint64_t n, struct buf *out);                   /* "1,234,567" */
void progress_named(uint64_t n, const char *what, struct buf *out); /* "1 key", "1,234 keys" */
void progress_bytes(uint64_t n, struct buf *out);                   /* "999 bytes", "48.0 MB" */

#endif
