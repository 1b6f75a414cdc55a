/*
 * merge.h: three versions of a state's document become one: what `cfkv state merge` does.
 *
 * Merged is record by record: the attributes of a namespace, a key, a bulk source, an output, a
 * binding, the settings. What one side changed is taken; what both changed alike, too. A record
 * that both changed otherwise, or that one removed and the other changed, is a conflict.
 */
#ifndef CFKV_STATE_MERGE_H
#define CFKV_STATE_MERGE_H

#include "state.h"

struct state_text {
    const char *name; /* for messages */
    struct bytes text;
};

struct state_merge {
    struct buf out;       /* the document; with conflicts, both ones between git's markers */
    struct buf conflicts; /* a line each: what it is about, and who did what to it */
    size_t n_conflicts;
    bool upgraded;     /* `ours` was of an older version */
    bool salts_differ; /* both sides began a state: digests of `theirs` mean nothing any more, so
                        * that its keys count as somebody else's until an apply has seen them */
};

/*
 * Merges. `base` may be empty (both sides added the file). `result` is zeroed, and released by the
 * caller in any case. ERR_FORMAT when one of the three is no state, as state_open says it.
 */
bool state_merge(const struct state_text *base, const struct state_text *ours,
                 const struct state_text *theirs, struct state_merge *result, struct error *err);

void state_merge_release(struct state_merge *result);

#endif
