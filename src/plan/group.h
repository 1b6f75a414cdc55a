/*
 * group.h: which actions of a plan people read together.
 *
 * Actions that show the same in several namespaces are one shared entry; the others stand below
 * their namespace, whose actions are apart in the plan (names before keys), or their file. What an
 * action shows is not kept, only a tag of it.
 */
#ifndef CFKV_PLAN_GROUP_H
#define CFKV_PLAN_GROUP_H

#include "account_map.h"
#include "entry.h"

#define GROUP_MIN            4  /* namespaces that share an entry of a key or source, */
#define GROUP_NAMESPACES_MIN 10 /* and one of themselves */

struct environment {
    struct bytes account; /* as actions have it */
    struct bytes name;    /* data NULL: none */
    struct plan_summary summary;
};

/* A namespace or a file. */
struct section {
    size_t env;         /* into `environments`; SIZE_MAX: a file */
    size_t first, last; /* actions, a chain through `next` */
};

/* A shared entry: `n` actions from tagged[from] on, in plan order. */
struct shared {
    size_t env; /* when by environment */
    size_t from, n;
};

struct groups {
    struct environment *environments; /* in plan order: those declared, then others */
    size_t n_environments, cap_environments;
    struct account_map by_name; /* → environment */
    struct section *sections;   /* in plan order, or by environment */
    size_t n_sections, cap_sections;
    struct shared *shared; /* by their first action, or by environment */
    size_t n_shared, cap_shared;
    struct tagged_action {
        struct hash_tag tag;
        size_t action;
    } * tagged;
    struct hash_tagger tagger;
    size_t *next;    /* of each action; SIZE_MAX: it is the last */
    bool *is_shared; /* of each action */
};

struct group_options {
    bool by_environment; /* nothing is shared across environments, and sections are sorted */
    int64_t now;
    struct entry_options entry;
};

void groups_find(struct groups *g, const struct plan *p, const struct group_options *options);
void groups_release(struct groups *g);

#endif
