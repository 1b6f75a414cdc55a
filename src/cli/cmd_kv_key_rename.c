/* kv key rename: one key, or all under a prefix. */
#include "command.h"

#include "base/text.h"
#include "kv/rename.h"
#include "report.h"
#include "which.h"

static bool confirm(void *ctx, const struct kv_fill_loss *loss, struct error *err)
{
    struct report *r = ctx;
    if (!question_ask_rename(&r->question, r->s, &r->ns, loss, err))
        return false;
    report_begin(r, loss->wanted);
    return true;
}

static bool check_words(const struct options *o, struct error *err)
{
    if (o->args.n == (o->prefix ? 1 : 2))
        return true;
    error_set(err, ERR_USAGE,
              o->prefix ? "with --prefix there is one argument, the prefix that takes its place"
                        : "'kv key rename' needs OLD and NEW");
    return error_hint(err, "usage: cfkv kv key rename OLD NEW [options], or --prefix OLD NEW");
}

static struct kv_rename rename_of(struct report *r, const struct options *o)
{
    const char *const *words = o->args.items;
    return (struct kv_rename){.ns = &r->ns,
                              .from = bytes_of(o->prefix ? o->prefix : words[0]),
                              .to = bytes_of(o->prefix ? words[0] : words[1]),
                              .single = !o->prefix,
                              .preview = session_asks(r->s),
                              .confirm = confirm,
                              .confirm_ctx = r,
                              .on_failed = report_failed,
                              .on_expired = report_left_out,
                              .told_ctx = r,
                              .progress = progress_keys,
                              .progress_ctx = &r->progress,
                              .written = &r->counts,
                              .deleted = &r->pruned};
}

/* What is there already is told: it may be what is meant, or not. */
static void tell_settled(const struct report *r, const struct kv_rename *rename)
{
    struct buf count = {0};
    char name[KV_QUOTED_SIZE];
    progress_named(rename->settled, "key", &count);
    if (rename->settled > 0)
        output_note(r->s->output, "%s under %s %s as before", count.data,
                    text_quoted(rename->to, name, sizeof name),
                    rename->settled == 1 ? "stays" : "stay");
    buf_release(&count);
}

bool cmd_kv_key_rename(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct buf which = {0}, to = {0};
    struct report r;
    (void)code;
    report_init(&r, cli, REPORT_RENAME);
    bool ok = check_words(o, err) && session_open_store(s, false, err) &&
              which_by_options(s, false, &r.ns, err);
    if (ok) {
        struct kv_rename rename = rename_of(&r, o);
        buf_add_str(&which, o->prefix ? " beginning with " : " ");
        text_quote(&which, rename.from, KV_QUOTED_SIZE);
        buf_add_str(&to, "to ");
        text_quote(&to, rename.to, KV_QUOTED_SIZE);
        r.question =
            (struct question){.always = o->prefix != NULL, .which = which.data, .fill = to.data};
        ok = kv_rename_keys(&s->kv, &rename, err);
        r.saved = rename.saved;
        r.pruned_saved = rename.deleted_saved;
        if (ok)
            tell_settled(&r, &rename);
        ok = report_end(&r, ok, err);
    }
    report_release(&r);
    buf_release(&which);
    buf_release(&to);
    return ok;
}
