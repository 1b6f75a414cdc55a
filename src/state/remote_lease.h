/*
 * remote_lease.h: who may write a remote state: taking the lease, waiting for it, keeping it,
 * freeing it, breaking that of another.
 *
 * Where a service locks (Terraform's http protocol) its lock is the lease. Elsewhere the lease lies
 * in the envelope, and is taken and kept by writing it: whoever replaces the document has it, and
 * one who lost it is refused at his next write, whatever he believes.
 *
 * The id of a lease that is held lies in a file of ours as well, so that the next run on this
 * machine, which holds the machine's own lock, knows the lease of one that was killed for its own.
 */
#ifndef CFKV_STATE_REMOTE_LEASE_H
#define CFKV_STATE_REMOTE_LEASE_H

#include "remote_document.h"

struct remote_lease {
    struct remote_document *d;
    struct lease lease;                        /* ours */
    bool held;                                 /* as far as is known */
    bool locked;                               /* it is the service's lock, and ours */
    int64_t renewed_ms;                        /* monotonic: when it was last known to be ours */
    bool unsure;                               /* a write that took it may have happened */
    bool left;                                 /* `file` has its id */
    bool old;                                  /* the id is one that a killed run left */
    const char *file;                          /* of its id; NULL: none is kept */
    double timeout;                            /* seconds to wait for another's */
    void (*tell)(void *ctx, const char *text); /* NULL: nobody is told */
    void *tell_ctx;
};

/* Makes ours, with the id in `file` where one was left. */
bool remote_lease_make(struct remote_lease *l, const char *command, struct error *err);

/*
 * Waits until nobody else holds it, and for a service with locks takes it; then reads the document.
 * ERR_LOCKED when the time is up, with who holds it, since when, and the ways on; ERR_INTERRUPTED.
 * A lease of another that is over counts as none, and that is told.
 */
bool remote_lease_await(struct remote_lease *l, struct error *err);

/* The same, and takes it where it lies in the document: from here on nobody else begins. */
bool remote_lease_take(struct remote_lease *l, struct error *err);

/* Before a write that carries it: its instants are set, and its id is left in `file`. Behind one
 * that happened: it is ours, or still is. */
void remote_lease_stamp(struct remote_lease *l);
void remote_lease_keep(struct remote_lease *l);

/* Tells a service with locks that we are still here. */
enum remote_outcome remote_lease_renew(struct remote_lease *l, struct error *err);

/* Seconds that it still holds if nobody takes it from us; very many for one without an end. */
int64_t remote_lease_left(const struct remote_lease *l);

/* Frees it: a lock by unlocking, one in the document by writing it once more without. What was not
 * ours any more is freed already. */
bool remote_lease_free(struct remote_lease *l, struct error *err);

/* ERR_LOCKED: "NAME is in use by …", with the ways on. */
bool remote_lease_refuse(const struct remote_document *d, const struct lease *holder,
                         struct error *err);

/*
 * Who holds the lease or the lock, for `cfkv state unlock`; `*held` false: nobody. A lock is asked
 * about by trying to take it, so it is looked at even where the document is damaged; `holder->id`
 * is
 * "" where the service does not tell.
 */
bool remote_lease_look(struct remote_document *d, const char *command, struct lease *holder,
                       bool *held, struct error *err);

/* Frees it; one that is gone meanwhile is freed already. ERR_LOCKED: somebody else has it now. */
bool remote_lease_break(struct remote_document *d, const struct lease *holder, struct error *err);

#endif
