/*
 * apply_backup.c: what is about to be overwritten or deleted is saved first, all of a run in one
 * file.
 */
#include "applier.h"

#include "base/mem.h"

/* What making the plan has found out. */
static bool is_odd(void *ctx, const struct kv_namespace *ns, struct bytes key)
{
    const struct observed *o = ((const struct applier *)ctx)->pl.o;
    size_t at = observed_by_id(o, ns->account, ns->id);
    const struct observed_key *live =
        at == OBSERVE_NONE ? NULL : observed_key(&o->namespaces[at], key, NULL);
    return live && observed_is_odd(live);
}

bool applier_open(struct applier *ap, const struct apply_options *options, struct error *err)
{
    const struct project *project = &ap->pl.m->project;
    struct kv *kv = &ap->kv;
    if (!target_kv(ap->pl.t, &ap->pl.t->state, ap->p->options.now, kv, err) ||
        (project->backups_dir.data &&
         !target_backups(ap->pl.t, project->backups_dir, &kv->backups.dir, err)))
        return false;
    kv->guards = plan_guards(&ap->pl);
    kv->permits = ap->p->options.permits;
    kv->words = GUARD_PLAN;
    kv->is_odd = is_odd;
    kv->is_odd_ctx = ap;
    kv->jobs = options->jobs;
    kv->tell = options->tell;
    kv->tell_ctx = options->tell_ctx;
    kv->backups.keep = (unsigned)project->backups_keep;
    kv->backups.days = (unsigned)project->backups_days;
    kv->backups.fleeting = options->fleeting;
    kv->backups.off = ap->p->options.no_backup;
    return true;
}

void applier_close(struct applier *ap)
{
    struct apply_result *r = ap->r;
    const char *path = kv_saved_path(&ap->kv);
    if (path) {
        mem_grow((void **)&r->backups, &r->cap_backups, r->n_backups + 1, sizeof *r->backups);
        r->backups[r->n_backups++] = arena_copy(&r->arena, bytes_of(path));
    }
    kv_release(&ap->kv);
}

struct kv_namespace applier_namespace(const struct applier *ap, const struct observed_namespace *ns)
{
    return (struct kv_namespace){.account = ns->account,
                                 .id = ns->id,
                                 .title = ns->title,
                                 .jurisdiction = ns->jurisdiction,
                                 .mode = ns->mode,
                                 .entry = state_find_id(ap->s, ns->account, ns->id)};
}

struct named_keys {
    const struct bytes *keys;
    size_t n, at;
};

static enum pull next_listed(void *ctx, struct bytes *key, struct error *err)
{
    struct named_keys *list = ctx;
    (void)err;
    if (list->at == list->n)
        return PULL_END;
    *key = list->keys[list->at++];
    return PULL_PAIR;
}

bool apply_backup(struct applier *ap, const struct observed_namespace *live, const char *reason,
                  const struct bytes *keys, size_t n, struct error *outcome, struct error *err)
{
    struct kv_namespace ns = applier_namespace(ap, live);
    struct kv_saving what = {.ns = &ns, .reason = reason, .partial = true};
    struct named_keys list = {keys, n, 0};
    struct kv_section section;
    *outcome = (struct error){0};
    return kv_save(&ap->kv, &what, next_listed, &list, &section, outcome) ||
           applier_goes_on(outcome, err);
}
