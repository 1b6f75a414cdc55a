#include "dry.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "check.h"
#include "queue.h"
#include "serial.h"
#include "sql.h"

struct dry {
    struct serial_store base;
    struct store *below;
    struct dry_namespace *namespaces;
    size_t n, cap;
    struct arena kept; /* texts of namespaces */
    struct sql sql;
    sqlite3_stmt *put, *look, *walk, *next, *forget;
};

static struct dry *dry_of(const struct store *s)
{
    return (struct dry *)(uintptr_t)s; /* base is its first member */
}

/* ---- The store below ------------------------------------------------------------------------- */

/* What one of its operations gave, copied into the scratch of the dry one. */
struct below {
    struct dry *dry;
    struct store_result *result;
};

static void copy_namespaces(struct arena *arena, const struct store_result *from,
                            struct store_result *to)
{
    struct store_namespace *list = arena_alloc(arena, from->n_namespaces + 1, sizeof *list);
    for (size_t i = 0; i < from->n_namespaces; i++)
        list[i] = (struct store_namespace){.id = arena_keep(arena, from->namespaces[i].id),
                                           .title = arena_keep(arena, from->namespaces[i].title),
                                           .jurisdiction =
                                               arena_keep(arena, from->namespaces[i].jurisdiction),
                                           .mode = arena_keep(arena, from->namespaces[i].mode)};
    to->namespaces = list;
}

static void copy_keys(struct arena *arena, const struct store_result *from, struct store_result *to)
{
    struct store_key *list = arena_alloc(arena, from->n_keys + 1, sizeof *list);
    for (size_t i = 0; i < from->n_keys; i++) {
        list[i] = from->keys[i];
        list[i].key = arena_keep(arena, from->keys[i].key);
        list[i].metadata = arena_keep(arena, from->keys[i].metadata);
    }
    to->keys = list;
}

static bool below_done(void *ctx, struct queue *q, const struct store_op *op,
                       const struct store_result *result, struct error *err)
{
    struct below *b = ctx;
    struct arena *arena = &b->dry->base.scratch;
    (void)q, (void)op;
    if (!result->ok) {
        *err = result->error;
        return false;
    }
    *b->result = *result;
    copy_namespaces(arena, result, b->result);
    copy_keys(arena, result, b->result);
    b->result->cursor = arena_keep(arena, result->cursor);
    return true;
}

static bool ask_below(struct dry *d, const struct store_op *op, struct store_result *result,
                      struct error *err)
{
    struct below b = {d, result};
    struct queue q = {0};
    queue_push(&q, op, below_done, &b);
    bool ok = queue_run(&q, d->below, err);
    queue_release(&q);
    d->base.store.ahead = d->below->ahead;
    return ok;
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static bool not_there(struct bytes id, struct error *err)
{
    char name[QUOTED_SIZE];
    return error_set(err, ERR_NOT_FOUND, "no namespace has the id %s",
                     text_quoted(id, name, sizeof name));
}

/* The one that was touched before; d->n when it was not. */
static size_t find(const struct dry *d, struct bytes account, struct bytes id)
{
    size_t i = 0;
    while (i < d->n && !(bytes_equal(d->namespaces[i].id, id) &&
                         bytes_equal(d->namespaces[i].account, account)))
        i++;
    return i;
}

static struct dry_namespace *add(struct dry *d, struct bytes account, struct bytes id)
{
    mem_grow((void **)&d->namespaces, &d->cap, d->n + 1, sizeof *d->namespaces);
    d->namespaces[d->n] = (struct dry_namespace){.account = arena_copy(&d->kept, account),
                                                 .id = arena_copy(&d->kept, id)};
    return &d->namespaces[d->n++];
}

/* It is there below, and would not be any more. */
static bool is_lost(const struct dry_namespace *ns)
{
    return ns->made ? ns->replaced : ns->gone;
}

/* What would be left of a page of the store below, and room for `more`. */
static size_t overlay_page(struct dry *d, const struct store_op *op, struct store_result *result,
                           size_t more, struct store_namespace **list)
{
    size_t n = 0;
    *list = arena_alloc(&d->base.scratch, result->n_namespaces + more, sizeof **list);
    for (size_t i = 0; i < result->n_namespaces; i++) {
        size_t at = find(d, op->account, result->namespaces[i].id);
        if (at < d->n && is_lost(&d->namespaces[at]))
            continue;
        (*list)[n] = result->namespaces[i];
        if (at < d->n && d->namespaces[at].was.data)
            (*list)[n].title = d->namespaces[at].title;
        n++;
    }
    return n;
}

/* Those that were made stand behind those of the store below. */
static bool list_namespaces(struct dry *d, const struct store_op *op, struct store_result *result,
                            struct error *err)
{
    struct store_op below = *op;
    struct store_namespace *list;
    if (!ask_below(d, op, result, err))
        return false;
    unsigned last = result->total > 0 ? (unsigned)((result->total - 1) / STORE_PAGE) + 1 : 1;
    if (op->page > last) {
        below.page = last;
        if (!ask_below(d, &below, result, err))
            return false;
    }
    size_t n = overlay_page(d, op, result, d->n + 1, &list), room = 0, skip = 0, made = 0;
    if (op->page >= last)
        room = STORE_PAGE - (n < STORE_PAGE ? n : STORE_PAGE);
    if (op->page > last) {
        skip = room + (op->page - last - 1) * STORE_PAGE;
        room = STORE_PAGE;
        n = 0;
    }
    for (size_t i = 0; i < d->n; i++) {
        const struct dry_namespace *ns = &d->namespaces[i];
        if (!bytes_equal(ns->account, op->account))
            continue;
        result->total -= is_lost(ns);
        if (!ns->made || ns->gone)
            continue;
        result->total++;
        if (made++ < skip || room == 0)
            continue;
        room--;
        list[n++] = (struct store_namespace){.id = ns->id, .title = ns->title};
    }
    result->namespaces = list;
    result->n_namespaces = n;
    return true;
}

static bool get_namespace(struct dry *d, const struct store_op *op, struct store_result *result,
                          struct error *err)
{
    size_t at = find(d, op->account, op->id);
    if (at < d->n && d->namespaces[at].gone)
        return not_there(op->id, err);
    if ((at == d->n || !d->namespaces[at].made) && !ask_below(d, op, result, err))
        return false;
    if (at == d->n || (!d->namespaces[at].made && !d->namespaces[at].was.data))
        return true;
    struct store_namespace *shown = arena_alloc(&d->base.scratch, 1, sizeof *shown);
    if (!d->namespaces[at].made)
        *shown = result->namespaces[0];
    shown->id = d->namespaces[at].id;
    shown->title = d->namespaces[at].title;
    result->namespaces = shown;
    result->n_namespaces = 1;
    return true;
}

/* ERR_EXISTS when another than `self` would have the title. */
static bool check_title(struct dry *d, const struct store_op *op, struct bytes self,
                        struct error *err)
{
    char name[QUOTED_SIZE];
    size_t seen = 0;
    struct store_result page = {0};
    struct store_op list = {.kind = STORE_NAMESPACE_LIST, .account = op->account};
    do {
        list.page++;
        page = (struct store_result){0};
        if (!list_namespaces(d, &list, &page, err))
            return false;
        for (size_t i = 0; i < page.n_namespaces; i++)
            if (bytes_equal(page.namespaces[i].title, op->title) &&
                !bytes_equal(page.namespaces[i].id, self))
                return error_set(err, ERR_EXISTS, "the title %s is taken",
                                 text_quoted(op->title, name, sizeof name));
        seen += page.n_namespaces;
    } while (seen < page.total && page.n_namespaces > 0);
    return true;
}

/* An id that no namespace has, in `made`, unless it is the wanted one. */
static struct bytes free_id(struct dry *d, const struct store_op *op, char made[33])
{
    struct bytes id = op->id;
    if (id.len == 0) {
        snprintf(made, 33, "%032zx", d->n + 1);
        store_other_id(bytes_make(made, 32), made);
        id = bytes_make(made, 32);
    }
    for (size_t at; (at = find(d, op->account, id)) < d->n && !d->namespaces[at].gone;) {
        store_other_id(id, made);
        id = bytes_make(made, 32);
    }
    return id;
}

static bool forget_keys(struct dry *d, size_t ns, struct error *err)
{
    return sql_prepare(&d->sql, &d->forget, "DELETE FROM keys WHERE ns = ?", err) &&
           sql_bind_int(&d->sql, d->forget, 1, (int64_t)ns, err) &&
           sql_run(&d->sql, d->forget, err);
}

static bool create(struct dry *d, const struct store_op *op, struct store_result *result,
                   struct error *err)
{
    char made[33];
    if (!check_title(d, op, bytes_of(""), err))
        return false;
    struct bytes id = free_id(d, op, made);
    size_t at = find(d, op->account, id);
    if (at == d->n)
        add(d, op->account, id);
    else if (!forget_keys(d, at, err))
        return false;
    struct dry_namespace *ns = &d->namespaces[at];
    ns->replaced = is_lost(ns);
    ns->gone = false;
    ns->made = true;
    ns->title = arena_copy(&d->kept, op->title);
    ns->was = bytes_make(NULL, 0);
    *result = (struct store_result){0};
    struct store_namespace *shown = arena_alloc(&d->base.scratch, 1, sizeof *shown);
    *shown = (struct store_namespace){.id = ns->id, .title = ns->title};
    result->namespaces = shown;
    result->n_namespaces = 1;
    return true;
}

/* The namespace of an operation that changes it, which must be there; its title too when
 * `titled`. */
static bool touch(struct dry *d, const struct store_op *op, bool titled, size_t *at,
                  struct error *err)
{
    struct store_result result = {0};
    struct store_op look = {.kind = titled ? STORE_NAMESPACE_GET : STORE_KEY_LIST,
                            .account = op->account,
                            .id = op->id};
    *at = find(d, op->account, op->id);
    bool known = *at < d->n && (d->namespaces[*at].title.data || !titled);
    if (*at < d->n && d->namespaces[*at].gone)
        return not_there(op->id, err);
    if (!known && !ask_below(d, &look, &result, err))
        return false;
    if (*at == d->n)
        add(d, op->account, op->id);
    if (!known && result.n_namespaces > 0)
        d->namespaces[*at].title = arena_copy(&d->kept, result.namespaces[0].title);
    return true;
}

static bool rename_to(struct dry *d, const struct store_op *op, struct error *err)
{
    size_t at;
    if (!touch(d, op, true, &at, err) || !check_title(d, op, op->id, err))
        return false;
    struct dry_namespace *ns = &d->namespaces[at];
    if (!ns->made && !ns->was.data)
        ns->was = ns->title;
    ns->title = arena_copy(&d->kept, op->title);
    if (ns->was.data && bytes_equal(ns->was, ns->title))
        ns->was = bytes_make(NULL, 0);
    return true;
}

static bool delete_namespace(struct dry *d, const struct store_op *op, struct error *err)
{
    size_t at;
    if (!touch(d, op, true, &at, err))
        return false;
    d->namespaces[at].gone = true;
    return true;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

#define TABLE                                                                                      \
    "CREATE TABLE keys (ns INTEGER, key BLOB, value BLOB, metadata BLOB, expiration INTEGER, "     \
    "gone INTEGER, PRIMARY KEY (ns, key))"

static bool write_row(struct dry *d, size_t ns, const struct store_pair *pair, bool gone,
                      struct error *err)
{
    int64_t expiration = store_expiration(pair, store_now(&d->base.store));
    struct bytes value = pair->value.data ? pair->value : bytes_of("");
    return sql_prepare(&d->sql, &d->put, "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?)",
                       err) &&
           sql_bind_int(&d->sql, d->put, 1, (int64_t)ns, err) &&
           sql_bind_blob(&d->sql, d->put, 2, pair->key, err) &&
           sql_bind_blob(&d->sql, d->put, 3, value, err) &&
           (pair->metadata.data ? sql_bind_blob(&d->sql, d->put, 4, pair->metadata, err)
                                : sql_bind_null(&d->sql, d->put, 4, err)) &&
           sql_bind_int(&d->sql, d->put, 5, expiration, err) &&
           sql_bind_int(&d->sql, d->put, 6, gone, err) && sql_run(&d->sql, d->put, err);
}

static bool write_rows(struct dry *d, const struct store_op *op, struct error *err)
{
    size_t at;
    bool puts = op->kind == STORE_BULK_PUT;
    if (!store_check_mode(&d->base.store, op, err) || !touch(d, op, false, &at, err) ||
        !sql_exec(&d->sql, "BEGIN", err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < op->n; i++) {
        struct store_pair gone = {.key = puts ? bytes_of("") : op->keys[i]};
        ok = write_row(d, at, puts ? &op->pairs[i] : &gone, !puts, err);
    }
    if (!ok) {
        sql_rollback(&d->sql);
        return false;
    }
    d->namespaces[at].writes += puts ? op->n : 0;
    d->namespaces[at].deletes += puts ? 0 : op->n;
    return sql_exec(&d->sql, "COMMIT", err);
}

/* What was made of a key; `*found` false: nothing. Good until the statement is reset. */
static bool look(struct dry *d, size_t ns, struct bytes key, struct dry_key *out, bool *found,
                 struct error *err)
{
    *out = (struct dry_key){.pair.key = key};
    if (d->look)
        sqlite3_reset(d->look);
    if (!sql_prepare(&d->sql, &d->look,
                     "SELECT value, metadata, expiration, gone FROM keys WHERE ns = ? AND key = ?",
                     err) ||
        !sql_bind_int(&d->sql, d->look, 1, (int64_t)ns, err) ||
        !sql_bind_blob(&d->sql, d->look, 2, key, err) || !sql_step(&d->sql, d->look, found, err))
        return false;
    if (!*found)
        return true;
    out->pair.value = sql_bytes(d->look, 0);
    if (!out->pair.value.data)
        out->pair.value = bytes_of("");
    out->pair.metadata = sql_bytes(d->look, 1);
    out->pair.expiration = sqlite3_column_int64(d->look, 2);
    out->gone = sqlite3_column_int64(d->look, 3) != 0;
    return true;
}

static bool is_live(const struct dry *d, const struct dry_key *key)
{
    return !key->gone &&
           (key->pair.expiration == 0 || key->pair.expiration > store_now(&d->base.store));
}

static bool get_keys(struct dry *d, const struct store_op *op, struct store_result *result,
                     struct error *err)
{
    size_t at = find(d, op->account, op->id);
    bool found;
    struct dry_key key;
    struct store_op rest = *op;
    struct bytes *keys = arena_alloc(&d->base.scratch, op->n, sizeof *keys);
    if (at < d->n && d->namespaces[at].gone)
        return not_there(op->id, err);
    rest.keys = keys;
    rest.n = 0;
    for (size_t i = 0; i < op->n; i++) {
        found = false;
        if (at < d->n && !look(d, at, op->keys[i], &key, &found, err))
            return false;
        if (!found)
            keys[rest.n++] = op->keys[i];
        else if (is_live(d, &key) && !op->on_pair(op->on_pair_ctx, &key.pair, err))
            return false;
    }
    return rest.n == 0 || (at < d->n && d->namespaces[at].made) || ask_below(d, &rest, result, err);
}

/* ---- Listing keys ----------------------------------------------------------------------------
 *
 * A page is one of the store below with what was written between its keys. As the service's, its
 * cursor means nothing to others: 'i' or 'o' (the store below has no more), the last key that was
 * given, with its length before it, and the cursor of the page below.
 */

struct place {
    bool over;
    struct bytes last, below;
};

static struct place read_cursor(struct bytes cursor)
{
    struct place p = {0};
    if (cursor.len < 5)
        return p;
    char length[5] = {0};
    memcpy(length, cursor.data + 1, 4);
    size_t n = strtoul(length, NULL, 16);
    p.over = cursor.data[0] == 'o';
    if (n <= cursor.len - 5) {
        p.last = bytes_make(n > 0 ? cursor.data + 5 : NULL, n);
        p.below = bytes_make(cursor.data + 5 + n, cursor.len - 5 - n);
    }
    return p;
}

static struct bytes write_cursor(struct arena *arena, const struct place *p)
{
    struct buf text = {0};
    buf_addf(&text, "%c%04zx", p->over ? 'o' : 'i', p->last.len);
    buf_add_bytes(&text, p->last);
    buf_add_bytes(&text, p->below);
    struct bytes cursor = arena_copy(arena, buf_bytes(&text));
    buf_release(&text);
    return cursor;
}

/* Starts d->walk at what was written behind `last`, or from `prefix` on. */
static bool begin_walk(struct dry *d, size_t ns, const struct place *from, struct bytes prefix,
                       struct error *err)
{
    bool behind = from->last.data && bytes_compare(from->last, prefix) >= 0;
    struct bytes start = behind ? from->last : prefix.data ? prefix : bytes_of("");
    if (d->walk)
        sqlite3_reset(d->walk);
    return sql_prepare(&d->sql, &d->walk,
                       "SELECT key, metadata, expiration, gone FROM keys "
                       "WHERE ns = ? AND key >= ? AND key <> ? ORDER BY key",
                       err) &&
           sql_bind_int(&d->sql, d->walk, 1, (int64_t)ns, err) &&
           sql_bind_blob(&d->sql, d->walk, 2, start, err) &&
           sql_bind_blob(&d->sql, d->walk, 3, behind ? start : bytes_of(""), err);
}

/* The next row that begins with `prefix`; `*there` false: there is none. */
static bool step_walk(struct dry *d, struct bytes prefix, struct dry_key *key, bool *there,
                      struct error *err)
{
    if (!sql_step(&d->sql, d->walk, there, err))
        return false;
    if (!*there)
        return true;
    *key = (struct dry_key){.pair = {.key = sql_bytes(d->walk, 0),
                                     .metadata = sql_bytes(d->walk, 1),
                                     .expiration = sqlite3_column_int64(d->walk, 2)},
                            .gone = sqlite3_column_int64(d->walk, 3) != 0};
    *there = bytes_starts_with(key->pair.key, prefix);
    return true;
}

struct merging {
    struct dry *d;
    const struct store_result *page;
    struct store_key *keys;
    size_t n, taken; /* given; of the page */
    bool all;        /* there are no pages behind it */
    bool more;       /* the walk has a row, in `row` */
    struct dry_key row;
};

static void give_written(struct merging *m)
{
    struct arena *arena = &m->d->base.scratch;
    if (is_live(m->d, &m->row))
        m->keys[m->n++] = (struct store_key){.key = arena_copy(arena, m->row.pair.key),
                                             .metadata = arena_keep(arena, m->row.pair.metadata),
                                             .expiration = m->row.pair.expiration};
}

/* Up to a page of both, in order. What was written behind the last key of the page below waits for
 * the next one, unless there is none. */
static bool merge(struct merging *m, struct bytes prefix, struct error *err)
{
    while (m->n < STORE_PAGE && (m->taken < m->page->n_keys || (m->all && m->more))) {
        const struct store_key *theirs =
            m->taken < m->page->n_keys ? &m->page->keys[m->taken] : NULL;
        int order = !theirs ? -1 : !m->more ? 1 : bytes_compare(m->row.pair.key, theirs->key);
        if (theirs && order > 0) {
            m->keys[m->n++] = *theirs;
            m->taken++;
            continue;
        }
        give_written(m);
        m->taken += order == 0;
        if (!step_walk(m->d, prefix, &m->row, &m->more, err))
            return false;
    }
    return true;
}

static bool page_below(struct dry *d, const struct store_op *op, size_t at, const struct place *p,
                       struct store_result *page, struct error *err)
{
    struct store_op below = *op;
    below.cursor = p->below;
    if (p->over || (at < d->n && d->namespaces[at].made))
        return true;
    if (!ask_below(d, &below, page, err))
        return false;
    size_t given = 0;
    while (p->last.data && given < page->n_keys &&
           bytes_compare(page->keys[given].key, p->last) <= 0)
        given++;
    page->keys += given;
    page->n_keys -= given;
    return true;
}

static bool list_keys(struct dry *d, const struct store_op *op, struct store_result *result,
                      struct error *err)
{
    struct place p = read_cursor(op->cursor);
    struct store_result page = {0};
    size_t at = find(d, op->account, op->id);
    if (at < d->n && d->namespaces[at].gone)
        return not_there(op->id, err);
    if (at == d->n)
        return ask_below(d, op, result, err);
    if (!page_below(d, op, at, &p, &page, err) || !begin_walk(d, at, &p, op->prefix, err))
        return false;
    struct merging m = {.d = d, .page = &page, .all = page.cursor.len == 0};
    m.keys = arena_alloc(&d->base.scratch, STORE_PAGE, sizeof *m.keys);
    if (!step_walk(d, op->prefix, &m.row, &m.more, err) || !merge(&m, op->prefix, err))
        return false;
    sqlite3_reset(d->walk);
    result->keys = m.keys;
    result->n_keys = m.n;
    bool taken = m.taken == page.n_keys;
    if (m.all && taken && !m.more)
        return true;
    p.over = m.all && taken;
    p.below = taken ? page.cursor : p.below;
    if (m.n > 0)
        p.last = m.keys[m.n - 1].key;
    result->cursor = write_cursor(&d->base.scratch, &p);
    return true;
}

/* ---- The store ------------------------------------------------------------------------------- */

static bool do_op(struct store *s, const struct store_op *op, struct store_result *result,
                  struct error *err)
{
    struct dry *d = dry_of(s);
    switch (op->kind) {
    case STORE_NAMESPACE_LIST:
        return list_namespaces(d, op, result, err);
    case STORE_NAMESPACE_GET:
        return get_namespace(d, op, result, err);
    case STORE_NAMESPACE_CREATE:
        return create(d, op, result, err);
    case STORE_NAMESPACE_RENAME:
        return rename_to(d, op, err);
    case STORE_NAMESPACE_DELETE:
        return delete_namespace(d, op, err);
    case STORE_KEY_LIST:
        return list_keys(d, op, result, err);
    case STORE_BULK_GET:
        return get_keys(d, op, result, err);
    case STORE_BULK_PUT:
    case STORE_BULK_DELETE:
        return write_rows(d, op, err);
    }
    return error_set(err, ERR_FAILED, "unknown operation %d", (int)op->kind);
}

static void dry_close(struct store *s)
{
    struct dry *d = dry_of(s);
    sql_close(&d->sql);
    mem_free(d->namespaces);
    arena_release(&d->kept);
    arena_release(&d->base.scratch);
    mem_free(d);
}

struct store *dry_open(struct store *below, struct error *err)
{
    static const struct store_class dry_class = {"dry", serial_run, dry_close};
    struct dry *d = mem_zalloc(1, sizeof *d);
    d->base.store.cls = &dry_class;
    d->base.store.interrupted = below->interrupted;
    d->base.store.ahead = below->ahead;
    d->base.do_op = do_op;
    d->below = below;
    if (sql_open_private(&d->sql, "the temporary file of a dry run", err) &&
        sql_exec(&d->sql, TABLE, err))
        return &d->base.store;
    dry_close(&d->base.store);
    return NULL;
}

/* ---- What came of it ------------------------------------------------------------------------- */

const struct dry_namespace *dry_namespace_at(const struct store *dry, size_t i)
{
    const struct dry *d = dry_of(dry);
    return i < d->n ? &d->namespaces[i] : NULL;
}

bool dry_next(struct store *dry, size_t i, struct bytes after, struct buf *key, bool *end,
              struct error *err)
{
    struct dry *d = dry_of(dry);
    bool there = false;
    if (!sql_prepare(&d->sql, &d->next,
                     "SELECT key FROM keys WHERE ns = ? AND key > ? ORDER BY key LIMIT 1", err) ||
        !sql_bind_int(&d->sql, d->next, 1, (int64_t)i, err) ||
        !sql_bind_blob(&d->sql, d->next, 2, after.data ? after : bytes_of(""), err) ||
        !sql_step(&d->sql, d->next, &there, err))
        return false;
    *end = !there;
    if (!there)
        return true;
    buf_clear(key); /* `after` may be in it */
    buf_add_bytes(key, sql_bytes(d->next, 0));
    sqlite3_reset(d->next);
    return true;
}

bool dry_look(struct store *dry, size_t i, struct bytes key, struct dry_key *out, struct error *err)
{
    bool found;
    return look(dry_of(dry), i, key, out, &found, err) &&
           (found || error_set(err, ERR_FAILED, "a key of the dry run is gone"));
}
