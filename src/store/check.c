#include "check.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "model/validate.h"

#define SHOWN 128 /* of a key, in messages */

/* ---- Keys ------------------------------------------------------------------------------------ */

static bool key_check(struct bytes key, struct error *err)
{
    char name[SHOWN];
    if (key.len == 0)
        return error_set(err, ERR_LIMIT, "a key is empty");
    if (key.len > KV_KEY_MAX)
        return error_set(err, ERR_LIMIT, "key %s has %zu bytes, more than %d",
                         text_quoted(key, name, sizeof name), key.len, KV_KEY_MAX);
    if (bytes_equal(key, bytes_of(".")) || bytes_equal(key, bytes_of("..")))
        return error_set(err, ERR_LIMIT, "key %s is not allowed",
                         text_quoted(key, name, sizeof name));
    if (!utf8_valid(key))
        return error_set(err, ERR_LIMIT, "key %s is not valid UTF-8",
                         text_quoted(key, name, sizeof name));
    return true;
}

static bool keys_check(const struct store_op *op, size_t max, struct error *err)
{
    if (op->n > max)
        return error_set(err, ERR_LIMIT, "%zu keys at once, more than %zu", op->n, max);
    for (size_t i = 0; i < op->n; i++)
        if (!key_check(op->keys[i], err))
            return false;
    return true;
}

/* ---- Pairs ----------------------------------------------------------------------------------- */

static bool value_check(const struct store_pair *pair, struct error *err)
{
    if (pair->value.len > KV_VALUE_MAX)
        return error_set(err, ERR_LIMIT, "the value has %zu bytes, more than %d", pair->value.len,
                         KV_VALUE_MAX);
    return true;
}

static bool metadata_check(const struct store_pair *pair, struct error *err)
{
    if (!pair->metadata.data)
        return true;
    if (pair->metadata.len > KV_METADATA_MAX)
        return error_set(err, ERR_LIMIT, "the metadata has %zu bytes, more than %d",
                         pair->metadata.len, KV_METADATA_MAX);
    return json_parse(pair->metadata, NULL, NULL, err) || error_wrap(err, "metadata is not JSON");
}

static bool expiry_check(const struct store_pair *pair, struct error *err)
{
    if (pair->expiration_ttl != 0 && pair->expiration_ttl < KV_TTL_MIN)
        return error_set(err, ERR_LIMIT, "expiration_ttl is %lld, less than %d",
                         (long long)pair->expiration_ttl, KV_TTL_MIN);
    if (pair->expiration_ttl > KV_EXPIRATION_MAX)
        return error_set(err, ERR_LIMIT, "expiration_ttl is %lld, more than %lld",
                         (long long)pair->expiration_ttl, (long long)KV_EXPIRATION_MAX);
    if (pair->expiration < 0 || pair->expiration > KV_EXPIRATION_MAX)
        return error_set(err, ERR_LIMIT, "expiration is %lld, not within 1 and %lld",
                         (long long)pair->expiration, (long long)KV_EXPIRATION_MAX);
    return true;
}

static bool pair_check(const struct store_pair *pair, struct error *err)
{
    char name[SHOWN];
    if (!key_check(pair->key, err))
        return false;
    return (value_check(pair, err) && metadata_check(pair, err) && expiry_check(pair, err)) ||
           error_wrap(err, "key %s", text_quoted(pair->key, name, sizeof name));
}

static bool pairs_check(const struct store_op *op, struct error *err)
{
    if (op->n > STORE_BULK_MAX)
        return error_set(err, ERR_LIMIT, "%zu pairs at once, more than %d", op->n, STORE_BULK_MAX);
    for (size_t i = 0; i < op->n; i++)
        if (!pair_check(&op->pairs[i], err))
            return false;
    return true;
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

static bool title_check(struct bytes title, struct error *err)
{
    if (title.len == 0)
        error_set(err, ERR_LIMIT, "the title is empty");
    else if (!utf8_valid(title))
        error_set(err, ERR_LIMIT, "the title is not valid UTF-8");
    else if (utf8_count(title) > KV_TITLE_MAX)
        error_set(err, ERR_LIMIT, "the title has %zu characters, more than %d", utf8_count(title),
                  KV_TITLE_MAX);
    else
        return true;
    return error_hint(err, "give 1 to %d characters of UTF-8", KV_TITLE_MAX);
}

static bool page_check(unsigned page, struct error *err)
{
    return page > 0 || error_set(err, ERR_LIMIT, "page 0; pages count from 1");
}

static bool prefix_check(struct bytes prefix, struct error *err)
{
    if (prefix.len > KV_KEY_MAX)
        return error_set(err, ERR_LIMIT, "the prefix has %zu bytes, more than %d", prefix.len,
                         KV_KEY_MAX);
    return true;
}

/* ---- Modes ----------------------------------------------------------------------------------- */

void store_note_mode(struct store *s, struct bytes id, struct bytes mode)
{
    if (s && mode_is_instant(mode) && !store_is_instant(s, id))
        map_set(&s->instant, arena_copy(&s->instant_ids, id), 0);
}

bool store_is_instant(const struct store *s, struct bytes id)
{
    return s->instant.n > 0 && map_get(&s->instant, id) != MAP_NONE;
}

bool store_check_mode(const struct store *s, const struct store_op *op, struct error *err)
{
    bool is_put = op->kind == STORE_BULK_PUT && store_is_instant(s, op->id);
    for (size_t i = 0; is_put && i < op->n; i++) {
        struct seed_key seed = {.key = op->pairs[i].key, .metadata = op->pairs[i].metadata};
        if (!seed_instant_judge(&seed, err)) {
            err->code = ERR_LIMIT;
            return false;
        }
    }
    return true;
}

bool store_check(const struct store_op *op, struct error *err)
{
    switch (op->kind) {
    case STORE_NAMESPACE_LIST:
        return page_check(op->page, err);
    case STORE_NAMESPACE_CREATE:
    case STORE_NAMESPACE_RENAME:
        return title_check(op->title, err);
    case STORE_NAMESPACE_GET:
    case STORE_NAMESPACE_DELETE:
        return true;
    case STORE_KEY_LIST:
        return prefix_check(op->prefix, err);
    case STORE_BULK_GET:
        if (op->n == 0)
            return error_set(err, ERR_LIMIT, "no key to get");
        return keys_check(op, STORE_GET_MAX, err);
    case STORE_BULK_PUT:
        return pairs_check(op, err);
    case STORE_BULK_DELETE:
        return keys_check(op, STORE_BULK_MAX, err);
    }
    return error_set(err, ERR_FAILED, "unknown operation %d", (int)op->kind);
}

int64_t store_expiration(const struct store_pair *pair, int64_t now)
{
    return pair->expiration_ttl > 0 ? now + pair->expiration_ttl : pair->expiration;
}

void store_other_id(struct bytes id, char out[33])
{
    char hex[HASH_HEX_SIZE];
    struct digest d = hash_hmac_sha256(bytes_of("cfkv-other-id"), id);
    digest_hex(&d, hex);
    memcpy(out, hex, 32);
    out[32] = '\0';
}
