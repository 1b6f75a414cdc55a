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

/* Adds a part, and marks where something is left out. */
static bool add_part(struct buf *out, struct bytes part, bool before, bool behind)
{
    if (before)
        buf_add_str(out, ELLIPSIS);
    buf_add_bytes(out, part);
    if (behind)
        buf_add_str(out, ELLIPSIS);
    return before || behind;
}

bool diff_add_window(struct buf *out, struct bytes text, struct window part)
{
    struct bytes shown = {text.data + part.from, part.to - part.from};
    return add_part(out, shown, part.from > 0, part.to < text.len);
}

/* ---- The sides of a change ------------------------------------------------------------------ */

struct side {
    const char *name;
    struct bytes json; /* of a string what is between its quotes; data NULL: there is none */
    bool quotes;
    struct window part;
    struct buf shown; /* that part */
};

static struct side side_of(const char *name, struct bytes json)
{
    struct side s = {.name = name, .json = json};
    s.quotes = json.len >= 2 && json.data[0] == '"';
    if (s.quotes)
        s.json = bytes_make(json.data + 1, json.len - 2);
    return s;
}

static void add_shown(struct side *s)
{
    if (s->json.data)
        buf_add(&s->shown, s->json.data + s->part.from, s->part.to - s->part.from);
}

static void show_parts(struct side *a, struct side *b, size_t max)
{
    static const struct bytes none = {NULL, 0};
    bool alike = a->json.data && b->json.data && a->quotes == b->quotes;
    struct window unused;
    if (alike)
        diff_windows(a->json, b->json, max, true, &a->part, &b->part);
    else {
        diff_windows(a->json, none, max, true, &a->part, &unused);
        diff_windows(b->json, none, max, true, &b->part, &unused);
    }
    add_shown(a);
    add_shown(b);
    if (alike)
        diff_tell_apart(&a->shown, &b->shown);
}

/* Returns whether something is left out. */
static bool write_side(struct json_writer *w, const struct side *s)
{
    struct buf text = {0};
    if (s->quotes)
        buf_add_char(&text, '"');
    bool cut = add_part(&text, buf_bytes(&s->shown), s->part.from > 0, s->part.to < s->json.len);
    if (s->quotes)
        buf_add_char(&text, '"');
    json_field_string(w, s->name, buf_bytes(&text));
    buf_release(&text);
    return cut;
}

bool diff_write_sides(struct json_writer *w, struct bytes before, struct bytes after, size_t max)
{
    struct side a = side_of("before", before), b = side_of("after", after);
    bool cut = false;
    show_parts(&a, &b, max);
    if (after.data)
        cut = write_side(w, &b);
    if (before.data)
        cut = write_side(w, &a) || cut;
    buf_release(&a.shown);
    buf_release(&b.shown);
    return cut;
}
