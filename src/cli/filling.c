#include "filling.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "credentials.h"
#include "kv/namespace.h"
#include "kv/read.h"
#include "loss.h"

/* ---- The namespace --------------------------------------------------------------------------- */

void filling_init(struct filling *f, struct cli *cli, struct session *s)
{
    *f = (struct filling){
        .cli = cli,
        .s = s,
        .failures = {.verb = "put", .verbose = cli->options.verbose, .keep = cli->options.json}};
}

void filling_release(struct filling *f)
{
    struct error ignored;
    if (f->resume)
        resume_end(f->resume, false, &ignored);
    failures_release(&f->failures);
    buf_release(&f->left_out);
}

static bool create(struct filling *f, struct bytes title, struct error *err)
{
    f->created = kv_create(&f->s->kv, title, bytes_make(NULL, 0), &f->ns, NULL, err);
    return f->created;
}

static bool hint_create(struct error *err)
{
    char near[sizeof err->hint];
    snprintf(near, sizeof near, "%s", err->hint);
    if (err->code != ERR_NOT_FOUND)
        return false;
    return error_hint(err, "%.200s%sadd --create to make it", near, *near ? ", or " : "");
}

static bool find(struct filling *f, const char *word, struct error *err)
{
    const struct options *o = f->s->options;
    const char *title = word ? word : o->namespace_id ? NULL : o->namespace_title;
    if (word ? kv_find_word(&f->s->kv, bytes_of(word), &f->ns, err)
             : which_by_options(f->s, true, &f->ns, err))
        return true;
    if (err->code != ERR_NOT_FOUND || !title)
        return false;
    return o->create ? create(f, bytes_of(title), err) : hint_create(err);
}

static bool look_whether_empty(struct filling *f, struct bytes prefix, struct error *err)
{
    struct read_options read = {
        .store = f->s->target.store, .account = f->ns.account, .id = f->ns.id, .prefix = prefix};
    struct store_pair pair;
    struct reader *r = reader_open(&read, err);
    bool ok = r && reader_next(r, &pair, &f->empty, err);
    reader_close(r);
    return ok;
}

bool filling_find(struct filling *f, const char *word, struct bytes prefix, struct error *err)
{
    if (!find(f, word, err))
        return false;
    text_quoted(f->ns.title.len ? f->ns.title : f->ns.id, f->name, sizeof f->name);
    if (f->created)
        output_note(&f->cli->output, "created namespace %s with id %.*s", f->name,
                    BYTES_FMT(f->ns.id));
    return look_whether_empty(f, prefix, err);
}

struct put_options filling_put(struct filling *f)
{
    return (struct put_options){.store = f->s->target.store,
                                .account = f->ns.account,
                                .id = f->ns.id,
                                .jobs = (unsigned)f->s->options->jobs,
                                .on_failed = failures_add,
                                .on_failed_ctx = &f->failures,
                                .progress = moving_step,
                                .progress_ctx = &f->moving,
                                .counts = &f->counts};
}

/* ---- Pruning --------------------------------------------------------------------------------- */

bool filling_prune_check(struct filling *f, struct bytes prefix, const struct kv_stream *stays,
                         const char *source, struct error *err)
{
    f->prune = (struct kv_delete){.ns = &f->ns,
                                  .doomed = {.prefix = prefix, .stays = *stays},
                                  .reason = "prune",
                                  .how = "pruned",
                                  .source = source,
                                  .on_failed = failures_add,
                                  .on_failed_ctx = &f->failures,
                                  .counts = &f->pruned};
    return kv_delete_judge(&f->s->kv, &f->prune, &f->doomed, err);
}

bool filling_prune(struct filling *f, struct error *err)
{
    struct kv_section saved;
    f->failures.verb = "delete"; /* nothing is pruned when a put failed */
    if (f->doomed.keys == 0)
        return true;
    moving_end(&f->moving);
    bool ok = kv_delete_go(&f->s->kv, &f->prune, &saved, err);
    f->backup_requests += saved.requests;
    f->pruned_backup = saved.path;
    return ok;
}

/* ---- Saving what is overwritten -------------------------------------------------------------- */

static bool may_replace(const struct filling *f)
{
    return !f->empty && !f->created && !f->s->options->if_missing;
}

bool filling_save(struct filling *f, struct bytes prefix, const struct kv_stream *keys,
                  pull_key_fn pull, void *ctx, struct error *err)
{
    struct kv *kv = &f->s->kv;
    struct kv_saving named = {
        .ns = &f->ns, .reason = "overwrite", .prefix = prefix, .partial = true};
    struct kv_section saved = {0};
    if (!may_replace(f))
        return true;
    bool ok = keys ? kv_save_overwritten(kv, &f->ns, prefix, keys, &saved, err)
                   : kv_save(kv, &named, pull, ctx, &saved, err);
    f->backup_requests += saved.requests;
    f->backup = saved.path;
    return ok;
}

/* ---- Asking ---------------------------------------------------------------------------------- */

bool filling_confirm(struct filling *f, const char *what, struct error *err)
{
    bool replace = may_replace(f);
    struct buf question = {0};
    if (!replace && f->doomed.keys == 0)
        return true;
    if (f->doomed.keys > 0 && f->doomed.unknown)
        loss_tell_unknown(f->s, &f->ns);
    buf_addf(&question, "%s into %s", what, f->name);
    if (replace)
        buf_add_str(&question, ", over keys of the same names");
    if (f->doomed.keys > 0)
        buf_addf(&question, ", and delete %" PRIu64 " other key%s", f->doomed.keys,
                 text_plural(f->doomed.keys));
    if (!f->s->kv.backups.off)
        buf_add_str(&question,
                    ", after a backup of what is lost (a listing, and a request for each "
                    "hundred keys)");
    buf_add_char(&question, '?');
    bool ok = buf_ok(&question, err) && session_confirm(f->s, question.data, err);
    buf_release(&question);
    return ok;
}

bool filling_expired(void *ctx, struct bytes key, struct error *err)
{
    struct filling *f = ctx;
    struct json_writer w = json_writer_to(&f->left_out, 0);
    char name[FILLING_NAME];
    if (f->n_left_out < FAILURES_SHOWN || f->cli->options.verbose) {
        moving_end(&f->moving);
        output_note(&f->cli->output, "key %s is left out: it has expired, or is about to",
                    text_quoted(key, name, sizeof name));
    }
    if (f->cli->options.json) {
        buf_add_str(&f->left_out, f->n_left_out > 0 ? "," : "");
        json_string(&w, key);
    }
    f->n_left_out++;
    return buf_ok(&f->left_out, err);
}

/* ---- Beginning ------------------------------------------------------------------------------- */

struct bytes filling_target(const struct session *s)
{
    return bytes_of(s->target.local ? "local" : credentials_base_url());
}

/* Opens it, and drops what is too old to say anything. */
static bool open_journal(struct filling *f, const struct digest *work, struct error *err)
{
    const struct session *s = f->s;
    const char *what = f->cli->session.command;
    bool restart = s->options->restart || f->created || f->empty;
    f->resume = resume_open(s->root_path, work, what, restart, s->now, 0, err);
    if (!f->resume)
        return false;
    int64_t started = resume_started(f->resume);
    if (started == 0 || s->now - started <= FILLING_SECONDS)
        return true;
    output_note(&f->cli->output, "what an earlier run did is older than a day: it is done anew");
    struct resume *old = f->resume;
    f->resume = NULL;
    if (!resume_end(old, true, err))
        return false;
    f->resume = resume_open(s->root_path, work, what, true, s->now, 0, err);
    return f->resume != NULL;
}

static void say_resumed(const struct filling *f)
{
    struct buf count = {0};
    progress_count(f->resumed, &count);
    output_note(&f->cli->output, "resumed: %s key%s written by an earlier run",
                count.data ? count.data : "", f->resumed == 1 ? " was" : "s were");
    buf_release(&count);
}

bool filling_begin(struct filling *f, const struct digest *work, const char *doing, uint64_t total,
                   struct error *err)
{
    struct session *s = f->s;
    s->interrupt->graceful = 1;
    if (!s->options->if_missing && !open_journal(f, work, err))
        return false;
    f->resumed = f->resume ? resume_count(f->resume) : 0;
    if (f->resumed > 0)
        say_resumed(f);
    f->counts.total = total;
    moving_begin(&f->moving, &f->cli->output, s->target.local ? NULL : s->target.store, doing);
    return true;
}

/* ---- The report ------------------------------------------------------------------------------ */

static void say_count(const struct filling *f, uint64_t n, const char *what)
{
    struct buf count = {0};
    progress_count(n, &count);
    if (n > 0 && count.data)
        output_note(&f->cli->output, "%s %s", count.data, what);
    buf_release(&count);
}

static void say(struct filling *f, const char *verb)
{
    moving_end(&f->moving);
    if (f->counts.keys + f->counts.skipped + f->pruned.keys > 0)
        failures_tell(&f->failures, &f->cli->output);
    moving_tell(&f->moving, f->s, verb, &f->counts);
    say_count(f, f->expired, "left out: expired, or about to");
    say_count(f, f->present, "left out: there already");
    say_count(f, f->pruned.keys, "pruned");
    const char *saved = f->backup ? f->backup : f->pruned_backup;
    if (saved)
        output_note(&f->cli->output, "what was %s is kept in '%s'",
                    f->pruned_backup ? "overwritten or pruned" : "overwritten", saved);
}

static void write_text(struct json_writer *w, const char *name, struct bytes text)
{
    json_key(w, name);
    if (text.data)
        json_string(w, text);
    else
        json_null(w);
}

static void write_count(struct json_writer *w, const char *name, uint64_t n)
{
    json_key(w, name);
    json_int(w, (int64_t)n);
}

static void write_from(struct json_writer *w, const struct kv_namespace *from)
{
    json_key(w, "from");
    json_begin_object(w);
    write_text(w, "id", from->id);
    write_text(w, "title", from->title);
    json_end_object(w);
}

static bool write_report(const struct filling *f, const struct kv_namespace *from,
                         struct error *err)
{
    struct buf *out = &f->cli->output.out;
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    write_text(&w, "backup", bytes_of(f->backup));
    write_count(&w, "backup_requests", f->backup_requests);
    write_count(&w, "bytes", f->counts.bytes);
    write_count(&w, "expired", f->expired);
    json_key(&w, "expired_keys");
    json_begin_array(&w);
    if (f->left_out.len > 0)
        json_raw(&w, buf_bytes(&f->left_out));
    json_end_array(&w);
    json_key(&w, "failed");
    failures_write_json(&f->failures, &w);
    write_count(&w, "format_version", 1);
    if (from)
        write_from(&w, from);
    write_text(&w, "id", f->ns.id);
    write_count(&w, "present", f->present);
    write_count(&w, "pruned", f->pruned.keys);
    write_text(&w, "pruned_backup", bytes_of(f->pruned_backup));
    write_count(&w, "requests", moving_requests(&f->moving, &f->counts));
    write_count(&w, "resumed", f->resumed);
    write_text(&w, "title", f->ns.title);
    write_count(&w, "written", f->counts.keys);
    json_end_object(&w);
    buf_add_char(out, '\n');
    return output_flush(&f->cli->output, err);
}

/* ---- The end --------------------------------------------------------------------------------- */

static bool end_journal(struct filling *f, bool complete, struct error *err)
{
    struct resume *r = f->resume;
    f->resume = NULL;
    return !r || resume_end(r, complete, err);
}

static bool hint_again(struct error *err)
{
    return *err->hint ? false : error_hint(err, "run it again to go on");
}

/* What failed as a whole after some of it was done is done in part; the cause stays in the
 * message. */
static bool verdict(const struct filling *f, bool ok, struct error *err)
{
    uint64_t failed = f->counts.failed + f->pruned.failed;
    bool nothing = f->counts.keys + f->counts.skipped + f->pruned.keys == 0;
    if (ok && failed == 0)
        return true;
    if (ok) {
        error_set(err, ERR_PARTIAL, "%" PRIu64 " key%s not %s", failed,
                  failed == 1 ? " was" : "s were", f->pruned.failed > 0 ? "pruned" : "written");
        return hint_again(err);
    }
    if (nothing)
        return false;
    if (err->code != ERR_INTERRUPTED && err->code != ERR_NOMEM)
        err->code = ERR_PARTIAL;
    error_wrap(err, "done in part");
    return hint_again(err);
}

bool filling_end(struct filling *f, bool ok, const char *verb, const struct kv_namespace *from,
                 struct error *err)
{
    struct error after = {0};
    bool complete = ok && f->counts.failed + f->pruned.failed == 0;
    say(f, verb);
    bool ended = end_journal(f, complete, &after);
    ended = (!f->cli->options.json || write_report(f, from, &after)) && ended;
    if (!verdict(f, ok, err))
        return false;
    if (!ended)
        *err = after;
    return ended;
}
