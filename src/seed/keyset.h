/*
 * keyset.h: a set of keys by 16 bytes of their SHA-256: for what is there already. Two keys that
 * share those are beyond finding.
 */
#ifndef CFKV_SEED_KEYSET_H
#define CFKV_SEED_KEYSET_H

#include "base/hash.h"

#define KEYSET_BYTES 16

struct keyset {
    uint8_t (*items)[KEYSET_BYTES];
    size_t n, cap;
};

void keyset_add(struct keyset *set, struct bytes key);

/* To be called once after the last addition, before asking. */
void keyset_sort(struct keyset *set);
bool keyset_has(const struct keyset *set, struct bytes key);

void keyset_release(struct keyset *set);

#endif
