#include "which.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "kv/namespace.h"
#include "store/local.h"

const char *which_option(const struct options *o)
{
    if (o->namespace_id)
        return "namespace-id";
    return o->namespace_title ? "namespace" : o->binding ? "binding" : NULL;
}

bool which_check_binding(const struct options *o, struct error *err)
{
    const char *other = o->namespace_id ? "namespace-id" : o->namespace_title ? "namespace" : NULL;
    const char *stray = o->envs.n > 0        ? "env"
                        : o->preview         ? "preview"
                        : o->wrangler_config ? "config"
                                             : NULL;
    if (o->binding && other)
        return error_set(err, ERR_USAGE, "--binding and --%s exclude each other", other);
    if (o->binding && o->envs.n > 1)
        return error_set(err, ERR_USAGE, "--binding takes one --env, and %zu were given",
                         o->envs.n);
    if (o->binding || !stray)
        return true;
    error_set(err, ERR_USAGE, "--%s goes with --binding, which was not given", stray);
    return error_hint(err, "add --binding NAME");
}

struct kv_binding which_binding(const struct options *o)
{
    const char *env = o->envs.n > 0 ? o->envs.items[0] : getenv("CLOUDFLARE_ENV");
    return (struct kv_binding){
        .name = o->binding,
        .config = o->wrangler_config,
        .env = env && *env ? bytes_of(env) : bytes_make(NULL, 0), /* as wrangler: "" is no name */
        .preview = o->preview,
        .local = o->local,
    };
}

bool which_check_options(const struct session *s, struct error *err)
{
    const struct options *o = s->options;
    if (o->namespace_id && o->namespace_title)
        return error_set(err, ERR_USAGE, "--namespace-id and --namespace exclude each other");
    if (!which_check_binding(o, err))
        return false;
    if (which_option(o))
        return true;
    error_set(err, ERR_USAGE, "'%s' needs a namespace", s->command);
    return error_hint(err, "add --namespace TITLE, --namespace-id ID or --binding NAME");
}

/* What is asked and told names the account that the namespace is in. */
static bool met(struct session *s, bool found, const struct kv_namespace *ns)
{
    if (found && !s->target.local)
        target_add_account(&s->target, ns->account);
    return found;
}

bool which_by_word(struct session *s, const char *word, struct kv_namespace *out, struct error *err)
{
    return met(s, kv_find_word(&s->kv, bytes_of(word), out, err), out);
}

static bool by_id(struct session *s, bool need_title, struct kv_namespace *out, struct error *err)
{
    struct bytes id = bytes_of(s->options->namespace_id), account = {0};
    if (!id_valid(id) && !account_split(s->target.words.names, id, &account, &id))
        account = bytes_make(NULL, 0);
    return met(s, kv_find_id(&s->kv, account, id, need_title, out, err), out);
}

/* As with wrangler a namespace of the local store comes to be with its first key: where a config
 * names it, or the folder is another one, in which nothing is known yet. */
static bool settle_local(struct session *s, const struct kv_namespace *ns, struct error *err)
{
    const struct options *o = s->options;
    struct local_store *ls = s->target.local;
    if (!ls)
        return true;
    if (o->binding || o->persist_to)
        local_store_allow(ls, ns->id);
    return !o->persist_to || local_store_bind_root(ls, ns->id, o->persist_to, true, err);
}

bool which_by_options(struct session *s, bool need_title, struct kv_namespace *out,
                      struct error *err)
{
    const struct options *o = s->options;
    if (!which_check_options(s, err))
        return false;
    bool found = o->namespace_id      ? by_id(s, need_title, out, err)
                 : o->namespace_title ? which_by_word(s, o->namespace_title, out, err)
                                      : kv_find_bound(&s->kv, &s->bound, need_title, out, err);
    return found && settle_local(s, out, err);
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
    return which_by_word(s, word, out, err);
}

bool which_or_create(struct session *s, const char *word, const struct kv_kind *kind,
                     struct kv_namespace *out, bool *created, struct error *err)
{
    char name[KV_QUOTED_SIZE];
    const struct options *o = s->options;
    const char *title = word ? word : o->namespace_id ? NULL : o->namespace_title;
    *created = false;
    if (word ? which_by_word(s, word, out, err) : which_by_options(s, true, out, err))
        return true;
    if (err->code != ERR_NOT_FOUND || !title)
        return false;
    if (!o->create) {
        char near[sizeof err->hint];
        snprintf(near, sizeof near, "%s", err->hint);
        return error_hint(err, "%.200s%sadd --create to make it", near, *near ? ", or " : "");
    }
    struct bytes account = {0}, plain = bytes_of(title);
    if (!account_split(s->target.words.names, plain, &account, &plain))
        plain = bytes_of(title);
    if (!met(s, kv_create(&s->kv, account, plain, kind, out, NULL, err), out))
        return false;
    *created = true;
    output_note(s->output, "created namespace %s with id %.*s", kv_quoted(out, name),
                BYTES_FMT(out->id));
    return true;
}
