#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "show.h"
#include "store/cloudflare.h"

#define FIRST_MS  1000 /* quick work shows no progress */
#define NEXT_MS   500
#define SPARSE_MS 10000 /* where there is no terminal */

void progress_begin(struct progress *p, const struct output *o)
{
    *p = (struct progress){
        .output = o,
        .live = !o->quiet && !o->verbose && isatty(STDERR_FILENO),
        .due_ms = clock_monotonic_ms() + FIRST_MS,
    };
}

void progress_step(void *ctx, const struct plan *plan, size_t action, bool ok)
{
    struct progress *p = ctx;
    struct buf text = {0};
    p->done++;
    if (p->output->verbose) {
        show_action(&plan->actions[action], &text);
        if (text.data)
            output_note(p->output, "%s: %s", ok ? "done" : "failed", text.data);
        buf_release(&text);
    }
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

/* ---- Moving keys: texts ---------------------------------------------------------------------- */

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

static uint64_t settled(const struct kv_counts *c)
{
    return c->keys + c->skipped + c->failed;
}

static void add_keys(const struct kv_counts *c, struct buf *out)
{
    progress_count(settled(c), out);
    if (c->total > 0) {
        buf_add_str(out, " of ");
        progress_named(c->total, "key", out);
        buf_addf(out, " (%" PRIu64 " %%)", settled(c) * 100 / c->total);
    } else {
        buf_add_str(out, settled(c) == 1 ? " key" : " keys");
    }
}

/* By what this run did itself: what it skipped took no time. */
static void add_time_left(const struct moving_view *v, struct buf *out)
{
    const struct kv_counts *c = &v->counts;
    uint64_t done = c->keys + c->failed;
    if (c->total <= settled(c) || done == 0)
        return;
    uint64_t left =
        (uint64_t)((double)(c->total - settled(c)) / (double)done * (double)v->elapsed_ms / 1000);
    if (left >= 3600)
        buf_addf(out, ", %" PRIu64 ":%02" PRIu64 ":%02" PRIu64 " to go", left / 3600,
                 left / 60 % 60, left % 60);
    else
        buf_addf(out, ", %" PRIu64 ":%02" PRIu64 " to go", left / 60, left % 60);
}

void progress_line(const struct moving_view *v, struct buf *out)
{
    buf_addf(out, "%s ", v->doing);
    add_keys(&v->counts, out);
    buf_add_str(out, ", ");
    progress_bytes(v->counts.bytes, out);
    if (v->elapsed_ms > 0) {
        buf_add_str(out, ", ");
        progress_bytes((uint64_t)((double)v->counts.bytes * 1000 / (double)v->elapsed_ms), out);
        buf_add_str(out, "/s");
    }
    buf_add_str(out, ", ");
    progress_named(v->requests, "request", out);
    if (v->budget > 0) {
        buf_add_str(out, ", ");
        progress_count((uint64_t)v->budget_left, out);
        buf_add_str(out, " of ");
        progress_count((uint64_t)v->budget, out);
        buf_add_str(out, " left");
    }
    if (v->counts.failed > 0) {
        buf_add_str(out, ", ");
        progress_count(v->counts.failed, out);
        buf_add_str(out, " failed");
    }
    add_time_left(v, out);
}

/* ---- Moving keys ----------------------------------------------------------------------------- */

void moving_begin(struct moving *m, const struct output *o, struct store *service,
                  const char *doing)
{
    bool live = !o->quiet && isatty(STDERR_FILENO);
    *m = (struct moving){
        .output = o,
        .service = service,
        .doing = doing,
        .live = live,
        .began_ms = clock_monotonic_ms(),
        .requests_before = service ? cloudflare_store_stats(service).requests : 0,
    };
    m->due_ms = m->began_ms + (live ? FIRST_MS : SPARSE_MS);
}

uint64_t moving_requests(const struct moving *m, const struct kv_counts *counts)
{
    if (!m->service)
        return counts->requests;
    return cloudflare_store_stats(m->service).requests - m->requests_before;
}

void moving_step(void *ctx, const struct kv_counts *counts)
{
    struct moving *m = ctx;
    int64_t now_ms = clock_monotonic_ms();
    struct buf line = {0}, text = {0};
    if (m->output->quiet || now_ms < m->due_ms)
        return;
    struct moving_view view = {.doing = m->doing,
                               .counts = *counts,
                               .requests = moving_requests(m, counts),
                               .elapsed_ms = now_ms - m->began_ms};
    if (m->service) {
        struct http_stats stats = cloudflare_store_stats(m->service);
        view.budget = stats.budget;
        view.budget_left = stats.budget_left;
    }
    progress_line(&view, &line);
    text_show(&text, buf_bytes(&line));
    if (m->live && text.data)
        fprintf(stderr, "\r%s\033[K", text.data);
    else if (text.data)
        output_note(m->output, "%s", text.data);
    buf_release(&line);
    buf_release(&text);
    m->shown = m->live;
    m->due_ms = now_ms + (m->live ? NEXT_MS : SPARSE_MS);
}

void moving_end(struct moving *m)
{
    if (m->shown)
        fputs("\r\033[K", stderr);
    m->shown = false;
}
