#include "seen.h"

#include "base/hash.h"

#define DIGEST_LEN 16

struct seen_key {
    char digest[DIGEST_LEN];
    struct seen_place place;
};

bool seen_add(struct seen *seen, struct bytes key, struct seen_place place,
              struct seen_place *first, bool *again)
{
    struct digest digest = hash_sha256(key);
    size_t existing;
    /* The map borrows digests from the array. When it grows, the old copy stays in the arena, and
     * with it what the map points at. */
    if (!arena_grow(&seen->arena, (void **)&seen->keys, &seen->cap, seen->n + 1,
                    sizeof *seen->keys))
        return false;
    struct seen_key *new_key = &seen->keys[seen->n];
    memcpy(new_key->digest, digest.bytes, DIGEST_LEN);
    new_key->place = place;
    if (!map_add(&seen->index, bytes_make(new_key->digest, DIGEST_LEN), seen->n, &existing))
        return false;
    *again = existing != MAP_NONE;
    if (*again)
        *first = seen->keys[existing].place;
    else
        seen->n++;
    return true;
}

void seen_release(struct seen *seen)
{
    map_release(&seen->index);
    arena_release(&seen->arena);
    *seen = (struct seen){0};
}
