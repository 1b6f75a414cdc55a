/*
 * progress.h: how far an apply is.
 *
 * On a terminal one line on stderr, after a second and then at most twice a second; it is cleared
 * at the end. With --verbose one line for each action instead, wherever stderr goes.
 */
#ifndef CFKV_CLI_PROGRESS_H
#define CFKV_CLI_PROGRESS_H

#include "output.h"
#include "plan/plan.h"

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

#endif
