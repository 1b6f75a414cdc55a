/*
 * guard.c: what must not happen without a word from the user. The guards themselves are kv's
 * (kv/guard.h); here they are asked about everything that a plan would do. What they refuse becomes
 * notes: planning shows them, plan_guard refuses on them.
 *
 * The bare form of a permission is good where one namespace would be refused, so refusals are
 * collected first.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "guard_glob.h"
#include "kv/guard.h"
#include "model/diag_groups.h"
#include "planner.h"

/* Which permission lifts a refusal. */
enum lift { LIFT_NONE, LIFT_LOSS, LIFT_MASS };

struct refusal {
    enum lift lift;
    size_t subject; /* which namespace it is about */
    const char *code;
    struct srcpos pos;
    const char *message, *hint;
};

struct guarding {
    struct planner *pl;
    struct refusal *items; /* in the plan's arena */
    size_t n, cap;
};

/* Namespaces that are declared, and then those that are removed. */
static size_t subject_of_removal(const struct plan *p, size_t removal)
{
    return p->n_ids + removal;
}

static void refuse(struct guarding *g, enum lift lift, size_t subject, const char *code,
                   struct srcpos pos, const struct error *cause)
{
    struct arena *arena = &g->pl->p->arena;
    arena_grow(arena, (void **)&g->items, &g->cap, g->n + 1, sizeof *g->items);
    g->items[g->n++] = (struct refusal){.lift = lift,
                                        .subject = subject,
                                        .code = code,
                                        .pos = pos,
                                        .message = arena_str(arena, cause->message),
                                        .hint = arena_str(arena, cause->hint)};
}

struct guards plan_guards(const struct planner *pl)
{
    const struct project *project = &pl->m->project;
    return (struct guards){(unsigned)project->mass_percent, (unsigned)project->mass_from};
}

static bool protects_here(const struct planner *pl)
{
    return pl->t->local == NULL; /* a developer's local store is not protected */
}

/* What guards ask about a namespace of that account, address and title. */
static struct guarded guarded(const struct planner *pl, struct bytes account, struct bytes address,
                              struct bytes title)
{
    const struct removed_decl *said = model_find_removed(pl->m, account, address, title);
    return (struct guarded){.account = account,
                            .account_word = target_account_word(pl->t, account),
                            .address = address,
                            .title = title,
                            .permits = pl->p->options.permits,
                            .loss_said = said && said->allow_data_loss,
                            .mass_said = said && said->allow_mass_delete,
                            .guards = plan_guards(pl),
                            .unsaved = pl->p->options.no_backup,
                            .words = GUARD_PLAN};
}

/* ---- Deleting namespaces --------------------------------------------------------------------- */

static struct guarded guarded_removal(const struct planner *pl, const struct action *a)
{
    const struct state_namespace *entry = state_find(&pl->t->state, a->account_id, a->address);
    struct guarded about = guarded(pl, a->account_id, a->address, entry ? entry->title : a->title);
    about.id = a->id;
    about.protect = protects_here(pl) && entry && entry->protect;
    return about;
}

static void guard_removal(struct guarding *g, const struct action *a)
{
    const struct planner *pl = g->pl;
    const struct observed_namespace *live = &pl->o->namespaces[pl->p->removals[a->index].live];
    struct guarded about = guarded_removal(pl, a);
    size_t subject = subject_of_removal(pl->p, a->index);
    struct error cause;
    if (!guard_protected(&about, &cause))
        refuse(g, LIFT_NONE, subject, "guard.protect", a->pos, &cause);
    if (!guard_title(&about, about.title, live->title, &cause))
        refuse(g, LIFT_NONE, subject, "guard.title", a->pos, &cause);
    if (!guard_data_loss(&about, live->keys_known, live->n_keys, false, &cause))
        refuse(g, LIFT_LOSS, subject, "guard.data_loss", a->pos, &cause);
}

/* ---- Many namespaces ------------------------------------------------------------------------- */

/* How many namespaces the state holds, and how many of them may be deleted once they are declared
 * no more. Those of ephemeral environments come and go. */
static void count_managed(const struct planner *pl, uint64_t *managed, uint64_t *deletable)
{
    *managed = *deletable = 0;
    for (size_t a = 0; a < pl->t->state.n_accounts; a++) {
        const struct state_account *account = &pl->t->state.accounts[a];
        for (size_t i = 0; !account->aside && i < account->n; i++) {
            const struct state_namespace *entry = &account->namespaces[i];
            bool counts = !entry->removed && !environment_is_ephemeral(&pl->m->project, entry->env);
            *managed += counts;
            *deletable += counts && state_on_remove(entry) == ON_REMOVE_DELETE;
        }
    }
}

static bool is_ephemeral(const struct planner *pl, const struct removal *r)
{
    const struct state_namespace *entry = state_find(&pl->t->state, r->account, r->address);
    return entry && environment_is_ephemeral(&pl->m->project, entry->env);
}

static bool may_go(const struct planner *pl, const struct removal *r)
{
    const struct state_namespace *entry = state_find(&pl->t->state, r->account, r->address);
    struct guarded about = guarded(pl, r->account, r->address, entry ? entry->title : r->address);
    return about.mass_said ||
           permit_names(&about.permits.mass_delete, about.account, about.address, about.title);
}

/* Removals are sorted by address. Each namespace that was not named is a subject of the refusal. */
static void guard_removals(struct guarding *g)
{
    struct planner *pl = g->pl;
    const struct plan *p = pl->p;
    struct bytes *names = mem_zalloc(p->n_removals + 1, sizeof *names);
    struct bytes *addresses = mem_zalloc(p->n_removals + 1, sizeof *addresses);
    struct guarded_many many = {.guards = plan_guards(g->pl), .names = names};
    struct error cause;
    uint64_t deletable, deleted = 0;
    size_t subject = 0;
    count_managed(g->pl, &many.managed, &deletable);
    for (size_t i = 0; i < p->n_removals; i++) {
        const struct removal *r = &p->removals[i];
        if (!r->deleted || is_ephemeral(g->pl, r))
            continue;
        deleted++;
        if (!may_go(g->pl, r)) {
            addresses[many.n] = r->address;
            names[many.n++] = target_address(pl->t, &pl->p->arena, r->account, r->address);
            subject = subject_of_removal(p, i);
        }
    }
    many.emptied = g->pl->m->n_namespaces == 0 && deleted > 0 && deleted == deletable;
    many.glob = many.n > DIAG_ALONE_MAX ? plan_exact_glob(pl, addresses, many.n) : NULL;
    if (!guard_mass_namespaces(&many, &cause))
        refuse(g, many.n == 1 ? LIFT_MASS : LIFT_NONE, subject, "guard.mass_delete",
               (struct srcpos){0}, &cause);
    mem_free(names);
    mem_free(addresses);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

struct key_losses {
    uint64_t overwrites, prunes, deletes, added;
};

static void losses_add(struct key_losses *l, const struct action *a)
{
    if (a->kind == ACTION_BULK) {
        l->overwrites += a->bulk->counts.overwrite;
        l->added += a->bulk->counts.added;
    } else if (a->kind == ACTION_KEY && a->verb == ACTION_PUT) {
        l->overwrites += a->overwrite;
        l->added += a->live == NULL;
    } else if (a->kind == ACTION_KEY) {
        l->deletes++;
        l->prunes += a->pruned;
    }
}

static struct key_losses losses_of(const struct planner *pl, size_t ns)
{
    struct key_losses l = {0};
    for (size_t i = 0; i < pl->p->n; i++) {
        const struct action *a = &pl->p->actions[i];
        if (a->ns == ns && !a->dropped)
            losses_add(&l, a);
    }
    return l;
}

static void guard_keys(struct guarding *g, size_t ns, struct key_losses l)
{
    const struct planner *pl = g->pl;
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct resolution *res = &pl->p->resolutions[ns];
    const struct observed_namespace *seen = planner_live(pl, ns);
    struct guarded about =
        guarded(pl, planner_account(pl, ns), decl->address, planner_title(pl, ns));
    uint64_t live = seen ? seen->n_keys : 0;
    bool adopting = res->adopted && res->origin == STATE_ADOPTED;
    bool emptied = l.deletes > 0 && l.deletes == live && l.added == 0;
    struct error cause;
    about.protect = protects_here(pl) && res->protect;
    if (adopting && !guard_adopted(&about, l.overwrites, l.prunes, &cause))
        refuse(g, LIFT_LOSS, ns, "guard.data_loss", decl->pos, &cause);
    if (emptied && !guard_protected_keys(&about, l.deletes, "deleted, which leaves none", &cause))
        refuse(g, LIFT_LOSS, ns, "guard.protect", decl->pos, &cause);
    if (!guard_mass_keys(&about, l.deletes, live, "deleted", &cause))
        refuse(g, LIFT_MASS, ns, "guard.mass_delete", decl->pos, &cause);
}

/* Key actions of one namespace stand together, so one walk tells all of them. */
static void guard_all_keys(struct guarding *g)
{
    const struct plan *p = g->pl->p;
    for (size_t i = 0; i < p->n;) {
        size_t ns = p->actions[i].ns;
        struct key_losses l = {0};
        if (!action_on_keys(&p->actions[i])) {
            i++;
            continue;
        }
        for (; i < p->n && action_on_keys(&p->actions[i]) && p->actions[i].ns == ns; i++)
            losses_add(&l, &p->actions[i]);
        guard_keys(g, ns, l);
    }
}

/* ---- Environments of several people ---------------------------------------------------------- */

static bool is_named_after(struct bytes env, struct bytes value)
{
    for (size_t at = 0; value.len > 0 && at + value.len <= env.len; at++)
        if (bytes_equal(bytes_make(env.data + at, value.len), value))
            return true;
    return false;
}

/* The environment variable that a declared environment is named after; NULL: none is. */
static const struct input_decl *naming_input(const struct model *m, struct bytes *env)
{
    for (size_t i = 0; i < m->n_inputs; i++)
        for (size_t n = 0; m->inputs[i].kind == INPUT_ENV && n < m->n_namespaces; n++) {
            *env = m->namespaces[n].env;
            if (!m->inputs[i].secret && is_named_after(*env, m->inputs[i].value))
                return &m->inputs[i];
        }
    return NULL;
}

static bool is_declared_env(const struct model *m, struct bytes env)
{
    for (size_t n = 0; n < m->n_namespaces; n++)
        if (bytes_equal(m->namespaces[n].env, env))
            return true;
    return false;
}

/* Where environments are named after who runs this, what is not declared may be a colleague's. */
static void note_others(struct planner *pl)
{
    struct bytes own;
    const struct input_decl *input = naming_input(pl->m, &own);
    char title[QUOTED_SIZE], env[QUOTED_SIZE], mine[QUOTED_SIZE];
    for (size_t i = 0; input && i < pl->p->n_removals; i++) {
        const struct removal *r = &pl->p->removals[i];
        const struct state_namespace *entry = state_find(&pl->t->state, r->account, r->address);
        if (!r->deleted || !entry || !entry->env.data || is_declared_env(pl->m, entry->env))
            continue;
        diag_add(&pl->p->notes, DIAG_WARNING, "namespace.other_env", input->pos,
                 "namespace %s of environment %s would be deleted; environments are named after "
                 "variable '%s' here, so it may be a colleague's",
                 text_quoted(entry->title, title, sizeof title),
                 text_quoted(entry->env, env, sizeof env), input->name);
        diag_hint(&pl->p->notes,
                  "--env %s leaves others alone; or give each a state of their own with --state",
                  text_quoted(own, mine, sizeof mine));
        return; /* one is enough to tell */
    }
}

/* ---- The bare permission --------------------------------------------------------------------- */

/* How many namespaces that permission is asked for; those it was spent on before count. */
static size_t count_subjects(const struct guarding *g, enum lift lift, size_t spent)
{
    size_t n = spent != SIZE_MAX, last = spent;
    for (size_t i = 0; i < g->n; i++) {
        if (g->items[i].lift != lift || g->items[i].subject == last)
            continue;
        last = g->items[i].subject;
        n++;
    }
    return n;
}

static bool spend(const struct guarding *g, enum lift lift, const struct permit *permit,
                  size_t *spent)
{
    if (!permit->bare || count_subjects(g, lift, *spent) != 1)
        return false;
    for (size_t i = 0; i < g->n; i++)
        if (g->items[i].lift == lift)
            *spent = g->items[i].subject;
    return true;
}

static struct bytes address_of(const struct planner *pl, size_t subject)
{
    return subject < pl->p->n_ids ? pl->m->namespaces[subject].address
                                  : pl->p->removals[subject - pl->p->n_ids].address;
}

/* The option that lifts all refusals of a kind when it is said once; NULL: there is none. */
static const char *one_word(struct guarding *g, enum lift lift, const char *option)
{
    struct bytes *addresses = mem_zalloc(g->n + 1, sizeof *addresses);
    size_t n = 0;
    char quoted[QUOTED_SIZE];
    for (size_t i = 0; i < g->n; i++)
        if (g->items[i].lift == lift)
            addresses[n++] = address_of(g->pl, g->items[i].subject);
    const char *glob = n > DIAG_ALONE_MAX ? plan_exact_glob(g->pl, addresses, n) : NULL;
    mem_free(addresses);
    return glob ? arena_printf(&g->pl->p->arena, "--%s=%s", option,
                               text_quoted(bytes_of(glob), quoted, sizeof quoted))
                : NULL;
}

/* A kind of refusals, and the permission for it. */
struct lifted {
    const struct permit *permit; /* NULL: nothing lifts them */
    const char *one_word;
};

static void note_refusal(struct planner *pl, const struct refusal *r, const struct lifted *lifted)
{
    bool bare = lifted->permit && lifted->permit->bare;
    diag_add(&pl->p->notes, DIAG_ERROR, r->code, r->pos, "%s", r->message);
    if (r->hint[0])
        diag_hint(&pl->p->notes, "%s%s", r->hint,
                  bare ? " (bare, it is good for one namespace only)" : "");
    if (lifted->one_word)
        diag_together(&pl->p->notes, lifted->one_word);
}

/* What is left becomes notes. */
static void guarding_end(struct guarding *g)
{
    struct plan *p = g->pl->p;
    const struct permits *permits = &p->options.permits;
    bool loss = spend(g, LIFT_LOSS, &permits->data_loss, &p->bare_loss);
    bool mass = spend(g, LIFT_MASS, &permits->mass_delete, &p->bare_mass);
    const struct lifted lifted[] = {
        [LIFT_NONE] = {NULL, NULL},
        [LIFT_LOSS] = {&permits->data_loss, one_word(g, LIFT_LOSS, "allow-data-loss")},
        [LIFT_MASS] = {&permits->mass_delete, one_word(g, LIFT_MASS, "allow-mass-delete")},
    };
    for (size_t i = 0; i < g->n; i++) {
        enum lift lift = g->items[i].lift;
        if (!(lift == LIFT_LOSS ? loss : lift == LIFT_MASS && mass))
            note_refusal(g->pl, &g->items[i], &lifted[lift]);
    }
}

/* ---- All ------------------------------------------------------------------------------------- */

void plan_find_guards(struct planner *pl)
{
    struct guarding g = {.pl = pl};
    for (size_t i = 0; i < pl->p->n; i++) {
        const struct action *a = &pl->p->actions[i];
        if (a->kind == ACTION_NAMESPACE && a->verb == ACTION_DELETE)
            guard_removal(&g, a);
    }
    if (!pl->p->options.destroy) {
        note_others(pl);
        guard_removals(&g);
    }
    guard_all_keys(&g);
    guarding_end(&g);
}

void plan_find_key_guards(struct planner *pl, size_t ns)
{
    struct guarding g = {.pl = pl};
    guard_keys(&g, ns, losses_of(pl, ns));
    guarding_end(&g);
}

struct guarded plan_guarded_removal(const struct planner *pl, const struct action *a)
{
    struct guarded about = guarded_removal(pl, a);
    about.alone =
        pl->p->bare_loss == SIZE_MAX || pl->p->bare_loss == subject_of_removal(pl->p, a->index);
    return about;
}

bool plan_guard(const struct plan *p, struct error *err)
{
    for (size_t i = 0; i < p->notes.n; i++) {
        const struct diag *d = &p->notes.items[i];
        if (d->severity != DIAG_ERROR || strncmp(d->code, "guard.", 6) != 0)
            continue;
        error_set(err, ERR_GUARD, "%s", d->message);
        if (d->hint)
            error_hint(err, "%s", d->hint);
        return false;
    }
    return true;
}
