#include "places.h"

#include "base/mem.h"

#define OPENED_MAX 8 /* unless one namespace has more roots */

struct binding {
    struct bytes id; /* owned */
    size_t root;
    bool remembered; /* by an earlier run */
};

struct opened {
    struct miniflare *mf; /* owned; apart, so that it stays where it is */
    struct bytes id;      /* owned */
    size_t root;
};

/* ---- Roots ----------------------------------------------------------------------------------- */

/* Takes over `r`, unless there is a root of that folder already. The index. */
static size_t root_add(struct places *p, struct root r)
{
    for (size_t i = 0; i < p->n_roots; i++)
        if (strcmp(p->roots[i].real, r.real) == 0) {
            root_release(&r);
            return i;
        }
    mem_grow((void **)&p->roots, &p->cap_roots, p->n_roots + 1, sizeof *p->roots);
    p->roots[p->n_roots] = r;
    return p->n_roots++;
}

void places_init(struct places *p, const char *project_root)
{
    root_add(p, root_make(project_root, false));
}

static struct bytes own(struct bytes b)
{
    return bytes_make(mem_text(b), b.len);
}

bool place_set_has(const struct place_set *set, size_t root)
{
    size_t i = 0;
    while (i < set->n && set->root[i] != root)
        i++;
    return i < set->n;
}

static struct place_set bindings_of(const struct places *p, struct bytes id, bool remembered)
{
    struct place_set set = {0};
    for (size_t i = 0; i < p->n_bindings; i++)
        if (p->bindings[i].remembered == remembered && bytes_equal(p->bindings[i].id, id))
            set.root[set.n++] = p->bindings[i].root;
    return set;
}

struct place_set places_bound(const struct places *p, struct bytes id)
{
    return bindings_of(p, id, false);
}

struct place_set places_remembered(const struct places *p, struct bytes id)
{
    return bindings_of(p, id, true);
}

struct place_set places_of(const struct places *p, struct bytes id)
{
    struct place_set set = places_bound(p, id);
    if (set.n == 0)
        set = places_remembered(p, id);
    return set.n > 0 ? set : (struct place_set){.n = 1};
}

static bool bind(struct places *p, struct bytes id, size_t root, bool remembered, struct error *err)
{
    struct place_set set = bindings_of(p, id, remembered);
    if (place_set_has(&set, root))
        return true;
    if (set.n == PLACES_MAX)
        return error_set(err, ERR_LIMIT, "a namespace is bound in more than %d folders",
                         PLACES_MAX);
    mem_grow((void **)&p->bindings, &p->cap_bindings, p->n_bindings + 1, sizeof *p->bindings);
    p->bindings[p->n_bindings++] =
        (struct binding){.id = own(id), .root = root, .remembered = remembered};
    return true;
}

bool places_bind(struct places *p, struct bytes id, const char *folder, bool is_persist_to,
                 struct error *err)
{
    return bind(p, id, root_add(p, root_make(folder, is_persist_to)), false, err);
}

static void forget(struct places *p, struct bytes id)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n_bindings; i++)
        if (p->bindings[i].remembered && bytes_equal(p->bindings[i].id, id))
            mem_free((void *)p->bindings[i].id.data);
        else
            p->bindings[kept++] = p->bindings[i];
    p->n_bindings = kept;
}

bool places_remember(struct places *p, struct bytes id, const struct root_name *names, size_t n,
                     struct error *err)
{
    forget(p, id);
    for (size_t i = 0; i < n; i++) {
        size_t root = root_add(p, root_make_named(&p->roots[0], &names[i]));
        if (!bind(p, id, root, true, err))
            return false;
    }
    return true;
}

/* ---- What is open ---------------------------------------------------------------------------- */

static void opened_drop(struct opened *o)
{
    miniflare_close(o->mf);
    mem_free(o->mf);
    mem_free((void *)o->id.data);
}

/* Closes what was used longest ago, so that at most `keep` stay. */
static void opened_shrink(struct places *p, size_t keep)
{
    while (p->n_opened > keep)
        opened_drop(&p->opened[--p->n_opened]);
}

/* Moves entry `i` to the front. */
static struct miniflare *opened_touch(struct places *p, size_t i)
{
    struct opened o = p->opened[i];
    memmove(&p->opened[1], &p->opened[0], i * sizeof o);
    p->opened[0] = o;
    return o.mf;
}

static struct miniflare *opened_add(struct places *p, size_t root, struct bytes id)
{
    size_t roots = places_of(p, id).n;
    opened_shrink(p, (roots > OPENED_MAX ? roots : OPENED_MAX) - 1);
    mem_grow((void **)&p->opened, &p->cap_opened, p->n_opened + 1, sizeof *p->opened);
    struct opened o = {.mf = mem_alloc(sizeof *o.mf), .id = own(id), .root = root};
    *o.mf = (struct miniflare){.blobs = {.home = -1, .folder = -1}};
    p->opened[p->n_opened] = o;
    return opened_touch(p, p->n_opened++);
}

static struct miniflare *opened_find(struct places *p, size_t root, struct bytes id)
{
    for (size_t i = 0; i < p->n_opened; i++)
        if (p->opened[i].root == root && bytes_equal(p->opened[i].id, id))
            return opened_touch(p, i);
    return NULL;
}

static bool serves(const struct miniflare *mf, enum sql_mode mode)
{
    if (mf->sql.still)
        return mode == SQL_STILL && !sql_moved(&mf->sql);
    return mf->writable || mode != SQL_CREATE;
}

struct miniflare *places_open(struct places *p, size_t root, struct bytes id, enum sql_mode mode,
                              struct error *err)
{
    struct miniflare *mf = opened_find(p, root, id);
    if (mf && mf->sql.db && serves(mf, mode))
        return mf;
    if (!mf)
        mf = opened_add(p, root, id);
    miniflare_close(mf);
    return miniflare_open(mf, p->roots[root].kv, id, mode, err) ? mf : NULL;
}

void places_release(struct places *p)
{
    opened_shrink(p, 0);
    for (size_t i = 0; i < p->n_bindings; i++)
        mem_free((void *)p->bindings[i].id.data);
    for (size_t i = 0; i < p->n_roots; i++)
        root_release(&p->roots[i]);
    mem_free(p->opened);
    mem_free(p->bindings);
    mem_free(p->roots);
    *p = (struct places){0};
}
