#include "filling.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "credentials.h"
#include "store/queue.h"
#include "kv/read.h"

#define MASS_PERCENT  30
#define MASS_KEYS_MIN 100

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
    mem_free(f->pruned_backup);
}

static bool made(void *ctx, struct queue *q, const struct store_op *op,
                 const struct store_result *result, struct error *err)
{
    struct filling *f = ctx;
    (void)q;
    if (!result->ok) {
        *err = result->error;
        return false;
    }
    f->ns = (struct named){.account = op->account};
    return (arena_bytes(&f->s->arena, result->namespaces[0].id, &f->ns.id) &&
            arena_bytes(&f->s->arena, result->namespaces[0].title, &f->ns.title)) ||
           error_nomem(err);
}

static bool create(struct filling *f, struct bytes title, struct error *err)
{
    struct session *s = f->s;
    const char *id = target_new_id(&s->target, &s->arena, title);
    struct store_op op = {.kind = STORE_NAMESPACE_CREATE, .id = bytes_of(id), .title = title};
    struct queue q = {0};
    if (!id)
        return error_nomem(err);
    f->created = target_account(&s->target, &op.account, err) &&
                 queue_push(&q, &op, made, f, err) && queue_run(&q, s->target.store, err);
    queue_release(&q);
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
    if (word ? named_by_word(f->s, word, &f->ns, err) : named_by_options(f->s, true, &f->ns, err))
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

static bool guard_protect(const struct filling *f, struct error *err)
{
    if (!f->ns.protect || f->doomed.doomed == 0)
        return true;
    error_set(err, ERR_GUARD,
              "namespace %s is protected, and %" PRIu64 " of its keys would be "
              "pruned",
              f->name, f->doomed.doomed);
    return error_hint(err, "leave --prune out, or lift the protection with 'cfkv state unprotect'");
}

static bool guard_mass(const struct filling *f, struct error *err)
{
    const struct prune_found *found = &f->doomed;
    if (found->live < MASS_KEYS_MIN || found->doomed * 100 <= found->live * MASS_PERCENT ||
        permit_allows_one(&f->s->options->permits.mass_delete, named_address(&f->ns), f->ns.title))
        return true;
    error_set(err, ERR_GUARD,
              "%" PRIu64 " of %" PRIu64 " keys of namespace %s would be pruned, more than %d %%",
              found->doomed, found->live, f->name, MASS_PERCENT);
    return error_hint(err, "--allow-mass-delete lets that happen; a backup is written first");
}

bool filling_prune_check(struct filling *f, struct bytes prefix, prune_stays_fn stays, void *ctx,
                         struct error *err)
{
    f->prune = (struct prune_options){.store = f->s->target.store,
                                      .account = f->ns.account,
                                      .id = f->ns.id,
                                      .title = f->ns.title,
                                      .prefix = prefix,
                                      .root = f->s->root_path,
                                      .jobs = (unsigned)f->s->options->jobs,
                                      .now = f->s->now,
                                      .stays = stays,
                                      .stays_ctx = ctx};
    return prune_survey(&f->prune, &f->doomed, err) && guard_protect(f, err) && guard_mass(f, err);
}

bool filling_prune(struct filling *f, void *ctx, struct error *err)
{
    struct remove_options remove = {.store = f->s->target.store,
                                    .account = f->ns.account,
                                    .id = f->ns.id,
                                    .jobs = (unsigned)f->s->options->jobs,
                                    .on_failed = failures_add,
                                    .on_failed_ctx = &f->failures,
                                    .counts = &f->pruned};
    f->prune.stays_ctx = ctx;
    f->failures.verb = "delete"; /* nothing is pruned when a put failed */
    if (!prune_save(&f->prune, &f->pruned_backup, err))
        return false;
    if (!f->pruned_backup)
        return true;
    moving_end(&f->moving);
    output_note(&f->cli->output, "what is pruned is kept in '%s'", f->pruned_backup);
    return prune_delete(&remove, f->pruned_backup, err);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

bool filling_confirm(struct filling *f, const char *what, struct error *err)
{
    bool may_replace = !f->empty && !f->s->options->if_missing;
    struct buf question = {0};
    if (!may_replace && f->doomed.doomed == 0)
        return true;
    buf_addf(&question, "%s into %s", what, f->name);
    if (may_replace)
        buf_add_str(&question, ", over keys of the same names");
    if (f->doomed.doomed > 0)
        buf_addf(&question, ", and delete %" PRIu64 " other keys", f->doomed.doomed);
    buf_add_char(&question, '?');
    bool ok = buf_ok(&question, err) && session_confirm(f->s, question.data, err);
    buf_release(&question);
    return ok;
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
    moving_tell(&f->moving, verb, &f->counts);
    say_count(f, f->expired, "left out: expired, or about to");
    say_count(f, f->present, "left out: there already");
    say_count(f, f->pruned.keys, "pruned");
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

static void write_from(struct json_writer *w, const struct named *from)
{
    json_key(w, "from");
    json_begin_object(w);
    write_text(w, "id", from->id);
    write_text(w, "title", from->title);
    json_end_object(w);
}

static bool write_report(const struct filling *f, const struct named *from, struct error *err)
{
    struct buf *out = &f->cli->output.out;
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    write_count(&w, "bytes", f->counts.bytes);
    write_count(&w, "expired", f->expired);
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

bool filling_end(struct filling *f, bool ok, const char *verb, const struct named *from,
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
