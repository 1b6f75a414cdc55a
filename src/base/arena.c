#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "mem.h"

#define BLOCK_MIN 4096
#define BLOCK_MAX (256 * 1024)
#define ALIGN     _Alignof(max_align_t)

struct arena_block {
    struct arena_block *next;
    size_t size; /* of data */
    size_t used;
    _Alignas(max_align_t) char data[];
};

static struct arena_block *add_block(struct arena *arena, size_t need)
{
    if (need > SIZE_MAX - sizeof(struct arena_block))
        mem_exhausted();
    /* Blocks grow with the arena, so that small models stay small and large ones need few. */
    size_t size = arena->used < BLOCK_MIN   ? BLOCK_MIN
                  : arena->used < BLOCK_MAX ? arena->used
                                            : BLOCK_MAX;
    if (size < need + sizeof(struct arena_block))
        size = need + sizeof(struct arena_block);
    struct arena_block *block = mem_zalloc(1, size);
    block->size = size - sizeof *block;
    arena->used += size;

    /* A large single allocation must not retire a block that still has room. */
    if (arena->blocks && block->size == need) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - ALIGN) / size)
        mem_exhausted();
    size_t need = (count * size + ALIGN - 1) / ALIGN * ALIGN;
    if (need == 0)
        need = ALIGN;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < need)
        block = add_block(arena, need);
    void *p = block->data + block->used;
    block->used += need;
    return p;
}

/* `len` bytes and a NUL; `len` may be anything. */
static char *alloc_text(struct arena *arena, size_t len)
{
    if (len == SIZE_MAX)
        mem_exhausted();
    return arena_alloc(arena, len + 1, 1);
}

struct bytes arena_copy(struct arena *arena, struct bytes b)
{
    char *data = alloc_text(arena, b.len);
    if (b.len > 0)
        memcpy(data, b.data, b.len);
    return bytes_make(data, b.len);
}

struct bytes arena_keep(struct arena *arena, struct bytes b)
{
    return b.data ? arena_copy(arena, b) : b;
}

char *arena_str(struct arena *arena, const char *s)
{
    size_t len = strlen(s);
    return memcpy(alloc_text(arena, len), s, len);
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = alloc_text(arena, len < 0 ? 0 : (size_t)len);
    va_start(args, fmt);
    vsnprintf(text, len < 0 ? 1 : (size_t)len + 1, fmt, args);
    va_end(args);
    return text;
}

/* An array that was outgrown, while nobody has it. */
struct arena_spare {
    struct arena_spare *next;
    size_t size;
};

/* Who still points to an array that was outgrown is found by the sanitizer. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(data, size)   ((void)(data), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(data, size) ((void)(data), (void)(size))
#endif

static struct arena_spare **spares_of(struct arena *arena, size_t size)
{
    size_t length = 0;
    while (length < ARENA_SPARES - 1 && size >> length > sizeof(struct arena_spare))
        length++;
    return &arena->spares[length];
}

/* Arrays of one kind grow through the same sizes, so what one has left fits the next. */
static void *alloc_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        mem_exhausted();
    struct arena_spare **list = spares_of(arena, count * size);
    struct arena_spare *spare = *list;
    if (!spare || spare->size < count * size)
        return arena_alloc(arena, count, size);
    *list = spare->next;
    ASAN_UNPOISON_MEMORY_REGION(spare, spare->size);
    return memset(spare, 0, count * size);
}

static void keep_spare(struct arena *arena, void *old, size_t size)
{
    if (size < sizeof(struct arena_spare))
        return;
    struct arena_spare **list = spares_of(arena, size);
    struct arena_spare *spare = old;
    *spare = (struct arena_spare){.next = *list, .size = size};
    *list = spare;
    ASAN_POISON_MEMORY_REGION(spare + 1, size - sizeof *spare);
}

void arena_grow(struct arena *arena, void **items, size_t *cap, size_t need, size_t item_size)
{
    size_t want = *cap < 8 ? 8 : *cap;
    if (need <= *cap)
        return;
    while (want < need)
        want = want > SIZE_MAX / 2 ? need : want * 2;
    void *grown = alloc_array(arena, want, item_size);

    /* The caller's pointer has a type of its own: memcpy reads and writes it without aliasing. */
    void *old;
    memcpy(&old, items, sizeof old);
    if (*cap > 0) {
        memcpy(grown, old, *cap * item_size);
        keep_spare(arena, old, *cap * item_size);
    }
    memcpy(items, &grown, sizeof grown);
    *cap = want;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *kept = arena->blocks;
    if (!kept)
        return;
    arena->blocks = kept->next;
    arena_release(arena);
    ASAN_UNPOISON_MEMORY_REGION(kept->data, kept->size);
    memset(kept->data, 0, kept->used);
    kept->next = NULL;
    kept->used = 0;
    arena->blocks = kept;
    arena->used = sizeof *kept + kept->size;
}

void arena_release(struct arena *arena)
{
    struct arena_block *block = arena->blocks;
    while (block) {
        struct arena_block *next = block->next;
        mem_free(block);
        block = next;
    }
    *arena = (struct arena){0};
}
