#include "export_json.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "eval_json.h"

struct exporter {
    const struct model *m;
    const struct export_known *known;
    struct bytes *ids; /* per namespace, for values */
    struct json_writer *w;
    struct export_gaps *gaps;
};

static void write_known_int(struct json_writer *w, const char *name, int64_t n, bool given)
{
    json_key(w, name);
    if (given)
        json_int(w, n);
    else
        json_null(w);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void write_value(struct exporter *ex, const struct deferred *d)
{
    struct buf scratch = {0}, encoded = {0};
    struct bytes value;
    bool known = !d->secret && deferred_resolve(d, ex->ids, &scratch, &value);
    bool text = known && utf8_valid(value);
    ex->gaps->secrets += d->secret;
    ex->gaps->unknown += !d->secret && !known;
    json_field_bool(ex->w, "base64", known && !text);
    if (known && !text)
        buf_add_base64(&encoded, value);
    json_key(ex->w, "value");
    if (known)
        json_string(ex->w, text ? value : buf_bytes(&encoded));
    else
        json_null(ex->w);
    buf_release(&scratch);
    buf_release(&encoded);
}

static void write_key(struct exporter *ex, const struct put_decl *put)
{
    struct json_writer *w = ex->w;
    const struct seed_key *seed = &put->seed;
    struct json_sort sort;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    write_value(ex, &seed->value);
    write_known_int(w, "expiration", seed->expiration, seed->expiration != 0);
    write_known_int(w, "expiration_ttl", seed->expiration_ttl,
                    seed->expiration_ttl != 0 || seed->no_ttl);
    json_field_str(w, "file", seed->pos.file);
    json_field_string(w, "key", seed->key);
    json_field_int(w, "line", seed->pos.line);
    json_field_text(w, "metadata", seed->metadata);
    json_field_str(w, "policy", put->policy == SEED_ONCE ? "once" : "managed");
    json_field_bool(w, "secret", seed->value.secret);
    json_sort_end(w, &sort);
    json_end_object(w);
}

static int by_key(const void *left, const void *right)
{
    const struct put_decl *a = *(const struct put_decl *const *)left;
    const struct put_decl *b = *(const struct put_decl *const *)right;
    return bytes_compare(a->seed.key, b->seed.key);
}

static void write_keys(struct exporter *ex, const struct namespace_decl *ns)
{
    const struct put_decl **puts = mem_zalloc(ns->n_puts, sizeof *puts);
    for (size_t i = 0; i < ns->n_puts; i++)
        puts[i] = &ns->puts[i];
    qsort(puts, ns->n_puts, sizeof *puts, by_key);
    json_field_array(ex->w, "keys");
    for (size_t i = 0; i < ns->n_puts; i++)
        write_key(ex, puts[i]);
    json_end_array(ex->w);
    mem_free(puts);
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static void write_namespace(struct exporter *ex, size_t n)
{
    const struct export_known *known = &ex->known[n];
    struct namespace_decl ns = ex->m->namespaces[n];
    struct json_writer *w = ex->w;
    struct json_sort sort;
    ns.id = known->id;
    ns.title = known->title;
    ns.keeps_title = false;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    model_write_attributes(ex->m, w, &ns);
    json_field_text(w, "account", account_name_of(&ex->m->project.accounts, known->account_id));
    json_field_text(w, "account_id", known->account_id);
    write_keys(ex, &ns);
    json_field_int(w, "n_bulks", (int64_t)ns.n_bulks);
    json_field_int(w, "n_prunes", (int64_t)ns.n_prunes);
    json_sort_end(w, &sort);
    json_end_object(w);
    ex->gaps->bulks += ns.n_bulks;
    ex->gaps->bulk_namespaces += ns.n_bulks > 0;
    ex->gaps->prunes += ns.n_prunes;
}

struct place {
    struct bytes account, address;
    size_t n;
};

static int by_place(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    int c = bytes_compare(a->account, b->account);
    c = c != 0 ? c : bytes_compare(a->address, b->address);
    return c != 0 ? c : (a->n > b->n) - (a->n < b->n);
}

static void write_namespaces(struct exporter *ex)
{
    const struct model *m = ex->m;
    struct place *places = mem_zalloc(m->n_namespaces, sizeof *places);
    for (size_t i = 0; i < m->n_namespaces; i++)
        places[i] = (struct place){ex->known[i].account_id, m->namespaces[i].address, i};
    qsort(places, m->n_namespaces, sizeof *places, by_place);
    json_field_array(ex->w, "namespaces");
    for (size_t i = 0; i < m->n_namespaces; i++)
        if (!ex->known[places[i].n].left_out)
            write_namespace(ex, places[i].n);
    json_end_array(ex->w);
    mem_free(places);
}

static void write_accounts(const struct model *m, struct json_writer *w)
{
    const struct renamings *accounts = &m->project.accounts;
    struct json_sort sort;
    json_field_object(w, "accounts");
    json_sort_begin(w, &sort);
    for (size_t i = 0; i < accounts->n; i++) {
        json_key_bytes(w, accounts->items[i].from);
        json_string(w, accounts->items[i].to);
    }
    json_sort_end(w, &sort);
    json_end_object(w);
}

void model_write_export(const struct model *m, const struct export_known *known,
                        struct json_writer *w, struct export_gaps *gaps)
{
    struct exporter ex = {.m = m, .known = known, .w = w, .gaps = gaps};
    *gaps = (struct export_gaps){0};
    ex.ids = mem_zalloc(m->n_namespaces, sizeof *ex.ids);
    for (size_t i = 0; i < m->n_namespaces; i++)
        ex.ids[i] = known[i].id;
    json_begin_object(w);
    json_field_text(w, "account_id", m->project.account_id);
    write_accounts(m, w);
    write_namespaces(&ex);
    json_field_text(w, "project", m->project.name);
    json_end_object(w);
    mem_free(ex.ids);
}
