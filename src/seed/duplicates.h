/*
 * duplicates.h: which keys are given twice, among any number of them. Private to seed/.
 *
 *     struct seen seen = {.ascending = …};
 *     … seen_add(&seen, key, place, err) …
 *     seen_sort(&seen, err) and seen_next(&seen, &tag, &place, &more, err) while `more`
 *
 * A key is kept as its hash_tag and its place. At most SEEN_BUFFER of memory are used:
 * what fills it is sorted and goes to a file without a name, and these runs are merged in the end.
 * Two keys that share a tag are beyond finding.
 *
 * Keys that ascend, as those of most files do, hold none twice. With `ascending`, for one source
 * that can be read again, none of them is kept until one breaks the order; those before it, up to
 * `passed`, are to be added again before sorting.
 */
#ifndef CFKV_SEED_DUPLICATES_H
#define CFKV_SEED_DUPLICATES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/hash.h"

#define SEEN_BUFFER ((size_t)4 * 1024 * 1024)

struct seen_place {
    unsigned source; /* below 65536 */
    uint64_t number; /* of the item in it, below 2^48 */
};

struct seen_record;
struct seen_run;

struct seen {
    bool ascending; /* as far as was seen */
    struct buf last;
    struct seen_place passed;  /* the last that was not kept; number 0: none */
    struct hash_tagger tagger; /* once there is a buffer */
    struct seen_record *buffer;
    size_t n, cap;
    bool spilled;
    int fd;        /* of the runs, when spilled; all but the last are of full length */
    uint64_t kept; /* records in them */
    struct seen_run *runs;
    size_t n_runs; /* that have records left; a heap, least record first */
    size_t slice;  /* records of a run in memory */
};

bool seen_add(struct seen *seen, struct bytes key, struct seen_place place, struct error *err);

/* Ends the adding. */
bool seen_sort(struct seen *seen, struct error *err);

/* The next key in the order of tags, and of places for one tag. `*more` is false when there is
 * none. */
bool seen_next(struct seen *seen, struct hash_tag *tag, struct seen_place *place, bool *more,
               struct error *err);

void seen_release(struct seen *seen);

#endif
