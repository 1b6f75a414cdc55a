/* restore: a backup into a namespace. */
#include <inttypes.h>

#include "filling.h"

#include "base/text.h"
#include "kv/restore.h"

struct restoring {
    struct filling f;
    struct restore_file file;
    struct restore_keys *stays; /* --prune */
};

/* ---- Before ---------------------------------------------------------------------------------- */

/* Of which namespace of the file: as --from-namespace says, else that of the target. */
static bool choose(struct restoring *r, struct error *err)
{
    const struct options *o = &r->f.cli->options;
    const char *word = o->from_namespace    ? o->from_namespace
                       : o->namespace_title ? o->namespace_title
                                            : o->namespace_id;
    if (r->file.from && !o->from_namespace)
        return true;
    return restore_choose(&r->file, bytes_of(word), err);
}

/* By the options, else the title that the backup was made of. */
static bool find_namespace(struct restoring *r, struct error *err)
{
    const struct options *o = &r->f.cli->options;
    const struct backup_info *info = &r->file.from->info;
    if (o->namespace_id || o->namespace_title)
        return filling_find(&r->f, NULL, r->file.prefix, err);
    if (info->title.len > 0)
        return filling_find(&r->f, info->title.data, r->file.prefix, err);
    error_set(err, ERR_USAGE, "the backup does not say the title of its namespace");
    return error_hint(err, "add --namespace TITLE or --namespace-id ID");
}

/* What is not in a backup of some keys is no reason to delete anything. */
static bool check_whole(const struct restoring *r, struct error *err)
{
    const struct options *o = &r->f.cli->options;
    if (!r->file.from->ordered && (o->prune || o->if_missing)) {
        error_set(err, ERR_USAGE, "%s needs a backup whose keys are in order",
                  o->prune ? "--prune" : "--if-missing");
        return error_hint(err, o->prune
                                   ? "backups of cfkv backup are; this one was written by a guard"
                                   : "'cfkv kv bulk put FILE --if-missing' takes any");
    }
    if (!o->prune || !r->file.from->partial)
        return true;
    error_set(err, ERR_USAGE, "--prune needs a backup of all keys, and this one is of some");
    return error_hint(err, "it was written by a guard: restore it without --prune");
}

static bool check_prune(struct restoring *r, struct error *err)
{
    if (!r->f.cli->options.prune)
        return true;
    r->stays = restore_keys_open(&r->file, false, NULL, err);
    if (!r->stays)
        return false;
    struct kv_stream stays = restore_keys_stream(r->stays);
    return filling_prune_check(&r->f, r->file.prefix, &stays, "the backup", err);
}

static bool confirm(struct restoring *r, struct error *err)
{
    struct buf what = {0};
    buf_addf(&what, "Write %" PRIu64 " keys", r->file.from->wanted);
    bool ok = buf_ok(&what, err) && filling_confirm(&r->f, what.data, err);
    buf_release(&what);
    return ok;
}

static bool open_journal(struct restoring *r, struct error *err)
{
    const struct session *s = r->f.s;
    struct digest work = resume_work("restore", filling_target(s), r->f.ns.account, r->f.ns.id,
                                     &r->file.totals.digest, r->file.prefix);
    return filling_begin(&r->f, &work, "restoring", r->file.from->wanted, err);
}

/* What is damaged, or no backup, is an input that is wrong. */
static bool verify(struct restoring *r, struct error *err)
{
    struct session *s = r->f.s;
    const struct options *o = s->options;
    if (!restore_verify(o->args.items[0], bytes_of(o->prefix), s->now, &s->arena, &r->file, err)) {
        err->code = err->code == ERR_FORMAT ? ERR_INVALID : err->code;
        return false;
    }
    if (r->file.cut_off)
        output_note(s->output,
                    "what was begun last in the backup was not finished, and is left out");
    return true;
}

static bool prepare(struct restoring *r, struct error *err)
{
    struct session *s = r->f.s;
    return session_open_store(s, false, err) && verify(r, err) && choose(r, err) &&
           check_whole(r, err) && find_namespace(r, err) && check_prune(r, err) &&
           confirm(r, err) && open_journal(r, err);
}

/* ---- Doing it -------------------------------------------------------------------------------- */

static bool prune(struct restoring *r, struct error *err)
{
    return !r->stays || r->f.counts.failed > 0 || filling_prune(&r->f, err);
}

/* What an earlier run wrote was saved by it. */
static bool save(struct restoring *r, struct error *err)
{
    struct restore_keys *keys = restore_keys_open(&r->file, true, r->f.resume, err);
    if (!keys)
        return false;
    struct kv_stream stream = restore_keys_stream(keys);
    bool ok = filling_save(&r->f, r->file.prefix, r->file.from->ordered ? &stream : NULL,
                           restore_keys_pull, keys, err);
    restore_keys_close(keys);
    return ok;
}

static bool restore(struct restoring *r, struct error *err)
{
    struct restore_options o = {.put = filling_put(&r->f),
                                .if_missing = r->f.cli->options.if_missing,
                                .on_expired = filling_expired,
                                .on_expired_ctx = &r->f};
    struct restore_report report = {0};
    o.put.resume = r->f.resume;
    r->f.counts.total = r->file.from->wanted;
    bool ok = save(r, err) && restore_write(&r->file, &o, &report, err);
    r->f.expired = report.expired;
    r->f.present = report.present;
    return ok && prune(r, err);
}

bool cmd_restore(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct restoring r = {0};
    (void)code;
    filling_init(&r.f, cli, &cli->session);
    bool ok = prepare(&r, err);
    if (ok)
        ok = filling_end(&r.f, restore(&r, err), "restored", NULL, err);
    restore_keys_close(r.stays);
    filling_release(&r.f);
    return ok;
}
