/* kv namespace delete, and clear: all of its keys out, and it stays. */
#include "command.h"

#include "base/text.h"
#include "deleting.h"
#include "show.h"
#include "which.h"

static const char *word_of(const struct cli *cli)
{
    return cli->options.args.n > 0 ? cli->options.args.items[0] : NULL;
}

/* ---- clear ----------------------------------------------------------------------------------- */

bool cmd_kv_namespace_clear(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct deleting d;
    deleting_init(&d, cli);
    d.question.always = true;
    bool ok = session_open_store(s, true, err) &&
              which_by_either(s, word_of(cli), true, &d.ns, err) && deleting_run(&d, code, err);
    deleting_release(&d);
    return ok;
}

/* ---- delete ---------------------------------------------------------------------------------- */

static void tell(struct cli *cli, const struct kv_namespace *ns, const struct kv_loss *loss,
                 const struct kv_section *saved)
{
    char name[KV_QUOTED_SIZE], address[KV_QUOTED_SIZE];
    const struct output *o = &cli->output;
    kv_quoted(ns, name);
    if (saved->path)
        show_result(&cli->session, "namespace %s is deleted; its %llu key%s kept in '%s'", name,
                    (unsigned long long)saved->keys, saved->keys == 1 ? " is" : "s are",
                    saved->path);
    else
        show_result(&cli->session, "namespace %s is deleted; %s", name,
                    loss->keys > 0 ? "its keys are gone" : "it was empty");
    if (ns->entry)
        output_note(o,
                    "it is recorded as %s: the next apply creates it anew while it is declared; "
                    "'cfkv state rm' forgets it",
                    text_quoted(ns->entry->address, address, sizeof address));
}

static void print_json(const struct kv_namespace *ns, const struct kv_section *saved,
                       struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "backup");
    json_str(&w, saved->path);
    json_key(&w, "backup_requests");
    json_int(&w, (int64_t)saved->requests);
    json_key(&w, "id");
    json_string(&w, ns->id);
    json_key(&w, "keys");
    json_int(&w, (int64_t)saved->keys);
    json_key(&w, "title");
    json_string(&w, ns->title);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

/* Asks, and keeps what it was asked about. */
struct question {
    struct loss_question base;
    struct kv_loss loss;
};

static bool confirm(void *ctx, const struct kv_loss *loss, struct error *err)
{
    struct question *q = ctx;
    q->loss = *loss;
    return loss_confirm(&q->base, loss, err);
}

bool cmd_kv_namespace_delete(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct kv_namespace ns;
    struct kv_section saved;
    struct question q = {.base = {.s = s, .ns = &ns, .which = "", .always = true}};
    (void)code;
    if (!session_open_store(s, true, err) || !which_by_either(s, word_of(cli), true, &ns, err) ||
        !kv_delete_namespace(&s->kv, &ns, NULL, confirm, &q, &saved, err))
        return false;
    tell(cli, &ns, &q.loss, &saved);
    if (cli->options.json)
        print_json(&ns, &saved, &cli->output.out);
    return true;
}
