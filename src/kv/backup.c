#include "backup.h"

#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "model/fingerprint.h"
#include "read.h"

static struct backup_info info_of(const struct backup_options *o)
{
    return (struct backup_info){.account_id = o->account.len ? o->account : bytes_make(NULL, 0),
                                .id = o->id,
                                .title = o->title,
                                .jurisdiction = o->kind.jurisdiction,
                                .mode = o->kind.mode,
                                .prefix = o->prefix,
                                .reason = bytes_of("backup"),
                                .created = o->now};
}

/* ---- Writing --------------------------------------------------------------------------------- */

struct kv_dump {
    const struct backup_options *o;
    struct backup_writer *writer;
    struct reader *reader;
    struct buf scratch; /* metadata without the fingerprint */
};

static void told(struct kv_dump *b, const struct store_pair *pair)
{
    struct kv_counts *counts = b->o->counts;
    counts->keys++;
    counts->bytes += pair->key.len + pair->value.len;
    counts->requests = reader_requests(b->reader);
    if (b->o->progress)
        b->o->progress(b->o->progress_ctx, counts);
}

static bool add_pair(struct kv_dump *b, const struct store_pair *pair, struct error *err)
{
    struct backup_key key = {
        .key = pair->key, .value = pair->value, .expiration = pair->expiration};
    key.metadata = fingerprint_strip(pair->metadata, &b->scratch);
    if (!backup_add(b->writer, &key, err))
        return false;
    told(b, pair);
    return true;
}

static bool add_all(struct kv_dump *b, struct bytes after, struct error *err)
{
    const struct backup_options *o = b->o;
    struct read_options read = {.store = o->store,
                                .account = o->account,
                                .id = o->id,
                                .prefix = o->prefix,
                                .after = after,
                                .values = true,
                                .jobs = o->jobs};
    struct store_pair pair;
    bool end = false;
    bool ok = true;
    b->reader = reader_open(&read);
    while (ok && (ok = reader_next(b->reader, &pair, &end, err)) && !end)
        ok = add_pair(b, &pair, err);
    reader_close(b->reader);
    return ok;
}

static bool refuse_existing(const struct backup_options *o, struct error *err)
{
    char name[512];
    if (o->replace || !file_exists(o->path))
        return true;
    error_set(err, ERR_EXISTS, "%s exists already",
              text_quoted(bytes_of(o->path), name, sizeof name));
    return error_hint(err, "a backup replaces nothing: name another file, or move that one away");
}

static struct backup_writer *open_writer(const struct backup_options *o, struct backup_begun *begun,
                                         struct error *err)
{
    struct backup_info info = info_of(o);
    if (!o->path)
        return backup_stream(STDOUT_FILENO, "stdout", &info, err);
    if (!refuse_existing(o, err))
        return NULL;
    return backup_resume(o->path, &info, o->restart, begun, err);
}

static bool hint_go_on(const struct backup_options *o, struct error *err)
{
    char name[256];
    if (!o->path || *err->hint)
        return false;
    return error_hint(err, "what was read is kept beside %s; the same command goes on with it",
                      text_quoted(bytes_of(o->path), name, sizeof name));
}

bool backup_namespace(const struct backup_options *o, struct backup_report *report,
                      struct error *err)
{
    struct kv_dump b = {.o = o};
    *report = (struct backup_report){0};
    b.writer = open_writer(o, &report->begun, err);
    if (!b.writer)
        return false;
    o->counts->skipped = report->begun.keys;
    bool ok = add_all(&b, report->begun.last, err);
    report->begun.last = bytes_make(NULL, 0);
    buf_release(&b.scratch);
    if (ok)
        ok = backup_finish(b.writer, &report->totals, err);
    else
        backup_abandon(b.writer);
    return ok || hint_go_on(o, err);
}

/* ---- Verifying ------------------------------------------------------------------------------- */

static bool check_whose(const struct backup_options *o, const struct backup_info *header,
                        struct error *err)
{
    char name[512];
    if (bytes_equal(o->account, header->account_id) && bytes_equal(o->id, header->id) &&
        bytes_equal(o->prefix, header->prefix))
        return true;
    return error_set(err, ERR_EXISTS, "%s is a backup of something else",
                     text_quoted(bytes_of(o->path), name, sizeof name));
}

bool backup_verify(const struct backup_options *o, struct backup_report *report, struct error *err)
{
    struct backup_key key;
    bool end = false;
    *report = (struct backup_report){0};
    struct backup_reader *r = backup_open(o->path, err);
    bool ok = r && check_whose(o, backup_header(r), err);
    while (ok && !end)
        ok = backup_next(r, &key, &end, err);
    if (ok) {
        backup_count(r, &report->totals);
        report->begun.since = backup_header(r)->created;
    }
    backup_close(r);
    return ok;
}
