/* kv key delete, kv bulk delete, kv namespace clear and delete: what goes, by four doors. */
#include "command.h"

#include "base/text.h"
#include "key_list.h"
#include "model/validate.h"
#include "report.h"
#include "show.h"
#include "which.h"

/* ---- Keys ------------------------------------------------------------------------------------ */

/* Asks, saves, deletes and tells. */
static bool delete_keys(struct report *r, const struct kv_doomed *doomed, const char *reason,
                        struct error *err)
{
    struct kv_delete what = {.ns = &r->ns,
                             .doomed = *doomed,
                             .reason = reason,
                             .how = "deleted",
                             .confirm = report_confirm,
                             .confirm_ctx = r,
                             .on_failed = report_failed,
                             .on_failed_ctx = r,
                             .progress = progress_keys,
                             .progress_ctx = &r->progress,
                             .counts = &r->counts};
    bool ok = kv_delete_keys(&r->s->kv, &what, &r->saved, err);
    return report_end(r, ok, err);
}

/* ---- kv key delete --------------------------------------------------------------------------- */

/* The words of the command line, one after the other. */
struct key_words {
    const struct text_list *list;
    size_t next;
};

static enum pull pull_word(void *ctx, struct bytes *key, struct error *err)
{
    struct key_words *w = ctx;
    (void)err;
    if (w->next == w->list->n)
        return PULL_END;
    *key = bytes_of(w->list->items[w->next++]);
    return PULL_PAIR;
}

static bool rewind_words(void *ctx, struct error *err)
{
    struct key_words *w = ctx;
    (void)err;
    w->next = 0;
    return true;
}

static bool check_words(const struct cli *cli, struct error *err)
{
    const struct options *o = &cli->options;
    if (o->prefix && o->args.n > 0)
        return error_set(err, ERR_USAGE, "keys and --prefix exclude each other");
    if (!o->prefix && o->args.n == 0) {
        error_set(err, ERR_USAGE, "'kv key delete' needs KEY or --prefix TEXT");
        return error_hint(err, "usage: cfkv kv key delete KEY... [options], or --prefix TEXT");
    }
    for (size_t i = 0; i < o->args.n; i++)
        if (!seed_name_judge(bytes_of(o->args.items[i]), "", err))
            return false;
    return true;
}

bool cmd_kv_key_delete(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct key_words words = {.list = &o->args};
    struct kv_doomed doomed = {
        .pull = pull_word, .named = o->args.n, .rewind = rewind_words, .ctx = &words};
    struct report r;
    struct buf which = {0};
    (void)code;
    report_init(&r, cli, REPORT_DELETE);
    if (o->prefix) {
        doomed = (struct kv_doomed){.prefix = bytes_of(o->prefix)};
        buf_add_str(&which, " beginning with ");
        text_quote(&which, doomed.prefix, KV_QUOTED_SIZE);
        r.question = (struct question){.always = true, .which = which.data};
    }
    bool ok = check_words(cli, err) && session_open_store(s, true, err) &&
              which_by_options(s, false, &r.ns, err) &&
              delete_keys(&r, &doomed, o->prefix ? "prune" : "delete", err);
    report_release(&r);
    buf_release(&which);
    return ok;
}

/* ---- kv bulk delete -------------------------------------------------------------------------- */

static bool rewind_keys(void *ctx, struct error *err)
{
    return keys_start(ctx, err);
}

bool cmd_kv_bulk_delete(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct keys *keys = NULL;
    struct kv_doomed doomed = {.pull = key_list_pull, .rewind = rewind_keys};
    struct report r;
    (void)code;
    report_init(&r, cli, REPORT_DELETE);
    r.question.always = true;
    bool ok = which_check_options(s, err) && session_open_store(s, false, err) &&
              (keys = key_list_open(cli, &doomed.named, err)) &&
              which_by_options(s, false, &r.ns, err);
    doomed.ctx = keys;
    ok = ok && delete_keys(&r, &doomed, "delete", err);
    keys_close(keys);
    report_release(&r);
    return ok;
}

/* ---- kv namespace clear ---------------------------------------------------------------------- */

bool cmd_kv_namespace_clear(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct kv_doomed all = {0};
    struct report r;
    (void)code;
    report_init(&r, cli, REPORT_DELETE);
    r.question.always = true;
    bool ok = session_open_store(s, true, err) &&
              which_by_either(s, cli_argument(cli), true, &r.ns, err) &&
              delete_keys(&r, &all, "delete", err);
    report_release(&r);
    return ok;
}

/* ---- kv namespace delete --------------------------------------------------------------------- */

static void tell(struct cli *cli, const struct kv_namespace *ns, const struct kv_loss *loss,
                 const struct kv_section *saved)
{
    char name[KV_QUOTED_SIZE], address[KV_QUOTED_SIZE];
    kv_quoted(ns, name);
    if (saved->path)
        show_result(&cli->session, "namespace %s is deleted; its %llu key%s kept in '%s'", name,
                    (unsigned long long)saved->keys, saved->keys == 1 ? " is" : "s are",
                    saved->path);
    else
        show_result(&cli->session, "namespace %s is deleted; %s", name,
                    loss->keys > 0 ? "its keys are gone" : "it was empty");
    if (ns->entry)
        output_note(&cli->output,
                    "it is recorded as %s: the next apply creates it anew while it is declared; "
                    "'cfkv state rm%s' forgets it",
                    text_quoted(ns->entry->address, address, sizeof address),
                    cli->options.local ? " --local" : "");
}

static void print_json(struct cli *cli, const struct kv_namespace *ns,
                       const struct kv_section *saved)
{
    struct buf *out = &cli->output.out;
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    show_accounts_member(&cli->session, ns, &w);
    json_field_str(&w, "backup", saved->path);
    json_field_count(&w, "backup_requests", saved->requests);
    json_field_int(&w, "format_version", 1);
    json_field_string(&w, "id", ns->id);
    json_field_count(&w, "keys", saved->keys);
    show_target_member(&cli->session, &w);
    json_field_string(&w, "title", ns->title);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

/* What was asked about. */
struct asked {
    struct session *s;
    struct kv_namespace ns;
    struct kv_loss loss;
};

static bool confirm(void *ctx, const struct kv_loss *loss, struct error *err)
{
    static const struct question question = {.always = true};
    struct asked *asked = ctx;
    asked->loss = *loss;
    return question_ask(&question, asked->s, &asked->ns, loss, err);
}

bool cmd_kv_namespace_delete(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct kv_section saved;
    struct asked asked = {.s = s};
    (void)code;
    if (!session_open_store(s, true, err) ||
        !which_by_either(s, cli_argument(cli), true, &asked.ns, err) ||
        !kv_delete_namespace(&s->kv, &asked.ns, NULL, confirm, &asked, &saved, err))
        return false;
    tell(cli, &asked.ns, &asked.loss, &saved);
    if (cli->options.json)
        print_json(cli, &asked.ns, &saved);
    return true;
}
