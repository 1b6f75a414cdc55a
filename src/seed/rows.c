#include "rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/duration.h"
#include "base/mem.h"
#include "base/text.h"
#include "reader.h"

#define COLUMNS_MAX  ((size_t)4096)
#define ROW_MAX      ((size_t)SEED_ITEM_MAX) /* bytes of one row */
#define ROW_PROBLEMS 20                      /* told of one row */
#define NUMBER_SIZE  512                     /* of the text of a number that can be one */

const char *const row_type_words[] = {"string", "integer",  "number", "boolean",
                                      "json",   "duration", "time",   NULL};

struct rows {
    struct seed_source *source;
    struct rows_shape shape;
    struct digest digest; /* of what was surveyed */

    /* A pass. */
    bool open;
    struct input in;
    struct csv csv;
    struct seed_reader *folder;
    struct srcpos pos;
    uint64_t row_offset;
    struct buf text; /* of the row; cells in a row */
    size_t *ends;    /* of cells, in it */
    size_t n_ends, cap_ends;
    bool cut, bad;
    size_t n_problems;
    struct diag_list *diags;
    struct diag_list later; /* of a row behind the survey: only that there are any counts */

    /* The header. */
    struct arena arena;
    bool has_header;
    size_t n;
    struct bytes *names;
    struct row_cell *cells;
};

/* ---- Problems -------------------------------------------------------------------------------- */

static void problem(struct rows *r, const char *code, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void problem(struct rows *r, const char *code, const char *hint, const char *fmt, ...)
{
    va_list args;
    r->bad = true;
    if (r->n_problems++ >= ROW_PROBLEMS)
        return;
    va_start(args, fmt);
    diag_add_behind(r->diags, DIAG_ERROR, code, r->pos, "", fmt, args);
    va_end(args);
    if (hint)
        diag_hint(r->diags, "%s", hint);
}

/* ---- The row at hand ------------------------------------------------------------------------- */

static void begin_row(void *ctx)
{
    struct rows *r = ctx;
    r->pos.line = r->in.line;
    r->row_offset = r->in.offset;
    r->n_ends = r->n_problems = 0;
    r->bad = r->cut = false;
    buf_clear(&r->text);
}

static void add_text(void *ctx, struct bytes part)
{
    struct rows *r = ctx;
    r->cut = r->cut || part.len > ROW_MAX - r->text.len;
    if (!r->cut)
        buf_add_bytes(&r->text, part);
}

static void end_cell(void *ctx)
{
    struct rows *r = ctx;
    if (r->n_ends > COLUMNS_MAX)
        return;
    mem_grow((void **)&r->ends, &r->cap_ends, r->n_ends + 1, sizeof *r->ends);
    r->ends[r->n_ends++] = r->text.len;
}

static void form_problem(void *ctx, const char *what, const char *hint)
{
    problem(ctx, "source.syntax", hint, "%s", what);
}

static const struct csv_taker taker = {begin_row, add_text, end_cell, form_problem};

static struct bytes cell_text(const struct rows *r, size_t i)
{
    size_t start = i == 0 ? 0 : r->ends[i - 1];
    return r->ends[i] == start ? bytes_of("")
                               : bytes_make(r->text.data + start, r->ends[i] - start);
}

/* ---- The header ------------------------------------------------------------------------------ */

static size_t find_column(const struct rows *r, struct bytes name)
{
    size_t i = 0;
    while (i < r->n && !bytes_equal(r->names[i], name))
        i++;
    return i;
}

/* There is no column of that name, which `field` has. */
static void no_column(struct rows *r, const char *field, struct bytes name)
{
    char quoted[QUOTED_SIZE], hint[512];
    const char **known = mem_zalloc(r->n + 1, sizeof *known);
    for (size_t i = 0; i < r->n; i++)
        known[i] = arena_printf(&r->arena, "%.*s", BYTES_FMT(r->names[i]));
    const char *nearest = text_nearest(name, known);
    struct buf list = {0};
    for (size_t i = 0; i < r->n && list.len < 300; i++)
        buf_addf(&list, "%s%s", i == 0 ? "" : ", ", known[i]);
    if (nearest)
        snprintf(hint, sizeof hint, "did you mean '%s'?", nearest);
    else
        snprintf(hint, sizeof hint, "there are: %s", list.data ? list.data : "");
    problem(r, "source.column", hint, "there is no column %s, which '%s' names",
            text_quoted(name, quoted, sizeof quoted), field);
    buf_release(&list);
    mem_free(known);
}

static void check_names(struct rows *r)
{
    char quoted[QUOTED_SIZE];
    for (size_t i = 0; i < r->n; i++) {
        text_quoted(r->names[i], quoted, sizeof quoted);
        if (r->names[i].len == 0)
            problem(r, "source.column", "name it there, or give all names with header = { … }",
                    "column %zu has no name", i + 1);
        else if (!utf8_valid(r->names[i]))
            problem(r, "source.utf8", "save the file as UTF-8",
                    "the name of column %zu is not valid UTF-8: %s", i + 1, quoted);
        else if (find_column(r, r->names[i]) < i)
            problem(r, "source.column", "columns = { … } gives columns other names",
                    "column %s is there twice", quoted);
    }
}

/* One column, whose name has what separates cells elsewhere. */
static void check_delimiter(struct rows *r)
{
    char quoted[QUOTED_SIZE], hint[64];
    struct bytes name = r->names[0];
    bool in_quotes = r->csv.quote_line > 0 && r->csv.quote_offset >= r->row_offset;
    for (const char *other = ",;\t|"; r->n == 1 && *other && !in_quotes; other++) {
        if (name.len == 0 || !memchr(name.data, *other, name.len))
            continue;
        snprintf(hint, sizeof hint,
                 *other == '\t' ? "delimiter = \"\\t\" reads tabs" : "delimiter = \"%c\" reads it",
                 *other);
        problem(r, "source.column", hint, "there is only one column, %s",
                text_quoted(name, quoted, sizeof quoted));
        return;
    }
}

static void rename_columns(struct rows *r)
{
    const struct renamings *map = &r->shape.columns;
    bool *used = mem_zalloc(map->n + 1, sizeof *used);
    struct bytes *names = arena_alloc(&r->arena, r->n + 1, sizeof *names);
    for (size_t i = 0; i < r->n; i++) {
        names[i] = r->names[i];
        for (size_t j = 0; j < map->n; j++)
            if (bytes_equal(map->items[j].from, r->names[i])) {
                names[i] = map->items[j].to;
                used[j] = true;
            }
    }
    for (size_t j = 0; j < map->n; j++)
        if (!used[j])
            no_column(r, "columns", map->items[j].from);
    r->names = names;
    mem_free(used);
}

static void set_types(struct rows *r)
{
    r->cells = arena_alloc(&r->arena, r->n + 1, sizeof *r->cells);
    for (size_t i = 0; i < r->n; i++)
        r->cells[i] = (struct row_cell){.name = r->names[i]};
    for (size_t j = 0; j < r->shape.n_types; j++) {
        size_t i = find_column(r, r->shape.types[j].name);
        if (i == r->n)
            no_column(r, "types", r->shape.types[j].name);
        else
            r->cells[i].type = r->shape.types[j].type;
    }
}

/* The names are there: what they say of the cells. */
static void settle_header(struct rows *r)
{
    if (!r->bad)
        check_delimiter(r);
    if (r->bad) /* nothing of the names would be so */
        return;
    rename_columns(r);
    check_names(r);
    set_types(r);
    r->has_header = true;
}

/* The first row names the columns; SEED_END: all is well. */
static enum seed_status read_header(struct rows *r)
{
    /* A line with which Excel tells itself the delimiter. */
    if (r->n_ends == 2 && r->pos.line == 1 && bytes_equal(cell_text(r, 0), bytes_of("sep=")) &&
        cell_text(r, 1).len == 0)
        return SEED_END;
    if (r->n_ends > COLUMNS_MAX)
        problem(r, "source.column", NULL, "there are more than %zu columns", COLUMNS_MAX);
    r->n = r->n_ends;
    r->names = arena_alloc(&r->arena, r->n + 1, sizeof *r->names);
    for (size_t i = 0; i < r->n; i++)
        r->names[i] = arena_copy(&r->arena, cell_text(r, i));
    settle_header(r);
    return r->bad ? SEED_FAILED : SEED_END;
}

/* ---- Cells ----------------------------------------------------------------------------------- */

static size_t digits_at(const char *s)
{
    size_t n = 0;
    while (s[n] >= '0' && s[n] <= '9')
        n++;
    return n;
}

/* Digits, with one decimal sign among them and an exponent behind; `text` ends with a NUL. */
static bool is_decimal(const char *text)
{
    const char *s = text + (*text == '-' || *text == '+');
    size_t whole = digits_at(s), part = 0;
    s += whole;
    if (*s == '.') {
        part = digits_at(s + 1);
        s += part + 1;
    }
    if (whole + part == 0)
        return false;
    if (*s == 'e' || *s == 'E') {
        s += 1 + (s[1] == '-' || s[1] == '+');
        if (digits_at(s) == 0)
            return false;
        s += digits_at(s);
    }
    return *s == '\0';
}

/* The number as C writes it; "" when it is too long, or has a point that is none. */
static const char *with_point(const struct rows *r, struct bytes text, char number[NUMBER_SIZE])
{
    number[0] = '\0';
    if (text.len >= NUMBER_SIZE || (r->shape.decimal != '.' && memchr(text.data, '.', text.len)))
        return number;
    for (size_t i = 0; i < text.len; i++)
        number[i] = text.data[i] == r->shape.decimal ? '.' : text.data[i];
    number[text.len] = '\0';
    return number;
}

static bool read_number(const struct rows *r, struct bytes text, struct row_cell *cell)
{
    char number[NUMBER_SIZE];
    if (text_to_int64(text, &cell->integer)) {
        cell->is_integer = true;
        cell->number = (double)cell->integer;
        return true;
    }
    with_point(r, text, number);
    cell->is_integer = false;
    if (!is_decimal(number))
        return false;
    cell->number = strtod(number, NULL);
    struct error rounded;
    return isfinite(cell->number) && json_number_check(bytes_of(number), &rounded);
}

static bool read_boolean(struct bytes text, bool *truth)
{
    static const char *const words[] = {"false", "true", "no", "yes", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text.len == strlen(words[i]) && strncasecmp(text.data, words[i], text.len) == 0) {
            *truth = i % 2 == 1;
            return true;
        }
    return false;
}

static bool check_json_number(void *ctx, const struct json_event *e, struct error *err)
{
    (void)ctx;
    return e->type != JSON_NUMBER || json_number_check(e->text, err);
}

static bool is_digits(struct bytes text)
{
    size_t n = 0;
    while (n < text.len && text.data[n] >= '0' && text.data[n] <= '9')
        n++;
    return n == text.len;
}

#define TOO_PRECISE "without a type it is a text, which keeps all digits"

static void wrong_cell(struct rows *r, const struct row_cell *cell, struct bytes text)
{
    char name[QUOTED_SIZE], got[80], number[NUMBER_SIZE], guess[HINT_SIZE];
    const char *hint = NULL, *what = "true or false";
    if (cell->type == ROW_DURATION) {
        what = DURATION_WANTED;
        hint = duration_hint(text, guess);
    } else if (cell->type == ROW_TIME) {
        what = MOMENT_WANTED;
        hint = moment_hint(text, guess);
    } else if (cell->type == ROW_NUMBER && is_decimal(with_point(r, text, number))) {
        what = "a number that can be kept";
        hint = TOO_PRECISE;
    } else if (cell->type == ROW_NUMBER) {
        char other = r->shape.decimal == '.' ? ',' : '.';
        what = "a number";
        if (text.len > 0 && memchr(text.data, other, text.len))
            hint = other == ',' ? "decimal = \",\" reads numbers such as 12,50"
                                : "numbers have no separators of thousands, and decimal = \".\" "
                                  "reads those such as 12.50";
    } else if (cell->type == ROW_INTEGER) {
        what = is_digits(text) ? "an integer of 64 bits" : "an integer";
        if (is_digits(text))
            hint = TOO_PRECISE;
        if (memchr(text.data, '.', text.len) || memchr(text.data, ',', text.len))
            hint = "type \"number\" reads fractions";
    }
    problem(r, "source.type", hint, "column %s must be %s, got %s",
            text_quoted(cell->name, name, sizeof name), what, text_quoted(text, got, sizeof got));
}

static void read_cell(struct rows *r, struct row_cell *cell, struct bytes text)
{
    char name[QUOTED_SIZE];
    struct error why = {0};
    size_t invalid = utf8_first_invalid(text);
    cell->text = text;
    cell->absent = false;
    if (invalid < text.len) {
        problem(r, "source.utf8", "save the file as UTF-8",
                "column %s is not valid UTF-8: byte %zu",
                text_quoted(cell->name, name, sizeof name), invalid + 1);
        return;
    }
    if (cell->type == ROW_STRING)
        return;
    text = bytes_trim(text, " \t");
    cell->absent = text.len == 0;
    bool ok = cell->absent;
    if (!ok && cell->type == ROW_INTEGER)
        ok = text_to_int64(text, &cell->integer);
    else if (!ok && cell->type == ROW_NUMBER)
        ok = read_number(r, text, cell);
    else if (!ok && cell->type == ROW_BOOLEAN)
        ok = read_boolean(text, &cell->truth);
    else if (!ok && cell->type == ROW_DURATION)
        ok = duration_or_seconds(text, &cell->integer);
    else if (!ok && cell->type == ROW_TIME)
        ok = moment_or_seconds(text, &cell->integer);
    else if (!ok && !(ok = json_parse(text, check_json_number, NULL, &why)))
        problem(r, "source.syntax", why.hint[0] ? why.hint : NULL, "column %s: %s",
                text_quoted(cell->name, name, sizeof name), why.message);
    if (!ok && cell->type != ROW_JSON)
        wrong_cell(r, cell, text);
}

static enum seed_status read_cells(struct rows *r, struct row *row)
{
    char hint[80];
    if (r->cut) {
        problem(r, "source.cell", "is a quote missing?", "the row has more than %zu bytes",
                ROW_MAX);
    } else if (r->n_ends != r->n) {
        snprintf(hint, sizeof hint, "put a cell that holds a %s into quotes",
                 r->shape.delimiter == ','    ? "comma"
                 : r->shape.delimiter == ';'  ? "semicolon"
                 : r->shape.delimiter == '\t' ? "tab"
                                              : "delimiter");
        problem(r, "source.cells", hint, "it has %zu cell%s, but there are %zu columns", r->n_ends,
                text_plural(r->n_ends), r->n);
    }
    if (r->n_ends == r->n && !r->cut)
        for (size_t i = 0; i < r->n; i++)
            read_cell(r, &r->cells[i], cell_text(r, i));
    *row = (struct row){.pos = r->pos, .n = r->n, .cells = r->cells};
    return r->bad ? SEED_BAD : SEED_ITEM;
}

static enum seed_status next_of_csv(struct rows *r, struct row *row, struct error *err)
{
    enum seed_status status = SEED_END;
    while (status == SEED_END) {
        switch (csv_next(&r->csv, err)) {
        case CSV_ROW:
            status = r->has_header ? read_cells(r, row) : read_header(r);
            break;
        case CSV_BLANK:
            break;
        case CSV_END:
            if (r->has_header)
                return SEED_END;
            r->pos.line = 1;
            problem(r, "source.column", "header = { … } names the columns of a file without one",
                    "there is no header");
            return SEED_FAILED;
        case CSV_UNCLOSED:
            return SEED_BAD;
        case CSV_FAILED:
            r->pos.line = r->in.line;
            return SEED_FAILED;
        }
    }
    return status;
}

/* ---- JSON Lines ------------------------------------------------------------------------------ */

/* Reads a line into r->text; false at the end. */
static bool read_line(struct rows *r, bool *there, struct error *err)
{
    begin_row(r);
    for (*there = false;;) {
        if (!input_fill(&r->in, err))
            return false;
        if (r->in.len == 0)
            return true;
        struct bytes left = input_left(&r->in);
        const char *newline = memchr(left.data, '\n', left.len);
        size_t n = newline ? (size_t)(newline - left.data) : left.len;
        *there = true;
        add_text(r, bytes_make(left.data, n));
        input_advance(&r->in, n + (newline != NULL));
        if (!newline)
            continue;
        input_next_line(&r->in);
        return true;
    }
}

static struct bytes without_blanks(struct bytes line)
{
    while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]) &&
           line.data[line.len - 1] != '\0')
        line.len--;
    while (line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t' || line.data[0] == '\r'))
        line = bytes_make(line.data + 1, line.len - 1);
    return line;
}

static enum seed_status judge_line(struct rows *r, struct bytes line, struct row *row)
{
    struct error why = {0};
    if (r->cut)
        problem(r, "source.cell", NULL, "the line has more than %zu bytes", ROW_MAX);
    else if (!json_parse(line, check_json_number, NULL, &why))
        problem(r, "source.syntax",
                why.hint[0] ? why.hint
                            : "each line is one JSON value; an array over many lines is "
                              "read by cfkv.file.json",
                "%s", why.message);
    else if (line.data[0] != '{' && line.data[0] != '[')
        problem(r, "source.type", NULL, "a row must be an object or an array");
    *row = (struct row){.pos = r->pos, .json = line};
    return r->bad ? SEED_BAD : SEED_ITEM;
}

static enum seed_status next_of_lines(struct rows *r, struct row *row, struct error *err)
{
    for (bool there = true;;) {
        if (!read_line(r, &there, err)) {
            r->pos.line = r->in.line;
            return SEED_FAILED;
        }
        struct bytes line =
            r->text.len > 0 ? without_blanks(buf_bytes(&r->text)) : bytes_make("", 0);
        if (!there)
            return SEED_END;
        if (line.len > 0 || r->cut)
            return judge_line(r, line, row);
    }
}

/* ---- Folders --------------------------------------------------------------------------------- */

static enum seed_status next_of_folder(struct rows *r, struct row *row, struct error *err)
{
    struct seed_item item;
    enum seed_status status = seed_next(r->folder, &item, r->diags, err);
    if (status == SEED_ITEM)
        *row = (struct row){.pos = item.seed.pos, .path = item.seed.key, .value = item.value};
    return status;
}

/* ---- Passes ---------------------------------------------------------------------------------- */

static void end_pass(struct rows *r)
{
    if (r->open && !r->folder)
        input_close(&r->in);
    seed_close(r->folder);
    r->folder = NULL;
    r->open = false;
}

static bool begin_pass(struct rows *r, struct error *err)
{
    end_pass(r);
    if (r->shape.format == SOURCE_DIR) {
        r->folder = seed_source_read(r->source, err);
        r->open = r->folder != NULL;
        return r->open;
    }
    int fd = source_open_again(r->source, err);
    if (fd < 0)
        return false;
    arena_release(&r->arena);
    r->arena = (struct arena){0};
    r->has_header = false;
    r->n = r->shape.header.n;
    r->names = r->shape.header.items;
    input_open(&r->in, fd, seed_source_path(r->source));
    r->csv = (struct csv){.in = &r->in, .delimiter = r->shape.delimiter, .taker = &taker, .ctx = r};
    r->pos = (struct srcpos){seed_source_path(r->source), 0};
    r->n_problems = 0;
    r->bad = false;
    r->open = true;
    if (r->n > 0)
        settle_header(r);
    return true;
}

static enum seed_status next(struct rows *r, struct row *row, struct error *err)
{
    if (r->shape.format == SOURCE_CSV)
        return next_of_csv(r, row, err);
    return r->shape.format == SOURCE_DIR ? next_of_folder(r, row, err) : next_of_lines(r, row, err);
}

static struct digest digest_of_pass(struct rows *r)
{
    uint64_t size;
    struct digest digest;
    if (!r->folder)
        return hash_end(&r->in.hash);
    seed_content(r->folder, &size, &digest);
    return digest;
}

/* ---- What a caller sees ---------------------------------------------------------------------- */

struct rows *rows_open(const char *path, const struct rows_shape *shape, struct error *err)
{
    struct rows *r = mem_zalloc(1, sizeof *r);
    r->shape = *shape;
    r->source = seed_source_open(path, shape->format, err);
    if (r->source)
        return r;
    rows_close(r);
    return NULL;
}

bool rows_survey(struct rows *r, size_t max_problems, struct diag_list *diags, struct error *err)
{
    struct row row;
    enum seed_status status = SEED_ITEM;
    r->diags = diags;
    if (!begin_pass(r, err))
        return false;
    *err = (struct error){0};
    if (diags->errors > 0) /* of a header that was given */
        return true;
    while ((status == SEED_ITEM || status == SEED_BAD) && diags->errors < max_problems)
        status = next(r, &row, err);
    if (status == SEED_FAILED && err->code) {
        if (err->code != ERR_FORMAT && err->code != ERR_LIMIT)
            return false;
        diag_add(diags, DIAG_ERROR, "source.syntax", r->pos, "%s", err->message);
        if (err->hint[0])
            diag_hint(diags, "%s", err->hint);
    }
    if (diags->errors > 0)
        return true;
    r->digest = digest_of_pass(r);
    return begin_pass(r, err);
}

enum seed_status rows_next(struct rows *r, struct row *row, struct error *err)
{
    struct digest digest;
    r->diags = &r->later;
    *err = (struct error){0};
    enum seed_status status = r->open ? next(r, row, err) : SEED_END;
    if (status == SEED_END && r->open) {
        digest = digest_of_pass(r);
        end_pass(r);
        if (!digest_equal(&digest, &r->digest))
            status = SEED_BAD;
    }
    if (status == SEED_BAD || (status == SEED_FAILED && !err->code)) {
        /* The survey found it good, and what it is now was not judged. */
        error_set(err, ERR_FAILED, "'%s' changed while it was read", seed_source_path(r->source));
        status = SEED_FAILED;
    }
    diag_release(&r->later);
    return status;
}

void rows_close(struct rows *r)
{
    if (!r)
        return;
    end_pass(r);
    seed_source_close(r->source);
    arena_release(&r->arena);
    buf_release(&r->text);
    mem_free(r->ends);
    mem_free(r);
}
