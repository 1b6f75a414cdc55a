/*
 * seen.h: which keys a namespace's sources gave already, and where. Private to seed/.
 *
 * Holds 16 bytes of SHA-256 a key, so that memory depends on the number of keys only; two keys that
 * share those are beyond finding.
 */
#ifndef CFKV_SEED_SEEN_H
#define CFKV_SEED_SEEN_H

#include "base/arena.h"
#include "base/map.h"
#include "model/diag.h"

/* Where a key was given. */
struct seen_place {
    const char *file; /* borrowed */
    int line;
    uint64_t number; /* of the item in its source; 0: not in a file source */
};

struct seen_key;

struct seen {
    struct arena arena;
    struct map index; /* digest → into keys */
    struct seen_key *keys;
    size_t n, cap;
};

/* Notes a key; `*first` is set, and `*again` true, when it was noted before. false: no memory. */
bool seen_add(struct seen *seen, struct bytes key, struct seen_place place,
              struct seen_place *first, bool *again);

void seen_release(struct seen *seen);

#endif
