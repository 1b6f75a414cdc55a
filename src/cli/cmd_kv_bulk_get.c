/* kv bulk get: the pairs of many keys, named in a file. */
#include "command.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "key_list.h"
#include "kv/read.h"
#include "progress.h"
#include "report.h"
#include "sink.h"
#include "which.h"

struct bulk_get {
    struct cli *cli;
    struct kv_namespace ns;
    struct keys *keys;
    struct sink sink;
    bool lines;      /* JSON Lines */
    uint64_t n;      /* of keys */
    uint64_t given;  /* of pairs, */
    uint64_t absent; /* and of keys that are not there */
    struct progress progress;
    struct kv_counts counts;
};

/* Prints a pair, or says that it is not there. */
static bool take(struct bulk_get *g, const struct store_pair *pair, struct error *err)
{
    struct buf *out = g->sink.out;
    char name[KV_QUOTED_SIZE];
    struct error absent = {0};
    g->counts.keys++;
    g->counts.bytes += pair->key.len + pair->value.len;
    if (!pair->value.data) {
        if (++g->absent <= REPORT_SHOWN || g->cli->options.verbose) {
            error_set(&absent, ERR_NOT_FOUND, "key %s is not there",
                      text_quoted(pair->key, name, sizeof name));
            output_error(&g->cli->output, &absent);
        }
        return true;
    }
    if (!g->lines)
        buf_add_str(out, g->given > 0 ? ",\n" : "\n");
    kv_write_pair(pair, out);
    if (g->lines)
        buf_add_char(out, '\n');
    g->given++;
    return sink_ready(&g->sink, err);
}

static bool get_all(struct bulk_get *g, struct error *err)
{
    const struct session *s = &g->cli->session;
    struct read_options o = {.store = s->target.store,
                             .account = g->ns.account,
                             .id = g->ns.id,
                             .jobs = (unsigned)s->options->jobs};
    struct store_pair pair;
    bool end = false;
    g->cli->output.json = true;
    if (!sink_open(&g->sink, &g->cli->output, g->cli->options.output, err))
        return false;
    g->counts.total = g->n;
    progress_begin(&g->progress, &g->cli->output, session_service(s), "reading");
    buf_add_str(g->sink.out, g->lines ? "" : "[");
    bool ok = keys_start(g->keys, err);
    struct reader *r = ok ? reader_open_keys(&o, key_list_pull, g->keys) : NULL;
    while (ok && (ok = reader_next(r, &pair, &end, err)) && !end) {
        if (!(ok = take(g, &pair, err)))
            break;
        g->counts.requests = reader_requests(r);
        progress_keys(&g->progress, &g->counts);
    }
    reader_close(r);
    progress_end(&g->progress);
    if (ok && !g->lines)
        buf_add_str(g->sink.out, g->given > 0 ? "\n]\n" : "]\n");
    if (!ok || !sink_finish(&g->sink, err))
        return false;
    return g->absent == 0 ||
           error_set(err, ERR_NOT_FOUND, "%" PRIu64 " of %" PRIu64 " key%s %s not there", g->absent,
                     g->n, text_plural(g->n), g->absent == 1 ? "is" : "are");
}

bool cmd_kv_bulk_get(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct bulk_get g = {.cli = cli, .sink.fd = -1};
    const char *format = cli->options.format;
    (void)code;
    g.lines = format && strcmp(format, "jsonl") == 0;
    if (format && !g.lines && strcmp(format, "json") != 0)
        return error_set(err, ERR_USAGE, "--format needs json or jsonl here, not '%s'", format);
    bool ok = which_check_options(s, err) && session_open_store(s, false, err) &&
              (g.keys = key_list_open(cli, &g.n, err)) && which_by_options(s, false, &g.ns, err) &&
              get_all(&g, err);
    sink_release(&g.sink);
    keys_close(g.keys);
    return ok;
}
