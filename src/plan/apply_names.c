/*
 * apply_names.c: renames one after the other (each frees a title for the next), then records, then
 * all creations at once.
 */
#include "applier.h"

#include "base/mem.h"

static bool record_live(struct applier *ap, size_t ns, struct error *err)
{
    struct state_namespace record = planner_record(&ap->pl, ns, ap->p->ids[ns]);
    struct bytes account = planner_account(&ap->pl, ns);
    if (!state_set_namespace(ap->s, account, &record, err))
        return false;
    ap->p->resolutions[ns].entry_address = record.address;
    return true;
}

/* ---- Renames -----------------------------------------------------------------------------------
 */

static bool renamed(struct applier *ap, size_t action, struct error *err)
{
    const struct action *a = &ap->p->actions[action];
    size_t live = observed_by_id(ap->pl.o, a->account_id, a->id);
    if (live != OBSERVE_NONE && !observed_retitle(ap->pl.o, live, a->title))
        return error_nomem(err);
    if (a->ns == SIZE_MAX || a->temporary)
        return true;
    return record_live(ap, a->ns, err) && state_commit(ap->s, err);
}

static bool apply_rename(struct applier *ap, size_t action, struct error *err)
{
    const struct action *a = &ap->p->actions[action];
    struct error outcome;
    struct store_op op = {
        .kind = STORE_NAMESPACE_RENAME, .account = a->account_id, .id = a->id, .title = a->title};
    if (!applier_run_one(ap, &op, NULL, NULL, &outcome, err))
        return false;
    if (outcome.code) {
        if (a->ns != SIZE_MAX)
            ap->unready[a->ns] = true;
        error_wrap(&outcome, "cannot rename namespace %.*s to '%.*s'", BYTES_FMT(a->id),
                   BYTES_FMT(a->title));
        return applier_fail(ap, action, &outcome, err);
    }
    applier_done(ap, action);
    return renamed(ap, action, err);
}

bool apply_renames(struct applier *ap, struct error *err)
{
    for (size_t i = 0; i < ap->p->n; i++)
        if (ap->p->actions[i].kind == ACTION_NAMESPACE && ap->p->actions[i].verb == ACTION_RENAME &&
            !apply_rename(ap, i, err))
            return false;
    return true;
}

/* ---- Records -----------------------------------------------------------------------------------
 */

static bool same_text(struct bytes a, struct bytes b)
{
    return (a.data != NULL) == (b.data != NULL) && bytes_equal(a, b);
}

static bool record_is_current(const struct state_namespace *e, const struct state_namespace *r)
{
    return bytes_equal(e->address, r->address) && bytes_equal(e->id, r->id) &&
           bytes_equal(e->title, r->title) && e->origin == r->origin &&
           e->on_remove == r->on_remove && e->protect == r->protect &&
           e->ttl_seconds == r->ttl_seconds && same_text(e->env, r->env) &&
           same_text(e->description, r->description) && same_text(e->binding, r->binding);
}

static bool apply_live(struct applier *ap, size_t ns, struct error *err)
{
    const struct state_namespace *entry = planner_entry(&ap->pl, ns);
    struct state_namespace record = planner_record(&ap->pl, ns, ap->p->ids[ns]);
    return (entry && record_is_current(entry, &record)) || record_live(ap, ns, err);
}

static bool apply_key_record(struct applier *ap, const struct plan_record *rec, struct error *err)
{
    struct bytes account = planner_account(&ap->pl, rec->ns);
    struct bytes address = ap->pl.m->namespaces[rec->ns].address;
    struct state_key key = {.key = rec->name, .hmac = rec->digest, .expiration_ttl = rec->number};
    struct state_bulk bulk = {
        .source = rec->name, .count = (uint64_t)rec->number, .digest = rec->digest};
    switch (rec->what) {
    case RECORD_KEY:
        return state_set_key(ap->s, account, address, &key, err);
    case RECORD_NO_KEY:
        return state_remove_key(ap->s, account, address, rec->name, err);
    case RECORD_BULK:
        return state_set_bulk(ap->s, account, address, &bulk, err);
    default:
        return state_remove_bulk(ap->s, account, address, rec->name, err);
    }
}

static bool apply_forgets(struct applier *ap, struct error *err)
{
    for (size_t i = 0; i < ap->p->n; i++) {
        const struct action *a = &ap->p->actions[i];
        if (a->kind != ACTION_NAMESPACE || a->verb != ACTION_FORGET)
            continue;
        if (!state_remove_namespace(ap->s, a->account_id, a->address, err))
            return false;
        applier_done(ap, i);
    }
    return true;
}

bool apply_records(struct applier *ap, struct error *err)
{
    struct plan *p = ap->p;
    for (size_t i = 0; i < p->n_ids; i++) {
        const struct resolution *res = &p->resolutions[i];
        if (res->in_scope && res->kind == RESOLVE_LIVE && !ap->unready[i] &&
            !apply_live(ap, i, err))
            return false;
    }
    for (size_t i = 0; i < p->n_records; i++)
        if (!ap->unready[p->records[i].ns] &&
            p->resolutions[p->records[i].ns].kind == RESOLVE_LIVE &&
            !apply_key_record(ap, &p->records[i], err))
            return false;
    for (size_t i = 0; i < p->n; i++) {
        const struct action *a = &p->actions[i];
        if (a->kind == ACTION_NAMESPACE && !(a->ns != SIZE_MAX && ap->unready[a->ns]) &&
            (a->verb == ACTION_ADOPT || a->verb == ACTION_UPDATE))
            applier_done(ap, i);
    }
    return apply_forgets(ap, err) && state_commit(ap->s, err);
}

/* ---- Creations ---------------------------------------------------------------------------------
 */

struct create_task {
    struct applier *ap;
    size_t action;
    bool look_again; /* the namespace is there but not as planned: its keys must be observed */
    bool exists;     /* the title was taken */
};

static bool created(struct create_task *task, const struct store_result *result, struct error *err)
{
    struct applier *ap = task->ap;
    const struct action *a = &ap->p->actions[task->action];
    struct resolution *res = &ap->p->resolutions[a->ns];
    size_t live = observed_add(ap->pl.o, a->account_id, result->namespaces[0].id, a->title);
    if (live == OBSERVE_NONE)
        return error_nomem(err);
    struct observed_namespace *ons = &ap->pl.o->namespaces[live];
    ons->keys_known = !result->existed;
    res->live = live;
    res->kind = RESOLVE_LIVE;
    ap->p->ids[a->ns] = ons->id;
    task->look_again = result->existed;
    return record_live(ap, a->ns, err) && state_commit(ap->s, err);
}

static bool create_done(void *ctx, struct queue *q, const struct store_op *op,
                        const struct store_result *result, struct error *err)
{
    struct create_task *task = ctx;
    struct applier *ap = task->ap;
    const struct action *a = &ap->p->actions[task->action];
    (void)q;
    (void)op;
    if (result->ok) {
        if (!created(task, result, err))
            return false;
        applier_done(ap, task->action);
        return true;
    }
    if (result->error.code == ERR_EXISTS) {
        task->exists = true;
        return true;
    }
    struct error cause = result->error;
    error_wrap(&cause, "cannot create namespace '%.*s'", BYTES_FMT(a->title));
    ap->unready[a->ns] = true;
    return applier_fail(ap, task->action, &cause, err);
}

static bool is_held(const struct plan *p, size_t live)
{
    for (size_t i = 0; i < p->n_ids; i++)
        if (p->resolutions[i].live == live)
            return true;
    return false;
}

/* The title was taken since the plan was made: adopt that namespace, when nobody else holds it. */
static bool adopt_existing(struct create_task *task, struct error *err)
{
    struct applier *ap = task->ap;
    const struct action *a = &ap->p->actions[task->action];
    struct resolution *res = &ap->p->resolutions[a->ns];
    struct error cause = {0};
    if (!observe_namespaces(ap->pl.o, a->account_id, err))
        return false;
    size_t live = observed_by_title(ap->pl.o, a->account_id, a->title);
    if (live == OBSERVE_NONE)
        error_set(&cause, ERR_FAILED, "the title '%.*s' is taken, but no namespace shows it",
                  BYTES_FMT(a->title));
    else if (ap->p->options.no_adopt)
        error_set(&cause, ERR_EXISTS, "a namespace titled '%.*s' exists already (id %.*s)",
                  BYTES_FMT(a->title), BYTES_FMT(ap->pl.o->namespaces[live].id));
    else if (is_held(ap->p, live))
        error_set(&cause, ERR_EXISTS,
                  "the title '%.*s' belongs to another declaration's namespace (id %.*s)",
                  BYTES_FMT(a->title), BYTES_FMT(ap->pl.o->namespaces[live].id));
    if (cause.code) {
        ap->unready[a->ns] = true;
        return applier_fail(ap, task->action, &cause, err);
    }
    res->kind = RESOLVE_LIVE;
    res->live = live;
    res->adopted = true;
    res->origin = STATE_ADOPTED;
    ap->p->ids[a->ns] = ap->pl.o->namespaces[live].id;
    ap->p->actions[task->action].verb = ACTION_ADOPT;
    task->look_again = true;
    if (!record_live(ap, a->ns, err) || !state_commit(ap->s, err))
        return false;
    applier_done(ap, task->action);
    return true;
}

static size_t error_notes(const struct plan *p)
{
    return p->notes.errors;
}

/* Replaces the planned key actions of a namespace by what its keys, now seen, ask for. */
static bool replan_keys(struct applier *ap, size_t action, struct error *err)
{
    struct plan *p = ap->p;
    size_t ns = p->actions[action].ns;
    size_t before = p->n;
    for (size_t i = 0; i < p->n; i++)
        p->actions[i].dropped = p->actions[i].dropped ||
                                (p->actions[i].kind != ACTION_NAMESPACE && p->actions[i].ns == ns);
    size_t notes = error_notes(p);
    if (!plan_keys_of(&ap->pl, ns, err) || !plan_find_key_guards(&ap->pl, ns, err))
        return false;
    if (error_notes(p) == notes)
        return true;
    struct error cause = {0};
    const struct diag *d = &p->notes.items[p->notes.n - 1];
    error_set(&cause, ERR_GUARD, "%s", d->message);
    if (d->hint)
        error_hint(&cause, "%s", d->hint);
    for (size_t i = before; i < p->n; i++)
        p->actions[i].dropped = true;
    return applier_fail(ap, action, &cause, err);
}

static bool push_create(struct create_task *task, struct queue *q, const char *id,
                        struct error *err)
{
    const struct action *a = &task->ap->p->actions[task->action];
    struct store_op op = {.kind = STORE_NAMESPACE_CREATE,
                          .account = a->account_id,
                          .title = a->title,
                          .id = bytes_of(id)};
    return queue_push(q, &op, create_done, task, err);
}

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

static bool run_creates(struct applier *ap, struct create_task *tasks, size_t n, struct error *err)
{
    struct queue q = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        const struct action *a = &ap->p->actions[tasks[i].action];
        ok = state_set_creating(ap->s, a->account_id, a->title, err);
    }
    ok = ok && state_commit(ap->s, err);
    for (size_t i = 0; ok && i < n; i++) {
        const char *id =
            target_new_id(ap->pl.t, &ap->r->arena, ap->p->actions[tasks[i].action].title);
        ok = id ? push_create(&tasks[i], &q, id, err) : error_nomem(err);
    }
    ok = ok && queue_run(&q, ap->pl.t->store, err);
    ap->pl.o->requests += q.sent;
    queue_release(&q);
    return ok;
}

bool apply_creates(struct applier *ap, struct error *err)
{
    struct create_task *tasks = mem_zalloc(ap->p->n + 1, sizeof *tasks);
    if (!tasks)
        return error_nomem(err);
    size_t n = collect_creates(ap, tasks);
    bool ok = run_creates(ap, tasks, n, err);
    for (size_t i = 0; ok && i < n; i++) {
        if (tasks[i].exists)
            ok = adopt_existing(&tasks[i], err);
        if (ok && tasks[i].look_again)
            ok = replan_keys(ap, tasks[i].action, err);
    }
    mem_free(tasks);
    return ok;
}
