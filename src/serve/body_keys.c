/* body_keys.c: bodies that are, or hold, a list of keys. */
#include "body.h"
#include "limits.h"

enum get_field { GET_OTHER, GET_KEYS, GET_TYPE, GET_METADATA };

struct reader {
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

static bool refuse(struct reader *r, int code, const char *problem, struct error *err)
{
    if (r->call->reply->status == 0)
        reply_fail(r->call->reply, code, "%s: '%s'", r->call->op, problem);
    return error_set(err, ERR_INVALID, "refused");
}

static bool in_list(const struct reader *r)
{
    return r->depth == r->list_depth && (!r->get || r->field == GET_KEYS);
}

/* true where a value of another type than the one that is due stands. */
static bool misplaced(const struct reader *r)
{
    return r->depth == 0 || in_list(r) || (r->get && r->depth == 1 && r->field != GET_OTHER);
}

static bool refuse_form(struct reader *r, struct error *err)
{
    return refuse(r, r->code,
                  r->get ? "the body is not of the form {\"keys\": [strings]}"
                         : "the body is not an array of strings",
                  err);
}

static bool add_key(struct reader *r, struct bytes key, struct error *err)
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

static bool take_type(struct reader *r, struct bytes type, struct error *err)
{
    r->get->json = bytes_equal(type, bytes_of("json"));
    if (r->get->json || bytes_equal(type, bytes_of("text")))
        return true;
    reply_fail(r->call->reply, CODE_BULK_GET,
               "%s: '\"%.*s\" is not a valid type. Use \"json\" or \"text\"'", r->call->op,
               BYTES_FMT(type));
    return refuse(r, r->code, "", err);
}

static bool on_string(void *ctx, struct bytes s, struct error *err)
{
    struct reader *r = ctx;
    if (in_list(r))
        return add_key(r, s, err);
    if (r->get && r->depth == 1 && r->field == GET_TYPE)
        return take_type(r, s, err);
    return !misplaced(r) || refuse_form(r, err);
}

static bool on_boolean(void *ctx, bool b, struct error *err)
{
    struct reader *r = ctx;
    if (r->get && r->depth == 1 && r->field == GET_METADATA) {
        r->get->with_metadata = b;
        return true;
    }
    return !misplaced(r) || refuse_form(r, err);
}

static bool on_null(void *ctx, struct error *err)
{
    struct reader *r = ctx;
    return !misplaced(r) || refuse_form(r, err);
}

static bool on_integer(void *ctx, int64_t n, struct error *err)
{
    (void)n;
    return on_null(ctx, err);
}

static bool on_number(void *ctx, double d, struct bytes text, struct error *err)
{
    (void)d;
    (void)text;
    return on_null(ctx, err);
}

static bool on_key(void *ctx, struct bytes name, struct error *err)
{
    struct reader *r = ctx;
    (void)err;
    if (!r->get || r->depth != 1)
        return true;
    r->field = bytes_equal(name, bytes_of("keys"))           ? GET_KEYS
               : bytes_equal(name, bytes_of("type"))         ? GET_TYPE
               : bytes_equal(name, bytes_of("withMetadata")) ? GET_METADATA
                                                             : GET_OTHER;
    return true;
}

static bool on_begin_object(void *ctx, struct error *err)
{
    struct reader *r = ctx;
    bool root = r->get && r->depth == 0;
    if (!root && misplaced(r))
        return refuse_form(r, err);
    r->depth++;
    return true;
}

static bool on_begin_array(void *ctx, struct error *err)
{
    struct reader *r = ctx;
    bool list = r->depth == r->list_depth - 1 && (!r->get || r->field == GET_KEYS);
    if (!list && misplaced(r))
        return refuse_form(r, err);
    if (list) {
        r->has_keys = true;
        r->keys->n = 0; /* a repeated member replaces the first */
    }
    r->depth++;
    return true;
}

static bool on_end(void *ctx, struct error *err)
{
    struct reader *r = ctx;
    (void)err;
    r->depth--;
    return true;
}

static bool read_body(struct reader *r)
{
    static const struct json_handlers handlers = {.null = on_null,
                                                  .boolean = on_boolean,
                                                  .integer = on_integer,
                                                  .number = on_number,
                                                  .string = on_string,
                                                  .begin_object = on_begin_object,
                                                  .key = on_key,
                                                  .end_object = on_end,
                                                  .begin_array = on_begin_array,
                                                  .end_array = on_end};
    struct call *c = r->call;
    struct error err;
    bool ok = json_parse(c->body, &handlers, r, &err);
    if (!ok && c->reply->status == 0)
        reply_fail(c->reply, CODE_BODY, "%s: '%s'", c->op, err.message);
    return ok;
}

bool body_read_keys(struct call *c, struct body_keys *keys)
{
    struct reader r = {
        .call = c, .keys = keys, .list_depth = 1, .code = CODE_BODY, .max = STORE_BULK_MAX};
    *keys = (struct body_keys){0};
    return read_body(&r);
}

bool body_read_get(struct call *c, struct body_get *get)
{
    struct reader r = {.call = c,
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
