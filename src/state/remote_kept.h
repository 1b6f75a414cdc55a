/*
 * remote_kept.h: what a run did and could not yet write to a remote state, on this machine.
 *
 * In a folder of the state's own lie, while a run writes and for as long as something is owed:
 *   base.json          the envelope that the journal goes on from: what was read, then whatever of
 *                      ours was last known to stand on the service
 *   base.json.journal  a line for each change since, fsynced before the run goes on (state.h)
 * They are written by state_file.h, and so survive a kill at any instant, as a state in a file
 * does: base before the first line, a new base only together with the end of the lines that it
 * holds.
 *
 * Before each write to the service the journal gets a line with the nonce of that write. So when a
 * run died between the write and its answer, the next one finds that nonce in what stands there (or
 * among its past), and knows which lines are in it already.
 *
 * What is kept is put together with what stands there, whoever has it open next:
 *   - nothing was written since, or only what is in our journal: the other lines are done again on
 *     it;
 *   - others wrote: a three-way merge, record by record (merge.h). What contradicts is refused, and
 *     all of it stays.
 */
#ifndef CFKV_STATE_REMOTE_KEPT_H
#define CFKV_STATE_REMOTE_KEPT_H

#include "contents.h"
#include "envelope.h"

struct remote_kept {
    struct arena arena;
    const char *folder;         /* NULL: nothing is kept, and nothing can be */
    const char *name;           /* the address, for messages */
    const char *base, *journal; /* paths */
    struct state_backend files;
    bool begun; /* base.json stands */
};

/* Looks into the folder, which need not be there; `folder` NULL for who can write nowhere. */
bool remote_kept_open(struct remote_kept *k, const char *folder, const char *name,
                      struct error *err);

/* What will be appended goes on from there. Does nothing when something has begun already. */
bool remote_kept_begin(struct remote_kept *k, const struct envelope *base, struct error *err);

bool remote_kept_append(struct remote_kept *k, struct bytes lines, struct error *err);

/* All lines so far are in the write of that nonce, which is about to be sent. */
bool remote_kept_mark(struct remote_kept *k, const char *nonce, struct error *err);

/* It happened: what stands there is the new base, and the lines are done with. */
bool remote_kept_pushed(struct remote_kept *k, const struct envelope *now, struct error *err);

/* Nothing is owed any more. */
bool remote_kept_drop(struct remote_kept *k, struct error *err);

/*
 * Adds to `document` the state as it is with what is kept; `owed` is set when that is not what
 * stands there. `exists` false: nothing does. ERR_GUARD when the two contradict each other, or what
 * stands there is another state than the one that the run began with; ERR_FORMAT when what is kept
 * is damaged.
 */
bool remote_kept_join(struct remote_kept *k, const struct envelope *there, bool exists,
                      struct buf *document, bool *owed, struct error *err);

void remote_kept_close(struct remote_kept *k);

#endif
