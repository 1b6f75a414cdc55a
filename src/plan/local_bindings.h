/*
 * local_bindings.h: where `wrangler dev` looks for the data of a binding, and what a local run
 * writes into one.
 *
 * dev looks under the preview_id, else under the id, else under the name of the binding, whatever
 * text that is. A real id that cfkv did not write is somebody's, and stays: seeds go where it
 * leads. What is no id (a placeholder) is filled.
 */
#ifndef CFKV_PLAN_LOCAL_BINDINGS_H
#define CFKV_PLAN_LOCAL_BINDINGS_H

#include "config_files.h"

/* Where dev looks; data NULL: nowhere, since it is empty. `b` may be NULL. */
struct bytes binding_word(const struct wrangler_binding *b);

/* The same when that is a real id; else data NULL. */
struct bytes binding_real_word(const struct wrangler_binding *b);

/* Who may have written what. */
struct local_scribe {
    const struct state *local;
    const struct state *account; /* NULL: not known */
    struct bytes project;        /* that local ids were made for */
};

/* true when the binding's id (or its preview_id) is one that cfkv wrote: recorded as that, or made
 * for the local store. */
bool local_wrote(const struct local_scribe *s, const struct config *config, const struct model *m,
                 const struct wanted_binding *w, bool preview);

/* What is written into a binding that is there. Nothing in it: it stays. */
struct local_write {
    bool id;           /* it gets the namespace's */
    bool preview;      /* the preview_id gets that of the data */
    bool drop_preview; /* one of cfkv's goes */
};

struct local_write local_write_of(const struct local_scribe *s, const struct config *config,
                                  const struct model *m, const struct wanted_binding *w,
                                  const struct binding_ids *ids);

/* Where dev looks once that is written. */
struct bytes local_word_after(const struct wrangler_binding *b, const struct local_write *write,
                              const struct binding_ids *ids);

#endif
