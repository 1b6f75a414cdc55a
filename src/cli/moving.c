#include "moving.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "store/queue.h"
#include "transfer/read.h"

#define FAILED_SHOWN    20 /* keys, unless --verbose; --json lists all */
#define MASS_PERCENT    30
#define MASS_KEYS_MIN   100
#define SECONDS_AN_HOUR 3600

/* ---- The namespace --------------------------------------------------------------------------- */

void moving_init(struct moving *m, struct cli *cli, struct session *s, const char *verb)
{
    *m = (struct moving){.cli = cli, .s = s, .verb = verb};
    m->failed_json = json_writer_to(&m->failed, 0);
    json_begin_array(&m->failed_json);
}

void moving_release(struct moving *m)
{
    struct error ignored;
    if (m->resume)
        resume_end(m->resume, false, &ignored);
    buf_release(&m->failed);
    mem_free(m->pruned_backup);
}

static bool made(void *ctx, struct queue *q, const struct store_op *op,
                 const struct store_result *result, struct error *err)
{
    struct moving *m = ctx;
    (void)q;
    if (!result->ok) {
        *err = result->error;
        return false;
    }
    m->ns = (struct named){.account = op->account};
    return (arena_bytes(&m->s->arena, result->namespaces[0].id, &m->ns.id) &&
            arena_bytes(&m->s->arena, result->namespaces[0].title, &m->ns.title)) ||
           error_nomem(err);
}

static bool create(struct moving *m, struct bytes title, struct error *err)
{
    struct session *s = m->s;
    const char *id = target_new_id(&s->target, &s->arena, title);
    struct store_op op = {.kind = STORE_NAMESPACE_CREATE, .id = bytes_of(id), .title = title};
    struct queue q = {0};
    if (!id)
        return error_nomem(err);
    m->created = target_account(&s->target, &op.account, err) &&
                 queue_push(&q, &op, made, m, err) && queue_run(&q, s->target.store, err);
    queue_release(&q);
    return m->created;
}

static bool hint_create(struct error *err)
{
    char near[sizeof err->hint];
    snprintf(near, sizeof near, "%s", err->hint);
    if (err->code != ERR_NOT_FOUND)
        return false;
    return error_hint(err, "%.200s%sadd --create to make it", near, *near ? ", or " : "");
}

static bool find(struct moving *m, const char *word, struct error *err)
{
    const struct options *o = m->s->options;
    const char *title = word ? word : o->namespace_id ? NULL : o->namespace_title;
    if (word ? named_by_word(m->s, word, &m->ns, err) : named_by_options(m->s, true, &m->ns, err))
        return true;
    if (err->code != ERR_NOT_FOUND || !title)
        return false;
    return o->create ? create(m, bytes_of(title), err) : hint_create(err);
}

static bool look_whether_empty(struct moving *m, struct bytes prefix, struct error *err)
{
    struct read_options read = {
        .store = m->s->target.store, .account = m->ns.account, .id = m->ns.id, .prefix = prefix};
    struct store_pair pair;
    struct reader *r = reader_open(&read, err);
    bool ok = r && reader_next(r, &pair, &m->empty, err);
    reader_close(r);
    return ok;
}

bool moving_begin(struct moving *m, const char *word, struct bytes prefix, struct error *err)
{
    if (!find(m, word, err))
        return false;
    text_quoted(m->ns.title.len ? m->ns.title : m->ns.id, m->name, sizeof m->name);
    if (m->created)
        output_note(&m->cli->output, "created namespace %s with id %.*s", m->name,
                    BYTES_FMT(m->ns.id));
    return look_whether_empty(m, prefix, err);
}

/* ---- Failures -------------------------------------------------------------------------------- */

/* What failed a whole batch does not name its keys. */
static void say_failed(const struct moving *m, struct bytes key, const struct error *cause)
{
    struct error named = *cause;
    char quoted[MOVING_NAME];
    text_quoted(key, quoted, sizeof quoted);
    if (!strstr(cause->message, quoted))
        error_wrap(&named, "key %s", quoted);
    output_error(&m->cli->output, &named);
}

static bool key_failed(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    struct moving *m = ctx;
    uint64_t n = m->counts.failed + m->pruned.failed;
    json_begin_object(&m->failed_json);
    json_key(&m->failed_json, "key");
    json_string(&m->failed_json, key);
    json_key(&m->failed_json, "message");
    json_str(&m->failed_json, cause->message);
    json_end_object(&m->failed_json);
    if (n <= FAILED_SHOWN || m->cli->options.verbose)
        say_failed(m, key, cause);
    else if (n == FAILED_SHOWN + 1)
        output_note(&m->cli->output, "more keys failed; --verbose and --json list them all");
    return buf_ok(&m->failed, err);
}

struct put_options moving_put(struct moving *m)
{
    return (struct put_options){.store = m->s->target.store,
                                .account = m->ns.account,
                                .id = m->ns.id,
                                .jobs = (unsigned)m->s->options->jobs,
                                .on_failed = key_failed,
                                .on_failed_ctx = m,
                                .counts = &m->counts};
}

/* ---- Pruning --------------------------------------------------------------------------------- */

static bool guard_protect(const struct moving *m, struct error *err)
{
    if (!m->ns.protect || m->doomed.doomed == 0)
        return true;
    error_set(err, ERR_GUARD,
              "namespace %s is protected, and %" PRIu64 " of its keys would be "
              "pruned",
              m->name, m->doomed.doomed);
    return error_hint(err, "leave --prune out, or lift the protection with 'cfkv state unprotect'");
}

static bool guard_mass(const struct moving *m, struct error *err)
{
    const struct prune_found *f = &m->doomed;
    if (f->live < MASS_KEYS_MIN || f->doomed * 100 <= f->live * MASS_PERCENT ||
        m->s->options->allow_mass_delete)
        return true;
    error_set(err, ERR_GUARD,
              "%" PRIu64 " of %" PRIu64 " keys of namespace %s would be pruned, more than %d %%",
              f->doomed, f->live, m->name, MASS_PERCENT);
    return error_hint(err, "--allow-mass-delete lets that happen; a backup is written first");
}

bool moving_prune_check(struct moving *m, struct bytes prefix, prune_stays_fn stays, void *ctx,
                        struct error *err)
{
    m->prune = (struct prune_options){.store = m->s->target.store,
                                      .account = m->ns.account,
                                      .id = m->ns.id,
                                      .title = m->ns.title,
                                      .prefix = prefix,
                                      .root = m->s->root_path,
                                      .jobs = (unsigned)m->s->options->jobs,
                                      .now = m->s->now,
                                      .stays = stays,
                                      .stays_ctx = ctx};
    return prune_survey(&m->prune, &m->doomed, err) && guard_protect(m, err) && guard_mass(m, err);
}

bool moving_prune(struct moving *m, void *ctx, struct error *err)
{
    struct remove_options remove = {.store = m->s->target.store,
                                    .account = m->ns.account,
                                    .id = m->ns.id,
                                    .jobs = (unsigned)m->s->options->jobs,
                                    .on_failed = key_failed,
                                    .on_failed_ctx = m,
                                    .counts = &m->pruned};
    m->prune.stays_ctx = ctx;
    if (!prune_save(&m->prune, &m->pruned_backup, err))
        return false;
    if (!m->pruned_backup)
        return true;
    output_note(&m->cli->output, "what is pruned is kept in '%s'", m->pruned_backup);
    return prune_delete(&remove, m->pruned_backup, err);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

bool moving_confirm(struct moving *m, const char *what, struct error *err)
{
    bool may_replace = !m->empty && !m->s->options->if_missing;
    struct buf question = {0};
    if (!may_replace && m->doomed.doomed == 0)
        return true;
    buf_addf(&question, "%s into %s", what, m->name);
    if (may_replace)
        buf_add_str(&question, ", over keys of the same names");
    if (m->doomed.doomed > 0)
        buf_addf(&question, ", and delete %" PRIu64 " other keys", m->doomed.doomed);
    buf_add_char(&question, '?');
    bool ok = buf_ok(&question, err) && session_confirm(m->s, question.data, err);
    buf_release(&question);
    return ok;
}

/* ---- Going on -------------------------------------------------------------------------------- */

/* Opens it, and drops what is too old to say anything. */
static bool open_journal(struct moving *m, const struct digest *work, const char *what,
                         bool restart, int64_t max_age, struct error *err)
{
    const struct session *s = m->s;
    m->resume = resume_open(s->root_path, work, what, restart, s->now, 0, err);
    if (!m->resume)
        return false;
    int64_t started = resume_started(m->resume);
    if (started == 0 || max_age == 0 || s->now - started <= max_age)
        return true;
    output_note(&m->cli->output,
                "an earlier run began %" PRId64 " hours ago; that is too long, so it is done anew",
                (s->now - started) / SECONDS_AN_HOUR);
    struct resume *old = m->resume;
    m->resume = NULL;
    if (!resume_end(old, true, err))
        return false;
    m->resume = resume_open(s->root_path, work, what, true, s->now, 0, err);
    return m->resume != NULL;
}

bool moving_resume(struct moving *m, const struct digest *work, const char *what, int64_t max_age,
                   struct error *err)
{
    const struct options *o = m->s->options;
    m->s->interrupt->graceful = 1;
    if (o->if_missing)
        return true;
    bool restart = o->restart || m->created || m->empty;
    if (!open_journal(m, work, what, restart, max_age, err))
        return false;
    m->resumed = resume_count(m->resume);
    if (m->resumed > 0)
        output_note(&m->cli->output,
                    "going on where an earlier run stopped: %" PRIu64 " keys are there already "
                    "(--restart writes them again)",
                    m->resumed);
    return true;
}

/* ---- The end --------------------------------------------------------------------------------- */

static bool end_journal(struct moving *m, bool complete, struct error *err)
{
    struct resume *r = m->resume;
    m->resume = NULL;
    return !r || resume_end(r, complete, err);
}

/* The work as a whole failed: said here when some of it was done, for the report follows. */
static bool settle_failure(const struct moving *m, const struct error *cause, enum exit_code *code,
                           struct error *err)
{
    bool nothing = m->counts.keys == 0 && m->pruned.keys == 0;
    if (nothing || cause->code == ERR_NOMEM) {
        *err = *cause;
        return false;
    }
    struct error told = *cause;
    if (!*told.hint)
        error_hint(&told, "run it again: it goes on where it stopped");
    output_error(&m->cli->output, &told);
    *code = cause->code == ERR_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_PARTIAL;
    return true;
}

bool moving_end(struct moving *m, bool ok, const struct error *cause, enum exit_code *code,
                struct error *err)
{
    uint64_t failed = m->counts.failed + m->pruned.failed;
    json_end_array(&m->failed_json);
    if (!buf_ok(&m->failed, err))
        return false;
    if (!ok) {
        struct error ignored;
        end_journal(m, false, &ignored);
        return settle_failure(m, cause, code, err);
    }
    if (!end_journal(m, failed == 0, err))
        return false;
    if (failed > 0)
        *code = EXIT_PARTIAL;
    return true;
}

/* ---- The report ------------------------------------------------------------------------------ */

static void add_count(struct buf *out, uint64_t n, const char *what)
{
    if (n > 0)
        buf_addf(out, "; %" PRIu64 " %s", n, what);
}

static void say(const struct moving *m)
{
    struct buf text = {0};
    buf_addf(&text, "%s %" PRIu64 " keys into %s", m->verb, m->counts.keys, m->name);
    add_count(&text, m->resumed, "by an earlier run");
    add_count(&text, m->present, "were there already");
    add_count(&text, m->expired, "have expired, or are about to: left out");
    add_count(&text, m->pruned.keys, "pruned");
    add_count(&text, m->counts.failed + m->pruned.failed, "failed");
    if (text.data)
        output_note(&m->cli->output, "%s", text.data);
    buf_release(&text);
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

static void write_report(const struct moving *m, const struct named *from, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    write_count(&w, "expired", m->expired);
    json_key(&w, "failed");
    json_raw(&w, buf_bytes(&m->failed));
    write_count(&w, "format_version", 1);
    if (from)
        write_from(&w, from);
    write_text(&w, "id", m->ns.id);
    write_count(&w, "present", m->present);
    write_count(&w, "pruned", m->pruned.keys);
    write_text(&w, "pruned_backup", bytes_of(m->pruned_backup));
    write_count(&w, "resumed", m->resumed);
    write_text(&w, "title", m->ns.title);
    write_count(&w, "written", m->counts.keys);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

void moving_report(const struct moving *m, const struct named *from)
{
    say(m);
    if (m->cli->options.json)
        write_report(m, from, &m->cli->output.out);
}
