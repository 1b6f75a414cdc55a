/*
 * state_pushed.h: a file whose state is to be put into the place of a remote one: what `cfkv state
 * pull` printed, or a state as it lies beside a configuration.
 */
#ifndef CFKV_CLI_STATE_PUSHED_H
#define CFKV_CLI_STATE_PUSHED_H

#include "state/envelope.h"
#include "state/state.h"

struct session;

struct state_pushed {
    const char *name; /* as the user named it */
    bool is_envelope; /* it says which writing it goes on from */
    struct envelope envelope;
    struct buf document; /* the state in it, as state_print has it */
    struct bytes state;  /* the same */
};

/* Reads and checks it; "-" is stdin. Zeroes `p` first. ERR_FORMAT for what is neither, with the
 * reason; ERR_FAILED for another project's state. */
bool state_pushed_read(struct session *s, const char *file, struct state_pushed *p,
                       struct error *err);

/* true when that state is the one of the envelope. */
bool state_pushed_is(const struct state_pushed *p, const struct envelope *there);

void state_pushed_release(struct state_pushed *p);

/* Opens the state that a text is, for reading; an empty one is a fresh state. `name`, for messages,
 * and `project` as for state_open. */
bool state_open_text(struct state *state, const char *name, struct bytes project, struct bytes text,
                     struct error *err);

/* A state's document as state_print has it, checked: ERR_FORMAT for what is none. `name` is for
 * messages; `project` as for state_open. */
bool state_normalize(const char *name, struct bytes project, struct bytes text, struct buf *out,
                     struct error *err);

#endif
