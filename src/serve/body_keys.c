/* body_keys.c: bodies that are, or hold, a list of keys. */
#include "body.h"
#include "limits.h"

enum get_field { GET_OTHER, GET_KEYS, GET_TYPE, GET_METADATA };

struct keys_body {
    struct call *call;
    struct body_keys *keys;
    struct body_get *get; /* NULL: the body is the list itself */
    int depth;
    int list_depth; /* how deep the strings of the list are */
    int code;       /* of a body of the wrong form */
    size_t max;
    enum get_field field;
    bool has_keys;
};

static bool refuse(struct keys_body *r, int code, const char *problem, struct error *err)
{
    if (r->call->reply->status == 0)
        reply_fail(r->call->reply, code, "%s: '%s'", r->call->op, problem);
    return error_set(err, ERR_INVALID, "refused");
}

static bool in_list(const struct keys_body *r)
{
    return r->depth == r->list_depth && (!r->get || r->field == GET_KEYS);
}

/* true where a value of another type than the one that is due stands. */
static bool misplaced(const struct keys_body *r)
{
    return r->depth == 0 || in_list(r) || (r->get && r->depth == 1 && r->field != GET_OTHER);
}

static bool refuse_form(struct keys_body *r, struct error *err)
{
    return refuse(r, r->code,
                  r->get ? "the body is not of the form {\"keys\": [strings]}"
                         : "the body is not an array of strings",
                  err);
}

static bool add_key(struct keys_body *r, struct bytes key, struct error *err)
{
    struct body_keys *keys = r->keys;
    if (keys->n == r->max)
        return r->get ? refuse(r, CODE_BULK_GET, "You can request a maximum of 100 keys", err)
                      : refuse(r, r->code, "more than 10000 keys in one call", err);
    if (!limits_key(key, r->call->op, r->call->reply))
        return refuse(r, r->code, "", err);
    arena_grow(r->call->arena, (void **)&keys->items, &keys->cap, keys->n + 1, sizeof *keys->items);
    keys->items[keys->n++] = arena_copy(r->call->arena, key);
    return true;
}

static bool take_type(struct keys_body *r, struct bytes type, struct error *err)
{
    r->get->json = bytes_equal(type, bytes_of("json"));
    if (r->get->json || bytes_equal(type, bytes_of("text")))
        return true;
    reply_fail(r->call->reply, CODE_BULK_GET,
               "%s: '\"%.*s\" is not a valid type. Use \"json\" or \"text\"'", r->call->op,
               BYTES_FMT(type));
    return refuse(r, r->code, "", err);
}

static enum get_field field_named(struct bytes name)
{
    return bytes_equal(name, bytes_of("keys"))           ? GET_KEYS
           : bytes_equal(name, bytes_of("type"))         ? GET_TYPE
           : bytes_equal(name, bytes_of("withMetadata")) ? GET_METADATA
                                                         : GET_OTHER;
}

/* A container where it may be, or anywhere inside what is passed over. */
static bool begin(struct keys_body *r, bool array, struct error *err)
{
    bool root = !array && r->get && r->depth == 0;
    bool list = array && r->depth == r->list_depth - 1 && (!r->get || r->field == GET_KEYS);
    if (!root && !list && misplaced(r))
        return refuse_form(r, err);
    if (list) {
        r->has_keys = true;
        r->keys->n = 0; /* a repeated member replaces the first */
    }
    r->depth++;
    return true;
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct keys_body *r = ctx;
    bool member = r->get && r->depth == 1;
    switch (e->type) {
    case JSON_KEY:
        if (member)
            r->field = field_named(e->text);
        return true;
    case JSON_BEGIN_OBJECT:
    case JSON_BEGIN_ARRAY:
        return begin(r, e->type == JSON_BEGIN_ARRAY, err);
    case JSON_END_OBJECT:
    case JSON_END_ARRAY:
        r->depth--;
        return true;
    case JSON_STRING:
        if (in_list(r))
            return add_key(r, e->text, err);
        if (member && r->field == GET_TYPE)
            return take_type(r, e->text, err);
        break;
    case JSON_BOOLEAN:
        if (!member || r->field != GET_METADATA)
            break;
        r->get->with_metadata = e->boolean;
        return true;
    default:
        break;
    }
    return !misplaced(r) || refuse_form(r, err);
}

static bool read_body(struct keys_body *r)
{
    struct call *c = r->call;
    struct error err;
    bool ok = json_parse(c->body, on_event, r, &err);
    if (!ok && c->reply->status == 0)
        reply_fail(c->reply, CODE_BODY, "%s: '%s'", c->op, err.message);
    return ok;
}

bool body_read_keys(struct call *c, struct body_keys *keys)
{
    struct keys_body r = {
        .call = c, .keys = keys, .list_depth = 1, .code = CODE_BODY, .max = STORE_BULK_MAX};
    *keys = (struct body_keys){0};
    return read_body(&r);
}

bool body_read_get(struct call *c, struct body_get *get)
{
    struct keys_body r = {.call = c,
                          .keys = &get->keys,
                          .get = get,
                          .list_depth = 2,
                          .code = CODE_BODY,
                          .max = STORE_GET_MAX};
    *get = (struct body_get){0};
    if (!read_body(&r))
        return false;
    return get->keys.n > 0 ||
           reply_fail(c->reply, CODE_BULK_GET, "%s: 'You must request a minimum of 1 key'", c->op);
}
