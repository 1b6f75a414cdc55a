/* copy: one namespace into another, of the same target or the other one. */
#include "filling.h"

#include "base/text.h"
#include "kv/copy.h"
#include "kv/read.h"

/* Each side has a session when they are not of the same target. */
struct copying {
    struct filling f;
    struct session *from;
    struct kv_namespace source;
    struct reader *names;         /* of the source */
    bool saving;                  /* only those that an earlier run did not copy */
    struct options local_options; /* those of the command line, and --local */
    struct session local;
    bool has_local; /* `local` is in use, beside the account's */
};

/* ---- The two sides --------------------------------------------------------------------------- */

/* The command's own session is the account's, unless both sides are local. */
static bool open_sides(struct copying *c, const char *from, const char *to, struct error *err)
{
    struct cli *cli = c->f.cli;
    bool local = cli->options.local;
    c->from = c->f.s = &cli->session;
    if (!local && kv_word_is_local(from) && kv_word_is_local(to))
        cli->options.local = true;
    if (!session_open_store(&cli->session, false, err))
        return false;
    if (local || kv_word_is_local(from) == kv_word_is_local(to))
        return true;
    c->local_options = cli->options;
    c->local_options.local = true;
    session_init(&c->local, cli->session.command, &c->local_options, &cli->output,
                 cli->session.interrupt);
    c->has_local = true;
    if (kv_word_is_local(from))
        c->from = &c->local;
    else
        c->f.s = &c->local;
    return session_open_store(&c->local, false, err);
}

static bool check_distinct(const struct copying *c, struct error *err)
{
    if (c->from != c->f.s || !bytes_equal(c->source.id, c->f.ns.id))
        return true;
    return error_set(err, ERR_USAGE, "both namespaces are %s", c->f.name);
}

/* ---- Before ---------------------------------------------------------------------------------- */

static struct bytes prefix_of(const struct copying *c)
{
    return bytes_of(c->f.cli->options.prefix);
}

static bool open_names(void *ctx, struct error *err)
{
    struct copying *c = ctx;
    struct read_options read = {.store = c->from->target.store,
                                .account = c->source.account,
                                .id = c->source.id,
                                .prefix = prefix_of(c),
                                .jobs = (unsigned)c->f.cli->options.jobs};
    if (c->saving && c->f.resume)
        read.after = resume_mark(c->f.resume);
    reader_close(c->names);
    c->names = reader_open(&read, err);
    return c->names != NULL;
}

static bool next_name(void *ctx, struct bytes *key, bool *end, struct error *err)
{
    struct copying *c = ctx;
    struct store_pair pair = {0};
    bool ok = reader_next(c->names, &pair, end, err);
    *key = pair.key;
    return ok;
}

static struct kv_stream source_keys(struct copying *c)
{
    return (struct kv_stream){.next = next_name, .rewind = open_names, .ctx = c};
}

static bool check_prune(struct copying *c, struct error *err)
{
    struct kv_stream keys = source_keys(c);
    return !c->f.cli->options.prune ||
           filling_prune_check(&c->f, prefix_of(c), &keys, "the source", err);
}

static bool confirm(struct copying *c, struct error *err)
{
    struct buf what = {0};
    char name[FILLING_NAME];
    buf_addf(&what, "Copy %s",
             text_quoted(c->source.title.len ? c->source.title : c->source.id, name, sizeof name));
    bool ok = buf_ok(&what, err) && filling_confirm(&c->f, what.data, err);
    buf_release(&what);
    return ok;
}

/* The source is part of what the work is. */
static bool open_journal(struct copying *c, struct error *err)
{
    const struct session *to = c->f.s;
    struct hash source;
    hash_init(&source);
    hash_add_field(&source, filling_target(c->from));
    hash_add_field(&source, c->source.account);
    hash_add_field(&source, c->source.id);
    struct digest content = hash_end(&source);
    struct digest work = resume_work("copy", filling_target(to), c->f.ns.account, c->f.ns.id,
                                     &content, prefix_of(c));
    if (!filling_begin(&c->f, &work, "copying", 0, err))
        return false;
    c->f.counts.skipped = c->f.resumed;
    return true;
}

static bool prepare(struct copying *c, struct error *err)
{
    const struct text_list *args = &c->f.cli->options.args;
    const char *from = args->items[0], *to = args->items[1];
    return open_sides(c, from, to, err) &&
           kv_find_word(&c->from->kv, bytes_of(kv_word_plain(from)), &c->source, err) &&
           filling_find(&c->f, kv_word_plain(to), prefix_of(c), err) && check_distinct(c, err) &&
           check_prune(c, err) && confirm(c, err) && open_journal(c, err);
}

/* ---- Doing it -------------------------------------------------------------------------------- */

static bool prune(struct copying *c, struct error *err)
{
    return !c->f.cli->options.prune || c->f.counts.failed > 0 || filling_prune(&c->f, err);
}

static bool save(struct copying *c, struct error *err)
{
    struct kv_stream keys = source_keys(c);
    c->saving = true;
    bool ok = filling_save(&c->f, prefix_of(c), &keys, NULL, NULL, err);
    c->saving = false;
    return ok;
}

static bool copy(struct copying *c, struct error *err)
{
    struct copy_options o = {
        .from = {.store = c->from->target.store, .account = c->source.account, .id = c->source.id},
        .put = filling_put(&c->f),
        .prefix = prefix_of(c),
        .resume = c->f.resume,
        .if_missing = c->f.cli->options.if_missing,
        .on_expired = filling_expired,
        .on_expired_ctx = &c->f};
    struct copy_report report = {0};
    bool ok = save(c, err) && copy_keys(&o, &report, err);
    c->f.expired = report.expired;
    c->f.present = report.present;
    return ok && prune(c, err);
}

bool cmd_copy(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct copying c = {0};
    (void)code;
    filling_init(&c.f, cli, &cli->session);
    bool ok = prepare(&c, err);
    if (ok)
        ok = filling_end(&c.f, copy(&c, err), "copied", &c.source, err);
    reader_close(c.names);
    filling_release(&c.f);
    if (c.has_local)
        session_release(&c.local);
    return ok;
}
