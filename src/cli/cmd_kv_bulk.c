/* kv bulk put: a source of pairs into a namespace. */
#include "bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "credentials.h"
#include "model/validate.h"
#include "seed/keyset.h"
#include "seed/resume.h"
#include "seed/seed.h"
#include "kv/put.h"
#include "kv/read.h"

/* What an interrupted run did is believed for so long: keys may have expired since. */
#define RESUME_SECONDS (24 * 60 * 60)

struct bulk_put {
    struct bulk bulk;
    struct seed_source *source;
    struct seed_survey survey;
    struct seed_reader *reader; /* of the second pass */
    struct diag_list again;     /* its warnings, told by the first */
    struct resume *resume;
    struct keyset there; /* --if-missing */
    bool changed;        /* the source is not the one that was surveyed */
    uint64_t past, kept; /* left out: expired, or there already */
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
    struct session *s = &p->bulk.cli->session;
    enum source_format format;
    if (!parse_format(s->options->format, &format, err))
        return false;
    p->source = seed_source_open(path, format, err);
    return p->source &&
           seed_survey(p->source, s->now, s->options->keep_going ? 0 : BULK_PROBLEMS_MAX,
                       &s->model.diags, &p->survey, err) &&
           bulk_judge(p->bulk.cli, seed_source_path(p->source), err);
}

/* ---- What is there already ------------------------------------------------------------------- */

static bool list_present(struct bulk_put *p, struct error *err)
{
    struct session *s = &p->bulk.cli->session;
    struct read_options o = {
        .store = s->target.store, .account = p->bulk.ns.account, .id = p->bulk.ns.id};
    struct store_pair pair;
    bool end = false;
    struct reader *r = reader_open(&o, err);
    bool ok = r != NULL;
    while (ok && !end) {
        ok = reader_next(r, &pair, &end, err);
        if (ok && !end && !keyset_add(&p->there, pair.key))
            ok = error_nomem(err);
    }
    reader_close(r);
    keyset_sort(&p->there);
    return ok;
}

/* ---- Going on -------------------------------------------------------------------------------- */

static bool open_resume(struct bulk_put *p, struct error *err)
{
    struct session *s = &p->bulk.cli->session;
    char options[64];
    snprintf(options, sizeof options, "ttl=%" PRId64 " if-missing=%d", p->ttl,
             s->options->if_missing);
    struct digest work =
        resume_work("kv bulk put", bytes_of(s->target.local ? "local" : credentials_base_url()),
                    p->bulk.ns.account, p->bulk.ns.id, &p->survey.digest, bytes_of(options));
    p->resume = resume_open(s->root_path, &work, "kv bulk put", s->options->restart, s->now,
                            RESUME_SECONDS, err);
    if (!p->resume)
        return false;
    uint64_t n = resume_count(p->resume);
    if (n > 0) {
        struct buf count = {0};
        progress_count(n, &count);
        output_note(s->output, "resumed: %s key%s written by an earlier run",
                    count.data ? count.data : "", n == 1 ? " was" : "s were");
        buf_release(&count);
    }
    return true;
}

/* What was sent from a source that changed says nothing of the one that was surveyed. */
static bool close_resume(struct bulk_put *p, bool ok, struct error *err)
{
    struct error ignored;
    bool complete = (ok && p->bulk.counts.failed == 0) || p->changed;
    bool closed = !p->resume || resume_end(p->resume, complete, ok ? err : &ignored);
    p->resume = NULL;
    return ok && closed;
}

/* ---- The second pass ------------------------------------------------------------------------- */

static bool leave_out(struct bulk_put *p, const struct seed_key *seed)
{
    bool past = seed_key_is_late(seed, clock_now(), NULL);
    bool kept = !past && keyset_has(&p->there, seed->key);
    p->past += past;
    p->kept += kept;
    p->bulk.counts.skipped += past || kept;
    return past || kept;
}

static enum pull changed(struct bulk_put *p, struct error *err)
{
    p->changed = true;
    bulk_changed(seed_source_path(p->source), err);
    return PULL_FAILED;
}

static enum pull pull_end(struct bulk_put *p, struct error *err)
{
    struct digest digest;
    uint64_t size;
    seed_content(p->reader, &size, &digest);
    return digest_equal(&digest, &p->survey.digest) ? PULL_END : changed(p, err);
}

static enum pull pull_item(void *ctx, struct store_pair *pair, uint64_t *number, struct error *err)
{
    struct bulk_put *p = ctx;
    struct seed_item item;
    enum seed_status status;
    do
        status = seed_next(p->reader, &item, &p->again, err);
    while (status == SEED_ITEM && leave_out(p, &item.seed));
    if (status == SEED_END)
        return pull_end(p, err);
    if (status == SEED_BAD || (status == SEED_FAILED && err->code == ERR_FORMAT))
        return changed(p, err);
    if (status == SEED_FAILED)
        return PULL_FAILED;
    *number = item.number;
    *pair = (struct store_pair){.key = item.seed.key,
                                .value = item.value,
                                .metadata = item.seed.metadata,
                                .expiration = item.seed.expiration,
                                .expiration_ttl = item.seed.expiration_ttl,
                                .no_ttl = item.seed.no_ttl};
    return PULL_PAIR;
}

/* ---- What is overwritten ----------------------------------------------------------------------
 */

/* The keys that the second pass will send. */
static enum pull pull_key(void *ctx, struct bytes *key, struct error *err)
{
    struct bulk_put *p = ctx;
    struct seed_item item;
    enum seed_status status;
    do
        status = seed_next(p->reader, &item, &p->again, err);
    while (status == SEED_ITEM &&
           (seed_key_is_late(&item.seed, clock_now(), NULL) || resume_has(p->resume, item.number)));
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
    struct session *s = &p->bulk.cli->session;
    struct kv_saving what = {.ns = &p->bulk.ns, .reason = "overwrite", .partial = true};
    if (!s->options->backup || s->options->if_missing)
        return true;
    p->reader = seed_source_read(p->source, err);
    bool ok = p->reader && kv_save(&s->kv, &what, pull_key, p, &p->bulk.saved, err);
    seed_close(p->reader);
    p->reader = NULL;
    return ok;
}

static bool send_all(struct bulk_put *p, struct error *err)
{
    struct session *s = &p->bulk.cli->session;
    struct put_options o = {.store = s->target.store,
                            .account = p->bulk.ns.account,
                            .id = p->bulk.ns.id,
                            .jobs = (unsigned)s->options->jobs,
                            .default_ttl = p->ttl,
                            .resume = p->resume,
                            .on_failed = failures_add,
                            .on_failed_ctx = &p->bulk.failures,
                            .progress = moving_step,
                            .progress_ctx = &p->bulk.moving,
                            .counts = &p->bulk.counts};
    struct put *put;
    struct error ended;
    p->reader = seed_source_read(p->source, err);
    if (!p->reader || !(put = put_begin(&o, err)))
        return false;
    bool ok = put_stream(put, pull_item, p, err);
    return put_end(put, ok ? err : &ended) && ok;
}

static void tell_left_out(const struct bulk_put *p)
{
    const struct output *o = &p->bulk.cli->output;
    if (p->past > 0)
        output_note(o, "%" PRIu64 " left out: expired, or about to within %d seconds", p->past,
                    KV_TTL_MIN);
    if (p->kept > 0)
        output_note(o, "%" PRIu64 " left out: there already", p->kept);
}

static bool put_all(struct bulk_put *p, struct error *err)
{
    const struct options *o = &p->bulk.cli->options;
    bulk_begin(&p->bulk, "writing", p->survey.items);
    p->ttl = o->ttl_given ? o->ttl : p->bulk.ns.ttl_seconds;
    bool ok = (!o->if_missing || list_present(p, err)) && open_resume(p, err) && save(p, err) &&
              send_all(p, err);
    ok = close_resume(p, ok, err);
    tell_left_out(p);
    return bulk_end(&p->bulk, ok, "wrote", err);
}

static void release(struct bulk_put *p)
{
    seed_close(p->reader);
    seed_source_close(p->source);
    diag_release(&p->again);
    keyset_release(&p->there);
    bulk_release(&p->bulk);
}

bool cmd_kv_bulk_put(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct bulk_put p = {0};
    (void)code;
    bulk_init(&p.bulk, cli, "put", "written");
    p.bulk.saving = cli->options.backup;
    bool ok = which_check_options(s, err) && session_open_store(s, false, err) &&
              survey(&p, cli->options.args.items[0], err) &&
              which_by_options(s, false, &p.bulk.ns, err) && put_all(&p, err);
    release(&p);
    return ok;
}
