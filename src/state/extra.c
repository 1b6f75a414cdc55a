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

void extra_print_json(struct json_writer *w, struct bytes json)
{
    struct error never;
    bool parsed = json_copy(w, json, &never);
    assert(parsed);
    (void)parsed;
}
