/*
 * local_ids.h: under which id the local store keeps a namespace.
 *
 * Data is kept where wrangler dev looks (local_bindings.h) once the configs are written. In this
 * order: an id in a config, unless cfkv wrote it and the account's state records another by now;
 * that one, or the one that is pinned; with ids = "auto" the name of a binding; the id it has; one
 * made from project and title. When that is not the id it has, the next apply moves the data.
 *
 * What wrangler dev has under the word of a binding that is written comes along. An id of
 * somebody's is borrowed: what is under it is copied, never cleared, and outlives the declaration.
 * A namespace that no config binds keeps the id it has.
 */
#ifndef CFKV_PLAN_LOCAL_IDS_H
#define CFKV_PLAN_LOCAL_IDS_H

#include "config_files.h"
#include "planner.h"

struct local_id {
    struct binding_ids file; /* what the account records; the id that goes into configs, data NULL:
                                that of the data */
    struct bytes wanted;     /* of the data; data NULL: whatever id it has */
    bool borrowed;           /* that is somebody's: cfkv did not write it */

    const struct config *config;       /* whose binding decides; NULL: none */
    const struct wanted_binding *both; /* that, when it has an id and a preview_id; else NULL */

    struct bytes from;   /* the id it has now, when it is to move; else data NULL */
    bool leaves_from;    /* nothing of it stays there; not so where that was borrowed */
    struct bytes *words; /* under which wrangler dev has something that comes along */
    size_t n_words, cap_words;
    bool found;      /* dev has something, and no namespace is registered for it */
    bool look_again; /* keys come from several places: what is to be put is known then */
};

/*
 * What a state records for a declared namespace and its preview, under the declared account, else
 * `account`, else the only one that has its address; data NULL where it records nothing. Borrowed
 * from the state.
 */
struct binding_ids recorded_ids(struct state *s, const struct model *m, size_t ns,
                                struct bytes account);

/* The account under which a state records a namespace of that id; empty: none, or no account. */
struct bytes recorded_account(struct state *s, struct bytes id);

/* Before declarations are resolved. Does nothing for other targets. */
void local_ids_choose(struct planner *pl);

/* Behind it: says where the data of each namespace lives, and finds what is to move. From here on
 * p->ids holds the new ids, and the observed namespaces have the ids under which their keys are
 * read. */
bool local_ids_settle(struct planner *pl, struct error *err);

/* What goes into bindings, as far as it is known; `preview_id` is the id of the data. */
struct binding_ids local_ids_binding(const struct planner *pl, size_t ns);

/* `reason` (may be NULL) with what moves, what is taken, and which id of a binding that has two
 * counts. */
const char *local_ids_reason(const struct planner *pl, size_t ns, const char *reason);

/* The id to create a namespace with. In `arena`. */
const char *local_ids_new(const struct planner *pl, struct arena *arena, size_t ns);

/* true when local data of that namespace is about to get another id. */
static inline bool local_id_moves(const struct plan *p, size_t ns)
{
    return p->local_ids && (p->local_ids[ns].from.data || p->local_ids[ns].n_words > 0);
}

static inline bool local_id_is_found(const struct plan *p, size_t ns)
{
    return p->local_ids && p->local_ids[ns].found;
}

#endif
