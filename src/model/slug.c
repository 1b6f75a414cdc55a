#include "slug.h"

#include "base/hash.h"

/* No locale: a slug is the same everywhere. */
static char slug_char(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

/* The words of a text with one dash between them, at most `max` characters. */
static void add_words(struct buf *out, struct bytes text, size_t max)
{
    size_t from = out->len;
    bool gap = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = slug_char(text.data[i]);
        if (c == '-') {
            gap = out->len > from;
            continue;
        }
        if (out->len - from + gap + 1 > max)
            return;
        if (gap)
            buf_add_char(out, '-');
        gap = false;
        buf_add_char(out, c);
    }
}

static bool is_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool ends_like_a_slug(struct bytes text)
{
    if (text.len < SLUG_DIGITS ||
        (text.len > SLUG_DIGITS && text.data[text.len - SLUG_DIGITS - 1] != '-'))
        return false;
    for (size_t i = text.len - SLUG_DIGITS; i < text.len; i++)
        if (!is_digit(text.data[i]))
            return false;
    return true;
}

void slug_digits(struct bytes text, char out[SLUG_DIGITS + 1])
{
    struct digest digest = hash_sha256(text);
    char hex[HASH_HEX_SIZE];
    digest_hex(&digest, hex);
    memcpy(out, hex, SLUG_DIGITS);
    out[SLUG_DIGITS] = '\0';
}

void slug_add(struct buf *out, struct bytes text, size_t max)
{
    size_t from = out->len;
    add_words(out, text, max);
    bool same = out->len - from == text.len && bytes_ends_with(buf_bytes(out), text);
    if (same && !ends_like_a_slug(text))
        return;
    char digits[SLUG_DIGITS + 1];
    slug_digits(text, digits);
    out->len = from;
    add_words(out, text, max - SLUG_DIGITS - 1);
    buf_addf(out, "%s%s", out->len > from ? "-" : "", digits);
}

/* One that was cut has the same end for every `max` that cuts it at the same place, its own length
 * among them; a hash alone has it for all. */
bool slug_is_of(struct bytes name, struct bytes text)
{
    struct buf slug = {0};
    if (text.len > 0)
        slug_add(&slug, text, name.len > SLUG_DIGITS ? name.len : SLUG_MAX_LEAST);
    bool is = text.len > 0 && bytes_equal(buf_bytes(&slug), name);
    buf_release(&slug);
    return is;
}
