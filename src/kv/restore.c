#include "restore.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "read.h"

#define NAME_SHOWN 512

/* ---- Verifying ------------------------------------------------------------------------------- */

static void judge(struct restore_file *f, const struct backup_key *key, int64_t now)
{
    if (!bytes_starts_with(key->key, f->prefix))
        return;
    if (restore_expires(key->expiration, now))
        f->expired++;
    else
        f->wanted++;
}

static bool read_through(struct restore_file *f, struct backup_reader *r, int64_t now,
                         struct error *err)
{
    struct backup_key key;
    bool end;
    while (backup_next(r, &key, &end, err)) {
        if (end) {
            backup_count(r, &f->totals);
            f->ordered = backup_ordered(r);
            return true;
        }
        judge(f, &key, now);
    }
    return false;
}

static bool copy_info(struct restore_file *f, const struct backup_info *info, struct arena *arena,
                      struct error *err)
{
    f->info = *info;
    return (arena_bytes(arena, info->account_id, &f->info.account_id) &&
            arena_bytes(arena, info->id, &f->info.id) &&
            arena_bytes(arena, info->title, &f->info.title) &&
            arena_bytes(arena, info->prefix, &f->info.prefix) &&
            arena_bytes(arena, info->reason, &f->info.reason)) ||
           error_nomem(err);
}

bool restore_verify(const char *path, struct bytes prefix, int64_t now, struct arena *arena,
                    struct restore_file *file, struct error *err)
{
    *file = (struct restore_file){.path = path, .prefix = prefix};
    struct backup_reader *r = backup_open(path, err);
    bool ok = r && copy_info(file, backup_header(r), arena, err) && read_through(file, r, now, err);
    backup_close(r);
    return ok;
}

/* ---- Its keys, once more --------------------------------------------------------------------- */

/* The wanted ones, each with its number in the file. */
struct source {
    const struct restore_file *file;
    struct backup_reader *reader;
    struct restore_report *report;
    uint64_t number;
};

static bool open_source(struct source *s, struct error *err)
{
    s->reader = backup_open(s->file->path, err);
    return s->reader != NULL;
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

/* The next key under the prefix. */
static bool next_key(struct source *s, struct backup_key *key, bool *end, struct error *err)
{
    do {
        if (!backup_next(s->reader, key, end, err))
            return false;
        if (*end)
            return check_unchanged(s, err);
        s->number++;
    } while (!bytes_starts_with(key->key, s->file->prefix));
    return true;
}

/* The next one of these that can be written. */
static bool next_pair(struct source *s, struct store_pair *pair, bool *end, struct error *err)
{
    struct backup_key key;
    for (;;) {
        if (!next_key(s, &key, end, err))
            return false;
        if (*end || !restore_expires(key.expiration, clock_now()))
            break;
        s->report->expired++;
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

static bool write_all(struct source *s, struct put *put, struct error *err)
{
    return put_stream(put, pull_pair, s, err);
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

static bool add_missing(struct source *s, struct there *t, struct put *put, struct error *err)
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
        if (!there && !put_add(put, &pair, s->number, err))
            return false;
    }
    return false;
}

static bool write_missing(struct source *s, const struct put_options *o, struct put *put,
                          struct error *err)
{
    struct read_options read = {.store = o->store,
                                .account = o->account,
                                .id = o->id,
                                .prefix = s->file->prefix,
                                .jobs = o->jobs};
    struct there there = {.reader = reader_open(&read, err)};
    bool ok = there.reader && add_missing(s, &there, put, err);
    reader_close(there.reader);
    return ok;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static bool put_keys(struct source *s, const struct restore_options *o, struct error *err)
{
    struct put *put = put_begin(&o->put, err);
    if (!put)
        return false;
    bool ok = o->if_missing ? write_missing(s, &o->put, put, err) : write_all(s, put, err);
    if (ok)
        return put_end(put, err);
    put_abandon(put);
    return false;
}

bool restore_keys(const struct restore_file *file, const struct restore_options *o,
                  struct restore_report *report, struct error *err)
{
    struct source s = {.file = file, .report = report};
    *report = (struct restore_report){0};
    bool ok = open_source(&s, err) && put_keys(&s, o, err);
    backup_close(s.reader);
    return ok;
}

/* ---- What stays ------------------------------------------------------------------------------ */

struct restore_stays {
    struct source source;
};

struct restore_stays *restore_stays_open(const struct restore_file *file, struct error *err)
{
    struct restore_stays *s = mem_zalloc(1, sizeof *s);
    if (!s) {
        error_nomem(err);
        return NULL;
    }
    s->source.file = file;
    if (open_source(&s->source, err))
        return s;
    mem_free(s);
    return NULL;
}

bool restore_stays_next(void *stays, struct bytes *key, bool *end, struct error *err)
{
    struct restore_stays *s = stays;
    struct backup_key next = {0};
    bool ok = next_key(&s->source, &next, end, err);
    *key = next.key;
    return ok;
}

void restore_stays_close(struct restore_stays *s)
{
    if (s)
        backup_close(s->source.reader);
    mem_free(s);
}
