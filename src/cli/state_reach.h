/*
 * state_reach.h: the document of a remote state as it lies on its service, for the commands that
 * look at it or move it as a whole. Whoever wants the state in it opens a session's target.
 */
#ifndef CFKV_CLI_STATE_REACH_H
#define CFKV_CLI_STATE_REACH_H

#include "state/lock.h"
#include "state/remote_lease.h"
#include "state_place.h"

struct state_reach {
    const struct state_address *address;
    struct remote_document document;
    struct remote_lease lease; /* of state_reach_lease */
    struct lock machine;       /* one of this machine at a time */
    bool open;
};

/* Connects, with the credentials that are bound to its host; sends nothing. `named`: the address is
 * the user's own word (state_place.h). `r` must stay where it is until state_reach_close. */
bool state_reach_open(struct session *s, const struct state_address *address, bool named,
                      struct state_reach *r, struct error *err);

/* Makes our lease, to be awaited or taken, with the time that --lock-timeout gives; waits for
 * others of this machine. One that was killed has left us its own. */
bool state_reach_lease(struct session *s, struct state_reach *r, struct error *err);

/* Reads what stands there, without a lock. */
bool state_reach_read(struct state_reach *r, struct error *err);

/* What stands there is a state, and was not moved away. */
bool state_reach_holds(const struct state_reach *r);

/* Where this machine keeps what belongs to that state: ".cfkv/state/HASH". In the session. */
const char *state_reach_folder(struct session *s, const struct state_address *address);

/* Whether a run of this machine did something that is not written there yet (remote_kept.h). */
bool state_reach_owes(struct session *s, const struct state_address *address, bool *owes,
                      struct error *err);

/* "anna@build-7 (cfkv state push)": who writes, for people. In the session's arena. */
const char *state_reach_writer(struct session *s, const struct state_reach *r);

/* Frees the lease where it is held, and ends the connection; safe on a zeroed one. */
void state_reach_close(struct state_reach *r);

#endif
