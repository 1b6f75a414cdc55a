#include "delete.h"

#include "run.h"
#include "seed/keyset.h"

static struct read_options read_of(const struct kv *kv, const struct kv_namespace *ns,
                                   struct bytes prefix)
{
    return (struct read_options){.store = kv->store,
                                 .account = ns->account,
                                 .id = ns->id,
                                 .prefix = prefix,
                                 .jobs = kv->jobs};
}

static bool rewind_named(const struct kv_doomed *doomed, struct error *err)
{
    return !doomed->rewind || doomed->rewind(doomed->ctx, err);
}

static struct overlap overlap_of(struct kv *kv, const struct kv_delete *d)
{
    return (struct overlap){
        .kv = kv, .ns = d->ns, .prefix = d->doomed.prefix, .stream = d->doomed.stays};
}

/* ---- Counting -------------------------------------------------------------------------------- */

bool kv_count(struct kv *kv, const struct kv_namespace *ns, struct bytes prefix, uint64_t enough,
              uint64_t *n, struct error *err)
{
    struct read_options options = read_of(kv, ns, prefix);
    struct reader *r = reader_open(&options);
    struct store_pair pair;
    bool end = false, ok = true;
    *n = 0;
    while (ok && !end && (enough == 0 || *n < enough)) {
        ok = reader_next(r, &pair, &end, err);
        *n += ok && !end;
    }
    reader_close(r);
    return ok;
}

/* In a namespace of so many keys that many may go. */
static uint64_t harmless(const struct kv *kv, uint64_t doomed)
{
    unsigned percent = guards_or_default(kv->guards).mass_percent;
    return (doomed * 100 + percent - 1) / percent;
}

static bool count_doomed(void *ctx, struct bytes key, struct error *err)
{
    uint64_t *n = ctx;
    (void)key;
    (void)err;
    ++*n;
    return true;
}

/* ---- Judging listed keys --------------------------------------------------------------------- */

static bool judge_mass(struct kv *kv, const struct kv_delete *d, const struct guarded *g,
                       uint64_t doomed, uint64_t live, struct error *err)
{
    if (doomed <= guards_mass_least(kv->guards))
        return true;
    if (d->doomed.prefix.len > 0 &&
        !kv_count(kv, d->ns, bytes_make(NULL, 0), harmless(kv, doomed), &live, err))
        return false;
    return guard_mass_keys(g, doomed, live, d->how, err);
}

static bool judge_listed(struct kv *kv, const struct kv_delete *d, const struct guarded *g,
                         uint64_t *doomed, struct error *err)
{
    struct overlap o = overlap_of(kv, d);
    struct overlap_seen seen;
    *doomed = 0;
    if (!overlap_walk(&o, count_doomed, doomed, &seen, err) ||
        !guard_protected_keys(g, *doomed, d->how, err))
        return false;
    if (d->doomed.stays.next && seen.streamed == 0 && !guard_emptied(g, *doomed, d->source, err))
        return false;
    return judge_mass(kv, d, g, *doomed, seen.live, err);
}

/* ---- Judging named keys ---------------------------------------------------------------------- */

#define SET_MAX 1000000 /* keys that are remembered to tell which of the named ones are there */

/* Lists until as many are seen as make it harmless, and remembers them. */
static bool list_set(struct reader *r, uint64_t enough, struct keyset *set, uint64_t *live,
                     struct error *err)
{
    struct store_pair pair;
    bool end = false;
    *live = 0;
    while (*live < enough) {
        if (!reader_next(r, &pair, &end, err))
            return false;
        if (end)
            return true;
        if (++*live <= SET_MAX)
            keyset_add(set, pair.key);
    }
    return true;
}

/* How many of the named ones are among the listed. */
static bool count_present(const struct kv_doomed *doomed, struct keyset *set, uint64_t *n,
                          struct error *err)
{
    struct bytes key;
    enum pull pulled;
    keyset_sort(set);
    *n = 0;
    if (!rewind_named(doomed, err))
        return false;
    while ((pulled = doomed->pull(doomed->ctx, &key, err)) == PULL_PAIR)
        *n += keyset_has(set, key);
    return pulled == PULL_END;
}

static bool judge_listing(const struct kv_delete *d, const struct guarded *g, struct reader *r,
                          uint64_t enough, struct error *err)
{
    struct keyset set = {0};
    uint64_t live, doomed = d->doomed.named;
    bool ok = list_set(r, enough, &set, &live, err);
    if (ok && live < enough && live <= SET_MAX)
        ok = count_present(&d->doomed, &set, &doomed, err);
    keyset_release(&set);
    doomed = doomed < live ? doomed : live;
    return ok && guard_mass_keys(g, doomed, live, d->how, err);
}

static bool judge_named(struct kv *kv, const struct kv_delete *d, const struct guarded *g,
                        struct error *err)
{
    struct read_options read = read_of(kv, d->ns, bytes_make(NULL, 0));
    uint64_t named = d->doomed.named;
    if (!guard_protected_keys(g, named, d->how, err))
        return false;
    if (named <= guards_mass_least(kv->guards))
        return true;
    struct reader *r = reader_open(&read);
    bool ok = judge_listing(d, g, r, harmless(kv, named), err);
    reader_close(r);
    return ok;
}

bool kv_delete_judge(struct kv *kv, const struct kv_delete *d, struct kv_loss *loss,
                     struct error *err)
{
    struct guarded g = kv_guarded(kv, d->ns);
    bool named = d->doomed.pull != NULL;
    *loss = (struct kv_loss){.keys = d->doomed.named, .unknown = !kv_knows_protection(kv)};
    if (named ? !judge_named(kv, d, &g, err) : !judge_listed(kv, d, &g, &loss->keys, err))
        return false;
    loss->backup_requests = loss->keys > 0 ? kv_save_cost(kv, loss->keys, !named) : 0;
    return true;
}

/* ---- Deleting -------------------------------------------------------------------------------- */

static struct sender_options remove_of(const struct kv *kv, const struct kv_delete *d)
{
    return (struct sender_options){.store = kv->store,
                                   .account = d->ns->account,
                                   .id = d->ns->id,
                                   .jobs = kv->jobs,
                                   .on_failed = d->on_failed,
                                   .on_failed_ctx = d->on_failed_ctx,
                                   .progress = d->progress,
                                   .progress_ctx = d->progress_ctx,
                                   .counts = d->counts};
}

static enum pull pull_saved(void *ctx, struct bytes *key, struct error *err)
{
    struct backup_key saved;
    bool end;
    if (!backup_next(ctx, &saved, &end, err))
        return PULL_FAILED;
    *key = end ? bytes_make(NULL, 0) : saved.key;
    return end ? PULL_END : PULL_PAIR;
}

static bool delete_saved(struct kv *kv, const struct kv_delete *d, const struct kv_section *section,
                         struct error *err)
{
    struct sender_options o = remove_of(kv, d);
    if (!section->path)
        return true;
    struct backup_reader *r = kv_saved_open(section, err);
    bool ok = r && sender_delete(&o, pull_saved, r, err);
    backup_close(r);
    return ok;
}

static bool save_wave(void *ctx, pull_key_fn pull, void *wave, struct error *err)
{
    return kv_saver_pull(ctx, pull, wave, err);
}

static bool delete_wave(void *ctx, pull_key_fn pull, void *wave, struct error *err)
{
    return sender_delete(ctx, pull, wave, err);
}

static struct kv_saving saving_of(const struct kv_delete *d)
{
    return (struct kv_saving){.ns = d->ns,
                              .reason = d->reason,
                              .prefix = d->doomed.prefix,
                              .partial = d->doomed.pull || d->doomed.stays.next};
}

static bool save_listed(struct kv *kv, const struct kv_delete *d, struct kv_section *section,
                        struct error *err)
{
    struct kv_saving what = saving_of(d);
    struct overlap o = overlap_of(kv, d);
    struct kv_saver *s = kv_saver_begin(kv, &what);
    bool ok = o.stream.next ? overlap_waves(&o, save_wave, s, err) : kv_saver_list(s, err);
    return kv_saver_end(s, ok, section, err);
}

static bool go_listed(struct kv *kv, const struct kv_delete *d, struct kv_section *section,
                      struct error *err)
{
    struct overlap o = overlap_of(kv, d);
    struct sender_options remove = remove_of(kv, d);
    if (kv->backups.off)
        return overlap_waves(&o, delete_wave, &remove, err);
    return save_listed(kv, d, section, err) && delete_saved(kv, d, section, err);
}

static bool go_named(struct kv *kv, const struct kv_delete *d, struct kv_section *section,
                     struct error *err)
{
    const struct kv_doomed *doomed = &d->doomed;
    struct kv_saving what = saving_of(d);
    struct sender_options o = remove_of(kv, d);
    return rewind_named(doomed, err) &&
           kv_save(kv, &what, doomed->pull, doomed->ctx, section, err) &&
           rewind_named(doomed, err) && sender_delete(&o, doomed->pull, doomed->ctx, err);
}

bool kv_delete_go(struct kv *kv, const struct kv_delete *d, struct kv_section *section,
                  struct error *err)
{
    *section = (struct kv_section){0};
    return d->doomed.pull ? go_named(kv, d, section, err) : go_listed(kv, d, section, err);
}

bool kv_delete_keys(struct kv *kv, const struct kv_delete *d, struct kv_section *section,
                    struct error *err)
{
    struct kv_loss loss;
    *section = (struct kv_section){0};
    if (!kv_delete_judge(kv, d, &loss, err))
        return false;
    if (loss.keys == 0)
        return true;
    return (!d->confirm || d->confirm(d->confirm_ctx, &loss, err)) &&
           kv_delete_go(kv, d, section, err);
}

/* ---- Overwriting ----------------------------------------------------------------------------- */

bool kv_save_overwritten(struct kv *kv, const struct kv_namespace *ns, struct bytes prefix,
                         const struct kv_stream *keys, struct kv_section *section,
                         struct error *err)
{
    struct overlap o = {.kv = kv, .ns = ns, .prefix = prefix, .stream = *keys, .shared = true};
    struct kv_saving what = {.ns = ns, .reason = "overwrite", .prefix = prefix, .partial = true};
    *section = (struct kv_section){0};
    if (kv->backups.off)
        return true;
    struct kv_saver *s = kv_saver_begin(kv, &what);
    return kv_saver_end(s, overlap_waves(&o, save_wave, s, err), section, err);
}

/* ---- Deleting a namespace -------------------------------------------------------------------- */

/* More are not counted: they are too many to be told exactly without reading them all. */
#define COUNT_MAX (STORE_PAGE + 1)

/* cfkv has titles of its own namespaces only; those of wrangler's local store have none. */
static bool check_registered(const struct kv_namespace *ns, struct error *err)
{
    char name[KV_QUOTED_SIZE];
    if (ns->title.data)
        return true;
    error_set(err, ERR_NOT_FOUND, "no local namespace has the id %s", kv_quoted(ns, name));
    return error_hint(err, LOCAL_IDS_HINT);
}

static bool judge_namespace(struct kv *kv, const struct kv_namespace *ns, const struct guarded *g,
                            struct kv_loss *loss, struct error *err)
{
    uint64_t n;
    if (!kv_count(kv, ns, bytes_make(NULL, 0), COUNT_MAX, &n, err))
        return false;
    *loss = (struct kv_loss){.keys = n >= COUNT_MAX ? STORE_PAGE : n,
                             .more = n >= COUNT_MAX,
                             .whole = true,
                             .unknown = !kv_knows_protection(kv)};
    loss->backup_requests = n > 0 ? kv_save_cost(kv, loss->keys, true) : 0;
    return guard_data_loss(g, true, loss->keys, loss->more, err);
}

struct title_question {
    const struct guarded *about;
    const struct kv_namespace *ns;
};

static bool check_title(void *ctx, const struct store_result *result, struct error *err)
{
    const struct title_question *question = ctx;
    if (result->n_namespaces != 1)
        return error_set(err, ERR_ANSWER, "the answer names no namespace");
    return guard_title(question->about, question->ns->title, result->namespaces[0].title, err);
}

static bool still_the_same(struct kv *kv, const struct kv_namespace *ns, const struct guarded *g,
                           struct error *err)
{
    struct title_question question = {g, ns};
    struct store_op op = {.kind = STORE_NAMESPACE_GET, .account = ns->account, .id = ns->id};
    return kv_run(kv->store, &op, check_title, &question, err);
}

/* What is asked for cannot be lost: saved, or there is nothing. Listed anew, for what was written
 * since anybody looked counts too. */
static bool secure(struct kv *kv, const struct kv_namespace *ns, const struct guarded *g,
                   struct kv_section *section, struct error *err)
{
    struct kv_saving what = {.ns = ns, .reason = "delete"};
    struct error refused;
    uint64_t n;
    if (guard_data_loss(g, false, 0, false, &refused))
        return kv_save(kv, &what, NULL, NULL, section, err);
    return kv_count(kv, ns, bytes_make(NULL, 0), COUNT_MAX, &n, err) &&
           guard_data_loss(g, true, n >= COUNT_MAX ? STORE_PAGE : n, n >= COUNT_MAX, err);
}

bool kv_delete_namespace(struct kv *kv, const struct kv_namespace *ns, const struct guarded *about,
                         kv_confirm_fn confirm, void *ctx, struct kv_section *section,
                         struct error *err)
{
    struct store_op op = {.kind = STORE_NAMESPACE_DELETE, .account = ns->account, .id = ns->id};
    struct guarded g = about ? *about : kv_guarded(kv, ns);
    struct kv_loss loss = {.keys = 1}; /* as far as anybody knows */
    *section = (struct kv_section){0};
    if (!check_registered(ns, err) || !guard_protected(&g, err))
        return false;
    if (confirm && (!judge_namespace(kv, ns, &g, &loss, err) || !confirm(ctx, &loss, err)))
        return false;
    if (!still_the_same(kv, ns, &g, err))
        return false;
    if (loss.keys > 0 && !secure(kv, ns, &g, section, err)) {
        /* It was there a moment ago: who took this for "gone" would forget it. */
        if (err->code == ERR_NOT_FOUND)
            err->code = ERR_ANSWER;
        return false;
    }
    if (!kv_run(kv->store, &op, NULL, NULL, err))
        return false;
    kv_note_gone(kv, ns);
    return true;
}
