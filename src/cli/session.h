/*
 * session.h: the steps most commands share, and the one owner of what they open.
 *
 *     session_evaluate     the model, validated; its diagnostics printed
 *     session_open_target  the store, the state and (for writing) the lock
 *     session_plan         what would change
 *
 * Each step needs the ones before it, and session_release ends all of them, in the right order,
 * however far a command came.
 */
#ifndef CFKV_CLI_SESSION_H
#define CFKV_CLI_SESSION_H

#include "base/dotenv.h"
#include "base/file.h"
#include "interrupt.h"
#include "kv/binding.h"
#include "model/model.h"
#include "options.h"
#include "output.h"
#include "plan/plan.h"
#include "progress.h"
#include "state/remote_document.h"
#include "waits.h"

struct session {
    const struct options *options;
    struct output *output;
    struct interrupt *interrupt;
    const char *command;  /* "plan" */
    const char *json_end; /* of the document of a failure (script.h); by default that of
                             session_write_failure */
    struct arena arena;
    int64_t now; /* seconds since the epoch: every decision about expiry uses it */

    const char *file;      /* the configuration, as the user named it */
    const char *root_path; /* the project root */
    bool above;            /* `file` was found above the current folder (locate.h) */
    bool found;            /* it was not named, and it, or a state of its name, is there */
    struct file_root root;
    struct dotenv env;               /* of --env-file */
    struct http_credentials printed; /* by the credentials command, once it was run */
    struct given_var *vars;          /* those of --var, and those that come with --plan */
    size_t n_vars, cap_vars;
    struct model model;
    bool reads_configs; /* to be set before: evaluating looks into the wrangler configs, too */
    bool mute;          /* likewise: what evaluating finds is not printed */
    bool only_looks;    /* likewise: no file is written on the way */
    bool offline;      /* likewise: of a remote state what was read last will do; nothing is sent */
    bool impatient;    /* likewise: who does not answer at once is not waited for */
    bool evaluated;    /* the model is that of `file`, and valid */
    bool learned;      /* it is not, but where it keeps its state is known (state_place.h) */
    bool lease_first;  /* likewise: the lease of a remote state is taken before it is read */
    struct error lost; /* the lock of a remote state was lost while the run went on */
    bool destroy;      /* session_plan was told so */
    const struct sweep *sweep; /* to be set before planning, to destroy only what it takes */
    struct target target;
    struct target own; /* the project's local store, beside another target */
    struct plan plan;
    struct kv_bound bound;   /* what --binding names */
    struct kv kv;            /* of session_open_store: on what and for whom effects happen */
    struct waits waits;      /* of its requests */
    struct progress looking; /* how far observing is */
};

/* Everything is borrowed until session_release. Zero-fills; cannot fail. */
void session_init(struct session *s, const char *command, const struct options *options,
                  struct output *output, struct interrupt *interrupt);
void session_release(struct session *s);

/* Reads the files of --env-file into `env`. */
bool session_read_env(struct session *s, struct error *err);

/* Settles `file` and `root_path`; `named` is the file as an argument, or NULL. Without both it is
 * looked for (locate.h). */
bool session_locate(struct session *s, const char *named, struct error *err);

/*
 * Locates, evaluates and validates the configuration, seeds included, and prints the diagnostics.
 * ERR_INVALID when there are errors among them.
 */
bool session_evaluate(struct session *s, const char *named, struct error *err);

/*
 * The same where there may be no configuration: when none is named and none is found (locate.h),
 * `evaluated` stays false, nothing is declared, and the project root is the current folder.
 */
bool session_evaluate_any(struct session *s, const char *named, struct error *err);

/*
 * Opens the target: the local store with --local, else the account that the credentials in the
 * environment are for; ERR_USAGE when there are none. `write` takes the lock,
 * and makes Ctrl-C graceful from here on.
 */
bool session_open_target(struct session *s, bool write, struct error *err);

/*
 * Opens the target for a command without a configuration: --file, --root and --state say which
 * state is read beside it, if there is one. No lock is taken; `write` makes Ctrl-C graceful. `kv`
 * is filled: with the permissions of the command line, and backups below the project's root, or,
 * where there is no project, in $XDG_STATE_HOME/cfkv/backups.
 *
 * Reads the wrangler config of --binding too. The project is looked for from here, and from the
 * config's folder; --config the other way round. Where there is none, the local store is the one
 * beside the config; in a project, what its local store does not know is looked for there. What is
 * recorded is the project's, too, when --root names a local store that records nothing.
 */
bool session_open_store(struct session *s, bool write, struct error *err);

/* Opens the state of the target alone, for who sends nothing: that of the local store with --local,
 * else the state file; no credentials are needed. `write` as above. */
bool session_open_state(struct session *s, bool write, struct error *err);

/* As session_open_state, not for writing; and fills `kv`, which has no store then unless the target
 * is the local one: for who looks at the backups that were kept. */
bool session_open_kept(struct session *s, struct error *err);

/* As session_open_state; with --local the account's state is read too, for its ids. */
bool session_open_states(struct session *s, bool write, struct error *err);

/* Opens `own` for reading, the local store with the account's state beside its own: for who looks
 * at the account's and must know what is local. */
bool session_open_own(struct session *s, struct error *err);

/* With what the host of an address is asked (state_access.h); `named` by the user himself. Sends
 * nothing. In the session. */
bool session_read_access(struct session *s, const struct state_address *address, bool named,
                         struct state_access **access, struct error *err);

/* The document at an address of a service, which may be another than that of the project's state;
 * `named` by the user himself. Sends nothing. Closed by the caller, before the session is. */
bool session_open_document(struct session *s, const struct state_address *address, bool named,
                           struct remote_document *d, struct error *err);

/* Closes target and plan, so that both can be opened and made anew. */
void session_reopen(struct session *s);

/*
 * The filters and permissions of the command line, or of the saved plan that --plan names, for
 * plan/. A filter that matches nothing declared or recorded is a slip: ERR_USAGE.
 */
bool session_plan_options(struct session *s, struct plan_options *options, struct error *err);

/* The same for who looks at what is live only, too: --only may match that. */
bool session_audit_options(struct session *s, struct plan_options *options, struct error *err);

/* How the account is asked: with the credentials in the environment, and as the command line says.
 */
bool session_cloudflare(struct session *s, struct cloudflare_options *c, struct error *err);

/* The store whose requests are counted; NULL: a local one. */
struct store *session_service(const struct session *s);

/* How a plan is applied, as far as the command line says; progress is the caller's. */
struct apply_options session_apply_options(struct session *s);

/* Makes the plan; `destroy`: of removing everything. Its notes are the caller's to print. */
bool session_plan(struct session *s, bool destroy, struct error *err);

/*
 * Asks on the terminal, "TARGET: QUESTION"; only "yes" is a yes. ERR_GUARD when declined, and when
 * there is no terminal to ask on. With --yes it is true without a question.
 */
bool session_confirm(struct session *s, const char *question, struct error *err);

/* The same where only `word` is a yes: a longer one, for what cannot be undone. */
bool session_confirm_by(struct session *s, const char *question, struct bytes word,
                        struct error *err);

/* The same about something here and not at the target: it is not named. */
bool session_confirm_here(struct session *s, const char *question, struct error *err);

/* Whether these ask anybody. */
bool session_asks(const struct session *s);

/* All that there is to say of what was asked: the configuration's diagnostics, the plan's notes,
 * and `failure` (NULL: none) where they do not tell it. Texts of errors are copied. */
void session_diagnostics(const struct session *s, const struct error *failure,
                         struct diag_list *all);

/*
 * What --json prints when there is nothing else to print:
 * {"diagnostics":[…],"format_version":1}: the configuration's, what a guard refuses, and `failure`.
 */
void session_write_failure(const struct session *s, const struct error *failure, struct buf *out);

#endif
