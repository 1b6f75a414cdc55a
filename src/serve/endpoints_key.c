/* endpoints_key.c: listing keys; one value, its metadata. */
#include "base/clock.h"
#include "endpoints.h"
#include "limits.h"
#include "listing.h"
#include "model/model.h"
#include "multipart.h"
#include "shown.h"
#include "step.h"

#define LIST_MIN 10

/* ---- Listing --------------------------------------------------------------------------------- */

static void write_key(struct json_writer *w, const struct store_key *key)
{
    json_begin_object(w);
    json_field_string(w, "name", key->key);
    if (key->expiration > 0)
        json_field_int(w, "expiration", key->expiration);
    if (key->metadata.data) {
        json_key(w, "metadata");
        json_raw(w, key->metadata);
    }
    json_end_object(w);
}

static void answer_keys(struct call *c, const struct keys_page *page)
{
    struct buf cursor = {0};
    struct json_writer w = reply_begin(c->reply);
    json_begin_array(&w);
    for (size_t i = 0; i < page->n; i++)
        write_key(&w, &page->items[i]);
    json_end_array(&w);
    if (page->more)
        cursor_print(&page->next, &cursor);
    reply_end_cursor(&w, shown_count(c, page), buf_bytes(&cursor));
    buf_release(&cursor);
}

bool key_list(struct call *c)
{
    size_t limit;
    struct cursor from = {0};
    struct keys_page page;
    struct bytes cursor = query_get(c->route.query, "cursor", c->arena);
    struct bytes prefix = query_get(c->route.query, "prefix", c->arena);
    if (!query_number(c, "limit", CODE_LIMIT, LIST_MIN, STORE_PAGE, STORE_PAGE, &limit))
        return false;
    if (cursor.len > 0 && !cursor_parse(cursor, c->arena, &from))
        return reply_fail(c->reply, CODE_CURSOR, "%s: 'Invalid cursor.'", c->op);
    if (prefix.len > 0 && !limits_prefix(prefix, c->op, c->reply))
        return false;
    step_count(c, USAGE_LIST, 1);
    if (!shown_keys(c, prefix, &from, limit, &page))
        return false;
    answer_keys(c, &page);
    return true;
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct found {
    struct call *call;
    bool yes;
};

/* Asks for the request's key; `on_pair` sees it when it is there. */
static bool read_pair(struct call *c, store_pair_fn on_pair)
{
    struct found found = {.call = c};
    struct store_op op = {.kind = STORE_BULK_GET,
                          .id = c->route.id,
                          .keys = &c->route.key,
                          .n = 1,
                          .on_pair = on_pair,
                          .on_pair_ctx = &found};
    step_count(c, USAGE_READ, 1);
    if (!step_run(c, &op, NULL, NULL))
        return false;
    return found.yes || reply_fail(c->reply, CODE_KEY_NOT_FOUND, "%s: 'key not found'", c->op);
}

static bool answer_value(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct found *found = ctx;
    struct reply *reply = found->call->reply;
    (void)err;
    reply_clear(reply);
    found->yes = true;
    reply->status = 200;
    reply->content_type = "application/octet-stream";
    buf_add_bytes(&reply->body, pair->value);
    if (pair->expiration > 0)
        reply_header(reply, "expiration", "%lld", (long long)pair->expiration);
    return true;
}

bool value_get(struct call *c)
{
    return read_pair(c, answer_value);
}

static bool answer_metadata(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct found *found = ctx;
    (void)err;
    found->yes = true;
    struct json_writer w = reply_begin(found->call->reply);
    if (pair->metadata.data)
        json_raw(&w, pair->metadata);
    else
        json_null(&w);
    reply_end(&w);
    return true;
}

bool metadata_get(struct call *c)
{
    return read_pair(c, answer_metadata);
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* An empty parameter is an absent one: some clients always send both. */
static struct limits_number read_number(struct call *c, const char *name)
{
    struct bytes text = query_get(c->route.query, name, c->arena);
    return text.len > 0 ? limits_number_of(text) : (struct limits_number){0};
}

static bool read_form(struct call *c, struct store_pair *pair)
{
    static const char *const names[] = {"value", "metadata"};
    struct bytes parts[2];
    if (!multipart_find(c->head.content_type, c->body, names, 2, parts))
        return reply_fail(c->reply, CODE_BODY, "%s: 'could not parse the multipart body'", c->op);
    if (!parts[0].data)
        return reply_fail(c->reply, CODE_BODY, "%s: 'the form has no part \"value\"'", c->op);
    pair->value = parts[0];
    return !parts[1].data || limits_metadata(parts[1], c->op, c->arena, &pair->metadata, c->reply);
}

static bool is_instant(const struct call *c)
{
    return map_get(&c->server->instant, c->route.id) != MAP_NONE;
}

bool instant_takes(struct call *c, const struct store_pair *pair)
{
    struct server *s = c->server;
    if (!is_instant(c))
        return true;
    if (pair->key.len > KV_INSTANT_KEY_MAX)
        return reply_fail(c->reply, CODE_KEY_TOO_LONG,
                          "%s: 'UTF-8 encoded length of %zu exceeds key length limit of %d.'",
                          c->op, pair->key.len, KV_INSTANT_KEY_MAX);
    if (pair->metadata.data)
        return reply_fail(c->reply, CODE_METADATA,
                          "%s: 'metadata is not supported in an instant namespace'", c->op);
    return !s->faults.key_writes ||
           rate_take_key(&s->rate, c->route.id, bytes_of(""), clock_monotonic_ms()) ||
           reply_fail(c->reply, CODE_KEY_RATE, "%s: 'too many requests'", c->op);
}

bool instant_takes_no_bulk(struct call *c)
{
    return !is_instant(c) ||
           reply_fail(c->reply, CODE_BODY,
                      "%s: 'bulk writes are not supported in an instant namespace'", c->op);
}

bool value_put(struct call *c)
{
    struct store_pair pair = {.key = c->route.key, .value = c->body};
    struct store_op op = {.kind = STORE_BULK_PUT, .id = c->route.id, .pairs = &pair, .n = 1};
    struct server *s = c->server;
    struct limits_number ttl = read_number(c, "expiration_ttl");
    struct limits_number expiration = read_number(c, "expiration");
    if ((multipart_is(c->head.content_type) && !read_form(c, &pair)) ||
        !limits_expiry(&ttl, &expiration, clock_now(), c->op, &pair, c->reply) ||
        !limits_value(pair.value.len, c->op, c->reply) || !instant_takes(c, &pair))
        return false;
    if (s->faults.key_writes && !rate_take_key(&s->rate, op.id, pair.key, clock_monotonic_ms()))
        return reply_fail(c->reply, CODE_KEY_RATE, "%s: 'too many requests'", c->op);
    step_count(c, USAGE_WRITE, 1);
    stale_keep_keys(c);
    if (!s->owned && !step_run(c, &op, NULL, NULL))
        return false;
    return reply_empty(c->reply);
}

bool value_delete(struct call *c)
{
    struct store_op op = {
        .kind = STORE_BULK_DELETE, .id = c->route.id, .keys = &c->route.key, .n = 1};
    struct store_pair gone = {.key = c->route.key};
    if (!instant_takes(c, &gone))
        return false;
    step_count(c, USAGE_DELETE, 1);
    stale_keep_keys(c);
    return step_run(c, &op, NULL, NULL) && reply_empty(c->reply);
}
