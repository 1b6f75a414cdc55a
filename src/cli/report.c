#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "show.h"

#define NAME_SHOWN 200

static const struct words {
    const char *put;   /* "cannot put key 'k'", */
    const char *done;  /* "3 keys are not written"; a member in JSON, too */
    const char *doing; /* "writing 3 of 4 keys" */
    const char *did;   /* "wrote 3 keys"; NULL: "3 keys deleted from namespace 'x'" */
} all_words[] = {
    [REPORT_PUT] = {"put", "written", "writing", "wrote"},
    [REPORT_DELETE] = {"delete", "deleted", "deleting", NULL},
    [REPORT_RENAME] = {"rename", "renamed", "renaming", "renamed"},
    [REPORT_RESTORE] = {"put", "written", "restoring", "restored"},
    [REPORT_COPY] = {"put", "written", "copying", "copied"},
};

void report_init(struct report *r, struct cli *cli, enum report_verb verb)
{
    *r = (struct report){.cli = cli, .s = &cli->session, .verb = verb};
}

void report_release(struct report *r)
{
    buf_release(&r->failed.json);
    buf_release(&r->left_out.json);
    buf_release(&r->lines);
}

/* ---- Before ---------------------------------------------------------------------------------- */

bool report_problems(struct cli *cli, const char *source, struct error *err)
{
    struct session *s = &cli->session;
    struct diag_list *diags = &s->model.diags;
    char name[NAME_SHOWN];
    size_t errors = diags->errors;
    diag_sort(diags);
    output_problems(s->output, diags);
    if (errors == 0)
        return true;
    bool more = errors >= REPORT_PROBLEMS && !s->options->keep_going;
    error_set(err, ERR_INVALID, "%s has %s%zu error%s; nothing was sent",
              text_quoted(bytes_of(source), name, sizeof name), more ? "at least " : "", errors,
              text_plural(errors));
    if (more && (cli->command->groups & GROUP_SOURCE))
        error_hint(err, "--keep-going lists all of them");
    return false;
}

void report_begin(struct report *r, uint64_t total)
{
    struct session *s = r->s;
    r->counts.total = total;
    s->interrupt->graceful = 1;
    progress_begin(&r->progress, s->output, session_service(s), all_words[r->verb].doing);
}

bool report_confirm(void *ctx, const struct kv_loss *loss, struct error *err)
{
    struct report *r = ctx;
    if (!question_ask(&r->question, r->s, &r->ns, loss, err))
        return false;
    report_begin(r, loss->keys);
    return true;
}

bool report_confirm_fill(void *ctx, const struct kv_fill_loss *loss, struct error *err)
{
    struct report *r = ctx;
    if (!question_ask_fill(&r->question, r->s, &r->ns, loss, err))
        return false;
    report_begin(r, loss->wanted);
    return true;
}

struct kv_fill report_fill(struct report *r, bool created)
{
    struct session *s = r->s;
    const struct options *o = s->options;
    return (struct kv_fill){
        .kv = &s->kv,
        .ns = &r->ns,
        .created = created,
        .prefix = bytes_of(o->prefix),
        .if_missing = o->if_missing,
        .prune = o->prune,
        .preview = session_asks(s),
        .journal = {.root = s->root_path, .command = s->command, .restart = o->restart},
        .confirm = report_confirm_fill,
        .confirm_ctx = r,
        .on_failed = report_failed,
        .on_expired = report_left_out,
        .told_ctx = r,
        .progress = progress_keys,
        .progress_ctx = &r->progress,
        .written = &r->counts,
        .pruned = &r->pruned};
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void add_key(const struct report *r, struct report_keys *keys, struct bytes key)
{
    struct json_writer w = json_writer_to(&keys->json, 0);
    if (r->cli->options.json) {
        buf_add_str(&keys->json, keys->n > 0 ? "," : "");
        json_string(&w, key);
    }
    keys->n++;
}

static bool is_shown(const struct report *r, const struct report_keys *keys)
{
    return keys->n <= REPORT_SHOWN || r->cli->options.verbose;
}

/* Nothing is pruned when a put failed. */
static const char *done_word(const struct report *r)
{
    return r->pruned.failed == 0      ? all_words[r->verb].done
           : r->verb == REPORT_RENAME ? "deleted"
                                      : "pruned";
}

bool report_failed(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    struct report *r = ctx;
    char name[NAME_SHOWN];
    (void)err;
    text_quoted(key, name, sizeof name);
    add_key(r, &r->failed, key);
    r->cause = *cause;
    if (r->failed.n == 1)
        error_set(&r->single, cause->code, "key %s was not %s: %s", name, done_word(r),
                  cause->message);
    if (is_shown(r, &r->failed))
        buf_addf(&r->lines, "cfkv: cannot %s key %s: %s\n",
                 r->pruned.failed > 0 ? "delete" : all_words[r->verb].put, name, cause->message);
    return true;
}

bool report_left_out(void *ctx, struct bytes key, struct error *err)
{
    struct report *r = ctx;
    char name[NAME_SHOWN];
    (void)err;
    add_key(r, &r->left_out, key);
    if (!is_shown(r, &r->left_out))
        return true;
    progress_end(&r->progress);
    output_note(r->s->output, "key %s is left out: it has expired, or is about to",
                text_quoted(key, name, sizeof name));
    return true;
}

/* ---- The verdict ----------------------------------------------------------------------------- */

static bool nothing_done(const struct report *r)
{
    return r->counts.keys + r->counts.skipped + r->pruned.keys == 0;
}

static uint64_t not_sent(const struct report *r)
{
    const struct kv_counts *c = &r->counts;
    uint64_t met = c->keys + c->skipped + c->failed;
    return c->total > met ? c->total - met : 0;
}

/* "3 keys are not written, and 20,000 were not sent". */
static void add_missing(const struct report *r, uint64_t rest, struct buf *out)
{
    uint64_t failed = r->failed.n;
    if (failed > 0) {
        progress_named(failed, "key", out);
        buf_addf(out, " %s not %s", failed == 1 ? "is" : "are", done_word(r));
    }
    if (rest > 0) {
        buf_add_str(out, failed > 0 ? ", and " : "");
        progress_named(rest, "key", out);
        buf_addf(out, " %s not sent", rest == 1 ? "was" : "were");
    }
    if (failed + rest == 0)
        buf_add_str(out, "done in part");
}

static void interrupted(const struct report *r, struct error *err)
{
    struct buf text = {0};
    uint64_t n = r->counts.keys;
    if (r->counts.total > 0) {
        progress_count(n, &text);
        buf_add_str(&text, " of ");
        n = r->counts.total;
    }
    progress_named(n, "key", &text);
    error_set(err, ERR_INTERRUPTED, "interrupted; %s are %s", text.data, all_words[r->verb].done);
    buf_release(&text);
}

/* The cause of all of it is told where no key was told with it. */
static bool is_told(const struct report *r, bool ok, const struct error *err)
{
    return ok || (r->failed.n > 0 && strcmp(r->cause.message, err->message) == 0);
}

/* One key, and nothing else is missing. */
static bool is_single(const struct report *r, bool ok, const struct error *err)
{
    return r->failed.n == 1 && is_told(r, ok, err) && (ok || not_sent(r) == 0);
}

static void partial(const struct report *r, bool ok, struct error *err)
{
    struct error whole = *err;
    struct buf missing = {0};
    enum error_code code = nothing_done(r) ? ERR_FAILED : ERR_PARTIAL;
    add_missing(r, ok ? 0 : not_sent(r), &missing);
    if (is_single(r, ok, &whole))
        error_set(err, code, "%s", r->single.message);
    else if (is_told(r, ok, &whole))
        error_set(err, code, "%s", missing.data);
    else
        error_set(err, code, "%s: %s", missing.data, whole.message);
    if (!ok && *whole.hint)
        error_hint(err, "%s", whole.hint);
    buf_release(&missing);
}

static bool verdict(const struct report *r, bool ok, struct error *err)
{
    if (ok && r->failed.n == 0)
        return true;
    if (!ok && err->code == ERR_INTERRUPTED)
        interrupted(r, err);
    else if (ok || !nothing_done(r))
        partial(r, ok, err);
    else
        return false;
    return *err->hint ? false : error_hint(err, "run it again to go on");
}

/* ---- What people read ------------------------------------------------------------------------ */

static void tell_failed(const struct report *r)
{
    output_talk(r->s->output, buf_bytes(&r->lines));
    if (r->failed.n > REPORT_SHOWN && !r->cli->options.verbose)
        output_note(r->s->output,
                    "and %" PRIu64 " more key%s; --verbose lists them all, and so does --json",
                    r->failed.n - REPORT_SHOWN, text_plural(r->failed.n - REPORT_SHOWN));
}

/* "wrote 1,000,000 keys (48.0 MB) in 4.2 s, 100 requests, in account …". */
static void tell_done(const struct report *r)
{
    struct buf text = {0};
    char name[KV_QUOTED_SIZE];
    const char *did = all_words[r->verb].did;
    uint64_t there = r->verb == REPORT_RENAME ? r->counts.skipped : 0;
    int64_t ms = clock_monotonic_ms() - r->progress.began_ms;
    if (did) {
        buf_addf(&text, "%s ", did);
        progress_named(r->counts.keys + there, "key", &text);
        buf_add_str(&text, " (");
        progress_bytes(r->counts.bytes, &text);
        buf_add_str(&text, ")");
    } else {
        progress_named(r->counts.keys, "key", &text);
        buf_addf(&text, " deleted from namespace %s", kv_quoted(&r->ns, name));
    }
    buf_addf(&text, " in %.1f s, ", (double)ms / 1000);
    progress_named(progress_requests(&r->progress, &r->counts), "request", &text);
    show_result(r->s, "%s", text.data);
    buf_release(&text);
}

static void tell_count(const struct report *r, uint64_t n, const char *what)
{
    struct buf count = {0};
    progress_count(n, &count);
    if (n > 0)
        output_note(r->s->output, "%s %s", count.data, what);
    buf_release(&count);
}

/* What was pruned lies in the same file. */
static void tell_backup(const struct report *r)
{
    const struct kv_section *s = r->pruned_saved.path ? &r->pruned_saved : &r->saved;
    bool both = r->saved.path && r->pruned_saved.path, renames = r->verb == REPORT_RENAME;
    const char *gone = r->verb == REPORT_DELETE || (renames && !r->saved.path) ? "deleted"
                       : renames && both      ? "overwritten or deleted"
                       : r->pruned_saved.path ? "overwritten or pruned"
                                              : "overwritten";
    if (s->path)
        output_note(r->s->output, "what was %s is kept in '%s'", gone, s->path);
}

static void tell(const struct report *r, bool ok, const struct error *err)
{
    if (!is_single(r, ok, err)) /* else it is the verdict */
        tell_failed(r);
    tell_done(r);
    tell_count(r, r->left_out.n, "left out: expired, or about to");
    tell_count(r, r->present, "left out: there already");
    if (r->verb == REPORT_RENAME)
        tell_count(r, r->counts.skipped, "of them there already");
    else
        tell_count(r, r->pruned.keys, "pruned");
}

/* ---- What programs read ---------------------------------------------------------------------- */

static void write_keys(struct json_writer *w, const char *name, const struct report_keys *keys)
{
    json_field_array(w, name);
    if (keys->n > 0)
        json_raw(w, buf_bytes(&keys->json));
    json_end_array(w);
}

static void write_from(struct json_writer *w, const struct kv_namespace *from)
{
    json_field_object(w, "from");
    json_field_text(w, "id", from->id);
    json_field_text(w, "title", from->title);
    json_end_object(w);
}

/* The members in their order. */
static void write_members(const struct report *r, struct json_writer *w)
{
    bool renames = r->verb == REPORT_RENAME;
    bool deletes = r->verb == REPORT_DELETE, fills = r->verb >= REPORT_RESTORE;
    show_accounts_member(r->s, &r->ns, w);
    json_field_text(w, "backup", bytes_of(r->saved.path));
    json_field_count(w, "backup_requests", r->saved.requests + r->pruned_saved.requests);
    json_field_count(w, "bytes", r->counts.bytes);
    if (deletes)
        json_field_count(w, "deleted", r->counts.keys);
    if (renames) {
        json_field_count(w, "deleted", r->pruned.keys);
        json_field_text(w, "deleted_backup", bytes_of(r->pruned_saved.path));
    }
    if (fills || renames) {
        json_field_count(w, "expired", r->left_out.n);
        write_keys(w, "expired_keys", &r->left_out);
    }
    write_keys(w, "failed", &r->failed);
    json_field_count(w, "format_version", 1);
    if (r->from)
        write_from(w, r->from);
    json_field_text(w, "id", r->ns.id);
    if (fills) {
        json_field_count(w, "present", r->present);
        json_field_count(w, "pruned", r->pruned.keys);
        json_field_text(w, "pruned_backup", bytes_of(r->pruned_saved.path));
    }
    json_field_count(w, "requests", progress_requests(&r->progress, &r->counts));
    if (fills)
        json_field_count(w, "resumed", r->resumed);
    json_field_count(w, "skipped", r->counts.skipped);
    show_target_member(r->s, w);
    json_field_text(w, "title", r->ns.title);
    if (!deletes)
        json_field_count(w, "written", r->counts.keys);
}

static bool write_json(const struct report *r, struct error *err)
{
    struct buf *out = &r->cli->output.out;
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    write_members(r, &w);
    json_end_object(&w);
    buf_add_char(out, '\n');
    return output_flush(&r->cli->output, err);
}

/* ---- The end --------------------------------------------------------------------------------- */

bool report_end(struct report *r, bool ok, struct error *err)
{
    struct error unwritten = {0};
    bool said = true;
    if (!r->progress.output && !ok)
        return false;
    if (!r->progress.output)
        report_begin(r, 0);
    progress_end(&r->progress);
    bool begun = ok || !nothing_done(r); /* else all there is to say is why not */
    if (begun)
        tell(r, ok, err);
    tell_backup(r);
    if (r->cli->options.json && (begun || r->failed.n > 0))
        said = write_json(r, &unwritten);
    if (!verdict(r, ok, err))
        return false;
    if (!said)
        *err = unwritten;
    return said;
}

bool report_end_fill(struct report *r, const struct kv_fill *fill, bool ok, struct error *err)
{
    r->present = fill->present;
    r->resumed = fill->resumed;
    r->saved = fill->saved;
    r->pruned_saved = fill->pruned_saved;
    return report_end(r, ok, err);
}
