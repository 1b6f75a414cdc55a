/*
 * apply_files.c: wrangler configs are written once the ids are known, and what was written is
 * recorded.
 */
#include "applier.h"

#include "base/mem.h"
#include "base/text.h"
#include "config_update.h"

/* Bindings of namespaces that could not be created have no id to write. */
static size_t unknown_ids(const struct config *config, const struct binding_ids *ids)
{
    size_t n = 0;
    for (size_t i = 0; i < config->n_changes; i++) {
        const struct binding_change *change = &config->changes[i];
        n += change->sets_id && !ids[change->ns].id.data;
    }
    return n;
}

static void fail_unknown(struct applier *ap, size_t action, size_t n)
{
    struct error cause;
    error_set(&cause, ERR_FAILED, "%zu binding%s no id, since the namespace could not be created",
              n, n == 1 ? " has" : "s have");
    applier_fail(ap, action, &cause);
}

static bool apply_file(struct applier *ap, size_t action, const struct binding_ids *ids,
                       struct error *err)
{
    const struct config *config = &ap->p->configs->items[ap->p->actions[action].index];
    struct error cause = {0};
    size_t unknown = unknown_ids(config, ids);
    if (!config_write(config, ap->pl.m, ids, &cause)) {
        applier_fail(ap, action, &cause);
        return true;
    }
    ap->changed = true;
    if (!configs_record(config, ids, ap->s, err) || !state_commit(ap->s, err))
        return false;
    if (unknown)
        fail_unknown(ap, action, unknown);
    else
        applier_done(ap, action);
    return true;
}

/* What files hold as it should be already. */
static bool record_rest(struct applier *ap, const struct binding_ids *ids, struct error *err)
{
    for (size_t i = 0; i < ap->p->configs->n; i++) {
        const struct config *config = &ap->p->configs->items[i];
        if (!config_is_stale(config) && !configs_record(config, ids, ap->s, err))
            return false;
    }
    return true;
}

/* A file that is declared no more is its user's alone from then on. */
static bool forget_undeclared(struct applier *ap, struct error *err)
{
    const struct configs *configs = ap->p->configs;
    for (size_t i = ap->s->n_bindings; i-- > 0;) {
        struct state_binding record = ap->s->bindings[i];
        bool declared = false;
        for (size_t j = 0; j < configs->n; j++)
            declared = declared || bytes_equal(bytes_of(configs->items[j].name), record.file);
        if (!declared && !state_remove_binding(ap->s, record.file, record.env, record.binding, err))
            return false;
    }
    return true;
}

bool apply_files(struct applier *ap, struct error *err)
{
    const struct plan_options *o = &ap->p->options;
    struct binding_ids *ids = plan_binding_ids(&ap->pl);
    bool ok = true;
    for (size_t i = 0; ok && i < ap->p->n; i++)
        if (ap->p->actions[i].kind == ACTION_FILE)
            ok = apply_file(ap, i, ids, err);
    ok = ok && record_rest(ap, ids, err) && (plan_is_filtered(o) || forget_undeclared(ap, err)) &&
         state_commit(ap->s, err);
    mem_free(ids);
    return ok;
}
