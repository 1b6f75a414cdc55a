#include <stdio.h>

#include "base/clock.h"
#include "body.h"
#include "limits.h"

enum field {
    FIELD_OTHER,
    FIELD_KEY,
    FIELD_VALUE,
    FIELD_BASE64,
    FIELD_EXPIRATION,
    FIELD_TTL,
    FIELD_METADATA,
    FIELD_COUNT
};

static const char *const field_names[FIELD_COUNT] = {
    "", "key", "value", "base64", "expiration", "expiration_ttl", "metadata"};

/* One pair while it is read. Its members may come in any order, so it is judged at its end. */
struct pair_members {
    struct bytes key, value, metadata;
    bool base64;
    struct limits_number expiration, ttl;
};

struct pairs_body {
    struct call *call;
    struct body_pairs *pairs;
    struct json_stream *stream;
    int64_t now;
    int depth; /* 1: in the array; 2: in a pair; deeper: inside a member */
    enum field field;
    uint64_t value_start; /* where the current member's value begins in the body */
    struct pair_members item;
};

/* Replies, unless something has, and stops the stream. */
static bool refuse(struct pairs_body *r, struct error *err, const char *problem)
{
    struct call *c = r->call;
    if (c->reply->status == 0)
        reply_fail(c->reply, CODE_BODY, "%s: 'pair %zu: %s'", c->op, r->pairs->n + 1, problem);
    return error_set(err, ERR_INVALID, "refused");
}

static bool refuse_type(struct pairs_body *r, struct error *err)
{
    char problem[64];
    if (r->depth < 2)
        return refuse(r, err, "the body is not an array of objects");
    snprintf(problem, sizeof problem, "\"%s\" has the wrong type", field_names[r->field]);
    return refuse(r, err, problem);
}

/* ---- A pair is complete ---------------------------------------------------------------------- */

static bool decode_value(struct pairs_body *r, struct pair_members *item, struct error *err)
{
    struct buf raw = {0};
    struct error bad;
    bool ok = buf_add_base64_decoded(&raw, item->value, &bad);
    if (ok)
        item->value = arena_copy(r->call->arena, buf_bytes(&raw));
    buf_release(&raw);
    return ok || refuse(r, err, "\"value\" is not base64");
}

static bool item_check(struct pairs_body *r, struct store_pair *pair)
{
    struct call *c = r->call;
    struct pair_members *item = &r->item;
    *pair = (struct store_pair){.key = item->key, .value = item->value};
    return limits_key(pair->key, c->op, c->reply) &&
           limits_value(pair->value.len, c->op, c->reply) &&
           limits_expiry(&item->ttl, &item->expiration, r->now, c->op, pair, c->reply) &&
           (!item->metadata.data ||
            limits_metadata(item->metadata, c->op, c->arena, &pair->metadata, c->reply));
}

static bool item_end(struct pairs_body *r, struct error *err)
{
    struct body_pairs *pairs = r->pairs;
    struct store_pair pair;
    if (!r->item.key.data || !r->item.value.data)
        return refuse(r, err, "\"key\" or \"value\" is missing");
    if (r->item.base64 && !decode_value(r, &r->item, err))
        return false;
    if (!item_check(r, &pair))
        return refuse(r, err, "");
    if (pairs->n == STORE_BULK_MAX)
        return refuse(r, err, "more than 10000 pairs in one call");
    arena_grow(r->call->arena, (void **)&pairs->items, &pairs->cap, pairs->n + 1,
               sizeof *pairs->items);
    pairs->items[pairs->n++] = pair;
    return true;
}

/* ---- Events ---------------------------------------------------------------------------------- */

/* Metadata is taken as the text it is in the body, once its value has ended. */
static void value_end(struct pairs_body *r)
{
    if (r->depth != 2 || r->field != FIELD_METADATA)
        return;
    /* Between the name and the value are a colon and white space. */
    const char *start = r->call->body.data + r->value_start;
    start += strspn(start, ": \t\r\n");
    const char *end = r->call->body.data + json_stream_offset(r->stream);
    r->item.metadata = bytes_make(start, (size_t)(end - start));
}

/* true when the event is a member's own value; false inside one that is skipped or metadata. */
static bool is_member(const struct pairs_body *r)
{
    return r->depth == 2 && r->field != FIELD_OTHER && r->field != FIELD_METADATA;
}

static struct limits_number number_of(const struct json_event *e)
{
    struct limits_number number = {
        .given = true, .whole = e->type == JSON_INTEGER, .n = e->integer};
    double d = e->number;
    snprintf(number.text, sizeof number.text, "%.*s", BYTES_FMT(e->text));
    if (e->type == JSON_NUMBER && d > -9e15 && d < 9e15) {
        number.n = (int64_t)d;
        number.whole = (double)number.n >= d && (double)number.n <= d;
    }
    return number;
}

/* May the member have a value of that type? A null stands for none. */
static bool fits(enum field field, enum json_type type)
{
    switch (field) {
    case FIELD_KEY:
    case FIELD_VALUE:
        return type == JSON_STRING;
    case FIELD_BASE64:
        return type == JSON_BOOLEAN || type == JSON_NULL;
    default:
        return type == JSON_INTEGER || type == JSON_NUMBER || type == JSON_NULL;
    }
}

static void take_member(struct pairs_body *r, const struct json_event *e)
{
    if (e->type == JSON_STRING)
        *(r->field == FIELD_KEY ? &r->item.key : &r->item.value) =
            arena_copy(r->call->arena, e->text);
    else if (e->type == JSON_BOOLEAN)
        r->item.base64 = e->boolean;
    else if (e->type != JSON_NULL)
        *(r->field == FIELD_TTL ? &r->item.ttl : &r->item.expiration) = number_of(e);
}

static void start_member(struct pairs_body *r, struct bytes name)
{
    if (r->depth != 2)
        return;
    r->field = FIELD_OTHER;
    for (size_t i = 1; i < FIELD_COUNT; i++)
        if (bytes_equal(name, bytes_of(field_names[i])))
            r->field = (enum field)i;
    r->value_start = json_stream_offset(r->stream);
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct pairs_body *r = ctx;
    switch (e->type) {
    case JSON_KEY:
        start_member(r, e->text);
        return true;
    case JSON_BEGIN_OBJECT:
        if (r->depth == 0 || is_member(r))
            return refuse_type(r, err);
        if (r->depth++ == 1)
            r->item = (struct pair_members){0};
        return true;
    case JSON_BEGIN_ARRAY:
        if (r->depth == 1 || is_member(r))
            return refuse_type(r, err);
        r->depth++;
        return true;
    case JSON_END_OBJECT:
    case JSON_END_ARRAY:
        r->depth--;
        if (e->type == JSON_END_OBJECT && r->depth == 1)
            return item_end(r, err);
        break;
    default:
        if (r->depth < 2 || (is_member(r) && !fits(r->field, e->type)))
            return refuse_type(r, err);
        if (is_member(r))
            take_member(r, e);
        break;
    }
    value_end(r);
    return true;
}

bool body_read_pairs(struct call *c, struct body_pairs *pairs)
{
    struct error err;
    struct pairs_body r = {.call = c, .pairs = pairs, .now = clock_now()};
    *pairs = (struct body_pairs){0};
    r.stream = json_stream_new(on_event, &r);
    bool ok = json_stream_feed(r.stream, c->body, &err) && json_stream_end(r.stream, &err);
    json_stream_free(r.stream);
    if (!ok && c->reply->status == 0)
        reply_fail(c->reply, CODE_BODY, "%s: '%s'", c->op, err.message);
    return ok;
}
