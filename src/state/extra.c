#include "extra.h"

#include <assert.h>

/* Where the member of that name is, or belongs. */
static size_t place_of(const struct state_extras *extras, struct bytes name)
{
    size_t i = 0;
    while (extras && i < extras->n && bytes_compare(extras->items[i].name, name) < 0)
        i++;
    return i;
}

const struct state_extra *extra_find(const struct state_extras *extras, struct bytes name)
{
    size_t i = place_of(extras, name);
    return extras && i < extras->n && bytes_equal(extras->items[i].name, name) ? &extras->items[i]
                                                                               : NULL;
}

void extra_set(struct arena *arena, struct state_extras **extras, struct bytes name,
               struct bytes json)
{
    struct state_extras *list = *extras ? *extras : arena_alloc(arena, 1, sizeof *list);
    size_t at = place_of(list, name);
    *extras = list;
    if (!extra_find(list, name)) {
        arena_grow(arena, (void **)&list->items, &list->cap, list->n + 1, sizeof *list->items);
        memmove(&list->items[at + 1], &list->items[at], (list->n - at) * sizeof *list->items);
        list->items[at].name = arena_copy(arena, name);
        list->n++;
    }
    list->items[at].json = arena_copy(arena, json);
}

void extra_remove(struct state_extras *extras, struct bytes name)
{
    size_t at = place_of(extras, name);
    if (!extra_find(extras, name))
        return;
    extras->n--;
    memmove(&extras->items[at], &extras->items[at + 1], (extras->n - at) * sizeof *extras->items);
}

#define DEPTH_MAX (JSON_MAX_DEPTH - 16) /* a document has less than so many levels around it */

bool extra_check_depth(struct bytes json, struct error *err)
{
    int depth = 0, deepest = 0;
    bool quoted = false;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.data[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            deepest = ++depth > deepest ? depth : deepest;
        else if (!quoted && (c == '}' || c == ']'))
            depth--;
    }
    return deepest <= DEPTH_MAX ||
           error_set(err, ERR_FORMAT, "it is nested more than %d levels deep", DEPTH_MAX);
}

/* ---- Printing again -------------------------------------------------------------------------- */

static bool on_null(void *ctx, struct error *err)
{
    (void)err;
    json_null(ctx);
    return true;
}

static bool on_boolean(void *ctx, bool b, struct error *err)
{
    (void)err;
    json_bool(ctx, b);
    return true;
}

static bool on_integer(void *ctx, int64_t n, struct error *err)
{
    (void)err;
    json_int(ctx, n);
    return true;
}

static bool on_number(void *ctx, double d, struct bytes text, struct error *err)
{
    (void)d;
    (void)err;
    json_raw(ctx, text);
    return true;
}

static bool on_string(void *ctx, struct bytes s, struct error *err)
{
    (void)err;
    json_string(ctx, s);
    return true;
}

static bool on_begin_object(void *ctx, struct error *err)
{
    (void)err;
    json_begin_object(ctx);
    return true;
}

static bool on_key(void *ctx, struct bytes name, struct error *err)
{
    (void)err;
    json_key_bytes(ctx, name);
    return true;
}

static bool on_end_object(void *ctx, struct error *err)
{
    (void)err;
    json_end_object(ctx);
    return true;
}

static bool on_begin_array(void *ctx, struct error *err)
{
    (void)err;
    json_begin_array(ctx);
    return true;
}

static bool on_end_array(void *ctx, struct error *err)
{
    (void)err;
    json_end_array(ctx);
    return true;
}

void extra_print_json(struct json_writer *w, struct bytes json)
{
    static const struct json_handlers to_writer = {
        .null = on_null,
        .boolean = on_boolean,
        .integer = on_integer,
        .number = on_number,
        .string = on_string,
        .begin_object = on_begin_object,
        .key = on_key,
        .end_object = on_end_object,
        .begin_array = on_begin_array,
        .end_array = on_end_array,
    };
    struct error never;
    bool parsed = json_parse(json, &to_writer, w, &never);
    assert(parsed);
    (void)parsed;
}
