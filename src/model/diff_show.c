/* diff_show.c: what is shown of texts that are too long to be shown whole. */
#include "diff_parts.h"

#define ELLIPSIS   "\xe2\x80\xa6"
#define WINDOW_MIN 24 /* a third before the difference, and an escape behind it */

/* ---- Windows -------------------------------------------------------------------------------- */

/* Bytes of what is not split at `i`: a character, or an escape of JSON. */
static size_t unit_at(struct bytes text, size_t i, bool escapes)
{
    size_t n = 1;
    if (escapes && text.data[i] == '\\')
        n = i + 1 < text.len && text.data[i + 1] == 'u' ? 6 : 2;
    while (i + n < text.len && ((unsigned char)text.data[i + n] & 0xC0) == 0x80)
        n++;
    return n < text.len - i ? n : text.len - i;
}

static size_t common_prefix(struct bytes a, struct bytes b)
{
    size_t n = 0;
    while (n < a.len && n < b.len && a.data[n] == b.data[n])
        n++;
    return n;
}

/* The first unit that begins at most `back` before `at`, and no later than the unit around it. */
static size_t find_start(struct bytes text, size_t at, size_t back, bool escapes)
{
    size_t i = 0;
    while (i + back < at) {
        size_t next = i + unit_at(text, i, escapes);
        if (next > at)
            break;
        i = next;
    }
    return i;
}

static size_t find_end(struct bytes text, size_t from, size_t max, bool escapes)
{
    size_t i = from;
    while (i < text.len) {
        size_t next = i + unit_at(text, i, escapes);
        if (next - from > max)
            break;
        i = next;
    }
    return i;
}

void diff_windows(struct bytes a, struct bytes b, size_t max, bool escapes, struct window *of_a,
                  struct window *of_b)
{
    *of_a = (struct window){0, a.len};
    *of_b = (struct window){0, b.len};
    if (max == 0 || (a.len <= max && b.len <= max))
        return;
    if (max < WINDOW_MIN)
        max = WINDOW_MIN;
    size_t from = find_start(a, common_prefix(a, b), max / 3, escapes);
    *of_a = (struct window){from, find_end(a, from, max, escapes)};
    *of_b = (struct window){from, find_end(b, from, max, escapes)};
}

bool diff_add_window(struct buf *out, struct bytes text, struct window part)
{
    if (part.from > 0)
        buf_add_str(out, ELLIPSIS);
    buf_add(out, text.data + part.from, part.to - part.from);
    if (part.to < text.len)
        buf_add_str(out, ELLIPSIS);
    return part.from > 0 || part.to < text.len;
}

/* ---- The sides of a change ------------------------------------------------------------------ */

static bool is_string(struct bytes json)
{
    return json.len >= 2 && json.data[0] == '"';
}

static bool write_side(struct json_writer *w, const char *name, struct bytes json, bool quotes,
                       struct window part)
{
    struct buf shown = {0};
    bool cut;
    if (quotes)
        buf_add_char(&shown, '"');
    cut = diff_add_window(&shown, json, part);
    if (quotes)
        buf_add_char(&shown, '"');
    json_field_string(w, name, buf_bytes(&shown));
    buf_release(&shown);
    return cut;
}

static struct bytes unquoted(struct bytes json)
{
    return bytes_make(json.data + 1, json.len - 2);
}

bool diff_write_sides(struct json_writer *w, struct bytes before, struct bytes after, size_t max)
{
    struct window of_before, of_after;
    bool quotes_before = is_string(before), quotes_after = is_string(after), cut = false;
    if (quotes_before)
        before = unquoted(before);
    if (quotes_after)
        after = unquoted(after);
    if (before.data && after.data && quotes_before == quotes_after)
        diff_windows(before, after, max, true, &of_before, &of_after);
    else {
        struct window none;
        diff_windows(before, bytes_make(NULL, 0), max, true, &of_before, &none);
        diff_windows(after, bytes_make(NULL, 0), max, true, &of_after, &none);
    }
    if (after.data)
        cut = write_side(w, "after", after, quotes_after, of_after);
    if (before.data)
        cut = write_side(w, "before", before, quotes_before, of_before) || cut;
    return cut;
}
