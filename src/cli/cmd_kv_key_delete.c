/* kv key delete: keys by name, or all that begin with a prefix. */
#include "command.h"

#include "base/text.h"
#include "key_check.h"
#include "salvage.h"
#include "kv/prune.h"

/* What became of it. */
struct deletion {
    struct cli *cli;
    struct named ns;
    struct kv_counts counts;
    struct salvaged saved;
    struct buf failed; /* keys, as a JSON array; empty: none */
    size_t next;       /* by name: the next argument */
};

/* ---- Deleting -------------------------------------------------------------------------------- */

/* Why is told once, at the end. */
static bool note_failed(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    struct deletion *d = ctx;
    char name[KEY_QUOTED_SIZE];
    struct json_writer w = json_writer_to(&d->failed, 0);
    struct error failure;
    buf_add_char(&d->failed, d->failed.len > 0 ? ',' : '[');
    json_string(&w, key);
    error_set(&failure, cause->code, "key %s was not deleted", text_quoted(key, name, sizeof name));
    output_error(&d->cli->output, &failure);
    return buf_ok(&d->failed, err);
}

static struct remove_options remove_of(struct deletion *d)
{
    struct session *s = &d->cli->session;
    return (struct remove_options){.store = s->target.store,
                                   .account = d->ns.account,
                                   .id = d->ns.id,
                                   .jobs = (unsigned)s->options->jobs,
                                   .on_failed = note_failed,
                                   .on_failed_ctx = d,
                                   .counts = &d->counts};
}

/* ---- By name --------------------------------------------------------------------------------- */

static enum pull pull_word(void *ctx, struct bytes *key, struct error *err)
{
    struct deletion *d = ctx;
    const struct text_list *words = &d->cli->options.args;
    (void)err;
    if (d->next == words->n)
        return PULL_END;
    *key = bytes_of(words->items[d->next++]);
    return PULL_PAIR;
}

static bool check_words(struct cli *cli, struct error *err)
{
    const struct text_list *words = &cli->options.args;
    for (size_t i = 0; i < words->n; i++)
        if (!key_check_name(&cli->session, bytes_of(words->items[i]), err))
            return false;
    return true;
}

static bool delete_words(struct deletion *d, struct error *err)
{
    struct remove_options remove = remove_of(d);
    return remove_stream(&remove, pull_word, d, err);
}

/* ---- By prefix ------------------------------------------------------------------------------- */

static bool confirm(struct session *s, const struct named *ns, struct bytes prefix, uint64_t n,
                    struct error *err)
{
    char name[NAMED_QUOTED_SIZE], shown[KEY_QUOTED_SIZE];
    const char *question = arena_printf(
        &s->arena, "Delete %llu key%s beginning with %s in namespace %s?", (unsigned long long)n,
        n == 1 ? "" : "s", text_quoted(prefix, shown, sizeof shown), named_quoted(ns, name));
    return question ? session_confirm(s, question, err) : error_nomem(err);
}

/* What is deleted is what the backup holds: a key that comes meanwhile stays. */
static bool delete_prefix(struct deletion *d, struct error *err)
{
    struct session *s = &d->cli->session;
    struct bytes prefix = bytes_of(s->options->prefix);
    struct remove_options remove = remove_of(d);
    uint64_t n;
    if (!named_check_protect(&d->ns, "pruned", err) ||
        !salvage_count(s, &d->ns, prefix, 0, &n, err))
        return false;
    if (n == 0)
        return true;
    return salvage_check_mass(s, &d->ns, n, err) && confirm(s, &d->ns, prefix, n, err) &&
           salvage_save(s, &d->ns, prefix, "prune", &d->saved, err) &&
           prune_delete(&remove, d->saved.path, err);
}

/* ---- Telling --------------------------------------------------------------------------------- */

static void tell(const struct deletion *d)
{
    char name[NAMED_QUOTED_SIZE];
    const struct output *o = &d->cli->output;
    uint64_t n = d->counts.keys;
    output_note(o, "%llu key%s deleted from namespace %s", (unsigned long long)n, n == 1 ? "" : "s",
                named_quoted(&d->ns, name));
    if (d->saved.path)
        output_note(o, "what was deleted is kept in '%s'", d->saved.path);
}

static void print_json(const struct deletion *d, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "backup");
    json_str(&w, d->saved.path);
    json_key(&w, "deleted");
    json_int(&w, (int64_t)d->counts.keys);
    json_key(&w, "failed");
    json_raw(&w, d->failed.len > 0 ? buf_bytes(&d->failed) : bytes_of("[]"));
    json_end_object(&w);
    buf_add_char(out, '\n');
}

/* What was done in part is told as such, with its own exit code. */
static bool conclude(const struct deletion *d, bool ok, enum exit_code *code, struct error *err)
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

/* ---- The command ----------------------------------------------------------------------------- */

static bool check_options(struct cli *cli, struct error *err)
{
    const struct options *o = &cli->options;
    if (o->prefix && o->args.n > 0)
        return error_set(err, ERR_USAGE, "keys and --prefix exclude each other");
    if (!o->prefix && o->args.n == 0) {
        error_set(err, ERR_USAGE, "'kv key delete' needs KEY or --prefix TEXT");
        return error_hint(err, "usage: cfkv kv key delete KEY... [options], or --prefix TEXT");
    }
    return check_words(cli, err);
}

bool cmd_kv_key_delete(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct deletion d = {.cli = cli};
    if (!check_options(cli, err) || !session_open_store(s, true, err) ||
        !named_by_options(s, false, &d.ns, err))
        return false;
    bool ok = s->options->prefix ? delete_prefix(&d, err) : delete_words(&d, err);
    if (d.failed.len > 0)
        buf_add_char(&d.failed, ']');
    ok = conclude(&d, ok, code, err);
    buf_release(&d.failed);
    return ok;
}
