#include "prune.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "read.h"
#include "seed/backup.h"
#include "store/queue.h"

#define JOBS_DEFAULT 8

/* ---- What is doomed -------------------------------------------------------------------------- */

/* Gets each key that is live and does not stay. */
typedef bool (*doomed_fn)(void *ctx, struct bytes key, struct error *err);

/* The keys that stay, one ahead. */
struct staying {
    const struct prune_options *o;
    struct bytes key;
    bool end;
};

static bool stay_on(struct staying *s, struct error *err)
{
    return s->end || s->o->stays(s->o->stays_ctx, &s->key, &s->end, err);
}

static bool stays(struct staying *s, struct bytes key, bool *answer, struct error *err)
{
    while (!s->end && bytes_compare(s->key, key) < 0)
        if (!stay_on(s, err))
            return false;
    *answer = !s->end && bytes_equal(s->key, key);
    return true;
}

static bool walk_live(const struct prune_options *o, struct reader *live, doomed_fn doomed,
                      void *ctx, uint64_t *n, struct error *err)
{
    struct staying s = {.o = o};
    struct store_pair pair;
    bool end = false, kept = false;
    if (!stay_on(&s, err))
        return false;
    for (*n = 0; reader_next(live, &pair, &end, err); ++*n) {
        if (end)
            return true;
        if (!stays(&s, pair.key, &kept, err) || (!kept && !doomed(ctx, pair.key, err)))
            return false;
    }
    return false;
}

static bool walk(const struct prune_options *o, doomed_fn doomed, void *ctx, uint64_t *live,
                 struct error *err)
{
    struct read_options read = {.store = o->store,
                                .account = o->account,
                                .id = o->id,
                                .prefix = o->prefix,
                                .jobs = o->jobs};
    struct reader *r = reader_open(&read, err);
    bool ok = r && walk_live(o, r, doomed, ctx, live, err);
    reader_close(r);
    return ok;
}

static bool count_doomed(void *ctx, struct bytes key, struct error *err)
{
    uint64_t *n = ctx;
    (void)key;
    (void)err;
    ++*n;
    return true;
}

bool prune_survey(const struct prune_options *o, struct prune_found *found, struct error *err)
{
    *found = (struct prune_found){0};
    return walk(o, count_doomed, &found->doomed, &found->live, err);
}

/* ---- Saving it ------------------------------------------------------------------------------- */

/* Doomed keys are read some bulk gets at a time. */
struct saving {
    const struct prune_options *o;
    struct backup_writer *writer;
    char *path;
    struct arena arena; /* of the keys */
    struct bytes *keys;
    size_t n, max;
};

static bool save_pair(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct saving *s = ctx;
    struct backup_key key = {.key = pair->key,
                             .value = pair->value,
                             .metadata = pair->metadata,
                             .expiration = pair->expiration};
    return backup_add(s->writer, &key, err);
}

static bool batch_saved(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    (void)ctx;
    (void)q;
    (void)op;
    if (!result->ok)
        *err = result->error;
    return result->ok;
}

static bool push_gets(struct saving *s, struct queue *q, struct error *err)
{
    for (size_t at = 0; at < s->n; at += STORE_GET_MAX) {
        struct store_op op = {.kind = STORE_BULK_GET,
                              .account = s->o->account,
                              .id = s->o->id,
                              .keys = s->keys + at,
                              .n = s->n - at < STORE_GET_MAX ? s->n - at : STORE_GET_MAX,
                              .on_pair = save_pair,
                              .on_pair_ctx = s};
        if (!queue_push(q, &op, batch_saved, s, err))
            return false;
    }
    return true;
}

static bool save_batch(struct saving *s, struct error *err)
{
    struct queue q = {0};
    bool ok = push_gets(s, &q, err) && (s->n == 0 || queue_run(&q, s->o->store, err));
    queue_release(&q);
    s->n = 0;
    arena_reset(&s->arena);
    return ok;
}

/* There is no backup of nothing. */
static bool open_backup(struct saving *s, struct error *err)
{
    const struct prune_options *o = s->o;
    struct backup_info info = {.account_id = o->account.len ? o->account : bytes_make(NULL, 0),
                               .id = o->id,
                               .title = o->title,
                               .prefix = o->prefix,
                               .reason = bytes_of("prune"),
                               .created = o->now};
    if (!backup_path(o->root, &info, &s->path, err))
        return false;
    s->writer = backup_create(s->path, &info, err);
    return s->writer != NULL;
}

static bool save_doomed(void *ctx, struct bytes key, struct error *err)
{
    struct saving *s = ctx;
    if (!s->writer && !open_backup(s, err))
        return false;
    if (!arena_bytes(&s->arena, key, &s->keys[s->n]))
        return error_nomem(err);
    s->n++;
    return s->n < s->max || save_batch(s, err);
}

static bool save_all(struct saving *s, struct error *err)
{
    struct backup_totals totals;
    uint64_t live;
    bool ok = walk(s->o, save_doomed, s, &live, err) && save_batch(s, err);
    if (!ok)
        backup_abandon(s->writer);
    else if (s->writer)
        ok = backup_finish(s->writer, &totals, err);
    return ok;
}

bool prune_save(const struct prune_options *o, char **path, struct error *err)
{
    char name[256];
    struct saving s = {.o = o, .max = STORE_GET_MAX * (o->jobs ? o->jobs : JOBS_DEFAULT)};
    s.keys = mem_zalloc(s.max, sizeof *s.keys);
    bool ok = s.keys ? save_all(&s, err) : error_nomem(err);
    mem_free(s.keys);
    arena_release(&s.arena);
    if (!ok) {
        mem_free(s.path);
        s.path = NULL;
        error_wrap(err, "cannot back up namespace %s", text_quoted(o->title, name, sizeof name));
    }
    *path = s.path;
    return ok;
}

/* ---- Deleting it ----------------------------------------------------------------------------- */

static enum pull pull_saved(void *ctx, struct bytes *key, struct error *err)
{
    struct backup_key saved;
    bool end;
    if (!backup_next(ctx, &saved, &end, err))
        return PULL_FAILED;
    if (end)
        return PULL_END;
    *key = saved.key;
    return PULL_PAIR;
}

bool prune_delete(const struct remove_options *remove, const char *path, struct error *err)
{
    struct backup_reader *r = backup_open(path, err);
    bool ok = r && remove_stream(remove, pull_saved, r, err);
    backup_close(r);
    return ok;
}
