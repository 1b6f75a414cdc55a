/*
 * mem.h: the one door to the heap.
 *
 * All cfkv code allocates here, and no caller is ever refused: when the system has no memory left,
 * or a size overflows, the process says so and ends with exit code 1. That is safe at any instant,
 * as kill -9 is: what was begun, the next run finishes. Budgets (the sandbox's memory, the sizes of
 * inputs) are checked by who sets them, and are ordinary errors.
 *
 * In a fault build a test can end the process so at the n-th allocation (fault.h).
 */
#ifndef CFKV_BASE_MEM_H
#define CFKV_BASE_MEM_H

#include "bytes.h"

void *mem_alloc(size_t size);                /* uninitialised; size 0 gives a valid pointer */
void *mem_zalloc(size_t count, size_t size); /* a zeroed array */
void *mem_realloc(void *ptr, size_t size);   /* as realloc */
char *mem_text(struct bytes text);           /* a copy with a NUL behind it */
void mem_free(void *ptr);                    /* NULL is fine */

/*
 * Makes room in a growable array: `*items` holds at least `need` elements of `item_size` bytes and
 * `*cap` says how many (doubling).
 *
 *     mem_grow((void **)&list->items, &list->cap, list->n + 1, sizeof *list->items);
 *     list->items[list->n++] = item;
 */
void mem_grow(void **items, size_t *cap, size_t need, size_t item_size);

/* Says that memory ran out and ends the process: for libraries that report it themselves. */
void mem_exhausted(void) __attribute__((noreturn));

#endif
