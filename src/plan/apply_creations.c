/*
 * apply_creations.c: all creations at once. Each title stands in the state as "creating" by now
 * (apply_intents.c), so that a kill between request and answer is recognised; a title that turns
 * out to be taken is adopted, and then its keys are observed before any is written.
 */
#include "applier.h"

#include "base/mem.h"
#include "base/text.h"
#include "local_ids.h"
#include "settled.h"

struct create_task {
    struct applier *ap;
    size_t action;
    bool exists;     /* the title was taken */
    bool look_again; /* the namespace is there but not as planned: its keys must be observed */
};

/* ---- Creating -------------------------------------------------------------------------------- */

/* What is there now and was not when planned is adopted: its content is somebody else's. */
static void become_live(struct create_task *task, size_t live, bool adopted)
{
    struct plan *p = task->ap->p;
    struct action *a = &p->actions[task->action];
    struct resolution *res = &p->resolutions[a->ns];
    res->kind = RESOLVE_LIVE;
    res->live = live;
    a->id = p->ids[a->ns] = task->ap->pl.o->namespaces[live].id;
    settled_note(&task->ap->pl, a->ns);
    if (!adopted)
        return;
    res->adopted = true;
    a->origin = res->origin = STATE_ADOPTED;
    a->verb = ACTION_ADOPT;
    task->look_again = true;
}

static bool record_done(struct create_task *task, struct error *err)
{
    struct applier *ap = task->ap;
    ap->changed = true;
    if (!applier_record_live(ap, ap->p->actions[task->action].ns, err) || !state_commit(ap->s, err))
        return false;
    applier_done(ap, task->action);
    return true;
}

/* A namespace of that title, should one turn up after this, is not ours, nor is what is in it. */
static bool end_creating(struct create_task *task, struct error *err)
{
    const struct action *a = &task->ap->p->actions[task->action];
    return state_end_creating(task->ap->s, a->account_id, a->title, err);
}

static bool created(struct create_task *task, const struct store_result *result, struct error *err)
{
    struct observed *o = task->ap->pl.o;
    const struct action *a = &task->ap->p->actions[task->action];
    struct store_namespace made = result->namespaces[0];
    made.title = a->title;
    if (result->existed && !end_creating(task, err))
        return false;
    observe_namespace(o, a->account_id, &made);
    size_t live = observed_by_id(o, a->account_id, made.id);
    o->namespaces[live].keys_known = !result->existed;
    become_live(task, live, result->existed);
    return record_done(task, err);
}

static void not_created(struct create_task *task, const struct error *cause)
{
    struct applier *ap = task->ap;
    const struct action *a = &ap->p->actions[task->action];
    ap->unready[a->ns] = true;
    applier_fail(ap, task->action, cause);
}

static bool create_done(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct create_task *task = ctx;
    (void)q;
    (void)op;
    task->ap->p->actions[task->action].begun = true;
    if (result->ok)
        return created(task, result, err);
    if (applier_is_refusal(result->error.code) && !end_creating(task, err))
        return false;
    task->exists = result->error.code == ERR_EXISTS;
    if (!task->exists)
        not_created(task, &result->error);
    return true;
}

/* ---- Adopting what exists -------------------------------------------------------------------- */

/* true when a declaration holds it, or it is about to be deleted. */
static bool is_held(const struct plan *p, size_t live)
{
    for (size_t i = 0; i < p->n_ids; i++)
        if (p->resolutions[i].live == live)
            return true;
    for (size_t i = 0; i < p->n_removals; i++)
        if (p->removals[i].live == live)
            return true;
    return false;
}

static bool may_adopt(const struct applier *ap, struct bytes title, size_t live,
                      struct error *cause)
{
    char name[QUOTED_SIZE];
    if (live == OBSERVE_NONE)
        return error_set(cause, ERR_FAILED, "the title is taken, but no namespace shows it");
    struct bytes id = ap->pl.o->namespaces[live].id;
    if (ap->p->options.no_adopt) {
        error_set(cause, ERR_EXISTS, "a namespace titled %s exists by now (id %.*s)",
                  text_quoted(title, name, sizeof name), BYTES_FMT(id));
        return error_hint(cause, "drop --no-adopt to take it under management");
    }
    return !is_held(ap->p, live) ||
           error_set(cause, ERR_EXISTS, "the title is that of namespace %.*s, which is another's",
                     BYTES_FMT(id));
}

static bool is_as_declared(struct applier *ap, size_t ns, size_t live, struct error *cause)
{
    struct settled_problem problem;
    if (!settled_differs(&ap->pl, ns, &ap->pl.o->namespaces[live], &problem))
        return true;
    error_set(cause, ERR_EXISTS, "%s", problem.message);
    return error_hint(cause, "%s", problem.hint);
}

/* The title was taken since the plan was made: adopt that namespace, when nobody else holds it. */
static bool adopt_existing(struct create_task *task, struct error *err)
{
    struct applier *ap = task->ap;
    const struct action *a = &ap->p->actions[task->action];
    struct error cause = {0};
    if (!observe_namespaces(ap->pl.o, a->account_id, err))
        return false;
    size_t live = observed_by_title(ap->pl.o, a->account_id, a->title);
    if (!may_adopt(ap, a->title, live, &cause) || !is_as_declared(ap, a->ns, live, &cause)) {
        not_created(task, &cause);
        return true;
    }
    become_live(task, live, true);
    return record_done(task, err);
}

static void drop_keys(struct plan *p, size_t from, size_t ns)
{
    for (size_t i = from; i < p->n; i++)
        if (p->actions[i].kind != ACTION_NAMESPACE && p->actions[i].ns == ns)
            p->actions[i].dropped = true;
}

/* Nothing was planned about these keys, so nothing is written when a guard refuses. */
static void refuse_keys(struct applier *ap, size_t action, size_t note)
{
    const struct diag_list *notes = &ap->p->notes;
    struct error cause = {0};
    while (notes->items[note].severity != DIAG_ERROR)
        note++;
    error_set(&cause, ERR_GUARD, "%s", notes->items[note].message);
    if (notes->items[note].hint)
        error_hint(&cause, "%s", notes->items[note].hint);
    applier_fail(ap, action, &cause);
}

bool applier_replan(struct applier *ap, size_t action, struct error *err)
{
    struct plan *p = ap->p;
    size_t ns = p->actions[action].ns;
    size_t n_actions = p->n, n_notes = p->notes.n, errors = p->notes.errors;
    drop_keys(p, 0, ns);
    if (!plan_keys_of(&ap->pl, ns, err))
        return false;
    plan_find_key_guards(&ap->pl, ns);
    if (p->notes.errors > errors) {
        drop_keys(p, n_actions, ns);
        refuse_keys(ap, action, n_notes);
    }
    return true;
}

/* ---- All ------------------------------------------------------------------------------------- */

static size_t collect_creates(struct applier *ap, struct create_task *tasks)
{
    size_t n = 0;
    for (size_t i = 0; i < ap->p->n; i++) {
        const struct action *a = &ap->p->actions[i];
        if (a->kind == ACTION_NAMESPACE && a->verb == ACTION_CREATE)
            tasks[n++] = (struct create_task){.ap = ap, .action = i};
    }
    return n;
}

static void push_create(struct create_task *task, struct queue *q)
{
    const struct action *a = &task->ap->p->actions[task->action];
    const char *id = local_ids_new(&task->ap->pl, &task->ap->r->arena, a->ns);
    struct store_op op = {.kind = STORE_NAMESPACE_CREATE,
                          .account = a->account_id,
                          .title = a->title,
                          .jurisdiction = task->ap->pl.m->namespaces[a->ns].jurisdiction,
                          .mode = task->ap->pl.m->namespaces[a->ns].mode,
                          .create_options = task->ap->pl.m->namespaces[a->ns].create_options,
                          .id = bytes_of(id)};
    queue_push(q, &op, create_done, task);
}

static bool run_creates(struct applier *ap, struct create_task *tasks, size_t n, struct error *err)
{
    struct queue q = {0};
    for (size_t i = 0; i < n; i++)
        push_create(&tasks[i], &q);
    bool ok = queue_run(&q, ap->pl.t->store, err);
    ap->pl.o->requests += q.sent;
    queue_release(&q);
    return ok;
}

bool planner_set_key(const struct planner *pl, const struct plan_record *rec, struct error *err)
{
    struct state *s = &pl->t->state;
    struct bytes account = planner_account(pl, rec->ns);
    struct bytes address = pl->m->namespaces[rec->ns].address;
    struct state_key key = {.key = rec->name,
                            .hmac = {.digest = rec->digest},
                            .expiration_ttl = rec->number,
                            .expiration = rec->expiration,
                            .origin = rec->origin,
                            .secret = rec->secret};
    struct state_bulk bulk = {
        .source = rec->name, .count = (uint64_t)rec->number, .digest = rec->digest};
    switch (rec->what) {
    case RECORD_KEY:
        return state_set_key(s, account, address, &key, err);
    case RECORD_NO_KEY:
        return state_remove_key(s, account, address, rec->name, err);
    case RECORD_BULK:
        return state_set_bulk(s, account, address, &bulk, err);
    case RECORD_NO_BULK:
        return state_remove_bulk(s, account, address, rec->name, err);
    case RECORD_WROTE:
    case RECORD_NOT_WRITTEN:
        break; /* settled before anything was done */
    }
    return true;
}

/* What the plan found out about keys without having to write any. */
static bool record_keys(struct applier *ap, struct error *err)
{
    for (size_t i = 0; i < ap->p->n_records; i++)
        if (!ap->unready[ap->p->records[i].ns] &&
            !planner_set_key(&ap->pl, &ap->p->records[i], err))
            return false;
    return state_commit(ap->s, err);
}

bool apply_creations(struct applier *ap, struct error *err)
{
    struct create_task *tasks = mem_zalloc(ap->p->n + 1, sizeof *tasks);
    size_t n = collect_creates(ap, tasks);
    bool ok = n == 0 || run_creates(ap, tasks, n, err);
    for (size_t i = 0; ok && i < n; i++) {
        if (tasks[i].exists)
            ok = adopt_existing(&tasks[i], err);
        if (ok && tasks[i].look_again)
            ok = applier_replan(ap, tasks[i].action, err);
    }
    mem_free(tasks);
    return ok && record_keys(ap, err);
}
