/*
 * apply_backup.c: what is about to be overwritten or deleted is read and written to a backup first.
 */
#include "applier.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "seed/backup.h"
#include "seed/kept.h"

struct backup_run {
    struct applier *ap;
    const struct observed_namespace *ns;
    const struct bytes *keys;
    size_t n, at;
    struct backup_writer *writer;
    struct buf scratch;
    struct error *outcome;
};

static bool save_pair(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct backup_run *run = ctx;
    struct backup_key key = {
        .key = pair->key, .value = pair->value, .expiration = pair->expiration};
    return fingerprint_strip(pair->metadata, &run->scratch, &key.metadata, err) &&
           backup_add(run->writer, &key, err);
}

static bool batch_saved(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct backup_run *run = ctx;
    (void)q;
    (void)op;
    (void)err;
    if (!result->ok && run->outcome->code == ERR_NONE)
        *run->outcome = result->error;
    return true;
}

static bool refill_backup(void *ctx, struct queue *q, struct error *err)
{
    struct backup_run *run = ctx;
    size_t n = run->n - run->at;
    if (n == 0 || run->outcome->code)
        return true;
    if (n > STORE_GET_MAX)
        n = STORE_GET_MAX;
    struct store_op op = {.kind = STORE_BULK_GET,
                          .account = run->ns->account,
                          .id = run->ns->id,
                          .keys = run->keys + run->at,
                          .n = n,
                          .on_pair = save_pair,
                          .on_pair_ctx = run};
    run->at += n;
    return queue_push(q, &op, batch_saved, run, err);
}

static bool keep_path(struct applier *ap, const char *path, struct error *err)
{
    struct apply_result *r = ap->r;
    if (!mem_grow((void **)&r->backups, &r->cap_backups, r->n_backups + 1, sizeof *r->backups) ||
        !arena_bytes(&r->arena, bytes_of(path), &r->backups[r->n_backups]))
        return error_nomem(err);
    r->n_backups++;
    return true;
}

static bool write_backup(struct backup_run *run, const char *path, const struct backup_info *info,
                         struct error *err)
{
    struct queue q = {.refill = refill_backup, .refill_ctx = run};
    struct backup_totals totals;
    run->writer = backup_create(path, info, run->outcome);
    if (!run->writer)
        return true;
    bool ok = queue_run(&q, run->ap->pl.t->store, err);
    run->ap->pl.o->requests += q.sent;
    queue_release(&q);
    if (!ok || run->outcome->code) {
        backup_abandon(run->writer);
        return ok;
    }
    if (!backup_finish(run->writer, &totals, run->outcome))
        return true;
    return keep_path(run->ap, path, err);
}

bool apply_backup(struct applier *ap, const struct observed_namespace *ns, const char *reason,
                  const struct bytes *keys, size_t n, struct error *outcome, struct error *err)
{
    struct backup_info info = {
        .account_id = ns->account.len ? ns->account : bytes_make(NULL, 0),
        .id = ns->id,
        .title = ns->title,
        .reason = bytes_of(reason),
        .created = clock_now(),
    };
    struct backup_run run = {.ap = ap, .ns = ns, .keys = keys, .n = n, .outcome = outcome};
    char name[QUOTED_SIZE];
    char *path = NULL;
    bool ok = true;
    *outcome = (struct error){0};
    if (ap->p->options.no_backup)
        return true;
    struct buf dir = {0};
    if (kept_path(ap->pl.t->root, "backups", &dir, outcome) &&
        backup_path(dir.data, &info, &path, outcome))
        ok = write_backup(&run, path, &info, err);
    buf_release(&dir);
    buf_release(&run.scratch);
    mem_free(path);
    if (ok && outcome->code)
        error_wrap(outcome, "cannot back up namespace %s",
                   text_quoted(ns->title, name, sizeof name));
    return ok;
}
