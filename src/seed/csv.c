#include "csv.h"

#include <inttypes.h>
#include <stdio.h>

/* What is wrong where the input stands. */
static void tell(const struct csv *c, const char *what, const char *hint)
{
    char text[160];
    snprintf(text, sizeof text, "at byte %" PRIu64 " (line %d): %s", c->in->offset, c->in->line,
             what);
    c->taker->problem(c->ctx, text, hint);
}

static void take(struct csv *c, size_t n)
{
    if (n > 0) {
        c->blank = false;
        c->taker->add(c->ctx, bytes_make(input_left(c->in).data, n));
    }
    input_advance(c->in, n);
}

static void end_cell(struct csv *c)
{
    c->taker->end(c->ctx);
    c->column++;
    c->state = CELL_STARTS;
}

static bool is_special(const struct csv *c, char byte)
{
    return byte == c->delimiter || byte == '"' || byte == '\r' || byte == '\n';
}

/* Each step below goes a piece on; true when the row ends there. */

/* Outside quotes, up to a byte that means something, and this. */
static bool step_bare(struct csv *c)
{
    struct bytes left = input_left(c->in);
    size_t n = 0;
    while (n < left.len && !is_special(c, left.data[n]))
        n++;
    c->state = CELL_BARE;
    take(c, n);
    if (n == left.len || left.data[n] == '\n')
        return n < left.len;
    if (left.data[n] == '"') {
        tell(c, "a quote in a cell that does not begin with one",
             "put the cell into quotes, and double each quote in it");
        take(c, 1);
        return false;
    }
    input_advance(c->in, 1);
    if (left.data[n] == '\r') {
        c->state = CELL_CR_MET;
    } else {
        c->blank = false;
        end_cell(c);
    }
    return false;
}

static bool step_quoted(struct csv *c)
{
    struct bytes left = input_left(c->in);
    const char *quote = memchr(left.data, '"', left.len);
    size_t n = quote ? (size_t)(quote - left.data) : left.len;
    for (size_t i = 0; i < n; i++)
        if (left.data[i] == '\n')
            input_next_line(c->in);
    take(c, n);
    if (quote) {
        input_advance(c->in, 1);
        c->state = CELL_QUOTE_MET;
    }
    return false;
}

/* Behind a quote inside quotes: it was the first of two, or the last of the cell. */
static bool step_behind_quote(struct csv *c)
{
    char next = input_left(c->in).data[0];
    if (next == '"') {
        c->state = CELL_QUOTED;
        take(c, 1);
        return false;
    }
    if (!is_special(c, next))
        tell(c, "text behind the closing quote of a cell",
             "put all of the cell into quotes, and double each quote in it");
    return step_bare(c);
}

static bool step(struct csv *c)
{
    char next = input_left(c->in).data[0];
    switch (c->state) {
    case CELL_STARTS:
        if (next != '"')
            return step_bare(c);
        c->blank = false;
        c->state = CELL_QUOTED;
        c->quote_line = c->in->line;
        c->quote_offset = c->in->offset;
        input_advance(c->in, 1);
        return false;
    case CELL_BARE:
        return step_bare(c);
    case CELL_QUOTED:
        return step_quoted(c);
    case CELL_QUOTE_MET:
        return step_behind_quote(c);
    case CELL_CR_MET:
        c->state = CELL_BARE;
        if (next != '\n')
            tell(c, "a carriage return outside quotes",
                 "end lines with LF or CRLF, and put what holds another into quotes");
        return next == '\n';
    }
    return false;
}

static enum csv_row end_row(struct csv *c)
{
    c->open = false;
    if (c->blank)
        return CSV_BLANK;
    end_cell(c);
    return CSV_ROW;
}

static enum csv_row at_end(struct csv *c)
{
    if (!c->open)
        return CSV_END;
    if (c->state != CELL_QUOTED)
        return end_row(c);
    char what[96];
    snprintf(what, sizeof what, "the quote at byte %" PRIu64 " (line %d) is never closed",
             c->quote_offset, c->quote_line);
    c->open = false;
    c->taker->problem(c->ctx, what, "a quote inside quotes is written twice");
    return CSV_UNCLOSED;
}

enum csv_row csv_next(struct csv *c, struct error *err)
{
    for (;;) {
        if (!input_fill(c->in, err))
            return CSV_FAILED;
        if (c->in->len == 0)
            return at_end(c);
        if (!c->open) {
            c->open = c->blank = true;
            c->column = 0;
            c->state = CELL_STARTS;
            c->taker->begin(c->ctx);
        }
        if (!step(c))
            continue;
        input_next_line(c->in);
        input_advance(c->in, 1);
        return end_row(c);
    }
}
