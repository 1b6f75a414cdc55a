#include "map.h"

#include "hash.h"
#include "mem.h"

#define FIRST_CAP 16 /* a power of two, as every cap */

struct map_slot {
    struct bytes key;
    uint64_t hash;
    size_t value_plus_1; /* 0: the slot is empty */
};

__extension__ typedef unsigned __int128 wide;

static uint64_t fold(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Eight bytes a step through a folded multiplication, with an unknown seed on both sides. */
uint64_t map_hash(uint64_t seed, struct bytes key)
{
    const uint64_t odd = 0x9E3779B97F4A7C15U;
    uint64_t h = seed ^ (uint64_t)key.len;
    for (size_t i = 0; i < key.len; i += 8) {
        uint64_t lane = 0;
        memcpy(&lane, key.data + i, key.len - i < 8 ? key.len - i : 8);
        h = fold(h ^ lane, seed ^ odd) + odd;
    }
    return fold(h ^ odd, 0xD6E8FEB86659FD93U);
}

/* The slot that holds `key`, or the empty one where it belongs. There is always an empty one. */
static struct map_slot *find(const struct map *m, struct bytes key, uint64_t hash)
{
    size_t i = (size_t)hash & (m->cap - 1);
    while (m->slots[i].value_plus_1 != 0 &&
           !(m->slots[i].hash == hash && bytes_equal(m->slots[i].key, key)))
        i = (i + 1) & (m->cap - 1);
    return &m->slots[i];
}

uint64_t map_seed(void)
{
    uint64_t seed;
    /* Without a generator, what the address space layout leaves to guess has to do. */
    if (!hash_random(&seed, sizeof seed))
        seed = fold((uint64_t)(uintptr_t)&map_seed, (uint64_t)(uintptr_t)&seed);
    return seed;
}

/* Keeps a quarter of the slots empty. */
static void make_room(struct map *m)
{
    if (m->n < m->cap - m->cap / 4)
        return;
    if (m->cap > SIZE_MAX / 2)
        mem_exhausted();
    struct map bigger = *m;
    bigger.cap = m->cap ? m->cap * 2 : FIRST_CAP;
    bigger.seed = m->cap ? m->seed : map_seed();
    bigger.slots = mem_zalloc(bigger.cap, sizeof *bigger.slots);
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].value_plus_1 != 0)
            *find(&bigger, m->slots[i].key, m->slots[i].hash) = m->slots[i];
    mem_free(m->slots);
    *m = bigger;
}

size_t map_get(const struct map *m, struct bytes key)
{
    if (m->n == 0)
        return MAP_NONE;
    return find(m, key, map_hash(m->seed, key))->value_plus_1 - 1;
}

/* The slot of `key`, filled with `value` when the key is new. */
static struct map_slot *enter(struct map *m, struct bytes key, size_t value, size_t *existing)
{
    make_room(m);
    uint64_t hash = map_hash(m->seed, key);
    struct map_slot *slot = find(m, key, hash);
    *existing = slot->value_plus_1 - 1;
    if (slot->value_plus_1 == 0) {
        *slot = (struct map_slot){key, hash, value + 1};
        m->n++;
    }
    return slot;
}

void map_add(struct map *m, struct bytes key, size_t value, size_t *existing)
{
    size_t found;
    enter(m, key, value, existing ? existing : &found);
}

void map_set(struct map *m, struct bytes key, size_t value)
{
    size_t found;
    enter(m, key, value, &found)->value_plus_1 = value + 1;
}

void map_release(struct map *m)
{
    mem_free(m->slots);
    *m = (struct map){0};
}
