/*
 * settled.h: what a namespace is given when it is created, for life (FIELD_SETTLED).
 *
 * What the service tells of it counts, else what the state has recorded, else, for a namespace that
 * cfkv created, what is declared. The local target has nothing of the kind.
 */
#ifndef CFKV_PLAN_SETTLED_H
#define CFKV_PLAN_SETTLED_H

#include "planner.h"

struct settled_problem {
    enum diag_severity severity;
    const char *code, *message, *hint; /* in the plan's arena */
};

/*
 * What is declared for a namespace against what is known of the one that it stands for. DIAG_ERROR:
 * it is another, and cannot be changed, or it is instant, and keys are declared without a word of
 * that. DIAG_WARNING: nothing tells what it is. Of several fields
 * the first that is wrong. false: nothing is wrong.
 */
bool settled_judge(struct planner *pl, size_t ns, struct settled_problem *problem);

/* The same for a live namespace that is about to be adopted instead of created. */
bool settled_differs(struct planner *pl, size_t ns, const struct observed_namespace *live,
                     struct settled_problem *problem);

/* true when it is of mode "instant", or will be: its keys are written one by one. */
bool settled_is_instant(const struct planner *pl, size_t ns);

/* Tells the store so, where there is one, once the namespace is there. */
void settled_note(struct planner *pl, size_t ns);

/* Completes a record by what is declared: for who declared just what he knows. */
void settled_believe(const struct planner *pl, size_t ns, struct state_namespace *record);

/* Puts into a record of the declaration what is known. */
void settled_record(const struct planner *pl, size_t ns, struct state_namespace *record);

#endif
