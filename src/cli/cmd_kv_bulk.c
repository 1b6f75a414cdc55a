/* kv bulk put: a source of pairs into a namespace. */
#include "report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/text.h"
#include "model/validate.h"
#include "seed/keyset.h"
#include "seed/seed.h"
#include "kv/fill.h"
#include "kv/read.h"
#include "which.h"

struct bulk_put {
    struct report report;
    struct seed_source *source;
    struct seed_survey survey;
    struct seed_reader *reader; /* of the second pass */
    struct diag_list again;     /* its warnings, told by the first */
    struct resume *resume;
    struct keyset there; /* --if-missing */
    bool changed;        /* the source is not the one that was surveyed */
    int64_t ttl;
};

/* ---- The first pass -------------------------------------------------------------------------- */

static bool parse_format(const char *word, enum source_format *format, struct error *err)
{
    static const struct {
        const char *word;
        enum source_format format;
    } known[] = {
        {"json", SOURCE_JSON}, {"jsonl", SOURCE_JSONL}, {"csv", SOURCE_CSV}, {"dir", SOURCE_DIR}};
    *format = SOURCE_DETECT;
    for (size_t i = 0; word && i < sizeof known / sizeof *known; i++)
        if (strcmp(word, known[i].word) == 0)
            *format = known[i].format;
    return !word || *format != SOURCE_DETECT ||
           error_set(err, ERR_USAGE, "--format needs json, jsonl, csv or dir, not '%s'", word);
}

static bool survey(struct bulk_put *p, const char *path, struct error *err)
{
    struct session *s = &p->report.cli->session;
    enum source_format format;
    if (!parse_format(s->options->format, &format, err))
        return false;
    p->source = seed_source_open(path, format, err);
    return p->source &&
           seed_survey(p->source, s->now, s->options->keep_going ? 0 : REPORT_PROBLEMS,
                       &s->model.diags, &p->survey, err) &&
           report_problems(p->report.cli, seed_source_path(p->source), err);
}

/* ---- What is there already ------------------------------------------------------------------- */

static bool list_present(struct bulk_put *p, struct error *err)
{
    struct session *s = &p->report.cli->session;
    struct read_options o = {
        .store = s->target.store, .account = p->report.ns.account, .id = p->report.ns.id};
    struct store_pair pair;
    bool end = false, ok = true;
    struct reader *r = reader_open(&o);
    while (ok && !end) {
        ok = reader_next(r, &pair, &end, err);
        if (ok && !end)
            keyset_add(&p->there, pair.key);
    }
    reader_close(r);
    keyset_sort(&p->there);
    return ok;
}

/* ---- The second pass ------------------------------------------------------------------------- */

static bool is_late(const struct bulk_put *p, const struct seed_key *seed)
{
    return seed_key_is_late(seed, store_now(p->report.cli->session.target.store), NULL);
}

/* Only counted: the first pass warned of those that have expired. */
static bool leave_out(struct bulk_put *p, const struct seed_key *seed)
{
    bool past = is_late(p, seed);
    bool kept = !past && keyset_has(&p->there, seed->key);
    p->report.left_out.n += past;
    p->report.present += kept;
    p->report.counts.skipped += past || kept;
    return past || kept;
}

/* The source is another one at the second pass. */
static enum pull changed(struct bulk_put *p, struct error *err)
{
    char name[200];
    p->changed = true;
    error_set(err, ERR_FAILED, "%s changed while it was read",
              text_quoted(bytes_of(seed_source_path(p->source)), name, sizeof name));
    error_hint(err, "run it again when nobody writes to it");
    return PULL_FAILED;
}

static enum pull pull_item(void *ctx, struct store_pair *pair, uint64_t *number, struct error *err)
{
    struct bulk_put *p = ctx;
    struct seed_item item;
    enum seed_status status;
    struct digest digest;
    uint64_t size;
    do
        status = seed_next(p->reader, &item, &p->again, err);
    while (status == SEED_ITEM && leave_out(p, &item.seed));
    if (status == SEED_END) {
        seed_content(p->reader, &size, &digest);
        return digest_equal(&digest, &p->survey.digest) ? PULL_END : changed(p, err);
    }
    if (status == SEED_BAD || (status == SEED_FAILED && err->code == ERR_FORMAT))
        return changed(p, err);
    if (status == SEED_FAILED)
        return PULL_FAILED;
    *number = item.number;
    *pair = pair_of_item(&item);
    return PULL_PAIR;
}

/* ---- What is overwritten --------------------------------------------------------------------- */

/* The keys that the second pass will send. */
static enum pull pull_key(void *ctx, struct bytes *key, struct error *err)
{
    struct bulk_put *p = ctx;
    struct seed_item item;
    enum seed_status status;
    do
        status = seed_next(p->reader, &item, &p->again, err);
    while (status == SEED_ITEM && (is_late(p, &item.seed) || resume_has(p->resume, item.number)));
    if (status == SEED_END)
        return PULL_END;
    if (status == SEED_BAD || (status == SEED_FAILED && err->code == ERR_FORMAT))
        return changed(p, err);
    *key = item.seed.key;
    return status == SEED_ITEM ? PULL_PAIR : PULL_FAILED;
}

/* With --if-missing nothing is overwritten. */
static bool save(struct bulk_put *p, struct error *err)
{
    struct session *s = &p->report.cli->session;
    struct kv_saving what = {.ns = &p->report.ns, .reason = "overwrite", .partial = true};
    if (!s->options->backup || s->options->if_missing)
        return true;
    p->reader = seed_source_read(p->source, err);
    bool ok = p->reader && kv_save(&s->kv, &what, pull_key, p, &p->report.saved, err);
    seed_close(p->reader);
    p->reader = NULL;
    return ok;
}

/* ---- An instant namespace -------------------------------------------------------------------- */

static bool judge_items(struct bulk_put *p, struct error *err)
{
    struct seed_item item;
    enum seed_status status;
    while ((status = seed_next(p->reader, &item, &p->again, err)) == SEED_ITEM)
        if (!seed_instant_judge(&item.seed, err))
            return error_wrap(err, "%s: item %" PRIu64, seed_source_path(p->source), item.number);
    if (status == SEED_BAD)
        changed(p, err);
    return status == SEED_END;
}

/* All items are judged by its limits before the first is sent, and the user is told of its pace. */
static bool judge_instant(struct bulk_put *p, struct error *err)
{
    struct session *s = &p->report.cli->session;
    char told[TOLD_SIZE];
    if (!store_is_instant(s->target.store, p->report.ns.id))
        return true;
    if (p->survey.items > KV_INSTANT_PAIRS_MAX) {
        error_set(err, ERR_LIMIT,
                  "%" PRIu64 " keys are more than the %d of a namespace of mode "
                  "'instant'",
                  p->survey.items, KV_INSTANT_PAIRS_MAX);
        return error_hint(err, "divide them among namespaces, or take one without mode");
    }
    p->reader = seed_source_read(p->source, err);
    bool ok = p->reader && judge_items(p, err);
    seed_close(p->reader);
    p->reader = NULL;
    if (ok && p->survey.items > 10)
        output_note(&p->report.cli->output,
                    "a namespace of mode 'instant' takes a write a second: about %s",
                    duration_told((int64_t)p->survey.items, told));
    return ok;
}

static bool put_all(struct bulk_put *p, struct error *err)
{
    struct session *s = &p->report.cli->session;
    struct kv_namespace *ns = &p->report.ns;
    const struct options *o = s->options;
    struct error ignored;
    char as[64];
    report_begin(&p->report, p->survey.items);
    p->ttl = o->ttl_given ? o->ttl : ns->ttl_seconds;
    struct kv_journal journal = {
        .root = s->root_path, .command = s->command, .restart = o->restart};
    snprintf(as, sizeof as, "ttl=%" PRId64 " if-missing=%d", p->ttl, o->if_missing);
    bool ok = (!o->ttl_given || ttl_judge("--ttl", o->ttl, store_now(s->target.store), err)) &&
              (!o->if_missing || list_present(p, err)) &&
              (p->resume = kv_resume(&s->kv, ns, &journal, &p->survey.digest, bytes_of(as), err)) &&
              save(p, err) && (p->reader = seed_source_read(p->source, err));
    struct sender_options sender = {.store = s->target.store,
                                    .account = ns->account,
                                    .id = ns->id,
                                    .jobs = (unsigned)o->jobs,
                                    .default_ttl = p->ttl,
                                    .resume = p->resume,
                                    .on_failed = report_failed,
                                    .on_failed_ctx = &p->report,
                                    .progress = progress_keys,
                                    .progress_ctx = &p->report.progress,
                                    .counts = &p->report.counts};
    ok = ok && sender_stream(&sender, pull_item, p, err);
    /* What was sent from a source that changed says nothing of the one that was surveyed. */
    bool complete = (ok && p->report.counts.failed == 0) || p->changed;
    if (p->resume && !resume_end(p->resume, complete, ok ? err : &ignored))
        ok = false;
    p->resume = NULL;
    return report_end(&p->report, ok, err);
}

bool cmd_kv_bulk_put(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct bulk_put p = {0};
    (void)code;
    report_init(&p.report, cli, REPORT_PUT);
    bool ok = which_check_options(s, err) && session_open_store(s, false, err) &&
              survey(&p, cli->options.args.items[0], err) &&
              which_by_options(s, false, &p.report.ns, err) && judge_instant(&p, err) &&
              put_all(&p, err);
    seed_close(p.reader);
    seed_source_close(p.source);
    diag_release(&p.again);
    keyset_release(&p.there);
    report_release(&p.report);
    return ok;
}
