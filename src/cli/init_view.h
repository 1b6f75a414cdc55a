/*
 * init_view.h: what `cfkv init` finds in a folder: the wrangler configs that it is to declare, or
 * what a folder without one is to get.
 */
#ifndef CFKV_CLI_INIT_VIEW_H
#define CFKV_CLI_INIT_VIEW_H

#include "base/arena.h"
#include "base/json.h"
#include "kv/wrangler_find.h"

struct init_config {
    const char *path; /* relative to the folder */
    struct wrangler_config content;
    const char *free_binding; /* a name for a first binding, which the config does not mention */
};

/* One of several that cannot be read, and why. */
struct init_skipped {
    const char *path, *why;
};

struct init_view {
    struct arena arena;
    const char *folder;  /* as it was named; it need not be there */
    const char *name;    /* its own, without the folders above */
    bool declared;       /* kv.lua is there */
    const char *program; /* a config that cfkv does not edit, beside it; NULL: none */
    const char *starter; /* what a config that is to be made is called; NULL: none is */
    bool needs_worker;   /* beside it, where templates have none */
    const char *stdlib;  /* where the description of the module is installed */
    struct init_config *configs;
    size_t n, cap;
    struct init_skipped *skipped;
    size_t n_skipped, cap_skipped;
};

/*
 * Looks. `named`: the folder was named, so that a project or a config above it is none of its
 * business. Without, ERR_EXISTS names the one that it belongs to. ERR_FORMAT when a config cannot
 * be read, or is not for people to edit. Ended by init_view_release whatever happens.
 */
bool init_view_find(struct init_view *view, const char *folder, bool named, struct error *err);

/* The members of an object that the host state gets; those that are no finding are the caller's. */
bool init_view_write(const struct init_view *view, struct json_writer *w, struct error *err);

void init_view_release(struct init_view *view);

#endif
