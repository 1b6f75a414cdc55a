/*
 * mem.h: the one door to the heap.
 *
 * All cfkv code allocates here, so that a fault build can make the n-th allocation fail (fault.h)
 * and a test can walk through every one of them. Sizes that would overflow fail like exhausted
 * memory.
 */
#ifndef CFKV_BASE_MEM_H
#define CFKV_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

void *mem_alloc(size_t size);                /* uninitialised; NULL on failure, also for size 0 */
void *mem_zalloc(size_t count, size_t size); /* zeroed array; NULL on failure or overflow */
void *mem_realloc(void *ptr, size_t size); /* as realloc, size > 0; `ptr` stays valid on failure */
void mem_free(void *ptr);                  /* NULL is fine */

/*
 * Makes room in a growable array: on success `*items` holds at least `need` elements of
 * `item_size` bytes and `*cap` says how many (doubling). On failure nothing changes.
 *
 *     if (!mem_grow((void **)&list->items, &list->cap, list->n + 1, sizeof *list->items))
 *         return error_nomem(err);
 *     list->items[list->n++] = item;
 */
bool mem_grow(void **items, size_t *cap, size_t need, size_t item_size);

#endif
