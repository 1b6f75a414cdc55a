/*
 * make.c: the steps of making a plan, in their order.
 */
#include "base/mem.h"
#include "base/text.h"
#include "config_notes.h"
#include "config_update.h"
#include "leftovers.h"
#include "local_ids.h"
#include "planner.h"

bool plan_is_empty(const struct plan *p)
{
    return p->n == 0 && p->n_outputs == 0;
}

void plan_start(struct plan *p, const struct model *m, struct target *t,
                const struct plan_options *options)
{
    p->model = m;
    p->target = t;
    p->fresh = t->state.fresh;
    p->options = *options;
    p->n_ids = m->n_namespaces;
    p->bare_loss = p->bare_mass = SIZE_MAX;
    p->ids = arena_alloc(&p->arena, m->n_namespaces, sizeof *p->ids);
    p->resolutions = arena_alloc(&p->arena, m->n_namespaces, sizeof *p->resolutions);
    p->observed = observed_new(&p->arena, t->store);
    p->configs = arena_alloc(&p->arena, 1, sizeof *p->configs);
    p->observed->trusted = t->local != NULL;
    p->observed->progress = options->on_look;
    p->observed->progress_ctx = options->look_ctx;
}

static bool check_resolutions(const struct plan *p, struct error *err)
{
    size_t failed = 0;
    for (size_t i = 0; i < p->n_ids; i++)
        failed += p->resolutions[i].in_scope && p->resolutions[i].kind == RESOLVE_FAILED;
    return failed == 0 ||
           error_set(err, ERR_FAILED, "%zu declaration%s cannot be matched with the account",
                     failed, text_plural(failed));
}

bool plan_make(struct plan *p, const struct model *m, struct target *t,
               const struct file_root *root, const struct plan_options *options, struct error *err)
{
    plan_start(p, m, t, options);
    struct planner pl = {.p = p, .m = m, .t = t, .root = root, .o = p->observed};
    if (!plan_configs_read(&pl, err) || !configs_check(p->configs, m, &p->notes, err) ||
        !resolve_accounts(&pl, false, err) || !resolve_unlisted(&pl, err))
        return false;
    if (!options->destroy) {
        local_ids_choose(&pl);
        resolve_declarations(&pl);
        if (!local_ids_settle(&pl, err))
            return false;
    }
    plan_namespaces(&pl);
    bool fits = plan_check_accounts(&pl, err);
    if (!check_resolutions(p, err) || !fits || !plan_keys(&pl, err))
        return false;
    plan_configs(&pl);
    plan_removals(&pl);
    plan_note_leftovers(&pl);
    if (!plan_check_obstacles(&pl, err))
        return false;
    plan_outputs(&pl);
    plan_note_likely_renames(&pl);
    plan_find_guards(&pl);
    if (!losses_look(&pl, err))
        return false;
    plan_forecast(&pl);
    return true;
}

void plan_release(struct plan *p)
{
    observed_free(p->observed);
    if (p->configs)
        configs_release(p->configs);
    mem_free(p->actions);
    diag_release(&p->notes);
    arena_release(&p->arena);
    *p = (struct plan){0};
}
