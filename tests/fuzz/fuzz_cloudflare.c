/*
 * fuzz_cloudflare.c: any bytes at all as an answer of Cloudflare, to every endpoint.
 *
 * Beyond not crashing: an answer is read, or has a problem that is worded; what says no success
 * gives nothing; what is given keeps its promises, in memory too; and refusals, which may hold
 * anything, always say something that can be shown.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "store/cloudflare_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

/* ---- Promises -------------------------------------------------------------------------------- */

static void check_answer(const struct answer *a)
{
    size_t len = strnlen(a->message, sizeof a->message);
    insist(len < sizeof a->message && utf8_valid(bytes_make(a->message, len)));
    for (size_t i = 0; i < len; i++)
        insist((unsigned char)a->message[i] >= ' ' && a->message[i] != 0x7F);
    insist(a->code >= 0);
    insist(a->is_envelope || !a->success);
}

static void check_length(struct bytes text)
{
    insist(text.data && text.len <= 4096 && utf8_valid(text));
}

static void check_text(struct bytes text)
{
    check_length(text);
    insist(text.len == 0 || !memchr(text.data, '\0', text.len));
}

static void check_id(struct bytes id)
{
    check_text(id);
    insist(id.len > 0 && id.len <= 64);
}

static void check_key(struct bytes key)
{
    check_length(key);
    insist(key.len > 0);
}

/* As the result of an answer it is read to the same text. */
static void check_metadata(struct bytes metadata)
{
    struct arena arena = {0};
    struct buf body = {0};
    struct answer a;
    struct bytes again;
    struct error err;
    if (!metadata.data)
        return;
    buf_add_str(&body, "{\"success\":true,\"result\":");
    buf_add_bytes(&body, metadata);
    buf_add_char(&body, '}');
    insist(answer_metadata(buf_bytes(&body), &arena, &a, &again, &err));
    insist(bytes_equal(metadata, again));
    buf_release(&body);
    arena_release(&arena);
}

/* ---- Endpoints ------------------------------------------------------------------------------- */

/* Each returns what its parser did. */
typedef bool (*endpoint_fn)(struct bytes body, struct arena *arena, struct answer *a,
                            struct error *err);

static bool on_plain(struct bytes body, struct arena *arena, struct answer *a, struct error *err)
{
    (void)arena;
    bool ok = answer_plain(body, a, err);
    insist(body.len > 0 || (ok && a->success));
    a->is_envelope = a->is_envelope || body.len == 0;
    return ok;
}

static bool on_namespace(struct bytes body, struct arena *arena, struct answer *a,
                         struct error *err)
{
    struct store_namespace ns;
    bool ok = answer_namespace(body, arena, a, &ns, err);
    insist((ok && a->success) == (ns.id.data && ns.title.data));
    if (ns.id.data) {
        check_id(ns.id);
        check_text(ns.title);
    }
    return ok;
}

static bool on_namespaces(struct bytes body, struct arena *arena, struct answer *a,
                          struct error *err)
{
    struct answer_namespaces page;
    bool ok = answer_namespaces(body, arena, a, &page, err);
    insist((ok && a->success) || (page.n == 0 && !page.has_total));
    for (size_t i = 0; i < page.n; i++) {
        check_id(page.items[i].id);
        check_text(page.items[i].title);
    }
    return ok;
}

static bool on_accounts(struct bytes body, struct arena *arena, struct answer *a, struct error *err)
{
    struct answer_accounts page;
    bool ok = answer_accounts(body, arena, a, &page, err);
    insist((ok && a->success) || (page.n == 0 && !page.has_total));
    for (size_t i = 0; i < page.n; i++) {
        check_id(page.items[i].id);
        check_text(page.items[i].name);
    }
    return ok;
}

static bool on_keys(struct bytes body, struct arena *arena, struct answer *a, struct error *err)
{
    struct answer_keys page;
    bool ok = answer_keys(body, arena, a, &page, err);
    insist((ok && a->success) || (page.n == 0 && page.cursor.len == 0));
    for (size_t i = 0; i < page.n; i++) {
        check_key(page.items[i].key);
        check_metadata(page.items[i].metadata);
        insist(page.items[i].expiration >= 0);
    }
    if (page.cursor.data)
        check_text(page.cursor);
    return ok;
}

static bool on_pair(void *ctx, const struct store_pair *pair, struct error *err)
{
    size_t *n = ctx;
    (void)err;
    check_key(pair->key);
    check_metadata(pair->metadata);
    insist(pair->value.data && utf8_valid(pair->value));
    insist(pair->expiration >= 0 && pair->expiration_ttl == 0);
    ++*n;
    return true;
}

static bool on_values(struct bytes body, struct arena *arena, struct answer *a, struct error *err)
{
    size_t n = 0;
    (void)arena;
    bool ok = answer_values(body, a, on_pair, &n, err);
    insist(n == 0 || (a->is_envelope && a->success));
    insist(n <= STORE_GET_MAX);
    return ok;
}

static bool on_bulk(struct bytes body, struct arena *arena, struct answer *a, struct error *err)
{
    struct answer_bulk result;
    bool ok = answer_bulk(body, arena, a, &result, err);
    insist((ok && a->success) || result.n_failed == 0);
    for (size_t i = 0; i < result.n_failed; i++)
        check_length(result.failed[i]);
    return ok;
}

static bool on_metadata(struct bytes body, struct arena *arena, struct answer *a, struct error *err)
{
    struct bytes metadata;
    bool ok = answer_metadata(body, arena, a, &metadata, err);
    insist((ok && a->success) || !metadata.data);
    check_metadata(metadata);
    return ok;
}

static const endpoint_fn endpoints[] = {on_plain, on_namespace, on_namespaces, on_accounts,
                                        on_keys,  on_values,    on_bulk,       on_metadata};

static void ask(endpoint_fn endpoint, struct bytes body, const struct answer *refusal)
{
    struct arena arena = {0};
    struct error err = {.code = ERR_NONE};
    struct answer a;
    if (endpoint(body, &arena, &a, &err)) {
        check_answer(&a);
        insist(body.len == 0 || (a.is_envelope && refusal->is_envelope));
        insist(body.len == 0 || a.success == refusal->success);
        insist(a.code == refusal->code && strcmp(a.message, refusal->message) == 0);
    } else
        insist(err.code == ERR_FORMAT && err.message[0] && utf8_valid(bytes_of(err.message)));
    insist(arena.used <= 64 * body.len + 16384);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes body = bytes_make((const char *)data, size);
    struct answer refusal = answer_refusal(body);
    check_answer(&refusal);
    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++)
        ask(endpoints[i], body, &refusal);
    return 0;
}
