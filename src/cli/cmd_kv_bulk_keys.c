/* kv bulk delete and kv bulk get: many keys, named in a file. */
#include "bulk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "loss.h"
#include "seed/keys.h"
#include "sink.h"
#include "kv/read.h"

#define NAME_SHOWN 160

/* Opens the list and judges all of it. */
static bool check_keys(struct cli *cli, struct keys **keys, uint64_t *n, struct error *err)
{
    struct session *s = &cli->session;
    *keys = keys_open(cli->options.args.items[0], err);
    return *keys &&
           keys_check(*keys, cli->options.keep_going ? 0 : BULK_PROBLEMS_MAX, &s->model.diags, n,
                      err) &&
           bulk_judge(cli, keys_path(*keys), err);
}

static enum pull pull_key(void *ctx, struct bytes *key, struct error *err)
{
    bool end;
    if (!keys_next(ctx, key, &end, err))
        return PULL_FAILED;
    return end ? PULL_END : PULL_PAIR;
}

/* ---- kv bulk delete -------------------------------------------------------------------------- */

static bool rewind_keys(void *ctx, struct error *err)
{
    return keys_start(ctx, err);
}

/* The progress begins where the answer was given. */
struct asking {
    struct loss_question base;
    struct bulk *bulk;
};

static bool confirm(void *ctx, const struct kv_loss *loss, struct error *err)
{
    struct asking *asking = ctx;
    if (!loss_confirm(&asking->base, loss, err))
        return false;
    bulk_begin(asking->bulk, "deleting", loss->keys);
    return true;
}

static bool delete_all(struct bulk *b, struct keys *keys, uint64_t n, struct error *err)
{
    struct session *s = &b->cli->session;
    struct asking asking = {.base = {.s = s, .ns = &b->ns, .which = "", .always = n > 0},
                            .bulk = b};
    struct kv_delete d = {
        .ns = &b->ns,
        .doomed = {.pull = pull_key, .named = n, .rewind = rewind_keys, .ctx = keys},
        .reason = "delete",
        .how = "deleted",
        .on_failed = failures_add,
        .on_failed_ctx = &b->failures,
        .progress = moving_step,
        .progress_ctx = &b->moving,
        .counts = &b->counts};
    struct kv_loss loss;
    if (!kv_delete_judge(&s->kv, &d, &loss, err) || (n > 0 && !confirm(&asking, &loss, err)))
        return false;
    if (n == 0)
        bulk_begin(b, "deleting", 0);
    bool ok = n == 0 || kv_delete_go(&s->kv, &d, &b->saved, err);
    return bulk_end(b, ok, "deleted", err);
}

bool cmd_kv_bulk_delete(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct keys *keys = NULL;
    struct bulk b;
    uint64_t n;
    (void)code;
    bulk_init(&b, cli, "delete", "deleted");
    b.saving = true;
    bool ok = which_check_options(s, err) && session_open_store(s, false, err) &&
              check_keys(cli, &keys, &n, err) && which_by_options(s, false, &b.ns, err) &&
              delete_all(&b, keys, n, err);
    keys_close(keys);
    bulk_release(&b);
    return ok;
}

/* ---- kv bulk get ----------------------------------------------------------------------------- */

struct bulk_get {
    struct cli *cli;
    struct kv_namespace ns;
    struct keys *keys;
    struct sink sink;
    bool lines;      /* JSON Lines */
    uint64_t n;      /* of keys */
    uint64_t given;  /* of pairs, */
    uint64_t absent; /* and of keys that are not there */
    struct moving moving;
    struct kv_counts counts;
};

static bool give(struct bulk_get *g, const struct store_pair *pair, struct error *err)
{
    struct buf *out = g->sink.out;
    if (!g->lines)
        buf_add_str(out, g->given > 0 ? ",\n" : "\n");
    kv_write_pair(pair, out);
    if (g->lines)
        buf_add_char(out, '\n');
    g->given++;
    return sink_ready(&g->sink, err);
}

static void tell_absent(struct bulk_get *g, struct bytes key)
{
    char name[NAME_SHOWN];
    g->absent++;
    moving_end(&g->moving);
    if (g->absent <= FAILURES_SHOWN || g->cli->options.verbose)
        fprintf(stderr, "cfkv: key %s is not there\n", text_quoted(key, name, sizeof name));
}

static bool read_pairs(struct bulk_get *g, struct reader *r, struct error *err)
{
    struct store_pair pair;
    bool end = false;
    while (reader_next(r, &pair, &end, err)) {
        if (end)
            return true;
        if (!pair.value.data)
            tell_absent(g, pair.key);
        else if (!give(g, &pair, err))
            return false;
        g->counts.keys++;
        g->counts.bytes += pair.key.len + pair.value.len;
        g->counts.requests = reader_requests(r);
        moving_step(&g->moving, &g->counts);
    }
    return false;
}

static bool read_all(struct bulk_get *g, struct error *err)
{
    struct session *s = &g->cli->session;
    struct read_options o = {.store = s->target.store,
                             .account = g->ns.account,
                             .id = g->ns.id,
                             .jobs = (unsigned)s->options->jobs};
    struct reader *r =
        keys_start(g->keys, err) ? reader_open_keys(&o, pull_key, g->keys, err) : NULL;
    bool ok = r && read_pairs(g, r, err);
    reader_close(r);
    return ok;
}

static bool judge_absent(const struct bulk_get *g, struct error *err)
{
    if (g->absent == 0)
        return true;
    return error_set(err, ERR_NOT_FOUND, "%" PRIu64 " of %" PRIu64 " keys %s not there", g->absent,
                     g->n, g->absent == 1 ? "is" : "are");
}

static bool get_all(struct bulk_get *g, struct error *err)
{
    const struct session *s = &g->cli->session;
    if (!sink_open(&g->sink, &g->cli->output, g->cli->options.output, err))
        return false;
    g->counts.total = g->n;
    moving_begin(&g->moving, &g->cli->output, s->target.local ? NULL : s->target.store, "reading");
    buf_add_str(g->sink.out, g->lines ? "" : "[");
    bool ok = read_all(g, err);
    moving_end(&g->moving);
    if (ok && !g->lines)
        buf_add_str(g->sink.out, g->given > 0 ? "\n]\n" : "]\n");
    return ok && sink_finish(&g->sink, err) && judge_absent(g, err);
}

static bool parse_format(const char *word, bool *lines, struct error *err)
{
    *lines = word && strcmp(word, "jsonl") == 0;
    return !word || *lines || strcmp(word, "json") == 0 ||
           error_set(err, ERR_USAGE, "--format needs json or jsonl here, not '%s'", word);
}

bool cmd_kv_bulk_get(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct bulk_get g = {.cli = cli, .sink.fd = -1};
    (void)code;
    bool ok = parse_format(cli->options.format, &g.lines, err) && which_check_options(s, err) &&
              session_open_store(s, false, err) && check_keys(cli, &g.keys, &g.n, err) &&
              which_by_options(s, false, &g.ns, err) && get_all(&g, err);
    sink_release(&g.sink);
    keys_close(g.keys);
    return ok;
}
