#include "named.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "plan/observe.h"

/* ---- What is known of one -------------------------------------------------------------------- */

static bool make_named(struct session *s, struct bytes account, struct bytes id, struct bytes title,
                       struct named *out, struct error *err)
{
    *out = (struct named){.account = account};
    if (!arena_bytes(&s->arena, id, &out->id) ||
        (title.data && !arena_bytes(&s->arena, title, &out->title)))
        return error_nomem(err);
    const struct state_namespace *entry = state_find_id(&s->target.state, account, id);
    if (entry) {
        out->ttl_seconds = entry->ttl_seconds;
        out->protect = entry->protect && !s->target.local;
    }
    return true;
}

static bool default_account(struct session *s, struct bytes *account, struct error *err)
{
    *account = bytes_make(NULL, 0);
    return s->target.local || target_account(&s->target, account, err);
}

/* ---- By title -------------------------------------------------------------------------------- */

/* The namespaces of the account, listed once. */
static const struct observed *listed(struct session *s, struct bytes account, struct error *err)
{
    if (s->listed)
        return s->listed;
    struct observed *o = observed_new(&s->arena, s->target.store);
    if (!o) {
        error_nomem(err);
        return NULL;
    }
    if (!observe_namespaces(o, account, err)) {
        observed_free(o);
        return NULL;
    }
    return s->listed = o;
}

static bool no_such_title(const struct observed *o, const char *word, struct error *err)
{
    char quoted[160];
    const char **titles = mem_alloc((o->n + 1) * sizeof *titles);
    if (!titles)
        return error_nomem(err);
    for (size_t i = 0; i < o->n; i++)
        titles[i] = o->namespaces[i].title.data;
    titles[o->n] = NULL;
    const char *near = text_nearest(bytes_of(word), titles);
    error_set(err, ERR_NOT_FOUND, "there is no namespace %s",
              text_quoted(bytes_of(word), quoted, sizeof quoted));
    if (near)
        error_hint(err, "did you mean %s?", text_quoted(bytes_of(near), quoted, sizeof quoted));
    else
        error_hint(err, "'cfkv kv namespace list' lists them");
    mem_free(titles);
    return false;
}

static bool find_listed(struct session *s, const char *word, bool by_id, struct named *out,
                        struct error *err)
{
    struct bytes account;
    if (!default_account(s, &account, err))
        return false;
    const struct observed *o = listed(s, account, err);
    if (!o)
        return false;
    size_t at = observed_by_title(o, account, bytes_of(word));
    if (at == OBSERVE_NONE && by_id)
        at = observed_by_id(o, account, bytes_of(word));
    if (at == OBSERVE_NONE)
        return no_such_title(o, word, err);
    return make_named(s, account, o->namespaces[at].id, o->namespaces[at].title, out, err);
}

bool named_by_word(struct session *s, const char *word, struct named *out, struct error *err)
{
    return find_listed(s, word, true, out, err);
}

/* ---- By id ----------------------------------------------------------------------------------- */

struct id_question {
    struct session *s;
    struct named *out;
};

static bool id_answered(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct id_question *question = ctx;
    (void)q;
    if (result->ok && result->n_namespaces > 0)
        return make_named(question->s, op->account, op->id, result->namespaces[0].title,
                          question->out, err);
    /* The local store holds namespaces of wrangler's own, of which it knows no title. */
    if (question->s->target.local && result->error.code == ERR_NOT_FOUND)
        return true;
    *err = result->error;
    return false;
}

static bool named_by_id(struct session *s, const char *id, bool need_title, struct named *out,
                        struct error *err)
{
    struct bytes account;
    if (!default_account(s, &account, err) ||
        !make_named(s, account, bytes_of(id), bytes_make(NULL, 0), out, err))
        return false;
    if (!need_title)
        return true;
    struct id_question question = {s, out};
    struct store_op op = {.kind = STORE_NAMESPACE_GET, .account = account, .id = out->id};
    struct queue q = {0};
    bool ok =
        queue_push(&q, &op, id_answered, &question, err) && queue_run(&q, s->target.store, err);
    queue_release(&q);
    return ok;
}

bool named_by_options(struct session *s, bool need_title, struct named *out, struct error *err)
{
    const struct options *o = s->options;
    if (o->namespace_id && o->namespace_title)
        return error_set(err, ERR_USAGE, "--namespace-id and --namespace exclude each other");
    if (o->namespace_id)
        return named_by_id(s, o->namespace_id, need_title, out, err);
    if (o->namespace_title)
        return find_listed(s, o->namespace_title, false, out, err);
    error_set(err, ERR_USAGE, "'%s' needs a namespace", s->command);
    return error_hint(err, "add --namespace TITLE or --namespace-id ID");
}

/* ---- All ------------------------------------------------------------------------------------- */

static int by_title(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    return bytes_compare(x->title, y->title);
}

bool named_all(struct session *s, struct named **all, size_t *n, struct error *err)
{
    struct bytes account;
    if (!default_account(s, &account, err))
        return false;
    const struct observed *o = listed(s, account, err);
    if (!o)
        return false;
    *n = o->n;
    *all = arena_alloc(&s->arena, o->n, sizeof **all);
    if (!*all)
        return error_nomem(err);
    for (size_t i = 0; i < o->n; i++)
        if (!make_named(s, account, o->namespaces[i].id, o->namespaces[i].title, &(*all)[i], err))
            return false;
    if (o->n > 0)
        qsort(*all, o->n, sizeof **all, by_title);
    return true;
}
