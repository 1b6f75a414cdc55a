#include "progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "show.h"
#include "store/cloudflare.h"

#define FIRST_MS 1000 /* quick work shows no progress */
#define NEXT_MS  500

/* ---- Texts ----------------------------------------------------------------------------------- */

void progress_count(uint64_t n, struct buf *out)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf_add_char(out, ',');
        buf_add_char(out, digits[i]);
    }
}

void progress_bytes(uint64_t n, struct buf *out)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double amount = (double)n / 1000;
    size_t unit = 0;
    if (n < 1000) {
        buf_addf(out, "%" PRIu64 " byte%s", n, text_plural(n));
        return;
    }
    for (; amount >= 999.95 && unit + 1 < sizeof units / sizeof *units; unit++)
        amount /= 1000;
    buf_addf(out, "%.1f %s", amount, units[unit]);
}

void progress_named(uint64_t n, const char *what, struct buf *out)
{
    progress_count(n, out);
    buf_addf(out, " %s%s", what, text_plural(n));
}

void progress_time(uint64_t seconds, struct buf *out)
{
    if (seconds >= 3600)
        buf_addf(out, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
    else
        buf_addf(out, "%" PRIu64 ":%02" PRIu64, seconds / 60, seconds % 60);
}

static void add_done(const struct progress_view *v, struct buf *out)
{
    const char *unit = v->unit ? v->unit : "key";
    progress_count(v->done, out);
    if (v->total > 0) {
        buf_add_str(out, " of ");
        progress_named(v->total, unit, out);
        buf_addf(out, " (%" PRIu64 " %%)", v->done * 100 / v->total);
    } else {
        buf_addf(out, " %s%s", unit, text_plural(v->done));
    }
}

static void add_bytes(const struct progress_view *v, struct buf *out)
{
    buf_add_str(out, ", ");
    progress_bytes(v->bytes, out);
    if (v->elapsed_ms > 0) {
        buf_add_str(out, ", ");
        progress_bytes((uint64_t)((double)v->bytes * 1000 / (double)v->elapsed_ms), out);
        buf_add_str(out, "/s");
    }
}

static void add_more(uint64_t n, const char *what, struct buf *out)
{
    if (n == 0)
        return;
    buf_add_str(out, ", ");
    progress_named(n, what, out);
}

static void add_time_left(const struct progress_view *v, struct buf *out)
{
    if (v->total <= v->done || v->own == 0)
        return;
    buf_add_str(out, ", ");
    progress_time(
        (uint64_t)((double)(v->total - v->done) / (double)v->own * (double)v->elapsed_ms / 1000),
        out);
    buf_add_str(out, " to go");
}

void progress_line(const struct progress_view *v, struct buf *out)
{
    buf_addf(out, "%s ", v->doing);
    add_done(v, out);
    add_more(v->keys, "key", out);
    add_more(v->values, "value", out);
    if (v->moves)
        add_bytes(v, out);
    buf_add_str(out, ", ");
    progress_named(v->requests, "request", out);
    if (v->budget > 0) {
        buf_add_str(out, ", ");
        progress_count((uint64_t)v->budget_left, out);
        buf_add_str(out, " of ");
        progress_count((uint64_t)v->budget, out);
        buf_add_str(out, " left");
    }
    if (v->failed > 0) {
        buf_add_str(out, ", ");
        progress_count(v->failed, out);
        buf_add_str(out, " failed");
    }
    add_time_left(v, out);
}

/* ---- Drawing --------------------------------------------------------------------------------- */

int64_t progress_interval(int64_t ms)
{
    return ms * clock_told_unit_ms() / 1000;
}

void progress_begin(struct progress *p, const struct output *o, struct store *service,
                    const char *doing)
{
    *p = (struct progress){
        .output = o,
        .service = service,
        .doing = doing,
        .began_ms = clock_monotonic_ms(),
        .requests_before = service ? cloudflare_store_stats(service).requests : 0,
    };
    p->due_ms = p->began_ms + progress_interval(output_is_live(o) ? FIRST_MS : PROGRESS_SPARSE_MS);
}

void progress_end(struct progress *p)
{
    output_undraw(p->output);
}

static uint64_t requests_of(const struct progress *p, uint64_t operations)
{
    return p->service ? cloudflare_store_stats(p->service).requests - p->requests_before
                      : operations;
}

uint64_t progress_requests(const struct progress *p, const struct kv_counts *counts)
{
    return requests_of(p, counts->requests);
}

static bool is_due(const struct progress *p)
{
    return !p->output->quiet && clock_monotonic_ms() >= p->due_ms;
}

/* `view` as far as it is known by who works; its requests are the operations. */
static void show(struct progress *p, struct progress_view view)
{
    int64_t now_ms = clock_monotonic_ms();
    struct buf line = {0};
    bool live = output_is_live(p->output);
    view.doing = p->doing;
    view.requests = requests_of(p, view.requests);
    view.elapsed_ms = now_ms - p->began_ms;
    if (p->service) {
        struct http_stats stats = cloudflare_store_stats(p->service);
        view.budget = stats.budget;
        view.budget_left = stats.budget_left;
    }
    progress_line(&view, &line);
    if (live)
        output_draw(p->output, buf_bytes(&line));
    else
        output_note(p->output, "%s", line.data);
    buf_release(&line);
    p->due_ms = now_ms + progress_interval(live ? NEXT_MS : PROGRESS_SPARSE_MS);
}

void progress_keys(void *ctx, const struct kv_counts *c)
{
    if (!is_due(ctx))
        return;
    show(ctx, (struct progress_view){.done = c->keys + c->skipped + c->failed,
                                     .total = c->total,
                                     .own = c->keys + c->failed,
                                     .moves = true,
                                     .bytes = c->bytes,
                                     .requests = c->requests,
                                     .failed = c->failed});
}

void progress_look(void *ctx, const struct observe_counts *seen)
{
    if (!is_due(ctx))
        return;
    show(ctx, (struct progress_view){.unit = "namespace",
                                     .done = seen->total ? seen->namespaces : seen->listed,
                                     .total = seen->total,
                                     .own = seen->namespaces,
                                     .keys = seen->keys,
                                     .values = seen->values,
                                     .requests = seen->requests});
}

void progress_action(void *ctx, const struct plan *plan, size_t action, bool ok)
{
    struct progress *p = ctx;
    struct buf text = {0};
    p->actions++;
    if (p->output->verbose) {
        show_action(&plan->actions[action], &text);
        if (text.data)
            output_note(p->output, "%s: %s", ok ? "done" : "failed", text.data);
        buf_release(&text);
    } else if (is_due(p) && !action_on_keys(&plan->actions[action])) { /* those are told by keys */
        show(p, (struct progress_view){
                    .unit = "action", .done = p->actions, .total = plan->n, .own = p->actions});
    }
}
