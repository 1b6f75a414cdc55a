/*
 * pass.h: reading a whole source only to find what is wrong with it. Private to seed/.
 */
#ifndef CFKV_SEED_PASS_H
#define CFKV_SEED_PASS_H

#include "seed.h"
#include "duplicates.h"

struct pass {
    struct diag_list *diags; /* where problems go */
    size_t max;              /* errors that are shown; 0: all */
    bool stops;              /* reading ends with the last one that is shown */
    bool fingerprint;        /* of the namespace: metadata must have room for it */
    int64_t now;
    struct seen *seen;
    unsigned source; /* its number there */

    /* What was found. */
    uint64_t items, bytes;   /* good ones, their keys and values */
    size_t n_problems;       /* shown */
    size_t n_hidden;         /* not shown, */
    size_t hidden_errors;    /* of them errors */
    struct diag_list hidden; /* those of one item */
};

/* Reads to the end. false only for I/O errors: broken content is a problem like the others. */
bool pass_read(struct pass *p, struct seed_reader *r, struct error *err);

/* Adds an error about the source as a whole, at `pos`. */
void pass_failure(struct pass *p, struct srcpos pos, const char *code, const struct error *why);

/* Says at `pos` how many problems of the source were not shown, if any were not. */
void pass_report_hidden(struct pass *p, struct bytes path, struct srcpos pos);

#endif
