/*
 * leftovers.h: ids that stay in wrangler configs when their namespaces go, and who must know it.
 *
 * An apply takes out what cfkv wrote into the configs that are declared. It edits no other file:
 * one that is declared no more, or a binding that was changed by hand, keeps the id, and a Worker
 * with an id that no namespace has does not deploy. Of files that are declared no more the state
 * remembers what was written into them. They are read below the project root and through no link;
 * where that cannot be, a note says what was written there.
 */
#ifndef CFKV_PLAN_LEFTOVERS_H
#define CFKV_PLAN_LEFTOVERS_H

#include "planner.h"

/* Adds warnings to the plan, "wrangler.left_over", once what goes is planned and the configs are
 * decided; "wrangler.undeclared" for a file that is declared no more while its namespaces stay. */
void plan_note_leftovers(struct planner *pl);

/* The same for one namespace of that id that the state is about to forget: of the files that the
 * state remembers. */
void leftovers_of(const struct state *s, const struct file_root *root, struct bytes id,
                  struct bytes title, struct diag_list *notes);

#endif
