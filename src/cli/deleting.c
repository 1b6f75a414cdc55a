#include "deleting.h"

#include "base/text.h"
#include "show.h"

/* Why is told once, at the end. */
static bool note_failed(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    struct deleting *d = ctx;
    char name[KV_QUOTED_SIZE];
    struct json_writer w = json_writer_to(&d->failed, 0);
    struct error failure;
    buf_add_char(&d->failed, d->failed.len > 0 ? ',' : '[');
    json_string(&w, key);
    error_set(&failure, cause->code, "key %s was not deleted", text_quoted(key, name, sizeof name));
    output_error(&d->cli->output, &failure);
    return buf_ok(&d->failed, err);
}

void deleting_init(struct deleting *d, struct cli *cli)
{
    *d = (struct deleting){.cli = cli, .question = {.s = &cli->session, .which = ""}};
    d->question.ns = d->del.ns = &d->ns;
    d->del.reason = "delete";
    d->del.how = "deleted";
    d->del.confirm = loss_confirm;
    d->del.confirm_ctx = &d->question;
    d->del.on_failed = note_failed;
    d->del.on_failed_ctx = d;
    d->del.counts = &d->counts;
}

void deleting_release(struct deleting *d)
{
    buf_release(&d->failed);
}

static void tell(const struct deleting *d)
{
    char name[KV_QUOTED_SIZE];
    const struct output *o = &d->cli->output;
    uint64_t n = d->counts.keys;
    show_result(&d->cli->session, "%llu key%s deleted from namespace %s", (unsigned long long)n,
                text_plural(n), kv_quoted(&d->ns, name));
    if (d->saved.path)
        output_note(o, "what was deleted is kept in '%s'", d->saved.path);
}

static void print_json(const struct deleting *d, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "backup");
    json_str(&w, d->saved.path);
    json_key(&w, "backup_requests");
    json_int(&w, (int64_t)d->saved.requests);
    json_key(&w, "deleted");
    json_int(&w, (int64_t)d->counts.keys);
    json_key(&w, "failed");
    json_raw(&w, d->failed.len > 0 ? buf_bytes(&d->failed) : bytes_of("[]"));
    json_end_object(&w);
    buf_add_char(out, '\n');
}

static bool conclude(const struct deleting *d, bool ok, enum exit_code *code, struct error *err)
{
    uint64_t n = d->counts.failed, done = d->counts.keys;
    if (ok && n > 0) {
        error_set(err, done > 0 ? ERR_PARTIAL : ERR_FAILED, "the service did not take %llu of %llu",
                  (unsigned long long)n, (unsigned long long)(n + done));
        error_hint(err, "run it again");
        ok = false;
    }
    if (!ok && done == 0)
        return false;
    if (!ok) {
        output_error(&d->cli->output, err);
        *code = err->code == ERR_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_PARTIAL;
    }
    tell(d);
    if (d->cli->options.json)
        print_json(d, &d->cli->output.out);
    return true;
}

bool deleting_run(struct deleting *d, enum exit_code *code, struct error *err)
{
    bool ok = kv_delete_keys(&d->cli->session.kv, &d->del, &d->saved, err);
    if (d->failed.len > 0)
        buf_add_char(&d->failed, ']');
    return conclude(d, ok, code, err);
}
