/*
 * apply_save.c: before the first write, bulk sources are held against the plan, and everything that
 * is about to be lost is saved, namespace by namespace.
 */
#include "applier.h"

#include "base/mem.h"
#include "base/text.h"
#include "source.h"

struct key_list {
    struct arena arena;
    struct bytes *keys;
    size_t n, cap;
    bool overwritten, deleted, pruned; /* what happens to them */
};

static void key_list_add(struct key_list *list, struct bytes key)
{
    mem_grow((void **)&list->keys, &list->cap, list->n + 1, sizeof *list->keys);
    list->keys[list->n++] = arena_copy(&list->arena, key);
}

/* ---- Bulk sources ---------------------------------------------------------------------------- */

struct bulk_losses {
    const struct action *a;
    struct key_list *list;
    size_t item;
};

/* The keys whose live value may be somebody else's. */
static bool list_item(void *ctx, const struct seed_item *item, struct error *err)
{
    struct bulk_losses *l = ctx;
    if (l->item >= l->a->bulk->n_marks)
        return source_changed(l->a->key, err);
    uint8_t mark = l->a->bulk->marks[l->item++];
    if (bulk_is_saved(mark))
        key_list_add(l->list, item->seed.key);
    return true;
}

/* Marks speak of the items that were planned and no others, so the source must still be that. */
static bool list_source(struct applier *ap, const struct action *a, struct key_list *list,
                        struct error *outcome)
{
    const struct bulk_decl *bulk = &ap->pl.m->namespaces[a->ns].bulks[a->index];
    struct bulk_losses losses = {.a = a, .list = list};
    struct digest digest;
    uint64_t size;
    if (!source_each(ap->pl.root, bulk, list_item, &losses, &size, &digest, outcome))
        return false;
    return digest_equal(&digest, &a->bulk->digest) || source_changed(a->key, outcome);
}

static void list_bulk(struct applier *ap, size_t at, struct key_list *list)
{
    struct action *a = applier_key_action(ap, at);
    struct error outcome = {0};
    size_t before = list->n;
    if (list_source(ap, a, list, &outcome)) {
        list->overwritten = list->overwritten || list->n > before;
        return;
    }
    list->n = before;
    a->dropped = true;
    applier_fail(ap, ap->key_actions[at], &outcome);
}

/* ---- Saving ---------------------------------------------------------------------------------- */

static void list_losses(struct applier *ap, size_t from, size_t to, struct key_list *list)
{
    for (size_t at = from; at < to; at++) {
        const struct action *a = applier_key_action(ap, at);
        bool put = a->verb == ACTION_PUT;
        if (a->kind == ACTION_BULK) {
            list_bulk(ap, at, list);
        } else if (!put || a->overwrite) {
            key_list_add(list, a->key);
            list->pruned = list->pruned || a->pruned;
            list->deleted = list->deleted || !put;
            list->overwritten = list->overwritten || put;
        }
    }
}

static void fail_range(struct applier *ap, size_t from, size_t to, const struct error *cause)
{
    for (size_t at = from; at < to; at++) {
        if (applier_key_action(ap, at)->dropped)
            continue;
        applier_key_action(ap, at)->dropped = true;
        applier_fail(ap, ap->key_actions[at], cause);
    }
}

static void skip_range(struct applier *ap, size_t from, size_t to)
{
    const struct action *a = applier_key_action(ap, from);
    char name[QUOTED_SIZE];
    struct error cause;
    error_set(&cause, ERR_FAILED, "skipped, since namespace %s is not ready",
              text_quoted(a->title, name, sizeof name));
    fail_range(ap, from, to, &cause);
}

static const char *reason_of(const struct key_list *list)
{
    if (!list->deleted)
        return "overwrite";
    if (list->overwritten)
        return list->pruned ? "overwrite-and-prune" : "overwrite-and-delete";
    return list->pruned ? "prune" : "delete";
}

/* Saves what the actions [from, to) of one namespace lose; when that fails they all fail. */
static bool save_losses(struct applier *ap, size_t from, size_t to, struct error *err)
{
    size_t ns = applier_key_action(ap, from)->ns;
    struct key_list list = {0};
    struct error outcome = {0};
    if (ap->unready[ns]) {
        skip_range(ap, from, to);
        return true;
    }
    list_losses(ap, from, to, &list);
    bool ok = list.n == 0 || apply_backup(ap, planner_live(&ap->pl, ns), reason_of(&list),
                                          list.keys, list.n, &outcome, err);
    if (ok && outcome.code)
        fail_range(ap, from, to, &outcome);
    mem_free(list.keys);
    arena_release(&list.arena);
    return ok;
}

bool apply_saves(struct applier *ap, struct error *err)
{
    for (size_t from = 0, to; from < ap->n_key_actions; from = to) {
        for (to = from + 1; to < ap->n_key_actions; to++)
            if (applier_key_action(ap, to)->ns != applier_key_action(ap, from)->ns)
                break;
        if (!save_losses(ap, from, to, err))
            return false;
    }
    return true;
}
