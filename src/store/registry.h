/*
 * registry.h: v3/cfkv.sqlite: which namespaces exist locally, and the state documents. Private to
 * store/.
 *
 * wrangler's store knows ids only; titles are cfkv's. The file is made by the first write, with
 * mode 0600, and every commit is on the disk when it returns. Reading makes nothing: without a file
 * there are no namespaces and no documents.
 *
 *     namespaces  account, id, title; an id names one folder of data, so it is unique over accounts
 *     roots       id, folder, persist_to: where its data lives, in order of seq; none: under the
 *                 project root (see struct root_name)
 *     documents   name, content
 *     journal     name, lines: appended since the document was saved, in order of seq
 *
 * `user_version` is the version of this schema. Version 1 had no roots; it is read as it is, and
 * the first write makes it version 2. A newer one, or a file that is none of ours, is ERR_FORMAT,
 * and the file is left as it is.
 */
#ifndef CFKV_STORE_REGISTRY_H
#define CFKV_STORE_REGISTRY_H

#include "base/arena.h"
#include "base/buf.h"
#include "roots.h"
#include "sql.h"
#include "store.h"

struct registry {
    struct sql sql; /* db NULL: not open, or there is no file */
    bool writable;
    char *path; /* owned */
    bool has_roots;
    sqlite3_stmt *find, *roots;
};

void registry_init(struct registry *r, const char *v3);
void registry_release(struct registry *r);

/* Opens for writing; the folder exists and the caller holds its lock. The other calls that write
 * need it. */
bool registry_create(struct registry *r, struct error *err);

/* The version of its schema, and how many namespaces it has; 0 and 0: there is none. */
bool registry_describe(struct registry *r, int64_t *version, size_t *n, struct error *err);

/* A page (from 1) of an account's namespaces by title, and how many there are. */
bool registry_list(struct registry *r, struct bytes account, unsigned page, struct arena *arena,
                   struct store_result *result, struct error *err);

/* The accounts that have namespaces, the one with the most first; ids in `arena`, empty: the
 * default. */
bool registry_accounts(struct registry *r, struct arena *arena, struct bytes **ids, size_t *n,
                       struct error *err);

/* The title of namespace `id` of that account, in `arena`; `*found` is false when there is none. */
bool registry_find(struct registry *r, struct bytes account, struct bytes id, struct arena *arena,
                   struct bytes *title, bool *found, struct error *err);

/* true in `*taken` when any account has a namespace of that id. */
bool registry_id_taken(struct registry *r, struct bytes id, bool *taken, struct error *err);

/* ERR_EXISTS when the title is taken. Fault points "registry.create", "registry.rename",
 * "registry.delete". */
bool registry_add(struct registry *r, struct bytes account, struct bytes id, struct bytes title,
                  struct error *err);
bool registry_rename(struct registry *r, struct bytes account, struct bytes id, struct bytes title,
                     struct error *err);
bool registry_remove(struct registry *r, struct bytes id, struct error *err);

/* Registers `to` under that title and takes `from` out, if it has the title; its roots stay.
 * ERR_EXISTS when `to` or the title is another namespace's, or `from` another account's. Fault
 * point "local.move.register". */
bool registry_move(struct registry *r, struct bytes account, struct bytes from, struct bytes to,
                   struct bytes title, struct error *err);

/* The remembered roots of `id`, at most `max` of them, in `arena`. */
bool registry_roots(struct registry *r, struct bytes id, struct root_name *names, size_t max,
                    size_t *n, struct arena *arena, struct error *err);

/* Makes them these. Fault point "registry.roots". */
bool registry_set_roots(struct registry *r, struct bytes id, const struct root_name *names,
                        size_t n, struct error *err);

/* As local.h describes them. Fault points "registry.append", "registry.save". */
bool registry_load(struct registry *r, struct bytes name, struct buf *document, struct buf *journal,
                   struct error *err);
bool registry_append(struct registry *r, struct bytes name, struct bytes lines, struct error *err);
bool registry_save(struct registry *r, struct bytes name, struct bytes document, struct error *err);

#endif
