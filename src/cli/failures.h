/*
 * failures.h: the keys that a bulk command could not write or delete: every one is named.
 *
 * On stderr the first FAILURES_SHOWN of them, all with --verbose; all of them in the document of
 * --json.
 */
#ifndef CFKV_CLI_FAILURES_H
#define CFKV_CLI_FAILURES_H

#include "base/json.h"
#include "output.h"

#define FAILURES_SHOWN 20

struct failures {
    const char *verb; /* "put" */
    bool verbose;     /* show all */
    bool keep;        /* for JSON */
    uint64_t n;
    struct buf text; /* lines for stderr */
    struct buf json; /* strings with commas between */
};

/* A put_failed_fn; `ctx` is the struct failures. */
bool failures_add(void *ctx, struct bytes key, const struct error *cause, struct error *err);

/* Says them on stderr. */
void failures_tell(const struct failures *f, const struct output *o);

/* Prints them as an array. Needs `keep`. */
void failures_write_json(const struct failures *f, struct json_writer *w);

void failures_release(struct failures *f);

#endif
