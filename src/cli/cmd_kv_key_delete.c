/* kv key delete: keys by name, or all that begin with a prefix. */
#include "command.h"

#include "base/text.h"
#include "deleting.h"
#include "which.h"
#include "model/validate.h"

/* The words of the command line, one after the other. */
struct words {
    const struct text_list *list;
    size_t next;
};

static enum pull pull_word(void *ctx, struct bytes *key, struct error *err)
{
    struct words *w = ctx;
    (void)err;
    if (w->next == w->list->n)
        return PULL_END;
    *key = bytes_of(w->list->items[w->next++]);
    return PULL_PAIR;
}

static bool rewind_words(void *ctx, struct error *err)
{
    struct words *w = ctx;
    (void)err;
    w->next = 0;
    return true;
}

static bool check_words(const struct cli *cli, struct error *err)
{
    const struct text_list *words = &cli->options.args;
    for (size_t i = 0; i < words->n; i++)
        if (!seed_name_judge(bytes_of(words->items[i]), "", err))
            return false;
    return true;
}

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
    const struct options *o = &cli->options;
    struct words words = {.list = &o->args};
    struct deleting g;
    struct buf which = {0};
    deleting_init(&g, cli);
    if (o->prefix) {
        g.del.doomed = (struct kv_doomed){.prefix = bytes_of(o->prefix)};
        g.del.reason = "prune";
        g.question.always = true;
        buf_add_str(&which, " beginning with ");
        text_quote(&which, bytes_of(o->prefix), KV_QUOTED_SIZE);
    } else {
        g.del.doomed = (struct kv_doomed){
            .pull = pull_word, .named = o->args.n, .rewind = rewind_words, .ctx = &words};
    }
    bool ok = buf_ok(&which, err) && check_options(cli, err) && session_open_store(s, true, err) &&
              which_by_options(s, false, &g.ns, err);
    g.question.which = which.data ? which.data : "";
    ok = ok && deleting_run(&g, code, err);
    deleting_release(&g);
    buf_release(&which);
    return ok;
}
