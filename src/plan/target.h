/*
 * target.h: where a plan is applied: a store, the state that goes with it, and the lock on both.
 *
 * Opening for reading takes no lock and creates nothing. Opening for writing takes the lock first,
 * so that the state read is the state written; that of a state on a service
 * comes with the first write, if nothing has changed since it was read (state/remote.h).
 */
#ifndef CFKV_PLAN_TARGET_H
#define CFKV_PLAN_TARGET_H

#include "kv/kv.h"
#include "model/model.h"
#include "state/access.h"
#include "state/address.h"
#include "state/lock.h"
#include "state/remote_stop.h"
#include "state/state.h"
#include "store/cloudflare.h"

enum target_kind {
    TARGET_LOCAL,
    TARGET_CLOUDFLARE,
    TARGET_STATE /* the state of TARGET_CLOUDFLARE alone, for who sends nothing: no store */
};

struct target_options {
    enum target_kind kind;
    const char *config; /* the configuration file, as the user named it */
    const char *root;   /* the project root, an existing folder */
    const char
        *state_path; /* --state: names the state (local: in the registry); NULL: from config */
    /* The account's state lies on a service; NULL: in a file. With `access` NULL, for who has no
     * credentials, the local target takes what was read of it last. */
    const struct state_address *address;
    struct state_access *access;
    struct http_options state_http; /* how that service is asked: what is told, how long */
    bool cached; /* not write: what was read of that state last will do, without a request */
    /* Reading: the account (empty: the default one) whose namespaces will be listed next, by the
     * common credentials: the listing may be on its way while the state's service is waited for.
     * One who writes must not: what happens between the two would be missed. data NULL: none. */
    struct bytes listed_next;
    bool lease_first; /* write: the lease is taken before the state is read (state/remote.h) */
    void (*tell)(void *ctx, const char *text); /* notes of the state's; NULL: nobody is told */
    void *tell_ctx;
    struct cloudflare_options cloudflare; /* TARGET_CLOUDFLARE */
    struct bytes project;                 /* project.name; may be empty */
    bool write;                           /* take the lock */
    bool with_remote;                     /* TARGET_LOCAL: read the state of the account too */
    double lock_timeout;                  /* seconds to wait for it */
    const char *command;                  /* "cfkv apply", for whoever waits for our lock */
    const volatile int *interrupted;
};

struct local_store;

struct target {
    const char *name; /* "local", "cloudflare" */
    struct arena arena;
    struct store *store;
    struct local_store *local; /* the same store, when the target is local */
    struct state state;
    struct state remote; /* the account's, when the target is local: for its ids; never written */
    struct lock lock;
    struct bytes project;     /* as given, else the root folder's name: seeds the local ids */
    const char *state_file;   /* where the state is kept, a path or an address; NULL: in the local
                                 store */
    struct remote_stop *stop; /* of a state on a service; NULL: it is on none */
    const char *root;
    struct bytes *accounts; /* that this run is about, sorted (target_find_accounts) */
    size_t n_accounts, cap_accounts;
    struct account_words words; /* of those, and of the sections of the local store's state */
};

/* Sends nothing. */
bool target_open(struct target *t, const struct target_options *options, struct error *err);

/* The account of what has none declared; empty on the local target. May ask the service. */
bool target_account(struct target *t, struct bytes *id, struct error *err);

/* The id to ask for when a namespace of that title is created: the local target chooses it, so that
 * every run and every machine chooses the same; elsewhere empty. In `arena`. */
const char *target_new_id(const struct target *t, struct arena *arena, struct bytes title);

/* The folder of backups: as declared, below the root, else the usual one (data NULL). Lives as long
 * as the target. */
bool target_backups(struct target *t, struct bytes declared, const char **dir, struct error *err);

/* On what the effects of kv/ happen here, with what `recorded` (as a rule the target's state) knows
 * of namespaces, and the thresholds and the folder of backups that were declared when the project
 * was last applied; released by the caller with kv_release, before the target is closed. Jobs,
 * permissions, and who is told are the caller's to set. false: that folder leads out of the
 * project. */
bool target_kv(struct target *t, struct state *recorded, int64_t now, struct kv *kv,
               struct error *err);

/*
 * An account whose last declaration went is planned like any other. But where the default account
 * is declared nowhere, whoever has credentials or CLOUDFLARE_ACCOUNT_ID for another one would plan
 * the deletion of all that is in the first: what the state records of accounts that were such a
 * default, and are not now, is set aside. The local target has no such borders.
 */
void target_keep_to(struct target *t, const struct model *m);

/* What is to be recorded of that: accounts that stand or stood for a default which nobody declared
 * and that no declaration names; data NULL: none. In `arena`. */
struct bytes target_assumed(const struct target *t, const struct model *m, struct arena *arena);

/* Finds the accounts that this run is about: in which `m` declares something, or the state records
 * something that is not set aside. None on the local target. */
void target_find_accounts(struct target *t, const struct model *m);

/* This run is about that account: a command without a model was told so. */
void target_add_account(struct target *t, struct bytes id);

/*
 * How people are told where something happens, in the first line of a plan, in questions and in
 * results: "the local store", "account ID (Name)", "accounts ID and ID". The name only where it is
 * known already; before the account itself is, "the account". Without a store: "the state 'FILE'".
 */
void target_words(const struct target *t, struct buf *out);

/* The same for a first line: with the address of a state on a service behind. */
void target_heading(const struct target *t, struct buf *out);

/* How quickly the service took what was sent so far. */
struct pace {
    uint64_t requests; /* at least 1, */
    uint64_t ms;       /* in so many milliseconds */
    uint64_t left;     /* that may be sent before the budget (http/budget.h) slows them down */
};

/* false where there is no service, or nothing was sent yet. */
bool target_pace(const struct target *t, struct pace *pace);

#define TARGET_CLOCK_TOLD 30

/* Adds a warning, "clock.apart", when our clock, which says `now`, and the service's differ by more
 * than TARGET_CLOCK_TOLD seconds. */
void target_note_clock(const struct target *t, int64_t now, struct diag_list *notes);

/* The same for programs: an array of account ids, empty on the local target. */
void target_write_accounts(const struct target *t, struct json_writer *w);

/*
 * How people are told which account something is in, where this run is about several: its name in
 * cfkv.project, else its id, else "local" of what the local store holds without one. data NULL
 * where there is one account only, which the first line names.
 */
struct bytes target_account_word(const struct target *t, struct bytes account);

/* "ACCOUNT:ADDRESS" where this run is about several accounts, else the address. In `arena`. */
struct bytes target_address(const struct target *t, struct arena *arena, struct bytes account,
                            struct bytes address);

void target_close(struct target *t); /* safe on a zeroed target and after a failed open */

#endif
