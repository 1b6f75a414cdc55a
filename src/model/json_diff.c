/* json_diff.c: two JSON documents compared by path (value_diff.h has the semantics). */
#include "align.h"
#include "base/map.h"
#include "base/mem.h"
#include "diff_parts.h"
#include "json_tree.h"

struct json_differ {
    struct json_writer *w;
    const struct diff_limits *limits;
    struct arena *arena;
    struct buf path;
    struct buf before, after; /* scratch */
    size_t start;             /* of the output */
    size_t told, more;
    bool cut;
};

/* ---- Paths ---------------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_identifier(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_letter(name.data[i]) && (i == 0 || name.data[i] < '0' || name.data[i] > '9'))
            return false;
    return name.len > 0;
}

static size_t enter_member(struct json_differ *d, struct bytes name)
{
    size_t outer = d->path.len;
    if (is_identifier(name)) {
        if (outer > 0)
            buf_add_char(&d->path, '.');
        buf_add_bytes(&d->path, name);
    } else {
        struct json_writer w = json_writer_to(&d->path, 0);
        buf_add_char(&d->path, '[');
        json_string(&w, name);
        buf_add_char(&d->path, ']');
    }
    return outer;
}

static size_t enter_element(struct json_differ *d, uint32_t index)
{
    struct json_writer w = json_writer_to(&d->path, 0);
    size_t outer = d->path.len;
    buf_add_char(&d->path, '[');
    json_int(&w, index);
    buf_add_char(&d->path, ']');
    return outer;
}

static void leave(struct json_differ *d, size_t outer)
{
    d->path.len = outer;
}

/* ---- Changes -------------------------------------------------------------------------------- */

static bool has_room(struct json_differ *d)
{
    bool room = (d->limits->changes == 0 || d->told < d->limits->changes) &&
                d->w->out->len - d->start < DIFF_OUTPUT_MAX;
    d->told += room;
    d->more += !room;
    return room;
}

static struct bytes print(struct buf *out, const struct json_node *v)
{
    struct json_writer w = json_writer_to(out, 0);
    buf_clear(out);
    if (!v)
        return bytes_make(NULL, 0);
    json_node_write(&w, v);
    return buf_bytes(out);
}

static void tell(struct json_differ *d, const char *op, const struct json_node *before,
                 const struct json_node *after)
{
    if (!has_room(d))
        return;
    json_begin_object(d->w);
    d->cut |=
        diff_write_sides(d->w, print(&d->before, before), print(&d->after, after), d->limits->leaf);
    json_field_str(d->w, "op", op);
    json_field_string(d->w, "path", buf_bytes(&d->path));
    json_end_object(d->w);
}

static void tell_element(struct json_differ *d, uint32_t index, const char *op,
                         const struct json_node *before, const struct json_node *after)
{
    size_t outer = enter_element(d, index);
    tell(d, op, before, after);
    leave(d, outer);
}

static void write_element_path(struct json_differ *d, const char *name, uint32_t index)
{
    size_t outer = enter_element(d, index);
    json_field_string(d->w, name, buf_bytes(&d->path));
    leave(d, outer);
}

static void tell_move(struct json_differ *d, uint32_t from, uint32_t to)
{
    if (!has_room(d))
        return;
    json_begin_object(d->w);
    write_element_path(d, "from", from);
    json_field_str(d->w, "op", "move");
    write_element_path(d, "path", to);
    write_element_path(d, "to", to);
    json_end_object(d->w);
}

/* ---- Arrays: which element is which ---------------------------------------------------------- */

struct elements {
    const struct json_node **items;
    uint32_t n;
};

/* Of each new element: the old one that it is (ALIGN_NONE: none), and whether that moved. */
struct pairing {
    uint32_t *old;
    bool *moved;
};

static struct elements elements_of(struct json_differ *d, const struct json_node *array)
{
    struct elements e = {arena_alloc(d->arena, array->n, sizeof *e.items), 0};
    for (const struct json_node *c = array->child; c; c = c->next)
        e.items[e.n++] = c;
    return e;
}

/* The ids of all elements, and the index of each; false when one has none, or that of another. */
static bool collect_ids(struct json_differ *d, struct elements e, struct bytes member,
                        struct bytes *ids, struct map *index)
{
    for (uint32_t i = 0; i < e.n; i++) {
        const struct json_node *v = e.items[i], *id;
        size_t existing;
        if (v->type != JSON_BEGIN_OBJECT || !(id = json_node_member(v, member)) ||
            (id->type != JSON_STRING && id->type != JSON_NUMBER))
            return false;
        char *text = arena_alloc(d->arena, id->text.len + 1, 1);
        text[0] = id->type == JSON_STRING ? '"' : '0';
        if (id->text.len > 0)
            memcpy(text + 1, id->text.data, id->text.len);
        ids[i] = bytes_make(text, id->text.len + 1);
        map_add(index, ids[i], i, &existing);
        if (existing != MAP_NONE)
            return false;
    }
    return true;
}

static bool pair_by_member(struct json_differ *d, struct elements a, struct elements b,
                           struct bytes member, uint32_t *old)
{
    struct map in_a = {0}, in_b = {0};
    struct bytes *ids_a = mem_zalloc(a.n, sizeof *ids_a), *ids_b = mem_zalloc(b.n, sizeof *ids_b);
    bool ok = collect_ids(d, a, member, ids_a, &in_a) && collect_ids(d, b, member, ids_b, &in_b);
    bool common = false;
    for (uint32_t j = 0; ok && j < b.n; j++) {
        size_t i = map_get(&in_a, ids_b[j]);
        old[j] = i == MAP_NONE ? ALIGN_NONE : (uint32_t)i;
        common |= i != MAP_NONE;
    }
    map_release(&in_a);
    map_release(&in_b);
    mem_free(ids_a);
    mem_free(ids_b);
    return ok && common;
}

/* All that have a partner move, but those of one longest run that kept its order. */
static void find_moved(const uint32_t *old, uint32_t n, bool *moved)
{
    uint32_t *kept = mem_zalloc(n, sizeof *kept), *at = mem_zalloc(n, sizeof *at), n_kept = 0;
    bool *stays = mem_zalloc(n, sizeof *stays);
    for (uint32_t j = 0; j < n; j++) {
        if (old[j] == ALIGN_NONE)
            continue;
        at[n_kept] = j;
        kept[n_kept++] = old[j];
    }
    longest_ascending(kept, n_kept, stays);
    for (uint32_t k = 0; k < n_kept; k++)
        moved[at[k]] = !stays[k];
    mem_free(kept);
    mem_free(at);
    mem_free(stays);
}

static bool pair_by_id(struct json_differ *d, struct elements a, struct elements b,
                       struct pairing *p)
{
    static const char *const members[] = {"id", "key", "name", "_id", "uuid"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (pair_by_member(d, a, b, bytes_of(members[i]), p->old)) {
            find_moved(p->old, b.n, p->moved);
            return true;
        }
    return false;
}

/* ---- Arrays: elements without ids ------------------------------------------------------------ */

struct kinds {
    struct map of_hash;
    const struct json_node **first;
    uint32_t n;
};

/* Equal elements get one number. Of unequal ones with one hash only the first can be found again:
 * the others are unlike all. */
static void number_elements(struct kinds *kinds, struct elements e, uint32_t *numbers)
{
    for (uint32_t i = 0; i < e.n; i++) {
        const struct json_node *v = e.items[i];
        size_t found;
        map_add(&kinds->of_hash, bytes_make((const char *)&v->hash, sizeof v->hash), kinds->n,
                &found);
        if (found != MAP_NONE && json_node_equal(kinds->first[found], v)) {
            numbers[i] = (uint32_t)found;
            continue;
        }
        kinds->first[kinds->n] = v;
        numbers[i] = kinds->n++;
    }
}

/* What stands between elements that stayed is compared in pairs. */
static void pair_between(const uint32_t *partner, uint32_t n, uint32_t m, uint32_t *old)
{
    uint32_t i = 0, j = 0;
    for (uint32_t k = 0; k <= n; k++) {
        if (k < n && partner[k] == ALIGN_NONE)
            continue;
        uint32_t end = k < n ? partner[k] : m;
        while (i < k && j < end)
            old[j++] = i++;
        if (k < n)
            old[end] = k;
        i = k + 1;
        j = end + 1;
    }
}

static void pair_in_order(struct json_differ *d, struct elements a, struct elements b,
                          uint32_t *old)
{
    struct kinds kinds = {.first =
                              arena_alloc(d->arena, (size_t)a.n + b.n, sizeof(struct json_node *))};
    uint32_t *numbers_a = mem_zalloc(a.n, sizeof *numbers_a);
    uint32_t *numbers_b = mem_zalloc(b.n, sizeof *numbers_b);
    uint32_t *partner = mem_zalloc(a.n, sizeof *partner);
    number_elements(&kinds, a, numbers_a);
    number_elements(&kinds, b, numbers_b);
    align((struct sequence){numbers_a, a.n}, (struct sequence){numbers_b, b.n}, kinds.n, partner);
    for (uint32_t j = 0; j < b.n; j++)
        old[j] = ALIGN_NONE;
    pair_between(partner, a.n, b.n, old);
    map_release(&kinds.of_hash);
    mem_free(numbers_a);
    mem_free(numbers_b);
    mem_free(partner);
}

/* ---- Walking both --------------------------------------------------------------------------- */

/* Two that are not equal. */
static void diff_nodes(struct json_differ *d, const struct json_node *a, const struct json_node *b);

static void tell_places(struct json_differ *d, struct elements a, struct elements b,
                        const struct pairing *p)
{
    bool *kept = mem_zalloc(a.n, sizeof *kept);
    for (uint32_t j = 0; j < b.n; j++)
        if (p->old[j] != ALIGN_NONE)
            kept[p->old[j]] = true;
    for (uint32_t i = a.n; i-- > 0;)
        if (!kept[i])
            tell_element(d, i, "remove", a.items[i], NULL);
    for (uint32_t j = 0; j < b.n; j++)
        if (p->moved[j])
            tell_move(d, p->old[j], j);
    for (uint32_t j = 0; j < b.n; j++)
        if (p->old[j] == ALIGN_NONE)
            tell_element(d, j, "add", NULL, b.items[j]);
    mem_free(kept);
}

static void diff_arrays(struct json_differ *d, const struct json_node *x, const struct json_node *y)
{
    struct elements a = elements_of(d, x), b = elements_of(d, y);
    struct pairing p = {mem_zalloc(b.n, sizeof *p.old), mem_zalloc(b.n, sizeof *p.moved)};
    if (!pair_by_id(d, a, b, &p))
        pair_in_order(d, a, b, p.old);
    tell_places(d, a, b, &p);
    for (uint32_t j = 0; j < b.n; j++) {
        if (p.old[j] == ALIGN_NONE || json_node_equal(a.items[p.old[j]], b.items[j]))
            continue;
        size_t outer = enter_element(d, j);
        diff_nodes(d, a.items[p.old[j]], b.items[j]);
        leave(d, outer);
    }
    mem_free(p.old);
    mem_free(p.moved);
}

/* A member that only one of both has, or that differs. */
static void diff_member(struct json_differ *d, struct bytes name, const struct json_node *a,
                        const struct json_node *b)
{
    size_t outer = enter_member(d, name);
    if (a && b)
        diff_nodes(d, a, b);
    else
        tell(d, a ? "remove" : "add", a, b);
    leave(d, outer);
}

/* Both have their members sorted. */
static void diff_objects(struct json_differ *d, const struct json_node *x,
                         const struct json_node *y)
{
    const struct json_node *a = x->child, *b = y->child;
    while (a || b) {
        int order = !a ? 1 : !b ? -1 : bytes_compare(a->name, b->name);
        if (order != 0 || !json_node_equal(a, b))
            diff_member(d, order <= 0 ? a->name : b->name, order <= 0 ? a : NULL,
                        order >= 0 ? b : NULL);
        if (order <= 0)
            a = a->next;
        if (order >= 0)
            b = b->next;
    }
}

static void diff_nodes(struct json_differ *d, const struct json_node *a, const struct json_node *b)
{
    if (a->type == JSON_BEGIN_OBJECT && b->type == JSON_BEGIN_OBJECT)
        diff_objects(d, a, b);
    else if (a->type == JSON_BEGIN_ARRAY && b->type == JSON_BEGIN_ARRAY)
        diff_arrays(d, a, b);
    else
        tell(d, "set", a, b);
}

static void write_diff(struct json_writer *w, struct arena *arena, const struct json_node *a,
                       const struct json_node *b, const struct diff_limits *limits)
{
    struct json_differ d = {.w = w, .limits = limits, .arena = arena, .start = w->out->len};
    json_begin_object(w);
    json_field_array(w, "changes");
    diff_nodes(&d, a, b);
    json_end_array(w);
    json_field_bool(w, "cut", d.cut);
    json_field_str(w, "kind", "json");
    json_field_count(w, "more", d.more);
    json_end_object(w);
    buf_release(&d.path);
    buf_release(&d.before);
    buf_release(&d.after);
}

enum json_relation json_diff(struct json_writer *w, struct bytes before, struct bytes after,
                             bool scalars, const struct diff_limits *limits)
{
    enum json_relation relation = JSON_NEITHER;
    struct arena arena = {0};
    const struct json_node *a = json_tree_read(&arena, before);
    const struct json_node *b = a ? json_tree_read(&arena, after) : NULL;
    if (b && (scalars || (json_node_is_container(a) && json_node_is_container(b))))
        relation = json_node_equal(a, b) ? JSON_SAME : JSON_DIFFERENT;
    if (relation == JSON_DIFFERENT)
        write_diff(w, &arena, a, b, limits);
    arena_release(&arena);
    return relation;
}
