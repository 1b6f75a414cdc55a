/* json_write.c: the printing half of json.h; knows no library. */
#include "json.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "json_plain.h"
#include "mem.h"
#include "text.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define TWO_53      9007199254740992.0

/* ---- Strings and numbers -------------------------------------------------------------------- */

static void add_escape(struct buf *out, unsigned char c)
{
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *found = c ? strchr(from, c) : NULL;
    if (found)
        buf_add(out, (char[]){'\\', to[found - from]}, 2);
    else
        buf_addf(out, "\\u%04x", c);
}

/* The bytes beyond ASCII from `i` on; returns where they end. */
static size_t add_foreign(struct buf *out, struct bytes s, size_t i)
{
    size_t end = i;
    while (end < s.len && (unsigned char)s.data[end] >= 0x80)
        end++;
    while (i < end) {
        size_t valid = utf8_first_invalid(bytes_make(s.data + i, end - i));
        buf_add(out, s.data + i, valid);
        i += valid;
        if (i < end) {
            buf_add_str(out, REPLACEMENT);
            i++;
        }
    }
    return end;
}

void json_escape(struct buf *out, struct bytes s)
{
    for (size_t i = 0; i < s.len;) {
        size_t plain = json_plain_run(s, i);
        buf_add(out, s.data + i, plain);
        i += plain;
        if (i < s.len && (unsigned char)s.data[i] >= 0x80)
            i = add_foreign(out, s, i);
        else if (i < s.len)
            add_escape(out, (unsigned char)s.data[i++]);
    }
}

void json_format_double(struct buf *out, double d)
{
    assert(isfinite(d));
    if (fabs(d) < TWO_53 && d == trunc(d)) {
        buf_addf(out, "%lld", (long long)d);
        return;
    }

    /* 15 digits survive any normal double; subnormals have fewer. */
    char text[32];
    int digits = fabs(d) < DBL_MIN ? 1 : 15;
    do
        snprintf(text, sizeof text, "%.*g", digits, d);
    while (strtod(text, NULL) != d && ++digits <= 17);
    buf_add_str(out, text);
}

/* ---- The writer ----------------------------------------------------------------------------- */

struct json_writer json_writer_to(struct buf *out, int indent)
{
    return (struct json_writer){.out = out, .indent = indent, .first = true};
}

/* Levels beyond 64 are not tracked: false there, as for arrays. */
static bool in_object(const struct json_writer *w)
{
    return w->depth > 0 && w->depth <= 64 && (w->objects >> (w->depth - 1) & 1) != 0;
}

static void line_break(struct json_writer *w)
{
    if (w->indent > 0)
        buf_addf(w->out, "\n%*s", w->indent * w->depth, "");
}

/* The comma before an element or a key. */
static void separate(struct json_writer *w)
{
    if (!w->first)
        buf_add_char(w->out, ',');
    w->first = false;
}

static void before_value(struct json_writer *w)
{
    assert(w->after_key || !in_object(w));
    if (!w->after_key && w->depth > 0) {
        separate(w);
        line_break(w);
    }
    w->after_key = false;
}

static void begin(struct json_writer *w, char bracket, bool object)
{
    before_value(w);
    buf_add_char(w->out, bracket);
    w->depth++;
    w->first = true;
    if (w->depth <= 64) {
        uint64_t bit = (uint64_t)1 << (w->depth - 1);
        w->objects = object ? w->objects | bit : w->objects & ~bit;
    }
}

static void end(struct json_writer *w, char bracket)
{
    assert(w->depth > 0 && !w->after_key);
    w->depth--;
    if (!w->first)
        line_break(w);
    buf_add_char(w->out, bracket);
    w->first = false;
}

void json_begin_object(struct json_writer *w)
{
    begin(w, '{', true);
}

void json_end_object(struct json_writer *w)
{
    end(w, '}');
}

void json_begin_array(struct json_writer *w)
{
    begin(w, '[', false);
}

void json_end_array(struct json_writer *w)
{
    assert(!in_object(w));
    end(w, ']');
}

static void add_quoted(struct buf *out, struct bytes s)
{
    buf_add_char(out, '"');
    json_escape(out, s);
    buf_add_char(out, '"');
}

/* ---- Members sorted by name ------------------------------------------------------------------ */

void json_sort_begin(struct json_writer *w, struct json_sort *s)
{
    *s = (struct json_sort){.outer = w->sort, .depth = w->depth, .sorted = true};
    w->sort = s;
}

static void sort_note(struct json_sort *s, struct bytes name, size_t at)
{
    s->sorted = s->sorted && (s->n == 0 || bytes_compare(s->members[s->n - 1].name, name) < 0);
    mem_grow((void **)&s->members, &s->cap, s->n + 1, sizeof *s->members);
    s->members[s->n++] = (struct json_sort_member){name, at, 0};
}

static int by_name(const void *a, const void *b)
{
    const struct json_sort_member *x = a, *y = b;
    return bytes_compare(x->name, y->name);
}

/* Between two members stands the comma that belongs to neither. */
static void put_in_order(struct json_sort *s, struct buf *out)
{
    struct buf sorted = {0};
    size_t from = s->members[0].at;
    for (size_t i = 0; i < s->n; i++)
        s->members[i].end = i + 1 < s->n ? s->members[i + 1].at - 1 : out->len;
    qsort(s->members, s->n, sizeof *s->members, by_name);
    for (size_t i = 0; i < s->n; i++) {
        if (i > 0)
            buf_add_char(&sorted, ',');
        buf_add(&sorted, out->data + s->members[i].at, s->members[i].end - s->members[i].at);
    }
    memcpy(out->data + from, sorted.data, sorted.len);
    buf_release(&sorted);
}

void json_sort_end(struct json_writer *w, struct json_sort *s)
{
    assert(w->sort == s && w->depth == s->depth && !w->after_key);
    w->sort = s->outer;
    if (!s->sorted)
        put_in_order(s, w->out);
    mem_free(s->members);
}

void json_key_bytes(struct json_writer *w, struct bytes name)
{
    assert(w->depth > 64 || in_object(w));
    assert(!w->after_key);
    separate(w);
    if (w->sort && w->sort->depth == w->depth)
        sort_note(w->sort, name, w->out->len);
    line_break(w);
    add_quoted(w->out, name);
    buf_add_str(w->out, w->indent > 0 ? ": " : ":");
    w->after_key = true;
}

void json_key(struct json_writer *w, const char *name)
{
    json_key_bytes(w, bytes_of(name));
}

void json_string(struct json_writer *w, struct bytes s)
{
    before_value(w);
    add_quoted(w->out, s);
}

void json_str(struct json_writer *w, const char *s)
{
    if (s)
        json_string(w, bytes_of(s));
    else
        json_null(w);
}

/* printf would be a tenth of what a bulk write costs. */
void json_int(struct json_writer *w, int64_t n)
{
    char text[20];
    size_t at = sizeof text;
    uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
    before_value(w);
    do {
        text[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (n < 0)
        text[--at] = '-';
    buf_add(w->out, text + at, sizeof text - at);
}

void json_double(struct json_writer *w, double d)
{
    before_value(w);
    json_format_double(w->out, d);
}

void json_bool(struct json_writer *w, bool b)
{
    before_value(w);
    buf_add_str(w->out, b ? "true" : "false");
}

void json_null(struct json_writer *w)
{
    before_value(w);
    buf_add_str(w->out, "null");
}

void json_raw(struct json_writer *w, struct bytes json)
{
    before_value(w);
    buf_add_bytes(w->out, json);
}

void json_value(struct json_writer *w, struct bytes s)
{
    if (utf8_valid(s)) {
        json_string(w, s);
        return;
    }
    json_begin_object(w);
    json_key(w, "base64");
    before_value(w);
    buf_add_char(w->out, '"');
    buf_add_base64(w->out, s);
    buf_add_char(w->out, '"');
    json_end_object(w);
}

void json_show_name(struct buf *out, struct bytes name)
{
    if (text_is_plain(name) && !(name.len > 0 && name.data[0] == '"')) {
        buf_add_bytes(out, name);
        return;
    }
    struct buf json = {0};
    struct json_writer w = json_writer_to(&json, 0);
    json_string(&w, name);
    text_show_json(out, buf_bytes(&json));
    buf_release(&json);
}

/* ---- Fields ---------------------------------------------------------------------------------- */

void json_text(struct json_writer *w, struct bytes s)
{
    if (s.data)
        json_string(w, s);
    else
        json_null(w);
}

void json_field_str(struct json_writer *w, const char *name, const char *s)
{
    json_key(w, name);
    json_str(w, s);
}

void json_field_string(struct json_writer *w, const char *name, struct bytes s)
{
    json_key(w, name);
    json_string(w, s);
}

void json_field_text(struct json_writer *w, const char *name, struct bytes s)
{
    json_key(w, name);
    json_text(w, s);
}

void json_field_int(struct json_writer *w, const char *name, int64_t n)
{
    json_key(w, name);
    json_int(w, n);
}

void json_field_count(struct json_writer *w, const char *name, uint64_t n)
{
    json_field_int(w, name, (int64_t)n);
}

void json_field_bool(struct json_writer *w, const char *name, bool b)
{
    json_key(w, name);
    json_bool(w, b);
}

void json_field_object(struct json_writer *w, const char *name)
{
    json_key(w, name);
    json_begin_object(w);
}

void json_field_array(struct json_writer *w, const char *name)
{
    json_key(w, name);
    json_begin_array(w);
}

void json_field_strings(struct json_writer *w, const char *name, const struct bytes *items,
                        size_t n)
{
    json_field_array(w, name);
    for (size_t i = 0; i < n; i++)
        json_string(w, items[i]);
    json_end_array(w);
}

/* ---- Printing again -------------------------------------------------------------------------- */

void json_write_event(struct json_writer *w, const struct json_event *e)
{
    switch (e->type) {
    case JSON_NULL:
        json_null(w);
        break;
    case JSON_BOOLEAN:
        json_bool(w, e->boolean);
        break;
    case JSON_INTEGER:
        json_int(w, e->integer);
        break;
    case JSON_NUMBER:
        json_raw(w, e->text);
        break;
    case JSON_STRING:
        json_string(w, e->text);
        break;
    case JSON_KEY:
        json_key_bytes(w, e->text);
        break;
    case JSON_BEGIN_OBJECT:
        json_begin_object(w);
        break;
    case JSON_END_OBJECT:
        json_end_object(w);
        break;
    case JSON_BEGIN_ARRAY:
        json_begin_array(w);
        break;
    case JSON_END_ARRAY:
        json_end_array(w);
        break;
    case JSON_STRING_PART:
        assert(e->type != JSON_STRING_PART); /* it is no value */
        break;
    }
}

static bool print_again(void *ctx, const struct json_event *e, struct error *err)
{
    (void)err;
    json_write_event(ctx, e);
    return true;
}

bool json_copy(struct json_writer *w, struct bytes text, struct error *err)
{
    return json_parse(text, print_again, w, err);
}

bool json_compact(struct bytes text, struct buf *out, struct error *err)
{
    struct json_writer w = json_writer_to(out, 0);
    return json_copy(&w, text, err);
}
