/*
 * adopt.h: what an apply records when it adopts, without a listing: for who knows by other means
 * which namespace a declaration is.
 *
 * Nothing is sent, and nothing that is recorded already is changed. A declaration that no known
 * namespace is, and one whose title differs from what is known, are left to the next apply.
 */
#ifndef CFKV_PLAN_ADOPT_H
#define CFKV_PLAN_ADOPT_H

#include "plan.h"

/* A namespace that exists. */
struct adopt_known {
    struct bytes account; /* never empty */
    struct bytes id, title;
    struct bytes jurisdiction, mode; /* data NULL each: none, or not told */
};

/* What was recorded that was not before. */
struct adopt_counts {
    size_t namespaces, keys;
};

/*
 * Records each declared namespace that is one of `known` as adopted, its puts as found, and what
 * the project says of itself; the target is open for writing, and its state is saved. `p` is zeroed
 * and ended by the caller with plan_release whatever happens. Fails as state_set_* and state_save.
 */
bool plan_adopt(struct plan *p, const struct model *m, struct target *t, int64_t now,
                const struct adopt_known *known, size_t n, struct adopt_counts *counts,
                struct error *err);

#endif
