#include "drift.h"

#include "base/mem.h"
#include "base/text.h"
#include "before_after.h"
#include "source.h"
#include "unlisted.h"

/* A recorded namespace that is live, and the declaration that stands for it. */
struct intent {
    struct bytes account;
    const struct state_namespace *entry;
    size_t live; /* index into observed */
    size_t ns;   /* SIZE_MAX: none does any more */
};

struct drifter {
    struct drift *d;
    struct planner pl;
    struct account_map declared; /* address of an entry → the declaration that stands for it */
    struct intent *intents;      /* whose keys are compared */
    size_t *lives;               /* their namespaces */
    size_t n, compared;
    const char *unseen; /* the first source that cannot be compared, and where; NULL: none */
    size_t n_unseen;
};

static struct drift_item *drift_add(struct drifter *dr, enum action_kind kind, const char *change,
                                    struct bytes account, const struct state_namespace *entry)
{
    struct drift *d = dr->d;
    mem_grow((void **)&d->items, &d->cap, d->n + 1, sizeof *d->items);
    struct drift_item *item = &d->items[d->n++];
    *item = (struct drift_item){.kind = kind,
                                .change = change,
                                .account_id = account,
                                .address = entry->address,
                                .title = entry->title,
                                .id = entry->id,
                                .env = entry->env};
    return item;
}

/* ---- What was intended ----------------------------------------------------------------------- */

/* Declarations with what the state records of their namespaces: a default ttl that moved since is
 * the configuration's own change. */
static void set_intended(struct drifter *dr, const struct model *m)
{
    struct model *intended = &dr->d->intended;
    *intended = *m;
    intended->namespaces =
        arena_alloc(&dr->d->plan.arena, m->n_namespaces, sizeof *intended->namespaces);
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct state_namespace *entry = planner_entry(&dr->pl, i);
        intended->namespaces[i] = m->namespaces[i];
        if (entry)
            intended->namespaces[i].ttl_seconds = entry->ttl_seconds;
    }
    dr->pl.m = intended;
}

/* Only who stands on an entry, and on the namespace that it records, speaks for it. */
static void index_declared(struct drifter *dr)
{
    for (size_t i = 0; i < dr->pl.m->n_namespaces; i++) {
        const struct state_namespace *entry = planner_entry(&dr->pl, i);
        const struct observed_namespace *live = planner_live(&dr->pl, i);
        if (entry && live && bytes_equal(live->id, entry->id))
            account_map_set(&dr->declared, planner_account(&dr->pl, i), entry->address, i);
    }
}

/* What is done with each entry that is in scope; false ends the walk. */
typedef bool (*entry_fn)(struct drifter *dr, struct bytes account,
                         const struct state_namespace *entry, struct error *err);

static bool each_entry(struct drifter *dr, entry_fn fn, struct error *err)
{
    const struct state *s = &dr->pl.t->state;
    for (size_t a = 0; a < s->n_accounts; a++)
        for (size_t i = 0; !s->accounts[a].aside && i < s->accounts[a].n; i++) {
            const struct state_namespace *e = &s->accounts[a].namespaces[i];
            struct bytes account = state_store_account(s->accounts[a].id);
            if (!e->removed &&
                planner_in_scope(&dr->d->plan.options, e->env, account, e->address, e->title) &&
                !fn(dr, account, e, err))
                return false;
        }
    return true;
}

static const struct namespace_decl *intent_decl(const struct drifter *dr, const struct intent *in)
{
    return in->ns == SIZE_MAX ? NULL : &dr->pl.m->namespaces[in->ns];
}

static bool collect_intent(struct drifter *dr, struct bytes account,
                           const struct state_namespace *entry, struct error *err)
{
    (void)err;
    struct intent in = {account, entry, observed_by_id(dr->pl.o, account, entry->id), SIZE_MAX};
    size_t ns = account_map_get(&dr->declared, account, entry->address);
    if (ns != MAP_NONE)
        in.ns = ns;
    const struct namespace_decl *decl = intent_decl(dr, &in);
    if (in.live == OBSERVE_NONE ||
        !(entry->n_keys || (decl && (decl->n_prunes || (decl->n_bulks && entry->n_bulks)))))
        return true;
    dr->lives[dr->n] = in.live;
    dr->intents[dr->n++] = in;
    return true;
}

/* The put of each record of an entry that is still declared; SIZE_MAX: none is. */
static size_t *recorded_puts(const struct intent *in, const struct namespace_decl *decl)
{
    size_t *puts = mem_alloc((in->entry->n_keys + 1) * sizeof *puts);
    for (size_t i = 0; i < in->entry->n_keys; i++)
        puts[i] = SIZE_MAX;
    for (size_t i = 0; decl && i < decl->n_puts; i++) {
        const struct state_key *record = state_find_key(in->entry, decl->puts[i].seed.key);
        if (record)
            puts[record - in->entry->keys] = i;
    }
    return puts;
}

/* ---- Observing ------------------------------------------------------------------------------- */

/* A fingerprint tells whether the live key is what is declared; what was recorded otherwise is
 * recognised by its value alone. */
static bool is_told(struct drifter *dr, const struct intent *in, size_t put,
                    const struct state_key *record, const struct observed_key *live)
{
    const struct namespace_decl *decl = intent_decl(dr, in);
    if (put == SIZE_MAX || decl->puts[put].policy != SEED_MANAGED ||
        !live_is_told(decl->fingerprint, live))
        return false;
    struct desired desired = {0};
    desired_set(&dr->pl, in->ns, &decl->puts[put].seed, &desired);
    bool told = desired_is_recorded(&dr->pl, &desired, record);
    desired_release(&desired);
    return told;
}

static void mark_records(struct drifter *dr, const struct intent *in)
{
    size_t *puts = recorded_puts(in, intent_decl(dr, in));
    for (size_t i = 0; i < in->entry->n_keys; i++) {
        const struct state_key *record = &in->entry->keys[i];
        struct observed_key *live =
            observed_key(&dr->pl.o->namespaces[in->live], record->key, NULL);
        if (!live)
            continue;
        live->declared = true;
        live->wanted = !is_told(dr, in, puts[i], record, live);
    }
    mem_free(puts);
}

/* Sources that were never applied only say which keys are declared. */
static bool mark_sources(struct drifter *dr, const struct intent *in, struct error *err)
{
    const struct namespace_decl *decl = intent_decl(dr, in);
    bool ok = true;
    for (size_t i = 0; ok && decl && i < decl->n_bulks; i++) {
        struct bytes name = seed_source_name(&dr->d->plan.arena, decl, i);
        ok = bulk_mark(&dr->pl, in->ns, i, state_find_bulk(in->entry, name) != NULL, err);
    }
    return ok;
}

static bool mark_intent(void *ctx, size_t k, struct error *err)
{
    struct drifter *dr = ctx;
    const struct intent *in = &dr->intents[k];
    const struct namespace_decl *decl = intent_decl(dr, in);
    for (size_t i = 0; decl && i < decl->n_puts; i++) {
        struct observed_key *live =
            observed_key(&dr->pl.o->namespaces[in->live], decl->puts[i].seed.key, NULL);
        if (live)
            planner_declare(live, &decl->puts[i].seed.value);
    }
    mark_records(dr, in);
    return mark_sources(dr, in, err);
}

static bool is_whole(void *ctx, size_t k, struct bytes name)
{
    const struct drifter *dr = ctx;
    return state_find_key(dr->intents[k].entry, name) != NULL;
}

/* What it is now is shown beside what was put. */
static bool is_kept(void *ctx, size_t k, const struct observed_key *key, struct bytes value)
{
    const struct drifter *dr = ctx;
    const struct state_key *record = state_find_key(dr->intents[k].entry, observed_name(key));
    (void)value;
    return record && !record->secret && !live_is_recorded(&dr->pl, key, record);
}

static bool observe_intents(struct drifter *dr, struct error *err)
{
    size_t n = 0;
    for (size_t a = 0; a < dr->pl.t->state.n_accounts; a++)
        n += dr->pl.t->state.accounts[a].n;
    dr->intents = mem_zalloc(n + 1, sizeof *dr->intents);
    dr->lives = mem_zalloc(n + 1, sizeof *dr->lives);
    each_entry(dr, collect_intent, err);
    struct observe_wish wish = {.which = dr->lives,
                                .n = dr->n,
                                .mark = mark_intent,
                                .whole = is_whole,
                                .keep = is_kept,
                                .ctx = dr,
                                .values = true};
    return observe_contents(dr->pl.o, &wish, err);
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static void drift_namespace(struct drifter *dr, struct bytes account,
                            const struct state_namespace *entry)
{
    size_t live = observed_by_id(dr->pl.o, account, entry->id);
    if (live == OBSERVE_NONE && !observed_is_gone(dr->pl.o, account, entry->id)) {
        dr->d->unsure++;
        return;
    }
    dr->d->checked++;
    if (live == OBSERVE_NONE) {
        drift_add(dr, ACTION_NAMESPACE, "deleted", account, entry)->detail =
            "the namespace is gone";
        return;
    }
    struct bytes title = dr->pl.o->namespaces[live].title;
    char name[QUOTED_SIZE];
    if (bytes_equal(title, entry->title))
        return;
    struct drift_item *item = drift_add(dr, ACTION_NAMESPACE, "renamed", account, entry);
    item->detail = arena_printf(&dr->d->plan.arena, "it is titled %s now",
                                text_quoted(title, name, sizeof name));
    item->before = show_member(&dr->pl, "title", entry->title);
    item->after = show_member(&dr->pl, "title", title);
    item->live_title = title;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

/* What comparing the keys of one namespace shares. */
struct key_drifter {
    struct drifter *dr;
    const struct intent *in;
    const struct namespace_decl *decl; /* or NULL */
    const struct observed_namespace *live;
    struct desired desired;
};

/* What a key is to be compared with. */
struct recorded_key {
    const struct state_key *record;
    const struct put_decl *put; /* declared just as it was applied, and set as `desired`; or NULL */
    const struct observed_key *live;
    enum verdict verdict; /* of the put, in the plan's words */
};

static struct recorded_key recorded_key(struct key_drifter *kd, size_t i, size_t put)
{
    const struct planner *pl = &kd->dr->pl;
    struct recorded_key k = {.record = &kd->in->entry->keys[i]};
    k.live = observed_key(kd->live, k.record->key, NULL);
    if (!live_is_there(pl, k.live))
        k.live = NULL;
    k.record = live_record(pl, k.live, k.record,
                           state_find_writing(&kd->in->entry->writing, k.record->key));
    if (put == SIZE_MAX || kd->decl->puts[put].policy != SEED_MANAGED)
        return k;
    bool as_applied;
    desired_set(pl, kd->in->ns, &kd->decl->puts[put].seed, &kd->desired);
    k.verdict = compare_put(pl, kd->in->ns, &kd->decl->puts[put], &kd->desired, NULL, &as_applied);
    as_applied = as_applied && desired_expiration_is_recorded(&kd->desired, k.record);
    k.put = as_applied ? &kd->decl->puts[put] : NULL;
    return k;
}

/* NULL: it is as it was intended. A key that is gone by the expiration it was declared with is. */
static const char *key_change(const struct key_drifter *kd, const struct recorded_key *k,
                              const char **detail)
{
    const struct planner *pl = &kd->dr->pl;
    bool as_written =
        k->put ? k->verdict == KEY_SAME || k->verdict == KEY_EXPIRY || k->verdict == KEY_MARK
               : live_is_recorded(pl, k->live, k->record);
    bool as_long = k->put ? k->verdict != KEY_EXPIRY
                          : !k->live || live_expiry_is_recorded(pl, k->live, k->record);
    if (!k->live && k->put && desired_is_past(pl, &kd->desired))
        return NULL;
    if (!k->live) {
        *detail = k->record->expiration_ttl ? "it expired or was deleted" : "the key is gone";
        return k->record->expiration_ttl ? "expired" : "deleted";
    }
    *detail = as_written ? "its expiry is not what cfkv set"
                         : "its value or metadata is not what cfkv wrote";
    return as_written && as_long ? NULL : "changed";
}

static void drift_key(struct key_drifter *kd, size_t i, size_t put)
{
    struct planner *pl = &kd->dr->pl;
    struct recorded_key k = recorded_key(kd, i, put);
    const char *detail;
    const char *change = key_change(kd, &k, &detail);
    if (!change)
        return;
    struct drift_item *item = drift_add(kd->dr, ACTION_KEY, change, kd->in->account, kd->in->entry);
    item->detail = detail;
    item->key = k.record->key;
    if (k.put) {
        item->ns = kd->in->ns;
        item->seed = &k.put->seed;
        item->live = k.live;
        item->secret = k.record->secret || k.put->seed.value.secret;
        item->before = show_desired(pl, &kd->desired);
        item->after = show_live(pl, k.live, &kd->desired, item->secret);
    } else if (k.live) {
        item->after = show_leaving(pl, k.live);
    }
}

static void drift_records(struct key_drifter *kd)
{
    size_t *puts = recorded_puts(kd->in, kd->decl);
    for (size_t i = 0; i < kd->in->entry->n_keys; i++)
        drift_key(kd, i, puts[i]);
    mem_free(puts);
}

/* ---- Bulk sources ---------------------------------------------------------------------------- */

struct bulk_drift {
    struct arena *arena;
    struct bulk_counts counts;
    struct bytes *keys;
    size_t n_keys, cap_keys;
};

/* A fingerprint alone says nothing of who turned it on or off. */
static void drift_bulk_item(void *ctx, const struct desired *d, enum bulk_mark mark)
{
    struct bulk_drift *b = ctx;
    if (mark == BULK_MARK)
        mark = BULK_SAME;
    bulk_count(&b->counts, mark);
    if (mark == BULK_SAME || mark == BULK_PAST || b->n_keys == DRIFT_KEYS_MAX)
        return;
    arena_grow(b->arena, (void **)&b->keys, &b->cap_keys, b->n_keys + 1, sizeof *b->keys);
    b->keys[b->n_keys++] = arena_copy(b->arena, d->seed->key);
}

/* "3 keys missing, 1 changed: 'a', 'b', 'c' and 1 more" */
static const char *bulk_detail(struct arena *arena, const struct bulk_drift *b, uint64_t n)
{
    const struct bulk_counts *c = &b->counts;
    uint64_t changed = n - c->added;
    struct buf text = {0};
    if (c->added > 0)
        buf_addf(&text, "%llu key%s missing", (unsigned long long)c->added, text_plural(c->added));
    if (changed > 0)
        buf_addf(&text, "%s%llu%s changed", text.len ? ", " : "", (unsigned long long)changed,
                 text.len       ? ""
                 : changed == 1 ? " key"
                                : " keys");
    for (size_t i = 0; i < b->n_keys; i++) {
        buf_add_str(&text, i ? ", " : ": ");
        text_quote(&text, b->keys[i], 120);
    }
    if (n > b->n_keys)
        buf_addf(&text, " and %llu more", (unsigned long long)(n - b->n_keys));
    const char *kept = arena_copy(arena, buf_bytes(&text)).data;
    buf_release(&text);
    return kept;
}

static bool drift_bulk(struct key_drifter *kd, size_t index, struct bytes name, struct error *err)
{
    struct drifter *dr = kd->dr;
    struct bulk_drift b = {.arena = &dr->d->plan.arena};
    if (!bulk_judge_each(&dr->pl, kd->in->ns, index, name, drift_bulk_item, &b, err))
        return false;
    uint64_t n = b.counts.added + b.counts.changed + b.counts.overwrite;
    if (n == 0)
        return true;
    struct drift_item *item = drift_add(dr, ACTION_BULK, "changed", kd->in->account, kd->in->entry);
    item->key = name;
    item->counts = b.counts;
    item->keys = b.keys;
    item->n_keys = b.n_keys;
    item->detail = bulk_detail(b.arena, &b, n);
    return true;
}

static void leave_source(struct key_drifter *kd, struct bytes name)
{
    char source[QUOTED_SIZE], address[QUOTED_SIZE];
    if (kd->dr->n_unseen++ == 0)
        kd->dr->unseen = arena_printf(&kd->dr->d->plan.arena, "%s of %s",
                                      text_quoted(name, source, sizeof source),
                                      text_quoted(kd->in->entry->address, address, sizeof address));
}

/* `*whole`: every source that was applied is still the one that was. */
static bool drift_bulks(struct key_drifter *kd, bool *whole, struct error *err)
{
    struct drifter *dr = kd->dr;
    const struct state_namespace *entry = kd->in->entry;
    size_t same = 0;
    for (size_t i = 0; kd->decl && i < kd->decl->n_bulks; i++) {
        struct bytes name = seed_source_name(&dr->d->plan.arena, kd->decl, i);
        if (bulk_is_as_recorded(&dr->pl, kd->in->ns, i, name)) {
            same++;
            if (!drift_bulk(kd, i, name, err))
                return false;
        } else if (state_find_bulk(entry, name)) {
            leave_source(kd, name);
        }
    }
    *whole = same == entry->n_bulks;
    return true;
}

/* ---- Pruned keys ----------------------------------------------------------------------------- */

static void drift_added(struct key_drifter *kd)
{
    struct planner *pl = &kd->dr->pl;
    char quoted[QUOTED_SIZE];
    for (size_t i = 0; kd->decl && kd->decl->n_prunes && i < kd->live->n_keys; i++) {
        const struct observed_key *live = &kd->live->keys[i];
        const struct prune_decl *prune = key_prune(kd->decl, live);
        if (!prune)
            continue;
        struct drift_item *item =
            drift_add(kd->dr, ACTION_KEY, "added", kd->in->account, kd->in->entry);
        item->key = observed_name(live);
        item->detail = arena_printf(&pl->p->arena, "not declared, under %s",
                                    text_quoted(prune->prefix, quoted, sizeof quoted));
        item->after = show_leaving(pl, live);
    }
}

/* ---- All ------------------------------------------------------------------------------------- */

/* Where other prefixes were pruned, or a source is another one than was applied, an undeclared key
 * may be there since before. */
static bool drift_contents(struct drifter *dr, const struct intent *in, struct error *err)
{
    struct key_drifter kd = {
        .dr = dr, .in = in, .decl = intent_decl(dr, in), .live = &dr->pl.o->namespaces[in->live]};
    bool whole;
    drift_records(&kd);
    bool ok = drift_bulks(&kd, &whole, err);
    if (ok && whole && kd.decl && bytes_same(in->entry->prunes, planner_prunes(&dr->pl, in->ns)))
        drift_added(&kd);
    desired_release(&kd.desired);
    return ok;
}

/* The intents are of the same walk. */
static bool compare_entry(struct drifter *dr, struct bytes account,
                          const struct state_namespace *entry, struct error *err)
{
    drift_namespace(dr, account, entry);
    if (dr->compared == dr->n || dr->intents[dr->compared].entry != entry)
        return true;
    return drift_contents(dr, &dr->intents[dr->compared++], err);
}

static bool observe_accounts(struct drifter *dr, struct error *err)
{
    struct planner *pl = &dr->pl;
    const struct state *s = &pl->t->state;
    for (size_t a = 0; a < s->n_accounts; a++)
        if (!s->accounts[a].aside &&
            !observe_namespaces(pl->o, state_store_account(s->accounts[a].id), err))
            return false;
    struct unlisted unlisted = {
        .o = pl->o, .state = s, .options = &pl->p->options, .notes = &dr->d->notes};
    target_note_clock(pl->t, pl->p->options.now, &dr->d->notes);
    return unlisted_settle(&unlisted, err);
}

/* Once, however many they are. */
static void note_unseen(const struct drifter *dr)
{
    struct diag_list *notes = &dr->d->notes;
    if (dr->n_unseen == 0)
        return;
    diag_add(notes, DIAG_WARNING, "drift.source", (struct srcpos){0},
             "%zu bulk source%s changed since the last apply, so %s keys cannot be compared: %s%s",
             dr->n_unseen, text_plural(dr->n_unseen), dr->n_unseen == 1 ? "its" : "their",
             dr->unseen, dr->n_unseen > 1 ? " and others" : "");
    diag_hint(notes, "'cfkv plan' shows what differs from the sources as they are now");
}

bool drift_find(struct drift *d, const struct model *m, struct target *t,
                const struct file_root *root, const struct plan_options *options, struct error *err)
{
    struct drifter dr = {.d = d};
    plan_start(&d->plan, m, t, options);
    d->plan.options.refresh = REFRESH_VALUES;
    dr.pl = (struct planner){.p = &d->plan, .m = m, .t = t, .root = root, .o = d->plan.observed};
    bool ok = observe_accounts(&dr, err);
    if (ok) {
        resolve_declarations(&dr.pl);
        index_declared(&dr);
        set_intended(&dr, m);
        ok = observe_intents(&dr, err) && each_entry(&dr, compare_entry, err);
    }
    if (ok) {
        note_unseen(&dr);
        unlisted_verdict(dr.pl.o, d->unsure, &d->verdict);
    }
    account_map_release(&dr.declared);
    mem_free(dr.intents);
    mem_free(dr.lives);
    return ok;
}

void drift_release(struct drift *d)
{
    mem_free(d->items);
    diag_release(&d->notes);
    plan_release(&d->plan);
    *d = (struct drift){0};
}
