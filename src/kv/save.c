#include "save.h"

#include "base/mem.h"
#include "model/fingerprint.h"
#include "seed/backup.h"
#include "find.h"
#include "shelf.h"

/* The file of the command. */
struct kv_file {
    struct backup_writer *writer;
    const char *path; /* once a section is durable */
    unsigned sections;
};

void kv_close_file(struct kv *kv)
{
    if (kv->file)
        backup_close_sections(kv->file->writer);
    mem_free(kv->file);
    kv->file = NULL;
}

const char *kv_saved_path(const struct kv *kv)
{
    return kv->file && kv->file->sections > 0 ? kv->file->path : NULL;
}

/* ---- The file -------------------------------------------------------------------------------- */

static struct backup_info info_of(const struct kv *kv, const struct kv_saving *what)
{
    const struct kv_namespace *ns = what->ns;
    struct kv_kind kind = kv_kind_of(ns);
    return (struct backup_info){.account_id = ns->account.len ? ns->account : bytes_make(NULL, 0),
                                .id = ns->id,
                                .title = kv_title(ns),
                                .jurisdiction = kind.jurisdiction,
                                .mode = kind.mode,
                                .prefix = what->prefix,
                                .reason = bytes_of(what->reason),
                                .partial = what->partial,
                                .created = kv->now};
}

static bool create_file(struct kv *kv, const struct backup_info *info, struct error *err)
{
    char *path = NULL;
    struct kv_file *f = kv->file;
    if (!backup_path(kv->backups.dir, info, &path, err))
        return false;
    f->sections = 0;
    f->writer = backup_create(path, info, err);
    f->path = arena_str(&kv->arena, path);
    mem_free(path);
    return f->writer != NULL;
}

static bool open_section(struct kv *kv, const struct backup_info *info, struct error *err)
{
    if (!kv->file)
        kv->file = mem_zalloc(1, sizeof *kv->file);
    if (kv->file->writer)
        return backup_begin_section(kv->file->writer, info, err);
    return create_file(kv, info, err);
}

/* ---- A section ------------------------------------------------------------------------------- */

struct kv_saver {
    struct kv *kv;
    const struct kv_saving *what;
    struct buf scratch; /* metadata without the fingerprint */
    bool open;          /* there was something to save */
    uint64_t keys, requests;
};

struct kv_saver *kv_saver_begin(struct kv *kv, const struct kv_saving *what)
{
    struct kv_saver *s = mem_alloc(sizeof *s);
    *s = (struct kv_saver){.kv = kv, .what = what};
    return s;
}

static bool save_pair(struct kv_saver *s, const struct store_pair *pair, struct error *err)
{
    struct backup_info info = info_of(s->kv, s->what);
    struct backup_key key = {
        .key = pair->key, .value = pair->value, .expiration = pair->expiration};
    if (!s->open && !open_section(s->kv, &info, err))
        return false;
    s->open = true;
    s->keys++;
    key.metadata = fingerprint_strip(pair->metadata, &s->scratch);
    return backup_add(s->kv->file->writer, &key, err);
}

/* Of named keys one that is not there comes with a value of data NULL. */
static bool save_all(struct kv_saver *s, struct reader *reader, bool named, struct error *err)
{
    struct store_pair pair;
    bool end = false;
    while (reader_next(reader, &pair, &end, err) && !end)
        if ((!named || pair.value.data) && !save_pair(s, &pair, err))
            return false;
    return end;
}

static bool is_odd(void *ctx, struct bytes key)
{
    const struct kv_saver *s = ctx;
    return s->kv->is_odd(s->kv->is_odd_ctx, s->what->ns, key);
}

static bool save_from(struct kv_saver *s, pull_key_fn pull, void *ctx, struct error *err)
{
    const struct kv *kv = s->kv;
    struct read_options read = {.store = kv->store,
                                .account = s->what->ns->account,
                                .id = s->what->ns->id,
                                .prefix = s->what->prefix,
                                .values = true,
                                .jobs = kv->jobs,
                                .is_odd = kv->is_odd ? is_odd : NULL,
                                .is_odd_ctx = s};
    struct reader *reader = pull ? reader_open_keys(&read, pull, ctx) : reader_open(&read);
    bool ok = save_all(s, reader, pull != NULL, err);
    s->requests += reader_requests(reader);
    reader_close(reader);
    return ok;
}

bool kv_saver_pull(struct kv_saver *s, pull_key_fn pull, void *ctx, struct error *err)
{
    return save_from(s, pull, ctx, err);
}

bool kv_saver_list(struct kv_saver *s, struct error *err)
{
    return save_from(s, NULL, NULL, err);
}

/* Said once a command. */
static void tell_fleeting(struct kv *kv)
{
    if (kv->tell && kv->backups.fleeting)
        kv->tell(kv->tell_ctx, "the backup lies in the workspace of a CI run: it goes with the "
                               "runner, and must not become a public artefact");
}

static bool end_section(struct kv_saver *s, struct kv_section *section, struct error *err)
{
    struct backup_totals totals;
    struct kv_file *f = s->kv->file;
    section->requests = s->requests;
    if (!s->open)
        return true;
    if (!backup_end_section(f->writer, &totals, err))
        return false;
    section->path = f->path;
    section->keys = s->keys;
    section->number = f->sections++;
    if (section->number > 0)
        return true;
    tell_fleeting(s->kv);
    shelf_sweep(&s->kv->backups, s->kv->now, NULL);
    return true;
}

bool kv_saver_end(struct kv_saver *s, bool ok, struct kv_section *section, struct error *err)
{
    char name[KV_QUOTED_SIZE];
    *section = (struct kv_section){0};
    ok = ok && end_section(s, section, err);
    if (!ok && s->kv->file) { /* the unfinished section is taken out; those before it stay */
        backup_close_sections(s->kv->file->writer);
        s->kv->file->writer = NULL;
    }
    if (!ok)
        error_wrap(err, "cannot back up namespace %s", kv_quoted(s->what->ns, name));
    buf_release(&s->scratch);
    mem_free(s);
    return ok;
}

bool kv_save(struct kv *kv, const struct kv_saving *what, pull_key_fn pull, void *ctx,
             struct kv_section *section, struct error *err)
{
    *section = (struct kv_section){0};
    if (kv->backups.off || kv->backups.dry)
        return true;
    struct kv_saver *s = kv_saver_begin(kv, what);
    return kv_saver_end(s, save_from(s, pull, ctx, err), section, err);
}

/* ---- Reading it back ------------------------------------------------------------------------- */

static bool skip_section(struct backup_reader *r, struct error *err)
{
    struct backup_key key;
    bool end = false, there;
    while (!end)
        if (!backup_next(r, &key, &end, err))
            return false;
    return backup_next_section(r, &there, err) &&
           (there || error_set(err, ERR_STALE, "the backup is another one now"));
}

struct backup_reader *kv_saved_open(const struct kv_section *section, struct error *err)
{
    struct backup_reader *r = backup_open(section->path, err);
    for (unsigned i = 0; r && i < section->number; i++)
        if (!skip_section(r, err)) {
            backup_close(r);
            return NULL;
        }
    return r;
}

uint64_t kv_save_cost(const struct kv *kv, uint64_t n, bool listed)
{
    uint64_t gets = (n + STORE_GET_MAX - 1) / STORE_GET_MAX;
    uint64_t pages = listed ? (n + STORE_PAGE) / STORE_PAGE : 0;
    return kv->backups.off ? 0 : gets + pages;
}
