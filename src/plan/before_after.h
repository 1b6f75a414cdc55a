/*
 * before_after.h: "before" and "after" of actions as JSON, members sorted.
 *
 * Those of namespaces and files are made with the plan, as text in its arena. Those of keys are
 * made when they are written, from what was observed and from what is declared: a plan of many keys
 * holds their values once.
 *
 * Values that are secret, or look so, are never shown. A large value is shown by its size and
 * digest.
 */
#ifndef CFKV_PLAN_BEFORE_AFTER_H
#define CFKV_PLAN_BEFORE_AFTER_H

#include "config_files.h"
#include "compare.h"

/* The recorded attributes of a namespace. */
struct bytes show_record(struct planner *pl, const struct state_namespace *ns);

/* One of them alone, or the id. */
struct bytes show_member(struct planner *pl, const char *name, struct bytes text);

/* The bindings of a config that change: {"bindings":[{"binding":…, "env":…|null, "id":…|null,
 * "preview_id":…}]}; an id that is not known yet is null. Before a config is made there is nothing.
 */
void show_bindings(struct planner *pl, const struct config *config, const struct binding_ids *ids,
                   struct action *a);

#define CONTENT_MAX 4096 /* bytes of a value that stands in JSON */

/* Of any action; null where there is nothing. */
void before_write(const struct plan *p, const struct action *a, struct json_writer *w);
void after_write(const struct plan *p, const struct action *a, struct json_writer *w);

/* What a put of a key declares; `d` as for desired_read. */
void action_desired(const struct plan *p, const struct action *a, struct desired *d);

/* true when the value of a live key that was read is the declared one. */
bool live_value_is(const struct observed_key *live, const struct desired *d);

/* The value of a live key that was read, where it is kept or is as declared; else data NULL. */
struct bytes live_value(const struct observed_key *live, const struct desired *d);

/* ---- Keys, for who keeps them as text -------------------------------------------------------- */

/* What a put declares. */
struct bytes show_desired(struct planner *pl, const struct desired *d);

/* A live key that a put of that declares; data NULL when `live` is. */
struct bytes show_live(struct planner *pl, const struct observed_key *live, const struct desired *d,
                       bool secret);

/* A live key without its value, for what was secret once is not marked any more. */
struct bytes show_leaving(struct planner *pl, const struct observed_key *live);

#endif
