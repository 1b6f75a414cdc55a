#include "which.h"

#include "base/text.h"
#include "kv/run.h"

/* A namespace that only wrangler knows is there once it has keys. */
static bool check_local(struct session *s, const struct kv_namespace *ns, struct error *err)
{
    char binding[KV_QUOTED_SIZE], id[KV_QUOTED_SIZE];
    struct store_op op = {.kind = STORE_KEY_LIST, .account = ns->account, .id = ns->id};
    if (ns->title.data || kv_run(s->kv.store, &op, NULL, NULL, err))
        return true;
    if (err->code != ERR_NOT_FOUND)
        return false;
    error_set(err, ERR_NOT_FOUND,
              "the local store has no namespace for binding %s yet; its id there is %s",
              text_quoted(bytes_of(s->options->binding), binding, sizeof binding),
              text_quoted(ns->id, id, sizeof id));
    return error_hint(err, "'cfkv apply --local' makes it, or a first key that wrangler puts");
}

static bool bound_locally(struct session *s, struct kv_namespace *out, struct error *err)
{
    if (s->bound.remote)
        output_note(s->output, "'wrangler dev' reads the account, not the local store: the binding "
                               "has remote = true");
    return kv_find_id(&s->kv, bytes_make(NULL, 0), s->bound.id, true, out, err) &&
           check_local(s, out, err);
}

/* The account that the config names is the one that wrangler would use. */
static bool by_binding(struct session *s, bool need_title, struct kv_namespace *out,
                       struct error *err)
{
    if (s->target.local)
        return bound_locally(s, out, err);
    return kv_find_id(&s->kv, s->bound.account_id, s->bound.id, need_title, out, err);
}

const char *which_option(const struct options *o)
{
    if (o->namespace_id)
        return "namespace-id";
    return o->namespace_title ? "namespace" : o->binding ? "binding" : NULL;
}

bool which_check_options(const struct session *s, struct error *err)
{
    const struct options *o = s->options;
    if (o->namespace_id && o->namespace_title)
        return error_set(err, ERR_USAGE, "--namespace-id and --namespace exclude each other");
    if (!binding_check(o, err))
        return false;
    if (which_option(o))
        return true;
    error_set(err, ERR_USAGE, "'%s' needs a namespace", s->command);
    return error_hint(err, "add --namespace TITLE, --namespace-id ID or --binding NAME");
}

bool which_by_options(struct session *s, bool need_title, struct kv_namespace *out,
                      struct error *err)
{
    const struct options *o = s->options;
    if (!which_check_options(s, err))
        return false;
    if (o->namespace_id)
        return kv_find_id(&s->kv, bytes_make(NULL, 0), bytes_of(o->namespace_id), need_title, out,
                          err);
    if (o->namespace_title)
        return kv_find_title(&s->kv, bytes_of(o->namespace_title), out, err);
    return by_binding(s, need_title, out, err);
}

bool which_by_either(struct session *s, const char *word, bool need_title, struct kv_namespace *out,
                     struct error *err)
{
    char quoted[KV_QUOTED_SIZE];
    if (!word)
        return which_by_options(s, need_title, out, err);
    const char *option = which_option(s->options);
    if (option)
        return error_set(err, ERR_USAGE, "the namespace is named twice: %s and --%s",
                         text_quoted(bytes_of(word), quoted, sizeof quoted), option);
    return kv_find_word(&s->kv, bytes_of(word), out, err);
}
