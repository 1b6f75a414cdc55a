/*
 * drift.h: live against what the state intends: what somebody else changed since cfkv last applied.
 *
 * The comparison is the plan's own. What is declared as it was applied is compared whole, absolute
 * expirations included; a put whose declaration changed since, or went, by what the state records
 * of it; a bulk source item by item while it is the one that was applied. What the configuration
 * itself would change is no drift.
 *
 *     drift.c        finding it
 *     drift_show.c   its texts
 */
#ifndef CFKV_PLAN_DRIFT_H
#define CFKV_PLAN_DRIFT_H

#include "plan.h"
#include "view.h"

#define DRIFT_KEYS_MAX 20 /* keys of a bulk source that are named */

struct drift_item {
    enum action_kind kind; /* namespace, key or bulk */
    const char *change;    /* "deleted", "renamed", "changed", "expired", "added" */
    struct bytes account_id, address, title, id, env;
    struct bytes key;          /* data NULL: none; of a bulk: the source's name */
    const char *detail;        /* one line for people */
    struct bytes before;       /* JSON text: what was applied, */
    struct bytes after;        /* and what is live; data NULL: null, or not known */
    struct bulk_counts counts; /* bulk: "new" are the keys that are missing */
    struct bytes *keys;        /* bulk: the first of the keys that are missing or changed */
    size_t n_keys;

    /* What `before` and `after` are made of. */
    size_t ns;                       /* into the model: where */
    const struct seed_key *seed;     /* it is declared as it was applied; NULL: it is not */
    const struct observed_key *live; /* NULL: there is none, or it is not shown beside that */
    bool secret;
    struct bytes live_title; /* of a renamed one */
};

struct drift {
    struct plan plan;      /* what it was found with: a comparison, without actions */
    struct model intended; /* the model as far as it was applied; borrows from the other */
    struct drift_item *items;
    size_t n, cap;
    size_t checked;         /* namespaces compared */
    size_t unsure;          /* that could not be: nobody can tell whether they exist */
    struct diag_list notes; /* what people must know of the listings, and of what could not be
                               compared */
    struct error verdict;   /* ERR_NONE: all were compared; else what stood in the way */
};

/*
 * Compares what the state records, and is inside the filters (--env, --only) of `options`, with
 * what is live. `d` is zeroed, and ends with drift_release whatever happens. All else is borrowed
 * until then.
 */
bool drift_find(struct drift *d, const struct model *m, struct target *t,
                const struct file_root *root, const struct plan_options *options,
                struct error *err);

void drift_write_json(const struct drift *d, const struct target *t, struct buf *out);

/* Shows it by the pieces of view.h; `notes` go with those of the options. */
bool drift_show(const struct drift *d, const struct view_options *options, view_fn show, void *ctx,
                struct error *err);
void drift_release(struct drift *d);

#endif
