#include "bulk.h"

#include <inttypes.h>

#include "base/text.h"

#define SOURCE_SHOWN 200

void bulk_init(struct bulk *b, struct cli *cli, const char *verb, const char *done)
{
    *b = (struct bulk){
        .cli = cli,
        .done = done,
        .failures = {.verb = verb, .verbose = cli->options.verbose, .keep = cli->options.json}};
}

void bulk_release(struct bulk *b)
{
    failures_release(&b->failures);
}

/* ---- Before ---------------------------------------------------------------------------------- */

bool bulk_judge(struct cli *cli, const char *source, struct error *err)
{
    struct session *s = &cli->session;
    struct diag_list *diags = &s->model.diags;
    char name[SOURCE_SHOWN];
    size_t errors = diags->errors;
    diag_sort(diags);
    output_diagnostics(s->output, diags);
    if (errors == 0)
        return true;
    bool more = errors >= BULK_PROBLEMS_MAX && !s->options->keep_going;
    error_set(err, ERR_INVALID, "%s has %s%zu error%s; nothing was sent",
              text_quoted(bytes_of(source), name, sizeof name), more ? "at least " : "", errors,
              errors == 1 ? "" : "s");
    if (more && (cli->command->groups & GROUP_SOURCE))
        error_hint(err, "--keep-going lists all of them");
    return false;
}

bool bulk_changed(const char *source, struct error *err)
{
    char name[SOURCE_SHOWN];
    error_set(err, ERR_FAILED, "%s changed while it was read",
              text_quoted(bytes_of(source), name, sizeof name));
    return error_hint(err, "run it again when nobody writes to it");
}

void bulk_begin(struct bulk *b, const char *doing, uint64_t total)
{
    struct session *s = &b->cli->session;
    b->counts.total = total;
    s->interrupt->graceful = 1;
    moving_begin(&b->moving, &b->cli->output, s->target.local ? NULL : s->target.store, doing);
}

/* ---- After ----------------------------------------------------------------------------------- */

static bool write_json(struct bulk *b, struct error *err)
{
    struct output *o = &b->cli->output;
    struct json_writer w = json_writer_to(&o->out, 0);
    const struct kv_counts *c = &b->counts;
    json_begin_object(&w);
    if (b->saving) {
        json_key(&w, "backup");
        json_str(&w, b->saved.path);
        json_key(&w, "backup_requests");
        json_int(&w, (int64_t)b->saved.requests);
    }
    json_key(&w, "bytes");
    json_int(&w, (int64_t)c->bytes);
    json_key(&w, "failed");
    failures_write_json(&b->failures, &w);
    json_key(&w, "format_version");
    json_int(&w, 1);
    json_key(&w, "requests");
    json_int(&w, (int64_t)moving_requests(&b->moving, c));
    json_key(&w, "skipped");
    json_int(&w, (int64_t)c->skipped);
    json_key(&w, b->done);
    json_int(&w, (int64_t)c->keys);
    json_end_object(&w);
    buf_add_char(&o->out, '\n');
    return output_flush(o, err);
}

static uint64_t not_sent(const struct kv_counts *c)
{
    uint64_t met = c->keys + c->skipped + c->failed;
    return c->total > met ? c->total - met : 0;
}

static void add_keys(struct buf *out, uint64_t n)
{
    progress_count(n, out);
    buf_add_str(out, n == 1 ? " key" : " keys");
}

/* "3 keys are not written", "3 keys are not written, and 20,000 were not sent". */
static void add_missing(const struct bulk *b, struct buf *out)
{
    const struct kv_counts *c = &b->counts;
    uint64_t rest = not_sent(c);
    if (c->failed > 0) {
        add_keys(out, c->failed);
        buf_addf(out, " %s not %s", c->failed == 1 ? "is" : "are", b->done);
    }
    if (rest > 0) {
        buf_add_str(out, c->failed > 0 ? ", and " : "");
        add_keys(out, rest);
        buf_addf(out, " %s not sent", rest == 1 ? "was" : "were");
    }
}

static bool end_interrupted(const struct bulk *b, struct error *err)
{
    struct buf text = {0};
    progress_count(b->counts.keys, &text);
    buf_add_str(&text, " of ");
    add_keys(&text, b->counts.total);
    if (text.data)
        error_set(err, ERR_INTERRUPTED, "interrupted; %s are %s", text.data, b->done);
    buf_release(&text);
    return error_hint(err, "run it again to go on");
}

/* The cause stays in the message, and its hint with it. */
static bool end_partial(const struct bulk *b, bool ok, struct error *err)
{
    struct buf text = {0};
    struct error cause = *err;
    add_missing(b, &text);
    const char *missing = text.data ? text.data : "keys are missing";
    if (ok)
        error_set(err, ERR_PARTIAL, "%s", missing);
    else
        error_set(err, ERR_PARTIAL, "%s: %s", missing, cause.message);
    buf_release(&text);
    if (!ok && *cause.hint)
        return error_hint(err, "%s", cause.hint);
    return error_hint(err, "run it again to %s them", b->failures.verb);
}

/* That it could not begin at all is no partial success. */
static bool nothing_done(const struct bulk *b)
{
    return b->counts.keys + b->counts.skipped == 0;
}

static bool verdict(const struct bulk *b, bool ok, struct error *err)
{
    if (!ok && err->code == ERR_INTERRUPTED)
        return end_interrupted(b, err);
    if (ok && b->counts.failed == 0)
        return true;
    if (!ok && nothing_done(b))
        return false;
    return end_partial(b, ok, err);
}

bool bulk_end(struct bulk *b, bool ok, const char *verb, struct error *err)
{
    struct error unwritten = {0};
    bool tell = ok || !nothing_done(b);
    moving_end(&b->moving);
    if (tell)
        failures_tell(&b->failures, &b->cli->output);
    if (tell && !b->cli->options.json)
        moving_tell(&b->moving, &b->cli->session, verb, &b->counts);
    if (b->saved.path)
        output_note(&b->cli->output, "what was %s is kept in '%s'",
                    b->done[0] == 'd' ? "deleted" : "overwritten", b->saved.path);
    bool printed = !b->cli->options.json || write_json(b, &unwritten);
    if (!verdict(b, ok, err))
        return false;
    if (!printed)
        *err = unwritten;
    return printed;
}
