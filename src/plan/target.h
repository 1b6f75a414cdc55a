/*
 * target.h: where a plan is applied: a store, the state that goes with it, and the lock on both.
 *
 * Opening for reading takes no lock and creates nothing. Opening for writing takes the lock first,
 * so that the state read is the state written.
 */
#ifndef CFKV_PLAN_TARGET_H
#define CFKV_PLAN_TARGET_H

#include "state/lock.h"
#include "state/state.h"
#include "store/store.h"

enum target_kind { TARGET_LOCAL };

struct target_options {
    enum target_kind kind;
    const char *config; /* the configuration file, as the user named it */
    const char *root;   /* the project root, an existing folder */
    const char
        *state_path;      /* --state: names the state (local: in the registry); NULL: from config */
    struct bytes project; /* project.name; may be empty */
    bool write;           /* take the lock */
    double lock_timeout;  /* seconds to wait for it */
    const char *command;  /* "cfkv apply", for whoever waits for our lock */
    const volatile int *interrupted;
};

struct local_store;

struct target {
    const char *name; /* "local" */
    struct arena arena;
    struct store *store;
    struct local_store *local; /* the same store, when the target is local */
    struct state state;
    struct lock lock;
    struct bytes project; /* as given, else the root folder's name: seeds the local ids */
    const char *root;
};

bool target_open(struct target *t, const struct target_options *options, struct error *err);
/* The id to ask for when a namespace of that title is created: the local target chooses it, so that
 * every run and every machine chooses the same; elsewhere empty. In `arena`; NULL: no memory. */
const char *target_new_id(const struct target *t, struct arena *arena, struct bytes title);

void target_close(struct target *t); /* safe on a zeroed target and after a failed open */

#endif
