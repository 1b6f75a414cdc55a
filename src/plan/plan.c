#include "plan.h"

#include "base/mem.h"
#include "base/text.h"
#include "local_ids.h"
#include "planner.h"

struct action *planner_action(struct planner *pl, enum action_kind kind, enum action_verb verb,
                              const char *reason)
{
    struct plan *p = pl->p;
    mem_grow((void **)&p->actions, &p->cap, p->n + 1, sizeof *p->actions);
    struct action *a = &p->actions[p->n++];
    *a = (struct action){.kind = kind, .verb = verb, .reason = reason, .ns = SIZE_MAX};
    return a;
}

struct action *planner_declared(struct planner *pl, size_t ns, enum action_verb verb,
                                const char *reason)
{
    struct action *a = planner_action(pl, ACTION_NAMESPACE, verb, reason);
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    a->ns = ns;
    a->account_id = planner_account(pl, ns);
    a->address = decl->address;
    a->title = decl->title;
    a->id = pl->p->ids[ns];
    a->on_remove = decl->on_remove;
    a->origin = pl->p->resolutions[ns].origin;
    a->pos = decl->pos;
    return a;
}

struct action *planner_key(struct planner *pl, size_t ns, enum action_kind kind,
                           enum action_verb verb, struct bytes key, const char *reason)
{
    struct action *a = planner_declared(pl, ns, verb, reason);
    a->kind = kind;
    a->key = key;
    return a;
}

void planner_record_add(struct planner *pl, struct plan_record record)
{
    struct plan *p = pl->p;
    arena_grow(&p->arena, (void **)&p->records, &p->cap_records, p->n_records + 1,
               sizeof *p->records);
    p->records[p->n_records++] = record;
}

bool plan_is_empty(const struct plan *p)
{
    return p->n == 0;
}

void plan_start(struct plan *p, const struct model *m, struct target *t,
                const struct plan_options *options)
{
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
}

static size_t failed_resolutions(const struct plan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_ids; i++)
        n += p->resolutions[i].in_scope && p->resolutions[i].kind == RESOLVE_FAILED;
    return n;
}

static bool check_resolutions(const struct plan *p, struct error *err)
{
    size_t failed = failed_resolutions(p);
    return failed == 0 ||
           error_set(err, ERR_FAILED, "%zu declaration%s cannot be matched with the account",
                     failed, text_plural(failed));
}

bool plan_make(struct plan *p, const struct model *m, struct target *t,
               const struct file_root *root, const struct plan_options *options, struct error *err)
{
    plan_start(p, m, t, options);
    struct planner pl = {.p = p, .m = m, .t = t, .root = root, .o = p->observed};
    if (!files_read(&pl, err) || !resolve_accounts(&pl, err) || !resolve_doubts(&pl, err))
        return false;
    if (!options->destroy) {
        local_ids_choose(&pl);
        resolve_declarations(&pl);
        if (!local_ids_settle(&pl, err))
            return false;
    }
    plan_names(&pl);
    if (!check_resolutions(p, err) || !plan_keys(&pl, err))
        return false;
    plan_files(&pl);
    plan_removals(&pl);
    plan_find_guards(&pl);
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
