#include "fold.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "library.h"

#define UTF8PROC_FUNCTIONS(X) X(utf8proc_, map)

LIBRARY_DECLARE(utf8proc, UTF8PROC_FUNCTIONS);
LIBRARY_DEFINE(utf8proc, UTF8PROC_FUNCTIONS, "libutf8proc.so.2", "libutf8proc2")

static bool is_blank(char ch)
{
    return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] >= 0x80)
            return false;
    return true;
}

/* The length of the blank at the end of `text`: of ASCII, U+00A0, U+2000 to U+200B, U+3000. */
static size_t blank_at_end(struct bytes text)
{
    const unsigned char *end = (const unsigned char *)text.data + text.len;
    if (text.len >= 1 && is_blank(text.data[text.len - 1]))
        return 1;
    if (text.len >= 2 && end[-2] == 0xC2 && end[-1] == 0xA0)
        return 2;
    bool general = text.len >= 3 && end[-3] == 0xE2 && end[-2] == 0x80 && end[-1] <= 0x8B;
    bool ideographic = text.len >= 3 && memcmp(end - 3, "\xE3\x80\x80", 3) == 0;
    return general || ideographic ? 3 : 0;
}

static size_t blank_at_start(struct bytes text)
{
    static const size_t lengths[] = {1, 2, 3};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (lengths[i] <= text.len && blank_at_end(bytes_make(text.data, lengths[i])) == lengths[i])
            return lengths[i];
    return 0;
}

static struct bytes trim(struct bytes text)
{
    for (size_t n; (n = blank_at_start(text)) > 0;)
        text = bytes_make(text.data + n, text.len - n);
    for (size_t n; (n = blank_at_end(text)) > 0;)
        text.len -= n;
    return text;
}

static struct bytes lower_ascii(struct arena *arena, struct bytes text)
{
    char *out = arena_alloc(arena, text.len + 1, 1);
    for (size_t i = 0; i < text.len; i++) {
        char ch = text.data[i];
        out[i] = ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
    }
    return bytes_make(out, text.len);
}

/* The text itself where it is no UTF-8, or there is no library. */
static struct bytes map_unicode(struct arena *arena, struct bytes text, bool fold_case)
{
    struct error ignored;
    utf8proc_uint8_t *mapped = NULL;
    int options = UTF8PROC_STABLE | UTF8PROC_COMPOSE | (fold_case ? UTF8PROC_CASEFOLD : 0);
    if (!utf8proc_load(&ignored))
        return text;
    utf8proc_ssize_t n =
        utf8proc()->map((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.len, &mapped,
                        (utf8proc_option_t)options);
    struct bytes out =
        n < 0 ? text : arena_copy(arena, bytes_make((const char *)mapped, (size_t)n));
    free(mapped);
    return out;
}

bool fold_is_plain(struct bytes text)
{
    if (text.len == 0)
        return true;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.data[i] >= 0x80 || (text.data[i] >= 'A' && text.data[i] <= 'Z'))
            return false;
    return !is_blank(text.data[0]) && !is_blank(text.data[text.len - 1]);
}

bool fold_is_composed(struct bytes text)
{
    struct arena arena = {0};
    bool composed = is_ascii(text) || bytes_equal(map_unicode(&arena, text, false), text);
    arena_release(&arena);
    return composed;
}

struct bytes fold_text(struct arena *arena, struct bytes text)
{
    text = trim(text);
    if (fold_is_plain(text))
        return text;
    return is_ascii(text) ? lower_ascii(arena, text) : map_unicode(arena, text, true);
}

const char *fold_difference(struct bytes a, struct bytes b)
{
    struct arena arena = {0};
    struct bytes inner_a = trim(a), inner_b = trim(b);
    bool blanks = inner_a.len != a.len || inner_b.len != b.len;
    bool composed = bytes_equal(map_unicode(&arena, a, false), map_unicode(&arena, b, false));
    arena_release(&arena);
    if (blanks && bytes_equal(inner_a, inner_b))
        return "blanks around them";
    if (composed)
        return "how their characters are composed (Unicode NFC)";
    return blanks ? "case, blanks around them or how their characters are composed" : "case";
}
