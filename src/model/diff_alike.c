/* diff_alike.c: two texts that differ, and may look the same to whoever reads them. */
#include "diff_parts.h"

/* ---- Characters ------------------------------------------------------------------------------ */

static bool is_tail(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The code point at `*i` of valid UTF-8, which moves behind it. */
static unsigned take_code(struct bytes text, size_t *i)
{
    unsigned char lead = (unsigned char)text.data[(*i)++];
    unsigned code = lead < 0x80   ? lead
                    : lead < 0xE0 ? lead & 0x1F
                    : lead < 0xF0 ? lead & 0xF
                                  : lead & 7;
    for (; *i < text.len && is_tail(text.data[*i]); ++*i)
        code = code << 6 | ((unsigned char)text.data[*i] & 0x3F);
    return code;
}

/* Blanks of no width, joiners, marks of direction, variation selectors, tags. */
static bool is_invisible(unsigned code)
{
    return code == 0xAD || code == 0x34F || code == 0x61C || code == 0x180E || code == 0xFEFF ||
           (code >= 0x200B && code < 0x2010) || (code >= 0x2028 && code < 0x202F) ||
           (code >= 0x2060 && code < 0x2070) || (code >= 0xFE00 && code < 0xFE10) ||
           (code >= 0xE0000 && code < 0xE0200);
}

/* What joins the character before into another one that is written as one, too: marks, the sounds
 * of kana, the vowels and ends of Hangul. */
static bool is_mark(unsigned code)
{
    return (code >= 0x300 && code < 0x370) || code == 0x3099 || code == 0x309A ||
           (code >= 0x1160 && code < 0x1200);
}

/* A character beyond ASCII that may be taken for one of ASCII: blanks and punctuation, letters of
 * Greek, Cyrillic and Armenian, full width forms. */
static bool is_imitation(unsigned code)
{
    return code == 0xA0 || (code >= 0x370 && code < 0x590) || (code >= 0x2000 && code < 0x2070) ||
           code == 0x2212 || code == 0x3000 || (code >= 0xFF00 && code < 0xFF5F);
}

/* What is seen in one place: a character and the first of the marks that stand on it. */
struct sight {
    unsigned code, mark;
};

/* false at the end. */
static bool see(struct bytes text, size_t *i, struct sight *sight)
{
    *sight = (struct sight){0};
    while (*i < text.len) {
        size_t next = *i;
        unsigned code = take_code(text, &next);
        if (!sight->code && !is_invisible(code))
            sight->code = code;
        else if (is_mark(code))
            sight->mark = sight->mark ? sight->mark : code;
        else if (!is_invisible(code))
            return true;
        *i = next;
    }
    return sight->code != 0;
}

/* A character with a mark may be another one that has it in itself. */
static bool are_alike(struct sight a, struct sight b)
{
    if (a.code == b.code)
        return a.mark == b.mark;
    return (a.code < 0x80 && is_imitation(b.code)) || (b.code < 0x80 && is_imitation(a.code)) ||
           (a.mark && !b.mark && b.code >= 0x80) || (b.mark && !a.mark && a.code >= 0x80);
}

/* ---- Texts ----------------------------------------------------------------------------------- */

/* Where to look from: a character before the first difference, for marks belong to that. */
static size_t first_difference(struct bytes a, struct bytes b)
{
    size_t i = 0;
    while (i < a.len && i < b.len && a.data[i] == b.data[i])
        i++;
    for (int back = 0; back < 2 && i > 0; back++)
        do
            i--;
        while (i > 0 && is_tail(a.data[i]));
    return i;
}

static bool look_the_same(struct bytes a, struct bytes b)
{
    size_t i = first_difference(a, b), j = i;
    struct sight x, y;
    for (;;) {
        bool more_a = see(a, &i, &x), more_b = see(b, &j, &y);
        if (!more_a || !more_b)
            return more_a == more_b;
        if (!are_alike(x, y))
            return false;
    }
}

static void escape_all(struct buf *json)
{
    struct buf out = {0};
    struct bytes text = buf_bytes(json);
    for (size_t i = 0; i < text.len;) {
        unsigned code = take_code(text, &i);
        if (code < 0x80)
            buf_add_char(&out, (char)code);
        else if (code < 0x10000)
            buf_addf(&out, "\\u%04x", code);
        else
            buf_addf(&out, "\\u%04x\\u%04x", 0xD800 + ((code - 0x10000) >> 10),
                     0xDC00 + (code & 0x3FF));
    }
    buf_release(json);
    *json = out;
}

void diff_tell_apart(struct buf *a, struct buf *b)
{
    if (!look_the_same(buf_bytes(a), buf_bytes(b)))
        return;
    escape_all(a);
    escape_all(b);
}
