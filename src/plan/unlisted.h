/*
 * unlisted.h: listings that lack what the state records. A listing lags behind the account, and may
 * contradict itself; so what it lacks is read by its id before anybody calls it deleted.
 *
 *   - A recorded namespace (in scope), a pinned id, an id in a wrangler config and those that the
 *     caller names besides, as far as the listing lacks them, are read by id, at most
 * UNLISTED_READS_MAX in all. What answers is live; what the service does not know is gone
 * (observed_is_gone).
 *   - Where more recorded namespaces than that are missing, none is read: a guard. Those whose mass
 *     deletion is allowed by name are believed to be gone, and do not count.
 *   - Where the listing is short (observed_is_short) a warning says so, and nothing is gone.
 *
 * What is neither live nor gone is left alone by whoever asks, and counted by them.
 */
#ifndef CFKV_PLAN_UNLISTED_H
#define CFKV_PLAN_UNLISTED_H

#include "config_files.h"
#include "observe.h"
#include "plan.h"

#define UNLISTED_READS_MAX 20

struct unlisted_id {
    struct bytes account, id;
};

struct unlisted {
    struct observed *o;
    const struct model *m; /* NULL: what is declared does not count */
    const struct state *state;
    const struct configs *configs;    /* NULL: none counts */
    const struct unlisted_id *others; /* further ids, the last to be read */
    size_t n_others;
    const struct plan_options *options;
    struct diag_list *notes; /* gets "listing.short" (a warning) and "guard.missing" (an error) */
};

/* Settles what the listings made so far lack. */
bool unlisted_settle(const struct unlisted *d, struct error *err);

/* What a run comes to that left namespaces alone. false: ERR_GUARD when too many were missing,
 * ERR_PARTIAL when `unsure` of them are neither live nor gone. */
bool unlisted_verdict(const struct observed *o, size_t unsure, struct error *err);

#endif
