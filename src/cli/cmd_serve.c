#include "command.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "serve/serve.h"
#include "store/local.h"
#include "store/memory.h"

#define SERVE_TOKEN_VAR "CFKV_SERVE_TOKEN"

/* ---- What is served -------------------------------------------------------------------------- */

struct served {
    struct store *store;       /* NULL: nothing is kept */
    struct local_store *local; /* NULL: it is no local store */
    struct output *output;
    struct bytes account_id; /* of the project, as it was applied; data NULL: none */
    struct renamings names;  /* of its accounts */
};

/* What the project, when it was last applied here, called its accounts. Nothing of the store stays
 * open: SQLite's locks on a file go when any descriptor of it is closed, whoever in the process has
 * it, so there is one opening of a store at a time. */
static bool read_settings(struct session *s, struct served *served, struct error *err)
{
    struct target_options options = {.kind = TARGET_LOCAL,
                                     .config = s->file,
                                     .root = s->root_path,
                                     .state_path = s->options->state_path,
                                     .command = s->command,
                                     .interrupted = &s->interrupt->pending};
    struct target t = {.lock.fd = -1};
    bool ok = target_open(&t, &options, err);
    if (ok) {
        const struct renamings *names = &t.state.settings.accounts;
        served->account_id = arena_copy(&s->arena, t.state.settings.account_id);
        served->names.n = names->n;
        served->names.items = arena_alloc(&s->arena, names->n, sizeof *names->items);
        for (size_t i = 0; i < names->n; i++) {
            served->names.items[i].from = arena_copy(&s->arena, names->items[i].from);
            served->names.items[i].to = arena_copy(&s->arena, names->items[i].to);
        }
    }
    target_close(&t);
    return ok;
}

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
    if (!read_settings(s, served, err))
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

struct account_list {
    struct serve_account *items;
    size_t n;
};

static void add_account(const struct served *served, struct account_list *list, struct bytes id)
{
    for (size_t i = 0; i < list->n; i++)
        if (bytes_equal(list->items[i].id, id))
            return;
    list->items[list->n++] = (struct serve_account){id, account_name_of(&served->names, id)};
}

/* Those that have data, that of the project first, then those that the project names. */
static bool accounts(void *ctx, struct arena *arena, struct serve_account **all, size_t *n,
                     struct error *err)
{
    const struct served *served = ctx;
    struct bytes *ids;
    size_t n_ids;
    if (!local_store_accounts(served->local, arena, &ids, &n_ids, err))
        return false;
    struct account_list list = {
        .items = arena_alloc(arena, n_ids + served->names.n + 1, sizeof *list.items)};
    for (size_t i = 0; i < n_ids; i++)
        if (bytes_equal(ids[i], served->account_id))
            add_account(served, &list, ids[i]);
    for (size_t i = 0; i < n_ids; i++)
        add_account(served, &list, ids[i]);
    if (served->account_id.len > 0)
        add_account(served, &list, served->account_id);
    for (size_t i = 0; i < served->names.n; i++)
        add_account(served, &list, served->names.items[i].to);
    *all = list.items;
    *n = list.n;
    return true;
}

/* The accounts beside the first, with their names. */
static bool add_others(struct served *served, struct buf *out, struct error *err)
{
    struct arena arena = {0};
    struct serve_account *all;
    size_t n;
    bool ok = accounts(served, &arena, &all, &n, err);
    for (size_t i = 1; ok && i < n; i++) {
        buf_add_str(out, i == 1 ? "\nit has these accounts too: " : ", ");
        text_show(out, all[i].id.len > 0 ? all[i].id : bytes_of("(none)"));
        if (all[i].name.data)
            buf_addf(out, " (%.*s)", BYTES_FMT(all[i].name));
    }
    arena_release(&arena);
    return ok;
}

static bool on_ready(void *ctx, const struct serve_ready *ready, struct error *err)
{
    struct served *served = ctx;
    struct output *o = served->output;
    struct buf others = {0};
    if (served->local && !add_others(served, &others, err))
        return false;
    buf_addf(&o->out, "%s\n", ready->url);
    /* What a person types to use it; the token itself is shown nowhere. */
    output_note(o,
                "listening, until Ctrl-C; a client is pointed at it by\n"
                "  export CLOUDFLARE_API_BASE_URL=%s\n"
                "  export CLOUDFLARE_ACCOUNT_ID=%s\n"
                "  export CLOUDFLARE_API_TOKEN=%s%s",
                ready->url, ready->account ? ready->account : "",
                token_of_environment() ? "\"$" SERVE_TOKEN_VAR "\""
                                       : "any   # any credential is accepted",
                others.len > 0 ? others.data : "");
    buf_release(&others);
    return output_flush(o, err);
}

bool cmd_serve(struct cli *cli, enum exit_code *code, struct error *err)
{
    const struct options *o = &cli->options;
    struct interrupt *interrupt = cli->session.interrupt;
    struct served served = {.output = &cli->output};
    bool ok = open_store(cli, &served, err);
    if (ok) {
        struct serve_options options = {
            .store = served.store,
            .accounts = served.local ? accounts : NULL,
            .accounts_ctx = &served,
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
            .ready_ctx = &served,
        };
        interrupt->graceful = 1;
        ok = serve_run(&options, err);
    }
    store_close(served.store);
    if (ok)
        *code = EXIT_INTERRUPTED; /* nothing else ends it */
    return ok;
}
