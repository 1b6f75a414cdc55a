/*
 * keys.c: actions on the keys of declared namespaces.
 *
 * Two passes: list the keys of every namespace that needs it, mark the values worth reading and
 * read those; then judge each put, each bulk item, each pruned and each removed key against what is
 * live and what the state says cfkv wrote. Deletes come after all puts of their namespace.
 */
#include "base/mem.h"
#include "base/text.h"
#include "compare.h"
#include "model/validate.h"

/* ---- Observing ------------------------------------------------------------------------------- */

static bool needs_keys(const struct planner *pl, size_t ns)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct resolution *res = &pl->p->resolutions[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    return res->in_scope && res->kind == RESOLVE_LIVE &&
           (decl->n_puts || decl->n_bulks || decl->n_prunes || (entry && entry->n_keys) ||
            planner_writing(pl, ns));
}

void planner_declare(struct observed_key *key, const struct deferred *value)
{
    key->declared = true;
    key->odd = false;
    for (size_t i = 0; i < value->n; i++) /* ids, between the texts, are text */
        key->odd =
            key->odd || (value->parts[i].kind == PART_TEXT && !utf8_valid(value->parts[i].text));
}

/* What is observed: namespaces of the model, then those that are to be deleted. */
struct viewed {
    struct planner *pl;
    const size_t *ns;
    size_t n;
    struct viewed_puts {
        struct map index; /* where sources name many more: the keys of the puts */
        uint32_t *of;     /* of each live key the put that names it and one more, or 0 */
    } * puts;             /* for each of `ns` */
    struct buf scratch;
};

static void mark_put(struct observed_key *key, const struct put_decl *put, bool fingerprint)
{
    planner_declare(key, &put->seed.value);
    key->wanted = put->policy == SEED_MANAGED && !live_is_told(fingerprint, key);
}

static void mark_puts(const struct namespace_decl *decl, const struct observed_namespace *live,
                      struct viewed_puts *puts)
{
    size_t near = 0;
    puts->of = mem_zalloc(live->n_keys, sizeof *puts->of);
    for (size_t i = 0; i < decl->n_puts; i++) {
        struct observed_key *key = observed_key(live, decl->puts[i].seed.key, &near);
        if (!key)
            continue;
        mark_put(key, &decl->puts[i], decl->fingerprint);
        puts->of[key - live->keys] = (uint32_t)i + 1;
    }
}

/* Was a put that a run began and did not see the end of done? */
static void mark_pending(const struct planner *pl, size_t ns, const struct observed_namespace *live)
{
    const struct state_writing *writing = planner_writing(pl, ns);
    for (size_t i = 0; writing && i < writing->n; i++) {
        struct observed_key *key = observed_key(live, writing->keys[i].key, NULL);
        if (key)
            key->wanted = true;
    }
}

/* Marks the live keys that declarations name, and the values that must be read for judging. */
static bool mark_namespace(const struct viewed *v, size_t k, struct error *err)
{
    struct planner *pl = v->pl;
    size_t ns = v->ns[k];
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    struct observed_namespace *live = planner_live(pl, ns);
    size_t near = 0;
    if (decl->n_puts > 0)
        mark_puts(decl, live, &v->puts[k]);
    for (size_t i = 0; i < decl->n_bulks; i++)
        if (!bulk_mark(pl, ns, i, true, err))
            return false;
    for (size_t i = 0; entry && i < entry->n_keys; i++) {
        struct observed_key *key = observed_key(live, entry->keys[i].key, &near);
        if (key && !key->declared)
            key->wanted = true; /* a removed put: is it still what cfkv wrote? */
    }
    mark_pending(pl, ns, live);
    return true;
}

static bool has_files(const struct namespace_decl *decl)
{
    for (size_t i = 0; i < decl->n_bulks; i++)
        if (decl->bulks[i].format != SOURCE_INLINE)
            return true;
    return false;
}

/* Puts and what the state records are few, and shown; the items of a file may be a million. */
static bool is_whole(void *ctx, size_t k, struct bytes name)
{
    const struct viewed *v = ctx;
    if (k >= v->n)
        return false;
    if (!has_files(&v->pl->m->namespaces[v->ns[k]]) || map_get(&v->puts[k].index, name) != MAP_NONE)
        return true;
    const struct state_namespace *entry = planner_entry(v->pl, v->ns[k]);
    return (entry && state_find_key(entry, name)) || planner_pending(v->pl, v->ns[k], name);
}

static void index_puts(const struct namespace_decl *decl, struct map *puts)
{
    for (size_t i = 0; i < decl->n_puts; i++)
        map_set(puts, decl->puts[i].seed.key, i);
}

static void index_viewed(struct viewed *v)
{
    v->puts = mem_zalloc(v->n + 1, sizeof *v->puts);
    for (size_t k = 0; k < v->n; k++) {
        const struct namespace_decl *decl = &v->pl->m->namespaces[v->ns[k]];
        if (has_files(decl))
            index_puts(decl, &v->puts[k].index);
    }
}

static bool mark_viewed(void *ctx, size_t k, struct error *err)
{
    const struct viewed *v = ctx;
    return k >= v->n || mark_namespace(v, k, err);
}

/* What a put replaces may be shown, unless it is a secret, or as declared. */
static bool is_kept(void *ctx, size_t k, const struct observed_key *key, struct bytes value)
{
    struct viewed *v = ctx;
    if (k >= v->n || !v->puts[k].of)
        return false;
    const struct namespace_decl *decl = &v->pl->m->namespaces[v->ns[k]];
    uint32_t put = v->puts[k].of[key - planner_live(v->pl, v->ns[k])->keys];
    struct bytes wanted;
    if (put == 0 || decl->puts[put - 1].seed.value.secret)
        return false;
    return !deferred_resolve(&decl->puts[put - 1].seed.value, v->pl->p->ids, &v->scratch,
                             &wanted) ||
           !bytes_equal(value, wanted);
}

static bool observe_for(struct planner *pl, const size_t *ns, size_t n, struct error *err)
{
    struct plan *p = pl->p;
    struct viewed viewed = {.pl = pl, .ns = ns, .n = n};
    if (p->options.refresh < REFRESH_KEYS)
        return true;
    size_t *lives = mem_zalloc(n + p->n_removals + 1, sizeof *lives);
    struct observe_wish wish = {.which = lives,
                                .mark = mark_viewed,
                                .whole = is_whole,
                                .keep = is_kept,
                                .ctx = &viewed,
                                .values = p->options.refresh >= REFRESH_VALUES};
    for (size_t i = 0; i < n; i++)
        lives[wish.n++] = p->resolutions[ns[i]].live;
    for (size_t i = 0; i < p->n_removals; i++)
        if (p->removals[i].deleted)
            lives[wish.n++] = p->removals[i].live;
    index_viewed(&viewed);
    bool ok = observe_contents(pl->o, &wish, err);
    for (size_t k = 0; k < n; k++) {
        map_release(&viewed.puts[k].index);
        mem_free(viewed.puts[k].of);
    }
    mem_free(viewed.puts);
    buf_release(&viewed.scratch);
    mem_free(lives);
    return ok;
}

/* ---- Puts ------------------------------------------------------------------------------------ */

/* What planning the keys of one namespace shares. */
struct key_planner {
    struct planner *pl;
    size_t ns;
    const struct namespace_decl *decl;
    const struct state_namespace *entry;   /* or NULL */
    const struct observed_namespace *live; /* or NULL */
    struct map puts;                       /* key → index, when the state holds keys */
    bool *past;                            /* per put: it shall be absent; NULL: none is */
    size_t near;                           /* in `live` */
    struct desired desired;
};

static const struct observed_key *live_key(const struct key_planner *kp, struct bytes key)
{
    return kp->live ? observed_key(kp->live, key, NULL) : NULL;
}

static void note_record(struct key_planner *kp, enum plan_record_kind what, struct bytes key)
{
    struct plan_record record = {.what = what, .ns = kp->ns, .name = key};
    planner_record_add(kp->pl, record);
}

/* What is known of a key, once it is settled what came of a put that is pending; as long as nobody
 * has read what is there it stays pending. */
static const struct state_key *settled_record(struct key_planner *kp, struct bytes key,
                                              const struct observed_key *live)
{
    const struct state_key *record = kp->entry ? state_find_key(kp->entry, key) : NULL;
    const struct state_key *pending = planner_pending(kp->pl, kp->ns, key);
    const struct state_key *known = live_record(kp->pl, live, record, pending);
    if (pending && known == pending)
        note_record(kp, RECORD_WROTE, key);
    else if (pending && kp->pl->p->options.refresh == REFRESH_VALUES)
        note_record(kp, RECORD_NOT_WRITTEN, key);
    return known;
}

static const char *put_reason(const struct key_planner *kp, enum verdict v, struct bytes key,
                              const struct observed_key *live)
{
    bool recorded = kp->entry && state_find_key(kp->entry, key);
    bool looked = kp->pl->p->options.refresh >= REFRESH_KEYS;
    switch (v) {
    case KEY_NEW:
        return "the key is absent";
    case KEY_EXPIRY:
        return "its expiry differs";
    case KEY_MARK:
        return kp->decl->fingerprint ? "adds the fingerprint" : "drops the fingerprint";
    case KEY_UNREAD:
        if (looked)
            return "may overwrite a value that cfkv did not write, since values were not read";
        return recorded ? "differs from what the state records"
                        : "may overwrite a value, since keys were not looked at";
    case KEY_FOREIGN:
        return live && live->divergent ? "its copies differ between the local stores"
                                       : "overwrites a value that cfkv did not write";
    default:
        return "its value or metadata differs";
    }
}

static bool live_is_secret(const struct seed_key *seed, const struct observed_key *live,
                           const struct state_key *record)
{
    return seed->value.secret || (record && record->secret) ||
           (live && live->value && looks_secret(seed->key, live->value->kept));
}

/* Nothing to do; the state learns what it does not know. A key that is there before its `once` put
 * is nobody's but its writer's. What is not as recorded was written by somebody else, unless just
 * that was about to be put when a run ended. */
static void keep_put(struct key_planner *kp, const struct put_decl *put, bool recorded)
{
    const struct state_key *known = kp->entry ? state_find_key(kp->entry, put->seed.key) : NULL;
    const struct state_key *pending = planner_pending(kp->pl, kp->ns, put->seed.key);
    kp->pl->p->summary.unchanged++;
    kp->pl->p->resolutions[kp->ns].unchanged++;
    if (put->policy == SEED_ONCE) {
        settled_record(kp, put->seed.key, live_key(kp, put->seed.key));
        return;
    }
    if (pending && desired_is_recorded(kp->pl, &kp->desired, pending)) {
        planner_record_add(kp->pl, desired_record(kp->pl, kp->ns, &kp->desired, KEY_WROTE));
        return;
    }
    recorded = recorded || (pending && desired_is_recorded(kp->pl, &kp->desired, known));
    if (pending)
        note_record(kp, RECORD_NOT_WRITTEN, put->seed.key);
    if ((recorded && !known->hmac.plain && known->secret == put->seed.value.secret &&
         desired_expiration_is_recorded(&kp->desired, known)))
        return;
    planner_record_add(
        kp->pl, desired_record(kp->pl, kp->ns, &kp->desired, recorded ? known->origin : KEY_FOUND));
}

static void emit_put(struct key_planner *kp, size_t index, enum verdict v)
{
    const struct seed_key *seed = &kp->decl->puts[index].seed;
    const struct observed_key *live = v == KEY_NEW ? NULL : live_key(kp, seed->key);
    const struct state_key *record = settled_record(kp, seed->key, live_key(kp, seed->key));
    struct action *a = planner_key(kp->pl, kp->ns, ACTION_KEY, ACTION_PUT, seed->key,
                                   put_reason(kp, v, seed->key, live));
    a->index = index;
    a->overwrite = v == KEY_FOREIGN || v == KEY_UNREAD;
    a->pos = seed->pos;
    a->live = live;
    a->secret_before = live_is_secret(seed, live, record);
    a->secret_after = seed->value.secret || looks_secret(seed->key, kp->desired.value);
    a->wrote = v == KEY_CHANGED || (!a->overwrite && record && record->origin == KEY_WROTE);
    a->expires = live ? !live_expiry_holds(kp->pl, live, &kp->desired,
                                           record && record->expiration_ttl != kp->desired.ttl)
                      : kp->desired.ttl || seed->expiration;
}

static void plan_put(struct key_planner *kp, size_t index)
{
    const struct put_decl *put = &kp->decl->puts[index];
    bool recorded;
    desired_set(kp->pl, kp->ns, &put->seed, &kp->desired);
    enum verdict v = compare_put(kp->pl, kp->ns, put, &kp->desired, &kp->near, &recorded);
    if (v == KEY_SAME) {
        keep_put(kp, put, recorded);
    } else if (!desired_is_past(kp->pl, &kp->desired)) {
        emit_put(kp, index, v);
    } else {
        if (!kp->past)
            kp->past = mem_zalloc(kp->decl->n_puts, sizeof *kp->past);
        kp->past[index] = true;
    }
}

/* ---- Deletes --------------------------------------------------------------------------------- */

static void emit_delete(struct key_planner *kp, const struct observed_key *live, const char *reason,
                        bool pruned, struct srcpos pos)
{
    bool protected = kp->pl->p->resolutions[kp->ns].protect && !kp->pl->t->local;
    if (protected)
        reason = arena_printf(&kp->pl->p->arena, "%s (protected)", reason);
    struct action *a =
        planner_key(kp->pl, kp->ns, ACTION_KEY, ACTION_DELETE, observed_name(live), reason);
    a->pruned = pruned;
    a->protected = protected;
    a->pos = pos;
    a->live = live;
}

static void unrecord(struct key_planner *kp, struct bytes key)
{
    note_record(kp, RECORD_NO_KEY, key);
}

static void note_stays(struct key_planner *kp, const struct state_key *record, const char *why,
                       struct srcpos pos)
{
    char key[QUOTED_SIZE], title[QUOTED_SIZE];
    diag_add(&kp->pl->p->notes, DIAG_WARNING, "key.foreign", pos,
             "key %s in %s %s; it stays and is forgotten",
             text_quoted(record->key, key, sizeof key),
             text_quoted(kp->decl->title, title, sizeof title), why);
}

/* A put that is declared no more, or whose expiration is past: deleted when cfkv wrote it and the
 * live key is still that, else left and forgotten. */
static void plan_gone(struct key_planner *kp, const struct state_key *record, const char *reason,
                      struct srcpos pos)
{
    const struct observed_key *live = live_key(kp, record->key);
    bool there = live_is_there(kp->pl, live);
    bool wrote = record_origin(kp->entry, record) == KEY_WROTE;
    if (there && !live_is_recorded(kp->pl, live, record)) {
        note_stays(kp, record, "is not what cfkv wrote any more", pos);
    } else if (there && !wrote) {
        note_stays(kp, record, "was there before cfkv ever wrote it", pos);
    } else if (there) {
        if (record->origin == KEY_UNKNOWN)
            reason = arena_printf(&kp->pl->p->arena, "%s; recorded before cfkv knew whose it was",
                                  reason);
        emit_delete(kp, live, reason, false, pos);
        return;
    }
    unrecord(kp, record->key);
}

static const struct prune_decl *prune_for(const struct namespace_decl *decl, struct bytes key)
{
    for (size_t i = 0; i < decl->n_prunes; i++)
        if (bytes_starts_with(key, decl->prunes[i].prefix))
            return &decl->prunes[i];
    return NULL;
}

/* A key that is recorded, or that a put is pending of. */
static void plan_recorded(struct key_planner *kp, struct bytes key)
{
    size_t put = map_get(&kp->puts, key);
    const struct observed_key *live = live_key(kp, key);
    if (put != MAP_NONE && !(kp->past && kp->past[put]))
        return;
    const struct state_key *record = settled_record(kp, key, live);
    if (!record)
        return;
    if (put != MAP_NONE) {
        if (kp->past && kp->past[put])
            plan_gone(kp, record, "its expiration is past", kp->decl->puts[put].seed.pos);
    } else if (live && live->declared) { /* a bulk source names it now */
        unrecord(kp, record->key);
    } else if (!live || !prune_for(kp->decl, record->key)) { /* else plan_prunes deletes it */
        plan_gone(kp, record, "it is not declared any more", kp->decl->pos);
    }
}

/* What was not read is neither judged nor touched. */
static void plan_removed(struct key_planner *kp)
{
    const struct state_writing *writing = planner_writing(kp->pl, kp->ns);
    size_t n = kp->entry ? kp->entry->n_keys : 0;
    if ((n == 0 && !writing) || kp->pl->p->options.refresh < REFRESH_VALUES)
        return;
    index_puts(kp->decl, &kp->puts);
    for (size_t i = 0; i < n; i++)
        plan_recorded(kp, kp->entry->keys[i].key);
    for (size_t i = 0; writing && i < writing->n; i++)
        if (!kp->entry || !state_find_key(kp->entry, writing->keys[i].key))
            plan_recorded(kp, writing->keys[i].key);
}

static void plan_pruned(struct key_planner *kp, const struct observed_key *live,
                        const struct prune_decl *prune)
{
    char quoted[QUOTED_SIZE];
    const char *reason = arena_printf(&kp->pl->p->arena, "pruned: not declared, under %s",
                                      text_quoted(prune->prefix, quoted, sizeof quoted));
    emit_delete(kp, live, reason, true, prune->pos);
}

const struct prune_decl *key_prune(const struct namespace_decl *decl,
                                   const struct observed_key *live)
{
    return live->declared ? NULL : prune_for(decl, observed_name(live));
}

static void plan_prunes(struct key_planner *kp)
{
    for (size_t i = 0; kp->live && kp->decl->n_prunes && i < kp->live->n_keys; i++) {
        const struct observed_key *live = &kp->live->keys[i];
        const struct prune_decl *prune = key_prune(kp->decl, live);
        if (prune)
            plan_pruned(kp, live, prune);
    }
}

/* ---- All ------------------------------------------------------------------------------------- */

static bool emit_keys(struct planner *pl, size_t ns, struct error *err)
{
    struct key_planner kp = {.pl = pl,
                             .ns = ns,
                             .decl = &pl->m->namespaces[ns],
                             .entry = planner_entry(pl, ns),
                             .live = planner_live(pl, ns)};
    for (size_t i = 0; i < kp.decl->n_puts; i++)
        plan_put(&kp, i);
    bool ok = plan_bulks(pl, ns, err);
    if (ok) {
        plan_removed(&kp);
        plan_prunes(&kp);
    }
    map_release(&kp.puts);
    mem_free(kp.past);
    desired_release(&kp.desired);
    return ok;
}

bool plan_keys_of(struct planner *pl, size_t ns, struct error *err)
{
    enum refresh refresh = pl->p->options.refresh;
    pl->p->options.refresh = REFRESH_VALUES;
    bool ok = observe_for(pl, &ns, 1, err) && emit_keys(pl, ns, err);
    pl->p->options.refresh = refresh;
    return ok;
}

bool plan_keys(struct planner *pl, struct error *err)
{
    size_t n_all = pl->p->options.destroy ? 0 : pl->m->n_namespaces;
    size_t *which = mem_zalloc(n_all + 1, sizeof *which);
    size_t n = 0;
    for (size_t i = 0; i < n_all; i++)
        if (needs_keys(pl, i))
            which[n++] = i;
    bool ok = observe_for(pl, which, n, err);
    for (size_t i = 0; ok && i < n_all; i++)
        if (pl->p->resolutions[i].in_scope && pl->p->resolutions[i].kind != RESOLVE_FAILED)
            ok = emit_keys(pl, i, err);
    mem_free(which);
    return ok;
}
