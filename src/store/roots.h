/*
 * roots.h: the folders in which wrangler looks for local data. Private to store/.
 *
 * A root is a folder v3 as wrangler lays it out. Its lock, v3/cfkv.store.lock, keeps two cfkv
 * processes (of different configurations, say) from taking each other's fresh blobs for leftovers.
 * wrangler knows nothing of it; against wrangler SQLite's own locks are enough.
 */
#ifndef CFKV_STORE_ROOTS_H
#define CFKV_STORE_ROOTS_H

#include "base/arena.h"
#include "base/error.h"

struct root {
    char *v3;    /* owned */
    char *kv;    /* v3/kv; owned */
    char *real;  /* v3, its folder without symbolic links: what two roots are compared by; owned */
    size_t base; /* how much of `real` is the folder */
    bool is_persist_to;
    int lock; /* the open lock file; -1 until it was needed */
};

/* `folder` is that of a wrangler config, or, with `is_persist_to`, what wrangler's --persist-to was
 * given. Touches nothing. */
struct root root_make(const char *folder, bool is_persist_to);
void root_release(struct root *r);

/* Waits for the lock, making the folder when it is missing; an interrupt ends the wait. */
bool root_lock(struct root *r, const volatile int *interrupted, struct error *err);
void root_unlock(struct root *r);

/* How a root is remembered: its folder relative to the project's when it is not outside, "." for
 * that folder itself. */
struct root_name {
    const char *folder;
    bool is_persist_to;
};

/* Its name lives in `arena`. */
struct root_name root_name_of(const struct root *r, const struct root *project,
                              struct arena *arena);

/* As root_make, from a name. */
struct root root_make_named(const struct root *project, const struct root_name *name);

#endif
