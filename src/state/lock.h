/*
 * lock.h: one writer at a time.
 *
 * An flock on a file that stays: the kernel drops the lock with the process, so a kill -9 never
 * leaves a stale one. The file's text (pid, host, command) is only for the message of who waits.
 */
#ifndef CFKV_STATE_LOCK_H
#define CFKV_STATE_LOCK_H

#include "base/error.h"

struct lock {
    int fd; /* -1: not held */
};

/*
 * Takes the lock at `path` (made with mode 0600, its folder must exist), waiting at most `timeout`
 * seconds (0: not at all; an interrupt, `*interrupted` != 0, ends the wait with ERR_INTERRUPTED).
 * ERR_LOCKED: "WHAT is in use by pid 4711 on host build-7 (cfkv apply)", with the hint to wait with
 * --lock-timeout; `what` stands there as given ("'kv.state.json'").
 */
bool lock_take(struct lock *lock, const char *path, const char *what, const char *command,
               double timeout, const volatile int *interrupted, struct error *err);

/* Who has a lock, or had it when it was killed; texts are "" where they are not known. */
struct lock_holder {
    char pid[32], host[128], command[128];
};

/* Looks at a lock without making or keeping it: false when nobody holds it, with the one who was
 * killed while he did. */
bool lock_look(const char *path, struct lock_holder *holder);

/* Safe when not held, and on a zeroed lock: no lock is ever on descriptor 0. */
void lock_drop(struct lock *lock);

#endif
