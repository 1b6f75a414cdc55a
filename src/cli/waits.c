#include "waits.h"

#include <inttypes.h>
#include <time.h>

#include "base/clock.h"
#include "progress.h"

/* ---- Texts ----------------------------------------------------------------------------------- */

/* "0.5 s", "12 s", "5:00" */
static void add_span(uint64_t ms, struct buf *out)
{
    if (ms >= 100000)
        progress_time((ms + 999) / 1000, out);
    else if (ms < 950)
        buf_addf(out, "0.%" PRIu64 " s", ms < 100 ? 1 : (ms + 50) / 100);
    else
        buf_addf(out, "%" PRIu64 " s", (ms + 500) / 1000);
}

static void add_clock(int64_t at, bool local, struct buf *out)
{
    time_t t = (time_t)at;
    struct tm tm;
    char text[16];
    if ((local ? localtime_r(&t, &tm) : gmtime_r(&t, &tm)) &&
        strftime(text, sizeof text, "%H:%M:%S", &tm) > 0)
        buf_addf(out, "%s%s", text, local ? "" : " UTC");
}

static void add_budget(const struct http_wait *wait, struct buf *out)
{
    buf_add_str(out, "requests wait for their turn: ");
    progress_count((uint64_t)wait->budget_left, out);
    buf_add_str(out, " are left of ");
    progress_count((uint64_t)wait->budget, out);
    buf_add_str(out, " in ");
    progress_time((uint64_t)wait->budget_seconds, out);
    buf_add_str(out, ", and what is left has to last; the next goes out in ");
    add_span(wait->again_ms, out);
}

void waits_text(const struct http_wait *wait, int64_t now, bool local, struct buf *out)
{
    if (!wait->cause) {
        add_budget(wait, out);
        return;
    }
    buf_addf(out, "%s: trying again in ", wait->cause);
    add_span(wait->again_ms, out);
    buf_addf(out, ", attempt %u of %u, until ", wait->attempt, wait->attempts);
    add_clock(now + (int64_t)(wait->until_ms / 1000), local, out);
    buf_addf(out, " at the latest (%s %s)", wait->method, wait->path);
}

/* ---- Telling --------------------------------------------------------------------------------- */

void waits_begin(struct waits *w, const struct output *o)
{
    *w = (struct waits){.output = o};
}

static bool is_told(const struct waits *w, const struct digest *cause)
{
    for (size_t i = 0; i < w->n_told && i < WAITS_CAUSES; i++)
        if (digest_equal(&w->told[i], cause))
            return true;
    return false;
}

static bool is_worth_telling(struct waits *w, const struct http_wait *wait)
{
    struct digest cause = hash_sha256(bytes_of(wait->cause ? wait->cause : ""));
    int64_t now_ms = clock_monotonic_ms();
    bool known = is_told(w, &cause);
    if (known && now_ms < w->due_ms)
        return false;
    if (!known)
        w->told[w->n_told++ % WAITS_CAUSES] = cause;
    w->due_ms = now_ms + progress_interval(PROGRESS_SPARSE_MS);
    return true;
}

void waits_tell(void *ctx, const struct http_wait *wait)
{
    struct waits *w = ctx;
    bool live = output_is_live(w->output);
    struct buf text = {0};
    if (!wait)
        output_undraw(w->output);
    if (!wait || w->output->quiet || (w->output->verbose && wait->cause) ||
        (!live && !is_worth_telling(w, wait)))
        return;
    waits_text(wait, clock_now(), live, &text);
    if (live)
        output_draw(w->output, buf_bytes(&text));
    else
        output_note(w->output, "%s", text.data);
    buf_release(&text);
}
