/*
 * usage.h: operations done, as the service counts them: per day (UTC), account, namespace and kind.
 */
#ifndef CFKV_SERVE_USAGE_H
#define CFKV_SERVE_USAGE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"

enum usage_action { USAGE_READ, USAGE_WRITE, USAGE_DELETE, USAGE_LIST, USAGE_ACTIONS };

struct usage_row {
    char date[11]; /* YYYY-MM-DD */
    struct bytes account, id;
    enum usage_action action;
    uint64_t requests;
};

struct usage {
    struct usage_row *rows;
    size_t n, cap;
    struct map index;
    struct arena arena;
};

void usage_add(struct usage *u, struct bytes account, struct bytes id, enum usage_action action,
               size_t n, int64_t now);

/* "read", "write", "delete", "list". */
const char *usage_action_name(enum usage_action action);

void usage_date(int64_t now, char date[11]);

void usage_release(struct usage *u);

#endif
