/* restore: a backup into a namespace. */
#include "command.h"

#include <inttypes.h>

#include "base/text.h"
#include "report.h"
#include "which.h"

/* Of which namespace of the file: as --from-namespace says, else that of the target. */
static bool choose(const struct options *o, struct restore_file *file, struct error *err)
{
    const char *word = o->from_namespace    ? o->from_namespace
                       : o->namespace_title ? o->namespace_title
                                            : o->namespace_id;
    return (file->from && !o->from_namespace) || restore_choose(file, bytes_of(word), err);
}

/* What is damaged, or no backup, is an input that is wrong. */
static bool verify(struct session *s, struct restore_file *file, struct error *err)
{
    const struct options *o = s->options;
    if (!restore_verify(o->args.items[0], bytes_of(o->prefix), s->now, &s->arena, file, err)) {
        err->code = err->code == ERR_FORMAT ? ERR_INVALID : err->code;
        return false;
    }
    file->store = s->target.store;
    if (file->cut_off)
        output_note(s->output,
                    "what was begun last in the backup was not finished, and is left out");
    return true;
}

/* What is not in a backup of some keys is no reason to delete anything. */
static bool check_whole(const struct options *o, const struct restore_file *file, struct error *err)
{
    if (!file->from->ordered && (o->prune || o->if_missing)) {
        error_set(err, ERR_USAGE, "%s needs a backup whose keys are in order",
                  o->prune ? "--prune" : "--if-missing");
        return error_hint(err, o->prune
                                   ? "backups of cfkv backup are; this one was written by a guard"
                                   : "'cfkv kv bulk put FILE --if-missing' takes any");
    }
    if (!o->prune || !file->from->partial)
        return true;
    error_set(err, ERR_USAGE, "--prune needs a backup of all keys, and this one is of some");
    return error_hint(err, "it was written by a guard: restore it without --prune");
}

/* By the options, else the title that the backup was made of, in its account where there are
 * several. */
static bool find_namespace(struct session *s, const struct restore_file *file,
                           struct kv_namespace *ns, bool *created, struct error *err)
{
    const struct options *o = s->options;
    const struct backup_info *info = &file->from->info;
    struct bytes title = info->title;
    bool named = o->namespace_id || o->namespace_title;
    struct kv_kind kind = {info->jurisdiction, info->mode};
    if (title.len > 0 && !s->target.local && s->target.words.several && info->account_id.len > 0)
        title = account_join(&s->arena, info->account_id, title);
    if (named || title.len > 0)
        return which_or_create(s, named ? NULL : title.data, &kind, ns, created, err);
    error_set(err, ERR_USAGE, "the backup does not say the title of its namespace");
    return error_hint(err, "add --namespace TITLE or --namespace-id ID");
}

static bool restore(struct report *r, const struct restore_file *file, bool created,
                    struct error *err)
{
    struct buf what = {0};
    uint64_t n = file->from->wanted;
    buf_addf(&what, "Write %" PRIu64 " key%s", n, text_plural(n));
    r->question.fill = what.data;
    struct kv_fill fill = report_fill(r, created);
    bool ok = kv_restore(&fill, file, err);
    buf_release(&what);
    return report_end_fill(r, &fill, ok, err);
}

bool cmd_restore(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct restore_file file = {0};
    struct report r;
    bool created;
    (void)code;
    report_init(&r, cli, REPORT_RESTORE);
    bool ok = session_open_store(s, false, err) && verify(s, &file, err) && choose(o, &file, err) &&
              check_whole(o, &file, err) && find_namespace(s, &file, &r.ns, &created, err) &&
              restore(&r, &file, created, err);
    report_release(&r);
    return ok;
}
