/*
 * local.h: the store that wrangler and miniflare read on disk, written through SQLite.
 *
 * Under a root R (see local_store_bind_root) the data of a namespace is, as wrangler 4 lays it out:
 *     R/.wrangler/state/v3/kv/ID/blobs/BLOB                               one file a value
 *     R/.wrangler/state/v3/kv/miniflare-KVNamespaceObject/HEX.sqlite      one database a namespace
 * and cfkv's own registry (titles, ids, state documents) is
 *     PROJECT_ROOT/.wrangler/state/v3/cfkv.sqlite
 * A put writes its blobs first and then commits one short transaction; a replaced blob is unlinked
 * after the commit. Blobs that a killed run left behind start with "cfkv-" and are swept by the
 * next write; no other file is ever removed. A database whose columns differ from the known schema
 * is refused. Reading never creates anything.
 *
 * Deleting a namespace deletes all that is in it, whoever wrote it, then its files, then its entry
 * in the registry, so that the next run can finish what a killed one began. While another program
 * (a running `wrangler dev`) has the database open, the file stays and is empty.
 *
 * Keys may also be used in a namespace that is not registered but has keys: one of wrangler's; and
 * see local_store_allow.
 */
#ifndef CFKV_STORE_LOCAL_H
#define CFKV_STORE_LOCAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "store.h"

struct local_store;

/* Opens the local store of a project root. Creates nothing until the first write. */
struct local_store *local_store_open(const char *project_root);

/* The store face; closing it closes the local store. */
struct store *local_store_face(struct local_store *ls);

/*
 * Says that the data of namespace `id` also lives under `root` (the folder of a wrangler config, or
 * its persist_to as DIR where DIR/v3/kv is the data: `is_persist_to`). Without any call a namespace
 * lives under the roots that were remembered, else under the project root. With several, writes go
 * to all of them, and a key on which they disagree is listed as divergent.
 */
bool local_store_bind_root(struct local_store *ls, struct bytes id, const char *root,
                           bool is_persist_to, struct error *err);

/* Remembers the roots that `id` was bound to in this run, so that whoever opens the store later
 * finds its data without knowing the configuration; without any, that it lives under the project
 * root. Roots below the project root are kept relative to it. Writes only what is not so yet. */
bool local_store_keep_roots(struct local_store *ls, struct bytes id, struct error *err);

/* The accounts that have namespaces here, the one with the most first; ids in `arena`, empty: those
 * of projects that name none. */
bool local_store_accounts(struct local_store *ls, struct arena *arena, struct bytes **ids,
                          size_t *n, struct error *err);

/* Keys may be used under that id in this run though there are none yet, and it is not registered:
 * as wrangler does, whose namespaces come to be with their first key. */
void local_store_allow(struct local_store *ls, struct bytes id);

/* true in `*registered` when a namespace of any account has that id. */
bool local_store_registered(struct local_store *ls, struct bytes id, bool *registered,
                            struct error *err);

/* true in `*any` when there are keys under that id, registered or not. */
bool local_store_has_keys(struct local_store *ls, struct bytes id, bool *any, struct error *err);

/*
 * Gives a namespace the id `to`: it is registered under it, and all that is kept under `from` is
 * copied, with metadata and expirations, into the roots of `to`. `from` is the id that it had, and
 * is its own no more then; or any other under which something is kept. Keys that are there under
 * `to` already stay as they are. Can be called again after it was cut short; `from` that is gone
 * already is fine. ERR_EXISTS when `to` is registered for another title.
 */
bool local_store_take(struct local_store *ls, struct bytes account, struct bytes from,
                      struct bytes to, struct bytes title, struct error *err);

/* Registers a namespace for what is kept under that id already. ERR_EXISTS as above. */
bool local_store_register(struct local_store *ls, struct bytes account, struct bytes id,
                          struct bytes title, struct error *err);

/* The end of it, when nothing looks under `from` any more: what is the same under `to` is cleared,
 * and `*left` counts the keys that are not. Does nothing while a namespace is registered under
 * `from`. */
bool local_store_leave(struct local_store *ls, struct bytes from, struct bytes to, size_t *left,
                       struct error *err);

/* No namespace is registered under that id any more; its data stays. */
bool local_store_forget(struct local_store *ls, struct bytes id, struct error *err);

/* The id of a namespace that has none yet: 32 hex digits of SHA-256 over
 * "cfkv-local:" PROJECT ":" TITLE. */
void local_namespace_id(struct bytes project, struct bytes title, char out[33]);

/* ---- State documents in the registry ---------------------------------------------------------
 *
 * One document and one journal per configuration `name`; the plan layer makes a state backend of
 * these. Fault points "registry.append", "registry.save".
 */
bool local_document_load(struct local_store *ls, const char *name, struct buf *document,
                         struct buf *journal, struct error *err);
bool local_document_append(struct local_store *ls, const char *name, struct bytes lines,
                           struct error *err);
bool local_document_save(struct local_store *ls, const char *name, struct bytes document,
                         struct error *err);

/* The version of the registry's schema, and how many namespaces are registered; 0 and 0: there is
 * no local store here. */
bool local_store_registry(struct local_store *ls, int64_t *version, size_t *n, struct error *err);

/* The version of SQLite: "3.40.1". */
const char *local_store_library(void);

/* The folder of the registry (PROJECT_ROOT/.wrangler/state/v3), made when `create`; for locks.
 * Owned by `ls`. NULL with err. */
const char *local_store_folder(struct local_store *ls, bool create, struct error *err);

#endif
