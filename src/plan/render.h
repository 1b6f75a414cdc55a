/*
 * render.h: words that plans share on screen, in JSON and in saved plans.
 */
#ifndef CFKV_PLAN_RENDER_H
#define CFKV_PLAN_RENDER_H

#include "plan.h"

const char *action_kind_name(enum action_kind kind); /* "namespace" … */
const char *action_verb_name(enum action_verb verb); /* "create" … */

/* One action as an object, members sorted; `content` adds "before" and "after" (values). Without
 * it, what is written can be read as a tree (json_doc). */
void action_write_json(const struct plan *p, const struct action *a, bool content,
                       struct json_writer *w);

void summary_write_json(const struct plan_summary *s, struct json_writer *w);

void cost_write_json(const struct plan_cost *c, struct json_writer *w);

/* User data as it is, but for what a terminal would interpret, which is escaped; at most `max`
 * bytes of it, then "…". */
void add_shown(struct buf *out, struct bytes text, size_t max);

#endif
