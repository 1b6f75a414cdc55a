/*
 * apply_intents.c: what is about to be done is in the state before it is done, so that whoever
 * comes after a run that was killed, or whose machine is gone, knows what cfkv made: a namespace of
 * a title that was being created is its own, and so is a key whose value is the one that was about
 * to be put. The keys of bulk sources are nobody's in the state, so nothing is said of them.
 */
#include "applier.h"

#include "base/hash.h"
#include "compare.h"

/* ---- What an earlier run left ---------------------------------------------------------------- */

/* One that was created, or was to be adopted, and never recorded gets its record, unless its
 * address is that of what is still to be forgotten. */
static bool record_unrecorded(struct applier *ap, size_t ns, struct error *err)
{
    const struct resolution *res = &ap->p->resolutions[ns];
    struct bytes account = planner_account(&ap->pl, ns);
    bool unrecorded = res->in_scope && res->kind == RESOLVE_LIVE && !planner_entry(&ap->pl, ns);
    return !unrecorded || !planner_writing(&ap->pl, ns) ||
           state_find(ap->s, account, ap->pl.m->namespaces[ns].address) ||
           applier_record_live(ap, ns, err);
}

/* What the plan found out about puts that were pending. */
static bool settle(struct applier *ap, const struct plan_record *rec, struct error *err)
{
    const struct planner *pl = &ap->pl;
    const struct state_namespace *entry = planner_entry(pl, rec->ns);
    bool wrote = rec->what == RECORD_WROTE;
    if ((!wrote && rec->what != RECORD_NOT_WRITTEN) || (wrote && !entry) ||
        !planner_pending(pl, rec->ns, rec->name))
        return true;
    return state_end_writing(ap->s, planner_account(pl, rec->ns), entry, planner_title(pl, rec->ns),
                             rec->name, wrote, err);
}

static bool settle_all(struct applier *ap, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < ap->p->n_ids; i++)
        ok = record_unrecorded(ap, i, err);
    for (size_t i = 0; ok && i < ap->p->n_records; i++)
        ok = settle(ap, &ap->p->records[i], err);
    return ok;
}

/* ---- What is about to be done ---------------------------------------------------------------- */

static bool is_put(const struct action *a)
{
    return a->kind == ACTION_KEY && a->verb == ACTION_PUT && !a->dropped;
}

static bool is_create(const struct action *a)
{
    return a->kind == ACTION_NAMESPACE && a->verb == ACTION_CREATE;
}

static bool set_creating(struct applier *ap, struct error *err)
{
    for (size_t i = 0; i < ap->p->n; i++) {
        const struct action *a = &ap->p->actions[i];
        if (is_create(a) && !state_set_creating(ap->s, a->account_id, a->title, err))
            return false;
    }
    return true;
}

/* A value that holds the id of a namespace that is not there yet is not known yet. */
static bool set_writing(struct applier *ap, struct action *a, struct desired *d, bool *any,
                        struct error *err)
{
    const struct planner *pl = &ap->pl;
    const struct put_decl *put = &pl->m->namespaces[a->ns].puts[a->index];
    desired_set(pl, a->ns, &put->seed, d);
    if (!d->known)
        return true;
    struct state_key key = {.key = a->key,
                            .hmac = {.digest = desired_hmac(pl, d)},
                            .expiration_ttl = d->ttl,
                            .expiration = d->ttl ? 0 : put->seed.expiration,
                            .origin = KEY_WROTE,
                            .secret = put->seed.value.secret};
    a->intended = *any = true;
    return state_set_writing(ap->s, a->account_id, planner_entry(pl, a->ns),
                             planner_title(pl, a->ns), &key, err);
}

static bool set_all_writing(struct applier *ap, bool *any, struct error *err)
{
    struct desired desired = {0};
    bool ok = true;
    *any = false;
    for (size_t i = 0; ok && i < ap->p->n; i++) {
        struct action *a = &ap->p->actions[i];
        if (is_put(a) && !a->intended)
            ok = set_writing(ap, a, &desired, any, err);
    }
    desired_release(&desired);
    return ok;
}

static bool is_void(enum error_code code)
{
    return code == ERR_STALE || code == ERR_LOCKED || code == ERR_AWAY;
}

bool apply_intents(struct applier *ap, bool *begun, struct error *err)
{
    bool any;
    *begun = true;
    if (!settle_all(ap, err) || !set_creating(ap, err) || !set_all_writing(ap, &any, err))
        return false;
    if (ap->p->n == 0)
        return state_commit(ap->s, err);
    bool ok = state_begin(ap->s, err);
    *begun = ok || !is_void(err->code);
    return ok;
}

bool apply_put_intents(struct applier *ap, struct error *err)
{
    bool any;
    return set_all_writing(ap, &any, err) && (!any || state_begin(ap->s, err));
}

/* ---- What came of it ------------------------------------------------------------------------- */

static bool end_writing(struct applier *ap, const struct action *a, bool wrote, struct error *err)
{
    return state_end_writing(ap->s, a->account_id, planner_entry(&ap->pl, a->ns), a->title, a->key,
                             wrote, err);
}

bool apply_put_done(struct applier *ap, const struct action *a, const struct state_key *key,
                    struct error *err)
{
    const struct state_key *written = planner_pending(&ap->pl, a->ns, key->key);
    bool as_intended = written && digest_equal(&written->hmac.digest, &key->hmac.digest) &&
                       written->expiration_ttl == key->expiration_ttl &&
                       written->expiration == key->expiration && written->secret == key->secret;
    return as_intended ? end_writing(ap, a, true, err)
                       : state_set_key(ap->s, a->account_id, a->address, key, err);
}

bool apply_put_refused(struct applier *ap, const struct action *a, struct error *err)
{
    return end_writing(ap, a, false, err);
}

/* An interrupt, an earlier failure. The run has told what is wrong already. */
void apply_end_intents(struct applier *ap)
{
    struct error ignored = {0};
    for (size_t i = 0; i < ap->p->n; i++) {
        const struct action *a = &ap->p->actions[i];
        if (a->begun)
            continue;
        if (is_create(a))
            state_end_creating(ap->s, a->account_id, a->title, &ignored);
        else if (a->intended)
            end_writing(ap, a, false, &ignored);
    }
}
