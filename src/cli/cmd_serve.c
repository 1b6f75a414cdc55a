#include "command.h"

#include <stdlib.h>

#include "base/file.h"
#include "serve/serve.h"
#include "store/local.h"
#include "store/memory.h"

#define SERVE_TOKEN_VAR "CFKV_SERVE_TOKEN"

/* ---- What is served -------------------------------------------------------------------------- */

struct served {
    struct store *store;       /* NULL: nothing is kept */
    struct local_store *local; /* NULL: it is no local store */
};

/* The store that `apply --local` with the same --file and --root writes. Ids are those that it
 * gave; what it wrote without an account id is under the emulator's own account. */
static bool open_store(struct cli *cli, struct served *served, struct error *err)
{
    const struct options *o = &cli->options;
    struct session *s = &cli->session;
    if (o->memory && o->discard)
        return error_set(err, ERR_USAGE, "--memory and --discard exclude each other");
    if ((o->memory || o->discard) && (o->file || o->root))
        return error_set(err, ERR_USAGE,
                         "--%s names the local store of a project, and --%s is none",
                         o->root ? "root" : "file", o->memory ? "memory" : "discard");
    if (o->memory)
        served->store = memory_store_new();
    if (o->memory || o->discard)
        return true;
    const char *folder =
        session_locate(s, NULL, err) ? path_real(&s->arena, s->root_path, err) : NULL;
    if (!folder)
        return false;
    served->local = local_store_open(folder);
    served->store = local_store_face(served->local);
    output_note(s->output, "serving the local store of '%s'", folder);
    return true;
}

/* ---- Serving it ------------------------------------------------------------------------------ */

/* An empty one is none. */
static const char *token_of_environment(void)
{
    const char *token = getenv(SERVE_TOKEN_VAR);
    return token && *token ? token : NULL;
}

static bool on_ready(void *ctx, const struct serve_ready *ready, struct error *err)
{
    struct output *o = ctx;
    buf_addf(&o->out, "%s\n", ready->url);
    /* What a person types to use it; the token itself is shown nowhere. */
    output_note(o,
                "listening, until Ctrl-C; a client is pointed at it by\n"
                "  export CLOUDFLARE_API_BASE_URL=%s\n"
                "  export CLOUDFLARE_ACCOUNT_ID=%s\n"
                "  export CLOUDFLARE_API_TOKEN=%s",
                ready->url, ready->account ? ready->account : "",
                token_of_environment() ? "\"$" SERVE_TOKEN_VAR "\""
                                       : "any   # any credential is accepted");
    return output_flush(o, err);
}

static bool accounts(void *ctx, struct arena *arena, struct bytes **ids, size_t *n,
                     struct error *err)
{
    return local_store_accounts(ctx, arena, ids, n, err);
}

bool cmd_serve(struct cli *cli, enum exit_code *code, struct error *err)
{
    const struct options *o = &cli->options;
    struct interrupt *interrupt = cli->session.interrupt;
    struct served served = {0};
    bool ok = open_store(cli, &served, err);
    if (ok) {
        struct serve_options options = {
            .store = served.store,
            .accounts = served.local ? accounts : NULL,
            .accounts_ctx = served.local,
            .address = o->address,
            .port = (unsigned short)o->port,
            .token = token_of_environment(),
            .faults = o->faults,
            .rate_requests = o->rate.requests,
            .rate_seconds = o->rate.seconds,
            .latency_ms = o->latency_ms,
            .log = cli->output.quiet ? NULL : stderr,
            .interrupted = &interrupt->pending,
            .on_ready = on_ready,
            .ready_ctx = &cli->output,
        };
        interrupt->graceful = 1;
        ok = serve_run(&options, err);
    }
    store_close(served.store);
    if (ok)
        *code = EXIT_INTERRUPTED; /* nothing else ends it */
    return ok;
}
