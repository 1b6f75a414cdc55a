#include "shown.h"

/* ---- Faults of any listing ------------------------------------------------------------------- */

static enum fault_total total_of(const struct call *c)
{
    if (c->fault->total != FAULT_TOTAL_OWN)
        return c->fault->total;
    return c->fault->kind == FAULT_ENDLESS ? FAULT_TOTAL_MORE : FAULT_TOTAL_TRUE;
}

/* Row `i` of `n` is not in a short listing. */
static bool is_missing(const struct fault_rule *rule, struct bytes name, size_t i, size_t n)
{
    if (rule->n_keys > 0)
        return faults_names(rule, name);
    return (uint64_t)(n - i) <= (uint64_t)rule->missing;
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

bool shown_namespaces(struct call *c, struct namespaces *all)
{
    const struct snapshot *old =
        call_has_fault(c, FAULT_STALE) ? stale_namespaces(c, (size_t)c->fault->writes) : NULL;
    if (!old)
        return listing_namespaces(c, c->arena, all);
    *all = (struct namespaces){.items = old->namespaces, .n = old->n};
    return true;
}

static void narrow(struct namespaces *all, size_t page, size_t per_page)
{
    size_t first = page > all->n ? all->n : (page - 1) * per_page; /* pages of one at least */
    if (first > all->n)
        first = all->n;
    if (all->n > first)
        all->items += first;
    all->n = all->n - first < per_page ? all->n - first : per_page;
}

static size_t untrue_total(enum fault_total said, size_t true_total, size_t left,
                           const struct reply_pages *pages)
{
    switch (said) {
    case FAULT_TOTAL_SHOWN:
        return left;
    case FAULT_TOTAL_MORE:
        return (pages->page + 1) * pages->per_page;
    case FAULT_TOTAL_NONE:
        return REPLY_UNSAID;
    default:
        return true_total;
    }
}

void shown_pages(const struct call *c, struct namespaces *all, struct reply_pages *pages)
{
    bool is_short = call_has_fault(c, FAULT_SHORT), is_endless = call_has_fault(c, FAULT_ENDLESS);
    pages->total = all->n;
    if (is_short) {
        all->n = 0;
        for (size_t i = 0; i < pages->total; i++)
            if (!is_missing(c->fault, all->items[i].title, i, pages->total))
                all->items[all->n++] = all->items[i];
    }
    if (is_short || is_endless)
        pages->total = untrue_total(total_of(c), pages->total, all->n, pages);
    narrow(all, is_endless ? 1 : pages->page, pages->per_page);
    if (is_endless && c->fault->empty)
        all->n = 0;
    pages->count = all->n;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

/* The page of an older listing. */
static void stale_page(struct call *c, const struct snapshot *old, struct bytes prefix,
                       const struct cursor *from, size_t limit, struct keys_page *page)
{
    *page = (struct keys_page){.items = arena_alloc(c->arena, old->n + 1, sizeof *page->items)};
    for (size_t i = 0; i < old->n && !page->more; i++) {
        struct bytes key = old->keys[i].key;
        if (!bytes_starts_with(key, prefix) || bytes_compare(key, from->after) <= 0)
            continue;
        page->more = page->n == limit;
        if (!page->more)
            page->items[page->n++] = old->keys[i];
    }
    if (page->n > 0)
        page->next.after = page->items[page->n - 1].key;
}

/* A cursor that was not given out yet. Behind the last key of the page it has a NUL, which sorts
 * before all that goes on from there, and a number; an older number is not kept. */
static void new_cursor(struct call *c, struct keys_page *page)
{
    struct bytes last = page->next.after;
    const char *end = last.len > 0 ? memchr(last.data, '\0', last.len) : NULL;
    size_t len = end ? (size_t)(end - last.data) : last.len;
    struct buf text = {0};
    buf_add(&text, last.data, len);
    buf_add_char(&text, '\0');
    buf_addf(&text, "%llu", (unsigned long long)c->fault->fired);
    page->next.after = arena_copy(c->arena, buf_bytes(&text));
    buf_release(&text);
    page->more = true;
}

bool shown_keys(struct call *c, struct bytes prefix, const struct cursor *from, size_t limit,
                struct keys_page *page)
{
    static const struct cursor start;
    const struct snapshot *old =
        call_has_fault(c, FAULT_STALE) ? stale_keys(c, (size_t)c->fault->writes) : NULL;
    if (call_has_fault(c, FAULT_EMPTY_PAGE)) {
        *page = (struct keys_page){.more = true, .next = *from};
        return true;
    }
    if (call_has_fault(c, FAULT_ENDLESS)) {
        *page = (struct keys_page){.next = *from};
        if (!c->fault->empty && !listing_keys(c, c->arena, prefix, &start, limit, page))
            return false;
        new_cursor(c, page);
        return true;
    }
    if (old) {
        stale_page(c, old, prefix, from, limit, page);
        return true;
    }
    if (!listing_keys(c, c->arena, prefix, from, limit, page))
        return false;
    if (call_has_fault(c, FAULT_SHORT)) {
        size_t n = page->n;
        page->n = 0;
        for (size_t i = 0; i < n; i++)
            if (!is_missing(c->fault, page->items[i].key, i, n))
                page->items[page->n++] = page->items[i];
        page->left_out = n - page->n;
    }
    return true;
}

size_t shown_count(const struct call *c, const struct keys_page *page)
{
    bool untrue = call_has_fault(c, FAULT_SHORT) || call_has_fault(c, FAULT_ENDLESS);
    if (untrue && total_of(c) == FAULT_TOTAL_NONE)
        return REPLY_UNSAID;
    return page->n + (untrue && total_of(c) == FAULT_TOTAL_TRUE ? page->left_out : 0);
}
