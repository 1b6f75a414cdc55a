/* restore: a backup into a namespace. */
#include <inttypes.h>

#include "filling.h"

#include "base/text.h"
#include "kv/restore.h"

struct restoring {
    struct filling f;
    struct restore_file file;
};

/* ---- Before ---------------------------------------------------------------------------------- */

/* By the options, else the title that the backup was made of. */
static bool find_namespace(struct restoring *r, struct error *err)
{
    const struct options *o = &r->f.cli->options;
    const struct backup_info *info = &r->file.info;
    if (o->namespace_id || o->namespace_title)
        return filling_find(&r->f, NULL, r->file.prefix, err);
    if (info->title.len > 0)
        return filling_find(&r->f, info->title.data, r->file.prefix, err);
    error_set(err, ERR_USAGE, "the backup does not say the title of its namespace");
    return error_hint(err, "add --namespace TITLE or --namespace-id ID");
}

static bool check_order(const struct restoring *r, struct error *err)
{
    const struct options *o = &r->f.cli->options;
    if (r->file.ordered || (!o->prune && !o->if_missing))
        return true;
    error_set(err, ERR_USAGE, "%s needs a backup whose keys are in order",
              o->prune ? "--prune" : "--if-missing");
    return error_hint(err, o->prune ? "backups of cfkv backup are; this one was written by a guard"
                                    : "'cfkv kv bulk put FILE --if-missing' takes any");
}

static bool check_prune(struct restoring *r, struct error *err)
{
    if (!r->f.cli->options.prune)
        return true;
    struct restore_stays *stays = restore_stays_open(&r->file, err);
    bool ok = stays && filling_prune_check(&r->f, r->file.prefix, restore_stays_next, stays, err);
    restore_stays_close(stays);
    return ok;
}

static bool confirm(struct restoring *r, struct error *err)
{
    struct buf what = {0};
    buf_addf(&what, "Write %" PRIu64 " keys", r->file.wanted);
    bool ok = buf_ok(&what, err) && filling_confirm(&r->f, what.data, err);
    buf_release(&what);
    return ok;
}

static bool open_journal(struct restoring *r, struct error *err)
{
    const struct session *s = r->f.s;
    struct digest work = resume_work("restore", filling_target(s), r->f.ns.account, r->f.ns.id,
                                     &r->file.totals.digest, r->file.prefix);
    return filling_begin(&r->f, &work, "restoring", r->file.wanted, err);
}

static bool prepare(struct restoring *r, struct error *err)
{
    struct session *s = r->f.s;
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
    if (!r->f.cli->options.prune || r->f.counts.failed > 0)
        return true;
    struct restore_stays *stays = restore_stays_open(&r->file, err);
    bool ok = stays && filling_prune(&r->f, stays, err);
    restore_stays_close(stays);
    return ok;
}

static bool restore(struct restoring *r, struct error *err)
{
    struct restore_options o = {.put = filling_put(&r->f),
                                .if_missing = r->f.cli->options.if_missing};
    struct restore_report report;
    o.put.resume = r->f.resume;
    r->f.counts.total = r->file.wanted;
    bool ok = restore_keys(&r->file, &o, &report, err);
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
    filling_release(&r.f);
    return ok;
}
