/*
 * show.h: plans, their notes, what apply did, and outputs.
 *
 * Machines get JSON from plan/; this text may improve any day.
 */
#ifndef CFKV_CLI_SHOW_H
#define CFKV_CLI_SHOW_H

#include "output.h"
#include "plan/config_files.h"
#include "plan/plan.h"
#include "session.h"
#include "state/state.h"

/* "Target: WORDS" and a newline: where what follows happens, or is. */
void show_target(const struct session *s, struct buf *out);

/* What was done, and where, as a note: "MESSAGE, in the local store". */
void show_result(const struct session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The members `accounts` and `target` of a document about one namespace. */
void show_accounts_member(const struct session *s, const struct kv_namespace *ns,
                          struct json_writer *w);
void show_target_member(const struct session *s, struct json_writer *w);

/* The plan's notes on stderr: problems and warnings as diagnostics, and what a guard refuses as
 * "PREFIX: …" with what to type. Returns how many guards refuse. */
size_t show_notes(const struct output *o, const struct plan *p, const char *prefix);

/* "create 'shop-cache-dev'", "put 'a/b' in 'shop-cache-dev'". */
void show_action(const struct action *a, struct buf *out);

/* "9 namespaces created, 3 keys put"; "nothing" when all counts are 0. */
void show_done(const struct plan_summary *done, struct buf *out);

/* The outputs, or the one of that name, as the document {"NAME":VALUE, …}. */
void show_outputs_json(const struct state *state, const char *name, struct buf *out);

/* After a config was written: that what was built of it must be built again. */
void show_built(const struct output *o, const struct config *config);

#endif
