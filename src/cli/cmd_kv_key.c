/* kv key get, list. */
#include "command.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "which.h"
#include "kv/read.h"
#include "kv/run.h"
#include "model/validate.h"
#include "store/queue.h"

/* ---- get ------------------------------------------------------------------------------------- */

struct get {
    bool json;
    bool found;
    struct buf content; /* what is printed */
};

static bool got(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct get *get = ctx;
    (void)err;
    get->found = true;
    if (get->json) {
        kv_write_pair(pair, &get->content);
        buf_add_char(&get->content, '\n');
    } else {
        buf_add_bytes(&get->content, pair->value);
    }
    return true;
}

static bool ask(struct session *s, const struct kv_namespace *ns, struct bytes key, struct get *get,
                struct error *err)
{
    char name[KV_QUOTED_SIZE], where[KV_QUOTED_SIZE];
    struct store_op op = {.kind = STORE_BULK_GET,
                          .account = ns->account,
                          .id = ns->id,
                          .keys = &key,
                          .n = 1,
                          .values_only = !get->json,
                          .singly = !get->json,
                          .on_pair = got,
                          .on_pair_ctx = get};
    if (!kv_run(s->kv.store, &op, NULL, NULL, err))
        return false;
    if (get->found)
        return true;
    error_set(err, ERR_NOT_FOUND, "there is no key %s in namespace %s",
              text_quoted(key, name, sizeof name), kv_quoted(ns, where));
    return error_hint(err,
                      "'cfkv kv key list%s' lists those there are, with --prefix a part of them",
                      s->target.local ? " --local" : "");
}

/* To the file that was named. A value is data; but a terminal that nobody named gets text, as text
 * for people, and no bytes. */
static bool deliver(struct cli *cli, struct bytes value, struct error *err)
{
    const char *path = cli->options.output;
    struct output *o = &cli->output;
    if (path && strcmp(path, "-") != 0)
        return file_replace(path, value, 0666, err);
    bool raw = path || !isatty(STDOUT_FILENO) || cli->options.json;
    if (!raw && (!utf8_valid(value) || memchr(value.data, '\0', value.len))) {
        error_set(err, ERR_FAILED,
                  "the value is no text: %zu byte%s, which may confuse the terminal", value.len,
                  text_plural(value.len));
        return error_hint(err, "'-o FILE' saves it, '-o -' prints it all the same");
    }
    o->data = raw;
    buf_add_bytes(&o->out, value);
    return output_flush(o, err);
}

bool cmd_kv_key_get(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct bytes key = bytes_of(cli->options.args.items[0]);
    struct get get = {.json = cli->options.json};
    struct kv_namespace ns;
    (void)code;
    bool ok = seed_name_judge(key, "", err) && session_open_store(s, false, err) &&
              which_by_options(s, false, &ns, err) && ask(s, &ns, key, &get, err) &&
              deliver(cli, buf_bytes(&get.content), err);
    buf_release(&get.content);
    return ok;
}

/* ---- list ------------------------------------------------------------------------------------ */

struct listing {
    struct cli *cli;
    const struct kv_namespace *ns;
    uint64_t n; /* keys printed so far */
    struct buf cursor;
};

/* As wrangler prints one, but on one line. */
static void add_key_json(const struct store_key *key, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 0);
    json_begin_object(&w);
    json_field_string(&w, "name", key->key);
    if (key->expiration > 0)
        json_field_int(&w, "expiration", key->expiration);
    if (key->metadata.data) {
        json_key(&w, "metadata");
        json_raw(&w, key->metadata);
    }
    json_end_object(&w);
}

static void add_key(struct listing *l, const struct store_key *key)
{
    struct buf *out = &l->cli->output.out;
    if (l->cli->options.json) {
        buf_add_str(out, l->n > 0 ? ",\n" : "\n");
        add_key_json(key, out);
    } else {
        json_show_name(out, key->key);
        buf_add_char(out, '\n');
    }
    l->n++;
}

static void push_page(struct listing *l, struct queue *q);

/* Each page is written before the next one is asked for. */
static bool page_listed(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct listing *l = ctx;
    uint64_t limit = l->cli->options.limit;
    if (!result->ok) {
        *err = result->error;
        return false;
    }
    if (l->cli->options.json && op->cursor.len == 0)
        buf_add_char(&l->cli->output.out, '[');
    for (size_t i = 0; i < result->n_keys && (limit == 0 || l->n < limit); i++)
        add_key(l, &result->keys[i]);
    buf_clear(&l->cursor);
    buf_add_bytes(&l->cursor, result->cursor);
    if (!output_flush(&l->cli->output, err))
        return false;
    bool enough = limit > 0 && l->n == limit; /* a page may be empty and not last */
    if (l->cursor.len > 0 && !enough)
        push_page(l, q);
    return true;
}

static void push_page(struct listing *l, struct queue *q)
{
    struct store_op op = {.kind = STORE_KEY_LIST,
                          .account = l->ns->account,
                          .id = l->ns->id,
                          .prefix = bytes_of(l->cli->options.prefix),
                          .cursor = buf_bytes(&l->cursor)};
    queue_push(q, &op, page_listed, l);
}

bool cmd_kv_key_list(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct kv_namespace ns;
    struct listing l = {.cli = cli, .ns = &ns};
    struct queue q = {0};
    (void)code;
    if (!session_open_store(&cli->session, false, err) ||
        !which_by_options(&cli->session, false, &ns, err))
        return false;
    push_page(&l, &q);
    bool ok = queue_run(&q, cli->session.target.store, err);
    queue_release(&q);
    buf_release(&l.cursor);
    if (ok && cli->options.json)
        buf_add_str(&cli->output.out, l.n > 0 ? "\n]\n" : "]\n");
    return ok;
}
