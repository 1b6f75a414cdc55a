/*
 * remote.h: a state that lies on a service, as a backend for state.h.
 *
 * What is where, at each instant of a run that writes:
 *
 *     opened       on the service what was read (with a lock, where the service has locks)
 *     intents      the journal here has them, fsynced; then ONE write puts them on the service,
 *                  together with the lease, if what was planned upon stands there still
 *     each action  is in the journal here, fsynced, before the next one is begun
 *     every 20 s   the journal's sum is on the service; the same write keeps the lease
 *     saved        ONE write puts the result on the service and frees the lease; then what was kept
 *                  here is dropped
 *
 * Why nothing is lost or torn, wherever that is cut:
 *   - The service holds one whole document or the next: one request replaces it, or does not.
 *   - No write replaces what its writer has not read: each names what it replaces, and a service
 *     that does not look is refused (s3) or holds a lock besides (http).
 *   - Before the intents stand on the service nothing is done, so a write that finds somebody
 * else's there costs nothing: the run opens and plans again (ERR_STALE).
 *   - A run that is killed, or that cannot reach the service any more, leaves base and journal here
 *     (remote_kept.h), and whoever opens the state on this machine next finishes it. If the machine
 *     is gone with them, the intents are on the service: the next plan recognises what was made.
 *   - Whether a write happened whose answer is lost, its nonce tells (remote_document.h).
 *   - A lease that was lost is noticed at the next write at the latest, and a run that cannot renew
 *     it stops before it ends by itself.
 */
#ifndef CFKV_STATE_REMOTE_H
#define CFKV_STATE_REMOTE_H

#include "lock.h"
#include "remote_document.h"
#include "state.h"

struct remote_options {
    struct remote_object object; /* taken over, also when opening fails */
    const char *folder; /* where this machine keeps what belongs to it; it is there. NULL: nothing
                           can be kept: only for reading */
    bool write;         /* take the machine's lock, and the service's where it has one */
    bool lease_first;   /* take the lease before the state is read, for one who was too late */
    bool or_cached;     /* reading: what was read last will do, where the service is out of reach */
    double lock_timeout;      /* seconds */
    const char *command;      /* "cfkv apply" */
    struct remote_stop *stop; /* that of the object's http; NULL: nobody interrupts */
    void (*tell)(void *ctx, const char *text); /* notes for people; NULL: nobody is told */
    void *tell_ctx;
};

/*
 * A backend for state_open. Taking locks, waiting for leases, and reading happen when it is loaded,
 * and so do finishing what an earlier run kept here (for one who only reads: in memory, and told).
 *
 * Beside what state_open says: ERR_LOCKED somebody else writes; ERR_AWAY, ERR_DENIED; ERR_GUARD for
 * what was kept and does not fit; ERR_FAILED for a state that was moved elsewhere.
 */
bool remote_backend(const struct remote_options *options, struct state_backend *backend,
                    struct error *err);

/* The file in `folder` that holds what was read last: an envelope. */
#define REMOTE_LAST "last.json"

#endif
