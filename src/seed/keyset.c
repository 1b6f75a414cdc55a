#include "keyset.h"

#include <stdlib.h>

#include "base/mem.h"

void keyset_add(struct keyset *set, struct bytes key)
{
    struct digest digest = hash_sha256(key);
    mem_grow((void **)&set->items, &set->cap, set->n + 1, sizeof *set->items);
    memcpy(set->items[set->n++], digest.bytes, KEYSET_BYTES);
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, KEYSET_BYTES);
}

void keyset_sort(struct keyset *set)
{
    if (set->n > 0)
        qsort(set->items, set->n, sizeof *set->items, compare);
}

bool keyset_has(const struct keyset *set, struct bytes key)
{
    if (set->n == 0)
        return false;
    struct digest digest = hash_sha256(key);
    return bsearch(digest.bytes, set->items, set->n, sizeof *set->items, compare) != NULL;
}

void keyset_release(struct keyset *set)
{
    mem_free(set->items);
    *set = (struct keyset){0};
}
