/* json.c: the trees of json.h, by cJSON. */
#include "json.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "map.h"
#include "mem.h"
#include "text.h"

/* ---- Trees ---------------------------------------------------------------------------------- */

/*
 * cJSON reads laxly ("01", raw control characters, …), so a document first passes the strict reader
 * above, and cJSON builds the tree of a text known to be good. What is good but beyond cJSON is
 * refused there as well: then cJSON can only fail for want of memory.
 */

static const cJSON *item_of(const struct json *v)
{
    return (const cJSON *)(const void *)v;
}

static const struct json *json_of(const cJSON *item)
{
    return (const struct json *)(const void *)item;
}

/* cJSON cuts texts at a NUL and copies numbers to an array of 64 characters. */
static bool check_limits(void *ctx, const struct json_event *e, struct error *err)
{
    bool is_text = e->type == JSON_STRING || e->type == JSON_KEY;
    (void)ctx;
    if (is_text && e->text.len > 0 && memchr(e->text.data, '\0', e->text.len))
        return error_set(err, ERR_FORMAT, "a string of this document holds a NUL (\\u0000)");
    if (e->type == JSON_NUMBER && e->text.len > 63)
        return error_set(err, ERR_FORMAT, "a number of more than 63 characters");
    return true;
}

static bool check_names(const cJSON *object, struct error *err)
{
    char quoted[160];
    struct map names = {0};
    bool ok = true;
    for (const cJSON *member = object->child; ok && member; member = member->next) {
        size_t existing;
        struct bytes name = bytes_of(member->string);
        map_add(&names, name, 0, &existing);
        if (existing != MAP_NONE)
            ok = error_set(err, ERR_FORMAT, "member %s appears twice",
                           text_quoted(name, quoted, sizeof quoted));
    }
    map_release(&names);
    return ok;
}

/* No deeper than JSON_MAX_DEPTH, as the strict reader found. */
static bool check_tree(const cJSON *item, struct error *err)
{
    if (cJSON_IsObject(item) && !check_names(item, err))
        return false;
    for (const cJSON *child = item->child; child; child = child->next)
        if (!check_tree(child, err))
            return false;
    return true;
}

struct json *json_doc_parse(struct bytes text, struct error *err)
{
    if (!json_parse(text, check_limits, NULL, err))
        return NULL;

    /* cJSON keeps its allocator in a static variable: always these two, set before each use. */
    cJSON_Hooks hooks = {mem_alloc, mem_free};
    cJSON_InitHooks(&hooks);
    cJSON *root = cJSON_ParseWithLengthOpts(text.data, text.len, NULL, 0);
    if (!root)
        mem_exhausted();
    if (!check_tree(root, err)) {
        cJSON_Delete(root);
        return NULL;
    }
    return (struct json *)(void *)root;
}

void json_doc_free(struct json *root)
{
    cJSON_Delete((cJSON *)(void *)root);
}

const struct json *json_member(const struct json *object, const char *name)
{
    if (!json_is_object(object))
        return NULL;
    const cJSON *item = item_of(object)->child;
    while (item && strcmp(item->string, name) != 0)
        item = item->next;
    return json_of(item);
}

const struct json *json_first(const struct json *container)
{
    return container ? json_of(item_of(container)->child) : NULL;
}

const struct json *json_next(const struct json *item)
{
    return item ? json_of(item_of(item)->next) : NULL;
}

const char *json_name(const struct json *member)
{
    return member ? item_of(member)->string : NULL;
}

size_t json_count(const struct json *container)
{
    size_t n = 0;
    for (const struct json *v = json_first(container); v; v = json_next(v))
        n++;
    return n;
}

bool json_is_object(const struct json *v)
{
    return cJSON_IsObject(item_of(v));
}

bool json_is_array(const struct json *v)
{
    return cJSON_IsArray(item_of(v));
}

bool json_is_null(const struct json *v)
{
    return cJSON_IsNull(item_of(v));
}

bool json_as_str(const struct json *v, const char **out)
{
    if (!cJSON_IsString(item_of(v)))
        return false;
    *out = item_of(v)->valuestring;
    return true;
}

bool json_as_int(const struct json *v, int64_t *out)
{
    if (!cJSON_IsNumber(item_of(v)))
        return false;
    double d = item_of(v)->valuedouble;
    if (fabs(d) >= 9007199254740992.0 || d != trunc(d))
        return false;
    *out = (int64_t)d;
    return true;
}

bool json_as_bool(const struct json *v, bool *out)
{
    if (!cJSON_IsBool(item_of(v)))
        return false;
    *out = cJSON_IsTrue(item_of(v));
    return true;
}

struct json_event json_as_event(const struct json *v)
{
    struct json_event e = {.type = JSON_NUMBER, .number = item_of(v)->valuedouble};
    const char *text;
    if (json_as_str(v, &text))
        e = (struct json_event){.type = JSON_STRING, .text = bytes_of(text)};
    else if (json_as_int(v, &e.integer))
        e.type = JSON_INTEGER;
    else if (json_as_bool(v, &e.boolean))
        e.type = JSON_BOOLEAN;
    else if (!cJSON_IsNumber(item_of(v)))
        e.type = json_is_null(v)     ? JSON_NULL
                 : json_is_object(v) ? JSON_BEGIN_OBJECT
                                     : JSON_BEGIN_ARRAY;
    return e;
}

/* ---- Printing a tree ------------------------------------------------------------------------ */

static void write_item(struct json_writer *w, const cJSON *item);

static void write_children(struct json_writer *w, const cJSON *container)
{
    for (const cJSON *child = container->child; child; child = child->next) {
        if (cJSON_IsObject(container))
            json_key(w, child->string);
        write_item(w, child);
    }
}

static void write_item(struct json_writer *w, const cJSON *item)
{
    if (cJSON_IsObject(item)) {
        json_begin_object(w);
        write_children(w, item);
        json_end_object(w);
    } else if (cJSON_IsArray(item)) {
        json_begin_array(w);
        write_children(w, item);
        json_end_array(w);
    } else if (cJSON_IsString(item))
        json_str(w, item->valuestring);
    else if (cJSON_IsNumber(item))
        json_double(w, item->valuedouble);
    else if (cJSON_IsBool(item))
        json_bool(w, cJSON_IsTrue(item));
    else
        json_null(w);
}

void json_print(const struct json *v, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 0);
    write_item(&w, item_of(v));
}
