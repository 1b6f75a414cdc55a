#include "restore.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "fill.h"
#include "model/validate.h"
#include "read.h"

#define NAME_SHOWN 512

/* ---- Verifying ------------------------------------------------------------------------------- */

static bool same_namespace(const struct backup_info *a, const struct backup_info *b)
{
    return bytes_equal(a->account_id, b->account_id) && bytes_equal(a->id, b->id);
}

static struct backup_info copy_info(struct arena *arena, const struct backup_info *info)
{
    struct backup_info copy = *info;
    copy.account_id = arena_copy(arena, info->account_id);
    copy.id = arena_copy(arena, info->id);
    copy.title = arena_copy(arena, info->title);
    copy.jurisdiction = arena_keep(arena, info->jurisdiction);
    copy.mode = arena_keep(arena, info->mode);
    copy.prefix = arena_copy(arena, info->prefix);
    copy.reason = arena_copy(arena, info->reason);
    return copy;
}

/* The namespace of a section; keys of several sections are in no order together. */
static struct restore_namespace *note_section(struct restore_file *f,
                                              const struct backup_info *info, struct arena *arena)
{
    struct restore_namespace *ns = NULL;
    void *all = f->all;
    for (size_t i = 0; i < f->n && !ns; i++)
        ns = same_namespace(&f->all[i].info, info) ? &f->all[i] : NULL;
    if (!ns) {
        arena_grow(arena, &all, &f->cap, f->n + 1, sizeof *f->all);
        f->all = all;
        ns = &f->all[f->n++];
        *ns = (struct restore_namespace){.info = copy_info(arena, info), .ordered = true};
    }
    ns->sections++;
    ns->partial = ns->partial || info->partial || ns->sections > 1;
    return ns;
}

/* What no store takes, as after an edit by hand, is refused before anything is written. That it has
 * expired is no fault. */
static bool judge(const struct backup_reader *r, const struct backup_key *key, struct error *err)
{
    struct diag_list diags = {0};
    struct error why;
    struct seed_key seed = {.key = key->key,
                            .metadata = key->metadata,
                            .expiration = key->expiration,
                            .zero_expiration = key->zero_expiration};
    bool ok = seed_key_judge(&diags, &seed, key->value.len, 0, "", &why);
    diag_release(&diags);
    return ok || backup_refuse(r, &why, err);
}

static bool count(const struct restore_file *f, struct restore_namespace *ns,
                  const struct backup_reader *r, const struct backup_key *key, int64_t now,
                  struct error *err)
{
    if (!bytes_starts_with(key->key, f->prefix))
        return true;
    if (restore_expires(key->expiration, now))
        ns->expired++;
    else
        ns->wanted++;
    return judge(r, key, err);
}

static bool read_section(struct restore_file *f, struct backup_reader *r, int64_t now,
                         struct arena *arena, struct error *err)
{
    struct backup_totals totals;
    struct backup_key key;
    bool end = false;
    struct restore_namespace *ns = note_section(f, backup_header(r), arena);
    struct restore_namespace before = *ns;
    for (;;) {
        if (!backup_next(r, &key, &end, err) || (!end && !count(f, ns, r, &key, now, err))) {
            *ns = before;
            ns->sections--;
            return false;
        }
        if (end)
            break;
    }
    backup_count(r, &totals);
    ns->ordered = ns->ordered && backup_ordered(r) && ns->sections == 1;
    totals.keys += f->totals.keys;
    f->totals = totals;
    return true;
}

/* What a kill cut off was not done, so nothing of it was lost. */
static bool read_through(struct restore_file *f, struct backup_reader *r, int64_t now,
                         struct arena *arena, struct error *err)
{
    bool there = true;
    while (there) {
        if (!read_section(f, r, now, arena, err) || !backup_next_section(r, &there, err))
            return f->cut_off = backup_is_cut_off(r);
    }
    f->cut_off = backup_is_cut_off(r);
    return true;
}

static void choose_only(struct restore_file *f)
{
    size_t whole = 0;
    for (size_t i = 0; i < f->n; i++)
        if (f->all[i].sections > 0) {
            f->from = &f->all[i];
            whole++;
        }
    if (whole != 1)
        f->from = NULL;
}

bool restore_verify(const char *path, struct bytes prefix, int64_t now, struct arena *arena,
                    struct restore_file *file, struct error *err)
{
    *file = (struct restore_file){.path = path, .prefix = prefix};
    struct backup_reader *r = backup_open(path, err);
    bool ok = r && read_through(file, r, now, arena, err);
    backup_close(r);
    if (ok)
        choose_only(file);
    return ok;
}

bool restore_choose(struct restore_file *file, struct bytes word, struct error *err)
{
    char quoted[NAME_SHOWN];
    struct buf titles = {0};
    for (size_t i = 0; i < file->n; i++) {
        const struct backup_info *info = &file->all[i].info;
        if (bytes_equal(info->title, word) || bytes_equal(info->id, word)) {
            file->from = &file->all[i];
            buf_release(&titles);
            return true;
        }
        buf_add_str(&titles, i > 0 ? ", " : "");
        text_quote(&titles, info->title.len > 0 ? info->title : info->id, NAME_SHOWN);
    }
    error_set(err, ERR_USAGE, "%s holds nothing of %s: it holds %s",
              text_quoted(bytes_of(file->path), quoted, sizeof quoted),
              word.len > 0 ? "that namespace" : "one namespace alone", titles.data);
    buf_release(&titles);
    return error_hint(err, "say which one with --from-namespace TITLE");
}

/* ---- Its keys, once more --------------------------------------------------------------------- */

/* Those of the chosen namespace under the prefix, each with its number in the file. Of a key that
 * several sections hold the first counts: it was there before the command that wrote the file. */
struct source {
    const struct restore_file *file;
    struct backup_reader *reader;
    struct restore_report *report;
    restore_expired_fn on_expired;
    void *on_expired_ctx;
    uint64_t number;
    struct map given;   /* of several sections: digests of keys that were */
    struct arena arena; /* of these */
};

static bool open_source(struct source *s, struct error *err)
{
    s->number = 0;
    s->reader = backup_open(s->file->path, err);
    return s->reader != NULL;
}

static void close_source(struct source *s)
{
    backup_close(s->reader);
    s->reader = NULL;
    map_release(&s->given);
    arena_release(&s->arena);
    s->given = (struct map){0};
    s->arena = (struct arena){0};
}

/* What is sent now must be what was verified before. */
static bool check_unchanged(const struct source *s, struct error *err)
{
    struct backup_totals totals;
    char name[NAME_SHOWN];
    backup_count(s->reader, &totals);
    if (digest_equal(&totals.digest, &s->file->totals.digest))
        return true;
    return error_set(err, ERR_STALE, "%s was changed while it was read",
                     text_quoted(bytes_of(s->file->path), name, sizeof name));
}

static bool first_time(struct source *s, struct bytes key)
{
    struct digest digest = hash_sha256(key);
    struct bytes kept = bytes_make((const char *)digest.bytes, 16);
    size_t existing;
    if (s->file->from->sections == 1)
        return true;
    map_add(&s->given, arena_copy(&s->arena, kept), 0, &existing);
    return existing == MAP_NONE;
}

/* The next line of any section; at the end of one on to the next. */
static bool next_line(struct source *s, struct backup_key *key, bool *end, struct error *err)
{
    struct backup_totals totals;
    bool there = true, over = false;
    for (;;) {
        if (!backup_next(s->reader, key, &over, err))
            return false;
        *end = false;
        if (!over)
            return true;
        backup_count(s->reader, &totals);
        *end = digest_equal(&totals.digest, &s->file->totals.digest);
        if (*end)
            return true;
        if (!backup_next_section(s->reader, &there, err))
            return false;
        if (!there)
            return check_unchanged(s, err);
    }
}

/* The next key that counts. */
static bool next_key(struct source *s, struct backup_key *key, bool *end, struct error *err)
{
    for (bool first = false; !first;) {
        if (!next_line(s, key, end, err))
            return false;
        if (*end)
            return true;
        s->number++;
        first = same_namespace(backup_header(s->reader), &s->file->from->info) &&
                bytes_starts_with(key->key, s->file->prefix) && first_time(s, key->key);
    }
    return true;
}

static bool leave_out(struct source *s, struct bytes key, struct error *err)
{
    if (s->report)
        s->report->expired++;
    return !s->on_expired || s->on_expired(s->on_expired_ctx, key, err);
}

/* The next one of these that can be written. */
static bool next_pair(struct source *s, struct store_pair *pair, bool *end, struct error *err)
{
    struct backup_key key;
    const struct store *store = s->file->store;
    for (;;) {
        if (!next_key(s, &key, end, err))
            return false;
        if (*end || !restore_expires(key.expiration, store ? store_now(store) : clock_now()))
            break;
        if (!leave_out(s, key.key, err))
            return false;
    }
    if (!*end)
        *pair = (struct store_pair){.key = key.key,
                                    .value = key.value,
                                    .metadata = key.metadata,
                                    .expiration = key.expiration};
    return true;
}

/* ---- Writing all ----------------------------------------------------------------------------- */

static enum pull pull_pair(void *ctx, struct store_pair *pair, uint64_t *number, struct error *err)
{
    struct source *s = ctx;
    bool end;
    if (!next_pair(s, pair, &end, err))
        return PULL_FAILED;
    *number = s->number;
    return end ? PULL_END : PULL_PAIR;
}

/* ---- Writing what is missing ----------------------------------------------------------------- */

/* Keys that are there, one ahead, beside those of the file: both are in order. */
struct there {
    struct reader *reader;
    struct store_pair pair;
    bool end;
};

static bool look_ahead(struct there *t, struct error *err)
{
    return t->end || reader_next(t->reader, &t->pair, &t->end, err);
}

static bool is_there(struct there *t, struct bytes key, bool *answer, struct error *err)
{
    while (!t->end && bytes_compare(t->pair.key, key) < 0)
        if (!look_ahead(t, err))
            return false;
    *answer = !t->end && bytes_equal(t->pair.key, key);
    return true;
}

static bool add_missing(struct source *s, struct there *t, struct sender *put, struct error *err)
{
    struct store_pair pair;
    bool end, there;
    if (!look_ahead(t, err))
        return false;
    while (next_pair(s, &pair, &end, err)) {
        if (end)
            return true;
        if (!is_there(t, pair.key, &there, err))
            return false;
        s->report->present += there;
        if (!there && !sender_add(put, &pair, s->number, err))
            return false;
    }
    return false;
}

static bool write_missing(struct source *s, const struct sender_options *o, struct error *err)
{
    struct read_options read = {.store = o->store,
                                .account = o->account,
                                .id = o->id,
                                .prefix = s->file->prefix,
                                .jobs = o->jobs};
    struct there there = {.reader = reader_open(&read)};
    struct sender *put = sender_open(o);
    bool ok = add_missing(s, &there, put, err);
    if (ok)
        ok = sender_close(put, err);
    else
        sender_abandon(put);
    reader_close(there.reader);
    return ok;
}

/* ---- The whole ------------------------------------------------------------------------------- */

bool restore_write(const struct restore_file *file, const struct restore_options *o,
                   struct restore_report *report, struct error *err)
{
    struct source s = {.file = file,
                       .report = report,
                       .on_expired = o->on_expired,
                       .on_expired_ctx = o->on_expired_ctx};
    *report = (struct restore_report){0};
    bool ok = open_source(&s, err) && (o->if_missing ? write_missing(&s, &o->put, err)
                                                     : sender_stream(&o->put, pull_pair, &s, err));
    close_source(&s);
    return ok;
}

/* ---- Its keys alone -------------------------------------------------------------------------- */

struct restore_keys {
    struct source source;
    bool pending;
    struct resume *resume;
};

struct restore_keys *restore_keys_open(const struct restore_file *file, bool pending,
                                       struct resume *resume, struct error *err)
{
    struct restore_keys *k = mem_alloc(sizeof *k);
    *k = (struct restore_keys){.source = {.file = file}, .pending = pending, .resume = resume};
    if (open_source(&k->source, err))
        return k;
    mem_free(k);
    return NULL;
}

static bool keys_rewind(void *ctx, struct error *err)
{
    struct restore_keys *k = ctx;
    close_source(&k->source);
    return open_source(&k->source, err);
}

static bool keys_next(void *ctx, struct bytes *key, bool *end, struct error *err)
{
    struct restore_keys *k = ctx;
    struct store_pair pair = {0};
    struct backup_key next = {0};
    bool ok;
    do
        ok = k->pending ? next_pair(&k->source, &pair, end, err)
                        : next_key(&k->source, &next, end, err);
    while (ok && !*end && k->resume && resume_has(k->resume, k->source.number));
    *key = k->pending ? pair.key : next.key;
    return ok;
}

struct kv_stream restore_keys_stream(struct restore_keys *k)
{
    return (struct kv_stream){.next = keys_next, .rewind = keys_rewind, .ctx = k};
}

void restore_keys_close(struct restore_keys *k)
{
    if (k)
        close_source(&k->source);
    mem_free(k);
}

/* ---- Into a namespace ------------------------------------------------------------------------ */

struct restoring {
    const struct restore_file *file;
    struct restore_keys *all, *pending;
};

static bool pending_keys(void *ctx, struct resume *resume, struct kv_stream *keys,
                         struct error *err)
{
    struct restoring *r = ctx;
    restore_keys_close(r->pending);
    r->pending = restore_keys_open(r->file, true, resume, err);
    if (r->pending)
        *keys = restore_keys_stream(r->pending);
    return r->pending != NULL;
}

static bool is_among(const struct bytes *keys, size_t n, struct bytes key)
{
    size_t i = 0;
    while (i < n && !bytes_equal(keys[i], key))
        i++;
    return i < n;
}

/* Read once more, up to the last of them. */
static bool fetch_keys(void *ctx, const struct bytes *keys, size_t n, kv_pair_fn fn, void *fn_ctx,
                       uint64_t *requests, struct error *err)
{
    const struct restoring *r = ctx;
    struct source s = {.file = r->file};
    struct store_pair pair;
    bool end = false, ok = open_source(&s, err);
    (void)requests;
    for (size_t found = 0; ok && !end && found < n;) {
        ok = next_pair(&s, &pair, &end, err);
        if (!ok || end || !is_among(keys, n, pair.key))
            continue;
        ok = fn(fn_ctx, &pair, err);
        found++;
    }
    close_source(&s);
    return ok;
}

static bool write_keys(void *ctx, struct kv_fill *f, const struct sender_options *put,
                       struct resume *resume, struct error *err)
{
    const struct restoring *r = ctx;
    struct restore_options o = {.put = *put,
                                .if_missing = f->if_missing,
                                .on_expired = f->on_expired,
                                .on_expired_ctx = f->told_ctx};
    struct restore_report report;
    o.put.resume = resume;
    bool ok = restore_write(r->file, &o, &report, err);
    f->present = report.present;
    return ok;
}

bool kv_restore(struct kv_fill *f, const struct restore_file *file, struct error *err)
{
    struct restoring r = {.file = file};
    struct kv_source source = {.name = "the backup",
                               .content = file->totals.digest,
                               .wanted = file->from->wanted,
                               .ordered = file->from->ordered,
                               .pending = pending_keys,
                               .fetch = fetch_keys,
                               .write = write_keys,
                               .ctx = &r};
    if (f->prune && !(r.all = restore_keys_open(file, false, NULL, err)))
        return false;
    if (r.all)
        source.all = restore_keys_stream(r.all);
    bool ok = kv_fill(f, &source, err);
    restore_keys_close(r.all);
    restore_keys_close(r.pending);
    return ok;
}
