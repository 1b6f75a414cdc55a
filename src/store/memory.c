#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "check.h"
#include "serial.h"

/* One key, in one allocation: key, value and metadata follow one another in `data`. */
struct memory_key {
    struct store_pair pair;
    size_t order; /* within its put: of equal keys the last one counts */
    char data[];
};

#define DELETED (-1) /* as expiration: about to go */

struct memory_namespace {
    struct bytes account, id, title; /* owned */
    struct memory_key **entries;     /* owned, sorted by key */
    size_t n, cap;
};

struct memory {
    struct serial_store base;
    struct memory_namespace **namespaces; /* owned, sorted by account and title */
    size_t n, cap;
    uint64_t made; /* ids given out so far */
};

static struct memory *memory_of(struct store *s)
{
    return (struct memory *)s; /* base is its first member */
}

/* ---- Entries --------------------------------------------------------------------------------- */

static struct bytes append(char **to, struct bytes b)
{
    struct bytes copy = bytes_make(b.data ? *to : NULL, b.len);
    if (b.len > 0)
        memcpy(*to, b.data, b.len);
    *to += b.len;
    return copy;
}

static struct memory_key *entry_new(const struct store_pair *pair, int64_t now)
{
    /* No overflow: the limits were checked. */
    struct memory_key *e =
        mem_alloc(sizeof *e + pair->key.len + pair->value.len + pair->metadata.len);
    char *to = e->data;
    e->pair = (struct store_pair){.expiration = store_expiration(pair, now)};
    e->pair.key = append(&to, pair->key);
    e->pair.value = append(&to, pair->value);
    e->pair.metadata = append(&to, pair->metadata);
    return e;
}

static bool entry_live(const struct memory_key *e, int64_t now)
{
    return e->pair.expiration == 0 || e->pair.expiration > now;
}

static int entry_compare(const struct memory_key *a, const struct memory_key *b)
{
    return bytes_compare(a->pair.key, b->pair.key);
}

/* For qsort, which is not stable by itself. */
static int entry_order(const void *a, const void *b)
{
    struct memory_key *const *x = a, *const *y = b;
    int c = entry_compare(*x, *y);
    if (c != 0)
        return c;
    return (*x)->order < (*y)->order ? -1 : 1;
}

/* The first index whose key is not below `key`. */
static size_t lower_bound(const struct memory_namespace *ns, struct bytes key)
{
    size_t low = 0, high = ns->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (bytes_compare(ns->entries[mid]->pair.key, key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The place of `key`, or NULL. */
static struct memory_key **entry_find(const struct memory_namespace *ns, struct bytes key)
{
    size_t i = lower_bound(ns, key);
    if (i == ns->n || !bytes_equal(ns->entries[i]->pair.key, key))
        return NULL;
    return &ns->entries[i];
}

/* ---- Putting and deleting keys --------------------------------------------------------------- */

static void memory_put(struct memory_namespace *ns, const struct store_op *op)
{
    int64_t now = clock_now();
    size_t n = 0;
    struct memory_key **fresh = mem_zalloc(op->n, sizeof(struct memory_key *));
    for (size_t i = 0; i < op->n; i++) {
        fresh[i] = entry_new(&op->pairs[i], now);
        fresh[i]->order = i;
    }
    qsort(fresh, op->n, sizeof(struct memory_key *), entry_order);
    /* The last of equal keys counts. Those whose key is there go into its place; the `n` that are
     * left, still sorted, are new. */
    for (size_t i = 0; i < op->n; i++) {
        if (i + 1 < op->n && entry_compare(fresh[i], fresh[i + 1]) == 0) {
            mem_free(fresh[i]);
            continue;
        }
        struct memory_key **old = entry_find(ns, fresh[i]->pair.key);
        if (old) {
            mem_free(*old);
            *old = fresh[i];
        } else {
            fresh[n++] = fresh[i];
        }
    }
    /* Merged from the back, so that it needs no second array. */
    mem_grow((void **)&ns->entries, &ns->cap, ns->n + n, sizeof(struct memory_key *));
    size_t at = ns->n + n, old = ns->n;
    ns->n = at;
    while (n > 0) {
        bool take_old = old > 0 && entry_compare(ns->entries[old - 1], fresh[n - 1]) > 0;
        ns->entries[--at] = take_old ? ns->entries[--old] : fresh[--n];
    }
    mem_free(fresh);
}

/* Marks first and closes the gaps once, so that deleting many keys stays linear. */
static void memory_delete(struct memory_namespace *ns, const struct store_op *op)
{
    size_t kept = 0;
    for (size_t i = 0; i < op->n; i++) {
        struct memory_key **e = entry_find(ns, op->keys[i]);
        if (e)
            (*e)->pair.expiration = DELETED;
    }
    for (size_t i = 0; i < ns->n; i++) {
        if (ns->entries[i]->pair.expiration == DELETED)
            mem_free(ns->entries[i]);
        else
            ns->entries[kept++] = ns->entries[i];
    }
    ns->n = kept;
}

/* ---- Reading keys ---------------------------------------------------------------------------- */

static bool memory_get(const struct memory_namespace *ns, const struct store_op *op,
                       struct error *err)
{
    int64_t now = clock_now();
    for (size_t i = 0; i < op->n; i++) {
        struct memory_key **e = entry_find(ns, op->keys[i]);
        if (e && entry_live(*e, now) && !op->on_pair(op->on_pair_ctx, &(*e)->pair, err))
            return false;
    }
    return true;
}

static void memory_list(struct memory *m, const struct memory_namespace *ns,
                        const struct store_op *op, struct store_result *result)
{
    int64_t now = clock_now();
    struct store_key *keys = arena_alloc(&m->base.scratch, STORE_PAGE, sizeof *keys);
    result->keys = keys;
    /* From the prefix on, or behind the cursor, which is the last key shown. */
    size_t i = lower_bound(ns, bytes_compare(op->cursor, op->prefix) > 0 ? op->cursor : op->prefix);
    if (op->cursor.len > 0 && i < ns->n && bytes_equal(ns->entries[i]->pair.key, op->cursor))
        i++;
    for (; i < ns->n; i++) {
        const struct store_pair *pair = &ns->entries[i]->pair;
        if (!bytes_starts_with(pair->key, op->prefix))
            break;
        if (!entry_live(ns->entries[i], now))
            continue;
        if (result->n_keys == STORE_PAGE) {
            result->cursor = keys[STORE_PAGE - 1].key;
            break;
        }
        keys[result->n_keys++] = (struct store_key){
            .key = pair->key, .expiration = pair->expiration, .metadata = pair->metadata};
    }
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static void namespace_free(struct memory_namespace *ns)
{
    for (size_t i = 0; i < ns->n; i++)
        mem_free(ns->entries[i]);
    mem_free(ns->entries);
    mem_free((void *)ns->account.data);
    mem_free((void *)ns->id.data);
    mem_free((void *)ns->title.data);
    mem_free(ns);
}

/* A copy with its own storage; never NULL data, so that freeing is uniform. */
static struct bytes own(struct bytes b)
{
    return bytes_make(mem_text(b), b.len);
}

static int namespace_compare(const struct memory_namespace *ns, struct bytes account,
                             struct bytes title)
{
    int c = bytes_compare(ns->account, account);
    return c != 0 ? c : bytes_compare(ns->title, title);
}

/* The first index that does not sort before account and title. */
static size_t namespace_bound(const struct memory *m, struct bytes account, struct bytes title)
{
    size_t i = 0;
    while (i < m->n && namespace_compare(m->namespaces[i], account, title) < 0)
        i++;
    return i;
}

static size_t namespace_index(const struct memory *m, struct bytes id)
{
    size_t i = 0;
    while (i < m->n && !bytes_equal(m->namespaces[i]->id, id))
        i++;
    return i;
}

/* The namespace that an operation is about; NULL with err. */
static struct memory_namespace *namespace_of(const struct memory *m, const struct store_op *op,
                                             size_t *index, struct error *err)
{
    char name[128];
    *index = namespace_index(m, op->id);
    if (*index < m->n && bytes_equal(m->namespaces[*index]->account, op->account))
        return m->namespaces[*index];
    error_set(err, ERR_NOT_FOUND, "no namespace has the id %s",
              text_quoted(op->id, name, sizeof name));
    return NULL;
}

/* ERR_EXISTS when the account has that title already. */
static bool title_free(const struct memory *m, const struct store_op *op, struct error *err)
{
    char name[256];
    size_t i = namespace_bound(m, op->account, op->title);
    if (i == m->n || namespace_compare(m->namespaces[i], op->account, op->title) != 0)
        return true;
    return error_set(err, ERR_EXISTS, "the title %s is taken",
                     text_quoted(op->title, name, sizeof name));
}

/* Puts `ns` in its place among the others. */
static void namespace_insert(struct memory *m, struct memory_namespace *ns)
{
    size_t at = namespace_bound(m, ns->account, ns->title);
    mem_grow((void **)&m->namespaces, &m->cap, m->n + 1, sizeof *m->namespaces);
    memmove(&m->namespaces[at + 1], &m->namespaces[at], (m->n - at) * sizeof ns);
    m->namespaces[at] = ns;
    m->n++;
}

static struct memory_namespace *namespace_take(struct memory *m, size_t at)
{
    struct memory_namespace *ns = m->namespaces[at];
    m->n--;
    memmove(&m->namespaces[at], &m->namespaces[at + 1], (m->n - at) * sizeof ns);
    return ns;
}

/* The wanted id, else one made from a counter, or the first of its substitutes that no namespace
 * has; what was made lives in `made`. */
static struct bytes free_id(struct memory *m, struct bytes wanted, char made[33])
{
    struct bytes id = wanted;
    if (wanted.len == 0) {
        snprintf(made, 33, "%032llx", (unsigned long long)++m->made);
        id = bytes_make(made, 32);
    }
    while (namespace_index(m, id) < m->n) {
        store_other_id(id, made);
        id = bytes_make(made, 32);
    }
    return id;
}

static void show_namespace(struct memory *m, const struct memory_namespace *ns,
                           struct store_result *result)
{
    struct store_namespace *shown = arena_alloc(&m->base.scratch, 1, sizeof *shown);
    *shown = (struct store_namespace){.id = ns->id, .title = ns->title};
    result->namespaces = shown;
    result->n_namespaces = 1;
}

static bool memory_create(struct memory *m, const struct store_op *op, struct store_result *result,
                          struct error *err)
{
    char id[33];
    if (!title_free(m, op, err))
        return false;
    struct memory_namespace *ns = mem_zalloc(1, sizeof *ns);
    ns->account = own(op->account);
    ns->id = own(free_id(m, op->id, id));
    ns->title = own(op->title);
    namespace_insert(m, ns);
    show_namespace(m, ns, result);
    return true;
}

static bool memory_rename(struct memory *m, const struct store_op *op, struct store_result *result,
                          struct error *err)
{
    size_t at;
    struct memory_namespace *ns = namespace_of(m, op, &at, err);
    if (!ns)
        return false;
    if (!bytes_equal(ns->title, op->title)) {
        if (!title_free(m, op, err))
            return false;
        namespace_take(m, at);
        mem_free((void *)ns->title.data);
        ns->title = own(op->title);
        namespace_insert(m, ns);
    }
    show_namespace(m, ns, result);
    return true;
}

static void memory_list_namespaces(struct memory *m, const struct store_op *op,
                                   struct store_result *result)
{
    struct store_namespace *shown = arena_alloc(&m->base.scratch, STORE_PAGE, sizeof *shown);
    size_t skip = (size_t)(op->page - 1) * STORE_PAGE;
    result->namespaces = shown;
    for (size_t i = 0; i < m->n; i++) {
        const struct memory_namespace *ns = m->namespaces[i];
        if (!bytes_equal(ns->account, op->account))
            continue;
        if (result->total++ >= skip && result->n_namespaces < STORE_PAGE)
            shown[result->n_namespaces++] =
                (struct store_namespace){.id = ns->id, .title = ns->title};
    }
}

/* ---- The store ------------------------------------------------------------------------------- */

static bool memory_do(struct store *s, const struct store_op *op, struct store_result *result,
                      struct error *err)
{
    struct memory *m = memory_of(s);
    size_t at;
    if (op->kind == STORE_NAMESPACE_LIST) {
        memory_list_namespaces(m, op, result);
        return true;
    }
    if (op->kind == STORE_NAMESPACE_CREATE)
        return memory_create(m, op, result, err);
    if (op->kind == STORE_NAMESPACE_RENAME)
        return memory_rename(m, op, result, err);
    struct memory_namespace *ns = namespace_of(m, op, &at, err);
    if (!ns)
        return false;
    switch (op->kind) {
    case STORE_NAMESPACE_DELETE:
        namespace_free(namespace_take(m, at));
        return true;
    case STORE_KEY_LIST:
        memory_list(m, ns, op, result);
        return true;
    case STORE_BULK_GET:
        return memory_get(ns, op, err);
    case STORE_BULK_PUT:
        memory_put(ns, op);
        return true;
    case STORE_BULK_DELETE:
        memory_delete(ns, op);
        return true;
    default:
        show_namespace(m, ns, result);
        return true;
    }
}

static void memory_close(struct store *s)
{
    struct memory *m = memory_of(s);
    for (size_t i = 0; i < m->n; i++)
        namespace_free(m->namespaces[i]);
    mem_free(m->namespaces);
    arena_release(&m->base.scratch);
    mem_free(m);
}

struct store *memory_store_new(void)
{
    static const struct store_class cls = {
        .target = "memory", .run = serial_run, .close = memory_close};
    struct memory *m = mem_zalloc(1, sizeof *m);
    m->base.store.cls = &cls;
    m->base.do_op = memory_do;
    return &m->base.store;
}
