/*
 * group.h: what people read together, of a plan's actions or of what drifted.
 *
 * Items that show the same in several namespaces are one shared entry; the others stand below their
 * namespace, whose items are apart in the plan (names before keys), or their file. What an item
 * shows is not kept, only a tag of it.
 */
#ifndef CFKV_PLAN_GROUP_H
#define CFKV_PLAN_GROUP_H

#include "account_map.h"
#include "entry.h"

#define GROUP_MIN            4  /* namespaces that share an entry of a key or source, */
#define GROUP_NAMESPACES_MIN 10 /* and one of themselves */

/* An item at a glance, and where it stands. */
struct shown_item {
    enum action_kind kind;
    uint8_t what; /* where it differs, nothing is shared */
    bool alone;   /* nothing ever is */
    bool loss;    /* something is deleted or overwritten */
    struct bytes account, env;
    struct bytes address, title; /* of its namespace; a file's title is its path */
    struct bytes key;            /* of a bulk: its source */
};

/* All that is shown. */
struct shown {
    size_t n;
    const void *ctx;
    struct shown_item (*item)(const void *ctx, size_t i);
    /* `d` as in entry_of_action. */
    void (*entry)(const void *ctx, size_t i, struct desired *d, struct entry *e);
    void (*count)(const void *ctx, size_t i, struct plan_summary *summary); /* adds it */
};

struct environment {
    struct bytes account; /* as actions have it */
    struct bytes name;    /* data NULL: none */
    struct plan_summary summary;
    uint64_t items;
};

/* A namespace or a file. */
struct section {
    size_t env;         /* into `environments`; SIZE_MAX: a file */
    size_t first, last; /* items, a chain through `next` */
};

/* A shared entry: `n` items from tagged[from] on, in plan order. */
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
    struct shared *shared; /* by their first item, or by environment */
    size_t n_shared, cap_shared;
    struct tagged_item {
        struct hash_tag tag;
        size_t item;
    } * tagged;
    struct hash_tagger tagger;
    size_t *next;    /* of each item; SIZE_MAX: it is the last */
    bool *is_shared; /* of each item */
};

struct group_options {
    bool by_environment; /* nothing is shared across environments, and sections are sorted */
    int64_t now;
    struct entry_options entry;
};

/* The environment of that name, added when it is not there: those that are asked for before
 * groups_find come first. Good until the next. */
struct environment *groups_environment(struct groups *g, struct bytes account, struct bytes name);

/* `g` is zeroed, but for environments, at first. */
void groups_find(struct groups *g, const struct shown *shown, const struct group_options *options);
void groups_release(struct groups *g);

#endif
