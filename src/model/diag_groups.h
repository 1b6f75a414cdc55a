/*
 * diag_groups.h: diagnostics that have one cause, told as one.
 *
 * Two have one cause when severity and code are the same, and the message too but for what stands
 * in quotes and for numbers: then they say the same of several things. More than DIAG_ALONE_MAX of
 * them are one group; the others stand alone. JSON holds them all, one by one (diag_write_json).
 */
#ifndef CFKV_MODEL_DIAG_GROUPS_H
#define CFKV_MODEL_DIAG_GROUPS_H

#include "diag.h"

#define DIAG_ALONE_MAX 3 /* of one cause that are told one by one */
#define DIAG_ALSO_MAX  5 /* of a group that are named behind the first */

struct diag_group {
    const struct diag *first;
    size_t n;                        /* how many diagnostics it stands for */
    const char *also[DIAG_ALSO_MAX]; /* what the next ones are about, as their messages name it */
    size_t n_also;
    const char *hint; /* of all of them, or NULL: where their hints differ by a word, it lists the
                         words of those that are named */
};

struct diag_groups {
    struct arena arena;
    struct diag_group *items; /* in the order of their first ones */
    size_t n;
};

/* `all`: each stands alone. The list must outlive the groups, which end with diag_groups_release.
 */
void diag_groups_make(struct diag_groups *g, const struct diag_list *list, bool all);
void diag_groups_release(struct diag_groups *g);

/* The lines behind the first's message: "  also 'b', 'c' and 26 more (--verbose shows all)", unless
 * it stands alone, and "  hint: HINT". */
void diag_group_write_rest(const struct diag_group *group, struct buf *out);

/* true when two messages are the same but for what stands in quotes, numbers and ids. */
bool diag_same_cause(const char *a, const char *b);

/* What stands in quotes at `at` of a message, with them; data NULL: nothing does. An apostrophe
 * stands in a word. */
struct bytes diag_quoted_at(const char *message, size_t at);

#endif
