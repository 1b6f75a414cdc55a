/* document_print.c: the state as its document. */
#include "document.h"

#include <stdlib.h>

#include "base/mem.h"
#include "extra.h"
#include "layout.h"
#include "refs.h"

/* Pointers to the elements of an array whose first member is the `struct bytes` to sort them by. */
struct order {
    const struct bytes **names;
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    return bytes_compare(**(const struct bytes *const *)a, **(const struct bytes *const *)b);
}

static bool order_make(struct order *order, const void *items, size_t n, size_t size,
                       struct error *err)
{
    *order = (struct order){.names = n > 0 ? mem_zalloc(n, sizeof *order->names) : NULL};
    if (n > 0 && !order->names)
        return error_nomem(err);
    for (size_t i = 0; i < n; i++)
        order->names[order->n++] = (const void *)((const char *)items + i * size);
    if (n > 0)
        qsort(order->names, n, sizeof *order->names, by_name);
    return true;
}

static void order_release(struct order *order)
{
    mem_free(order->names);
}

static bool write_object(struct json_writer *w, const struct state *s, enum place place,
                         const void *record, struct error *err);

/* `{ NAME: { … }, … }` of records that people named. */
static bool write_records(struct json_writer *w, const struct state *s, enum place place,
                          const struct order *order, struct error *err)
{
    json_begin_object(w);
    for (size_t i = 0; i < order->n; i++) {
        json_key_bytes(w, *order->names[i]);
        if (!write_object(w, s, place, order->names[i], err))
            return false;
    }
    json_end_object(w);
    return true;
}

static bool write_sorted(struct json_writer *w, const struct state *s, enum place place,
                         const void *items, size_t n, size_t size, struct error *err)
{
    struct order order;
    bool ok = order_make(&order, items, n, size, err) && write_records(w, s, place, &order, err);
    order_release(&order);
    return ok;
}

static bool write_creating(struct json_writer *w, const struct state_account *a, struct error *err)
{
    struct order order;
    if (!order_make(&order, a->creating, a->n_creating, sizeof *a->creating, err))
        return false;
    json_begin_array(w);
    for (size_t i = 0; i < order.n; i++)
        json_string(w, *order.names[i]);
    json_end_array(w);
    order_release(&order);
    return true;
}

static bool write_namespaces(struct json_writer *w, const struct state *s,
                             const struct state_account *a, struct error *err)
{
    struct order order, kept = {0};
    if (!order_make(&order, a->namespaces, a->n, sizeof *a->namespaces, err))
        return false;
    kept.names = order.names;
    for (size_t i = 0; i < order.n; i++)
        if (!((const struct state_namespace *)(const void *)order.names[i])->removed)
            kept.names[kept.n++] = order.names[i];
    bool ok = write_records(w, s, NAMESPACE, &kept, err);
    order_release(&order);
    return ok;
}

/* A section in which nothing is left is not printed. */
static bool is_empty(const struct state_account *a)
{
    for (size_t i = 0; i < a->n; i++)
        if (!a->namespaces[i].removed)
            return false;
    return a->n_creating == 0 && !a->extras;
}

static bool write_accounts(struct json_writer *w, const struct state *s, struct error *err)
{
    struct order order, kept = {0};
    if (!order_make(&order, s->accounts, s->n_accounts, sizeof *s->accounts, err))
        return false;
    kept.names = order.names;
    for (size_t i = 0; i < order.n; i++)
        if (!is_empty((const void *)order.names[i]))
            kept.names[kept.n++] = order.names[i];
    bool ok = write_records(w, s, ACCOUNT, &kept, err);
    order_release(&order);
    return ok;
}

static bool write_outputs(struct json_writer *w, const struct state *s, struct error *err)
{
    json_begin_object(w);
    for (size_t i = 0; i < s->n_outputs; i++) {
        json_key(w, s->outputs[i].name);
        if (!write_object(w, s, OUTPUT, &s->outputs[i], err))
            return false;
    }
    json_end_object(w);
    return true;
}

/* Bindings are sorted: those of a file stand together, and in it those of an environment. */
static bool write_bindings(struct json_writer *w, const struct state *s, struct error *err)
{
    const struct state_binding *last = NULL;
    json_begin_object(w);
    for (const struct state_binding *b = s->bindings; b < s->bindings + s->n_bindings; last = b++) {
        bool same_file = last && bytes_equal(b->file, last->file);
        bool same_env = same_file && bytes_equal(b->env, last->env);
        if (last && !same_env)
            json_end_object(w);
        if (last && !same_file)
            json_end_object(w);
        if (!same_file) {
            json_key_bytes(w, b->file);
            json_begin_object(w);
        }
        if (!same_env) {
            json_key_bytes(w, b->env);
            json_begin_object(w);
        }
        json_key_bytes(w, b->binding);
        if (!write_object(w, s, BINDING, b, err))
            return false;
    }
    json_end_object(w); /* the environment */
    json_end_object(w); /* the file */
    json_end_object(w);
    return true;
}

/* ---- Members --------------------------------------------------------------------------------- */

/* Containers and values that are left out while they are empty. */
static bool is_left_out(const struct member *m, const struct state *s, const void *record)
{
    if (m->capture == SETTINGS)
        return s->settings_json.len == 0;
    if (m->capture == OUTPUT_NAMESPACES)
        return ((const struct state_output *)record)->n_refs == 0;
    if (m->opens == CREATING)
        return ((const struct state_account *)record)->n_creating == 0;
    if (m->opens == CONFIGS)
        return s->n_bindings == 0;
    return m->opens == OUTSIDE && !m->capture && field_is_left_out(&m->field, record);
}

static bool write_container(struct json_writer *w, const struct state *s, enum place place,
                            const void *record, struct error *err)
{
    const struct state_namespace *ns = record;
    switch (place) {
    case ACCOUNTS:
        return write_accounts(w, s, err);
    case OUTPUTS:
        return write_outputs(w, s, err);
    case CONFIGS:
        return write_bindings(w, s, err);
    case CREATING:
        return write_creating(w, record, err);
    case NAMESPACES:
        return write_namespaces(w, s, record, err);
    case BULKS:
        return write_sorted(w, s, BULK, ns->bulks, ns->n_bulks, sizeof *ns->bulks, err);
    default:
        return write_sorted(w, s, KEY, ns->keys, ns->n_keys, sizeof *ns->keys, err);
    }
}

static bool write_member(struct json_writer *w, const struct state *s, const struct member *m,
                         const void *record, struct error *err)
{
    const struct state_output *output = record;
    if (is_left_out(m, s, record))
        return true;
    if (m->opens == OUTSIDE && !m->capture) {
        field_write(&m->field, record, w);
        return true;
    }
    json_key(w, m->field.name);
    switch (m->capture) {
    case OUTPUT_VALUE:
        json_raw(w, output->json);
        return true;
    case OUTPUT_NAMESPACES:
        refs_write(output->refs, output->n_refs, w);
        return true;
    case SETTINGS:
        return extra_print_json(w, s->settings_json, err);
    default:
        return write_container(w, s, m->opens, record, err);
    }
}

/* Prints the unknown members from `*i` on that belong before a known one (NULL: all of them). */
static bool write_extras(struct json_writer *w, const struct state_extras *extras, size_t *i,
                         const char *before, struct error *err)
{
    for (; extras && *i < extras->n; ++*i) {
        const struct state_extra *x = &extras->items[*i];
        if (before && bytes_compare(x->name, bytes_of(before)) > 0)
            break;
        json_key_bytes(w, x->name);
        if (!extra_print_json(w, x->json, err))
            return false;
    }
    return true;
}

static bool write_object(struct json_writer *w, const struct state *s, enum place place,
                         const void *record, struct error *err)
{
    const struct layout *layout = &layouts[place];
    const struct state_extras *extras =
        *(struct state_extras *const *)(const void *)((const char *)record + layout->extras);
    size_t extra = 0, i = 0;
    json_begin_object(w);
    if (place == ROOT) /* first, so that a reader knows how to read the rest */
        field_write(&layout->members[i++].field, record, w);
    for (; i < layout->n_members; i++)
        if (!write_extras(w, extras, &extra, layout->members[i].field.name, err) ||
            !write_member(w, s, &layout->members[i], record, err))
            return false;
    if (!write_extras(w, extras, &extra, NULL, err))
        return false;
    json_end_object(w);
    return true;
}

bool state_print(const struct state *s, struct buf *out, struct error *err)
{
    struct json_writer w = json_writer_to(out, 2);
    struct root root = {.project = s->project, .version = STATE_VERSION, .extras = s->extras};
    memcpy(root.salt, s->salt, sizeof root.salt);
    if (!write_object(&w, s, ROOT, &root, err))
        return false;
    buf_add_char(out, '\n');
    return buf_ok(out, err);
}
