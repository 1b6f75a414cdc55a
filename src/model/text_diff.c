/* text_diff.c: two texts compared by lines, as unified hunks. */
#include "align.h"
#include "base/map.h"
#include "base/mem.h"
#include "diff_parts.h"

#define CONTEXT    1 /* lines around a change */
#define NO_NEWLINE "\\ No newline at end of file"

/* Lines with their newline, so that a last one without is another line. */
struct lines {
    struct bytes *items;
    uint32_t n;
};

/* Lines a to a_end were replaced by lines b to b_end; one of both may be none. */
struct block {
    uint32_t a, a_end, b, b_end;
};

struct text_differ {
    struct json_writer *w;
    const struct diff_limits *limits;
    struct lines a, b;
    struct block *blocks;
    size_t n, cap;
    struct buf line; /* scratch */
    size_t start;    /* of the output */
    size_t told, more;
    bool cut;
};

/* ---- Lines, and which of them changed -------------------------------------------------------- */

static struct lines split(struct bytes text)
{
    struct lines lines = {0};
    size_t cap = 0;
    mem_grow((void **)&lines.items, &cap, 1, sizeof *lines.items);
    while (text.len > 0) {
        const char *newline = memchr(text.data, '\n', text.len);
        size_t len = newline ? (size_t)(newline - text.data) + 1 : text.len;
        mem_grow((void **)&lines.items, &cap, (size_t)lines.n + 1, sizeof *lines.items);
        lines.items[lines.n++] = bytes_make(text.data, len);
        text = bytes_make(text.data + len, text.len - len);
    }
    return lines;
}

static struct sequence number_lines(struct lines lines, struct map *seen, uint32_t *kinds)
{
    uint32_t *numbers = mem_zalloc(lines.n, sizeof *numbers);
    for (uint32_t i = 0; i < lines.n; i++) {
        size_t existing;
        map_add(seen, lines.items[i], *kinds, &existing);
        numbers[i] = existing == MAP_NONE ? (*kinds)++ : (uint32_t)existing;
    }
    return (struct sequence){numbers, lines.n};
}

static void note_block(struct text_differ *d, struct block block)
{
    if (block.a == block.a_end && block.b == block.b_end)
        return;
    mem_grow((void **)&d->blocks, &d->cap, d->n + 1, sizeof *d->blocks);
    d->blocks[d->n++] = block;
}

static void find_blocks(struct text_differ *d)
{
    struct map seen = {0};
    uint32_t kinds = 0, i = 0, j = 0;
    struct sequence a = number_lines(d->a, &seen, &kinds), b = number_lines(d->b, &seen, &kinds);
    uint32_t *partner = mem_zalloc(a.n, sizeof *partner);
    align(a, b, kinds, partner);
    for (uint32_t k = 0; k < a.n; k++) {
        if (partner[k] == ALIGN_NONE)
            continue;
        note_block(d, (struct block){i, k, j, partner[k]});
        i = k + 1;
        j = partner[k] + 1;
    }
    note_block(d, (struct block){i, a.n, j, b.n});
    map_release(&seen);
    mem_free((void *)a.items);
    mem_free((void *)b.items);
    mem_free(partner);
}

/* ---- Writing -------------------------------------------------------------------------------- */

static bool has_newline(struct bytes line)
{
    return line.len > 0 && line.data[line.len - 1] == '\n';
}

static struct bytes without_newline(struct bytes line)
{
    return bytes_make(line.data, line.len - has_newline(line));
}

static void write_line(struct text_differ *d, char sign, struct bytes line, struct window part)
{
    buf_clear(&d->line);
    buf_add_char(&d->line, sign);
    d->cut |= diff_add_window(&d->line, without_newline(line), part);
    json_string(d->w, buf_bytes(&d->line));
    if (!has_newline(line))
        json_str(d->w, NO_NEWLINE);
}

/* What is shown of a line beside that which replaced it, or which it replaced. */
static struct window window_of(const struct text_differ *d, struct bytes line, struct bytes other)
{
    struct window part, of_other;
    diff_windows(without_newline(line), without_newline(other), d->limits->line, false, &part,
                 &of_other);
    return part;
}

static void write_context(struct text_differ *d, uint32_t from, uint32_t to)
{
    for (; from < to; from++)
        write_line(d, ' ', d->a.items[from], window_of(d, d->a.items[from], bytes_make(NULL, 0)));
}

static void write_changed(struct text_differ *d, char sign, const struct bytes *lines, size_t n,
                          const struct bytes *others, size_t n_others)
{
    for (size_t i = 0; i < n; i++)
        write_line(d, sign, lines[i],
                   window_of(d, lines[i], i < n_others ? others[i] : bytes_make(NULL, 0)));
}

/* How many changed lines may still be written. */
static size_t room(const struct text_differ *d)
{
    if (d->w->out->len - d->start >= DIFF_OUTPUT_MAX)
        return 0;
    return d->limits->lines ? d->limits->lines - d->told : SIZE_MAX;
}

/* Where not all lines have room, both sides get half of it, or what the other leaves. */
static void write_block(struct text_differ *d, const struct block *block)
{
    size_t n_old = block->a_end - block->a, n_new = block->b_end - block->b, left = room(d);
    size_t half = left / 2, shown_old = n_old, shown_new = n_new;
    if (n_old + n_new > left) {
        shown_old = n_old < half ? n_old : n_new < left - half ? left - n_new : half;
        shown_new = left - shown_old;
    }
    write_changed(d, '-', d->a.items + block->a, shown_old, d->b.items + block->b, n_new);
    write_changed(d, '+', d->b.items + block->b, shown_new, d->a.items + block->a, n_old);
    d->told += shown_old + shown_new;
    d->more += n_old + n_new - shown_old - shown_new;
}

/* As diff -u counts: a range of no lines is named by the line before it. */
static void write_range(struct json_writer *w, const char *name, uint32_t from, uint32_t to)
{
    json_field_array(w, name);
    json_int(w, from == to ? from : (int64_t)from + 1);
    json_int(w, to - from);
    json_end_array(w);
}

static void write_hunk(struct text_differ *d, const struct block *blocks, size_t n)
{
    const struct block *first = blocks, *last = blocks + n - 1;
    uint32_t before = first->a < CONTEXT ? first->a : CONTEXT;
    uint32_t after = d->a.n - last->a_end < CONTEXT ? d->a.n - last->a_end : CONTEXT;
    json_begin_object(d->w);
    write_range(d->w, "after", first->b - before, last->b_end + after);
    write_range(d->w, "before", first->a - before, last->a_end + after);
    json_field_array(d->w, "lines");
    write_context(d, first->a - before, first->a);
    for (const struct block *block = first; block <= last; block++) {
        write_block(d, block);
        if (d->more == 0)
            write_context(d, block->a_end, block < last ? block[1].a : block->a_end + after);
    }
    json_end_array(d->w);
    json_end_object(d->w);
}

/* Blocks whose context would touch share a hunk. */
static size_t hunk_length(const struct text_differ *d, size_t i)
{
    size_t n = 1;
    while (i + n < d->n && d->blocks[i + n].a - d->blocks[i + n - 1].a_end <= 2 * CONTEXT)
        n++;
    return n;
}

static void write_hunks(struct text_differ *d)
{
    json_field_array(d->w, "hunks");
    for (size_t i = 0, n; i < d->n; i += n) {
        n = hunk_length(d, i);
        if (room(d) > 0)
            write_hunk(d, &d->blocks[i], n);
        else
            for (size_t k = i; k < i + n; k++)
                d->more +=
                    d->blocks[k].a_end - d->blocks[k].a + d->blocks[k].b_end - d->blocks[k].b;
    }
    json_end_array(d->w);
}

void text_diff(struct json_writer *w, struct bytes before, struct bytes after, bool same_json,
               const struct diff_limits *limits)
{
    struct text_differ d = {
        .w = w, .limits = limits, .a = split(before), .b = split(after), .start = w->out->len};
    struct json_sort sort;
    find_blocks(&d);
    json_begin_object(w);
    json_sort_begin(w, &sort);
    write_hunks(&d);
    json_field_bool(w, "cut", d.cut);
    json_field_str(w, "kind", "text");
    json_field_count(w, "more", d.more);
    if (same_json)
        json_field_bool(w, "same_json", true);
    json_sort_end(w, &sort);
    json_end_object(w);
    mem_free(d.a.items);
    mem_free(d.b.items);
    mem_free(d.blocks);
    buf_release(&d.line);
}
