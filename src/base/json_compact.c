#include "json.h"

static bool on_null(void *ctx, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    json_null(w);
    return true;
}

static bool on_boolean(void *ctx, bool b, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    json_bool(w, b);
    return true;
}

static bool on_integer(void *ctx, int64_t n, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    json_int(w, n);
    return true;
}

static bool on_number(void *ctx, double d, struct bytes text, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    (void)d;
    json_raw(w, text);
    return true;
}

static bool on_string(void *ctx, struct bytes s, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    json_string(w, s);
    return true;
}

static bool on_begin_object(void *ctx, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    json_begin_object(w);
    return true;
}

static bool on_key(void *ctx, struct bytes name, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    json_key_bytes(w, name);
    return true;
}

static bool on_end_object(void *ctx, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    json_end_object(w);
    return true;
}

static bool on_begin_array(void *ctx, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    json_begin_array(w);
    return true;
}

static bool on_end_array(void *ctx, struct error *err)
{
    struct json_writer *w = ctx;
    (void)err;
    json_end_array(w);
    return true;
}

bool json_compact(struct bytes text, struct buf *out, struct error *err)
{
    static const struct json_handlers handlers = {.null = on_null,
                                                  .boolean = on_boolean,
                                                  .integer = on_integer,
                                                  .number = on_number,
                                                  .string = on_string,
                                                  .begin_object = on_begin_object,
                                                  .key = on_key,
                                                  .end_object = on_end_object,
                                                  .begin_array = on_begin_array,
                                                  .end_array = on_end_array};
    struct json_writer w = json_writer_to(out, 0);
    return json_parse(text, &handlers, &w, err);
}
