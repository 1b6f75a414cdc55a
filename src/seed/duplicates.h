/*
 * duplicates.h: which keys are given twice, among any number of them. Private to seed/.
 *
 *     struct duplicates seen = {.ascending = …};
 *     … duplicates_note(&seen, key, place, err) for every key …
 *     duplicates_report(&seen, &sources, max, diags, err)
 *
 * A key is kept as its hash_tag and its place. At most DUPLICATES_BUFFER of memory are used: what
 * fills it is sorted and goes to a file without a name, and these runs are merged in the end. Two
 * keys that share a tag are beyond finding.
 *
 * Keys that ascend, as those of most files do, hold none twice. With `ascending`, for one source
 * that can be read again, none of them is kept until one breaks the order; those before it are read
 * again for the report.
 */
#ifndef CFKV_SEED_DUPLICATES_H
#define CFKV_SEED_DUPLICATES_H

#include "seed.h"

#define DUPLICATES_BUFFER ((size_t)4 * 1024 * 1024)

struct key_place {
    unsigned source; /* below 65536 */
    uint64_t number; /* of the item in it, below 2^48 */
};

struct tag_record;
struct tag_run;

struct duplicates {
    bool ascending; /* as far as was seen */
    struct buf last;
    struct key_place passed;   /* the last that was not kept; number 0: none */
    struct hash_tagger tagger; /* once there is a buffer */
    struct tag_record *buffer;
    size_t n, cap;
    bool spilled;
    int fd;        /* of the runs, when spilled; all but the last are of full length */
    uint64_t kept; /* records in them */
    struct tag_run *runs;
    size_t n_runs; /* that have records left; a heap, least record first */
    size_t slice;  /* records of a run in memory */
};

bool duplicates_note(struct duplicates *seen, struct bytes key, struct key_place place,
                     struct error *err);

/* Where the places are. Source 0 is the configuration itself; what is there twice among itself is
 * left to model_validate. */
struct duplicate_sources {
    /* The key that was noted under `number`; NULL when nothing is declared. */
    const struct seed_key *(*declared)(void *ctx, uint64_t number);
    /* A pass over source `source`, from 1. */
    struct seed_reader *(*open)(void *ctx, unsigned source, struct error *err);
    void *ctx;
};

/*
 * Ends the noting: adds an error for each key that was given again, both places named; after `max`
 * of them (0: never) one that counts the rest. Digests do not tell the keys: when there is
 * something to report, the sources are read again for them.
 */
bool duplicates_report(struct duplicates *seen, const struct duplicate_sources *from, size_t max,
                       struct diag_list *diags, struct error *err);

void duplicates_release(struct duplicates *seen);

#endif
