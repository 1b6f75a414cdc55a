/*
 * sweep.h: which environments that come and go (project.ephemeral) are to go now.
 *
 * Judged is what the state records: each environment of it that ephemeral.match matches. One that
 * this evaluation declares stays, and one that is kept by name; of the others all go where names
 * were given (or the word that there are none), but for what may be younger than the list of them,
 * else those that are older than ephemeral.days. An
 * environment is as old as the youngest namespace of it; of what was adopted, or recorded before
 * the environment was ephemeral, nobody knows the age, and it stays unless names were given.
 *
 * Pure: nothing is read or sent here. The plan (plan.h) does with an environment that goes what
 * `destroy --env` does, with all guards.
 */
#ifndef CFKV_PLAN_SWEEP_H
#define CFKV_PLAN_SWEEP_H

#include "base/json.h"
#include "model/model.h"
#include "model/slug.h"
#include "state/state.h"

/* What keeps an environment: one name, and where it was said. */
struct sweep_name {
    struct bytes text;
    char digits[SLUG_DIGITS + 1]; /* of its slug */
    const char *source;           /* "--keep-env", "open.txt:3" */
};

struct sweep_names {
    struct sweep_name *items;
    size_t n, cap;
    bool given; /* names decide, whatever the age, though there may be none (--keep-none) */
    bool late;  /* the state was opened long after they were listed, or has changed since: who made
                   an environment meanwhile is not on the list */
};

enum sweep_verdict {
    SWEEP_GOES,
    SWEEP_DECLARED, /* it is declared now, or a declaration takes over a namespace of it */
    SWEEP_NAMED,    /* it is kept by name */
    SWEEP_YOUNG,    /* its days are not over */
    SWEEP_UNDATED,  /* nobody knows how old it is */
    SWEEP_RECENT    /* it may have been made after the names were listed */
};

struct sweep_environment {
    struct bytes name;
    enum sweep_verdict verdict;
    const struct sweep_name *by; /* SWEEP_NAMED */
    struct bytes created;        /* day of the youngest namespace; data NULL: not known */
    int64_t days;                /* since then, by `now`; -1: not known */
    uint64_t namespaces;         /* that are recorded of it */
    bool claimed;                /* private */
};

struct sweep {
    struct sweep_environment *items; /* by name */
    size_t n, cap;
};

/* Fills a zeroed `sweep`, in `arena`; texts are borrowed from state and names. `now`: seconds since
 * the epoch. */
void sweep_judge(struct sweep *sweep, struct arena *arena, const struct model *m,
                 const struct state *state, const struct sweep_names *names, int64_t now);

/*
 * true when a name keeps an environment: it is that environment's name, or the environment is
 * called by its slug (model/slug.h); where ephemeral.match has one `*` and no `?`, what that stands
 * for may be either, too. So "12", "pr-12" and the name of a branch all keep what was made of them;
 * what is kept in vain costs little.
 */
bool sweep_keeps(const struct sweep_name *name, struct bytes environment, struct bytes match);

/* true when an environment goes. */
bool sweep_takes(const struct sweep *sweep, struct bytes environment);

size_t sweep_count(const struct sweep *sweep); /* of those that go */

/* An array: of each environment name, verdict, who keeps it, created, days and namespaces. */
void sweep_write_json(const struct sweep *sweep, struct json_writer *w);

#endif
