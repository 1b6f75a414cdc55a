#include "json_names.h"

#include <assert.h>

#include "map.h"
#include "mem.h"

#define FIRST_SLOTS 64

struct json_name_seen {
    uint64_t hash;
    size_t at, len; /* in the text */
    size_t slot;
    int depth, line;
};

/* The slot of the name, or the empty one where it belongs. Names go in the reverse order in which
 * they came, so that none was ever put behind one that is gone. */
static size_t find(const struct json_names *names, struct bytes name, int depth, uint64_t hash)
{
    size_t i = (size_t)hash & (names->n_slots - 1);
    for (; names->slots[i]; i = (i + 1) & (names->n_slots - 1)) {
        const struct json_name_seen *s = &names->seen[names->slots[i] - 1];
        if (s->hash == hash && s->depth == depth &&
            bytes_equal(bytes_make(names->text.data + s->at, s->len), name))
            break;
    }
    return i;
}

static void put(struct json_names *names, size_t slot, size_t index)
{
    names->slots[slot] = index + 1;
    names->seen[index].slot = slot;
}

/* Keeps half of the slots empty. */
static void make_room(struct json_names *names)
{
    if (names->n_slots && names->n < names->n_slots / 2)
        return;
    if (!names->n_slots) {
        names->seed = map_seed();
        buf_reserve(&names->text, FIRST_SLOTS); /* never NULL, for the empty name */
    }
    names->n_slots = names->n_slots ? names->n_slots * 2 : FIRST_SLOTS;
    mem_free(names->slots);
    names->slots = mem_zalloc(names->n_slots, sizeof *names->slots);
    for (size_t i = 0; i < names->n; i++) {
        size_t at = (size_t)names->seen[i].hash & (names->n_slots - 1);
        while (names->slots[at])
            at = (at + 1) & (names->n_slots - 1);
        put(names, at, i);
    }
}

void json_names_begin(struct json_names *names)
{
    assert(names->depth < JSON_MAX_DEPTH);
    names->first[names->depth++] = names->n;
}

void json_names_end(struct json_names *names)
{
    assert(names->depth > 0);
    size_t first = names->first[--names->depth];
    while (names->n > first) {
        const struct json_name_seen *s = &names->seen[--names->n];
        names->slots[s->slot] = 0;
        names->text.len = s->at;
    }
}

int json_names_add(struct json_names *names, struct bytes name, int line)
{
    assert(names->depth > 0);
    make_room(names);
    uint64_t hash = map_hash(names->seed + (uint64_t)names->depth, name);
    size_t slot = find(names, name, names->depth, hash);
    if (names->slots[slot])
        return names->seen[names->slots[slot] - 1].line;
    mem_grow((void **)&names->seen, &names->cap, names->n + 1, sizeof *names->seen);
    names->seen[names->n] = (struct json_name_seen){
        .hash = hash, .at = names->text.len, .len = name.len, .depth = names->depth, .line = line};
    put(names, slot, names->n++);
    buf_add_bytes(&names->text, name);
    return 0;
}

size_t json_names_size(const struct json_names *names)
{
    return names->text.len + names->n * (sizeof *names->seen + 2 * sizeof *names->slots);
}

void json_names_clear(struct json_names *names)
{
    while (names->depth > 0)
        json_names_end(names);
}

void json_names_release(struct json_names *names)
{
    mem_free(names->seen);
    mem_free(names->slots);
    buf_release(&names->text);
    *names = (struct json_names){0};
}
