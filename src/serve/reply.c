#include "reply.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define JSON_TYPE "application/json"

void reply_clear(struct reply *r)
{
    buf_clear(&r->body);
    r->status = 0;
    r->code = 0;
    r->content_type = JSON_TYPE;
    r->n_headers = 0;
}

/* ---- Successes ------------------------------------------------------------------------------- */

struct json_writer reply_begin(struct reply *r)
{
    reply_clear(r);
    r->status = 200;
    struct json_writer w = json_writer_to(&r->body, 0);
    json_begin_object(&w);
    json_key(&w, "result");
    return w;
}

static void write_outcome(struct json_writer *w)
{
    json_field_bool(w, "success", true);
    json_field_array(w, "errors");
    json_end_array(w);
    json_field_array(w, "messages");
    json_end_array(w);
}

void reply_end(struct json_writer *w)
{
    write_outcome(w);
    json_end_object(w);
}

void reply_end_pages(struct json_writer *w, const struct reply_pages *pages)
{
    write_outcome(w);
    json_field_object(w, "result_info");
    json_field_count(w, "page", pages->page);
    json_field_count(w, "per_page", pages->per_page);
    json_field_count(w, "count", pages->count);
    if (pages->total != REPLY_UNSAID) {
        json_field_count(w, "total_count", pages->total);
        json_field_count(w, "total_pages", (pages->total + pages->per_page - 1) / pages->per_page);
    }
    json_end_object(w);
    json_end_object(w);
}

void reply_end_cursor(struct json_writer *w, size_t count, struct bytes cursor)
{
    write_outcome(w);
    json_field_object(w, "result_info");
    if (count != REPLY_UNSAID)
        json_field_count(w, "count", count);
    json_field_string(w, "cursor", cursor);
    json_end_object(w);
    json_end_object(w);
}

bool reply_empty(struct reply *r)
{
    struct json_writer w = reply_begin(r);
    json_begin_object(&w);
    json_end_object(&w);
    reply_end(&w);
    return true;
}

/* ---- Failures -------------------------------------------------------------------------------- */

static struct json_writer fail_begin(struct reply *r, unsigned status, int code)
{
    reply_clear(r);
    r->status = status;
    r->code = code;
    struct json_writer w = json_writer_to(&r->body, 0);
    json_begin_object(&w);
    json_key(&w, "result");
    json_null(&w);
    json_field_bool(&w, "success", false);
    json_field_array(&w, "errors");
    return w;
}

static void fail_add(struct json_writer *w, int code, const char *message)
{
    json_begin_object(w);
    json_field_int(w, "code", code);
    json_field_str(w, "message", message);
    json_end_object(w);
}

static void fail_end(struct json_writer *w)
{
    json_end_array(w);
    json_field_array(w, "messages");
    json_end_array(w);
    json_end_object(w);
}

bool reply_fail_as(struct reply *r, unsigned status, int code, const char *message)
{
    struct json_writer w = fail_begin(r, status, code);
    fail_add(&w, code, message);
    fail_end(&w);
    return false;
}

bool reply_fail(struct reply *r, int code, const char *fmt, ...)
{
    char message[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    return reply_fail_as(r, code_status(code), code, message);
}

bool reply_no_route(struct reply *r, unsigned status, struct bytes path)
{
    char message[1024];
    snprintf(message, sizeof message,
             "Could not route to %.*s, perhaps your object identifier is invalid?",
             (int)(path.len < 512 ? path.len : 512), path.len > 0 ? path.data : "");
    struct json_writer w = fail_begin(r, status, CODE_NO_ROUTE);
    fail_add(&w, CODE_NO_ROUTE, message);
    fail_add(&w, CODE_NO_ROUTE_FOR_URI, code_text(CODE_NO_ROUTE_FOR_URI));
    fail_end(&w);
    return false;
}

bool reply_bare(struct reply *r, unsigned status)
{
    struct json_writer w = fail_begin(r, status, 0);
    fail_end(&w);
    return false;
}

void reply_html(struct reply *r, unsigned status, const char *title)
{
    reply_clear(r);
    r->status = status;
    r->content_type = "text/html; charset=UTF-8";
    buf_addf(&r->body,
             "<!DOCTYPE html>\n<html><head><title>%u: %s</title></head>\n"
             "<body><center><h1>%u %s</h1></center><hr></body></html>\n",
             status, title, status, title);
}

/* ---- Headers --------------------------------------------------------------------------------- */

void reply_header(struct reply *r, const char *name, const char *fmt, ...)
{
    va_list args;
    assert(r->n_headers < REPLY_HEADERS);
    struct reply_header *h = &r->headers[r->n_headers++];
    h->name = name;
    va_start(args, fmt);
    int n = vsnprintf(h->value, sizeof h->value, fmt, args);
    va_end(args);
    assert(n >= 0 && (size_t)n < sizeof h->value);
    (void)n;
}

void reply_date(int64_t at, char out[30])
{
    time_t t = (time_t)at;
    struct tm tm;
    if (!gmtime_r(&t, &tm) || strftime(out, 30, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
        out[0] = '\0';
}

void reply_release(struct reply *r)
{
    buf_release(&r->body);
}
