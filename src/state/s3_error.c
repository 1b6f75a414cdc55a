#define _GNU_SOURCE 1 /* memmem */
#include "s3_error.h"

#include "base/buf.h"
#include "base/line.h"
#include "base/text.h"

/* ---- Text between tags ----------------------------------------------------------------------- */

static bool find(struct bytes in, const char *what, size_t *at)
{
    const char *hit = in.len > 0 ? memmem(in.data, in.len, what, strlen(what)) : NULL;
    if (hit)
        *at = (size_t)(hit - in.data);
    return hit != NULL;
}

/* What stands between the first <NAME> of `in` and its end tag, with no tag in between. */
static struct bytes element(struct bytes in, const char *open, const char *close)
{
    size_t at, end;
    if (!find(in, open, &at))
        return bytes_make("", 0);
    at += strlen(open);
    struct bytes rest = bytes_make(in.data + at, in.len - at);
    if (!find(rest, "<", &end) ||
        !bytes_starts_with(bytes_make(rest.data + end, rest.len - end), bytes_of(close)))
        return bytes_make("", 0);
    return bytes_make(rest.data, end);
}

/* The character that "&#…" (`digits`) stands for; 0: none that text may hold. */
static unsigned numbered(struct bytes digits)
{
    bool is_hex = digits.len > 0 && (digits.data[0] == 'x' || digits.data[0] == 'X');
    unsigned n = 0, base = is_hex ? 16 : 10;
    for (size_t i = is_hex; i < digits.len; i++) {
        int digit = text_hex_digit(digits.data[i]);
        if (digit < 0 || digit >= (int)base || n > 0x10FFFF)
            return 0;
        n = n * base + (unsigned)digit;
    }
    return n > 0x10FFFF || (n >= 0xD800 && n < 0xE000) ? 0 : n;
}

#define ENTITY_MAX 10 /* of what stands between & and ; */

/* Adds what the entity at the start of `text` stands for; how much of `text` that was, 0: it is
 * none that we know. */
static size_t add_entity(struct buf *out, struct bytes text)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (bytes_starts_with(text, bytes_of(known[i].name))) {
            buf_add_char(out, known[i].c);
            return strlen(known[i].name);
        }
    size_t end;
    struct bytes near = bytes_make(text.data, text.len < ENTITY_MAX ? text.len : ENTITY_MAX);
    if (!bytes_starts_with(near, bytes_of("&#")) || !find(near, ";", &end) || end < 3)
        return 0;
    unsigned c = numbered(bytes_make(near.data + 2, end - 2));
    if (c == 0)
        return 0;
    utf8_add(out, c);
    return end + 1;
}

static void decode(struct bytes text, char *out, size_t size)
{
    struct buf plain = {0};
    /* An entity takes up to ten bytes for one: more than that is cut away anyway. */
    if (text.len > ENTITY_MAX * size)
        text.len = ENTITY_MAX * size;
    for (size_t i = 0, n; i < text.len; i += n) {
        n = text.data[i] == '&' ? add_entity(&plain, bytes_make(text.data + i, text.len - i)) : 0;
        if (n == 0)
            buf_add_char(&plain, text.data[i]), n = 1;
    }
    text_one_line(buf_bytes(&plain), out, size);
    buf_release(&plain);
}

/* ---- The body -------------------------------------------------------------------------------- */

static bool is_name(struct bytes text, size_t size)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_';
        if (!ok)
            return false;
    }
    return text.len < size;
}

static void keep_name(struct bytes text, char *out, size_t size)
{
    if (!is_name(text, size))
        text.len = 0;
    memcpy(out, text.len > 0 ? text.data : "", text.len);
    out[text.len] = '\0';
}

void s3_error_read(struct bytes body, struct s3_error *out)
{
    size_t at = 0;
    struct bytes error = {.data = "", .len = 0};
    if (body.len > S3_ERROR_READ)
        body.len = S3_ERROR_READ;
    if (find(body, "<Error>", &at) || find(body, "<Error ", &at))
        error = bytes_make(body.data + at, body.len - at);
    keep_name(element(error, "<Code>", "</Code>"), out->code, sizeof out->code);
    keep_name(element(error, "<Region>", "</Region>"), out->region, sizeof out->region);
    decode(element(error, "<Message>", "</Message>"), out->message, sizeof out->message);
}
