/*
 * bindings.h: what is to become of each binding of a wrangler config.
 *
 * The id of a binding is cfkv's when the state lists file, environment and name with an id; so is
 * its preview_id, each for itself. One that is somebody else's is changed only when it is none (a
 * placeholder), when no namespace has it (any more), when it is one that cfkv made for the local
 * store, or with `take_over`; a preview_id only where a preview is declared. What is wanted no more
 * is taken out only when all of it is cfkv's and still as cfkv wrote it, and with filters when the
 * state tells that its namespace is inside them.
 *
 * For the local target a config is read for the ids under which `wrangler dev` looks, and those
 * stay: local_bindings.h says what gets one, local_ids.h chooses it.
 */
#ifndef CFKV_PLAN_BINDINGS_H
#define CFKV_PLAN_BINDINGS_H

#include "config_files.h"
#include "plan.h"

/* What bindings_decide goes by. */
struct config_view {
    const struct model *m;
    struct state *state;                /* of the target */
    const struct state *other;          /* of the account, when the target is local; else NULL */
    const struct binding_ids *ids;      /* per namespace */
    const bool *left_out;               /* per namespace: outside the filters; NULL: none is */
    const struct plan_options *filters; /* of a binding whose namespace may be outside nothing is
                                           taken out; NULL: there are none */
    bool local;
    bool destroy; /* nothing is wanted */
    bool take_over;
    bool as_is; /* ids that are stale or of another environment are told of bindings that will
                   change, too */
    struct bytes project; /* that local ids were made for */

    /* What the target tells; NULL: nothing, there is none. */
    bool (*gone)(void *ctx, struct bytes account, struct bytes id); /* no namespace has it;
                                       `account` is the one that the config names, empty: none */
    bool (*kept)(void *ctx, struct bytes id); /* a namespace that outlives `destroy` has it */
    /* The title of the namespace that has an id, data NULL: none that is listed has it; false:
     * nobody can tell. */
    bool (*owner)(void *ctx, struct bytes account, struct bytes id, struct bytes *title);
    void *ctx;

    /* Not of the local target. */
    const struct bytes *accounts; /* per namespace: the account that it is in, as far as it is
                                     known; NULL: of none */
    struct bytes deploy_account;  /* CLOUDFLARE_ACCOUNT_ID: where wrangler deploys a config that
                                     names  no account; empty: it is not set */
};

/*
 * Fills the changes of each config (from scratch), and adds what people must know to `notes`:
 * what config_guards.h refuses (errors), ids that are stale or of another environment, bindings
 * that an environment lacks (wrangler does not inherit them).
 */
void bindings_decide(struct configs *c, const struct config_view *view, struct diag_list *notes);

/* The change that touches a binding of the file; NULL: it stays as it is. */
const struct binding_change *binding_change_of(const struct config *config, struct bytes env,
                                               struct bytes name);

#define BINDING_SHOWN_SIZE 512

/* "binding 'X' of environment 'prod' in 'wrangler.toml' (line 3)"; returns `out`. */
const char *binding_shown(const struct config *config, struct bytes env, struct bytes name,
                          size_t line, char out[BINDING_SHOWN_SIZE]);

#endif
