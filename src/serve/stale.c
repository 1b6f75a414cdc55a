#include "stale.h"

#include "base/mem.h"
#include "listing.h"

static struct bytes name_of(struct call *c, char kind, struct bytes what)
{
    return bytes_of(arena_printf(c->arena, "%c%.*s", kind, BYTES_FMT(what)));
}

static struct snapshot *find(const struct stale *stale, struct bytes of)
{
    for (size_t i = 0; i < stale->n; i++)
        if (bytes_equal(stale->items[i]->of, of))
            return stale->items[i];
    return NULL;
}

/* The empty snapshot of that name; NULL when out of memory. */
static struct snapshot *renew(struct stale *stale, struct bytes of)
{
    struct snapshot *s = find(stale, of);
    if (!s) {
        if (!mem_grow((void **)&stale->items, &stale->cap, stale->n + 1, sizeof(void *)))
            return NULL;
        s = mem_zalloc(1, sizeof *s);
        if (!s)
            return NULL;
        stale->items[stale->n++] = s;
    }
    arena_release(&s->arena);
    *s = (struct snapshot){0};
    return arena_bytes(&s->arena, of, &s->of) ? s : NULL;
}

void stale_keep_namespaces(struct call *c)
{
    struct namespaces all;
    if (!c->server->faults.any_stale)
        return;
    struct snapshot *s = renew(&c->server->stale, name_of(c, 'a', c->account));
    if (s && listing_namespaces(c, &s->arena, &all)) {
        s->namespaces = all.items;
        s->n = all.n;
    }
    reply_clear(c->reply);
}

void stale_keep_keys(struct call *c)
{
    struct keys_page all;
    struct cursor start = {0};
    if (!c->server->faults.any_stale)
        return;
    struct snapshot *s = renew(&c->server->stale, name_of(c, 'n', c->route.id));
    if (s && listing_keys(c, &s->arena, bytes_of(""), &start, SIZE_MAX, &all)) {
        s->keys = all.items;
        s->n = all.n;
    }
    reply_clear(c->reply);
}

const struct snapshot *stale_namespaces(struct call *c)
{
    return find(&c->server->stale, name_of(c, 'a', c->account));
}

const struct snapshot *stale_keys(struct call *c)
{
    return find(&c->server->stale, name_of(c, 'n', c->route.id));
}

void stale_release(struct stale *stale)
{
    for (size_t i = 0; i < stale->n; i++) {
        arena_release(&stale->items[i]->arena);
        mem_free(stale->items[i]);
    }
    mem_free(stale->items);
    *stale = (struct stale){0};
}
