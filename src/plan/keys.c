/*
 * keys.c: actions on the keys of declared namespaces.
 *
 * Three passes: list the keys of every namespace that needs it and mark the values worth reading;
 * read those; then judge each put, each bulk item, each pruned and each removed key against what is
 * live and what the state says cfkv wrote.
 */
#include "base/mem.h"
#include "base/text.h"
#include "planner.h"
#include "seed/seed.h"

#define TTL_SLACK 60 /* seconds between our clock and the service's, and of a slow apply */

enum verdict { SAME, NEW, EXPIRY, CHANGED, FOREIGN };

/* ---- Desired content --------------------------------------------------------------------------
 */

bool seed_is_past(const struct seed_key *seed, int64_t ttl, int64_t now)
{
    return ttl == 0 && seed->expiration != 0 && seed->expiration < now + KV_TTL_MIN;
}

struct digest put_hmac(const struct planner *pl, size_t ns, const struct put_decl *put,
                       struct bytes value)
{
    struct digest content = hash_sha256(value);
    return state_hmac(&pl->t->state, &content, put->seed.metadata,
                      namespace_effective_ttl(&pl->m->namespaces[ns], &put->seed));
}

/* Value bytes, or false while an id in it is unknown. `err` only when out of memory. */
static bool value_known(const struct planner *pl, const struct deferred *d, struct buf *scratch,
                        struct bytes *value, struct error *err)
{
    struct error unknown = {0};
    if (deferred_resolve(d, pl->p->ids, scratch, value, &unknown))
        return true;
    if (unknown.code != ERR_NOT_FOUND)
        *err = unknown;
    return false;
}

static bool has_keys(const struct namespace_decl *decl)
{
    return decl->n_puts || decl->n_bulks || decl->n_prunes;
}

/* ---- Observing --------------------------------------------------------------------------------
 */

static struct observed_namespace *live_of(const struct planner *pl, size_t ns)
{
    size_t live = pl->p->resolutions[ns].live;
    return live == OBSERVE_NONE ? NULL : &pl->o->namespaces[live];
}

static bool needs_keys(const struct planner *pl, size_t ns)
{
    const struct resolution *res = &pl->p->resolutions[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    return res->in_scope && res->kind == RESOLVE_LIVE &&
           (has_keys(&pl->m->namespaces[ns]) || (entry && entry->n_keys));
}

static void want(struct observed_key *key, bool read)
{
    if (!key)
        return;
    key->declared = true;
    key->wanted = key->wanted || read;
}

static bool mark_bulk(struct planner *pl, size_t ns, const struct bulk_decl *bulk,
                      struct error *err)
{
    struct observed_namespace *live = live_of(pl, ns);
    struct seed_reader *reader = seed_open(pl->root, bulk, err);
    struct seed_item item;
    enum seed_status status = SEED_FAILED;
    if (!reader)
        return false;
    while ((status = seed_next(reader, &item, &pl->p->notes, err)) == SEED_ITEM ||
           status == SEED_BAD)
        if (status == SEED_ITEM)
            want(observed_key(live, item.seed.key), bulk->policy == SEED_MANAGED);
    seed_close(reader);
    return status == SEED_END;
}

/* Marks the live keys that declarations name, and the values that must be read for judging. */
static bool mark_namespace(struct planner *pl, size_t ns, struct error *err)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    struct observed_namespace *live = live_of(pl, ns);
    for (size_t i = 0; i < decl->n_puts; i++)
        want(observed_key(live, decl->puts[i].seed.key), decl->puts[i].policy == SEED_MANAGED);
    for (size_t i = 0; i < decl->n_bulks; i++)
        if (!mark_bulk(pl, ns, &decl->bulks[i], err))
            return false;
    for (size_t i = 0; entry && i < entry->n_keys; i++) {
        struct observed_key *key = observed_key(live, entry->keys[i].key);
        if (key && !key->declared)
            key->wanted = true; /* a removed put: is it still what cfkv wrote? */
    }
    return true;
}

static bool observe_for(struct planner *pl, const size_t *which, size_t n, struct error *err)
{
    const struct plan_options *options = &pl->p->options;
    if (options->refresh < REFRESH_KEYS)
        return true;
    size_t *lives = mem_zalloc(n + pl->p->n_removals + 1, sizeof *lives);
    size_t n_lives = 0;
    if (!lives)
        return error_nomem(err);
    for (size_t i = 0; i < n; i++)
        lives[n_lives++] = pl->p->resolutions[which[i]].live;
    for (size_t i = 0; i < pl->p->n_removals; i++)
        if (pl->p->removals[i].deleted)
            lives[n_lives++] = pl->p->removals[i].live;
    bool ok = observe_keys(pl->o, lives, n_lives, err);
    mem_free(lives);
    for (size_t i = 0; ok && i < n; i++)
        ok = mark_namespace(pl, which[i], err);
    return ok && (options->refresh < REFRESH_VALUES || observe_values(pl->o, err));
}

/* ---- Judging one key --------------------------------------------------------------------------
 */

static bool expiry_holds(const struct observed_key *live, const struct seed_key *seed, int64_t ttl,
                         bool ttl_was_other, int64_t now)
{
    if (ttl != 0)
        return !ttl_was_other && live->expiration != 0 && live->expiration <= now + ttl + TTL_SLACK;
    return live->expiration == seed->expiration;
}

static bool same_metadata(struct bytes a, struct bytes b)
{
    return (a.data != NULL) == (b.data != NULL) && bytes_equal(a, b);
}

/* What a live key tells about a desired one. `ours`: cfkv wrote what is there. */
static enum verdict judge(const struct observed_key *live, const struct seed_key *seed,
                          const struct digest *value, bool values_read, int64_t ttl,
                          bool ttl_was_other, bool ours, int64_t now)
{
    if (!live || (values_read && live->wanted && !live->has_value))
        return NEW;
    bool same = same_metadata(live->metadata, seed->metadata) && !live->divergent &&
                (!values_read || digest_equal(&live->value, value));
    if (!same)
        return ours ? CHANGED : FOREIGN;
    return expiry_holds(live, seed, ttl, ttl_was_other, now) ? SAME : EXPIRY;
}

/* true when the live key is what cfkv last wrote to it. */
static bool is_ours(const struct planner *pl, const struct observed_key *live,
                    const struct state_key *record)
{
    if (!live || !record || !live->has_value || live->divergent)
        return false;
    struct digest hmac =
        state_hmac(&pl->t->state, &live->value, live->metadata, record->expiration_ttl);
    return digest_equal(&hmac, &record->hmac);
}

static enum verdict judge_put(const struct planner *pl, size_t ns, const struct put_decl *put,
                              bool known, struct bytes value)
{
    const struct plan_options *options = &pl->p->options;
    const struct observed_namespace *ons = live_of(pl, ns);
    const struct state_namespace *entry = planner_entry(pl, ns);
    const struct state_key *record = entry ? state_find_key(entry, put->seed.key) : NULL;
    int64_t ttl = namespace_effective_ttl(&pl->m->namespaces[ns], &put->seed);
    bool ttl_was_other = record && record->expiration_ttl != ttl;
    struct digest digest = hash_sha256(value);
    if (!ons)
        return NEW;
    bool recorded_same = false;
    if (record && known) {
        struct digest hmac = put_hmac(pl, ns, put, value);
        recorded_same = digest_equal(&hmac, &record->hmac);
    }
    if (options->refresh < REFRESH_KEYS)
        return recorded_same || (record && put->policy == SEED_ONCE) ? SAME : NEW;
    const struct observed_key *live = observed_key(ons, put->seed.key);
    if (live && put->policy == SEED_ONCE)
        return SAME;
    if (!known)
        return !live ? NEW : is_ours(pl, live, record) ? CHANGED : FOREIGN;
    if (options->refresh == REFRESH_VALUES)
        return judge(live, &put->seed, &digest, true, ttl, ttl_was_other, is_ours(pl, live, record),
                     options->now);
    if (live && !recorded_same)
        return record ? CHANGED : FOREIGN;
    return judge(live, &put->seed, &digest, false, ttl, ttl_was_other, true, options->now);
}

/* ---- Showing a key ----------------------------------------------------------------------------
 */

static void show_value(struct json_writer *w, bool secret, bool known, struct bytes value,
                       uint64_t size, const struct digest *digest)
{
    char hex[HASH_HEX_SIZE];
    json_key(w, "value");
    if (secret || !known) {
        json_begin_object(w);
        json_key(w, secret ? "secret" : "known_after_apply");
        json_bool(w, true);
        json_end_object(w);
    } else if (value.data || size == 0) {
        json_value(w, value);
    } else {
        digest_hex(digest, hex);
        json_begin_object(w);
        json_key(w, "bytes");
        json_int(w, (int64_t)size);
        json_key(w, "sha256");
        json_str(w, hex);
        json_end_object(w);
    }
}

static void show_number(struct json_writer *w, const char *name, int64_t n)
{
    if (n == 0)
        return;
    json_key(w, name);
    json_int(w, n);
}

static bool keep_json(struct planner *pl, struct buf *b, struct bytes *out, struct error *err)
{
    bool ok = buf_ok(b, err) && (arena_bytes(&pl->p->arena, buf_bytes(b), out) || error_nomem(err));
    buf_release(b);
    return ok;
}

static void show_metadata(struct json_writer *w, struct bytes metadata)
{
    if (!metadata.data)
        return;
    json_key(w, "metadata");
    json_raw(w, metadata);
}

static bool show_desired(struct planner *pl, size_t ns, const struct put_decl *put, bool known,
                         struct bytes value, struct bytes *out, struct error *err)
{
    struct buf b = {0};
    struct json_writer w = json_writer_to(&b, 0);
    struct digest digest = hash_sha256(value);
    int64_t ttl = namespace_effective_ttl(&pl->m->namespaces[ns], &put->seed);
    bool small = value.len <= OBSERVE_SHOW_MAX;
    json_begin_object(&w);
    show_number(&w, "expiration", ttl ? 0 : put->seed.expiration);
    show_number(&w, "expiration_ttl", ttl);
    show_metadata(&w, put->seed.metadata);
    show_value(&w, put->seed.value.secret, known, small ? value : bytes_make(NULL, 0), value.len,
               &digest);
    json_end_object(&w);
    return keep_json(pl, &b, out, err);
}

/* `with_value` false: for keys that go away, since what was secret once is not marked any more. */
static bool show_live(struct planner *pl, const struct observed_key *live, bool secret,
                      bool with_value, struct bytes *out, struct error *err)
{
    struct buf b = {0};
    if (!live)
        return true;
    struct json_writer w = json_writer_to(&b, 0);
    json_begin_object(&w);
    if (!with_value && live->has_value) {
        json_key(&w, "bytes");
        json_int(&w, (int64_t)live->size);
    }
    show_number(&w, "expiration", live->expiration);
    show_metadata(&w, live->metadata);
    if (with_value && live->has_value)
        show_value(&w, secret, true, live->shown, live->size, &live->value);
    json_end_object(&w);
    return keep_json(pl, &b, out, err);
}

/* ---- Emitting ---------------------------------------------------------------------------------
 */

static struct action *key_action(struct planner *pl, size_t ns, enum action_kind kind,
                                 enum action_verb verb, struct bytes key, const char *reason,
                                 struct error *err)
{
    struct action *a = planner_action(pl, kind, verb, reason, err);
    if (!a)
        return NULL;
    a->ns = ns;
    a->account_id = planner_account(pl, ns);
    a->address = pl->m->namespaces[ns].address;
    a->title = pl->m->namespaces[ns].title;
    a->id = pl->p->ids[ns];
    a->key = key;
    return a;
}

static bool record(struct planner *pl, struct plan_record r, struct error *err)
{
    struct plan *p = pl->p;
    if (!arena_grow(&p->arena, (void **)&p->records, &p->cap_records, p->n_records + 1,
                    sizeof *p->records))
        return error_nomem(err);
    p->records[p->n_records++] = r;
    return true;
}

static bool record_same(struct planner *pl, size_t ns, const struct put_decl *put,
                        struct bytes value, struct error *err)
{
    const struct state_namespace *entry = planner_entry(pl, ns);
    const struct state_key *old = entry ? state_find_key(entry, put->seed.key) : NULL;
    int64_t ttl = namespace_effective_ttl(&pl->m->namespaces[ns], &put->seed);
    struct digest hmac = put_hmac(pl, ns, put, value);
    pl->p->summary.unchanged++;
    if (put->policy == SEED_ONCE ||
        (old && digest_equal(&old->hmac, &hmac) && old->expiration_ttl == ttl))
        return true;
    return record(
        pl,
        (struct plan_record){
            .what = RECORD_KEY, .ns = ns, .name = put->seed.key, .digest = hmac, .number = ttl},
        err);
}

static const char *put_reason(const struct planner *pl, enum verdict v,
                              const struct observed_key *live)
{
    if (pl->p->options.refresh < REFRESH_KEYS)
        return "differs from what the state records";
    switch (v) {
    case NEW:
        return "the key is absent";
    case EXPIRY:
        return "its expiry differs";
    case FOREIGN:
        return live && live->divergent ? "its copies differ between the local stores"
                                       : "overwrites a value that cfkv did not write";
    default:
        return "its value or metadata differs";
    }
}

static bool plan_past(struct planner *pl, size_t ns, const struct put_decl *put, struct error *err);

static bool plan_put(struct planner *pl, size_t ns, size_t index, struct error *err)
{
    const struct put_decl *put = &pl->m->namespaces[ns].puts[index];
    int64_t ttl = namespace_effective_ttl(&pl->m->namespaces[ns], &put->seed);
    const struct observed_namespace *ons = live_of(pl, ns);
    const struct observed_key *live = ons ? observed_key(ons, put->seed.key) : NULL;
    struct buf scratch = {0};
    struct bytes value = {0};
    struct error bad = {0};
    bool known = value_known(pl, &put->seed.value, &scratch, &value, &bad);
    bool ok = bad.code == ERR_NONE;
    enum verdict v = judge_put(pl, ns, put, known, value);
    if (!ok) {
        *err = bad;
    } else if (v == SAME) {
        ok = record_same(pl, ns, put, value, err);
    } else if (seed_is_past(&put->seed, ttl, pl->p->options.now)) {
        ok = plan_past(pl, ns, put, err);
    } else {
        struct action *a =
            key_action(pl, ns, ACTION_KEY, ACTION_PUT, put->seed.key, put_reason(pl, v, live), err);
        ok = a && show_live(pl, live, put->seed.value.secret, true, &a->before, err) &&
             show_desired(pl, ns, put, known, value, &a->after, err);
        if (ok) {
            a->index = index;
            a->overwrite = v == FOREIGN;
            a->pos = put->seed.pos;
        }
    }
    buf_release(&scratch);
    return ok;
}

static bool plan_delete(struct planner *pl, size_t ns, const struct observed_key *live,
                        const char *reason, bool backup, struct srcpos pos, struct error *err)
{
    struct action *a = key_action(pl, ns, ACTION_KEY, ACTION_DELETE, live->key, reason, err);
    if (!a)
        return false;
    a->backup = backup;
    a->pos = pos;
    return show_live(pl, live, false, false, &a->before, err);
}

static bool unrecord(struct planner *pl, size_t ns, struct bytes key, struct error *err)
{
    return record(pl, (struct plan_record){.what = RECORD_NO_KEY, .ns = ns, .name = key}, err);
}

/* A put that is declared no more, or whose expiration is past: deleted when the live key is still
 * what cfkv wrote, else left and forgotten. */
static bool plan_gone(struct planner *pl, size_t ns, const struct state_key *rec,
                      const char *reason, struct srcpos pos, struct error *err)
{
    const struct observed_namespace *ons = live_of(pl, ns);
    const struct observed_key *live = ons ? observed_key(ons, rec->key) : NULL;
    if (is_ours(pl, live, rec))
        return plan_delete(pl, ns, live, reason, false, pos, err);
    if (live) {
        char quoted[160];
        diag_add(&pl->p->notes, DIAG_WARNING, "key.foreign", pl->m->namespaces[ns].pos,
                 "key %s in '%.*s' is not what cfkv wrote any more; it stays and is forgotten",
                 text_quoted(rec->key, quoted, sizeof quoted),
                 BYTES_FMT(pl->m->namespaces[ns].title));
    }
    return unrecord(pl, ns, rec->key, err);
}

static bool plan_past(struct planner *pl, size_t ns, const struct put_decl *put, struct error *err)
{
    const struct state_namespace *entry = planner_entry(pl, ns);
    const struct state_key *rec = entry ? state_find_key(entry, put->seed.key) : NULL;
    if (!rec || pl->p->options.refresh < REFRESH_VALUES)
        return true;
    return plan_gone(pl, ns, rec, "its expiration is past", put->seed.pos, err);
}

/* ---- Removed puts and prunes ------------------------------------------------------------------
 */

static const struct prune_decl *prune_for(const struct namespace_decl *decl, struct bytes key)
{
    for (size_t i = 0; i < decl->n_prunes; i++)
        if (bytes_starts_with(key, decl->prunes[i].prefix))
            return &decl->prunes[i];
    return NULL;
}

static bool index_puts(const struct namespace_decl *decl, struct map *declared)
{
    for (size_t i = 0; i < decl->n_puts; i++)
        if (!map_set(declared, decl->puts[i].seed.key, i))
            return false;
    return true;
}

static bool plan_removed_puts(struct planner *pl, size_t ns, struct error *err)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    const struct observed_namespace *ons = live_of(pl, ns);
    struct map declared = {0};
    bool ok = !entry || !entry->n_keys || index_puts(decl, &declared) || error_nomem(err);
    for (size_t i = 0; ok && entry && i < entry->n_keys; i++) {
        const struct state_key *rec = &entry->keys[i];
        const struct observed_key *live = ons ? observed_key(ons, rec->key) : NULL;
        if (map_get(&declared, rec->key) != MAP_NONE)
            continue;
        if (live && live->declared)
            ok = unrecord(pl, ns, rec->key, err); /* a bulk source names it now */
        else if (!live || !prune_for(decl, rec->key))
            ok = plan_gone(pl, ns, rec, "it is not declared any more", decl->pos, err);
    }
    map_release(&declared);
    return ok;
}

static bool plan_prunes(struct planner *pl, size_t ns, struct error *err)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct observed_namespace *ons = live_of(pl, ns);
    if (!decl->n_prunes || !ons)
        return true;
    for (size_t i = 0; i < ons->n_keys; i++) {
        const struct observed_key *live = &ons->keys[i];
        const struct prune_decl *prune = live->declared ? NULL : prune_for(decl, live->key);
        char quoted[160];
        if (!prune)
            continue;
        const char *reason = arena_printf(&pl->p->arena, "pruned: not declared, under %s",
                                          text_quoted(prune->prefix, quoted, sizeof quoted));
        if (!reason)
            return error_nomem(err);
        if (!plan_delete(pl, ns, live, reason, true, prune->pos, err))
            return false;
    }
    return true;
}

/* ---- Bulk sources -----------------------------------------------------------------------------
 */

struct bulk_judge {
    struct planner *pl;
    size_t ns;
    const struct bulk_decl *bulk;
    const struct state_bulk *record;
    struct action *a; /* a draft, not in the plan yet */
    size_t cap;
    uint64_t size; /* of the source, in bytes */
    struct buf scratch;
};

static enum bulk_mark judge_item(struct bulk_judge *j, const struct seed_item *item,
                                 struct bytes value, bool known)
{
    const struct planner *pl = j->pl;
    const struct plan_options *options = &pl->p->options;
    const struct namespace_decl *decl = &pl->m->namespaces[j->ns];
    const struct state_namespace *entry = planner_entry(pl, j->ns);
    const struct observed_namespace *ons = live_of(pl, j->ns);
    const struct observed_key *live = ons ? observed_key(ons, item->seed.key) : NULL;
    int64_t ttl = namespace_effective_ttl(decl, &item->seed);
    bool default_ttl_moved = ttl != item->seed.expiration_ttl && entry && entry->ttl_seconds != ttl;
    struct digest digest = hash_sha256(value);
    if (live && j->bulk->policy == SEED_ONCE)
        return BULK_SAME;
    bool values_read = options->refresh == REFRESH_VALUES;
    enum verdict v =
        judge(live, &item->seed, &digest, values_read, ttl, default_ttl_moved, false, options->now);
    if (live && !known)
        v = FOREIGN;
    if (v == SAME)
        return BULK_SAME;
    if (seed_is_past(&item->seed, ttl, options->now))
        return BULK_PAST;
    return v == NEW ? BULK_NEW : v == EXPIRY ? BULK_EXPIRY : BULK_OVERWRITE;
}

static bool add_mark(struct bulk_judge *j, enum bulk_mark mark, const struct seed_item *item,
                     struct bytes value, struct error *err)
{
    struct action *a = j->a;
    if (!arena_grow(&j->pl->p->arena, (void **)&a->marks, &j->cap, a->n_marks + 1, 1))
        return error_nomem(err);
    a->marks[a->n_marks++] = (uint8_t)mark;
    if (mark != BULK_SAME && mark != BULK_PAST)
        batch_cost_add(&a->batches, item->seed.key.len, value.len);
    return true;
}

static bool judge_source(struct bulk_judge *j, struct error *err)
{
    struct seed_reader *reader = seed_open(j->pl->root, j->bulk, err);
    struct seed_item item;
    enum seed_status status = SEED_FAILED;
    if (!reader)
        return false;
    bool ok = true;
    while (ok && ((status = seed_next(reader, &item, &j->pl->p->notes, err)) == SEED_ITEM ||
                  status == SEED_BAD)) {
        struct bytes value = {0};
        struct error bad = {0};
        if (status == SEED_BAD)
            continue;
        bool known = value_known(j->pl, &item.seed.value, &j->scratch, &value, &bad);
        if (bad.code) {
            *err = bad;
            ok = false;
        } else {
            ok = add_mark(j, judge_item(j, &item, value, known), &item, value, err);
        }
    }
    if (ok && status == SEED_END)
        seed_content(reader, &j->size, &j->a->digest);
    seed_close(reader);
    return ok && status == SEED_END;
}

/*
 * Now that the source's digest is known: where values differ, who changed them? The state keeps no
 * digest per bulk key, so when the recorded source differs from this one the source did; else
 * somebody else did. With `--refresh keys` or less an unchanged source stands for its values.
 */
static void settle_marks(struct bulk_judge *j)
{
    struct action *a = j->a;
    bool source_same = j->record && digest_equal(&j->record->digest, &a->digest);
    bool values_read = j->pl->p->options.refresh == REFRESH_VALUES;
    bool listed = j->pl->p->options.refresh >= REFRESH_KEYS;
    const struct observed_namespace *ons = live_of(j->pl, j->ns);
    for (size_t i = 0; i < a->n_marks; i++) {
        uint8_t *mark = &a->marks[i];
        if (ons && !listed && *mark == BULK_NEW)
            *mark = source_same ? BULK_SAME : BULK_NEW;
        else if (ons && listed && !values_read && *mark == BULK_SAME && !source_same &&
                 j->bulk->policy == SEED_MANAGED)
            *mark = j->record ? BULK_CHANGED : BULK_OVERWRITE;
        else if (*mark == BULK_OVERWRITE && j->record && !source_same)
            *mark = BULK_CHANGED;
        a->counts.added += *mark == BULK_NEW;
        a->counts.changed += *mark == BULK_CHANGED || *mark == BULK_EXPIRY;
        a->counts.overwrite += *mark == BULK_OVERWRITE;
        a->counts.unchanged += *mark == BULK_SAME || *mark == BULK_PAST;
    }
}

static bool emit_bulk(struct bulk_judge *j, struct bytes name, size_t index, struct error *err)
{
    struct planner *pl = j->pl;
    const struct action *draft = j->a;
    const struct bulk_counts *c = &draft->counts;
    bool recorded = j->record && digest_equal(&j->record->digest, &draft->digest) &&
                    j->record->count == draft->n_marks;
    pl->p->summary.unchanged += c->unchanged;
    if (!c->added && !c->changed && !c->overwrite)
        return recorded || record(pl,
                                  (struct plan_record){.what = RECORD_BULK,
                                                       .ns = j->ns,
                                                       .name = name,
                                                       .digest = draft->digest,
                                                       .number = (int64_t)draft->n_marks},
                                  err);
    struct action *a = key_action(pl, j->ns, ACTION_BULK, ACTION_PUT, name,
                                  c->overwrite ? "overwrites values that cfkv did not write"
                                               : "keys are absent or differ",
                                  err);
    if (!a)
        return false;
    a->index = index;
    a->pos = j->bulk->pos;
    a->overwrite = c->overwrite > 0;
    a->counts = *c;
    a->marks = draft->marks;
    a->n_marks = draft->n_marks;
    a->digest = draft->digest;
    a->batches = draft->batches;
    return true;
}

/* The forecast of a source whose marks were settled after its sizes were seen is counted anew. */
static bool recount_batches(struct bulk_judge *j, struct error *err)
{
    struct action *a = j->a;
    struct seed_reader *reader = seed_open(j->pl->root, j->bulk, err);
    struct seed_item item;
    enum seed_status status = SEED_FAILED;
    size_t i = 0;
    if (!reader)
        return false;
    a->batches = (struct batch_cost){0};
    while ((status = seed_next(reader, &item, &j->pl->p->notes, err)) == SEED_ITEM ||
           status == SEED_BAD) {
        if (status == SEED_BAD || i >= a->n_marks)
            continue;
        uint8_t mark = a->marks[i++];
        if (mark != BULK_SAME && mark != BULK_PAST)
            batch_cost_add(&a->batches, item.seed.key.len, item.value.len);
    }
    seed_close(reader);
    return status == SEED_END;
}

static bool keep_source(struct planner *pl, struct bytes name, uint64_t size,
                        const struct digest *digest, struct error *err)
{
    struct plan *p = pl->p;
    if (!arena_grow(&p->arena, (void **)&p->sources, &p->cap_sources, p->n_sources + 1,
                    sizeof *p->sources))
        return error_nomem(err);
    p->sources[p->n_sources++] =
        (struct input_file){.path = name.data, .size = size, .digest = *digest};
    return true;
}

static bool plan_bulk(struct planner *pl, size_t ns, size_t index, struct error *err)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    struct action draft = {0};
    struct bytes name;
    struct bulk_judge j = {.pl = pl, .ns = ns, .bulk = &decl->bulks[index], .a = &draft};
    if (!seed_source_name(&pl->p->arena, decl, index, &name))
        return error_nomem(err);
    j.record = entry ? state_find_bulk(entry, name) : NULL;
    bool ok = judge_source(&j, err);
    if (ok) {
        settle_marks(&j);
        if (pl->p->options.refresh != REFRESH_VALUES && live_of(pl, ns))
            ok = recount_batches(&j, err);
        ok = ok && keep_source(pl, name, j.size, &draft.digest, err) &&
             emit_bulk(&j, name, index, err);
    }
    buf_release(&j.scratch);
    return ok;
}

static bool plan_removed_bulks(struct planner *pl, size_t ns, struct error *err)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    for (size_t i = 0; entry && i < entry->n_bulks; i++) {
        bool declared = false;
        for (size_t k = 0; k < decl->n_bulks && !declared; k++) {
            struct bytes name;
            if (!seed_source_name(&pl->p->arena, decl, k, &name))
                return error_nomem(err);
            declared = bytes_equal(name, entry->bulks[i].source);
        }
        if (!declared &&
            !record(pl,
                    (struct plan_record){
                        .what = RECORD_NO_BULK, .ns = ns, .name = entry->bulks[i].source},
                    err))
            return false;
    }
    return true;
}

/* ---- All --------------------------------------------------------------------------------------
 */

static bool emit_keys(struct planner *pl, size_t ns, struct error *err)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    for (size_t i = 0; i < decl->n_puts; i++)
        if (!plan_put(pl, ns, i, err))
            return false;
    for (size_t i = 0; i < decl->n_bulks; i++)
        if (!plan_bulk(pl, ns, i, err))
            return false;
    if (!plan_removed_bulks(pl, ns, err))
        return false;
    /* What was not read is neither judged nor touched. */
    if (pl->p->options.refresh >= REFRESH_VALUES && !plan_removed_puts(pl, ns, err))
        return false;
    return pl->p->options.refresh < REFRESH_KEYS || plan_prunes(pl, ns, err);
}

bool plan_keys_of(struct planner *pl, size_t ns, struct error *err)
{
    return observe_for(pl, &ns, 1, err) && emit_keys(pl, ns, err);
}

bool plan_keys(struct planner *pl, struct error *err)
{
    const struct model *m = pl->m;
    size_t *which = mem_zalloc(m->n_namespaces + 1, sizeof *which);
    size_t n = 0;
    if (!which)
        return error_nomem(err);
    for (size_t i = 0; i < m->n_namespaces && !pl->p->options.destroy; i++)
        if (needs_keys(pl, i))
            which[n++] = i;
    bool ok = observe_for(pl, which, n, err);
    for (size_t i = 0; ok && i < m->n_namespaces && !pl->p->options.destroy; i++) {
        const struct resolution *res = &pl->p->resolutions[i];
        if (res->in_scope && res->kind != RESOLVE_FAILED)
            ok = emit_keys(pl, i, err);
    }
    mem_free(which);
    return ok;
}
