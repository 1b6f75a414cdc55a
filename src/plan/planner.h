/*
 * planner.h: plan's inside: what the steps of making a plan hand to each other.
 *
 *     unlisted.c    what the listings lack
 *     resolve.c     declarations, state and live namespaces → which is which
 *     namespaces.c  → creates, adoptions, updates, forgets, deletes, in order
 *     renames.c     → renames, in an order that keeps titles unique at every step
 *     keys.c        → puts and deletes of keys of one namespace
 *     bulks.c       → its bulk sources
 *     outputs.c     which outputs change
 *     losses.c      what is about to be lost, and saved first
 *     guard.c       what must not happen without a word from the user
 *     likely_renames.c  what goes and comes again under another name
 *     obstacles.c   what it could not do, known before anything is sent
 *     forecast.c    what it will cost
 *
 * config_update.h brings wrangler configs up to date, leftovers.h tells which ids stay in them,
 * local_ids.h knows where local data lives, before_after.h shows what actions change, compare.h
 * says what a live key tells about a declared one, source.h reads bulk sources.
 */
#ifndef CFKV_PLAN_PLANNER_H
#define CFKV_PLAN_PLANNER_H

#include "observe.h"
#include "plan.h"

enum resolution_kind {
    RESOLVE_CREATE,
    RESOLVE_LIVE,
    RESOLVE_FAILED, /* a note says why */
    RESOLVE_UNSURE  /* nobody can tell: it is left alone, and never in_scope (unlisted.h) */
};

/* What a declaration turned out to be. */
struct resolution {
    enum resolution_kind kind;
    bool in_scope;
    size_t live;                /* index into observed; OBSERVE_NONE */
    struct bytes entry_address; /* its state entry, maybe under an old address; data NULL: none */
    enum state_origin origin;
    bool adopted;        /* by this plan: no entry held it */
    bool protect;        /* in force: as declared, else as the state remembers */
    int64_t ttl_before;  /* ttl_seconds as last applied to all its keys */
    const char *reason;  /* of a create or adopt; NULL: the usual one */
    uint64_t unchanged;  /* keys that are as declared */
    struct digest *bulk; /* of each bulk source, from the first time it was read; NULL: not yet */
};

struct planner {
    struct plan *p;
    const struct model *m;
    struct target *t;
    const struct file_root *root;
    struct observed *o; /* p->observed */
};

static inline struct bytes planner_account(const struct planner *pl, size_t ns)
{
    return namespace_account(pl->m, &pl->m->namespaces[ns]);
}

/* The address of a declaration as it is told, behind its account where there are several. */
static inline struct bytes planner_address(const struct planner *pl, size_t ns)
{
    return target_address(pl->t, &pl->p->arena, planner_account(pl, ns),
                          pl->m->namespaces[ns].address);
}

/* Now, by the clock that expirations are reckoned by: all decisions about expiry use it. Known once
 * the service has answered; where there is none, ours counts. */
static inline int64_t planner_now(const struct planner *pl)
{
    return pl->p->options.now + (pl->t->store ? pl->t->store->ahead : 0);
}

/* The entry that a resolution stands on, NULL when there is none. */
struct state_namespace *planner_entry(const struct planner *pl, size_t ns);

/* What an earlier run was about to put into the namespace of a declaration and may have put; NULL:
 * nothing. One key of it. */
const struct state_writing *planner_writing(const struct planner *pl, size_t ns);
const struct state_key *planner_pending(const struct planner *pl, size_t ns, struct bytes key);

/* The live namespace of a declaration, NULL when there is none. */
struct observed_namespace *planner_live(const struct planner *pl, size_t ns);

/* The title that a declaration has or is to get: that of its live namespace where it keeps it. */
struct bytes planner_title(const struct planner *pl, size_t ns);

/* true when a namespace of that env, account, address and title is inside --env and --only. */
bool planner_in_scope(const struct plan_options *options, struct bytes env, struct bytes account,
                      struct bytes address, struct bytes title);

/* The same of one that is declared. */
bool planner_takes(const struct plan_options *options, const struct model *m,
                   const struct namespace_decl *ns);

/* The same, where one that keeps its title is known by the recorded one, too. */
bool planner_takes_recorded(const struct plan_options *options, const struct model *m,
                            struct state *state, const struct namespace_decl *ns);

/* Append a zeroed action (ns SIZE_MAX), one about a declared namespace, one about a key or bulk
 * source in it. It is good until the next. */
struct action *planner_action(struct planner *pl, enum action_kind kind, enum action_verb verb,
                              const char *reason);
struct action *planner_declared(struct planner *pl, size_t ns, enum action_verb verb,
                                const char *reason);
struct action *planner_key(struct planner *pl, size_t ns, enum action_kind kind,
                           enum action_verb verb, struct bytes key, const char *reason);

void planner_record_add(struct planner *pl, struct plan_record record);

/* apply_creations.c: records in the state what a record says. */
bool planner_set_key(const struct planner *pl, const struct plan_record *rec, struct error *err);

/* apply_outputs.c: records the project's name, and what commands need of it that never evaluate the
 * configuration. */
bool planner_set_project(const struct planner *pl, struct error *err);

/* make.c: begins a zeroed plan; nothing is read yet. */
void plan_start(struct plan *p, const struct model *m, struct target *t,
                const struct plan_options *options);

/* resolve.c */

/* Observes the namespaces; `all`: of accounts too in which the filters take nothing that is
 * declared or recorded. */
bool resolve_accounts(struct planner *pl, bool all, struct error *err);
bool resolve_unlisted(struct planner *pl,
                      struct error *err); /* what the listings lack: unlisted.h */
void resolve_declarations(struct planner *pl);

/* namespaces.c; `plan_removals` comes after the keys, since deletes are last. */
void plan_namespaces(struct planner *pl);
void plan_removals(struct planner *pl);

/* namespaces.c: a mark of the prefixes that a namespace is declared to have pruned; data NULL: it
 * has none. */
struct bytes planner_prunes(const struct planner *pl, size_t ns);

/* namespaces.c: the entry to be recorded for a declaration of that id, once everything of it is
 * applied. Borrows from the model. */
struct state_namespace planner_record(const struct planner *pl, size_t ns, struct bytes id);

/* renames.c; the removals are known by then. */
void plan_renames(struct planner *pl);

/* keys.c: observes keys and values of all namespaces in scope and adds their actions;
 * `plan_keys_of` does so for one namespace, whatever --refresh says. */
bool plan_keys(struct planner *pl, struct error *err);
bool plan_keys_of(struct planner *pl, size_t ns, struct error *err);

/* keys.c: what the state records of a put of that value. */
struct digest put_hmac(const struct planner *pl, size_t ns, const struct put_decl *put,
                       struct bytes value);

/* keys.c: the prune prefix that takes a live key away, once `declared` says of each key whether it
 * is; NULL: none does. */
const struct prune_decl *key_prune(const struct namespace_decl *decl,
                                   const struct observed_key *live);

/* bulks.c: reads a source once, marking the live keys that it names, and those whose values are to
 * be `read`; the actions of all sources of a namespace. */
bool bulk_mark(struct planner *pl, size_t ns, size_t index, bool read, struct error *err);
bool plan_bulks(struct planner *pl, size_t ns, struct error *err);

/* bulks.c: true when a source that was marked is the one that the state records under that name. */
bool bulk_is_as_recorded(const struct planner *pl, size_t ns, size_t index, struct bytes name);

/* bulks.c: reads a source that was marked, and judges each of its items. ERR_FAILED when it is
 * another one by now. */
struct desired;
typedef void (*bulk_judged_fn)(void *ctx, const struct desired *d, enum bulk_mark mark);
bool bulk_judge_each(struct planner *pl, size_t ns, size_t index, struct bytes name,
                     bulk_judged_fn judged, void *ctx, struct error *err);
void bulk_count(struct bulk_counts *c, enum bulk_mark mark); /* counts one item in */

/* outputs.c: adds what changes of the outputs; the removals are known by then. */
void plan_outputs(struct planner *pl);

/* outputs.c: the plan has to do with an output: it names no namespace, or one inside the filters.
 * The others are somebody else's, and stay. */
bool output_is_planned(const struct planner *pl, const struct output_decl *out);

/* Appends its value; false, and nothing is appended, while an id in it is not known. */
bool output_value(const struct planner *pl, const struct output_decl *out, struct buf *json);

/* The namespaces that it names, in their order; mem_free them. */
struct state_ref *output_refs(const struct planner *pl, const struct output_decl *out, size_t *n);

/* true when the plan deletes or forgets a namespace that a recorded output names. */
bool output_ref_is_removed(const struct plan *p, const struct state_ref *ref);

/* guard.c: adds the "guard.…" notes; what guards ask about a namespace that is being deleted. */
void plan_find_guards(struct planner *pl);
struct guards plan_guards(const struct planner *pl); /* as the project declares */
struct guarded plan_guarded_removal(const struct planner *pl, const struct action *a);
/* The guards on the keys of one namespace alone (for one adopted while applying). */
void plan_find_key_guards(struct planner *pl, size_t ns);

/* likely_renames.c: a warning where what is created may be what goes, under another name, and where
 * its title looks like that of a namespace that nobody declared. */
void plan_note_likely_renames(struct planner *pl);

/*
 * obstacles.c: false with ERR_FAILED, and a note an obstacle, when the plan cannot be carried out.
 * plan_check_accounts comes once the namespaces are planned: an account would have more of them
 * than it may, at any moment. plan_check_obstacles comes when all is planned: a value, an output or
 * a binding needs the id of what the filters leave out and what does not exist; a config that
 * changes cannot be written.
 */
bool plan_check_accounts(struct planner *pl, struct error *err);
bool plan_check_obstacles(struct planner *pl, struct error *err);

/* losses.c: marks what applying saves first as doomed, and reads the values of it that are not
 * known, when they are few. After the guards: what is refused is not saved. */
bool losses_look(struct planner *pl, struct error *err);

/* true when deleting that namespace saves its keys. */
bool losses_saves_removal(const struct planner *pl, const struct action *a);

struct losses {
    uint64_t seen;   /* doomed keys that are listed, */
    uint64_t unread; /* whose values were not read, */
    uint64_t odd;    /* or are no text */
};

struct losses losses_count(const struct observed_namespace *live); /* NULL: none */

/* forecast.c: fills cost and summary: `observe` is what the store has sent by now, `execute` what
 * the actions will take. */
void plan_forecast(struct planner *pl);

/*
 * Seconds, rounded up, that `n` requests take: as many as the budget has left go as quickly as
 * those before them did (all that were sent, over all the time that any was in flight), the others
 * at the budget's pace of 4 a second, or that of before when it is slower.
 */
uint64_t forecast_seconds(const struct pace *pace, uint64_t n);
void plan_summarise(struct plan_summary *s, const struct action *a); /* counts one action in */
void batch_cost_add(struct batch_cost *c, size_t key_len, size_t value_len);
/* The length of a value as far as it is known; an id not known yet counts as 32 digits. */
size_t value_length(const struct planner *pl, const struct deferred *d);

/* keys.c: a live key is declared so: its value is likely to be what is declared. */
void planner_declare(struct observed_key *key, const struct deferred *value);

#endif
