/*
 * csv.h: cells out of CSV (RFC 4180: a delimiter, quotes doubled inside quotes, LF or CRLF behind a
 * row). Private to seed/.
 *
 * A reader of our own: libcsv tells neither line nor byte, and keeps a whole cell before it gives
 * it. Here a cell is given as it comes, to whoever takes it: csv_items.c and rows.c.
 */
#ifndef CFKV_SEED_CSV_H
#define CFKV_SEED_CSV_H

#include "input.h"

/* Who takes what is read. */
struct csv_taker {
    void (*begin)(void *ctx);                  /* a row begins, where the input stands */
    void (*add)(void *ctx, struct bytes part); /* more of the cell at hand; never empty */
    void (*end)(void *ctx);                    /* the cell is at its end */
    /* What is wrong with the form of the row; it goes on. */
    void (*problem)(void *ctx, const char *what, const char *hint);
};

struct csv {
    struct input *in;
    char delimiter;
    const struct csv_taker *taker;
    void *ctx;

    /* The row. */
    bool open;     /* it began */
    bool blank;    /* and nothing is in it */
    size_t column; /* of the cell, from 0; behind the row: how many there were */
    enum { CELL_STARTS, CELL_BARE, CELL_QUOTED, CELL_QUOTE_MET, CELL_CR_MET } state;
    int quote_line; /* where its quote opened */
    uint64_t quote_offset;
};

enum csv_row {
    CSV_ROW,      /* a row is complete, and its last cell was ended */
    CSV_BLANK,    /* a line without anything: what began is no row */
    CSV_END,      /* all read */
    CSV_UNCLOSED, /* all read, but a quote is open: a problem was told */
    CSV_FAILED    /* err is set */
};

/* Reads on to the end of a row. */
enum csv_row csv_next(struct csv *c, struct error *err);

#endif
