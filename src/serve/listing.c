#include "listing.h"

#include <assert.h>

#include "step.h"

/* ---- Namespaces ------------------------------------------------------------------------------ */

struct namespaces_step {
    struct arena *arena;
    struct namespaces *out;
    size_t total, got;
};

static void add_namespaces(struct call *c, const struct store_result *result, void *ctx)
{
    struct namespaces_step *step = ctx;
    struct namespaces *out = step->out;
    (void)c;
    step->total = result->total;
    step->got = result->n_namespaces;
    for (size_t i = 0; i < result->n_namespaces; i++) {
        const struct store_namespace *ns = &result->namespaces[i];
        arena_grow(step->arena, (void **)&out->items, &out->cap, out->n + 1, sizeof *out->items);
        out->items[out->n++] = (struct store_namespace){
            .id = arena_copy(step->arena, ns->id), .title = arena_copy(step->arena, ns->title)};
    }
}

bool listing_namespaces(struct call *c, struct arena *arena, struct namespaces *out)
{
    struct namespaces_step step = {.arena = arena, .out = out};
    struct store_op op = {.kind = STORE_NAMESPACE_LIST};
    *out = (struct namespaces){0};
    do {
        op.page++;
        if (!step_run(c, &op, add_namespaces, &step))
            return false;
    } while (step.got > 0 && out->n < step.total);
    return true;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

struct keys_step {
    struct arena *arena;
    struct keys_page *page;
    size_t limit;
    struct cursor at;  /* where this page of the store starts */
    struct bytes next; /* the store's cursor behind it */
};

static void add_keys(struct call *c, const struct store_result *result, void *ctx)
{
    struct keys_step *step = ctx;
    struct keys_page *page = step->page;
    (void)c;
    for (size_t i = 0; i < result->n_keys; i++) {
        if (bytes_compare(result->keys[i].key, step->at.after) <= 0)
            continue;
        page->more = page->n == step->limit;
        if (page->more)
            return;
        arena_grow(step->arena, (void **)&page->items, &page->cap, page->n + 1,
                   sizeof *page->items);
        struct store_key *copy = &page->items[page->n++];
        *copy = result->keys[i];
        copy->key = arena_copy(step->arena, copy->key);
        copy->metadata = arena_keep(step->arena, copy->metadata);
    }
    step->next = arena_copy(step->arena, result->cursor);
}

bool listing_keys(struct call *c, struct arena *arena, struct bytes prefix,
                  const struct cursor *from, size_t limit, struct keys_page *page)
{
    struct keys_step step = {.arena = arena, .page = page, .limit = limit, .at = *from};
    *page = (struct keys_page){0};
    for (;;) {
        struct store_op op = {
            .kind = STORE_KEY_LIST, .id = c->route.id, .prefix = prefix, .cursor = step.at.store};
        if (!step_run(c, &op, add_keys, &step))
            return false;
        if (page->more || step.next.len == 0)
            break;
        step.at.store = step.next;
        page->more = page->n == limit; /* the store knows of more, or its cursor would be empty */
        if (page->more)
            break;
    }
    page->next = (struct cursor){.store = step.at.store,
                                 .after = page->n > 0 ? page->items[page->n - 1].key : from->after};
    return true;
}

/* ---- Cursors: "cfkv1", the length of the store's in two bytes, it, the key; as base64url ----- */

#define MARK "cfkv1"
#define HEAD (sizeof MARK - 1 + 2)

static void translate(char *text, size_t len, const char *from, const char *to)
{
    for (size_t i = 0; i < len; i++) {
        const char *found = memchr(from, text[i], 3);
        if (found)
            text[i] = to[found - from];
    }
}

void cursor_print(const struct cursor *cursor, struct buf *out)
{
    struct buf raw = {0};
    size_t start = out->len;
    assert(cursor->store.len <= 0xffff);
    buf_add_str(&raw, MARK);
    buf_add_char(&raw, (char)(cursor->store.len >> 8 & 0xff));
    buf_add_char(&raw, (char)(cursor->store.len & 0xff));
    buf_add_bytes(&raw, cursor->store);
    buf_add_bytes(&raw, cursor->after);
    buf_add_base64(out, buf_bytes(&raw));
    translate(out->data + start, out->len - start, "+/=", "-_.");
    buf_release(&raw);
}

static bool cursor_take(struct bytes raw, struct arena *arena, struct cursor *cursor)
{
    if (raw.len < HEAD || !bytes_starts_with(raw, bytes_of(MARK)))
        return false;
    size_t store_len =
        (size_t)(unsigned char)raw.data[HEAD - 2] << 8 | (size_t)(unsigned char)raw.data[HEAD - 1];
    if (store_len > raw.len - HEAD)
        return false;
    cursor->store = arena_copy(arena, bytes_make(raw.data + HEAD, store_len));
    cursor->after =
        arena_copy(arena, bytes_make(raw.data + HEAD + store_len, raw.len - HEAD - store_len));
    return true;
}

bool cursor_parse(struct bytes text, struct arena *arena, struct cursor *cursor)
{
    struct error err;
    struct buf raw = {0};
    struct bytes copy = arena_copy(arena, text);
    translate((char *)copy.data, copy.len, "-_.", "+/=");
    bool ok =
        buf_add_base64_decoded(&raw, copy, &err) && cursor_take(buf_bytes(&raw), arena, cursor);
    buf_release(&raw);
    return ok;
}
