/* document_print.c: the state as its document. */
#include "document.h"

#include <stdlib.h>

#include "base/mem.h"
#include "extra.h"
#include "layout.h"
#include "refs.h"
#include "state.h"

/* Pointers to the elements of an array whose first member is the `struct bytes` to sort them by. */
struct order {
    const struct bytes **names;
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    return bytes_compare(**(const struct bytes *const *)a, **(const struct bytes *const *)b);
}

static struct order order_make(const void *items, size_t n, size_t size)
{
    struct order order = {.names = mem_zalloc(n, sizeof *order.names), .n = n};
    for (size_t i = 0; i < n; i++)
        order.names[i] = (const void *)((const char *)items + i * size);
    qsort(order.names, n, sizeof *order.names, by_name);
    return order;
}

static void order_release(struct order *order)
{
    mem_free(order->names);
}

static void write_object(struct json_writer *w, const struct state *s, enum place place,
                         const void *record);

/* `{ NAME: { … }, … }` of records that people named. */
static void write_records(struct json_writer *w, const struct state *s, enum place place,
                          const struct order *order)
{
    json_begin_object(w);
    for (size_t i = 0; i < order->n; i++) {
        json_key_bytes(w, *order->names[i]);
        write_object(w, s, place, order->names[i]);
    }
    json_end_object(w);
}

static void write_sorted(struct json_writer *w, const struct state *s, enum place place,
                         const void *items, size_t n, size_t size)
{
    struct order order = order_make(items, n, size);
    write_records(w, s, place, &order);
    order_release(&order);
}

static void write_creating(struct json_writer *w, const struct state_account *a)
{
    struct order order = order_make(a->creating, a->n_creating, sizeof *a->creating);
    json_begin_array(w);
    for (size_t i = 0; i < order.n; i++)
        json_string(w, *order.names[i]);
    json_end_array(w);
    order_release(&order);
}

static void write_namespaces(struct json_writer *w, const struct state *s,
                             const struct state_account *a)
{
    struct order order = order_make(a->namespaces, a->n, sizeof *a->namespaces);
    struct order kept = {.names = order.names};
    for (size_t i = 0; i < order.n; i++)
        if (!((const struct state_namespace *)(const void *)order.names[i])->removed)
            kept.names[kept.n++] = order.names[i];
    write_records(w, s, NAMESPACE, &kept);
    order_release(&order);
}

static void write_writing(struct json_writer *w, const struct state *s, enum place place,
                          const struct state_writing *writing)
{
    write_sorted(w, s, place, writing->keys, writing->n, sizeof *writing->keys);
}

static bool has_titled(const struct state_account *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n_titled; i++)
        n += a->titled[i].writing.n;
    return n > 0;
}

static void write_titled(struct json_writer *w, const struct state *s,
                         const struct state_account *a)
{
    struct order order = order_make(a->titled, a->n_titled, sizeof *a->titled);
    json_begin_object(w);
    for (size_t i = 0; i < order.n; i++) {
        const struct state_titled *t = (const void *)order.names[i];
        if (t->writing.n == 0)
            continue;
        json_key_bytes(w, t->title);
        write_writing(w, s, TITLED_KEY, &t->writing);
    }
    json_end_object(w);
    order_release(&order);
}

/* A section in which nothing is left is not printed. */
static bool is_empty(const struct state_account *a)
{
    for (size_t i = 0; i < a->n; i++)
        if (!a->namespaces[i].removed)
            return false;
    return a->n_creating == 0 && !has_titled(a) && !a->extras;
}

static void write_accounts(struct json_writer *w, const struct state *s)
{
    struct order order = order_make(s->accounts, s->n_accounts, sizeof *s->accounts);
    struct order kept = {.names = order.names};
    for (size_t i = 0; i < order.n; i++)
        if (!is_empty((const void *)order.names[i]))
            kept.names[kept.n++] = order.names[i];
    write_records(w, s, ACCOUNT, &kept);
    order_release(&order);
}

static void write_outputs(struct json_writer *w, const struct state *s)
{
    json_begin_object(w);
    for (size_t i = 0; i < s->n_outputs; i++) {
        json_key(w, s->outputs[i].name);
        write_object(w, s, OUTPUT, &s->outputs[i]);
    }
    json_end_object(w);
}

/* Bindings are sorted: those of a file stand together, and in it those of an environment. */
static void write_bindings(struct json_writer *w, const struct state *s)
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
        write_object(w, s, BINDING, b);
    }
    json_end_object(w); /* the environment */
    json_end_object(w); /* the file */
    json_end_object(w);
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
    if (m->opens == TITLES)
        return !has_titled(record);
    if (m->opens == WRITING)
        return ((const struct state_namespace *)record)->writing.n == 0;
    return m->opens == OUTSIDE && !m->capture && record_is_left_out(&m->field, record);
}

static void write_container(struct json_writer *w, const struct state *s, enum place place,
                            const void *record)
{
    const struct state_namespace *ns = record;
    switch (place) {
    case ACCOUNTS:
        write_accounts(w, s);
        break;
    case OUTPUTS:
        write_outputs(w, s);
        break;
    case CONFIGS:
        write_bindings(w, s);
        break;
    case CREATING:
        write_creating(w, record);
        break;
    case NAMESPACES:
        write_namespaces(w, s, record);
        break;
    case TITLES:
        write_titled(w, s, record);
        break;
    case WRITING:
        write_writing(w, s, WRITING_KEY, &ns->writing);
        break;
    case BULKS:
        write_sorted(w, s, BULK, ns->bulks, ns->n_bulks, sizeof *ns->bulks);
        break;
    default:
        write_sorted(w, s, KEY, ns->keys, ns->n_keys, sizeof *ns->keys);
        break;
    }
}

static void write_member(struct json_writer *w, const struct state *s, const struct member *m,
                         const void *record)
{
    const struct state_output *output = record;
    if (is_left_out(m, s, record))
        return;
    if (m->opens == OUTSIDE && !m->capture) {
        record_write(&m->field, record, w);
        return;
    }
    json_key(w, m->field.name);
    switch (m->capture) {
    case OUTPUT_VALUE:
        json_raw(w, output->json);
        break;
    case OUTPUT_NAMESPACES:
        refs_write(output->refs, output->n_refs, w);
        break;
    case SETTINGS:
        extra_print_json(w, s->settings_json);
        break;
    default:
        write_container(w, s, m->opens, record);
        break;
    }
}

static void write_object(struct json_writer *w, const struct state *s, enum place place,
                         const void *record)
{
    const struct layout *layout = &layouts[place];
    const struct state_extras *extras =
        *(struct state_extras *const *)(const void *)((const char *)record + layout->extras);
    struct json_sort sort;
    size_t i = 0;
    json_begin_object(w);
    if (place == ROOT) /* first, so that a reader knows how to read the rest */
        record_write(&layout->members[i++].field, record, w);
    json_sort_begin(w, &sort);
    for (; i < layout->n_members; i++)
        write_member(w, s, &layout->members[i], record);
    for (i = 0; extras && i < extras->n; i++) {
        json_key_bytes(w, extras->items[i].name);
        extra_print_json(w, extras->items[i].json);
    }
    json_sort_end(w, &sort);
    json_end_object(w);
}

void state_print(const struct state *s, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    struct state_root root = {.project = s->project, .version = STATE_VERSION, .extras = s->extras};
    memcpy(root.salt, s->salt, sizeof root.salt);
    write_object(&w, s, ROOT, &root);
    buf_add_char(out, '\n');
}
