#include "group.h"

#include <stdlib.h>

#include "base/mem.h"
#include "compare.h"

/* ---- Environments ---------------------------------------------------------------------------- */

static size_t environment_of(struct groups *g, struct bytes account, struct bytes name)
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

static size_t environment_of_action(struct groups *g, const struct plan *p, const struct action *a)
{
    if (a->kind == ACTION_FILE)
        return SIZE_MAX;
    return environment_of(g, a->account_id,
                          a->ns != SIZE_MAX ? p->model->namespaces[a->ns].env
                                            : p->removals[a->index].env);
}

static void find_environments(struct groups *g, const struct plan *p)
{
    for (size_t i = 0; i < p->n_ids && !p->options.destroy; i++) {
        const struct namespace_decl *ns = &p->model->namespaces[i];
        if (!p->resolutions[i].in_scope)
            continue;
        size_t env = environment_of(g, namespace_account(p->model, ns), ns->env);
        g->environments[env].summary.unchanged += p->resolutions[i].unchanged;
    }
    for (size_t i = 0; i < p->n; i++) {
        size_t env = environment_of_action(g, p, &p->actions[i]);
        if (env != SIZE_MAX)
            plan_summarise(&g->environments[env].summary, &p->actions[i]);
    }
}

/* ---- Shared entries -------------------------------------------------------------------------- */

static int by_tag(const void *a, const void *b)
{
    const struct tagged_action *x = a, *y = b;
    if (x->tag.high != y->tag.high)
        return x->tag.high < y->tag.high ? -1 : 1;
    if (x->tag.low != y->tag.low)
        return x->tag.low < y->tag.low ? -1 : 1;
    return x->action < y->action ? -1 : 1;
}

/* Old titles differ. */
static bool may_be_shared(const struct action *a)
{
    return a->kind != ACTION_FILE && a->verb != ACTION_RENAME;
}

/* What actions of one kind on one key have in common. Few actions have as many alike as may share
 * an entry, and only of those it is found out what is shown. */
static size_t tag_kinds(struct groups *g, const struct plan *p)
{
    struct buf text = {0};
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct action *a = &p->actions[i];
        if (!may_be_shared(a))
            continue;
        buf_clear(&text);
        buf_add_bytes(&text, a->key);
        buf_add(&text, (uint8_t[]){(uint8_t)a->kind, (uint8_t)a->verb, a->overwrite}, 3);
        g->tagged[n++] = (struct tagged_action){hash_tag(&g->tagger, buf_bytes(&text)), i};
    }
    buf_release(&text);
    qsort(g->tagged, n, sizeof *g->tagged, by_tag);
    return n;
}

/* How many actions from tagged[from] on have its tag. */
static size_t run_from(const struct groups *g, size_t from, size_t end)
{
    struct hash_tag tag = g->tagged[from].tag;
    size_t n = 1;
    while (from + n < end && g->tagged[from + n].tag.high == tag.high &&
           g->tagged[from + n].tag.low == tag.low)
        n++;
    return n;
}

static void share(struct groups *g, const struct plan *p, size_t from, size_t n,
                  const struct group_options *options)
{
    const struct action *a = &p->actions[g->tagged[from].action];
    if (n < (a->kind == ACTION_NAMESPACE ? GROUP_NAMESPACES_MIN : GROUP_MIN))
        return;
    mem_grow((void **)&g->shared, &g->cap_shared, g->n_shared + 1, sizeof *g->shared);
    size_t env = options->by_environment ? environment_of_action(g, p, a) : 0;
    g->shared[g->n_shared++] = (struct shared){env, from, n};
    for (size_t i = from; i < from + n; i++)
        g->is_shared[g->tagged[i].action] = true;
}

/* Of what is of one kind, what shows the same. */
static void share_equal(struct groups *g, const struct plan *p, size_t from, size_t n,
                        const struct group_options *options)
{
    struct desired desired = {0};
    struct buf text = {0};
    for (size_t i = from; i < from + n; i++) {
        const struct action *a = &p->actions[g->tagged[i].action];
        struct entry e;
        buf_clear(&text);
        entry_of_action(p, a, &desired, &e);
        entry_add_shown(&text, &e, options->now, &options->entry);
        if (options->by_environment)
            buf_addf(&text, "%zu", environment_of_action(g, p, a));
        g->tagged[i].tag = hash_tag(&g->tagger, buf_bytes(&text));
    }
    buf_release(&text);
    desired_release(&desired);
    qsort(g->tagged + from, n, sizeof *g->tagged, by_tag);
    for (size_t at = from, run; at < from + n; at += run) {
        run = run_from(g, at, from + n);
        share(g, p, at, run, options);
    }
}

struct shared_order {
    size_t env, action;
    struct shared shared;
};

static int by_order(const void *a, const void *b)
{
    const struct shared_order *x = a, *y = b;
    if (x->env != y->env)
        return x->env < y->env ? -1 : 1;
    return x->action < y->action ? -1 : 1;
}

static void sort_shared(struct groups *g)
{
    struct shared_order *order = mem_zalloc(g->n_shared + 1, sizeof *order);
    for (size_t i = 0; i < g->n_shared; i++)
        order[i] = (struct shared_order){g->shared[i].env, g->tagged[g->shared[i].from].action,
                                         g->shared[i]};
    qsort(order, g->n_shared, sizeof *order, by_order);
    for (size_t i = 0; i < g->n_shared; i++)
        g->shared[i] = order[i].shared;
    mem_free(order);
}

static void find_shared(struct groups *g, const struct plan *p, const struct group_options *options)
{
    g->is_shared = mem_zalloc(p->n + 1, sizeof *g->is_shared);
    g->tagged = mem_alloc((p->n + 1) * sizeof *g->tagged);
    hash_tagger_init(&g->tagger);
    size_t n = tag_kinds(g, p);
    for (size_t from = 0, run; from < n; from += run) {
        run = run_from(g, from, n);
        if (run >= GROUP_MIN)
            share_equal(g, p, from, run, options);
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

static void find_sections(struct groups *g, const struct plan *p)
{
    struct account_map namespaces = {0};
    struct map files = {0};
    g->next = mem_alloc((p->n + 1) * sizeof *g->next);
    for (size_t i = 0; i < p->n; i++) {
        const struct action *a = &p->actions[i];
        size_t at;
        g->next[i] = SIZE_MAX;
        if (g->is_shared[i])
            continue;
        if (a->kind == ACTION_FILE)
            map_add(&files, a->title, g->n_sections, &at);
        else
            account_map_add(&namespaces, a->account_id, a->address, g->n_sections, &at);
        if (at != MAP_NONE) {
            g->next[g->sections[at].last] = i;
            g->sections[at].last = i;
            continue;
        }
        mem_grow((void **)&g->sections, &g->cap_sections, g->n_sections + 1, sizeof *g->sections);
        g->sections[g->n_sections++] = (struct section){environment_of_action(g, p, a), i, i};
    }
    account_map_release(&namespaces);
    map_release(&files);
}

/* ---- All ------------------------------------------------------------------------------------- */

void groups_find(struct groups *g, const struct plan *p, const struct group_options *options)
{
    find_environments(g, p);
    find_shared(g, p, options);
    find_sections(g, p);
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
