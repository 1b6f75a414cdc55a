/*
 * plan.h: what would change, and making it so.
 *
 * plan_make compares a validated model with the target: it observes what is live with the fewest
 * requests, resolves each declaration to a namespace, and derives actions in the order in which
 * apply does them. Nothing is changed by planning. plan_apply does the actions of a plan, records
 * each in the state as it completes, and says what it did.
 */
#ifndef CFKV_PLAN_PLAN_H
#define CFKV_PLAN_PLAN_H

#include "base/file.h"
#include "kv/counts.h"
#include "model/model.h"
#include "model/permit.h"
#include "observe.h"
#include "sweep.h"
#include "target.h"

enum action_kind { ACTION_NAMESPACE, ACTION_KEY, ACTION_BULK, ACTION_FILE };

enum action_verb {
    /* namespaces */
    ACTION_CREATE,
    ACTION_ADOPT, /* take an existing one under management; no request */
    ACTION_RENAME,
    ACTION_UPDATE, /* recorded attributes only; no request */
    ACTION_DELETE, /* namespaces and keys */
    ACTION_FORGET, /* leave it be, drop it from the state; no request */
    /* keys, bulk sources, files */
    ACTION_PUT,
    ACTION_WRITE
};

/* What a bulk source changes. */
struct bulk_counts {
    uint64_t added;     /* keys that are absent ("new" in JSON) */
    uint64_t changed;   /* keys whose value, metadata or expiry differs */
    uint64_t overwrite; /* of values that cfkv did not write; not counted in `changed` */
    uint64_t unchanged;
};

/* Verdict on one item of a bulk source. */
enum bulk_mark {
    BULK_SAME,      /* nothing to do */
    BULK_NEW,       /* put; the key is absent */
    BULK_EXPIRY,    /* put; only the expiry differs */
    BULK_CHANGED,   /* put; cfkv wrote the source before, the content differs: as it may be somebody
                       else's change, it is backed up */
    BULK_OVERWRITE, /* put over a value that cfkv did not write */
    BULK_OWN,       /* put; the content differs, and its fingerprint shows that cfkv wrote it */
    BULK_MARK,      /* put; only its fingerprint is missing, or one too many */
    BULK_PAST       /* its expiration is past: never written */
};

/* What is there is saved before it is put. */
static inline bool bulk_is_saved(unsigned mark)
{
    return mark == BULK_CHANGED || mark == BULK_OVERWRITE;
}

/* How many bulk puts a row of pairs makes: batches are cut by count and by bytes (planner.h). */
struct batch_cost {
    uint64_t requests;
    size_t n;     /* pairs in the open batch */
    size_t bytes; /* of keys and values in it */
};

/* What a bulk source does. */
struct action_bulk {
    struct bulk_counts counts;
    uint8_t *marks; /* one bulk_mark an item */
    size_t n_marks;
    struct digest digest;      /* of the source's content */
    struct batch_cost batches; /* the requests that its puts make */
    uint64_t open; /* while applying: items that are sent and not answered; while the source is
                      read, one more */
    bool failed;   /* some of it was not written */
};

struct action {
    enum action_kind kind;
    enum action_verb verb;
    size_t ns; /* index into model.namespaces; SIZE_MAX when it is not declared any more */
    struct bytes account_id; /* empty: the target's default */
    struct bytes address;    /* ACTION_FILE: data NULL */
    struct bytes title;      /* the title after the action; ACTION_FILE: the path */
    struct bytes old_title;  /* ACTION_RENAME */
    struct bytes id;         /* data NULL: not known yet */
    struct bytes key;        /* ACTION_KEY: the key; ACTION_BULK: the source's name */
    const char *reason;      /* never NULL */
    struct srcpos pos;       /* of the declaration; file NULL when there is none */
    struct bytes before;     /* JSON text; data NULL: null. Of a key it is made when it is shown */
    struct bytes after;      /* (before_after.h), of what is there: */
    const struct observed_key *live; /* NULL: nothing, or nobody looked */
    struct bytes lines;              /* ACTION_FILE: what changes in it, a binding a line */

    /* How apply does it. */
    size_t index;             /* of the put or bulk in its namespace, of the config in configs,
                                 of the removal in removals */
    struct action_bulk *bulk; /* ACTION_BULK, else NULL */
    enum on_remove on_remove; /* namespaces: as it is to be recorded */
    enum state_origin origin;
    bool overwrite;     /* a put over a value that cfkv did not write */
    bool secret_before; /* a put: the value that is there is never shown, */
    bool secret_after;  /* nor the one that is declared */
    bool wrote;         /* a put: what is there is cfkv's */
    bool expires;       /* a put that changes the expiry, or a new key that has one */
    bool pruned;        /* ACTION_DELETE of a key that was never declared */
    bool protected;     /* ACTION_DELETE of what is, or lies in, a protected namespace */
    bool intended;      /* the state holds that it is about to be put; */
    bool begun;         /* it was given to the store */
    bool dropped;       /* found void while applying: a namespace had to be looked at again */
    bool moves;         /* ACTION_UPDATE: the local data gets another id */
    bool temporary;     /* a rename through a temporary title (to break a cycle) */
};

/* true for actions on keys of one declared namespace, alone or in a bulk. */
static inline bool action_on_keys(const struct action *a)
{
    return a->kind == ACTION_KEY || a->kind == ACTION_BULK;
}

/* Something to record in the state without any request: a key that is as declared already, a record
 * whose key is gone. */
struct plan_record {
    enum plan_record_kind {
        RECORD_KEY,
        RECORD_NO_KEY,
        RECORD_BULK,
        RECORD_NO_BULK,
        RECORD_WROTE,      /* a put that an earlier run began was done, */
        RECORD_NOT_WRITTEN /* or not, or somebody else's came after it */
    } what;
    size_t ns;
    struct bytes name; /* key or source */
    struct digest digest;
    int64_t number;         /* RECORD_KEY: ttl; RECORD_BULK: count */
    int64_t expiration;     /* RECORD_KEY: the absolute one */
    bool secret;            /* RECORD_KEY */
    enum key_origin origin; /* RECORD_KEY */
};

/* An output that is added, changed or removed. */
struct plan_output {
    const char *name;
    struct bytes account; /* of the namespaces that its value names; empty: the target's default, or
                             they are in several, or it names none */
    struct bytes before;  /* canonical JSON; data NULL: it was not there. A value that looks like a
                             credential is {"secret":true} on either side */
    struct bytes after;   /* likewise; data NULL: it is removed, or unknown */
    bool unknown;         /* until the namespaces are created that it names */
    bool removed;
};

struct plan_summary {
    uint64_t create, adopt, rename, update, delete_namespaces, forget;
    uint64_t put, overwrite, delete_keys, write, outputs, unchanged;
};

/*
 * What an apply sends from its start to its end, given that nothing changes meanwhile and nothing
 * has to be sent again (forecast.c). On the local target nothing is sent: nothing is observed at a
 * cost, and `execute` is what the same changes take in an account.
 */
struct plan_cost {
    struct store_cost total;
    struct store_cost observe; /* its own looking: what making this plan has sent */
    struct store_cost execute; /* its changes, and the backups before them */
    bool at_least;             /* what of it saves values that nobody read may be more: losses.c */
    bool is_timed;             /* the account answered something, so that the rate is known */
    uint64_t seconds;          /* `total` at that rate: see forecast_seconds (planner.h) */
    uint64_t slowest;          /* writes to the instant namespace that gets most: a second each */
};

struct plan_options {
    const char *const *envs; /* --env; n_envs 0: all */
    size_t n_envs;
    const char *const *only; /* --only globs over address and title; n_only 0: all */
    size_t n_only;
    enum refresh { REFRESH_NONE, REFRESH_NAMES, REFRESH_KEYS, REFRESH_VALUES } refresh;
    bool no_adopt;
    bool destroy;              /* plan as if nothing were declared */
    const struct sweep *sweep; /* beside `destroy`: only what it takes; NULL: no such filter */
    struct permits permits;    /* borrowed */
    bool no_backup;
    const struct given_var *vars; /* kept in a saved plan, but for secrets */
    size_t n_vars;
    bool take_over;              /* bindings that are somebody else's may get the declared ids */
    struct bytes deploy_account; /* CLOUDFLARE_ACCOUNT_ID, by which wrangler deploys what names no
                                    account; empty: it is not set */
    int64_t now;                 /* seconds since the epoch; by our clock (see planner_now) */
    observe_progress_fn on_look; /* NULL: nobody is told how far observing is */
    void *look_ctx;
};

/* true when the plan is of a part of what is declared and recorded. */
static inline bool plan_is_filtered(const struct plan_options *options)
{
    return options->n_envs > 0 || options->n_only > 0 || options->sweep;
}

/* plan's own business (observe.h, planner.h). */
struct configs;
struct local_id;
struct observed;
struct observed_key;
struct resolution;

/* A state entry that no declaration stands for any more. */
struct removal {
    struct bytes account; /* as the store wants it */
    struct bytes address; /* of the entry when planned (records may move entries about) */
    struct bytes env;     /* as recorded */
    size_t live;          /* index into observed; OBSERVE_NONE: gone already */
    bool deleted;         /* to be deleted; else forgotten */
};

struct plan {
    struct arena arena;
    const struct model *model; /* both outlive the plan */
    const struct target *target;
    bool fresh; /* there was no state: what exists is adopted, and nothing is deleted */
    struct action *actions;
    size_t n, cap;
    struct plan_record *records;
    size_t n_records, cap_records;
    struct input_file *sources; /* every bulk source that was read: name, size, digest */
    size_t n_sources, cap_sources;
    struct plan_output *outputs; /* sorted by name */
    size_t n_outputs, cap_outputs;
    struct plan_summary summary;
    struct plan_cost cost;
    struct diag_list notes;   /* warnings, and what a guard will refuse (code "guard.…", severity
                                 error): shown by plan, enforced by plan_guard */
    size_t left_out;          /* namespaces outside the filters */
    size_t unsure;            /* recorded ones that are left alone: nobody can tell whether they
                                 exist, or a listing is short and nothing is deleted */
    struct removal *removals; /* in scope only */
    size_t n_removals, cap_removals;
    struct plan_options options;
    struct observed *observed;      /* what it was made from; owned */
    struct resolution *resolutions; /* per model namespace */
    struct bytes *ids;              /* per model namespace: its id, data NULL while unknown */
    size_t n_ids;
    size_t bare_loss, bare_mass; /* private (guard.c): the namespace that a bare permission was
                                    spent on; SIZE_MAX: none */
    struct configs *configs;     /* the wrangler configs; owned */
    struct local_id *local_ids;  /* per model namespace, on the local target; else NULL */
};

/* true when apply would do nothing. */
bool plan_is_empty(const struct plan *p);

/*
 * Makes the plan. `p` is zeroed; the caller ends it with plan_release whatever happens. Problems
 * that only the target shows (a namespace that must exist and does not) are ERR_FAILED with all of
 * them in p->notes.
 */
bool plan_make(struct plan *p, const struct model *m, struct target *t,
               const struct file_root *root, const struct plan_options *options, struct error *err);

void plan_release(struct plan *p);

/* false with ERR_GUARD (message of the first, all of them in p->notes) when a guard refuses. */
bool plan_guard(const struct plan *p, struct error *err);

/* ---- Showing (render.c) ---------------------------------------------------------------------- */

/* Writes out what was collected so far, and clears it; false ends the writing. */
typedef bool (*plan_flush_fn)(void *ctx, struct error *err);

/* The one document of `plan --json`; `diags` are the configuration's warnings. From time to time
 * what `out` holds is flushed, so that memory does not grow with the plan; `flush` NULL: all of it
 * stays. */
bool plan_write_json(const struct plan *p, const struct diag_list *diags, struct buf *out,
                     plan_flush_fn flush, void *ctx, struct error *err);

/* ---- Saved plans (saved.c) ------------------------------------------------------------------- */

/*
 * `plan --out`: the actions (no values), digests of configuration, inputs, state and observed
 * remote, and the --var values of the options that are no secrets, mode 0600. Digests of what may
 * be guessed (inputs, live values) are keyed with the state's salt; a fresh state has none to keep,
 * so then secret inputs and live values stay out of them. A var stays out whose name or value looks
 * like a credential, or that is found in a value marked secret. `plan_check_saved` compares a saved
 * plan with one just made again and fails with ERR_STALE, naming what moved (the files, inputs and
 * options singly, the state, the account), or ERR_FORMAT when the file is no saved plan, or one of
 * another version.
 */
bool plan_save(const struct plan *p, const struct model *m, const struct target *t,
               const char *path, struct error *err);

/* The options a saved plan was made with (filters, refresh, no_adopt, destroy, permits, no_backup,
 * take_over); the rest of `options` stays. Texts live in `arena`. */
bool plan_saved_options(const char *path, struct arena *arena, struct plan_options *options,
                        struct error *err);

/* The vars that it holds, in `arena`: for evaluating again, before anything else. */
bool plan_saved_vars(const char *path, struct arena *arena, const struct given_var **vars,
                     size_t *n, struct error *err);

bool plan_check_saved(const struct plan *p, const struct model *m, const struct target *t,
                      const char *path, struct error *err);

/* ---- Applying (apply.c) ---------------------------------------------------------------------- */

struct apply_failure {
    size_t action;    /* index into plan.actions */
    struct bytes key; /* the one of the action's keys that failed; data NULL: the action as such */
    const char *message;
    const char *hint; /* or NULL */
};

/* Called (may be NULL) as work completes, for progress lines. */
typedef void (*apply_progress_fn)(void *ctx, const struct plan *p, size_t action, bool ok);

struct apply_options {
    apply_progress_fn on_progress;
    kv_progress_fn on_keys;                    /* the same by keys, after each batch; may be NULL */
    void *progress_ctx;                        /* of both */
    unsigned jobs;                             /* requests in flight; 0: the usual */
    bool fleeting;                             /* backups go with the machine: told once */
    void (*tell)(void *ctx, const char *text); /* NULL: nobody is told */
    void *tell_ctx;
};

/* A wrangler config, and how many ids it holds that a deploy would read and only the local store
 * has. */
struct local_ids {
    const char *file;
    size_t n;
};

struct apply_result {
    struct arena arena;
    struct plan_summary applied; /* what was done, counted as in the plan */
    struct apply_failure *failed;
    size_t n_failed, cap_failed;
    struct bytes *backups; /* paths of the backups that were written */
    size_t n_backups, cap_backups;
    struct local_ids *local_ids; /* of the local target: the configs that hold some now */
    size_t n_local_ids;
};

/*
 * Does the plan. The target must be open for writing. true: all of it is done and recorded. false:
 * ERR_PARTIAL when some actions were done and some failed (each is in result->failed), or when
 * namespaces were left alone because nobody can tell whether they exist (unlisted.h), ERR_FAILED
 * when the first thing failed already, ERR_INTERRUPTED, ERR_IO (the state could not be
 * written). What was done is recorded in any case as far as the disk allows.
 */
bool plan_apply(struct plan *p, const struct model *m, struct target *t,
                const struct file_root *root, const struct apply_options *options,
                struct apply_result *result, struct error *err);

/* {"accounts":[…],"applied":{…},"backups":[…],"failed":[…],"format_version":1,"left_alone":0,
 * "local_ids":[{"file":…,"ids":3}],"outputs":{…},"target":…} */
void apply_write_json(const struct apply_result *r, const struct plan *p, const struct state *s,
                      struct buf *out);

void apply_result_release(struct apply_result *r);

#endif
