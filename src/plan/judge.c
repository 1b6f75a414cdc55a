#include "judge.h"

#define TTL_SLACK 60 /* seconds between our clock and the service's, and of a slow apply */

bool same_text(struct bytes a, struct bytes b)
{
    return (a.data != NULL) == (b.data != NULL) && bytes_equal(a, b);
}

/* ---- What is wanted ---------------------------------------------------------------------------
 */

bool desired_set(const struct planner *pl, size_t ns, const struct seed_key *seed,
                 struct desired *d, struct error *err)
{
    struct error unknown = {0};
    d->seed = seed;
    d->ttl = namespace_effective_ttl(&pl->m->namespaces[ns], seed);
    d->value = bytes_make(NULL, 0);
    d->known = deferred_resolve(&seed->value, pl->p->ids, &d->scratch, &d->value, &unknown);
    if (d->known) {
        d->digest = hash_sha256(d->value);
        return true;
    }
    if (unknown.code == ERR_NOT_FOUND)
        return true;
    *err = unknown;
    return false;
}

bool desired_is_past(const struct planner *pl, const struct desired *d)
{
    return d->ttl == 0 && d->seed->expiration != 0 &&
           d->seed->expiration < pl->p->options.now + KV_TTL_MIN;
}

struct digest desired_hmac(const struct planner *pl, const struct desired *d)
{
    return state_hmac(&pl->t->state, &d->digest, d->seed->metadata, d->ttl);
}

struct digest put_hmac(const struct planner *pl, size_t ns, const struct put_decl *put,
                       struct bytes value)
{
    struct digest content = hash_sha256(value);
    return state_hmac(&pl->t->state, &content, put->seed.metadata,
                      namespace_effective_ttl(&pl->m->namespaces[ns], &put->seed));
}

/* ---- What is there ----------------------------------------------------------------------------
 */

bool live_is_there(const struct planner *pl, const struct observed_key *live)
{
    bool vanished =
        live && live->wanted && !live->has_value && pl->p->options.refresh == REFRESH_VALUES;
    return live && !vanished;
}

bool live_is_ours(const struct planner *pl, const struct observed_key *live,
                  const struct state_key *record)
{
    if (!live || !record || !live->has_value || live->divergent || live->damaged)
        return false;
    struct digest hmac =
        state_hmac(&pl->t->state, &live->value, live->metadata, record->expiration_ttl);
    return digest_equal(&hmac, &record->hmac);
}

bool live_content_holds(const struct observed_key *live, const struct desired *d, bool value_holds)
{
    return value_holds && !live->divergent && !live->damaged &&
           same_text(live->metadata, d->seed->metadata);
}

bool live_expiry_holds(const struct planner *pl, const struct observed_key *live,
                       const struct desired *d, bool ttl_was_other)
{
    if (d->ttl == 0)
        return live->expiration == d->seed->expiration;
    return !ttl_was_other && live->expiration != 0 &&
           live->expiration <= pl->p->options.now + d->ttl + TTL_SLACK;
}

/* ---- Judging ----------------------------------------------------------------------------------
 */

/* Keys were not looked at: the state stands for them. What it does not know may be there. */
static enum verdict judge_unseen(const struct put_decl *put, const struct state_key *record,
                                 bool recorded)
{
    if (recorded || put->policy == SEED_ONCE)
        return KEY_SAME;
    return record ? KEY_CHANGED : KEY_FOREIGN;
}

/* Keys were listed, values not read: the record stands for the value that cfkv wrote. */
static enum verdict judge_listed(const struct planner *pl, const struct observed_key *live,
                                 const struct desired *d, const struct state_key *record,
                                 bool recorded)
{
    if (!live_content_holds(live, d, recorded))
        return record && !recorded ? KEY_CHANGED : KEY_FOREIGN;
    return live_expiry_holds(pl, live, d, false) ? KEY_SAME : KEY_EXPIRY;
}

static enum verdict judge_read(const struct planner *pl, const struct observed_key *live,
                               const struct desired *d, const struct state_key *record)
{
    bool same = d->known && digest_equal(&live->value, &d->digest);
    if (!live_content_holds(live, d, same))
        return live_is_ours(pl, live, record) ? KEY_CHANGED : KEY_FOREIGN;
    bool ttl_was_other = record && record->expiration_ttl != d->ttl;
    return live_expiry_holds(pl, live, d, ttl_was_other) ? KEY_SAME : KEY_EXPIRY;
}

enum verdict judge_put(const struct planner *pl, size_t ns, const struct put_decl *put,
                       const struct desired *d, bool *recorded)
{
    const struct observed_namespace *ons = planner_live(pl, ns);
    const struct state_namespace *entry = planner_entry(pl, ns);
    const struct state_key *record = entry ? state_find_key(entry, put->seed.key) : NULL;
    *recorded = false;
    if (!ons)
        return KEY_NEW;
    if (record && d->known) {
        struct digest hmac = desired_hmac(pl, d);
        *recorded = digest_equal(&hmac, &record->hmac) && record->expiration_ttl == d->ttl;
    }
    if (pl->p->options.refresh < REFRESH_KEYS)
        return judge_unseen(put, record, *recorded);
    const struct observed_key *live = observed_key(ons, put->seed.key);
    if (!live_is_there(pl, live))
        return KEY_NEW;
    if (put->policy == SEED_ONCE)
        return KEY_SAME;
    return pl->p->options.refresh == REFRESH_VALUES ? judge_read(pl, live, d, record)
                                                    : judge_listed(pl, live, d, record, *recorded);
}
