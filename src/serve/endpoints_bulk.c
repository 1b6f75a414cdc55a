/* endpoints_bulk.c: many keys in one request. */
#include "base/text.h"
#include "body.h"
#include "endpoints.h"
#include "model/model.h"
#include "step.h"

/* ---- What a bulk write answers --------------------------------------------------------------- */

struct bulk_outcome {
    struct body_keys failed; /* in the request's arena */
    size_t n_done;
};

static void add_failed(struct call *c, struct bulk_outcome *outcome, struct bytes key)
{
    struct body_keys *failed = &outcome->failed;
    arena_grow(c->arena, (void **)&failed->items, &failed->cap, failed->n + 1,
               sizeof *failed->items);
    failed->items[failed->n++] = arena_copy(c->arena, key);
}

/* What the store itself could not do. */
static void take_failed(struct call *c, const struct store_result *result, void *ctx)
{
    struct bulk_outcome *outcome = ctx;
    for (size_t i = 0; i < result->n_failed; i++)
        add_failed(c, outcome, result->failed[i]);
    outcome->n_done -= result->n_failed;
}

static bool answer_outcome(struct call *c, const struct bulk_outcome *outcome)
{
    struct json_writer w = reply_begin(c->reply);
    json_begin_object(&w);
    json_field_count(&w, "successful_key_count", outcome->n_done);
    json_field_strings(&w, "unsuccessful_keys", outcome->failed.items, outcome->failed.n);
    json_end_object(&w);
    reply_end(&w);
    return true;
}

static bool left_out(const struct call *c, struct bytes key)
{
    return call_has_fault(c, FAULT_PARTIAL) && faults_leaves_out(&c->server->faults, c->fault, key);
}

/* ---- Put ------------------------------------------------------------------------------------- */

static bool same_pair(const struct store_pair *a, const struct store_pair *b)
{
    return bytes_equal(a->value, b->value) && bytes_equal(a->metadata, b->metadata) &&
           a->expiration == b->expiration && a->expiration_ttl == b->expiration_ttl;
}

/* A key that is given twice is refused, unless both pairs are the same: those count once. */
static bool drop_repeated(struct call *c, struct body_pairs *pairs)
{
    struct map index = {0};
    size_t n = 0, existing;
    bool ok = true;
    for (size_t i = 0; ok && i < pairs->n; i++) {
        const struct store_pair *pair = &pairs->items[i];
        map_add(&index, pair->key, n, &existing);
        if (existing == MAP_NONE)
            pairs->items[n++] = *pair;
        else if (!same_pair(&pairs->items[existing], pair))
            ok =
                reply_fail(c->reply, CODE_BODY,
                           "%s: 'pair %zu: its key is given twice, with other data'", c->op, i + 1);
    }
    map_release(&index);
    pairs->n = n;
    return ok;
}

bool bulk_put(struct call *c)
{
    struct body_pairs pairs;
    struct bulk_outcome outcome = {0};
    if (!instant_takes_no_bulk(c) || !body_read_pairs(c, &pairs) || !drop_repeated(c, &pairs))
        return false;
    c->items = pairs.n;
    for (size_t i = 0; i < pairs.n; i++) {
        if (!left_out(c, pairs.items[i].key))
            pairs.items[outcome.n_done++] = pairs.items[i];
        else
            add_failed(c, &outcome, pairs.items[i].key);
    }
    struct store_op op = {
        .kind = STORE_BULK_PUT, .id = c->route.id, .pairs = pairs.items, .n = outcome.n_done};
    step_count(c, USAGE_WRITE, outcome.n_done);
    stale_keep_keys(c);
    if (op.n > 0 && !c->server->owned && !step_run(c, &op, take_failed, &outcome))
        return false;
    return answer_outcome(c, &outcome);
}

/* ---- Delete ---------------------------------------------------------------------------------- */

bool bulk_delete(struct call *c)
{
    struct body_keys keys;
    struct bulk_outcome outcome = {0};
    if (!instant_takes_no_bulk(c) || !body_read_keys(c, &keys))
        return false;
    c->items = keys.n;
    for (size_t i = 0; i < keys.n; i++) {
        if (!left_out(c, keys.items[i]))
            keys.items[outcome.n_done++] = keys.items[i];
        else
            add_failed(c, &outcome, keys.items[i]);
    }
    struct store_op op = {
        .kind = STORE_BULK_DELETE, .id = c->route.id, .keys = keys.items, .n = outcome.n_done};
    step_count(c, USAGE_DELETE, outcome.n_done);
    stale_keep_keys(c);
    if (op.n > 0 && !step_run(c, &op, take_failed, &outcome))
        return false;
    return answer_outcome(c, &outcome);
}

bool bulk_delete_old(struct call *c)
{
    return bulk_delete(c);
}

/* ---- Get ------------------------------------------------------------------------------------- */

struct getting {
    struct call *call;
    const struct body_get *get;
    struct map index;         /* key to its place in `found` */
    struct store_pair *found; /* in the order of the request; key.data NULL: not there */
    size_t total;             /* bytes of values so far */
};

static bool is_json(struct bytes text)
{
    struct error err;
    return json_parse(text, NULL, NULL, &err);
}

static bool check_text(struct call *c, const struct body_get *get, struct bytes value)
{
    if (get->json ? is_json(value) : utf8_valid(value))
        return true;
    return reply_fail(c->reply, CODE_BULK_GET,
                      "%s: 'At least one of the requested keys corresponds to a non-%s value'",
                      c->op, get->json ? "json" : "text");
}

static bool take_pair(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct getting *g = ctx;
    struct arena *arena = g->call->arena;
    struct store_pair *copy = &g->found[map_get(&g->index, pair->key)];
    g->total += pair->value.len;
    if (g->total > KV_VALUE_MAX)
        reply_fail(g->call->reply, CODE_TOO_LARGE,
                   "%s: 'Total size of request exceeds the limit of 25MB'", g->call->op);
    if (g->total > KV_VALUE_MAX || !check_text(g->call, g->get, pair->value))
        return error_set(err, ERR_INVALID, "refused");
    copy->expiration = pair->expiration;
    copy->key = arena_copy(arena, pair->key);
    copy->value = arena_copy(arena, pair->value);
    if (pair->metadata.data)
        copy->metadata = arena_copy(arena, pair->metadata);
    return true;
}

static void write_value(struct json_writer *w, const struct body_get *get, struct bytes value)
{
    if (get->json)
        json_raw(w, value);
    else
        json_string(w, value);
}

static void write_pair(struct json_writer *w, const struct body_get *get,
                       const struct store_pair *pair)
{
    if (!pair->key.data) {
        json_null(w);
        return;
    }
    if (!get->with_metadata) {
        write_value(w, get, pair->value);
        return;
    }
    json_begin_object(w);
    json_key(w, "value");
    write_value(w, get, pair->value);
    json_key(w, "metadata");
    if (pair->metadata.data)
        json_raw(w, pair->metadata);
    else
        json_null(w);
    if (pair->expiration > 0)
        json_field_int(w, "expiration", pair->expiration);
    json_end_object(w);
}

static bool answer_values(struct call *c, const struct getting *g, const struct bytes *keys,
                          size_t n)
{
    struct json_writer w = reply_begin(c->reply);
    json_begin_object(&w);
    json_field_object(&w, "values");
    for (size_t i = 0; i < n; i++) {
        json_key_bytes(&w, keys[i]);
        write_pair(&w, g->get, &g->found[i]);
    }
    json_end_object(&w);
    json_end_object(&w);
    reply_end(&w);
    return true;
}

/* Drops repeated keys, so that no member of the answer comes twice. */
static void index_keys(struct getting *g, struct body_keys *keys)
{
    size_t n = 0;
    for (size_t i = 0; i < keys->n; i++) {
        size_t existing;
        map_add(&g->index, keys->items[i], n, &existing);
        if (existing == MAP_NONE)
            keys->items[n++] = keys->items[i];
    }
    keys->n = n;
    g->found = arena_alloc(g->call->arena, n, sizeof *g->found);
}

bool bulk_get(struct call *c)
{
    struct body_get get;
    if (!body_read_get(c, &get))
        return false;
    struct getting g = {.call = c, .get = &get};
    index_keys(&g, &get.keys);
    struct store_op op = {.kind = STORE_BULK_GET,
                          .id = c->route.id,
                          .keys = get.keys.items,
                          .n = get.keys.n,
                          .on_pair = take_pair,
                          .on_pair_ctx = &g};
    c->items = get.keys.n;
    step_count(c, USAGE_READ, get.keys.n);
    bool ok = step_run(c, &op, NULL, NULL) && answer_values(c, &g, op.keys, op.n);
    map_release(&g.index);
    return ok;
}
