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

bool places_remember(struct places *p, struct bytes id, const struct root_name *names, size_t n,
                     struct error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n_bindings; i++)
        if (p->bindings[i].remembered && bytes_equal(p->bindings[i].id, id))
            mem_free((void *)p->bindings[i].id.data);
        else
            p->bindings[kept++] = p->bindings[i];
    p->n_bindings = kept;
    for (size_t i = 0; i < n; i++) {
        size_t root = root_add(p, root_make_named(&p->roots[0], &names[i]));
        if (!bind(p, id, root, true, err))
            return false;
    }
    return true;
}

/* ---- What is open ---------------------------------------------------------------------------- */

/* Closes what was used longest ago, so that at most `keep` stay. */
static void opened_shrink(struct places *p, size_t keep)
{
    while (p->n_opened > keep) {
        struct opened *o = &p->opened[--p->n_opened];
        miniflare_close(o->mf);
        mem_free(o->mf);
        mem_free((void *)o->id.data);
    }
}

struct miniflare *places_open(struct places *p, size_t root, struct bytes id, enum sql_mode mode,
                              struct error *err)
{
    size_t i = 0, roots = places_of(p, id).n;
    while (i < p->n_opened && !(p->opened[i].root == root && bytes_equal(p->opened[i].id, id)))
        i++;
    if (i == p->n_opened) {
        opened_shrink(p, (roots > OPENED_MAX ? roots : OPENED_MAX) - 1);
        mem_grow((void **)&p->opened, &p->cap_opened, p->n_opened + 1, sizeof *p->opened);
        i = p->n_opened++;
        p->opened[i] =
            (struct opened){.mf = mem_alloc(sizeof(struct miniflare)), .id = own(id), .root = root};
        *p->opened[i].mf = (struct miniflare){.blobs = {.home = -1, .folder = -1}};
    }
    struct opened o = p->opened[i];
    memmove(&p->opened[1], &p->opened[0], i * sizeof o);
    p->opened[0] = o;
    bool serves = o.mf->sql.still ? mode == SQL_STILL && !sql_moved(&o.mf->sql)
                                  : o.mf->writable || mode != SQL_CREATE;
    if (o.mf->sql.db && serves)
        return o.mf;
    miniflare_close(o.mf);
    return miniflare_open(o.mf, p->roots[root].kv, id, mode, err) ? o.mf : NULL;
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
