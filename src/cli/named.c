#include "named.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "once.h"
#include "plan/observe.h"

/* ---- What is known of one -------------------------------------------------------------------- */

static bool keep(struct session *s, struct bytes text, struct bytes *kept, struct error *err)
{
    return !text.data || arena_bytes(&s->arena, text, kept) || error_nomem(err);
}

static bool make_named(struct session *s, struct bytes account, const struct store_namespace *ns,
                       struct named *out, struct error *err)
{
    *out = (struct named){.account = account};
    if (!keep(s, ns->id, &out->id, err) || !keep(s, ns->title, &out->title, err) ||
        !keep(s, ns->jurisdiction, &out->jurisdiction, err))
        return false;
    out->entry = state_find_id(&s->target.state, account, out->id);
    if (out->entry) {
        out->ttl_seconds = out->entry->ttl_seconds;
        out->protect = out->entry->protect && !s->target.local;
    }
    return true;
}

static bool make_observed(struct session *s, const struct observed_namespace *ns, struct named *out,
                          struct error *err)
{
    struct store_namespace seen = {ns->id, ns->title, ns->jurisdiction};
    return make_named(s, ns->account, &seen, out, err);
}

char *named_quoted(const struct named *ns, char out[NAMED_QUOTED_SIZE])
{
    return text_quoted(ns->title.data ? ns->title : ns->id, out, NAMED_QUOTED_SIZE);
}

bool named_check_protect(const struct named *ns, const char *loss, struct error *err)
{
    char name[NAMED_QUOTED_SIZE], address[NAMED_QUOTED_SIZE];
    if (!ns->protect)
        return true;
    error_set(err, ERR_GUARD, "namespace %s is protected and would be %s", named_quoted(ns, name),
              loss);
    return error_hint(err,
                      "declare it with protect = false and apply, or run cfkv state "
                      "unprotect %s",
                      text_quoted(ns->entry->address, address, sizeof address));
}

/* ---- Accounts -------------------------------------------------------------------------------- */

static bool is_local_section(const struct state_account *account)
{
    return bytes_equal(account->id, bytes_of(STATE_LOCAL));
}

/* The account under which namespace `id` of the local store is registered, as far as the state
 * knows. */
static struct bytes local_account(struct state *state, struct bytes id)
{
    for (size_t i = 0; i < state->n_accounts; i++) {
        const struct state_account *account = &state->accounts[i];
        if (!is_local_section(account) && state_find_id(state, account->id, id))
            return account->id;
    }
    return bytes_make(NULL, 0);
}

static bool account_of_id(struct session *s, struct bytes id, struct bytes *account,
                          struct error *err)
{
    if (!s->target.local)
        return target_account(&s->target, account, err);
    *account = local_account(&s->target.state, id);
    return true;
}

/* ---- Listing --------------------------------------------------------------------------------- */

static bool list_accounts(struct session *s, struct observed *o, struct error *err)
{
    const struct state *state = &s->target.state;
    struct bytes account;
    if (!target_account(&s->target, &account, err) || !observe_namespaces(o, account, err))
        return false;
    for (size_t i = 0; s->target.local && i < state->n_accounts; i++)
        if (!is_local_section(&state->accounts[i]) &&
            !observe_namespaces(o, state->accounts[i].id, err))
            return false;
    return true;
}

/* The namespaces of the account, listed once. */
static const struct observed *listed(struct session *s, struct error *err)
{
    if (s->listed)
        return s->listed;
    struct observed *o = observed_new(&s->arena, s->target.store);
    if (!o) {
        error_nomem(err);
        return NULL;
    }
    if (!list_accounts(s, o, err)) {
        observed_free(o);
        return NULL;
    }
    return s->listed = o;
}

static int by_title(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = bytes_compare(x->title, y->title);
    return order ? order : bytes_compare(x->id, y->id);
}

bool named_all(struct session *s, struct named **all, size_t *n, struct error *err)
{
    const struct observed *o = listed(s, err);
    if (!o)
        return false;
    *n = o->n;
    *all = arena_alloc(&s->arena, o->n, sizeof **all);
    if (!*all)
        return error_nomem(err);
    for (size_t i = 0; i < o->n; i++)
        if (!make_observed(s, &o->namespaces[i], &(*all)[i], err))
            return false;
    if (o->n > 0)
        qsort(*all, o->n, sizeof **all, by_title);
    return true;
}

/* ---- By title -------------------------------------------------------------------------------- */

static bool no_such_title(const struct observed *o, const char *word, struct error *err)
{
    char quoted[NAMED_QUOTED_SIZE];
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

/* Only a local store with several accounts can hold a title twice. */
static bool twice(const char *word, struct error *err)
{
    char quoted[NAMED_QUOTED_SIZE];
    error_set(err, ERR_FAILED, "several namespaces are titled %s",
              text_quoted(bytes_of(word), quoted, sizeof quoted));
    return error_hint(err, "name one by its id; 'cfkv kv namespace list' lists them");
}

static bool find_listed(struct session *s, const char *word, bool by_id, struct named *out,
                        struct error *err)
{
    const struct observed *o = listed(s, err);
    const struct observed_namespace *found = NULL;
    if (!o)
        return false;
    for (size_t i = 0; i < o->n; i++) {
        if (!bytes_equal(o->namespaces[i].title, bytes_of(word)))
            continue;
        if (found)
            return twice(word, err);
        found = &o->namespaces[i];
    }
    for (size_t i = 0; by_id && !found && i < o->n; i++)
        if (bytes_equal(o->namespaces[i].id, bytes_of(word)))
            found = &o->namespaces[i];
    return found ? make_observed(s, found, out, err) : no_such_title(o, word, err);
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

static bool id_answered(void *ctx, const struct store_result *result, struct error *err)
{
    struct id_question *question = ctx;
    return make_named(question->s, question->out->account, &result->namespaces[0], question->out,
                      err);
}

static bool ask_title(struct session *s, struct named *out, struct error *err)
{
    struct id_question question = {s, out};
    struct store_op op = {.kind = STORE_NAMESPACE_GET, .account = out->account, .id = out->id};
    if (once_run(s, &op, id_answered, &question, err))
        return true;
    /* The local store holds namespaces of wrangler's own, of which it knows no title. */
    return s->target.local && err->code == ERR_NOT_FOUND;
}

static bool named_by_id(struct session *s, const char *id, bool need_title, struct named *out,
                        struct error *err)
{
    struct store_namespace known = {.id = bytes_of(id)};
    struct bytes account;
    return account_of_id(s, known.id, &account, err) && make_named(s, account, &known, out, err) &&
           (!need_title || ask_title(s, out, err));
}

/* A namespace that only wrangler knows is there once it has keys. */
static bool check_local(struct session *s, const struct named *ns, struct error *err)
{
    char binding[NAMED_QUOTED_SIZE], id[NAMED_QUOTED_SIZE];
    struct store_op op = {.kind = STORE_KEY_LIST, .account = ns->account, .id = ns->id};
    if (ns->title.data || once_run(s, &op, NULL, NULL, err))
        return true;
    if (err->code != ERR_NOT_FOUND)
        return false;
    error_set(err, ERR_NOT_FOUND,
              "the local store has no namespace for binding %s yet; its id there is %s",
              text_quoted(bytes_of(s->options->binding), binding, sizeof binding),
              text_quoted(ns->id, id, sizeof id));
    return error_hint(err, "'cfkv apply --local' makes it, or a first key that wrangler puts");
}

static bool bound_locally(struct session *s, struct named *out, struct error *err)
{
    struct store_namespace known = {.id = s->bound.id};
    struct bytes account;
    if (s->bound.remote)
        output_note(s->output, "'wrangler dev' reads the account, not the local store: the binding "
                               "has remote = true");
    return account_of_id(s, known.id, &account, err) && make_named(s, account, &known, out, err) &&
           ask_title(s, out, err) && check_local(s, out, err);
}

/* The account that the config names is the one that wrangler would use. */
static bool named_by_binding(struct session *s, bool need_title, struct named *out,
                             struct error *err)
{
    struct store_namespace known = {.id = s->bound.id};
    struct bytes account = s->bound.account_id;
    if (s->target.local)
        return bound_locally(s, out, err);
    return (account.len > 0 || target_account(&s->target, &account, err)) &&
           make_named(s, account, &known, out, err) && (!need_title || ask_title(s, out, err));
}

bool named_check_options(const struct session *s, struct error *err)
{
    const struct options *o = s->options;
    if (o->namespace_id && o->namespace_title)
        return error_set(err, ERR_USAGE, "--namespace-id and --namespace exclude each other");
    if (!binding_check(o, err))
        return false;
    if (named_option(o))
        return true;
    error_set(err, ERR_USAGE, "'%s' needs a namespace", s->command);
    return error_hint(err, "add --namespace TITLE, --namespace-id ID or --binding NAME");
}

const char *named_option(const struct options *o)
{
    if (o->namespace_id)
        return "namespace-id";
    return o->namespace_title ? "namespace" : o->binding ? "binding" : NULL;
}

bool named_by_options(struct session *s, bool need_title, struct named *out, struct error *err)
{
    const struct options *o = s->options;
    if (!named_check_options(s, err))
        return false;
    if (o->namespace_id)
        return named_by_id(s, o->namespace_id, need_title, out, err);
    if (o->namespace_title)
        return find_listed(s, o->namespace_title, false, out, err);
    return named_by_binding(s, need_title, out, err);
}

bool named_by_either(struct session *s, const char *word, bool need_title, struct named *out,
                     struct error *err)
{
    char quoted[NAMED_QUOTED_SIZE];
    if (!word)
        return named_by_options(s, need_title, out, err);
    const char *option = named_option(s->options);
    if (option)
        return error_set(err, ERR_USAGE, "the namespace is named twice: %s and --%s",
                         text_quoted(bytes_of(word), quoted, sizeof quoted), option);
    return named_by_word(s, word, out, err);
}
