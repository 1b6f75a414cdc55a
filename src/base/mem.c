#include "mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

/* Nobody means more than a terabyte: such a size is a miscalculation, and sanitizers would end the
 * program for asking. */
#define SIZE_LIMIT (SIZE_MAX >> (SIZE_MAX > UINT32_MAX ? 24 : 1))

static bool refused(size_t size)
{
    return size == 0 || size > SIZE_LIMIT || FAULT_ALLOC();
}

void *mem_alloc(size_t size)
{
    return refused(size) ? NULL : malloc(size);
}

void *mem_zalloc(size_t count, size_t size)
{
    if (count == 0 || size > SIZE_LIMIT / count || refused(count * size))
        return NULL;
    return calloc(count, size);
}

void *mem_realloc(void *ptr, size_t size)
{
    return refused(size) ? NULL : realloc(ptr, size);
}

void mem_free(void *ptr)
{
    free(ptr);
}

bool mem_grow(void **items, size_t *cap, size_t need, size_t item_size)
{
    size_t want = *cap < 8 ? 8 : *cap;
    if (need <= *cap)
        return true;
    while (want < need)
        want = want > SIZE_MAX / 2 ? need : want * 2;
    if (want > SIZE_MAX / item_size)
        return false;

    /* The caller's pointer has a type of its own: memcpy reads and writes it without aliasing. */
    void *old;
    memcpy(&old, items, sizeof old);
    void *grown = mem_realloc(old, want * item_size);
    if (!grown)
        return false;
    memcpy(items, &grown, sizeof grown);
    *cap = want;
    return true;
}
