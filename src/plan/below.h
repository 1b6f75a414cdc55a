/*
 * below.h: what lies below a folder and speaks of an account's namespaces: wrangler configs that
 * people edit, and the states of projects. Nothing of it is written, run or evaluated.
 */
#ifndef CFKV_PLAN_BELOW_H
#define CFKV_PLAN_BELOW_H

#include "base/map.h"
#include "model/diag.h"
#include "state/state.h"
#include "wrangler/wrangler.h"

#define BELOW_LEVELS  8                   /* folders below each other that are looked into, */
#define BELOW_FOLDERS 20000               /* folders at most, */
#define BELOW_FILES   1000                /* and configs and states at most, of each sort, */
#define BELOW_STATE   ((int64_t)64 << 20) /* states of so many bytes */

struct below_config {
    const char *path; /* below the folder: "apps/api/wrangler.toml" */
    struct wrangler_config content;
};

/* A configuration with its state beside it. */
struct below_project {
    const char *path;  /* of the state */
    struct bytes name; /* data NULL: none is recorded */
};

/* What a state records of a namespace. */
struct below_entry {
    const struct below_project *project;
    struct bytes account;
    struct state_namespace ns; /* its keys and sources are left out */
    size_t next;               /* another one of that id; MAP_NONE: there is none */
};

struct below {
    struct arena arena;
    struct below_config *configs; /* by folder */
    size_t n_configs, cap_configs;
    struct below_project **projects;
    size_t n_projects, cap_projects;
    struct below_entry *entries;
    size_t n_entries, cap_entries;
    struct map by_id; /* private */
};

/*
 * Looks. Zeroed `b`, ended by below_release whatever happens. A state at one of `own` (ends with
 * NULL) is the caller's, and left out. What cannot be read is left out with a warning in `notes`:
 * "audit.config", "audit.state", and "audit.folders" where there is more than is looked at.
 */
void below_find(struct below *b, const char *folder, const char *const *own,
                struct diag_list *notes);
void below_release(struct below *b);

/* The first entry of that id in that account (empty: in any), by the paths of the states; MAP_NONE:
 * there is none. */
size_t below_entry_of(const struct below *b, struct bytes account, struct bytes id);

/* The next one of the same id and account; MAP_NONE. */
size_t below_entry_next(const struct below *b, struct bytes account, size_t entry);

#endif
