/*
 * rows.h: rows of CSV, of JSON Lines, or of the files of a folder, as they are: what a column means
 * is for the caller to say. (Items for a namespace out of the same files: seed.h.)
 *
 *     struct rows *rows = rows_open(path, &shape, &err);
 *     rows_survey(rows, 20, &diags, &err)      all of it is judged, in bounded memory
 *     while (rows_next(rows, &row, &err) == SEED_ITEM) …
 *     rows_close(rows);
 *
 * So who acts on the first row knows that the last one is good, too. A file that became another
 * one after it was judged is told by its digest.
 */
#ifndef CFKV_SEED_ROWS_H
#define CFKV_SEED_ROWS_H

#include "model/model.h"
#include "seed.h"

/* What a cell of CSV holds. But for ROW_STRING blanks around it do not count, and an empty one is
 * absent. */
enum row_type {
    ROW_STRING,
    ROW_INTEGER, /* 64 bits */
    ROW_NUMBER,  /* a double; an integer when it is written as one */
    ROW_BOOLEAN, /* true, yes, 1; false, no, 0; in any case of letters */
    ROW_JSON,
    ROW_DURATION, /* seconds; "90", "1h30m" (base/duration.h) */
    ROW_TIME      /* seconds since 1970; so many, or RFC 3339 */
};

/* The words for them, in this order; ends with NULL. */
extern const char *const row_type_words[];

struct row_typed {
    struct bytes name;
    enum row_type type;
};

/* How CSV is read; texts are borrowed until rows_close. */
struct rows_shape {
    enum source_format format; /* SOURCE_CSV, SOURCE_JSONL or SOURCE_DIR */
    char delimiter;            /* between cells */
    char decimal;              /* of ROW_NUMBER: '.' or ',' */
    struct strings header;     /* names of the columns; n 0: the first row names them */
    struct renamings columns;  /* from names of the first row to other ones */
    const struct row_typed *types;
    size_t n_types;
};

struct row_cell {
    struct bytes name; /* of its column */
    enum row_type type;
    bool absent;       /* empty, and no ROW_STRING */
    struct bytes text; /* as it stands in the file */
    bool is_integer;   /* ROW_NUMBER */
    int64_t integer;   /* ROW_INTEGER, ROW_NUMBER, ROW_DURATION, ROW_TIME */
    double number;     /* ROW_NUMBER */
    bool truth;        /* ROW_BOOLEAN */
};

/* Good until the next call. */
struct row {
    struct srcpos pos; /* where it begins; in a folder the file's path and line 0 */
    size_t n;          /* cells, of CSV */
    const struct row_cell *cells;
    struct bytes json; /* of JSON Lines: an object or an array */
    struct bytes path; /* of a file, below the folder; */
    struct bytes value;
};

struct rows;

/* `path` "-" is standard input. NULL with err. */
struct rows *rows_open(const char *path, const struct rows_shape *shape, struct error *err);

/* Reads all of it. Problems go to `diags`, and after `max_problems` of them it stops. false only
 * for an I/O error. Only what has none can be read with rows_next. */
bool rows_survey(struct rows *r, size_t max_problems, struct diag_list *diags, struct error *err);

/* The next row: SEED_ITEM, SEED_END or SEED_FAILED. */
enum seed_status rows_next(struct rows *r, struct row *row, struct error *err);

void rows_close(struct rows *r); /* NULL is fine */

#endif
