/* Items out of CSV with a header. A key or a value goes into the item as it comes. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "reader.h"

#define CELL_KEPT ((size_t)64 * 1024) /* of a cell of neither key nor value */

/* ---- Problems of the form -------------------------------------------------------------------- */

static void form_problem(void *ctx, const char *what, const char *hint)
{
    struct seed_reader *r = ctx;
    item_problem(&r->item, "source.syntax", "%s", what);
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

static bool is_named(const struct csv_columns *c, enum item_member member)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i] == member)
            return true;
    return (c->meant & 1U << member) != 0;
}

/* What separates the cells of other files; 0: nothing of that is in the name of the first column.
 */
static char other_delimiter(const struct seed_reader *r, struct bytes name)
{
    for (const char *other = ";\t|"; r->csv.column == 0 && *other; other++)
        if (name.len > 0 && memchr(name.data, *other, name.len))
            return *other;
    return '\0';
}

static void wrong_delimiter(struct seed_reader *r, struct bytes name, char delimiter)
{
    char quoted[128];
    const char *code = delimiter == '\t' ? "\\t" : (char[]){delimiter, '\0'};
    item_problem(&r->item, "source.column", "the cells are separated by '%s', not by commas: %s",
                 code, text_quoted(name, quoted, sizeof quoted));
    item_hint(&r->item,
              "save it with commas, or put its rows by a script: cfkv.rows.csv(path, "
              "{ delimiter = \"%s\" })",
              code);
    r->columns.meant |= 1U << ITEM_KEY | 1U << ITEM_VALUE;
}

static void wrong_name(struct seed_reader *r, struct bytes name, const char *nearest)
{
    char quoted[128], delimiter = other_delimiter(r, name);
    if (delimiter) {
        wrong_delimiter(r, name, delimiter);
        return;
    }
    item_problem(&r->item, "source.column", "unknown column %s",
                 text_quoted(name, quoted, sizeof quoted));
    if (nearest) {
        r->columns.meant |= 1U << item_member_named(bytes_of(nearest), NULL);
        item_hint(&r->item, "did you mean '%s'?", nearest);
    } else {
        item_hint(&r->item, "accepted: key, value, base64, expiration, expiration_ttl, metadata");
    }
}

static void end_name(struct seed_reader *r)
{
    struct csv_columns *c = &r->columns;
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
    if (c->n < CSV_COLUMNS)
        c->items[c->n] = member;
    c->n++;
}

static enum seed_status end_header(struct seed_reader *r, struct error *err)
{
    struct csv_columns *c = &r->columns;
    c->has_header = true;
    if (c->n > CSV_COLUMNS)
        return fail_header(r, err, "the header has too many columns");
    for (enum item_member member = ITEM_KEY; member <= ITEM_VALUE; member++) {
        char what[64];
        snprintf(what, sizeof what, "the header has no column '%s'", item_member_name(member));
        if (!is_named(c, member))
            return fail_header(r, err, what);
    }
    c->keyless = true;
    for (size_t i = 0; i < c->n; i++)
        c->keyless = c->keyless && c->items[i] != ITEM_KEY;
    return r->item.bad ? SEED_BAD : SEED_END;
}

/* ---- Cells ----------------------------------------------------------------------------------- */

/* What the cell at hand is; ITEM_IGNORED in the header, and where there is no such column. */
static enum item_member member_here(const struct seed_reader *r)
{
    const struct csv_columns *c = &r->columns;
    return c->has_header && r->csv.column < c->n ? c->items[r->csv.column] : ITEM_IGNORED;
}

static void add_to_cell(void *ctx, struct bytes part)
{
    struct seed_reader *r = ctx;
    struct csv_columns *c = &r->columns;
    enum item_member member = member_here(r);
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
    struct csv_columns *c = &r->columns;
    if (member == ITEM_KEY || member == ITEM_VALUE)
        item_add_text(&r->item, member, bytes_of(""));
    else if (member != ITEM_IGNORED && c->cell.len > 0)
        item_add_text(&r->item, member, buf_bytes(&c->cell));
}

static void end_cell(void *ctx)
{
    struct seed_reader *r = ctx;
    struct csv_columns *c = &r->columns;
    if (c->cut) {
        item_problem(&r->item, "source.cell", "cell %zu has more than %zu bytes", r->csv.column + 1,
                     CELL_KEPT);
        item_hint(&r->item, "is a quote missing?");
    } else if (!c->has_header) {
        end_name(r);
    } else {
        end_member(r, member_here(r));
    }
    buf_clear(&c->cell);
    c->cut = false;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static void start_row(void *ctx)
{
    struct seed_reader *r = ctx;
    struct diag_list *diags = r->item.diags;
    if (r->columns.has_header) {
        reader_start_item(r, diags);
        r->item.meant = r->columns.meant;
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
    struct item *it = &r->item;
    if (r->csv.column != r->columns.n) {
        item_problem(it, "source.cells", "it has %zu cells, but the header has %zu", r->csv.column,
                     r->columns.n);
        item_hint(it, "put a cell that holds a comma into quotes");
        return SEED_BAD;
    }
    reader_end_item(r);
    check_text(r, "key", it->key);
    if (!it->base64)
        check_text(r, "value", it->value);
    return it->bad ? SEED_BAD : SEED_ITEM;
}

static const struct csv_taker taker = {start_row, add_to_cell, end_cell, form_problem};

enum seed_status reader_next_row(struct seed_reader *r, struct diag_list *diags, struct error *err)
{
    enum seed_status status = SEED_END;
    r->csv.in = &r->in;
    r->csv.delimiter = ',';
    r->csv.taker = &taker;
    r->csv.ctx = r;
    r->item.diags = diags;
    if (r->columns.keyless)
        return SEED_END; /* what is wrong with the header was told, and says all of the rows */
    while (status == SEED_END) {
        switch (csv_next(&r->csv, err)) {
        case CSV_ROW:
            status = r->columns.has_header ? end_item(r) : end_header(r, err);
            break;
        case CSV_BLANK:
            r->number -= r->columns.has_header;
            break;
        case CSV_END:
            return r->columns.has_header ? SEED_END : fail_header(r, err, "there is no header");
        case CSV_UNCLOSED:
            return SEED_BAD;
        case CSV_FAILED:
            return SEED_FAILED;
        }
    }
    return status;
}
