#include "applier.h"

#include "base/mem.h"
#include "base/text.h"
#include "deploy_ids.h"
#include "unlisted.h"

/* ---- What was done, and what not ------------------------------------------------------------- */

static void report(struct applier *ap, size_t action, bool ok)
{
    if (ap->options->on_progress)
        ap->options->on_progress(ap->options->progress_ctx, ap->p, action, ok);
}

void applier_done(struct applier *ap, size_t action)
{
    ap->changed = true;
    plan_summarise(&ap->r->applied, &ap->p->actions[action]);
    report(ap, action, true);
}

void applier_fail(struct applier *ap, size_t action, const struct error *cause)
{
    applier_fail_key(ap, action, bytes_make(NULL, 0), cause);
    report(ap, action, false);
}

void applier_fail_key(struct applier *ap, size_t action, struct bytes key,
                      const struct error *cause)
{
    struct apply_result *r = ap->r;
    mem_grow((void **)&r->failed, &r->cap_failed, r->n_failed + 1, sizeof *r->failed);
    r->failed[r->n_failed++] = (struct apply_failure){
        .action = action,
        .key = arena_keep(&r->arena, key),
        .message = arena_str(&r->arena, cause->message),
        .hint = cause->hint[0] ? arena_str(&r->arena, cause->hint) : NULL,
    };
}

/* ---- One operation --------------------------------------------------------------------------- */

bool applier_run(struct applier *ap, const struct store_op *op, kv_ok_fn on_ok, void *ctx,
                 struct error *outcome, struct error *err)
{
    *outcome = (struct error){0};
    ap->pl.o->requests++;
    if (kv_run(ap->pl.t->store, op, on_ok, ctx, outcome))
        return true;
    return applier_goes_on(outcome, err);
}

bool applier_is_refusal(enum error_code code)
{
    return code == ERR_EXISTS || code == ERR_LIMIT || code == ERR_INVALID;
}

bool applier_goes_on(const struct error *outcome, struct error *err)
{
    if (outcome->code != ERR_INTERRUPTED)
        return true;
    *err = *outcome;
    return false;
}

/* ---- The steps ------------------------------------------------------------------------------- */

static bool run_steps(struct applier *ap, struct error *err)
{
    return apply_moves(ap, err) && apply_renames(ap, err) && apply_records(ap, err) &&
           apply_creations(ap, err) && apply_roots(ap, err) && apply_keys(ap, err) &&
           apply_ttls(ap, err) && apply_files(ap, err) && apply_removals(ap, err) &&
           apply_outputs(ap, err);
}

static uint64_t actions_done(const struct plan_summary *a)
{
    return a->create + a->adopt + a->rename + a->update + a->delete_namespaces + a->forget +
           a->put + a->overwrite + a->delete_keys + a->write;
}

static bool judge_result(const struct applier *ap, struct error *err)
{
    const struct apply_result *r = ap->r;
    if (r->n_failed == 0)
        return unlisted_verdict(ap->pl.o, ap->p->unsure, err);
    uint64_t n = actions_done(&r->applied) + r->n_failed;
    error_set(err, ap->changed ? ERR_PARTIAL : ERR_FAILED, "%zu of %llu action%s failed",
              r->n_failed, (unsigned long long)n, text_plural(n));
    return ap->changed && error_hint(err, "what was done is recorded; run it again for the rest");
}

static void find_local_ids(const struct plan *p, const struct model *m, struct target *t,
                           struct apply_result *result)
{
    struct deploy_ids ids;
    if (!t->local)
        return;
    deploy_ids_open(&ids, m, t);
    result->local_ids = arena_alloc(&result->arena, p->configs->n, sizeof *result->local_ids);
    for (size_t i = 0; i < p->configs->n; i++) {
        const struct config *config = &p->configs->items[i];
        size_t n = deploy_ids_count(&ids, config);
        if (n > 0)
            result->local_ids[result->n_local_ids++] = (struct local_ids){config->name, n};
    }
    deploy_ids_close(&ids);
}

bool plan_apply(struct plan *p, const struct model *m, struct target *t,
                const struct file_root *root, const struct apply_options *options,
                struct apply_result *result, struct error *err)
{
    struct applier ap = {
        .pl = {.p = p, .m = m, .t = t, .root = root, .o = p->observed},
        .p = p,
        .s = &t->state,
        .options = options,
        .r = result,
    };
    if (!plan_guard(p, err))
        return false;
    ap.unready = arena_alloc(&result->arena, m->n_namespaces, sizeof *ap.unready);
    bool begun = true;
    bool ok =
        applier_open(&ap, options, err) && apply_intents(&ap, &begun, err) && run_steps(&ap, err);
    if (ok)
        apply_tell_words(&ap);
    applier_close(&ap);
    if (!begun)
        return false;
    apply_end_intents(&ap);
    find_local_ids(p, m, t, result);
    struct error save = {0};
    bool saved = state_save(&t->state, &save);
    if (!ok)
        return false;
    if (!saved) {
        *err = save;
        if (!t->stop) /* a state on a service says itself what is kept, and where */
            error_wrap(err, "what was done could not be written to the state");
        return false;
    }
    return judge_result(&ap, err);
}

void apply_result_release(struct apply_result *r)
{
    mem_free(r->failed);
    mem_free(r->backups);
    arena_release(&r->arena);
    *r = (struct apply_result){0};
}
