#include "cloudflare_answer.h"

#include "base/map.h"
#include "base/text.h"
#include "cloudflare_envelope.h"
#include "model/model.h"

#define TEXT_MAX 4096
#define PAGE_MAX ((size_t)10 * STORE_PAGE)

#define SHOWN 160 /* bytes of a text in a message */

_Static_assert(TEXT_MAX == 4096, "the messages say so");

/* ---- Texts ----------------------------------------------------------------------------------- */

static bool check_id(struct bytes id, struct error *err)
{
    char quoted[SHOWN];
    return id_valid(id) ||
           error_set(err, ERR_FORMAT, "'id' is not 32 lowercase hexadecimal digits: %s",
                     text_quoted(id, quoted, sizeof quoted));
}

/* `what` is how messages call it. */
static bool check_length(const char *what, struct bytes text, struct error *err)
{
    char quoted[SHOWN];
    return text.len <= TEXT_MAX || error_set(err, ERR_FORMAT, "%s is longer than 4096 bytes: %s",
                                             what, text_quoted(text, quoted, sizeof quoted));
}

static bool check_text(const char *what, struct bytes text, struct error *err)
{
    char quoted[SHOWN];
    if (!check_length(what, text, err))
        return false;
    if (text.len > 0 && memchr(text.data, '\0', text.len))
        return error_set(err, ERR_FORMAT, "%s holds a NUL: %s", what,
                         text_quoted(text, quoted, sizeof quoted));
    return true;
}

/* What others put may have any bytes, so a NUL too. */
static bool check_key(const char *what, struct bytes key, struct error *err)
{
    if (key.len == 0)
        return error_set(err, ERR_FORMAT, "%s is empty", what);
    return check_length(what, key, err);
}

static bool keep_text(struct arena *arena, const char *what, struct bytes text, struct bytes *copy,
                      struct error *err)
{
    if (!check_text(what, text, err))
        return false;
    *copy = arena_copy(arena, text);
    return true;
}

static bool refuse_more(const char *name, size_t max, struct error *err)
{
    return error_set(err, ERR_FORMAT, "'%s' has more than %zu items", name, max);
}

/* `v` as compact JSON in the arena. */
static bool keep_json(struct arena *arena, const struct json_event *v, struct bytes *copy,
                      struct error *err)
{
    struct buf text = {0};
    bool ok = shape_print(v, &text, err);
    if (ok)
        *copy = arena_copy(arena, buf_bytes(&text));
    buf_release(&text);
    return ok;
}

/* ---- Put, delete, rename --------------------------------------------------------------------- */

bool answer_plain(struct bytes body, struct answer *a, struct error *err)
{
    static const struct shape members[] = {{.name = "result", .kinds = SHAPE_OBJECT | SHAPE_NULL},
                                           {.name = NULL}};
    if (body.len > 0)
        return answer_envelope_read(body, a, members, NULL, err);
    *a = (struct answer){.success = true};
    return true;
}

/* ---- Namespaces and accounts ----------------------------------------------------------------- */

/* Both are an id and a text under another name. */
struct names_reader {
    struct arena *arena;
    struct store_namespace *items;
    size_t n, cap;
    struct store_namespace item;
    bool has_total;
    uint64_t total, per_page, count;
};

static bool take_id(void *ctx, const struct json_event *v, struct error *err)
{
    struct names_reader *r = ctx;
    if (!check_id(v->text, err))
        return false;
    r->item.id = arena_copy(r->arena, v->text);
    return true;
}

static bool take_title(void *ctx, const struct json_event *v, struct error *err)
{
    struct names_reader *r = ctx;
    return keep_text(r->arena, "'title'", v->text, &r->item.title, err);
}

static bool take_jurisdiction(void *ctx, const struct json_event *v, struct error *err)
{
    struct names_reader *r = ctx;
    return keep_text(r->arena, "'jurisdiction'", v->text, &r->item.jurisdiction, err);
}

static bool take_mode(void *ctx, const struct json_event *v, struct error *err)
{
    struct names_reader *r = ctx;
    return keep_text(r->arena, "'mode'", v->text, &r->item.mode, err);
}

static bool take_account_name(void *ctx, const struct json_event *v, struct error *err)
{
    struct names_reader *r = ctx;
    return keep_text(r->arena, "'name'", v->text, &r->item.title, err);
}

static bool end_item(void *ctx, struct error *err)
{
    struct names_reader *r = ctx;
    if (r->n == PAGE_MAX)
        return refuse_more("result", PAGE_MAX, err);
    arena_grow(r->arena, (void **)&r->items, &r->cap, r->n + 1, sizeof *r->items);
    r->items[r->n++] = r->item;
    r->item = (struct store_namespace){.id = {0}};
    return true;
}

static bool take_total(void *ctx, const struct json_event *v, struct error *err)
{
    struct names_reader *r = ctx;
    if (v->integer < 0)
        return error_set(err, ERR_FORMAT, "'total_count' is negative");
    r->has_total = true;
    r->total = (uint64_t)v->integer;
    return true;
}

/* What makes no sense is passed over: it only helps. */
static bool take_per_page(void *ctx, const struct json_event *v, struct error *err)
{
    struct names_reader *r = ctx;
    (void)err;
    r->per_page = v->integer > 0 ? (uint64_t)v->integer : 0;
    return true;
}

static bool take_count(void *ctx, const struct json_event *v, struct error *err)
{
    struct names_reader *r = ctx;
    (void)err;
    r->count = v->integer > 0 ? (uint64_t)v->integer : 0;
    return true;
}

static const struct shape namespace_members[] = {
    {.name = "id", .kinds = SHAPE_STRING, .required = true, .take = take_id},
    {.name = "title", .kinds = SHAPE_STRING, .required = true, .take = take_title},
    {.name = "jurisdiction", .kinds = SHAPE_STRING | SHAPE_NULL, .take = take_jurisdiction},
    {.name = "mode", .kinds = SHAPE_STRING, .lenient = true, .take = take_mode},
    {.name = NULL}};

static const struct shape account_members[] = {
    {.name = "id", .kinds = SHAPE_STRING, .required = true, .take = take_id},
    {.name = "name", .kinds = SHAPE_STRING, .required = true, .take = take_account_name},
    {.name = NULL}};

static const struct shape names_info_members[] = {
    {.name = "count", .kinds = SHAPE_INTEGER, .lenient = true, .take = take_count},
    {.name = "per_page", .kinds = SHAPE_INTEGER, .lenient = true, .take = take_per_page},
    {.name = "total_count", .kinds = SHAPE_INTEGER | SHAPE_NULL, .take = take_total},
    {.name = NULL}};

bool answer_namespace(struct bytes body, struct arena *arena, struct answer *a,
                      struct store_namespace *ns, struct error *err)
{
    static const struct shape members[] = {
        {.name = "result", .kinds = SHAPE_OBJECT, .required = true, .members = namespace_members},
        {.name = NULL}};
    struct names_reader r = {.arena = arena};
    *ns = (struct store_namespace){.id = {0}};
    if (!answer_envelope_read(body, a, members, &r, err))
        return false;
    *ns = r.item;
    return true;
}

/* A page of what `item_members` describe. */
static bool read_names(struct bytes body, struct answer *a, const struct shape *item_members,
                       struct names_reader *r, struct error *err)
{
    struct shape item = {.what = "an item of 'result'",
                         .kinds = SHAPE_OBJECT,
                         .members = item_members,
                         .end = end_item};
    struct shape members[] = {
        {.name = "result", .kinds = SHAPE_ARRAY, .required = true, .item = &item},
        {.name = "result_info", .kinds = SHAPE_OBJECT | SHAPE_NULL, .members = names_info_members},
        {.name = NULL}};
    return answer_envelope_read(body, a, members, r, err);
}

bool answer_namespaces(struct bytes body, struct arena *arena, struct answer *a,
                       struct answer_namespaces *page, struct error *err)
{
    struct names_reader r = {.arena = arena};
    *page = (struct answer_namespaces){.n = 0};
    if (!read_names(body, a, namespace_members, &r, err))
        return false;
    *page = (struct answer_namespaces){r.items, r.n, r.has_total, r.total, r.per_page, r.count};
    return true;
}

bool answer_accounts(struct bytes body, struct arena *arena, struct answer *a,
                     struct answer_accounts *page, struct error *err)
{
    struct names_reader r = {.arena = arena};
    *page = (struct answer_accounts){.n = 0};
    if (!read_names(body, a, account_members, &r, err))
        return false;
    struct answer_account *items = arena_alloc(arena, r.n, sizeof *items);
    for (size_t i = 0; i < r.n; i++)
        items[i] = (struct answer_account){r.items[i].id, r.items[i].title};
    *page = (struct answer_accounts){items, r.n, r.has_total, r.total};
    return true;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

struct keys_reader {
    struct arena *arena;
    struct answer_keys page;
    size_t cap;
    struct store_key item;
};

static bool begin_key(void *ctx, struct error *err)
{
    (void)err;
    ((struct keys_reader *)ctx)->item = (struct store_key){.expiration = 0};
    return true;
}

static bool take_name(void *ctx, const struct json_event *v, struct error *err)
{
    struct keys_reader *r = ctx;
    if (!check_key("'name'", v->text, err))
        return false;
    r->item.key = arena_copy(r->arena, v->text);
    return true;
}

static bool read_expiration(const struct json_event *v, int64_t *expiration, struct error *err)
{
    *expiration = v->integer;
    return v->integer > 0 || error_set(err, ERR_FORMAT, "'expiration' is not positive");
}

static bool take_key_expiration(void *ctx, const struct json_event *v, struct error *err)
{
    return read_expiration(v, &((struct keys_reader *)ctx)->item.expiration, err);
}

static bool take_key_metadata(void *ctx, const struct json_event *v, struct error *err)
{
    struct keys_reader *r = ctx;
    return keep_json(r->arena, v, &r->item.metadata, err);
}

static bool end_key(void *ctx, struct error *err)
{
    struct keys_reader *r = ctx;
    struct answer_keys *page = &r->page;
    if (page->n == PAGE_MAX)
        return refuse_more("result", PAGE_MAX, err);
    arena_grow(r->arena, (void **)&page->items, &r->cap, page->n + 1, sizeof *page->items);
    page->items[page->n++] = r->item;
    return true;
}

static bool take_key_count(void *ctx, const struct json_event *v, struct error *err)
{
    struct keys_reader *r = ctx;
    (void)err;
    r->page.count = v->integer > 0 ? (uint64_t)v->integer : 0;
    return true;
}

static bool take_cursor(void *ctx, const struct json_event *v, struct error *err)
{
    struct keys_reader *r = ctx;
    return keep_text(r->arena, "'cursor'", v->text, &r->page.cursor, err);
}

bool answer_keys(struct bytes body, struct arena *arena, struct answer *a, struct answer_keys *page,
                 struct error *err)
{
    static const struct shape key_members[] = {
        {.name = "name", .kinds = SHAPE_STRING, .required = true, .take = take_name},
        {.name = "expiration", .kinds = SHAPE_INTEGER | SHAPE_NULL, .take = take_key_expiration},
        {.name = "metadata", .kinds = SHAPE_ANY, .take = take_key_metadata},
        {.name = NULL}};
    static const struct shape key = {.what = "an item of 'result'",
                                     .kinds = SHAPE_OBJECT,
                                     .members = key_members,
                                     .begin = begin_key,
                                     .end = end_key};
    static const struct shape info_members[] = {
        {.name = "count", .kinds = SHAPE_INTEGER, .lenient = true, .take = take_key_count},
        {.name = "cursor", .kinds = SHAPE_STRING | SHAPE_NULL, .take = take_cursor},
        {.name = NULL}};
    static const struct shape members[] = {
        {.name = "result", .kinds = SHAPE_ARRAY, .required = true, .item = &key},
        {.name = "result_info", .kinds = SHAPE_OBJECT | SHAPE_NULL, .members = info_members},
        {.name = NULL}};
    struct keys_reader r = {.arena = arena};
    *page = (struct answer_keys){.n = 0};
    if (!answer_envelope_read(body, a, members, &r, err))
        return false;
    *page = r.page;
    return true;
}

/* ---- Values ---------------------------------------------------------------------------------- */

struct values_reader {
    store_pair_fn on_pair;
    void *ctx;
    struct store_pair pair;
    struct buf value, metadata; /* what `pair` points at */
    struct map keys;            /* all so far */
    struct arena arena;         /* of their bytes */
};

static bool name_value(void *ctx, struct bytes name, struct error *err)
{
    struct values_reader *r = ctx;
    char quoted[SHOWN];
    size_t existing;
    r->pair = (struct store_pair){.key = {0}};
    if (r->keys.n == STORE_GET_MAX)
        return refuse_more("values", STORE_GET_MAX, err);
    if (!check_key("a key of 'values'", name, err))
        return false;
    r->pair.key = arena_copy(&r->arena, name);
    map_add(&r->keys, r->pair.key, 0, &existing);
    return existing == MAP_NONE || error_set(err, ERR_FORMAT, "the key %s is there twice",
                                             text_quoted(name, quoted, sizeof quoted));
}

static bool take_value(void *ctx, const struct json_event *v, struct error *err)
{
    struct values_reader *r = ctx;
    (void)err;
    buf_clear(&r->value);
    buf_add_bytes(&r->value, v->text);
    r->pair.value = buf_bytes(&r->value);
    return true;
}

static bool take_value_metadata(void *ctx, const struct json_event *v, struct error *err)
{
    struct values_reader *r = ctx;
    buf_clear(&r->metadata);
    if (!shape_print(v, &r->metadata, err))
        return false;
    r->pair.metadata = buf_bytes(&r->metadata);
    return true;
}

static bool take_value_expiration(void *ctx, const struct json_event *v, struct error *err)
{
    return read_expiration(v, &((struct values_reader *)ctx)->pair.expiration, err);
}

static bool end_value(void *ctx, struct error *err)
{
    struct values_reader *r = ctx;
    return r->on_pair(r->ctx, &r->pair, err);
}

bool answer_values(struct bytes body, struct answer *a, store_pair_fn on_pair, void *ctx,
                   struct error *err)
{
    static const struct shape value_members[] = {
        {.name = "value", .kinds = SHAPE_STRING, .required = true, .take = take_value},
        {.name = "metadata", .kinds = SHAPE_ANY, .take = take_value_metadata},
        {.name = "expiration", .kinds = SHAPE_INTEGER | SHAPE_NULL, .take = take_value_expiration},
        {.name = NULL}};
    static const struct shape value = {.what = "a member of 'values'",
                                       .kinds = SHAPE_OBJECT | SHAPE_NULL,
                                       .members = value_members,
                                       .end = end_value};
    static const struct shape result_members[] = {{.name = "values",
                                                   .kinds = SHAPE_OBJECT,
                                                   .required = true,
                                                   .on_name = name_value,
                                                   .item = &value},
                                                  {.name = NULL}};
    static const struct shape members[] = {
        {.name = "result", .kinds = SHAPE_OBJECT, .required = true, .members = result_members},
        {.name = NULL}};
    struct values_reader r = {.on_pair = on_pair, .ctx = ctx};
    bool ok = answer_envelope_read(body, a, members, &r, err);
    buf_release(&r.value);
    buf_release(&r.metadata);
    map_release(&r.keys);
    arena_release(&r.arena);
    return ok;
}

/* ---- Bulk put and delete --------------------------------------------------------------------- */

struct bulk_reader {
    struct arena *arena;
    struct answer_bulk result;
    size_t cap;
};

static bool take_failed(void *ctx, const struct json_event *v, struct error *err)
{
    struct bulk_reader *r = ctx;
    struct answer_bulk *result = &r->result;
    if (result->n_failed == STORE_BULK_MAX)
        return refuse_more("unsuccessful_keys", STORE_BULK_MAX, err);
    if (!check_length("an item of 'unsuccessful_keys'", v->text, err))
        return false;
    arena_grow(r->arena, (void **)&result->failed, &r->cap, result->n_failed + 1,
               sizeof *result->failed);
    result->failed[result->n_failed++] = arena_copy(r->arena, v->text);
    return true;
}

bool answer_bulk(struct bytes body, struct arena *arena, struct answer *a,
                 struct answer_bulk *result, struct error *err)
{
    static const struct shape failed = {
        .what = "an item of 'unsuccessful_keys'", .kinds = SHAPE_STRING, .take = take_failed};
    static const struct shape result_members[] = {
        {.name = "unsuccessful_keys", .kinds = SHAPE_ARRAY | SHAPE_NULL, .item = &failed},
        {.name = NULL}};
    static const struct shape members[] = {
        {.name = "result", .kinds = SHAPE_OBJECT | SHAPE_NULL, .members = result_members},
        {.name = NULL}};
    struct bulk_reader r = {.arena = arena};
    *result = (struct answer_bulk){.n_failed = 0};
    if (!answer_envelope_read(body, a, members, &r, err))
        return false;
    *result = r.result;
    return true;
}

/* ---- Metadata -------------------------------------------------------------------------------- */

struct metadata_reader {
    struct arena *arena;
    struct bytes metadata;
};

static bool take_metadata(void *ctx, const struct json_event *v, struct error *err)
{
    struct metadata_reader *r = ctx;
    return keep_json(r->arena, v, &r->metadata, err);
}

bool answer_metadata(struct bytes body, struct arena *arena, struct answer *a,
                     struct bytes *metadata, struct error *err)
{
    static const struct shape members[] = {
        {.name = "result", .kinds = SHAPE_ANY, .take = take_metadata}, {.name = NULL}};
    struct metadata_reader r = {.arena = arena};
    *metadata = bytes_make(NULL, 0);
    if (!answer_envelope_read(body, a, members, &r, err))
        return false;
    *metadata = r.metadata;
    return true;
}
