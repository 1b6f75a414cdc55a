/*
 * reply.h: an answer under construction: status, headers, body.
 *
 * Everything but a value is the API's envelope. A success is written around its result:
 *
 *     struct json_writer w = reply_begin(r);      {"result":
 *     json_…(&w, …);                              …
 *     reply_end(&w);                              ,"success":true,"errors":[],"messages":[]}
 */
#ifndef CFKV_SERVE_REPLY_H
#define CFKV_SERVE_REPLY_H

#include "base/json.h"
#include "codes.h"

#define REPLY_HEADERS 4

struct reply_header {
    const char *name; /* static */
    char value[512];
};

struct reply {
    unsigned status; /* 0: nothing decided yet */
    int code;        /* of the first error; 0: none */
    const char *content_type;
    struct buf body;
    struct reply_header headers[REPLY_HEADERS];
    size_t n_headers;
};

#define REPLY_UNSAID SIZE_MAX /* a number that is left out */

/* result_info of a listing by pages. */
struct reply_pages {
    size_t count, page, per_page;
    size_t total; /* or REPLY_UNSAID */
};

struct json_writer reply_begin(struct reply *r);
void reply_end(struct json_writer *w);
void reply_end_pages(struct json_writer *w, const struct reply_pages *pages);
/* `count` may be REPLY_UNSAID. */
void reply_end_cursor(struct json_writer *w, size_t count, struct bytes cursor);

/* A success whose result is {}. Returns true. */
bool reply_empty(struct reply *r);

/* Discards what was written so far and answers an error with the status of its code. Returns false,
 * so that a check reads `return reply_fail(…)`. */
bool reply_fail(struct reply *r, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with another status than the code's own. */
bool reply_fail_as(struct reply *r, unsigned status, int code, const char *message);

/* "Could not route to PATH …": 7003 and 7000 together. */
bool reply_no_route(struct reply *r, unsigned status, struct bytes path);

/* A failure whose list of errors is empty, as the live service sends for some paths. */
bool reply_bare(struct reply *r, unsigned status);

/* A body that is no envelope. */
void reply_html(struct reply *r, unsigned status, const char *title);

/* Starts over. */
void reply_clear(struct reply *r);

/* Adds a header; more than REPLY_HEADERS or a longer value is a bug and asserts. */
void reply_header(struct reply *r, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* `at` as headers have it; `out` holds at least 30 bytes. */
void reply_date(int64_t at, char out[30]);

void reply_release(struct reply *r);

#endif
