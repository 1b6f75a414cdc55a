/*
 * places.h: where the data of each namespace lives, and the files of it that are open. Private to
 * store/.
 *
 * A namespace lives under the roots that it was bound to in this run, else under those that an
 * earlier run remembered, else under the project's. Only the few that were used last stay open, so
 * that a thousand namespaces do not need thousands of descriptors.
 */
#ifndef CFKV_STORE_PLACES_H
#define CFKV_STORE_PLACES_H

#include "miniflare.h"
#include "roots.h"

#define PLACES_MAX 32 /* roots of one namespace */

struct binding;
struct opened;

struct places {
    struct root *roots; /* the project's is the first */
    size_t n_roots, cap_roots;
    struct binding *bindings; /* in the order they were made */
    size_t n_bindings, cap_bindings;
    struct opened *opened; /* the one used last is the first */
    size_t n_opened, cap_opened;
};

/* The roots of one namespace, as indexes. */
struct place_set {
    size_t n;
    size_t root[PLACES_MAX];
};

void places_init(struct places *p, const char *project_root);
void places_release(struct places *p);

bool places_bind(struct places *p, struct bytes id, const char *folder, bool is_persist_to,
                 struct error *err);

/* Says where an earlier run left the data of `id`, instead of what was said of that before. */
bool places_remember(struct places *p, struct bytes id, const struct root_name *names, size_t n,
                     struct error *err);

struct place_set places_of(const struct places *p, struct bytes id);

/* Only what this run, or only what an earlier one says; may be none. */
struct place_set places_bound(const struct places *p, struct bytes id);
struct place_set places_remembered(const struct places *p, struct bytes id);

bool place_set_has(const struct place_set *set, size_t root);

/*
 * The namespace under one root, owned by `p` and good until two others were opened; all roots of
 * one namespace may be open at once. Unless SQL_CREATE its database may be absent (sql.db NULL).
 * NULL with err.
 */
struct miniflare *places_open(struct places *p, size_t root, struct bytes id, enum sql_mode mode,
                              struct error *err);

#endif
