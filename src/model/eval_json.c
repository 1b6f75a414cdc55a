#include "eval_json.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "fields.h"

/* ---- Small pieces --------------------------------------------------------------------------- */

/* Zero stands for "not given" in the model. */
static void write_nonzero(struct json_writer *w, const char *name, int64_t n)
{
    json_key(w, name);
    if (n != 0)
        json_int(w, n);
    else
        json_null(w);
}

static void write_file(struct json_writer *w, struct srcpos pos)
{
    json_field_str(w, "file", pos.file);
}

static void write_line(struct json_writer *w, struct srcpos pos)
{
    json_key(w, "line");
    if (pos.file)
        json_int(w, pos.line);
    else
        json_null(w);
}

static void write_policy(struct json_writer *w, enum seed_policy policy)
{
    json_field_str(w, "policy", policy == SEED_ONCE ? "once" : "managed");
}

/* What stands for the id of a namespace until apply. */
static void add_placeholder(struct buf *out, struct bytes address)
{
    buf_add_str(out, "${");
    buf_add_bytes(out, address);
    buf_add_str(out, ".id}");
}

static void write_deferred(const struct model *m, struct json_writer *w, const struct deferred *d)
{
    struct buf text = {0};
    if (d->secret) {
        json_null(w);
        return;
    }
    for (size_t i = 0; i < d->n; i++) {
        if (d->parts[i].kind == PART_TEXT)
            buf_add_bytes(&text, d->parts[i].text);
        else
            add_placeholder(&text, m->namespaces[d->parts[i].ns].address);
    }
    json_value(w, buf_bytes(&text));
    buf_release(&text);
}

/*
 * Pointers to `n` elements of `items` in the order of `compare`, which gets two pointers to such
 * pointers; equals keep their order. mem_free.
 */
static const void **sorted(const void *items, size_t n, size_t size,
                           int (*compare)(const void *, const void *))
{
    const void **list = mem_zalloc(n, sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = (const char *)items + i * size;
    qsort(list, n, sizeof *list, compare);
    return list;
}

static int compare_pointers(const void *a, const void *b)
{
    return ((const char *)a > (const char *)b) - ((const char *)a < (const char *)b);
}

/* ---- Namespaces ----------------------------------------------------------------------------- */

static int by_key(const void *left, const void *right)
{
    const struct put_decl *a = *(const struct put_decl *const *)left;
    const struct put_decl *b = *(const struct put_decl *const *)right;
    int c = bytes_compare(a->seed.key, b->seed.key);
    return c != 0 ? c : compare_pointers(a, b);
}

static void write_put(const struct model *m, struct json_writer *w, const struct put_decl *put)
{
    json_begin_object(w);
    write_nonzero(w, "expiration", put->seed.expiration);
    if (put->seed.no_ttl) {
        json_field_int(w, "expiration_ttl", 0);
    } else {
        write_nonzero(w, "expiration_ttl", put->seed.expiration_ttl);
    }
    write_file(w, put->seed.pos);
    json_field_string(w, "key", put->seed.key);
    write_line(w, put->seed.pos);
    json_key(w, "metadata");
    if (put->seed.metadata.data)
        json_raw(w, put->seed.metadata);
    else
        json_null(w);
    write_policy(w, put->policy);
    json_field_bool(w, "secret", put->seed.value.secret);
    json_key(w, "value");
    write_deferred(m, w, &put->seed.value);
    json_end_object(w);
}

static void write_puts(const struct model *m, struct json_writer *w,
                       const struct namespace_decl *ns)
{
    const void **puts = sorted(ns->puts, ns->n_puts, sizeof *ns->puts, by_key);
    json_field_array(w, "puts");
    for (size_t i = 0; i < ns->n_puts; i++)
        write_put(m, w, puts[i]);
    json_end_array(w);
    mem_free(puts);
}

static const char *format_name(enum source_format format)
{
    switch (format) {
    case SOURCE_JSON:
        return "json";
    case SOURCE_JSONL:
        return "jsonl";
    case SOURCE_CSV:
        return "csv";
    case SOURCE_DIR:
        return "dir";
    case SOURCE_INLINE:
    case SOURCE_DETECT:
        break;
    }
    return "inline";
}

static void write_bulk(struct json_writer *w, const struct bulk_decl *bulk)
{
    json_begin_object(w);
    write_file(w, bulk->pos);
    json_field_str(w, "format", format_name(bulk->format));
    json_key(w, "items");
    if (bulk->format == SOURCE_INLINE)
        json_int(w, (int64_t)bulk->n);
    else
        json_null(w); /* a file is not read for this */
    write_line(w, bulk->pos);
    json_field_text(w, "path", bulk->path);
    write_policy(w, bulk->policy);
    json_end_object(w);
}

static void write_prunes(struct json_writer *w, const struct namespace_decl *ns)
{
    json_field_array(w, "prune");
    for (size_t i = 0; i < ns->n_prunes; i++) {
        json_begin_object(w);
        write_file(w, ns->prunes[i].pos);
        write_line(w, ns->prunes[i].pos);
        json_field_string(w, "prefix", ns->prunes[i].prefix);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_chain(struct json_writer *w, const struct namespace_decl *ns)
{
    struct buf place = {0};
    json_field_array(w, "chain");
    for (size_t i = 0; i < ns->n_chain; i++) {
        buf_clear(&place);
        buf_addf(&place, "%s:%d", ns->chain[i].file ? ns->chain[i].file : "?", ns->chain[i].line);
        json_string(w, buf_bytes(&place));
    }
    json_end_array(w);
    buf_release(&place);
}

static void write_preview_of(const struct model *m, struct json_writer *w,
                             const struct namespace_decl *ns)
{
    struct bytes none = {0};
    bool is_preview = ns->preview_of != SIZE_MAX;
    json_field_text(w, "preview_of", is_preview ? m->namespaces[ns->preview_of].address : none);
}

void model_write_attributes(const struct model *m, struct json_writer *w,
                            const struct namespace_decl *ns)
{
    struct namespace_decl shown = *ns;
    if (ns->keeps_title)
        shown.title = bytes_make(NULL, 0);
    fields_write(w, &namespace_fields, &shown);
    json_field_text(w, "address", ns->address);
    write_file(w, ns->pos);
    write_line(w, ns->pos);
    write_preview_of(m, w, ns);
    json_field_bool(w, "protect", namespace_is_protected(m, ns));
}

static void write_namespace(const struct model *m, struct json_writer *w,
                            const struct namespace_decl *ns)
{
    struct json_sort sort;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    model_write_attributes(m, w, ns);
    json_field_text(w, "account", account_name_of(&m->project.accounts, namespace_account(m, ns)));
    json_field_text(w, "account_id", namespace_account(m, ns));
    json_field_array(w, "bulk");
    for (size_t i = 0; i < ns->n_bulks; i++)
        write_bulk(w, &ns->bulks[i]);
    json_end_array(w);
    write_chain(w, ns);
    write_prunes(w, ns);
    write_puts(m, w, ns);
    json_sort_end(w, &sort);
    json_end_object(w);
}

/* A namespace beside its account, which only the model knows. */
struct namespace_entry {
    struct bytes account;
    const struct namespace_decl *ns;
};

static int by_address(const void *left, const void *right)
{
    const struct namespace_entry *a = left, *b = right;
    int c = bytes_compare(a->account, b->account);
    if (c == 0)
        c = bytes_compare(a->ns->address, b->ns->address);
    return c != 0 ? c : compare_pointers(a->ns, b->ns);
}

static void write_namespaces(const struct model *m, struct json_writer *w)
{
    struct namespace_entry *list = mem_zalloc(m->n_namespaces, sizeof *list);
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct namespace_decl *ns = &m->namespaces[i];
        list[i] = (struct namespace_entry){namespace_account(m, ns), ns};
    }
    qsort(list, m->n_namespaces, sizeof *list, by_address);
    json_begin_array(w);
    for (size_t i = 0; i < m->n_namespaces; i++)
        write_namespace(m, w, list[i].ns);
    json_end_array(w);
    mem_free(list);
}

/* ---- Outputs, project, wrangler ------------------------------------------------------------- */

static int by_output_name(const void *left, const void *right)
{
    const struct output_decl *a = *(const struct output_decl *const *)left;
    const struct output_decl *b = *(const struct output_decl *const *)right;
    int c = strcmp(a->name, b->name);
    return c != 0 ? c : compare_pointers(a, b);
}

static void write_output(const struct model *m, struct json_writer *w, const struct output_decl *o)
{
    json_key(w, o->name);
    if (o->json.data && !o->value.secret)
        json_raw(w, o->json);
    else
        write_deferred(m, w, &o->value);
}

/* Of outputs with one name (an error) only the first is a member. */
static void write_outputs(const struct model *m, struct json_writer *w)
{
    const void **list = sorted(m->outputs, m->n_outputs, sizeof *m->outputs, by_output_name);
    const struct output_decl *last = NULL;
    json_begin_object(w);
    for (size_t i = 0; i < m->n_outputs; i++) {
        const struct output_decl *output = list[i];
        if (!last || strcmp(last->name, output->name) != 0)
            write_output(m, w, output);
        last = output;
    }
    json_end_object(w);
    mem_free(list);
}

/* A declaration that is no more than its fields; `pos` NULL: without its place. */
static void write_declaration(struct json_writer *w, const struct fields *fields,
                              const void *record, const struct srcpos *pos)
{
    struct json_sort sort;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    fields_write(w, fields, record);
    if (pos) {
        write_file(w, *pos);
        write_line(w, *pos);
    }
    json_sort_end(w, &sort);
    json_end_object(w);
}

/* ---- Inputs --------------------------------------------------------------------------------- */

static const char *kind_name(enum input_kind kind)
{
    return kind == INPUT_VAR ? "var" : "env";
}

static int by_kind_and_name(const void *left, const void *right)
{
    const struct input_decl *a = *(const struct input_decl *const *)left;
    const struct input_decl *b = *(const struct input_decl *const *)right;
    int c = strcmp(kind_name(a->kind), kind_name(b->kind));
    if (c == 0)
        c = strcmp(a->name, b->name);
    return c != 0 ? c : compare_pointers(a, b);
}

/* The text as a JSON number; false when it is none. */
static bool write_number(struct json_writer *w, struct bytes text)
{
    struct buf number = {0};
    struct error ignored;
    bool ok = text.len > 0 && (text.data[0] == '-' || (text.data[0] >= '0' && text.data[0] <= '9'));
    ok = ok && json_canonical(text, &number, &ignored);
    if (ok)
        json_raw(w, buf_bytes(&number));
    buf_release(&number);
    return ok;
}

/* A default in its type; what does not read as one stays text. */
static void write_default(struct json_writer *w, const struct input_decl *input)
{
    struct bytes text = input->default_value;
    bool boolean = strcmp(input->type, "boolean") == 0;
    bool number = !boolean && strcmp(input->type, "string") != 0;
    if (!text.data || input->secret)
        json_null(w);
    else if (boolean && bytes_equal(text, bytes_of("true")))
        json_bool(w, true);
    else if (boolean && bytes_equal(text, bytes_of("false")))
        json_bool(w, false);
    else if (!number || !write_number(w, text))
        json_string(w, text);
}

static void write_input(struct json_writer *w, const struct input_decl *input)
{
    json_begin_object(w);
    json_key(w, "default");
    write_default(w, input);
    json_field_str(w, "doc", input->doc);
    json_field_bool(w, "given", input->given);
    json_field_str(w, "kind", kind_name(input->kind));
    json_field_str(w, "name", input->name);
    json_field_strings(w, "oneof", input->oneof, input->n_oneof);
    json_field_bool(w, "secret", input->secret);
    json_field_str(w, "type", input->type);
    json_end_object(w);
}

void model_write_inputs_json(const struct model *m, struct json_writer *w)
{
    const void **list = sorted(m->inputs, m->n_inputs, sizeof *m->inputs, by_kind_and_name);
    json_begin_array(w);
    for (size_t i = 0; i < m->n_inputs; i++)
        write_input(w, list[i]);
    json_end_array(w);
    mem_free(list);
}

/* "var region: string, default 'eu', one of 'eu', 'us', given (where the data lives)" */
static void add_input_line(const struct input_decl *input, struct buf *out)
{
    buf_addf(out, "%s %s: %s", kind_name(input->kind), input->name, input->type);
    if (input->secret)
        buf_add_str(out, ", secret");
    if (input->default_value.data && !input->secret) {
        buf_add_str(out, ", default ");
        text_quote(out, input->default_value, 64);
    }
    for (size_t i = 0; i < input->n_oneof; i++) {
        buf_add_str(out, i == 0 ? ", one of " : ", ");
        text_quote(out, input->oneof[i], 64);
    }
    buf_add_str(out, input->given ? ", given" : ", not given");
    if (input->doc)
        buf_addf(out, " (%s)", input->doc);
    buf_add_char(out, '\n');
}

void model_write_inputs_text(const struct model *m, struct buf *out)
{
    const void **list = sorted(m->inputs, m->n_inputs, sizeof *m->inputs, by_kind_and_name);
    for (size_t i = 0; i < m->n_inputs; i++)
        add_input_line(list[i], out);
    mem_free(list);
}

/* ---- The whole ------------------------------------------------------------------------------ */

void model_write_json(const struct model *m, struct json_writer *w)
{
    json_begin_object(w);
    json_key(w, "diagnostics");
    diag_write_json(&m->diags, w);
    json_field_int(w, "format_version", 1);
    json_key(w, "inputs");
    model_write_inputs_json(m, w);
    json_key(w, "namespaces");
    write_namespaces(m, w);
    json_key(w, "outputs");
    write_outputs(m, w);
    json_key(w, "project");
    write_declaration(w, &project_fields, &m->project, NULL);
    json_field_array(w, "removed");
    for (size_t i = 0; i < m->n_removed; i++)
        write_declaration(w, &removed_fields, &m->removed[i], &m->removed[i].pos);
    json_end_array(w);
    json_field_array(w, "wrangler");
    for (size_t i = 0; i < m->n_wranglers; i++)
        write_declaration(w, &wrangler_fields, &m->wranglers[i], &m->wranglers[i].pos);
    json_end_array(w);
    json_end_object(w);
}
