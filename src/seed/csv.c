/*
 * csv.c: items out of CSV with a header (RFC 4180: commas, quotes doubled inside quotes, LF or CRLF
 * behind a row).
 *
 * A reader of our own: libcsv tells neither line nor byte, and keeps a whole cell before it gives
 * it. Here a key or a value goes into the item as it comes.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "reader.h"

#define CELL_KEPT ((size_t)64 * 1024) /* of a cell of neither key nor value */

/* ---- Problems of the form -------------------------------------------------------------------- */

static void form_problem(struct seed_reader *r, const char *what, const char *hint)
{
    item_problem(&r->item, "source.syntax", "at byte %" PRIu64 " (line %d): %s", r->in.offset,
                 r->in.line, what);
    item_hint(&r->item, "%s", hint);
}

static enum seed_status fail_header(struct seed_reader *r, struct error *err, const char *what)
{
    r->pos.line = 1;
    error_set(err, ERR_FORMAT, "%s:1: %s", r->path, what);
    error_hint(err, "the first line names the columns: key, value, and what else there is of "
                    "base64, expiration, expiration_ttl, metadata");
    return SEED_FAILED;
}

/* ---- The header ------------------------------------------------------------------------------ */

static bool is_named(const struct csv *c, enum item_member member)
{
    for (size_t i = 0; i < c->n_columns; i++)
        if (c->columns[i] == member)
            return true;
    return (c->meant & 1U << member) != 0;
}

static void wrong_name(struct seed_reader *r, struct bytes name, const char *nearest)
{
    char quoted[128];
    item_problem(&r->item, "source.column", "unknown column %s",
                 text_quoted(name, quoted, sizeof quoted));
    if (nearest) {
        r->csv.meant |= 1U << item_member_named(bytes_of(nearest), NULL);
        item_hint(&r->item, "did you mean '%s'?", nearest);
    } else {
        item_hint(&r->item, "accepted: key, value, base64, expiration, expiration_ttl, metadata");
    }
}

static void end_name(struct seed_reader *r)
{
    struct csv *c = &r->csv;
    struct bytes name = c->cell.data ? buf_bytes(&c->cell) : bytes_of("");
    const char *nearest;
    enum item_member member = item_member_named(name, &nearest);
    if (member == ITEM_MEMBERS) {
        wrong_name(r, name, nearest);
        member = ITEM_IGNORED;
    } else if (is_named(c, member)) {
        item_problem(&r->item, "source.column", "column '%s' is there twice",
                     item_member_name(member));
        member = ITEM_IGNORED;
    }
    if (c->n_columns < CSV_COLUMNS)
        c->columns[c->n_columns] = member;
    c->n_columns++;
}

static enum seed_status end_header(struct seed_reader *r, struct error *err)
{
    struct csv *c = &r->csv;
    c->has_header = true;
    if (c->n_columns > CSV_COLUMNS)
        return fail_header(r, err, "the header has too many columns");
    for (enum item_member member = ITEM_KEY; member <= ITEM_VALUE; member++) {
        char what[64];
        snprintf(what, sizeof what, "the header has no column '%s'", item_member_name(member));
        if (!is_named(c, member))
            return fail_header(r, err, what);
    }
    return r->item.bad ? SEED_BAD : SEED_END;
}

/* ---- Cells ----------------------------------------------------------------------------------- */

/* What the cell at hand is; ITEM_IGNORED in the header, and where there is no such column. */
static enum item_member member_here(const struct csv *c)
{
    return c->has_header && c->column < c->n_columns ? c->columns[c->column] : ITEM_IGNORED;
}

static void add_to_cell(struct seed_reader *r, struct bytes part)
{
    struct csv *c = &r->csv;
    enum item_member member = member_here(c);
    if (part.len == 0)
        return;
    c->blank = false;
    if (member == ITEM_KEY || member == ITEM_VALUE) {
        item_add_text(&r->item, member, part);
        return;
    }
    c->cut = c->cut || part.len > CELL_KEPT - c->cell.len;
    if (!c->cut)
        buf_add_bytes(&c->cell, part);
}

/* An empty cell says nothing, except that a key or a value is empty. */
static void end_member(struct seed_reader *r, enum item_member member)
{
    struct csv *c = &r->csv;
    if (member == ITEM_KEY || member == ITEM_VALUE)
        item_add_text(&r->item, member, bytes_of(""));
    else if (member != ITEM_IGNORED && c->cell.len > 0)
        item_add_text(&r->item, member, buf_bytes(&c->cell));
}

static void end_cell(struct seed_reader *r)
{
    struct csv *c = &r->csv;
    if (c->cut)
        item_problem(&r->item, "source.cell", "cell %zu has more than %zu bytes", c->column + 1,
                     CELL_KEPT);
    else if (!c->has_header)
        end_name(r);
    else
        end_member(r, member_here(c));
    buf_clear(&c->cell);
    c->cut = false;
    c->column++;
    c->state = CELL_STARTS;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static void start_row(struct seed_reader *r, struct diag_list *diags)
{
    struct csv *c = &r->csv;
    c->open = c->blank = true;
    c->column = 0;
    c->state = CELL_STARTS;
    if (c->has_header) {
        reader_start_item(r, diags);
        r->item.meant = c->meant;
    } else {
        r->pos.line = r->in.line;
        item_start(&r->item, 0, r->in.offset, r->pos, diags);
    }
    item_begin(&r->item);
}

static void check_text(struct seed_reader *r, const char *what, struct bytes text)
{
    size_t at = utf8_first_invalid(text);
    if (at == text.len)
        return;
    item_problem(&r->item, "source.utf8", "its %s is not valid UTF-8: byte %zu", what, at + 1);
    item_hint(&r->item, "write bytes in base64, with a column base64 that says true");
}

static enum seed_status end_item(struct seed_reader *r)
{
    struct csv *c = &r->csv;
    struct item *it = &r->item;
    if (c->column != c->n_columns) {
        item_problem(it, "source.cells", "it has %zu cells, but the header has %zu", c->column,
                     c->n_columns);
        item_hint(it, "put a cell that holds a comma into quotes");
        return SEED_BAD;
    }
    reader_end_item(r);
    check_text(r, "key", it->key);
    if (!it->base64)
        check_text(r, "value", it->value);
    return it->bad ? SEED_BAD : SEED_ITEM;
}

/* SEED_END: the row gave nothing, a blank line or the header. */
static enum seed_status end_row(struct seed_reader *r, struct error *err)
{
    struct csv *c = &r->csv;
    c->open = false;
    if (c->blank) {
        r->number -= c->has_header;
        return SEED_END;
    }
    end_cell(r);
    return c->has_header ? end_item(r) : end_header(r, err);
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

static void take(struct seed_reader *r, size_t n)
{
    add_to_cell(r, bytes_make(input_left(&r->in).data, n));
    input_advance(&r->in, n);
}

static bool is_special(char c)
{
    return c == ',' || c == '"' || c == '\r' || c == '\n';
}

/* Each step below goes a piece on; true when the row ends there. */

/* Outside quotes, up to a byte that means something, and this. */
static bool step_bare(struct seed_reader *r)
{
    struct csv *c = &r->csv;
    struct bytes left = input_left(&r->in);
    size_t n = 0;
    while (n < left.len && !is_special(left.data[n]))
        n++;
    c->state = CELL_BARE;
    take(r, n);
    if (n == left.len || left.data[n] == '\n')
        return n < left.len;
    if (left.data[n] == '"') {
        form_problem(r, "a quote in a cell that does not begin with one",
                     "put the cell into quotes, and double each quote in it");
        take(r, 1);
        return false;
    }
    input_advance(&r->in, 1);
    if (left.data[n] == '\r') {
        c->state = CELL_CR_MET;
    } else {
        c->blank = false;
        end_cell(r);
    }
    return false;
}

static bool step_quoted(struct seed_reader *r)
{
    struct bytes left = input_left(&r->in);
    const char *quote = memchr(left.data, '"', left.len);
    size_t n = quote ? (size_t)(quote - left.data) : left.len;
    for (size_t i = 0; i < n; i++)
        if (left.data[i] == '\n')
            input_next_line(&r->in);
    take(r, n);
    if (quote) {
        input_advance(&r->in, 1);
        r->csv.state = CELL_QUOTE_MET;
    }
    return false;
}

/* Behind a quote inside quotes: it was the first of two, or the last of the cell. */
static bool step_behind_quote(struct seed_reader *r)
{
    char next = input_left(&r->in).data[0];
    if (next == '"') {
        r->csv.state = CELL_QUOTED;
        take(r, 1);
        return false;
    }
    if (!is_special(next))
        form_problem(r, "text behind the closing quote of a cell",
                     "put all of the cell into quotes, and double each quote in it");
    return step_bare(r);
}

static bool step(struct seed_reader *r)
{
    struct csv *c = &r->csv;
    char next = input_left(&r->in).data[0];
    switch (c->state) {
    case CELL_STARTS:
        if (next != '"')
            return step_bare(r);
        c->blank = false;
        c->state = CELL_QUOTED;
        c->quote_line = r->in.line;
        c->quote_offset = r->in.offset;
        input_advance(&r->in, 1);
        return false;
    case CELL_BARE:
        return step_bare(r);
    case CELL_QUOTED:
        return step_quoted(r);
    case CELL_QUOTE_MET:
        return step_behind_quote(r);
    case CELL_CR_MET:
        c->state = CELL_BARE;
        if (next != '\n')
            form_problem(r, "a carriage return outside quotes",
                         "end lines with LF or CRLF, and put what holds another into quotes");
        return next == '\n';
    }
    return false;
}

static enum seed_status at_end(struct seed_reader *r, struct error *err)
{
    const struct csv *c = &r->csv;
    if (c->open && c->state == CELL_QUOTED) {
        item_problem(&r->item, "source.syntax",
                     "the quote at byte %" PRIu64 " (line %d) is never closed", c->quote_offset,
                     c->quote_line);
        item_hint(&r->item, "a quote inside quotes is written twice");
        r->csv.open = false;
        return SEED_BAD;
    }
    enum seed_status status = c->open ? end_row(r, err) : SEED_END;
    return status == SEED_END && !c->has_header ? fail_header(r, err, "there is no header")
                                                : status;
}

enum seed_status reader_next_row(struct seed_reader *r, struct diag_list *diags, struct error *err)
{
    struct csv *c = &r->csv;
    r->item.diags = diags;
    for (;;) {
        if (!input_fill(&r->in, err))
            return SEED_FAILED;
        if (r->in.len == 0)
            return at_end(r, err);
        if (!c->open)
            start_row(r, diags);
        if (!step(r))
            continue;
        input_next_line(&r->in);
        input_advance(&r->in, 1);
        enum seed_status status = end_row(r, err);
        if (status != SEED_END)
            return status;
    }
}
