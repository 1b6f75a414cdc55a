/*
 * cloudflare_envelope.h: walks through an answer of the API (fact sheet, section 2). Private to
 * store/.
 *
 *     {"success": bool, "errors": […], "messages": […], "result": any, "result_info": any}
 *
 * The envelope itself is judged here: one JSON object, "success" a boolean, no member twice (a
 * broken or hostile proxy sends such; the first or the last would be a guess). What stands in
 * "result" and "result_info" goes to the endpoint as events.
 */
#ifndef CFKV_STORE_CLOUDFLARE_ENVELOPE_H
#define CFKV_STORE_CLOUDFLARE_ENVELOPE_H

#include "base/json.h"

enum event_kind {
    EVENT_NULL,
    EVENT_BOOL,
    EVENT_INTEGER,
    EVENT_NUMBER,
    EVENT_STRING,
    EVENT_KEY,
    EVENT_BEGIN_OBJECT,
    EVENT_END_OBJECT,
    EVENT_BEGIN_ARRAY,
    EVENT_END_ARRAY
};

struct event {
    enum event_kind kind;
    unsigned depth;    /* containers around it, below "result": 0 is the result itself; an end and
                          its begin have the same */
    bool flag;         /* of a bool */
    int64_t integer;   /* of an integer */
    struct bytes text; /* of a string, a key, a number; good only during the call */
};

/* false ends the walk with its error. */
typedef bool (*event_fn)(void *ctx, const struct event *e, struct error *err);

struct envelope {
    event_fn result, info; /* may be NULL */
    void *ctx;

    bool success, has_success; /* filled */
    bool has_result;           /* there, and not null */
};

/* ERR_FORMAT when `body` is no envelope; the message says why. */
bool envelope_walk(struct bytes body, struct envelope *e, struct error *err);

/* "a string", "an array", …: for messages. */
const char *event_name(const struct event *e);

/* true for a value, a begin included, and not for a key or an end. */
bool event_is_value(const struct event *e);

#endif
