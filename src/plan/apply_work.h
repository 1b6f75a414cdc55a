/*
 * apply_work.h: the key actions of a plan on their way to the store. Private to apply_*.c.
 *
 *     apply_save.c    what will be lost is saved first
 *     apply_keys.c    puts and deletes as batches; the row of all of them
 *     apply_bulks.c   bulk sources as batches
 */
#ifndef CFKV_PLAN_APPLY_WORK_H
#define CFKV_PLAN_APPLY_WORK_H

#include "applier.h"
#include "seed/seed.h"

/* The key actions of the plan, grouped by namespace, in order. */
struct work {
    struct applier *ap;
    size_t *order; /* indexes into plan.actions */
    size_t n;
};

static inline struct action *work_action(const struct work *w, size_t at)
{
    return &w->ap->p->actions[w->order[at]];
}

/* What becomes of one bulk action, whose items go out in several batches. */
struct bulk_run {
    size_t action;
    size_t open;  /* batches not answered yet */
    bool all_out; /* no batch will follow */
    bool failed;  /* some of it was not written */
    struct bulk_run *next;
};

/* Where the row of writes stands. */
struct feed {
    struct work *w;
    bool deleting;              /* the second round: deletes only */
    size_t at;                  /* the next action in order */
    struct seed_reader *reader; /* of the bulk action being read */
    struct bulk_run *run;       /* the same */
    struct bulk_run *runs;      /* all, for freeing */
    size_t item;                /* index of the reader's next item */
    bool held;                  /* an item was read that did not fit into the last batch */
    struct arena held_arena;
    struct store_pair held_pair;
};

/* One bulk put or bulk delete. */
struct batch {
    struct feed *feed;
    struct arena arena; /* values and keys that are not the model's */
    size_t ns;
    struct bulk_run *run; /* of a bulk; else NULL */
    struct store_pair *pairs;
    struct bytes *keys; /* deletes */
    size_t *actions;    /* per pair or key; not for bulks */
    size_t n, cap_pairs, cap_keys, cap_actions;
    size_t bytes; /* of keys and values */
};

/* apply_save.c: checks that bulk sources are what was planned, and saves what will be lost,
 * namespace by namespace; actions for which that fails are dropped and noted. */
bool work_save(struct work *w, struct error *err);

/* apply_keys.c */
struct batch *batch_new(struct feed *feed, size_t ns, struct bulk_run *run); /* NULL: no memory */
void batch_free(struct batch *b);
bool batch_add(struct batch *b, const struct store_pair *pair, size_t action, struct error *err);
bool batch_push(struct batch *b, struct queue *q, struct error *err); /* frees `b` in any case */
/* What is put for a declared key, its value in the batch's arena unless the model has it. */
bool batch_pair(struct batch *b, const struct seed_key *seed, struct store_pair *pair,
                struct error *outcome);

/* apply_bulks.c: opens the source of the action at feed->at; pushes its next batch, if any is left;
 * takes what came of one. */
bool feed_bulk_open(struct feed *feed, struct error *err);
bool feed_bulk(struct feed *feed, struct queue *q, bool *pushed, struct error *err);
bool bulk_answered(struct batch *b, const struct store_result *result, struct error *err);
void feed_release(struct feed *feed);

#endif
