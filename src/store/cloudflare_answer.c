#include "cloudflare_answer.h"

#include "cloudflare_record.h"

#define ITEMS_MAX (10 * STORE_PAGE) /* of a page; more than ever was asked for */

/* ---- Envelopes ------------------------------------------------------------------------------- */

static bool walk(struct bytes body, struct envelope *e, struct answer *a, struct error *err)
{
    *a = (struct answer){0};
    if (!envelope_walk(body, e, err))
        return false;
    a->success = e->success;
    return true;
}

bool answer_plain(struct bytes body, struct answer *a, struct error *err)
{
    struct envelope e = {0};
    if (body.len > 0)
        return walk(body, &e, a, err);
    *a = (struct answer){.success = true};
    return true;
}

static bool need(const struct envelope *e, const char *what, struct error *err)
{
    return !e->success || e->has_result ||
           error_set(err, ERR_FORMAT, "the answer has no 'result', which should be %s", what);
}

static bool check_type(const struct event *e, enum event_kind wanted, const char *name,
                       struct error *err)
{
    struct event w = {.kind = wanted};
    return e->kind == wanted || error_set(err, ERR_FORMAT, "'result' is %s, not %s", event_name(e),
                                          name ? name : event_name(&w));
}

/* An id goes into paths and messages. */
static bool check_id(struct bytes id, const char *what, struct error *err)
{
    bool ok = id.len >= 1 && id.len <= 64;
    for (size_t i = 0; ok && i < id.len; i++)
        ok = id.data[i] > ' ' && id.data[i] < 0x7f;
    return ok || error_set(err, ERR_FORMAT, "the id of %s is no id", what);
}

static bool check_title(struct bytes title, const char *what, struct error *err)
{
    return title.len <= 4096 && (title.len == 0 || !memchr(title.data, '\0', title.len))
               ? true
               : error_set(err, ERR_FORMAT, "the title of %s is no title", what);
}

/* ---- Lists of objects ------------------------------------------------------------------------ */

/* Reads "result": [ {…}, … ], and members of "result_info". */
struct list_reader {
    struct record item, info;
    bool (*add)(struct list_reader *l, struct error *err); /* the item is read */
    void *page;
    struct arena *arena;
};

static bool list_result(void *ctx, const struct event *e, struct error *err)
{
    struct list_reader *l = ctx;
    struct event inner = *e;
    if (e->depth == 0)
        return e->kind == EVENT_NULL || e->kind == EVENT_END_ARRAY ||
               check_type(e, EVENT_BEGIN_ARRAY, NULL, err);
    if (e->depth > 1) {
        inner.depth = e->depth - 2;
        return record_event(&l->item, &inner, err);
    }
    if (e->kind == EVENT_BEGIN_OBJECT) {
        record_begin(&l->item);
        return true;
    }
    if (e->kind != EVENT_END_OBJECT)
        return error_set(err, ERR_FORMAT, "%s is %s, not an object", l->item.what, event_name(e));
    return record_end(&l->item, err) && l->add(l, err);
}

static bool list_info(void *ctx, const struct event *e, struct error *err)
{
    struct list_reader *l = ctx;
    struct event inner = *e;
    if (e->depth == 0)
        return true; /* null and nonsense are as good as none */
    inner.depth = e->depth - 1;
    return record_event(&l->info, &inner, err);
}

static bool list_read(struct bytes body, struct list_reader *l, struct answer *a, struct error *err)
{
    struct envelope e = {.result = list_result, .info = list_info, .ctx = l};
    l->item.arena = l->info.arena = l->arena;
    l->info.what = "'result_info'";
    record_begin(&l->item);
    record_begin(&l->info);
    bool ok = walk(body, &e, a, err) && need(&e, "an array", err);
    record_release(&l->item);
    record_release(&l->info);
    return ok;
}

/* Room for one more item of a page. */
static bool room(struct list_reader *l, void **items, size_t *cap, size_t n, size_t size,
                 struct error *err)
{
    if (n == ITEMS_MAX)
        return error_set(err, ERR_FORMAT, "the answer has more than %d items", ITEMS_MAX);
    return arena_grow(l->arena, items, cap, n + 1, size) || error_nomem(err);
}

static const struct record_member total_member[] = {{"total_count", RECORD_NUMBER, false}};

/* ---- Namespaces ------------------------------------------------------------------------------ */

static const struct record_member namespace_members[] = {{"id", RECORD_TEXT, true},
                                                         {"title", RECORD_TEXT, true}};

static bool keep_namespace(const struct record *r, struct store_namespace *ns, struct error *err)
{
    *ns = (struct store_namespace){.id = r->text[0], .title = r->text[1]};
    return check_id(ns->id, r->what, err) && check_title(ns->title, r->what, err);
}

static bool add_namespace(struct list_reader *l, struct error *err)
{
    struct answer_namespaces *page = l->page;
    return room(l, (void **)&page->items, &page->cap, page->n, sizeof *page->items, err) &&
           keep_namespace(&l->item, &page->items[page->n++], err);
}

bool answer_namespaces(struct bytes body, struct arena *arena, struct answer *a,
                       struct answer_namespaces *page, struct error *err)
{
    struct list_reader l = {
        .item = {.what = "an item of 'result'", .members = namespace_members, .n = 2},
        .info = {.members = total_member, .n = 1},
        .add = add_namespace,
        .page = page,
        .arena = arena};
    *page = (struct answer_namespaces){0};
    if (!list_read(body, &l, a, err))
        return false;
    page->has_total = l.info.has[0];
    page->total = l.info.number[0];
    return true;
}

/* "result": {…}, one object. */
struct object_reader {
    struct record record;
};

static bool object_result(void *ctx, const struct event *e, struct error *err)
{
    struct object_reader *o = ctx;
    struct event inner = *e;
    if (e->depth == 0 && e->kind == EVENT_END_OBJECT)
        return record_end(&o->record, err);
    if (e->depth == 0)
        return e->kind == EVENT_NULL || check_type(e, EVENT_BEGIN_OBJECT, NULL, err);
    inner.depth = e->depth - 1;
    return record_event(&o->record, &inner, err);
}

bool answer_namespace(struct bytes body, struct arena *arena, struct answer *a,
                      struct store_namespace *ns, struct error *err)
{
    struct object_reader o = {
        .record = {.what = "'result'", .members = namespace_members, .n = 2, .arena = arena}};
    struct envelope e = {.result = object_result, .ctx = &o};
    record_begin(&o.record);
    *ns = (struct store_namespace){0};
    bool ok = walk(body, &e, a, err) && need(&e, "an object", err);
    record_release(&o.record);
    return ok && (!a->success || keep_namespace(&o.record, ns, err));
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static const struct record_member key_members[] = {{"name", RECORD_TEXT, true},
                                                   {"expiration", RECORD_NUMBER, false},
                                                   {"metadata", RECORD_JSON, false}};
static const struct record_member cursor_member[] = {{"cursor", RECORD_TEXT, false}};

static int64_t seconds(uint64_t n)
{
    return n < INT64_MAX ? (int64_t)n : INT64_MAX;
}

static bool add_key(struct list_reader *l, struct error *err)
{
    struct answer_keys *page = l->page;
    const struct record *r = &l->item;
    if (!room(l, (void **)&page->items, &page->cap, page->n, sizeof *page->items, err))
        return false;
    page->items[page->n++] = (struct store_key){
        .key = r->text[0], .expiration = seconds(r->number[1]), .metadata = r->text[2]};
    return true;
}

bool answer_keys(struct bytes body, struct arena *arena, struct answer *a, struct answer_keys *page,
                 struct error *err)
{
    struct list_reader l = {.item = {.what = "an item of 'result'", .members = key_members, .n = 3},
                            .info = {.members = cursor_member, .n = 1},
                            .add = add_key,
                            .page = page,
                            .arena = arena};
    *page = (struct answer_keys){0};
    if (!list_read(body, &l, a, err))
        return false;
    page->cursor = l.info.text[0];
    return true;
}

/* ---- Accounts -------------------------------------------------------------------------------- */

static const struct record_member account_members[] = {{"id", RECORD_TEXT, true},
                                                       {"name", RECORD_TEXT, true}};

static bool add_account(struct list_reader *l, struct error *err)
{
    struct answer_accounts *page = l->page;
    const struct record *r = &l->item;
    if (!room(l, (void **)&page->items, &page->cap, page->n, sizeof *page->items, err))
        return false;
    page->items[page->n++] = (struct answer_account){r->text[0], r->text[1]};
    return check_id(r->text[0], r->what, err);
}

bool answer_accounts(struct bytes body, struct arena *arena, struct answer *a,
                     struct answer_accounts *page, struct error *err)
{
    struct list_reader l = {
        .item = {.what = "an item of 'result'", .members = account_members, .n = 2},
        .info = {.members = total_member, .n = 1},
        .add = add_account,
        .page = page,
        .arena = arena};
    *page = (struct answer_accounts){0};
    if (!list_read(body, &l, a, err))
        return false;
    page->has_total = l.info.has[0];
    page->total = l.info.number[0];
    return true;
}

/* ---- Bulk results ---------------------------------------------------------------------------- */

struct bulk_reader {
    struct answer_bulk *result;
    struct arena *arena;
    bool inside; /* the value of unsuccessful_keys comes, or its items do */
    bool seen;
};

static bool bulk_member(struct bulk_reader *b, struct bytes name, struct error *err)
{
    b->inside = bytes_equal(name, bytes_of("unsuccessful_keys"));
    if (b->inside && b->seen)
        return error_set(err, ERR_FORMAT, "'result' has 'unsuccessful_keys' twice");
    b->seen = b->seen || b->inside;
    return true;
}

static bool bulk_key(struct bulk_reader *b, const struct event *e, struct error *err)
{
    struct answer_bulk *r = b->result;
    if (e->kind != EVENT_STRING)
        return error_set(err, ERR_FORMAT, "an item of 'unsuccessful_keys' is %s, not a string",
                         event_name(e));
    if (r->n_failed == STORE_BULK_MAX)
        return error_set(err, ERR_FORMAT, "'unsuccessful_keys' has more than %d items",
                         STORE_BULK_MAX);
    if (!arena_grow(b->arena, (void **)&r->failed, &r->cap, r->n_failed + 1, sizeof *r->failed) ||
        !arena_bytes(b->arena, e->text, &r->failed[r->n_failed]))
        return error_nomem(err);
    r->n_failed++;
    return true;
}

/* Older answers are null, or have no such member (fact sheet 3.11). */
static bool bulk_event(void *ctx, const struct event *e, struct error *err)
{
    struct bulk_reader *b = ctx;
    if (e->depth == 0)
        return e->kind == EVENT_NULL || e->kind == EVENT_END_OBJECT ||
               check_type(e, EVENT_BEGIN_OBJECT, NULL, err);
    if (e->depth == 1 && e->kind == EVENT_KEY)
        return bulk_member(b, e->text, err);
    if (!b->inside || (e->depth == 1 && (e->kind == EVENT_NULL || e->kind == EVENT_END_ARRAY)))
        return true;
    if (e->depth == 1)
        return e->kind == EVENT_BEGIN_ARRAY ||
               error_set(err, ERR_FORMAT, "'unsuccessful_keys' is %s, not an array", event_name(e));
    return bulk_key(b, e, err);
}

bool answer_bulk(struct bytes body, struct arena *arena, struct answer *a,
                 struct answer_bulk *result, struct error *err)
{
    struct bulk_reader b = {.result = result, .arena = arena};
    struct envelope e = {.result = bulk_event, .ctx = &b};
    *result = (struct answer_bulk){0};
    return walk(body, &e, a, err);
}

/* ---- Values ---------------------------------------------------------------------------------- */

static const struct record_member value_members[] = {{"value", RECORD_TEXT, true},
                                                     {"expiration", RECORD_NUMBER, false},
                                                     {"metadata", RECORD_JSON, false}};

struct values_reader {
    struct envelope envelope; /* of the walk */
    struct record record;
    struct arena arena; /* of the current pair */
    struct bytes key;
    bool inside;  /* of "values" */
    bool seen;    /* "values" was there */
    bool late;    /* "result" came before "success" */
    bool certain; /* success is known from a first walk */
    store_pair_fn on_pair;
    void *ctx;
};

static bool values_member(struct values_reader *v, struct bytes name, struct error *err)
{
    v->inside = bytes_equal(name, bytes_of("values"));
    if (v->inside && v->seen)
        return error_set(err, ERR_FORMAT, "'result' has 'values' twice");
    v->seen = v->seen || v->inside;
    return true;
}

/* A key, and what stands under it: null, or an object. */
static bool values_pair(struct values_reader *v, const struct event *e, struct error *err)
{
    if (e->kind == EVENT_KEY) {
        arena_reset(&v->arena);
        return arena_bytes(&v->arena, e->text, &v->key) || error_nomem(err);
    }
    if (e->kind == EVENT_BEGIN_OBJECT) {
        record_begin(&v->record);
        return true;
    }
    if (e->kind != EVENT_END_OBJECT)
        return e->kind == EVENT_NULL ||
               error_set(err, ERR_FORMAT, "an item of 'values' is %s, not an object",
                         event_name(e));
    struct store_pair pair = {.key = v->key,
                              .value = v->record.text[0],
                              .expiration = seconds(v->record.number[1]),
                              .metadata = v->record.text[2]};
    return record_end(&v->record, err) && v->on_pair(v->ctx, &pair, err);
}

static bool values_inside(struct values_reader *v, const struct event *e, struct error *err)
{
    struct event inner = *e;
    if (e->depth == 1)
        return e->kind == EVENT_BEGIN_OBJECT || e->kind == EVENT_END_OBJECT ||
               error_set(err, ERR_FORMAT, "'values' is %s, not an object", event_name(e));
    if (e->depth == 2)
        return values_pair(v, e, err);
    inner.depth = e->depth - 3;
    return record_event(&v->record, &inner, err);
}

static bool values_event(void *ctx, const struct event *e, struct error *err)
{
    struct values_reader *v = ctx;
    if (!v->certain && !v->envelope.has_success) {
        v->late = true;
        return true;
    }
    if (!v->certain && !v->envelope.success)
        return true;
    if (e->depth == 0)
        return e->kind == EVENT_NULL || e->kind == EVENT_END_OBJECT ||
               check_type(e, EVENT_BEGIN_OBJECT, NULL, err);
    if (e->depth == 1 && e->kind == EVENT_KEY)
        return values_member(v, e->text, err);
    return !v->inside || values_inside(v, e, err);
}

static bool values_walk(struct bytes body, struct values_reader *v, struct answer *a,
                        struct error *err)
{
    v->envelope = (struct envelope){.result = values_event, .ctx = v};
    return walk(body, &v->envelope, a, err) && need(&v->envelope, "an object", err);
}

bool answer_values(struct bytes body, struct answer *a, store_pair_fn on_pair, void *ctx,
                   struct error *err)
{
    struct values_reader v = {
        .record = {.what = "an item of 'values'", .members = value_members, .n = 3},
        .on_pair = on_pair,
        .ctx = ctx};
    v.record.arena = &v.arena;
    bool ok = values_walk(body, &v, a, err);
    v.certain = ok && a->success && v.late;
    if (v.certain)
        ok = values_walk(body, &v, a, err);
    if (ok && a->success && !v.seen)
        ok = error_set(err, ERR_FORMAT, "'result' has no 'values'");
    record_release(&v.record);
    arena_release(&v.arena);
    return ok;
}

/* ---- Metadata -------------------------------------------------------------------------------- */

static bool metadata_event(void *ctx, const struct event *e, struct error *err)
{
    struct record *r = ctx;
    struct event begin = {.kind = EVENT_KEY, .text = bytes_of("result")};
    return (r->copying || e->depth > 0 || record_event(r, &begin, err)) && record_event(r, e, err);
}

bool answer_metadata(struct bytes body, struct arena *arena, struct answer *a,
                     struct bytes *metadata, struct error *err)
{
    static const struct record_member member[] = {{"result", RECORD_JSON, false}};
    struct record r = {.what = "the answer", .members = member, .n = 1, .arena = arena};
    struct envelope e = {.result = metadata_event, .ctx = &r};
    record_begin(&r);
    bool ok = walk(body, &e, a, err);
    *metadata = r.text[0];
    record_release(&r);
    return ok;
}
