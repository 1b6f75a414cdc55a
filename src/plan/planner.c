#include "planner.h"

#include "base/mem.h"
#include "base/text.h"

struct state_namespace *planner_entry(const struct planner *pl, size_t ns)
{
    struct bytes address = pl->p->resolutions[ns].entry_address;
    return address.data ? state_find(&pl->t->state, planner_account(pl, ns), address) : NULL;
}

const struct state_writing *planner_writing(const struct planner *pl, size_t ns)
{
    return state_writing(&pl->t->state, planner_account(pl, ns), planner_entry(pl, ns),
                         planner_title(pl, ns));
}

const struct state_key *planner_pending(const struct planner *pl, size_t ns, struct bytes key)
{
    return state_find_writing(planner_writing(pl, ns), key);
}

struct observed_namespace *planner_live(const struct planner *pl, size_t ns)
{
    size_t live = pl->p->resolutions[ns].live;
    return live == OBSERVE_NONE ? NULL : &pl->o->namespaces[live];
}

struct bytes planner_title(const struct planner *pl, size_t ns)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct observed_namespace *live = decl->keeps_title ? planner_live(pl, ns) : NULL;
    return live ? live->title : decl->title;
}

bool planner_in_scope(const struct plan_options *options, struct bytes env, struct bytes account,
                      struct bytes address, struct bytes title)
{
    bool in_env = options->n_envs == 0;
    for (size_t i = 0; i < options->n_envs; i++)
        in_env = in_env || bytes_equal(env, bytes_of(options->envs[i]));
    bool in_only = options->n_only == 0;
    for (size_t i = 0; i < options->n_only; i++)
        in_only = in_only || account_matches(bytes_of(options->only[i]), account, address, title);
    return in_env && in_only && (!options->sweep || sweep_takes(options->sweep, env));
}

bool planner_takes(const struct plan_options *options, const struct model *m,
                   const struct namespace_decl *ns)
{
    return planner_in_scope(options, ns->env, namespace_account(m, ns), ns->address, ns->title);
}

bool planner_takes_recorded(const struct plan_options *options, const struct model *m,
                            struct state *state, const struct namespace_decl *ns)
{
    struct bytes account = namespace_account(m, ns);
    const struct state_namespace *entry =
        ns->keeps_title ? state_find_id(state, account, ns->id) : NULL;
    return planner_takes(options, m, ns) ||
           (entry && planner_in_scope(options, ns->env, account, ns->address, entry->title));
}

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
    a->title = planner_title(pl, ns);
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
