/*
 * log.h: one line of JSON for each request, written when its answer is decided. No credential, no
 * body, no header is in it.
 */
#ifndef CFKV_SERVE_LOG_H
#define CFKV_SERVE_LOG_H

#include <stdio.h>

#include "damage.h"

struct log_entry {
    const struct call *call;
    const char *ray;
    int64_t at_ms; /* when the request was complete, since the start */
    int64_t ms;    /* until the answer */
    const struct delivery *delivery;
};

/* Writes and flushes the line; nothing when `file` is NULL. */
void log_request(FILE *file, const struct log_entry *entry);

#endif
