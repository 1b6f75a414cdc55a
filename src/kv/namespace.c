#include "namespace.h"

#include "base/text.h"
#include "run.h"

/* Names the one that has the title, when it can be found. */
static bool explain_taken(struct kv *kv, struct bytes title, struct error *err)
{
    char name[KV_QUOTED_SIZE];
    struct kv_namespace there;
    struct error unheard;
    if (err->code != ERR_EXISTS)
        return false;
    error_set(err, ERR_EXISTS, "the title %s is taken", text_quoted(title, name, sizeof name));
    if (!kv_find_title(kv, title, &there, &unheard))
        return false;
    return error_hint(err, "the namespace of that title has the id %.*s", BYTES_FMT(there.id));
}

struct creation {
    struct kv *kv;
    struct bytes account;
    struct kv_namespace *out;
    bool existed;
};

static bool created(void *ctx, const struct store_result *result, struct error *err)
{
    struct creation *c = ctx;
    c->existed = result->existed;
    if (result->n_namespaces != 1)
        return error_set(err, ERR_FORMAT, "the answer to a create names no namespace");
    *c->out = kv_known(c->kv, c->account, &result->namespaces[0]);
    return true;
}

/* What was asked for counts where the answer does not tell it. */
static void complete(struct kv *kv, const struct store_op *op, struct kv_namespace *made)
{
    if (!made->jurisdiction.data)
        made->jurisdiction = op->jurisdiction;
    if (!made->mode.data)
        made->mode = op->mode;
    store_note_mode(kv->store, made->id, made->mode);
}

bool kv_create(struct kv *kv, struct bytes account, struct bytes title, const struct kv_kind *kind,
               struct kv_namespace *out, bool *existed, struct error *err)
{
    struct creation c = {.kv = kv, .out = out};
    struct store_op op = {.kind = STORE_NAMESPACE_CREATE, .account = account, .title = title};
    if (kind && !kv->local) {
        op.jurisdiction = kind->jurisdiction;
        op.mode = kind->mode;
    }
    op.id = bytes_of(kv->new_id ? kv->new_id(kv->target, &kv->arena, title) : "");
    if (account.len == 0 && kv->account && !kv->account(kv->target, &op.account, err))
        return false;
    c.account = op.account;
    if (!kv_run(kv->store, &op, created, &c, err))
        return explain_taken(kv, title, err);
    complete(kv, &op, out);
    if (existed)
        *existed = c.existed;
    kv_note_made(kv, out);
    return true;
}

bool kv_rename(struct kv *kv, struct kv_namespace *ns, struct bytes title, struct error *err)
{
    struct store_op op = {
        .kind = STORE_NAMESPACE_RENAME, .account = ns->account, .id = ns->id, .title = title};
    if (!kv_run(kv->store, &op, NULL, NULL, err))
        return explain_taken(kv, title, err);
    ns->title = title;
    kv_note_title(kv, ns, title);
    return true;
}
