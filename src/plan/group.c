#include "group.h"

#include <stdlib.h>

#include "base/mem.h"
#include "compare.h"

/* ---- Environments ---------------------------------------------------------------------------- */

static size_t environment_index(struct groups *g, struct bytes account, struct bytes name)
{
    size_t at;
    account_map_add(&g->by_name, account, bytes_make(name.data ? name.data : "", name.len),
                    g->n_environments, &at);
    if (at != MAP_NONE)
        return at;
    mem_grow((void **)&g->environments, &g->cap_environments, g->n_environments + 1,
             sizeof *g->environments);
    g->environments[g->n_environments] = (struct environment){.account = account, .name = name};
    return g->n_environments++;
}

struct environment *groups_environment(struct groups *g, struct bytes account, struct bytes name)
{
    size_t at = environment_index(g, account, name);
    return &g->environments[at];
}

static size_t environment_of(struct groups *g, const struct shown_item *item)
{
    return item->kind == ACTION_FILE ? SIZE_MAX : environment_index(g, item->account, item->env);
}

static void count_items(struct groups *g, const struct shown *shown)
{
    for (size_t i = 0; i < shown->n; i++) {
        struct shown_item item = shown->item(shown->ctx, i);
        size_t env = environment_of(g, &item);
        if (env == SIZE_MAX)
            continue;
        g->environments[env].items++;
        if (shown->count)
            shown->count(shown->ctx, i, &g->environments[env].summary);
    }
}

/* ---- Shared entries -------------------------------------------------------------------------- */

static int by_tag(const void *a, const void *b)
{
    const struct tagged_item *x = a, *y = b;
    if (x->tag.high != y->tag.high)
        return x->tag.high < y->tag.high ? -1 : 1;
    if (x->tag.low != y->tag.low)
        return x->tag.low < y->tag.low ? -1 : 1;
    return x->item < y->item ? -1 : 1;
}

/* What items of one kind on one key have in common. Few items have as many alike as may share an
 * entry, and only of those it is found out what is shown. */
static size_t tag_kinds(struct groups *g, const struct shown *shown)
{
    struct buf text = {0};
    size_t n = 0;
    for (size_t i = 0; i < shown->n; i++) {
        struct shown_item item = shown->item(shown->ctx, i);
        if (item.alone || item.kind == ACTION_FILE)
            continue;
        buf_clear(&text);
        buf_add_bytes(&text, item.key);
        buf_add(&text, (uint8_t[]){(uint8_t)item.kind, item.what, item.loss}, 3);
        g->tagged[n++] = (struct tagged_item){hash_tag(&g->tagger, buf_bytes(&text)), i};
    }
    buf_release(&text);
    qsort(g->tagged, n, sizeof *g->tagged, by_tag);
    return n;
}

/* How many items from tagged[from] on have its tag. */
static size_t run_from(const struct groups *g, size_t from, size_t end)
{
    struct hash_tag tag = g->tagged[from].tag;
    size_t n = 1;
    while (from + n < end && g->tagged[from + n].tag.high == tag.high &&
           g->tagged[from + n].tag.low == tag.low)
        n++;
    return n;
}

static void share(struct groups *g, const struct shown *shown, size_t from, size_t n,
                  const struct group_options *options)
{
    struct shown_item item = shown->item(shown->ctx, g->tagged[from].item);
    if (n < (item.kind == ACTION_NAMESPACE ? GROUP_NAMESPACES_MIN : GROUP_MIN))
        return;
    mem_grow((void **)&g->shared, &g->cap_shared, g->n_shared + 1, sizeof *g->shared);
    size_t env = options->by_environment ? environment_of(g, &item) : 0;
    g->shared[g->n_shared++] = (struct shared){env, from, n};
    for (size_t i = from; i < from + n; i++)
        g->is_shared[g->tagged[i].item] = true;
}

/* Of what is of one kind, what shows the same. */
static void share_equal(struct groups *g, const struct shown *shown, size_t from, size_t n,
                        const struct group_options *options)
{
    struct desired desired = {0};
    struct buf text = {0};
    for (size_t i = from; i < from + n; i++) {
        struct entry e;
        buf_clear(&text);
        shown->entry(shown->ctx, g->tagged[i].item, &desired, &e);
        entry_add_shown(&text, &e, options->now, &options->entry);
        if (options->by_environment) {
            struct shown_item item = shown->item(shown->ctx, g->tagged[i].item);
            size_t env = environment_of(g, &item);
            buf_add(&text, &env, sizeof env);
        }
        g->tagged[i].tag = hash_tag(&g->tagger, buf_bytes(&text));
    }
    buf_release(&text);
    desired_release(&desired);
    qsort(g->tagged + from, n, sizeof *g->tagged, by_tag);
    for (size_t at = from, run; at < from + n; at += run) {
        run = run_from(g, at, from + n);
        share(g, shown, at, run, options);
    }
}

struct shared_order {
    size_t env, item;
    struct shared shared;
};

static int by_order(const void *a, const void *b)
{
    const struct shared_order *x = a, *y = b;
    if (x->env != y->env)
        return x->env < y->env ? -1 : 1;
    return x->item < y->item ? -1 : 1;
}

static void sort_shared(struct groups *g)
{
    struct shared_order *order = mem_zalloc(g->n_shared + 1, sizeof *order);
    for (size_t i = 0; i < g->n_shared; i++)
        order[i] = (struct shared_order){g->shared[i].env, g->tagged[g->shared[i].from].item,
                                         g->shared[i]};
    qsort(order, g->n_shared, sizeof *order, by_order);
    for (size_t i = 0; i < g->n_shared; i++)
        g->shared[i] = order[i].shared;
    mem_free(order);
}

static void find_shared(struct groups *g, const struct shown *shown,
                        const struct group_options *options)
{
    g->is_shared = mem_zalloc(shown->n + 1, sizeof *g->is_shared);
    g->tagged = mem_alloc((shown->n + 1) * sizeof *g->tagged);
    hash_tagger_init(&g->tagger);
    size_t n = tag_kinds(g, shown);
    for (size_t from = 0, run; from < n; from += run) {
        run = run_from(g, from, n);
        if (run >= GROUP_MIN)
            share_equal(g, shown, from, run, options);
    }
    sort_shared(g);
}

/* ---- Sections -------------------------------------------------------------------------------- */

static int by_environment(const void *a, const void *b)
{
    const struct section *x = a, *y = b;
    if (x->env != y->env)
        return x->env < y->env ? -1 : 1; /* files last */
    return x->first < y->first ? -1 : 1;
}

static void find_sections(struct groups *g, const struct shown *shown)
{
    struct account_map namespaces = {0};
    struct map files = {0};
    g->next = mem_alloc((shown->n + 1) * sizeof *g->next);
    for (size_t i = 0; i < shown->n; i++) {
        size_t at;
        g->next[i] = SIZE_MAX;
        if (g->is_shared[i])
            continue;
        struct shown_item item = shown->item(shown->ctx, i);
        if (item.kind == ACTION_FILE)
            map_add(&files, item.title, g->n_sections, &at);
        else
            account_map_add(&namespaces, item.account, item.address, g->n_sections, &at);
        if (at != MAP_NONE) {
            g->next[g->sections[at].last] = i;
            g->sections[at].last = i;
            continue;
        }
        mem_grow((void **)&g->sections, &g->cap_sections, g->n_sections + 1, sizeof *g->sections);
        g->sections[g->n_sections++] = (struct section){environment_of(g, &item), i, i};
    }
    account_map_release(&namespaces);
    map_release(&files);
}

/* ---- All ------------------------------------------------------------------------------------- */

void groups_find(struct groups *g, const struct shown *shown, const struct group_options *options)
{
    count_items(g, shown);
    find_shared(g, shown, options);
    find_sections(g, shown);
    if (options->by_environment && g->n_sections > 1)
        qsort(g->sections, g->n_sections, sizeof *g->sections, by_environment);
}

void groups_release(struct groups *g)
{
    account_map_release(&g->by_name);
    mem_free(g->environments);
    mem_free(g->sections);
    mem_free(g->shared);
    mem_free(g->tagged);
    mem_free(g->next);
    mem_free(g->is_shared);
    *g = (struct groups){0};
}
