/*
 * before_after.h: "before" and "after" of actions, as JSON text in the plan's arena, members
 * sorted.
 *
 * Values marked secret are never shown, nor is a live value that looks like one. A large value is
 * shown by its size and digest.
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

/* What a put declares. */
struct bytes show_desired(struct planner *pl, const struct desired *d);

/* A live key that a put replaces; data NULL when `live` is. */
struct bytes show_live(struct planner *pl, const struct observed_key *live, bool secret);

/* A live key that goes away: without its value, for what was secret once is not marked any more. */
struct bytes show_leaving(struct planner *pl, const struct observed_key *live);

#endif
