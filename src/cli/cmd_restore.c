/* restore: a backup into a namespace. */
#include <inttypes.h>

#include "moving.h"

#include "base/text.h"
#include "transfer/restore.h"

struct restoring {
    struct moving m;
    struct restore_file file;
};

/* ---- Before ---------------------------------------------------------------------------------- */

/* By the options, else the title that the backup was made of. */
static bool find_namespace(struct restoring *r, struct error *err)
{
    const struct options *o = &r->m.cli->options;
    const struct backup_info *info = &r->file.info;
    if (o->namespace_id || o->namespace_title)
        return moving_begin(&r->m, NULL, r->file.prefix, err);
    if (info->title.len > 0)
        return moving_begin(&r->m, info->title.data, r->file.prefix, err);
    error_set(err, ERR_USAGE, "the backup does not say the title of its namespace");
    return error_hint(err, "add --namespace TITLE or --namespace-id ID");
}

static bool check_order(const struct restoring *r, struct error *err)
{
    const struct options *o = &r->m.cli->options;
    if (r->file.ordered || (!o->prune && !o->if_missing))
        return true;
    error_set(err, ERR_USAGE, "%s needs a backup whose keys are in order",
              o->prune ? "--prune" : "--if-missing");
    return error_hint(err, o->prune ? "backups of cfkv backup are; this one was written by a guard"
                                    : "'cfkv kv bulk put FILE --if-missing' takes any");
}

static bool check_prune(struct restoring *r, struct error *err)
{
    if (!r->m.cli->options.prune)
        return true;
    struct restore_stays *stays = restore_stays_open(&r->file, err);
    bool ok = stays && moving_prune_check(&r->m, r->file.prefix, restore_stays_next, stays, err);
    restore_stays_close(stays);
    return ok;
}

static bool confirm(struct restoring *r, struct error *err)
{
    struct buf what = {0};
    buf_addf(&what, "Write %" PRIu64 " keys", r->file.wanted);
    bool ok = buf_ok(&what, err) && moving_confirm(&r->m, what.data, err);
    buf_release(&what);
    return ok;
}

static bool open_journal(struct restoring *r, struct error *err)
{
    const struct session *s = r->m.s;
    struct digest work = resume_work("restore", bytes_of(s->target.name), r->m.ns.account,
                                     r->m.ns.id, &r->file.totals.digest, r->file.prefix);
    return moving_resume(&r->m, &work, "restore", BACKUP_RESUME_SECONDS, err);
}

static bool prepare(struct restoring *r, struct error *err)
{
    struct session *s = r->m.s;
    const struct options *o = s->options;
    return session_open_store(s, false, err) &&
           restore_verify(o->args.items[0], bytes_of(o->prefix), s->now, &s->arena, &r->file,
                          err) &&
           check_order(r, err) && find_namespace(r, err) && check_prune(r, err) &&
           confirm(r, err) && open_journal(r, err);
}

/* ---- Doing it -------------------------------------------------------------------------------- */

static bool prune(struct restoring *r, struct error *err)
{
    if (!r->m.cli->options.prune || r->m.counts.failed > 0)
        return true;
    struct restore_stays *stays = restore_stays_open(&r->file, err);
    bool ok = stays && moving_prune(&r->m, stays, err);
    restore_stays_close(stays);
    return ok;
}

static bool restore(struct restoring *r, struct error *err)
{
    struct restore_options o = {.put = moving_put(&r->m),
                                .if_missing = r->m.cli->options.if_missing};
    struct restore_report report;
    o.put.resume = r->m.resume;
    r->m.counts.total = r->file.wanted;
    bool ok = restore_keys(&r->file, &o, &report, err);
    r->m.expired = report.expired;
    r->m.present = report.present;
    return ok && prune(r, err);
}

static bool run(struct restoring *r, enum exit_code *code, struct error *err)
{
    struct error cause = {0};
    if (!prepare(r, err))
        return false;
    bool ok = restore(r, &cause);
    if (!moving_end(&r->m, ok, &cause, code, err))
        return false;
    moving_report(&r->m, NULL);
    return true;
}

bool cmd_restore(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct restoring r = {0};
    moving_init(&r.m, cli, &cli->session, "restored");
    bool ok = run(&r, code, err);
    moving_release(&r.m);
    return ok;
}
