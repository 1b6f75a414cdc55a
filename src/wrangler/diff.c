/*
 * The lines that changed. Equal lines at both ends are left out first; what remains of an edited
 * config is short, so the longest common subsequence is found by the plain table. When it is not
 * short, all of it counts as changed.
 */
#include "wrangler.h"

#include "base/mem.h"

#define CONTEXT   3
#define TABLE_MAX ((size_t)4 * 1024 * 1024) /* cells */

struct text_lines {
    struct bytes *items;
    size_t n, cap;
};

struct diff {
    struct text_lines a, b;
    size_t head, tail; /* equal lines at both ends */
    unsigned *table;   /* [i * width + j]: common lines of a from i and b from j, past the head */
    size_t width;
    char *marks; /* '-', '+' or ' ' for each line shown, in order */
    size_t n_marks;
};

static void split(struct bytes text, struct text_lines *lines)
{
    for (size_t at = 0; at < text.len;) {
        const char *newline = memchr(text.data + at, '\n', text.len - at);
        size_t end = newline ? (size_t)(newline - text.data) + 1 : text.len;
        mem_grow((void **)&lines->items, &lines->cap, lines->n + 1, sizeof *lines->items);
        lines->items[lines->n++] = bytes_make(text.data + at, end - at);
        at = end;
    }
}

static bool same_line(const struct diff *d, size_t i, size_t j)
{
    return bytes_equal(d->a.items[i], d->b.items[j]);
}

static void trim(struct diff *d)
{
    size_t least = d->a.n < d->b.n ? d->a.n : d->b.n;
    while (d->head < least && same_line(d, d->head, d->head))
        d->head++;
    while (d->tail < least - d->head && same_line(d, d->a.n - 1 - d->tail, d->b.n - 1 - d->tail))
        d->tail++;
}

static void fill_table(struct diff *d)
{
    size_t rows = d->a.n - d->head - d->tail + 1, width = d->b.n - d->head - d->tail + 1;
    if (rows > TABLE_MAX / width)
        return;
    d->width = width;
    d->table = mem_zalloc(rows * width, sizeof *d->table);
    for (size_t i = rows - 1; i-- > 0;)
        for (size_t j = width - 1; j-- > 0;) {
            unsigned *cell = &d->table[i * width + j];
            unsigned down = cell[width], right = cell[1];
            *cell = same_line(d, d->head + i, d->head + j) ? cell[width + 1] + 1
                    : down >= right                        ? down
                                                           : right;
        }
}

static void mark(struct diff *d, char c, size_t n)
{
    while (n-- > 0)
        d->marks[d->n_marks++] = c;
}

static void mark_lines(struct diff *d)
{
    size_t rows = d->a.n - d->head - d->tail, columns = d->b.n - d->head - d->tail;
    size_t i = 0, j = 0;
    d->marks = mem_alloc(d->a.n + d->b.n + 1);
    mark(d, ' ', d->head);
    while (d->table && i < rows && j < columns) {
        const unsigned *cell = &d->table[i * d->width + j];
        bool same = same_line(d, d->head + i, d->head + j);
        bool removed = !same && cell[d->width] >= cell[1];
        mark(d, same ? ' ' : removed ? '-' : '+', 1);
        i += same || removed;
        j += same || !removed;
    }
    mark(d, '-', rows - i);
    mark(d, '+', columns - j);
    mark(d, ' ', d->tail);
}

/* ---- Showing --------------------------------------------------------------------------------- */

static void add_line(struct buf *out, char c, struct bytes line)
{
    bool whole = line.len > 0 && line.data[line.len - 1] == '\n';
    size_t len = line.len - whole;
    if (len > 0 && line.data[len - 1] == '\r')
        len--;
    buf_add_char(out, c);
    buf_add(out, line.data, len);
    buf_add_str(out, whole ? "\n" : "\n\\ No newline at end of file\n");
}

/* The end of the hunk that has its first change at `at`: changes nearer than two contexts share
 * one. */
static size_t hunk_end(const struct diff *d, size_t at)
{
    size_t last = at;
    for (size_t i = at; i < d->n_marks && i - last <= (size_t)2 * CONTEXT; i++)
        if (d->marks[i] != ' ')
            last = i;
    size_t end = last + 1 + CONTEXT;
    return end < d->n_marks ? end : d->n_marks;
}

static void add_range(struct buf *out, char c, size_t start, size_t n)
{
    buf_addf(out, " %c%zu", c, n == 0 ? start : start + 1);
    if (n != 1)
        buf_addf(out, ",%zu", n);
}

/* Lines [start, end) of the marks; `i` and `j` are the lines of both texts at `start`. */
static void add_hunk(const struct diff *d, size_t start, size_t end, size_t i, size_t j,
                     struct buf *out)
{
    size_t removed = 0, added = 0;
    for (size_t k = start; k < end; k++) {
        removed += d->marks[k] != '+';
        added += d->marks[k] != '-';
    }
    buf_add_str(out, "@@");
    add_range(out, '-', i, removed);
    add_range(out, '+', j, added);
    buf_add_str(out, " @@\n");
    for (size_t k = start; k < end; k++) {
        add_line(out, d->marks[k], d->marks[k] == '+' ? d->b.items[j] : d->a.items[i]);
        i += d->marks[k] != '+';
        j += d->marks[k] != '-';
    }
}

static void add_hunks(const struct diff *d, struct buf *out)
{
    size_t i = 0, j = 0, shown = 0; /* marks before `shown` are behind; i and j belong to it */
    for (size_t at = 0; at < d->n_marks; at++) {
        if (at < shown || d->marks[at] == ' ')
            continue;
        size_t start = at - shown > CONTEXT ? at - CONTEXT : shown, end = hunk_end(d, at);
        i += start - shown;
        j += start - shown;
        add_hunk(d, start, end, i, j, out);
        for (size_t k = start; k < end; k++) {
            i += d->marks[k] != '+';
            j += d->marks[k] != '-';
        }
        shown = end;
    }
}

void wrangler_config_diff(struct bytes before, struct bytes after, struct buf *out)
{
    struct diff d = {.head = 0};
    split(before, &d.a);
    split(after, &d.b);
    trim(&d);
    fill_table(&d);
    mark_lines(&d);
    add_hunks(&d, out);
    mem_free(d.a.items);
    mem_free(d.b.items);
    mem_free(d.table);
    mem_free(d.marks);
}
