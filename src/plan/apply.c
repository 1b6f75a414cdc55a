#include "applier.h"

#include "base/mem.h"

void applier_done(struct applier *ap, size_t action)
{
    plan_summarise(&ap->r->applied, &ap->p->actions[action]);
    if (ap->options->on_progress)
        ap->options->on_progress(ap->options->progress_ctx, ap->p, action, true);
}

bool applier_fail(struct applier *ap, size_t action, const struct error *cause, struct error *err)
{
    struct apply_result *r = ap->r;
    if (!mem_grow((void **)&r->failed, &r->cap_failed, r->n_failed + 1, sizeof *r->failed))
        return error_nomem(err);
    const char *message = arena_str(&r->arena, cause->message);
    const char *hint = cause->hint[0] ? arena_str(&r->arena, cause->hint) : NULL;
    if (!message || (cause->hint[0] && !hint))
        return error_nomem(err);
    r->failed[r->n_failed++] =
        (struct apply_failure){.action = action, .message = message, .hint = hint};
    if (ap->options->on_progress)
        ap->options->on_progress(ap->options->progress_ctx, ap->p, action, false);
    return true;
}

struct single {
    struct error *outcome;
    result_fn on_result;
    void *ctx;
};

static bool single_done(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct single *one = ctx;
    (void)q;
    (void)op;
    (void)err;
    if (!result->ok)
        *one->outcome = result->error;
    else if (one->on_result)
        one->on_result(one->ctx, result);
    return true;
}

bool applier_run_one(struct applier *ap, const struct store_op *op, result_fn on_result, void *ctx,
                     struct error *outcome, struct error *err)
{
    struct queue q = {0};
    struct single one = {.outcome = outcome, .on_result = on_result, .ctx = ctx};
    *outcome = (struct error){0};
    bool ok = queue_push(&q, op, single_done, &one, err) && queue_run(&q, ap->pl.t->store, err);
    ap->pl.o->requests += q.sent;
    queue_release(&q);
    return ok;
}

/* ---- Outputs -----------------------------------------------------------------------------------
 */

static bool output_json(struct applier *ap, const struct output_decl *out, struct buf *json,
                        bool *known, struct error *err)
{
    struct buf scratch = {0};
    struct bytes value;
    struct error unknown = {0};
    *known = true;
    if (out->json.data)
        return buf_add_bytes(json, out->json) || error_nomem(err);
    if (deferred_resolve(&out->value, ap->p->ids, &scratch, &value, &unknown)) {
        struct json_writer w = json_writer_to(json, 0);
        json_value(&w, value);
    } else if (unknown.code == ERR_NOT_FOUND) {
        *known = false;
    } else {
        *err = unknown;
    }
    buf_release(&scratch);
    return unknown.code == ERR_NONE || unknown.code == ERR_NOT_FOUND ? buf_ok(json, err) : false;
}

static const struct state_output *recorded_output(const struct state *s, const char *name)
{
    for (size_t i = 0; i < s->n_outputs; i++)
        if (strcmp(s->outputs[i].name, name) == 0)
            return &s->outputs[i];
    return NULL;
}

static bool set_outputs(struct applier *ap, struct error *err)
{
    const struct model *m = ap->pl.m;
    bool ok = true;
    for (size_t i = 0; ok && i < m->n_outputs; i++) {
        const struct output_decl *out = &m->outputs[i];
        const struct state_output *old = recorded_output(ap->s, out->name);
        struct buf json = {0};
        bool known;
        ok = output_json(ap, out, &json, &known, err);
        if (ok && known && (!old || !bytes_equal(old->json, buf_bytes(&json))))
            ok = state_set_output(ap->s, out->name, buf_bytes(&json), err);
        buf_release(&json);
    }
    return ok;
}

static bool output_is_declared(const struct model *m, const char *name)
{
    for (size_t i = 0; i < m->n_outputs; i++)
        if (strcmp(m->outputs[i].name, name) == 0)
            return true;
    return false;
}

/* Outputs outside the filters stay, so with a filter nothing is dropped. */
static bool drop_outputs(struct applier *ap, struct error *err)
{
    const struct plan_options *o = &ap->p->options;
    if (o->n_envs || o->n_only || (o->destroy && ap->r->n_failed))
        return true;
    for (size_t i = ap->s->n_outputs; i-- > 0;) {
        const char *name = ap->s->outputs[i].name;
        if ((o->destroy || !output_is_declared(ap->pl.m, name)) &&
            !state_remove_output(ap->s, name, err))
            return false;
    }
    return true;
}

static bool apply_outputs(struct applier *ap, struct error *err)
{
    struct bytes project = ap->pl.m->project.name;
    bool named = project.data && !(ap->s->project.data && bytes_equal(project, ap->s->project));
    if (named && !state_set_project(ap->s, project, err))
        return false;
    if (!ap->p->options.destroy && !set_outputs(ap, err))
        return false;
    return drop_outputs(ap, err) && state_commit(ap->s, err);
}

/* ---- The steps ---------------------------------------------------------------------------------
 */

static bool run_steps(struct applier *ap, struct error *err)
{
    return apply_renames(ap, err) && apply_records(ap, err) && apply_creates(ap, err) &&
           apply_keys(ap, err) && apply_removals(ap, err) && apply_outputs(ap, err);
}

static bool judge_result(const struct apply_result *r, struct error *err)
{
    const struct plan_summary *a = &r->applied;
    uint64_t done = a->create + a->adopt + a->rename + a->update + a->delete_namespaces +
                    a->forget + a->put + a->overwrite + a->delete_keys + a->write;
    if (r->n_failed == 0)
        return true;
    error_set(err, done ? ERR_PARTIAL : ERR_FAILED, "%zu of %llu actions failed: %s", r->n_failed,
              (unsigned long long)(done + r->n_failed), r->failed[0].message);
    return r->failed[0].hint ? error_hint(err, "%s", r->failed[0].hint) : false;
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
    bool ok = ap.unready ? run_steps(&ap, err) : error_nomem(err);
    struct error save = {0};
    bool saved = state_save(&t->state, &save);
    if (!ok)
        return false;
    if (!saved) {
        *err = save;
        return error_wrap(err, "everything was done, but the state could not be written");
    }
    return judge_result(result, err);
}

void apply_result_release(struct apply_result *r)
{
    mem_free(r->failed);
    mem_free(r->backups);
    arena_release(&r->arena);
    *r = (struct apply_result){0};
}
