/*
 * arena.h: many small allocations with one owner and one end.
 *
 * What lives in an arena is never freed singly; arena_release frees all of it. A zero-initialised
 * `struct arena` is empty and safe to release. The model, the observed account and a plan each own
 * one. Nothing here fails (mem.h).
 */
#ifndef CFKV_BASE_ARENA_H
#define CFKV_BASE_ARENA_H

#include "bytes.h"

struct arena_block;
struct arena_spare;

#define ARENA_SPARES 24

struct arena {
    struct arena_block *blocks;               /* newest first */
    size_t used;                              /* bytes handed out, headers and slack included */
    struct arena_spare *spares[ARENA_SPARES]; /* arrays that were outgrown, by the length of size */
};

/* Zeroed, aligned for any type. A size of 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A copy of `b`, with a NUL behind it that the length does not count. */
struct bytes arena_copy(struct arena *arena, struct bytes b);

/* The same, but of data NULL there is none. */
struct bytes arena_keep(struct arena *arena, struct bytes b);

/* A copy of a C string. */
char *arena_str(struct arena *arena, const char *s);

/* printf into the arena. */
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Room for one more element of a growing array that lives in the arena: doubles `*items` when `n`
 * reaches `*cap`. The old copy belongs to the next array of that size, so nothing may point to it.
 */
void arena_grow(struct arena *arena, void **items, size_t *cap, size_t need, size_t item_size);

/* Forgets everything, and keeps one block for what comes next. */
void arena_reset(struct arena *arena);

void arena_release(struct arena *arena);

#endif
