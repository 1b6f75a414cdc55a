/*
 * endpoints_graphql.c: the two KV datasets of the analytics API, out of the emulator's own counts.
 *
 *     viewer { accounts(filter: {accountTag: …}) { DATASET(limit, filter, orderBy) { … } } }
 *
 * Operations are counted since the start, by day. Storage is measured when it is asked for, so it
 * has rows of today only. Errors have GraphQL's shape, under HTTP 200.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "endpoints.h"
#include "graphql.h"
#include "listing.h"
#include "step.h"

#define LIMIT_MAX 10000

/* What rows are grouped by; bits. */
enum dimension { BY_DATE = 1, BY_ACTION = 2, BY_NAMESPACE = 4 };

struct row {
    char date[11];
    const char *action; /* "" in the storage dataset */
    struct bytes id;
    uint64_t requests, keys, bytes;
};

struct rows {
    struct row *items;
    size_t n, cap;
};

struct filter {
    struct bytes date_geq, date_leq, id, action; /* data NULL: any */
    int64_t limit;
    bool date_descending;
};

struct query {
    struct call *call;
    struct error *err;
    const struct graphql_field *dataset;
    struct filter filter;
    unsigned dimensions;
    struct rows rows;
};

static bool fail(struct error *err, const struct graphql_field *field, const char *parent)
{
    char name[64];
    return error_set(err, ERR_FORMAT, "unknown field %s on '%s'",
                     text_quoted(field->name, name, sizeof name), parent);
}

static bool is_named(const struct graphql_field *field, const char *name)
{
    return bytes_equal(field->name, bytes_of(name));
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static bool member_text(struct query *q, const struct json *object, const char *name,
                        struct bytes *out)
{
    const char *s;
    const struct json *v = json_member(object, name);
    if (!v || json_is_null(v))
        return true;
    if (!json_as_str(v, &s))
        return error_set(q->err, ERR_FORMAT, "argument '%s' is not a string", name);
    *out = arena_copy(q->call->arena, bytes_of(s));
    return true;
}

static bool check_members(struct query *q, const struct json *object, const char *const *names)
{
    for (const struct json *v = object ? json_first(object) : NULL; v; v = json_next(v)) {
        size_t i = 0;
        while (names[i] && strcmp(names[i], json_name(v)) != 0)
            i++;
        if (!names[i])
            return error_set(q->err, ERR_FORMAT, "unknown argument '%s'", json_name(v));
    }
    return true;
}

static bool read_order(struct query *q, const struct json *v)
{
    const char *word = NULL;
    if (v && json_is_array(v))
        v = json_first(v);
    if (!v)
        return true;
    if (!json_as_str(v, &word) || (strcmp(word, "date_DESC") != 0 && strcmp(word, "date_ASC") != 0))
        return error_set(q->err, ERR_FORMAT, "orderBy is date_ASC or date_DESC here");
    q->filter.date_descending = strcmp(word, "date_DESC") == 0;
    return true;
}

static bool read_arguments(struct query *q, const struct json *arguments)
{
    static const char *const names[] = {"limit", "filter", "orderBy", NULL};
    static const char *const filters[] = {"date_geq", "date_leq", "namespaceId", "actionType",
                                          NULL};
    const struct json *filter = json_member(arguments, "filter");
    const struct json *limit = json_member(arguments, "limit");
    q->filter = (struct filter){.limit = LIMIT_MAX};
    if (limit && (!json_as_int(limit, &q->filter.limit) || q->filter.limit < 1 ||
                  q->filter.limit > LIMIT_MAX))
        return error_set(q->err, ERR_FORMAT, "limit is not within 1 and %d", LIMIT_MAX);
    return check_members(q, arguments, names) && check_members(q, filter, filters) &&
           read_order(q, json_member(arguments, "orderBy")) &&
           member_text(q, filter, "date_geq", &q->filter.date_geq) &&
           member_text(q, filter, "date_leq", &q->filter.date_leq) &&
           member_text(q, filter, "namespaceId", &q->filter.id) &&
           member_text(q, filter, "actionType", &q->filter.action);
}

static bool passes(const struct filter *f, const struct row *row)
{
    struct bytes date = bytes_of(row->date);
    return (!f->date_geq.data || bytes_compare(date, f->date_geq) >= 0) &&
           (!f->date_leq.data || bytes_compare(date, f->date_leq) <= 0) &&
           (!f->id.data || bytes_equal(row->id, f->id)) &&
           (!f->action.data || bytes_equal(bytes_of(row->action), f->action));
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* Adds to the row of the same dimensions, or a new one. */
static void add_row(struct query *q, const struct row *from)
{
    struct rows *rows = &q->rows;
    if (!passes(&q->filter, from))
        return;
    struct row row = *from;
    if (!(q->dimensions & BY_DATE))
        row.date[0] = '\0';
    if (!(q->dimensions & BY_ACTION))
        row.action = "";
    if (!(q->dimensions & BY_NAMESPACE))
        row.id = bytes_of("");
    for (size_t i = 0; i < rows->n; i++) {
        struct row *same = &rows->items[i];
        if (strcmp(same->date, row.date) == 0 && strcmp(same->action, row.action) == 0 &&
            bytes_equal(same->id, row.id)) {
            same->requests += row.requests;
            same->keys += row.keys;
            same->bytes += row.bytes;
            return;
        }
    }
    arena_grow(q->call->arena, (void **)&rows->items, &rows->cap, rows->n + 1, sizeof *rows->items);
    rows->items[rows->n++] = row;
}

static void load_operations(struct query *q)
{
    const struct usage *usage = &q->call->server->usage;
    for (size_t i = 0; i < usage->n; i++) {
        const struct usage_row *u = &usage->rows[i];
        struct row row = {
            .action = usage_action_name(u->action), .id = u->id, .requests = u->requests};
        memcpy(row.date, u->date, sizeof row.date);
        if (bytes_equal(u->account, q->call->account))
            add_row(q, &row);
    }
}

static bool add_size(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct row *row = ctx;
    (void)err;
    row->keys++;
    row->bytes += pair->key.len + pair->value.len + pair->metadata.len;
    return true;
}

/* Reads the whole namespace, STORE_GET_MAX values at a time. */
static bool measure(struct query *q, struct row *row)
{
    struct call *c = q->call;
    struct keys_page page = {0};
    struct cursor from = {0};
    struct arena arena = {0};
    bool ok = true;
    do {
        struct bytes keys[STORE_GET_MAX];
        arena_release(&arena);
        ok = listing_keys(c, &arena, bytes_of(""), &from, STORE_GET_MAX, &page);
        for (size_t i = 0; ok && i < page.n; i++)
            keys[i] = page.items[i].key;
        struct store_op op = {.kind = STORE_BULK_GET,
                              .id = c->route.id,
                              .keys = keys,
                              .n = page.n,
                              .on_pair = add_size,
                              .on_pair_ctx = row};
        ok = ok && (page.n == 0 || step_run(c, &op, NULL, NULL));
        /* The cursor outlives the page's arena. */
        from.store = arena_copy(c->arena, page.next.store);
        from.after = arena_copy(c->arena, page.next.after);
    } while (ok && page.more);
    arena_release(&arena);
    return ok || error_set(q->err, ERR_FAILED, "a namespace cannot be measured");
}

static bool load_storage(struct query *q)
{
    struct call *c = q->call;
    struct namespaces all;
    if (!listing_namespaces(c, c->arena, &all))
        return error_set(q->err, ERR_FAILED, "the namespaces cannot be listed");
    for (size_t i = 0; i < all.n; i++) {
        struct row row = {.action = "", .id = all.items[i].id};
        usage_date(clock_now(), row.date);
        c->route.id = row.id;
        if (!passes(&q->filter, &row))
            continue;
        if (!measure(q, &row))
            return false;
        add_row(q, &row);
    }
    return true;
}

static int by_date(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->date, y->date);
    if (order == 0)
        order = strcmp(x->action, y->action);
    return order != 0 ? order : bytes_compare(x->id, y->id);
}

static int by_date_descending(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(y->date, x->date);
    return order != 0 ? order : by_date(a, b);
}

/* ---- Printing -------------------------------------------------------------------------------- */

/* A field of a row's group: sum{requests}, max{keyCount byteCount}, dimensions{…}. */
static bool write_leaf(struct json_writer *w, const struct graphql_field *group,
                       const struct graphql_field *field, const struct row *row)
{
    json_key_bytes(w, field->alias);
    if (is_named(group, "dimensions") && is_named(field, "date"))
        json_str(w, row->date);
    else if (is_named(group, "dimensions") && is_named(field, "actionType"))
        json_str(w, row->action);
    else if (is_named(group, "dimensions") && is_named(field, "namespaceId"))
        json_string(w, row->id);
    else if (is_named(group, "sum") && is_named(field, "requests"))
        json_int(w, (int64_t)row->requests);
    else if (is_named(group, "max") && is_named(field, "keyCount"))
        json_int(w, (int64_t)row->keys);
    else if (is_named(group, "max") && is_named(field, "byteCount"))
        json_int(w, (int64_t)row->bytes);
    else
        return false;
    return true;
}

static bool write_row(struct query *q, struct json_writer *w, const struct row *row)
{
    json_begin_object(w);
    for (const struct graphql_field *group = q->dataset->first; group; group = group->next) {
        json_key_bytes(w, group->alias);
        json_begin_object(w);
        for (const struct graphql_field *field = group->first; field; field = field->next)
            if (!write_leaf(w, group, field, row))
                return fail(q->err, field, "a row");
        json_end_object(w);
    }
    json_end_object(w);
    return true;
}

static bool write_rows(struct query *q, struct json_writer *w)
{
    struct rows *rows = &q->rows;
    if (rows->n > 0)
        qsort(rows->items, rows->n, sizeof *rows->items,
              q->filter.date_descending ? by_date_descending : by_date);
    json_key_bytes(w, q->dataset->alias);
    json_begin_array(w);
    for (size_t i = 0; i < rows->n && (int64_t)i < q->filter.limit; i++)
        if (!write_row(q, w, &rows->items[i]))
            return false;
    json_end_array(w);
    return true;
}

/* One field of a group; also where an unknown one is found when there is no row to show it. */
static bool read_field(struct query *q, const struct graphql_field *group,
                       const struct graphql_field *field, bool storage)
{
    bool dimension = is_named(group, "dimensions");
    if (dimension && is_named(field, "date"))
        q->dimensions |= BY_DATE;
    else if (dimension && is_named(field, "namespaceId"))
        q->dimensions |= BY_NAMESPACE;
    else if (dimension && is_named(field, "actionType") && !storage)
        q->dimensions |= BY_ACTION;
    else if (dimension || !(storage ? is_named(field, "keyCount") || is_named(field, "byteCount")
                                    : is_named(field, "requests")))
        return fail(q->err, field, "a group");
    return true;
}

static bool read_groups(struct query *q, bool storage)
{
    for (const struct graphql_field *g = q->dataset->first; g; g = g->next) {
        if (!is_named(g, "dimensions") && !is_named(g, storage ? "max" : "sum"))
            return fail(q->err, g, "the dataset");
        for (const struct graphql_field *f = g->first; f; f = f->next)
            if (!read_field(q, g, f, storage))
                return false;
    }
    return true;
}

static bool write_dataset(struct call *c, const struct graphql_field *dataset,
                          struct json_writer *w, struct error *err)
{
    struct query q = {.call = c, .err = err, .dataset = dataset};
    bool storage = is_named(dataset, "kvStorageAdaptiveGroups");
    if (!storage && !is_named(dataset, "kvOperationsAdaptiveGroups"))
        return fail(err, dataset, "account");
    struct json *arguments = json_doc_parse(bytes_of(dataset->arguments), err);
    bool ok = arguments && read_arguments(&q, arguments);
    json_doc_free(arguments);
    if (!ok || !read_groups(&q, storage) || (storage && !load_storage(&q)))
        return false;
    if (!storage)
        load_operations(&q);
    return write_rows(&q, w);
}

/* ---- The query ------------------------------------------------------------------------------- */

static bool read_account(struct call *c, const struct graphql_field *accounts, struct error *err)
{
    const char *tag = NULL;
    struct bytes id = {0};
    struct json *arguments = json_doc_parse(bytes_of(accounts->arguments), err);
    if (!arguments)
        return false;
    bool ok = json_as_str(json_member(json_member(arguments, "filter"), "accountTag"), &tag);
    if (ok)
        id = arena_copy(c->arena, bytes_of(tag));
    json_doc_free(arguments);
    if (!ok)
        return error_set(err, ERR_FORMAT, "the filter accountTag is mandatory");
    if (!account_exists(c, id))
        return error_set(err, ERR_FORMAT, "not authorized for that account");
    c->account = bytes_equal(id, bytes_of(SERVER_ACCOUNT)) ? bytes_of("") : id;
    return true;
}

static bool write_accounts(struct call *c, const struct graphql_field *accounts,
                           struct json_writer *w, struct error *err)
{
    if (!is_named(accounts, "accounts"))
        return fail(err, accounts, "viewer");
    if (!read_account(c, accounts, err))
        return false;
    json_key_bytes(w, accounts->alias);
    json_begin_array(w);
    json_begin_object(w);
    for (const struct graphql_field *f = accounts->first; f; f = f->next)
        if (!write_dataset(c, f, w, err))
            return false;
    json_end_object(w);
    json_end_array(w);
    return true;
}

static bool write_viewer(struct call *c, const struct graphql_field *viewer, struct json_writer *w,
                         struct error *err)
{
    if (!is_named(viewer, "viewer"))
        return fail(err, viewer, "query");
    json_key_bytes(w, viewer->alias);
    json_begin_object(w);
    for (const struct graphql_field *f = viewer->first; f; f = f->next)
        if (!write_accounts(c, f, w, err))
            return false;
    json_end_object(w);
    return true;
}

static bool answer(struct call *c, const struct json *root, struct error *err)
{
    const char *text;
    struct graphql_field *fields;
    if (!json_as_str(json_member(root, "query"), &text))
        return error_set(err, ERR_FORMAT, "the body has no 'query'");
    if (!graphql_parse(bytes_of(text), json_member(root, "variables"), c->arena, &fields, err))
        return false;
    reply_clear(c->reply);
    c->reply->status = 200;
    struct json_writer w = json_writer_to(&c->reply->body, 0);
    json_begin_object(&w);
    json_field_object(&w, "data");
    for (const struct graphql_field *f = fields; f; f = f->next)
        if (!write_viewer(c, f, &w, err))
            return false;
    json_end_object(&w);
    json_key(&w, "errors");
    json_null(&w);
    json_end_object(&w);
    return true;
}

static bool answer_error(struct call *c, const struct error *err)
{
    reply_clear(c->reply);
    c->reply->status = 200;
    struct json_writer w = json_writer_to(&c->reply->body, 0);
    json_begin_object(&w);
    json_key(&w, "data");
    json_null(&w);
    json_field_array(&w, "errors");
    json_begin_object(&w);
    json_field_str(&w, "message", err->message);
    json_key(&w, "path");
    json_null(&w);
    json_end_object(&w);
    json_end_array(&w);
    json_end_object(&w);
    return false;
}

bool graphql(struct call *c)
{
    struct error err;
    struct json *root = json_doc_parse(c->body, &err);
    bool ok = root && answer(c, root, &err);
    json_doc_free(root);
    return ok || answer_error(c, &err);
}
