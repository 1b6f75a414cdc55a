#include "local.h"

#include <errno.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"
#include "check.h"
#include "id_folder.h"
#include "local_move.h"
#include "registry.h"
#include "serial.h"

struct local_store {
    struct serial_store base;
    struct local_keys keys;
    struct registry registry;
    struct buf allowed; /* the id under which keys may be used unasked; empty: none */
};

static struct local_store *local_of(struct store *s)
{
    return (struct local_store *)s; /* base is its first member */
}

static struct root *project_root(struct local_store *ls)
{
    return &ls->keys.places.roots[0];
}

void local_namespace_id(struct bytes project, struct bytes title, char out[33])
{
    char hex[HASH_HEX_SIZE];
    struct hash h;
    hash_init(&h);
    hash_add(&h, bytes_of("cfkv-local:"));
    hash_add(&h, project);
    hash_add(&h, bytes_of(":"));
    hash_add(&h, title);
    struct digest d = hash_end(&h);
    digest_hex(&d, hex);
    memcpy(out, hex, 32);
    out[32] = '\0';
}

/* ---- Roots ----------------------------------------------------------------------------------- */

/* Looks up where an earlier run left the data of `id`. */
static bool recall(struct local_store *ls, struct bytes id, struct error *err)
{
    struct arena arena = {0};
    struct root_name names[PLACES_MAX];
    size_t n;
    bool ok = registry_roots(&ls->registry, id, names, PLACES_MAX, &n, &arena, err) &&
              places_remember(&ls->keys.places, id, names, n, err);
    arena_release(&arena);
    return ok;
}

/* Makes sure that it is known where the data of `id` lives. Each time anew, since an apply may
 * change that while this store is open. */
static bool locate(struct local_store *ls, struct bytes id, struct error *err)
{
    return places_bound(&ls->keys.places, id).n > 0 || recall(ls, id, err);
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static void show_namespace(struct local_store *ls, struct bytes id, struct bytes title,
                           struct store_result *result)
{
    struct store_namespace *ns = arena_alloc(&ls->base.scratch, 1, sizeof *ns);
    ns->id = arena_copy(&ls->base.scratch, id);
    ns->title = arena_copy(&ls->base.scratch, title);
    result->namespaces = ns;
    result->n_namespaces = 1;
}

static bool fail_not_found(const struct store_op *op, struct error *err)
{
    char name[128];
    error_set(err, ERR_NOT_FOUND, "no local namespace has the id %s",
              text_quoted(op->id, name, sizeof name));
    return error_hint(err, LOCAL_IDS_HINT);
}

/* The title of the operation's namespace; ERR_NOT_FOUND when it is not registered. */
static bool registered(struct local_store *ls, const struct store_op *op, struct bytes *title,
                       struct error *err)
{
    bool found;
    return registry_find(&ls->registry, op->account, op->id, &ls->base.scratch, title, &found,
                         err) &&
           (found || fail_not_found(op, err));
}

/* The wanted id, or the first of its substitutes that no namespace has; those live in `other`. */
static bool free_id(struct local_store *ls, const struct store_op *op, char other[33],
                    struct bytes *id, struct error *err)
{
    bool taken;
    *id = op->id;
    if (id->len == 0) {
        local_namespace_id(op->account, op->title, other);
        *id = bytes_make(other, 32);
    }
    while (registry_id_taken(&ls->registry, *id, &taken, err)) {
        if (!taken)
            return true;
        store_other_id(*id, other);
        *id = bytes_make(other, 32);
    }
    return false;
}

static bool local_create(struct local_store *ls, const struct store_op *op,
                         struct store_result *result, struct error *err)
{
    char substitute[33];
    struct bytes id;
    struct root *root = project_root(ls);
    if (!root_lock(root, ls->base.store.interrupted, err))
        return false;
    bool ok = registry_create(&ls->registry, err) && free_id(ls, op, substitute, &id, err) &&
              id_folder_check(id, err) && locate(ls, id, err) &&
              local_keys_any(&ls->keys, id, &result->existed, err) &&
              registry_add(&ls->registry, op->account, id, op->title, err);
    root_unlock(root);
    if (ok)
        show_namespace(ls, id, op->title, result);
    return ok;
}

/* Opens the registry for writing. The lock is only for making it. */
static bool registry_write(struct local_store *ls, struct error *err)
{
    struct root *root = project_root(ls);
    if (ls->registry.writable)
        return true;
    if (!root_lock(root, ls->base.store.interrupted, err))
        return false;
    bool ok = registry_create(&ls->registry, err);
    root_unlock(root);
    return ok;
}

/* Data first: a run killed in between leaves a namespace that is empty and still registered, which
 * the next run deletes again. */
static bool local_delete(struct local_store *ls, const struct store_op *op, struct error *err)
{
    struct bytes title;
    if (!registered(ls, op, &title, err))
        return false;
    if (FAULT("namespace.delete"))
        return error_errno(err, errno, "cannot delete the namespace");
    if (!recall(ls, op->id, err))
        return false;
    /* Also where it lived before this run bound it. */
    struct place_set now = places_of(&ls->keys.places, op->id);
    struct place_set before = places_remembered(&ls->keys.places, op->id);
    return local_keys_clear(&ls->keys, op->id, &now, err) &&
           local_keys_clear(&ls->keys, op->id, &before, err) && registry_write(ls, err) &&
           registry_remove(&ls->registry, op->id, err);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

/* Keys may be used in a registered namespace, and in one that only wrangler knows, which is one
 * when it has keys. */
static bool namespace_check(struct local_store *ls, const struct store_op *op, struct error *err)
{
    struct bytes title;
    bool found = false, taken = false;
    if (!registry_find(&ls->registry, op->account, op->id, &ls->base.scratch, &title, &found, err))
        return false;
    if (found || (op->id.len > 0 && bytes_equal(op->id, buf_bytes(&ls->allowed))))
        return true;
    if (!registry_id_taken(&ls->registry, op->id, &taken, err) ||
        (!taken && !local_keys_any(&ls->keys, op->id, &found, err)))
        return false;
    return found || fail_not_found(op, err);
}

/* ---- The store ------------------------------------------------------------------------------- */

static bool local_do(struct store *s, const struct store_op *op, struct store_result *result,
                     struct error *err)
{
    struct local_store *ls = local_of(s);
    struct bytes title;
    ls->keys.interrupted = s->interrupted;
    switch (op->kind) {
    case STORE_NAMESPACE_LIST:
        return registry_list(&ls->registry, op->account, op->page, &ls->base.scratch, result, err);
    case STORE_NAMESPACE_GET:
        if (!registered(ls, op, &title, err))
            return false;
        show_namespace(ls, op->id, title, result);
        return true;
    case STORE_NAMESPACE_CREATE:
        return local_create(ls, op, result, err);
    case STORE_NAMESPACE_RENAME:
        if (!registered(ls, op, &title, err) || !registry_write(ls, err) ||
            !registry_rename(&ls->registry, op->account, op->id, op->title, err))
            return false;
        show_namespace(ls, op->id, op->title, result);
        return true;
    case STORE_NAMESPACE_DELETE:
        return local_delete(ls, op, err);
    default:
        break;
    }
    if (!locate(ls, op->id, err) || !namespace_check(ls, op, err))
        return false;
    switch (op->kind) {
    case STORE_KEY_LIST:
        return local_keys_list(&ls->keys, op, &ls->base.scratch, result, err);
    case STORE_BULK_GET:
        return local_keys_get(&ls->keys, op, err);
    case STORE_BULK_PUT:
        return local_keys_put(&ls->keys, op, err);
    default:
        return local_keys_delete(&ls->keys, op, err);
    }
}

static void local_close(struct store *s)
{
    struct local_store *ls = local_of(s);
    places_release(&ls->keys.places);
    registry_release(&ls->registry);
    buf_release(&ls->allowed);
    arena_release(&ls->base.scratch);
    mem_free(ls);
}

struct local_store *local_store_open(const char *project_root_path)
{
    static const struct store_class cls = {
        .target = "local", .run = serial_run, .close = local_close};
    struct local_store *ls = mem_zalloc(1, sizeof *ls);
    ls->base.store.cls = &cls;
    ls->base.do_op = local_do;
    places_init(&ls->keys.places, project_root_path);
    registry_init(&ls->registry, project_root(ls)->v3);
    return ls;
}

struct store *local_store_face(struct local_store *ls)
{
    return &ls->base.store;
}

bool local_store_bind_root(struct local_store *ls, struct bytes id, const char *root,
                           bool is_persist_to, struct error *err)
{
    return places_bind(&ls->keys.places, id, root, is_persist_to, err);
}

const char *local_store_folder(struct local_store *ls, bool create, struct error *err)
{
    const char *v3 = project_root(ls)->v3;
    return !create || file_make_dirs(v3, 0777, err) ? v3 : NULL;
}

/* ---- Roots that are remembered, ids that change ---------------------------------------------- */

static bool same_names(const struct root_name *a, size_t n_a, const struct root_name *b, size_t n_b)
{
    size_t i = 0;
    while (i < n_a && i < n_b && a[i].is_persist_to == b[i].is_persist_to &&
           strcmp(a[i].folder, b[i].folder) == 0)
        i++;
    return i == n_a && i == n_b;
}

bool local_store_keep_roots(struct local_store *ls, struct bytes id, struct error *err)
{
    struct arena arena = {0};
    struct root_name bound[PLACES_MAX], kept[PLACES_MAX];
    struct place_set set = places_bound(&ls->keys.places, id);
    size_t n_bound = 0, n_kept = 0;
    bool only_project = set.n == 1 && set.root[0] == 0; /* which needs no remembering */
    for (; !only_project && n_bound < set.n; n_bound++)
        bound[n_bound] =
            root_name_of(&ls->keys.places.roots[set.root[n_bound]], project_root(ls), &arena);
    bool ok =
        registry_roots(&ls->registry, id, kept, PLACES_MAX, &n_kept, &arena, err) &&
        (same_names(bound, n_bound, kept, n_kept) ||
         (registry_write(ls, err) && registry_set_roots(&ls->registry, id, bound, n_bound, err)));
    arena_release(&arena);
    return ok;
}

void local_store_allow(struct local_store *ls, struct bytes id)
{
    buf_clear(&ls->allowed);
    buf_add_bytes(&ls->allowed, id);
}

bool local_store_registered(struct local_store *ls, struct bytes id, bool *registered,
                            struct error *err)
{
    return registry_id_taken(&ls->registry, id, registered, err);
}

bool local_store_registry(struct local_store *ls, int64_t *version, size_t *n, struct error *err)
{
    return registry_describe(&ls->registry, version, n, err);
}

const char *local_store_library(void)
{
    return sqlite3_libversion();
}

bool local_store_has_keys(struct local_store *ls, struct bytes id, bool *any, struct error *err)
{
    *any = false;
    return locate(ls, id, err) && local_keys_any(&ls->keys, id, any, err);
}

bool local_store_accounts(struct local_store *ls, struct arena *arena, struct bytes **ids,
                          size_t *n, struct error *err)
{
    return registry_accounts(&ls->registry, arena, ids, n, err);
}

bool local_store_take(struct local_store *ls, struct bytes account, struct bytes from,
                      struct bytes to, struct bytes title, struct error *err)
{
    bool any;
    ls->keys.interrupted = ls->base.store.interrupted;
    if (bytes_equal(from, to))
        return true;
    /* Nothing is begun when one of the databases cannot be used. */
    return local_store_has_keys(ls, from, &any, err) && local_store_has_keys(ls, to, &any, err) &&
           registry_write(ls, err) && registry_move(&ls->registry, account, from, to, title, err) &&
           local_keys_copy(&ls->keys, from, to, err);
}

bool local_store_register(struct local_store *ls, struct bytes account, struct bytes id,
                          struct bytes title, struct error *err)
{
    return registry_write(ls, err) && registry_move(&ls->registry, account, id, id, title, err);
}

static bool forget_roots(struct local_store *ls, struct bytes id, struct error *err)
{
    return recall(ls, id, err) && (places_remembered(&ls->keys.places, id).n == 0 ||
                                   registry_set_roots(&ls->registry, id, NULL, 0, err));
}

bool local_store_leave(struct local_store *ls, struct bytes from, struct bytes to, size_t *left,
                       struct error *err)
{
    bool taken;
    *left = 0;
    ls->keys.interrupted = ls->base.store.interrupted;
    if (bytes_equal(from, to))
        return true;
    if (!registry_id_taken(&ls->registry, from, &taken, err))
        return false;
    return taken ||
           (locate(ls, from, err) && local_keys_clear_copied(&ls->keys, from, to, left, err) &&
            forget_roots(ls, from, err));
}

bool local_store_forget(struct local_store *ls, struct bytes id, struct error *err)
{
    return registry_write(ls, err) && registry_remove(&ls->registry, id, err) &&
           forget_roots(ls, id, err);
}

/* ---- State documents ------------------------------------------------------------------------- */

bool local_document_load(struct local_store *ls, const char *name, struct buf *document,
                         struct buf *journal, struct error *err)
{
    return registry_load(&ls->registry, bytes_of(name), document, journal, err);
}

bool local_document_append(struct local_store *ls, const char *name, struct bytes lines,
                           struct error *err)
{
    return registry_write(ls, err) && registry_append(&ls->registry, bytes_of(name), lines, err);
}

bool local_document_save(struct local_store *ls, const char *name, struct bytes document,
                         struct error *err)
{
    return registry_write(ls, err) && registry_save(&ls->registry, bytes_of(name), document, err);
}
