#include "mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "fault.h"

/* Nobody means more than a terabyte: such a size is a miscalculation, and sanitizers would end the
 * program for asking. */
#define SIZE_LIMIT (SIZE_MAX >> (SIZE_MAX > UINT32_MAX ? 24 : 1))

/* Buffers are not flushed and nothing is freed: both may need memory. */
void mem_exhausted(void)
{
    static const char text[] = "cfkv: out of memory\n";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(EXIT_FAILED);
    _exit(EXIT_FAILED);
}

static void *granted(void *ptr)
{
    if (!ptr)
        mem_exhausted();
    return ptr;
}

static size_t checked(size_t size)
{
    if (size > SIZE_LIMIT || FAULT_ALLOC())
        mem_exhausted();
    return size == 0 ? 1 : size;
}

void *mem_alloc(size_t size)
{
    return granted(malloc(checked(size)));
}

void *mem_zalloc(size_t count, size_t size)
{
    if (count != 0 && size > SIZE_LIMIT / count)
        mem_exhausted();
    return granted(calloc(checked(count * size), 1));
}

void *mem_realloc(void *ptr, size_t size)
{
    return granted(realloc(ptr, checked(size)));
}

char *mem_text(struct bytes text)
{
    if (text.len == SIZE_MAX)
        mem_exhausted();
    char *copy = mem_alloc(text.len + 1);
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return copy;
}

void mem_free(void *ptr)
{
    free(ptr);
}

void mem_grow(void **items, size_t *cap, size_t need, size_t item_size)
{
    size_t want = *cap < 8 ? 8 : *cap;
    if (need <= *cap)
        return;
    while (want < need)
        want = want > SIZE_MAX / 2 ? need : want * 2;
    if (want > SIZE_MAX / item_size)
        mem_exhausted();

    /* The caller's pointer has a type of its own: memcpy reads and writes it without aliasing. */
    void *old;
    memcpy(&old, items, sizeof old);
    void *grown = mem_realloc(old, want * item_size);
    memcpy(items, &grown, sizeof grown);
    *cap = want;
}
