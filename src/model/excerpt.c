#include "excerpt.h"

#include <stdio.h>

#include "base/text.h"
#include "validate.h"

#define TAB      4
#define ROOM_MIN 12  /* columns, fewer show nothing */
#define NEAR_MAX 600 /* bytes of a line that are looked at on either side of the place */

/* A line as it is shown: cells of one character each. */
struct cell {
    size_t from, len; /* in `text` */
    size_t columns;
    bool marked;
};

struct drawing {
    const struct spot *spot;
    size_t start, end; /* of the line, as far as it is looked at */
    struct arena arena;
    struct buf text;
    struct cell *cells;
    size_t n, cap;
    size_t columns;
};

/* ---- What is not shown ----------------------------------------------------------------------- */

/* What a string is the value of: `name = "…"`, `["name"] = "…"`, `("name", "…"`. */
static struct bytes name_before(const struct lua_text *text, size_t i)
{
    const struct lua_token *t = text->tokens;
    if (i >= 2 && lua_token_is(text, &t[i - 1], "=") && t[i - 2].kind == TOKEN_NAME)
        return lua_token_bytes(text, &t[i - 2]);
    if (i >= 3 && lua_token_is(text, &t[i - 1], "=") && t[i - 3].kind == TOKEN_STRING)
        return lua_token_inside(text, &t[i - 3]);
    if (i >= 2 && lua_token_is(text, &t[i - 1], ",") && t[i - 2].kind == TOKEN_STRING)
        return lua_token_inside(text, &t[i - 2]);
    return bytes_make(NULL, 0);
}

static bool is_hidden(const struct lua_text *text, size_t i)
{
    const struct lua_token *t = &text->tokens[i];
    struct bytes name;
    return t->kind == TOKEN_STRING &&
           (t->secret || holds_secret(name_before(text, i), lua_token_inside(text, t)) ||
            url_holds_secret(lua_token_inside(text, t), &name));
}

/* The string at `at` that is to be hidden, or NULL. */
static const struct lua_token *hidden_at(const struct lua_text *text, size_t at, size_t *i)
{
    while (*i < text->n && text->tokens[*i].at + text->tokens[*i].len <= at)
        ++*i;
    bool inside = *i < text->n && text->tokens[*i].at <= at;
    return inside && is_hidden(text, *i) ? &text->tokens[*i] : NULL;
}

/* ---- Cells ----------------------------------------------------------------------------------- */

static void add_cell(struct drawing *d, struct bytes shown, size_t columns, bool marked)
{
    struct cell cell = {d->text.len, shown.len, columns, marked};
    buf_add_bytes(&d->text, shown);
    arena_grow(&d->arena, (void **)&d->cells, &d->cap, d->n + 1, sizeof cell);
    d->cells[d->n++] = cell;
    d->columns += columns;
}

static size_t character_length(const struct lua_text *text, size_t at, size_t end)
{
    size_t n = 1;
    while (at + n < end && n < 4 && ((unsigned char)text->text.data[at + n] & 0xc0) == 0x80)
        n++;
    return utf8_valid(bytes_make(text->text.data + at, n)) ? n : 1;
}

static void add_character(struct drawing *d, struct bytes c, bool marked)
{
    struct buf shown = {0};
    if (c.data[0] == '\t')
        text_pad(&shown, 0, TAB - d->columns % TAB);
    else
        text_show(&shown, c);
    add_cell(d, buf_bytes(&shown), text_columns(buf_bytes(&shown)), marked);
    buf_release(&shown);
}

/* Without the blanks in front of the line. */
static void add_cells(struct drawing *d)
{
    const struct spot *p = d->spot;
    const struct lua_text *text = p->text;
    size_t token = lua_text_first_on(text, 1);
    for (size_t at = d->start, len; at < d->end; at += len) {
        const struct lua_token *hidden = hidden_at(text, at, &token);
        bool marked = at >= p->at && at < p->at + p->len;
        len = character_length(text, at, d->end);
        if (hidden) {
            size_t end = hidden->at + hidden->len;
            add_cell(d, bytes_of("\"…\""), 3, marked || (p->at >= at && p->at < end));
            len = (end < d->end ? end : d->end) - at;
        } else if (d->n > 0 || !strchr(" \t", text->text.data[at])) {
            add_character(d, bytes_make(text->text.data + at, len), marked);
        }
    }
}

/* ---- The part that fits ---------------------------------------------------------------------- */

struct window {
    size_t first, end;  /* cells */
    bool before, after; /* there is more */
};

static size_t columns_between(const struct drawing *d, size_t first, size_t end)
{
    size_t columns = 0;
    for (size_t i = first; i < end; i++)
        columns += d->cells[i].columns;
    return columns;
}

static size_t first_marked(const struct drawing *d)
{
    size_t i = 0;
    while (i < d->n && !d->cells[i].marked)
        i++;
    return i < d->n ? i : 0;
}

/* A third of the room is for what stands before the place, more where little stands behind. */
static struct window fitting(const struct drawing *d, size_t room, bool cut_before, bool cut_after)
{
    struct window part = {first_marked(d), d->n, cut_before, cut_after};
    size_t left = columns_between(d, part.first, d->n) + 1;
    size_t before = left < room - room / 3 ? room - left : room / 3;
    while (part.first > 0 && before > d->cells[part.first - 1].columns)
        before -= d->cells[--part.first].columns;
    part.before = part.before || part.first > 0;
    size_t used = part.before + columns_between(d, part.first, d->n);
    while (part.end > part.first + 1 && used + (part.after || part.end < d->n) > room)
        used -= d->cells[--part.end].columns;
    part.after = part.after || part.end < d->n;
    return part;
}

static void draw(const struct drawing *d, struct window part, struct buf *out)
{
    char number[16];
    int width = snprintf(number, sizeof number, "%d", d->spot->line);
    buf_addf(out, "  %s | %s", number, part.before ? "…" : "");
    for (size_t i = part.first; i < part.end; i++)
        buf_add(out, d->text.data + d->cells[i].from, d->cells[i].len);
    buf_addf(out, "%s\n  %*s | %s", part.after ? "…" : "", width, "", part.before ? " " : "");
    bool begun = false;
    for (size_t i = part.first; i < part.end && !(begun && !d->cells[i].marked); i++)
        for (size_t k = 0; k < d->cells[i].columns; k++) {
            buf_add_char(out, !d->cells[i].marked ? ' ' : begun ? '~' : '^');
            begun = d->cells[i].marked;
        }
    buf_add_char(out, '\n');
}

void excerpt_add(const struct spot *spot, size_t width, struct buf *out)
{
    struct drawing d = {.spot = spot};
    size_t gutter = 5;
    if (!spot->text)
        return;
    for (int n = spot->line; n > 0; n /= 10)
        gutter++;
    size_t start = lua_text_line_start(spot->text, spot->at);
    size_t end = lua_text_line_end(spot->text, spot->at);
    if (end > start && spot->text->text.data[end - 1] == '\r')
        end--;
    d.start = spot->at - start > NEAR_MAX ? spot->at - NEAR_MAX : start;
    d.end = end - spot->at > NEAR_MAX ? spot->at + NEAR_MAX : end;
    while (d.start > start && ((unsigned char)spot->text->text.data[d.start] & 0xc0) == 0x80)
        d.start++;
    add_cells(&d);
    bool shown = d.n > 0 && width >= gutter + ROOM_MIN &&
                 !holds_secret(bytes_make(NULL, 0), buf_bytes(&d.text));
    if (shown)
        draw(&d, fitting(&d, width - gutter, d.start > start, d.end < end), out);
    arena_release(&d.arena);
    buf_release(&d.text);
}
