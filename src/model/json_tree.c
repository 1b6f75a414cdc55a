#include "json_tree.h"

#include <stdlib.h>

#include "base/mem.h"

/* ---- Hashes: they tell most unequal nodes apart, and decide nothing ------------------------- */

static uint64_t mix(uint64_t h, uint64_t n)
{
    h = (h ^ n) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 29;
}

static uint64_t mix_bytes(uint64_t h, struct bytes b)
{
    h = mix(h, b.len);
    for (size_t i = 0; i < b.len; i += 8) {
        uint64_t lane = 0;
        memcpy(&lane, b.data + i, b.len - i < 8 ? b.len - i : 8);
        h = mix(h, lane);
    }
    return h;
}

/* Equal decimals are one double, however they are written. */
static uint64_t hash_number(double d)
{
    uint64_t bits;
    if (d == 0)
        d = 0; /* and not -0 */
    memcpy(&bits, &d, sizeof bits);
    return mix(JSON_NUMBER, bits);
}

static uint64_t hash_container(const struct json_node *v)
{
    uint64_t h = mix(v->type, v->n);
    for (const struct json_node *c = v->child; c; c = c->next)
        h = mix(v->type == JSON_BEGIN_OBJECT ? mix_bytes(h, c->name) : h, c->hash);
    return h;
}

/* ---- Reading -------------------------------------------------------------------------------- */

struct tree_reader {
    struct arena *arena;
    struct json_node *root;
    uint32_t n;
    struct bytes name; /* of the member whose value comes next */
    int depth;
    struct {
        struct json_node *node, **end;
    } open[JSON_MAX_DEPTH];
};

static int compare_names(const void *a, const void *b)
{
    return bytes_compare((*(struct json_node *const *)a)->name,
                         (*(struct json_node *const *)b)->name);
}

static bool is_sorted(const struct json_node *object)
{
    const struct json_node *c = object->child;
    while (c && c->next && bytes_compare(c->name, c->next->name) < 0)
        c = c->next;
    return !c || !c->next;
}

/* Puts the members in order; false when two have one name. */
static bool sort_members(struct json_node *object)
{
    if (is_sorted(object))
        return true;
    struct json_node **members = mem_zalloc(object->n, sizeof *members), **end = &object->child;
    size_t n = 0;
    for (struct json_node *c = object->child; c; c = c->next)
        members[n++] = c;
    qsort(members, n, sizeof(struct json_node *), compare_names);
    for (size_t i = 0; i < n; i++, end = &(*end)->next)
        *end = members[i];
    *end = NULL;
    mem_free(members);
    return is_sorted(object);
}

static struct json_node *add_node(struct tree_reader *r, const struct json_event *e)
{
    struct json_node *v = arena_alloc(r->arena, 1, sizeof *v);
    *v = (struct json_node){.type = e->type, .name = r->name};
    r->n++;
    r->name = bytes_make(NULL, 0);
    if (r->depth == 0)
        r->root = v;
    else {
        *r->open[r->depth - 1].end = v;
        r->open[r->depth - 1].end = &v->next;
        r->open[r->depth - 1].node->n++;
    }
    return v;
}

static void add_scalar(struct tree_reader *r, const struct json_event *e)
{
    struct json_node *v = add_node(r, e);
    bool number = e->type == JSON_INTEGER || e->type == JSON_NUMBER;
    if (number || e->type == JSON_STRING)
        v->text = arena_copy(r->arena, e->text);
    if (number) {
        v->type = JSON_NUMBER;
        v->hash = hash_number(e->type == JSON_INTEGER ? (double)e->integer : e->number);
    } else if (e->type == JSON_STRING)
        v->hash = mix_bytes(JSON_STRING, v->text);
    else if (e->type == JSON_BOOLEAN) {
        v->text = bytes_of(e->boolean ? "true" : "false");
        v->hash = mix(JSON_BOOLEAN, e->boolean);
    }
}

static bool read_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct tree_reader *r = ctx;
    if (r->n == JSON_TREE_MAX)
        return error_set(err, ERR_FORMAT, "too many values to compare");
    if (e->type == JSON_KEY)
        r->name = arena_copy(r->arena, e->text);
    else if (e->type == JSON_BEGIN_OBJECT || e->type == JSON_BEGIN_ARRAY) {
        struct json_node *v = add_node(r, e);
        r->open[r->depth].node = v;
        r->open[r->depth++].end = &v->child;
    } else if (e->type == JSON_END_OBJECT || e->type == JSON_END_ARRAY) {
        struct json_node *v = r->open[--r->depth].node;
        if (e->type == JSON_END_OBJECT && !sort_members(v))
            return error_set(err, ERR_FORMAT, "a member appears twice");
        v->hash = hash_container(v);
    } else
        add_scalar(r, e);
    return true;
}

struct json_node *json_tree_read(struct arena *arena, struct bytes text)
{
    struct tree_reader r = {.arena = arena};
    struct error err;
    return json_parse(text, read_event, &r, &err) ? r.root : NULL;
}

/* ---- Numbers -------------------------------------------------------------------------------- */

/* digits * 10^exponent; no zero at either end of the digits, which may have a point inside. */
struct decimal {
    bool negative;
    struct bytes digits;
    size_t n; /* digits, without the point */
    int64_t exponent;
};

#define EXPONENT_MAX ((int64_t)1 << 40)

static bool read_exponent(struct bytes text, int64_t *exponent)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    *exponent = 0;
    for (size_t i = text.len > 0 && (negative || text.data[0] == '+'); i < text.len; i++) {
        if (*exponent > EXPONENT_MAX)
            return false;
        *exponent = *exponent * 10 + (text.data[i] - '0');
    }
    if (negative)
        *exponent = -*exponent;
    return true;
}

static bool is_filler(char c)
{
    return c == '0' || c == '.';
}

/* Of a number's text; false when its exponent is beyond all reason. */
static bool read_decimal(struct bytes text, struct decimal *d)
{
    size_t i = 0, end = 0;
    *d = (struct decimal){.negative = text.data[0] == '-'};
    text = bytes_make(text.data + d->negative, text.len - d->negative);
    while (end < text.len && text.data[end] != 'e' && text.data[end] != 'E')
        end++;
    if (end < text.len &&
        !read_exponent(bytes_make(text.data + end + 1, text.len - end - 1), &d->exponent))
        return false;
    const char *point = memchr(text.data, '.', end);
    size_t units = point ? (size_t)(point - text.data) : end;
    while (end > 0 && is_filler(text.data[end - 1]))
        end--;
    while (i < end && is_filler(text.data[i]))
        i++;
    if (i == end) {
        *d = (struct decimal){0};
        return true;
    }
    d->digits = bytes_make(text.data + i, end - i);
    d->n = end - i - (i < units && units < end);
    d->exponent += end <= units ? (int64_t)(units - end) : -(int64_t)(end - units - 1);
    return true;
}

static bool same_digits(struct bytes a, struct bytes b)
{
    size_t i = 0, j = 0;
    for (; i < a.len && j < b.len; i++, j++) {
        i += a.data[i] == '.';
        j += b.data[j] == '.';
        if (a.data[i] != b.data[j])
            return false;
    }
    return i == a.len && j == b.len;
}

static bool same_number(struct bytes a, struct bytes b)
{
    struct decimal x, y;
    if (bytes_equal(a, b))
        return true;
    return read_decimal(a, &x) && read_decimal(b, &y) && x.negative == y.negative && x.n == y.n &&
           x.exponent == y.exponent && same_digits(x.digits, y.digits);
}

/* ---- Comparing and printing ----------------------------------------------------------------- */

bool json_node_equal(const struct json_node *a, const struct json_node *b)
{
    if (a->hash != b->hash || a->type != b->type || a->n != b->n)
        return false;
    if (a->type == JSON_NUMBER)
        return same_number(a->text, b->text);
    if (!json_node_is_container(a))
        return bytes_equal(a->text, b->text);
    const struct json_node *x = a->child, *y = b->child;
    while (x && bytes_equal(x->name, y->name) && json_node_equal(x, y)) {
        x = x->next;
        y = y->next;
    }
    return !x;
}

void json_node_write(struct json_writer *w, const struct json_node *v)
{
    bool object = v->type == JSON_BEGIN_OBJECT;
    if (v->type == JSON_NULL)
        json_null(w);
    else if (v->type == JSON_STRING)
        json_string(w, v->text);
    else if (!json_node_is_container(v))
        json_raw(w, v->text);
    else {
        object ? json_begin_object(w) : json_begin_array(w);
        for (const struct json_node *c = v->child; c; c = c->next) {
            if (object)
                json_key_bytes(w, c->name);
            json_node_write(w, c);
        }
        object ? json_end_object(w) : json_end_array(w);
    }
}

const struct json_node *json_node_member(const struct json_node *object, struct bytes name)
{
    const struct json_node *c = object->child;
    while (c && !bytes_equal(c->name, name))
        c = c->next;
    return c;
}
