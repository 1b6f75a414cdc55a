#include "compare.h"

#include "model/validate.h"

#define TTL_SLACK 60 /* seconds between our clock and the service's, and of a slow apply */

/* ---- What is wanted -------------------------------------------------------------------------- */

/* A namespace without fingerprints may still have a member that looks like one in what its user
 * declared: both sides are taken apart alike. */
static void set_metadata(struct desired *d)
{
    if (d->fingerprint) {
        d->metadata = fingerprint_user(d->seed->metadata);
        d->marked = true;
        d->mark = (struct fingerprint){{0}};
        return;
    }
    struct fingerprint_parts parts = fingerprint_read(d->seed->metadata, &d->metadata_scratch);
    d->metadata = parts.user;
    d->marked = parts.has;
    d->mark = parts.mark;
}

void desired_read(const struct namespace_decl *decl, const struct bytes *ids,
                  const struct seed_key *seed, struct desired *d)
{
    d->seed = seed;
    d->fingerprint = decl->fingerprint;
    d->ttl = namespace_effective_ttl(decl, seed);
    d->value = bytes_make(NULL, 0);
    d->known = deferred_resolve(&seed->value, ids, &d->scratch, &d->value);
    set_metadata(d);
}

void desired_set(const struct planner *pl, size_t ns, const struct seed_key *seed,
                 struct desired *d)
{
    desired_read(&pl->m->namespaces[ns], pl->p->ids, seed, d);
    if (!d->known)
        return;
    d->digest = hash_sha256(d->value);
    if (d->fingerprint)
        d->mark = fingerprint_make(seed->key, &d->digest, d->metadata, d->ttl);
}

void desired_release(struct desired *d)
{
    buf_release(&d->scratch);
    buf_release(&d->metadata_scratch);
}

bool desired_is_past(const struct planner *pl, const struct desired *d)
{
    return seed_key_is_late(d->seed, planner_now(pl), NULL);
}

/* Metadata as the state records it: what the user declared, so that records stay when fingerprints
 * are turned on or off. */
static struct bytes recorded_metadata(bool fingerprint, struct bytes metadata)
{
    return fingerprint ? fingerprint_user(metadata) : metadata;
}

struct digest desired_hmac(const struct planner *pl, const struct desired *d)
{
    return state_hmac(&pl->t->state, d->seed->key, &d->digest,
                      recorded_metadata(d->fingerprint, d->seed->metadata), d->ttl);
}

struct plan_record desired_record(const struct planner *pl, size_t ns, const struct desired *d,
                                  enum key_origin origin)
{
    return (struct plan_record){.what = RECORD_KEY,
                                .ns = ns,
                                .name = d->seed->key,
                                .digest = desired_hmac(pl, d),
                                .number = d->ttl,
                                .expiration = d->ttl ? 0 : d->seed->expiration,
                                .secret = d->seed->value.secret,
                                .origin = origin};
}

struct digest put_hmac(const struct planner *pl, size_t ns, const struct put_decl *put,
                       struct bytes value)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    struct digest content = hash_sha256(value);
    return state_hmac(&pl->t->state, put->seed.key, &content,
                      recorded_metadata(decl->fingerprint, put->seed.metadata),
                      namespace_effective_ttl(decl, &put->seed));
}

/* ---- What is there --------------------------------------------------------------------------- */

bool live_is_there(const struct planner *pl, const struct observed_key *live)
{
    bool vanished =
        live && live->wanted && !live->value && pl->p->options.refresh == REFRESH_VALUES;
    return live && !vanished;
}

static bool is_recorded(const struct planner *pl, const struct observed_key *live,
                        struct bytes metadata, const struct state_key *record)
{
    return state_key_holds(&pl->t->state, record, &live->value->digest, metadata,
                           record->expiration_ttl);
}

/* What looks like a fingerprint may have been the user's own member. */
static bool is_recorded_with_mark(const struct planner *pl, const struct observed_key *live,
                                  const struct state_key *record)
{
    struct buf whole = {0};
    struct error ignored; /* then it counts as somebody else's: the careful way */
    bool ours = fingerprint_add(observed_metadata(live), &live->mark, &whole, &ignored) &&
                is_recorded(pl, live, buf_bytes(&whole), record);
    buf_release(&whole);
    return ours;
}

enum key_origin record_origin(const struct state_namespace *entry, const struct state_key *record)
{
    if (record->origin != KEY_UNKNOWN)
        return record->origin;
    return entry->origin == STATE_ADOPTED ? KEY_FOUND : KEY_WROTE;
}

bool live_is_recorded(const struct planner *pl, const struct observed_key *live,
                      const struct state_key *record)
{
    if (!live || !record || !live->value || live->divergent || live->damaged || live->hashed)
        return false;
    return is_recorded(pl, live, observed_metadata(live), record) ||
           (live->marked && is_recorded_with_mark(pl, live, record));
}

/* Fingerprints are cfkv's, so one that is there tells that the put was done. */
const struct state_key *live_record(const struct planner *pl, const struct observed_key *live,
                                    const struct state_key *record, const struct state_key *pending)
{
    if (!pending || !live_is_recorded(pl, live, pending))
        return record;
    if (!record || !live_is_recorded(pl, live, record) || live->marked)
        return pending;
    return live_expiry_is_recorded(pl, live, pending) && !live_expiry_is_recorded(pl, live, record)
               ? pending
               : record;
}

bool live_content_holds(const struct observed_key *live, const struct desired *d, bool value_holds)
{
    return value_holds && !live->divergent && observed_metadata_is(live, d->metadata);
}

bool live_mark_holds(const struct observed_key *live, const struct desired *d)
{
    return live->marked == d->marked && (!d->marked || fingerprint_equal(&live->mark, &d->mark));
}

bool live_is_told(bool fingerprint, const struct observed_key *live)
{
    return fingerprint && live->marked;
}

static bool live_ttl_holds(const struct planner *pl, const struct observed_key *live, int64_t ttl)
{
    return live->expiration != 0 && live->expiration <= planner_now(pl) + ttl + TTL_SLACK;
}

bool live_expiry_holds(const struct planner *pl, const struct observed_key *live,
                       const struct desired *d, bool ttl_was_other)
{
    if (d->ttl == 0)
        return live->expiration == d->seed->expiration;
    return !ttl_was_other && live_ttl_holds(pl, live, d->ttl);
}

bool live_expiry_is_recorded(const struct planner *pl, const struct observed_key *live,
                             const struct state_key *record)
{
    if (record->expiration_ttl == 0)
        return record->origin == KEY_UNKNOWN || live->expiration == record->expiration;
    return live_ttl_holds(pl, live, record->expiration_ttl);
}

/* ---- Judging --------------------------------------------------------------------------------- */

/* Keys were not looked at: the state stands for them. What it does not know may be there. */
static enum verdict compare_unseen(const struct put_decl *put, bool recorded)
{
    return recorded || put->policy == SEED_ONCE ? KEY_SAME : KEY_UNREAD;
}

/* Keys were listed, values not read: the record stands for the value as long as nothing has to be
 * written, for what would be overwritten then may be somebody else's. */
static enum verdict compare_listed(const struct planner *pl, const struct observed_key *live,
                                   const struct desired *d, bool recorded)
{
    bool holds = live_content_holds(live, d, recorded) && live_mark_holds(live, d) &&
                 live_expiry_holds(pl, live, d, false);
    return holds ? KEY_SAME : KEY_UNREAD;
}

static enum verdict judge_read(const struct planner *pl, const struct observed_key *live,
                               const struct desired *d, const struct state_namespace *entry,
                               const struct state_key *record)
{
    bool same = d->known && digest_equal(&live->value->digest, &d->digest);
    if (!live_content_holds(live, d, same))
        return live_is_recorded(pl, live, record) && record_origin(entry, record) == KEY_WROTE
                   ? KEY_CHANGED
                   : KEY_FOREIGN;
    if (!live_mark_holds(live, d))
        return KEY_MARK;
    bool ttl_was_other = record && record->expiration_ttl != d->ttl;
    return live_expiry_holds(pl, live, d, ttl_was_other) ? KEY_SAME : KEY_EXPIRY;
}

enum verdict compare_marked(const struct planner *pl, size_t ns, const struct observed_key *live,
                            const struct desired *d)
{
    bool same = d->known && fingerprint_equal(&live->mark, &d->mark);
    if (live_content_holds(live, d, same))
        return live_expiry_holds(pl, live, d, false) ? KEY_SAME : KEY_EXPIRY;
    bool managed = planner_entry(pl, ns) && !pl->p->resolutions[ns].adopted;
    return managed && !same && !live->divergent && !live->damaged ? KEY_CHANGED : KEY_FOREIGN;
}

bool desired_expiration_is_recorded(const struct desired *d, const struct state_key *record)
{
    return record->origin == KEY_UNKNOWN || d->ttl != 0 ||
           record->expiration == d->seed->expiration;
}

bool desired_is_recorded(const struct planner *pl, const struct desired *d,
                         const struct state_key *record)
{
    return record && d->known && record->expiration_ttl == d->ttl &&
           state_key_holds(&pl->t->state, record, &d->digest,
                           recorded_metadata(d->fingerprint, d->seed->metadata), d->ttl);
}

enum verdict compare_put(const struct planner *pl, size_t ns, const struct put_decl *put,
                         const struct desired *d, size_t *near, bool *recorded)
{
    const struct observed_namespace *ons = planner_live(pl, ns);
    const struct state_namespace *entry = planner_entry(pl, ns);
    const struct state_key *record = entry ? state_find_key(entry, put->seed.key) : NULL;
    const struct state_key *pending = planner_pending(pl, ns, put->seed.key);
    *recorded = false;
    if (!ons)
        return KEY_NEW;
    *recorded = !pending && desired_is_recorded(pl, d, record);
    if (pl->p->options.refresh < REFRESH_KEYS)
        return compare_unseen(put, *recorded);
    const struct observed_key *live = observed_key(ons, put->seed.key, near);
    if (!live_is_there(pl, live))
        return KEY_NEW;
    if (put->policy == SEED_ONCE)
        return KEY_SAME;
    if (live_is_told(d->fingerprint, live))
        return compare_marked(pl, ns, live, d);
    return pl->p->options.refresh == REFRESH_VALUES
               ? judge_read(pl, live, d, entry, live_record(pl, live, record, pending))
               : compare_listed(pl, live, d, *recorded);
}
