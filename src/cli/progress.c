#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "show.h"

#define FIRST_MS 1000 /* quick work shows no progress */
#define NEXT_MS  500

void progress_begin(struct progress *p, const struct output *o)
{
    *p = (struct progress){
        .output = o,
        .live = !o->quiet && !o->verbose && isatty(STDERR_FILENO),
        .due_ms = clock_monotonic_ms() + FIRST_MS,
    };
}

static void tell_action(const struct action *a, bool ok, const struct output *o)
{
    struct buf text = {0};
    show_action(a, &text);
    if (text.data)
        output_note(o, "%s: %s", ok ? "done" : "failed", text.data);
    buf_release(&text);
}

void progress_step(void *ctx, const struct plan *plan, size_t action, bool ok)
{
    struct progress *p = ctx;
    p->done++;
    if (p->output->verbose)
        tell_action(&plan->actions[action], ok, p->output);
    if (!p->live || clock_monotonic_ms() < p->due_ms)
        return;
    fprintf(stderr, "\r%zu of %zu actions done\033[K", p->done, plan->n);
    p->shown = true;
    p->due_ms = clock_monotonic_ms() + NEXT_MS;
}

void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
    p->shown = false;
}
