/*
 * drift.c: live against state. What the state records was true when cfkv last applied; drift is
 * what somebody else changed since.
 */
#include "base/mem.h"
#include "base/text.h"
#include "unlisted.h"
#include "compare.h"
#include "render.h"

struct drifter {
    struct drift *d;
    struct target *t;
    struct observed *o;
    const struct plan_options *options;
    size_t *lives;                          /* whose keys are to be listed, */
    const struct state_namespace **entries; /* and what the state says of each */
    size_t n_lives;
};

static struct drift_item *drift_add(struct drifter *dr, enum action_kind kind, const char *change,
                                    struct bytes account, const struct state_namespace *entry)
{
    struct drift *d = dr->d;
    mem_grow((void **)&d->items, &d->cap, d->n + 1, sizeof *d->items);
    struct drift_item *item = &d->items[d->n++];
    *item = (struct drift_item){.kind = kind,
                                .change = change,
                                .account_id = arena_copy(&d->arena, account),
                                .address = arena_copy(&d->arena, entry->address),
                                .title = arena_copy(&d->arena, entry->title),
                                .id = arena_copy(&d->arena, entry->id)};
    return item;
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static void drift_namespace(struct drifter *dr, struct bytes account,
                            const struct state_namespace *entry)
{
    size_t live = observed_by_id(dr->o, account, entry->id);
    if (live == OBSERVE_NONE && !observed_is_gone(dr->o, account, entry->id)) {
        dr->d->unsure++;
        return;
    }
    dr->d->checked++;
    if (live == OBSERVE_NONE) {
        drift_add(dr, ACTION_NAMESPACE, "deleted", account, entry)->detail =
            "the namespace is gone";
        return;
    }
    struct bytes title = dr->o->namespaces[live].title;
    char name[QUOTED_SIZE];
    if (!bytes_equal(title, entry->title))
        drift_add(dr, ACTION_NAMESPACE, "renamed", account, entry)->detail = arena_printf(
            &dr->d->arena, "it is titled %s now", text_quoted(title, name, sizeof name));
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static const char *key_change(const struct drifter *dr, const struct observed_key *key,
                              const struct state_key *rec, const char **detail)
{
    struct planner pl = {.t = dr->t};
    bool there = key && key->value;
    if (there && live_is_recorded(&pl, key, rec))
        return NULL;
    if (there) {
        *detail = "its value or metadata is not what cfkv wrote";
        return "changed";
    }
    *detail = rec->expiration_ttl ? "it expired or was deleted" : "the key is gone";
    return rec->expiration_ttl ? "expired" : "deleted";
}

static void drift_key(struct drifter *dr, struct bytes account, const struct state_namespace *entry,
                      const struct observed_namespace *live, const struct state_key *rec)
{
    const char *detail;
    const char *change = key_change(dr, observed_key(live, rec->key, NULL), rec, &detail);
    if (!change)
        return;
    struct drift_item *item = drift_add(dr, ACTION_KEY, change, account, entry);
    item->detail = detail;
    item->key = arena_copy(&dr->d->arena, rec->key);
}

typedef void (*entry_fn)(struct drifter *dr, struct bytes account,
                         const struct state_namespace *entry);

static void each_entry(struct drifter *dr, entry_fn fn)
{
    const struct state *s = &dr->t->state;
    for (size_t a = 0; a < s->n_accounts; a++)
        for (size_t i = 0; !s->accounts[a].aside && i < s->accounts[a].n; i++) {
            const struct state_namespace *e = &s->accounts[a].namespaces[i];
            if (!e->removed && planner_in_scope(dr->options, e->env, e->address, e->title))
                fn(dr, state_store_account(s->accounts[a].id), e);
        }
}

static void collect_entry(struct drifter *dr, struct bytes account,
                          const struct state_namespace *entry)
{
    size_t live = observed_by_id(dr->o, account, entry->id);
    if (live == OBSERVE_NONE || entry->n_keys == 0)
        return;
    dr->entries[dr->n_lives] = entry;
    dr->lives[dr->n_lives++] = live;
}

static bool mark_entry(void *ctx, size_t k, struct error *err)
{
    const struct drifter *dr = ctx;
    const struct state_namespace *entry = dr->entries[k];
    (void)err;
    for (size_t i = 0; i < entry->n_keys; i++) {
        struct observed_key *key =
            observed_key(&dr->o->namespaces[dr->lives[k]], entry->keys[i].key, NULL);
        if (key)
            key->wanted = true;
    }
    return true;
}

static bool is_recorded(void *ctx, size_t k, struct bytes name)
{
    const struct drifter *dr = ctx;
    return state_find_key(dr->entries[k], name) != NULL;
}

static bool observe_entries(struct drifter *dr, struct error *err)
{
    size_t n = 0;
    for (size_t a = 0; a < dr->t->state.n_accounts; a++)
        n += dr->t->state.accounts[a].n;
    dr->lives = mem_zalloc(n + 1, sizeof *dr->lives);
    dr->entries = mem_zalloc(n + 1, sizeof *dr->entries);
    each_entry(dr, collect_entry);
    struct observe_wish wish = {.which = dr->lives,
                                .n = dr->n_lives,
                                .mark = mark_entry,
                                .whole = is_recorded,
                                .ctx = dr,
                                .values = true};
    bool ok = observe_contents(dr->o, &wish, err);
    mem_free(dr->lives);
    mem_free(dr->entries);
    return ok;
}

static void compare_entry(struct drifter *dr, struct bytes account,
                          const struct state_namespace *entry)
{
    size_t live = observed_by_id(dr->o, account, entry->id);
    drift_namespace(dr, account, entry);
    for (size_t i = 0; live != OBSERVE_NONE && i < entry->n_keys; i++)
        drift_key(dr, account, entry, &dr->o->namespaces[live], &entry->keys[i]);
}

static bool observe_accounts(struct drifter *dr, struct error *err)
{
    const struct state *s = &dr->t->state;
    for (size_t a = 0; a < s->n_accounts; a++)
        if (!s->accounts[a].aside &&
            !observe_namespaces(dr->o, state_store_account(s->accounts[a].id), err))
            return false;
    struct unlisted unlisted = {
        .o = dr->o, .state = s, .options = dr->options, .notes = &dr->d->notes};
    return unlisted_settle(&unlisted, err);
}

bool drift_find(struct drift *d, struct target *t, const struct plan_options *options,
                struct error *err)
{
    struct drifter dr = {.d = d, .t = t, .options = options};
    dr.o = observed_new(&d->arena, t->store);
    dr.o->trusted = t->local != NULL;
    bool ok = observe_accounts(&dr, err) && observe_entries(&dr, err);
    if (ok) {
        each_entry(&dr, compare_entry);
        unlisted_verdict(dr.o, d->unsure, &d->verdict);
    }
    observed_free(dr.o);
    return ok;
}

/* ---- Showing --------------------------------------------------------------------------------- */

void drift_write_json(const struct drift *d, const struct target *t, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "accounts");
    target_write_accounts(t, &w);
    json_field_count(&w, "checked", d->checked);
    json_field_array(&w, "drift");
    for (size_t i = 0; i < d->n; i++) {
        const struct drift_item *item = &d->items[i];
        json_begin_object(&w);
        json_field_text(&w, "account_id",
                        item->account_id.len ? item->account_id : bytes_make(NULL, 0));
        json_field_text(&w, "address", item->address);
        json_field_str(&w, "change", item->change);
        json_field_str(&w, "detail", item->detail);
        json_field_text(&w, "id", item->id);
        json_field_text(&w, "key", item->key);
        json_field_str(&w, "kind", action_kind_name(item->kind));
        json_field_text(&w, "title", item->title);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_field_int(&w, "format_version", 1);
    json_field_str(&w, "target", t->name);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

void drift_write_text(const struct drift *d, struct buf *out)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct drift_item *item = &d->items[i];
        add_shown(out, item->address, SIZE_MAX);
        buf_add_str(out, ": ");
        if (item->key.data) {
            buf_add_str(out, "key ");
            text_quote(out, item->key, 120);
            buf_add_char(out, ' ');
        }
        buf_addf(out, "%s (%s)\n", item->change, item->detail);
    }
    buf_addf(out, "Drift: %zu difference%s in %zu namespace%s.\n", d->n, text_plural(d->n),
             d->checked, text_plural(d->checked));
}

void drift_release(struct drift *d)
{
    mem_free(d->items);
    diag_release(&d->notes);
    arena_release(&d->arena);
    *d = (struct drift){0};
}
