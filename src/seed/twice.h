/*
 * twice.h: says which keys are given twice, both places named. Private to seed/.
 */
#ifndef CFKV_SEED_TWICE_H
#define CFKV_SEED_TWICE_H

#include "seed.h"
#include "duplicates.h"

/* Where the places of `seen` are. Source 0 is the configuration itself; what is there twice among
 * itself is left to model_validate. */
struct twice_sources {
    /* The key that was noted under `number`; NULL when nothing is declared. */
    const struct seed_key *(*declared)(void *ctx, uint64_t number);
    /* A pass over source `source`, from 1. */
    struct seed_reader *(*open)(void *ctx, unsigned source, struct error *err);
    void *ctx;
};

/*
 * Adds an error for each key of `seen` that was given again; after `max` of them (0: never) one
 * that counts the rest. Digests do not tell the keys: when there is something to report, the
 * sources are read again for them.
 */
bool twice_report(struct seen *seen, const struct twice_sources *from, size_t max,
                  struct diag_list *diags, struct error *err);

#endif
