#include "stale.h"

#include "base/mem.h"
#include "listing.h"

static struct bytes name_of(struct call *c, char kind, struct bytes what)
{
    return bytes_of(arena_printf(c->arena, "%c%.*s", kind, BYTES_FMT(what)));
}

/* The index of the `back`-th newest of that name, from 1, or of its oldest; `stale->n`: none. */
static size_t find(const struct stale *stale, struct bytes of, size_t back)
{
    size_t found = stale->n;
    for (size_t i = stale->n; i > 0 && back > 0; i--) {
        if (!bytes_equal(stale->items[i - 1]->of, of))
            continue;
        found = i - 1;
        back--;
    }
    return found;
}

static void forget(struct stale *stale, size_t at)
{
    struct snapshot *s = stale->items[at];
    stale->n--;
    memmove(&stale->items[at], &stale->items[at + 1], (stale->n - at) * sizeof *stale->items);
    arena_release(&s->arena);
    mem_free(s);
}

/* A new, empty snapshot of that name; of the older ones the newest `writes - 1` stay. */
static struct snapshot *add(struct stale *stale, struct bytes of, size_t writes)
{
    size_t n = 0;
    for (size_t i = 0; i < stale->n; i++)
        n += bytes_equal(stale->items[i]->of, of);
    if (n >= writes)
        forget(stale, find(stale, of, n));
    mem_grow((void **)&stale->items, &stale->cap, stale->n + 1, sizeof(void *));
    struct snapshot *s = mem_zalloc(1, sizeof *s);
    s->of = arena_copy(&s->arena, of);
    stale->items[stale->n++] = s;
    return s;
}

void stale_keep_namespaces(struct call *c)
{
    struct namespaces all;
    size_t writes = c->server->faults.stale_writes;
    if (writes == 0)
        return;
    struct snapshot *s = add(&c->server->stale, name_of(c, 'a', c->account), writes);
    if (listing_namespaces(c, &s->arena, &all)) {
        s->namespaces = all.items;
        s->n = all.n;
    }
    reply_clear(c->reply);
}

void stale_keep_keys(struct call *c)
{
    struct keys_page all;
    struct cursor start = {0};
    size_t writes = c->server->faults.stale_writes;
    if (writes == 0)
        return;
    struct snapshot *s = add(&c->server->stale, name_of(c, 'n', c->route.id), writes);
    if (listing_keys(c, &s->arena, bytes_of(""), &start, SIZE_MAX, &all)) {
        s->keys = all.items;
        s->n = all.n;
    }
    reply_clear(c->reply);
}

static const struct snapshot *recall(const struct stale *stale, struct bytes of, size_t writes)
{
    size_t at = find(stale, of, writes);
    return at < stale->n ? stale->items[at] : NULL;
}

const struct snapshot *stale_namespaces(struct call *c, size_t writes)
{
    return recall(&c->server->stale, name_of(c, 'a', c->account), writes);
}

const struct snapshot *stale_keys(struct call *c, size_t writes)
{
    return recall(&c->server->stale, name_of(c, 'n', c->route.id), writes);
}

void stale_release(struct stale *stale)
{
    while (stale->n > 0)
        forget(stale, stale->n - 1);
    mem_free(stale->items);
    *stale = (struct stale){0};
}
