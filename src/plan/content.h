/*
 * content.h: "before" and "after" of actions, as JSON text in the plan's arena, members sorted.
 *
 * Values marked secret are never shown, nor is a live value that looks like one. A large value is
 * shown by its size and digest.
 */
#ifndef CFKV_PLAN_CONTENT_H
#define CFKV_PLAN_CONTENT_H

#include "judge.h"

/* The recorded attributes of a namespace. */
bool show_record(struct planner *pl, const struct state_namespace *ns, struct bytes *out,
                 struct error *err);

bool show_title(struct planner *pl, struct bytes title, struct bytes *out, struct error *err);

bool show_id(struct planner *pl, struct bytes id, struct bytes *out, struct error *err);

/* The bindings of a config that change: {"bindings":[{"binding":…, "env":…|null, "id":…|null,
 * "preview_id":…}]}; an id that is not known yet is null. Before a config is made there is nothing.
 */
bool show_bindings(struct planner *pl, const struct config *config, const struct binding_ids *ids,
                   struct action *a, struct error *err);

/* What a put declares. */
bool show_desired(struct planner *pl, const struct desired *d, struct bytes *out,
                  struct error *err);

/* A live key that a put replaces; `live` NULL leaves `out` alone. */
bool show_live(struct planner *pl, const struct observed_key *live, bool secret, struct bytes *out,
               struct error *err);

/* A live key that goes away: without its value, for what was secret once is not marked any more. */
bool show_leaving(struct planner *pl, const struct observed_key *live, struct bytes *out,
                  struct error *err);

#endif
