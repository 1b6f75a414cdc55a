/*
 * remote_stop.h: what an interrupt ends of the talk with a state's service, and what not.
 *
 * Before anything was done it ends all of it at once. But what was done is still to be written
 * there, and the lock to be freed: that goes on for at most REMOTE_GRACE_MS. The http of a state
 * looks at `now` only, and has remote_stop_beat for its beat.
 */
#ifndef CFKV_STATE_REMOTE_STOP_H
#define CFKV_STATE_REMOTE_STOP_H

#include <stdbool.h>
#include <stdint.h>

#define REMOTE_GRACE_MS 5000

struct remote_stop {
    const volatile int *from; /* the run's; NULL: nobody interrupts */
    volatile int now;         /* for http_options.interrupted */
    bool finishing;
    int64_t end_ms; /* monotonic, once it was interrupted while finishing; 0: it was not */
};

/* From here on all that is sent is what must still be said; false: again what may be ended. */
void remote_stop_finish(struct remote_stop *stop, bool finishing);

/* Looks again; to be called about each second. `stop` is a struct remote_stop. */
void remote_stop_beat(void *stop);

/* Looks again: whether to end. `stop` NULL: never. */
bool remote_stop_now(struct remote_stop *stop);

#endif
