#include "limits.h"

#include <ctype.h>
#include <stdio.h>

#include "base/text.h"
#include "model/model.h"

struct limits_number limits_number_of(struct bytes text)
{
    struct limits_number number = {.given = true};
    /* A leading '+' was a space in the query; no number has one. */
    number.whole = text.len > 0 && text.data[0] != '+' && text_to_int64(text, &number.n);
    snprintf(number.text, sizeof number.text, "%.*s", BYTES_FMT(text));
    return number;
}

bool limits_hex_id(struct bytes id)
{
    size_t hex = 0;
    while (hex < id.len && isxdigit((unsigned char)id.data[hex]))
        hex++;
    return id.len == 32 && hex == 32;
}

/* ---- Keys and values ------------------------------------------------------------------------- */

bool limits_key(struct bytes key, const char *op, struct reply *reply)
{
    if (key.len == 0)
        return reply_fail(reply, CODE_KEY_NAME, "%s: 'Key names must not be empty'", op);
    if (key.len > KV_KEY_MAX)
        return reply_fail(reply, CODE_KEY_TOO_LONG,
                          "%s: 'UTF-8 encoded length of %zu exceeds key length limit of %d.'", op,
                          key.len, KV_KEY_MAX);
    if (bytes_equal(key, bytes_of(".")) || bytes_equal(key, bytes_of("..")))
        return reply_fail(reply, CODE_KEY_NAME,
                          "%s: 'Illegal key name \"%.*s\". Please use a different name.'", op,
                          BYTES_FMT(key));
    if (!utf8_valid(key))
        return reply_fail(reply, CODE_KEY_NAME, "%s: 'Could not URL-decode key name'", op);
    return true;
}

bool limits_prefix(struct bytes prefix, const char *op, struct reply *reply)
{
    return prefix.len <= KV_KEY_MAX ||
           reply_fail(reply, CODE_KEY_TOO_LONG,
                      "%s: 'UTF-8 encoded length of %zu exceeds key length limit of %d.'", op,
                      prefix.len, KV_KEY_MAX);
}

bool limits_value(size_t len, const char *op, struct reply *reply)
{
    return len <= KV_VALUE_MAX ||
           reply_fail(reply, CODE_TOO_LARGE, "%s: 'Value length of %zu exceeds limit of %d.'", op,
                      len, KV_VALUE_MAX);
}

bool limits_metadata(struct bytes json, const char *op, struct arena *arena, struct bytes *compact,
                     struct reply *reply)
{
    struct error err;
    struct buf text = {0};
    bool ok = true;
    *compact = bytes_make(NULL, 0);
    if (!json_compact(json, &text, &err))
        ok = reply_fail(reply, CODE_METADATA_JSON, "%s: 'metadata must be valid json'", op);
    else if (text.len > KV_METADATA_MAX)
        ok = reply_fail(reply, CODE_METADATA, "%s: 'Metadata length of %zu exceeds limit of %d.'",
                        op, text.len, KV_METADATA_MAX);
    else if (!bytes_equal(buf_bytes(&text), bytes_of("null")))
        *compact = arena_copy(arena, buf_bytes(&text));
    buf_release(&text);
    return ok;
}

/* ---- Expiry ---------------------------------------------------------------------------------- */

bool limits_expiry(const struct limits_number *ttl, const struct limits_number *expiration,
                   int64_t now, const char *op, struct store_pair *pair, struct reply *reply)
{
    if (ttl->given) {
        bool sane = ttl->whole && ttl->n > 0 && ttl->n <= KV_EXPIRATION_MAX;
        pair->expiration_ttl = ttl->n;
        return (sane && ttl->n >= KV_TTL_MIN) ||
               reply_fail(reply, CODE_EXPIRATION_TTL, "%s: 'Invalid expiration_ttl of %s. %s'", op,
                          ttl->text,
                          sane ? "Expiration TTL must be at least 60."
                               : "Please specify integer greater than 0.");
    }
    if (expiration->given) {
        bool sane = expiration->whole && expiration->n > now && expiration->n <= KV_EXPIRATION_MAX;
        pair->expiration = expiration->n;
        return (sane && expiration->n >= now + KV_TTL_MIN) ||
               reply_fail(reply, CODE_EXPIRATION, "%s: 'Invalid expiration of %s. %s'", op,
                          expiration->text,
                          sane ? "Expiration times must be at least 60 seconds in the future."
                               : "Please specify integer greater than the current number of "
                                 "seconds since the UNIX epoch.");
    }
    return true;
}

/* ---- Titles ---------------------------------------------------------------------------------- */

bool limits_title(struct bytes title, const char *op, struct reply *reply)
{
    if (title.len == 0)
        return reply_fail(reply, CODE_NO_TITLE, "%s: '%s'", op, code_text(CODE_NO_TITLE));
    if (utf8_count(title) > KV_TITLE_MAX)
        return reply_fail(reply, CODE_NAMESPACE_BODY,
                          "%s: 'Title length of %zu exceeds limit of %d.'", op, utf8_count(title),
                          KV_TITLE_MAX);
    return true;
}
