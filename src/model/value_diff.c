#include "value_diff.h"

#include <assert.h>

#include "base/text.h"
#include "diff_parts.h"
#include "validate.h"

#define LINES_MAX ((size_t)1 << 20) /* of a text that is compared by lines */

/* ---- What a value is ------------------------------------------------------------------------ */

/* Text that a hunk can show; `*lines` are its newlines. */
static bool is_text(struct bytes b, size_t *lines)
{
    *lines = 0;
    for (size_t i = 0; i < b.len; i++) {
        unsigned char c = (unsigned char)b.data[i];
        if (c == '\n')
            ++*lines;
        else if ((c < 0x20 && c != '\r' && c != '\t') || c == 0x7F)
            return false;
    }
    return *lines < LINES_MAX && utf8_valid(b);
}

static bool is_json(struct bytes b, bool scalars)
{
    size_t i = 0;
    struct error err;
    while (i < b.len && memchr(" \t\r\n", b.data[i], 4))
        i++;
    return i < b.len && (scalars || b.data[i] == '{' || b.data[i] == '[') &&
           json_parse(b, NULL, NULL, &err);
}

static bool is_hidden(const struct diff_value *v, const struct diff_options *o)
{
    return v && (o->secret || (v->bytes.data && holds_secret(o->key, v->bytes)));
}

/* ---- One side ------------------------------------------------------------------------------- */

#define SHORT_HASH 12

static void write_bytes(struct json_writer *w, const struct diff_value *v)
{
    struct digest digest = v->bytes.data ? hash_sha256(v->bytes) : v->digest;
    char hex[HASH_HEX_SIZE];
    digest_hex(&digest, hex);
    json_begin_object(w);
    json_field_count(w, "bytes", v->bytes.data ? v->bytes.len : v->size);
    json_field_string(w, "sha256", bytes_make(hex, SHORT_HASH));
    json_end_object(w);
}

static void write_both_bytes(struct json_writer *w, const struct diff_value *before,
                             const struct diff_value *after)
{
    json_begin_object(w);
    if (after) {
        json_key(w, "after");
        write_bytes(w, after);
    }
    if (before) {
        json_key(w, "before");
        write_bytes(w, before);
    }
    json_field_str(w, "kind", "bytes");
    json_end_object(w);
}

static void write_secret(struct json_writer *w, bool was)
{
    json_begin_object(w);
    json_field_str(w, "kind", "secret");
    json_field_bool(w, "was", was);
    json_end_object(w);
}

/* Adds what is shown of one value alone: JSON without white space. */
static void show(struct buf *out, struct bytes value, bool json)
{
    struct error err;
    if (!json || !json_compact(value, out, &err))
        buf_add_bytes(out, value);
}

static void write_new(struct json_writer *w, const struct diff_value *v,
                      const struct diff_options *o)
{
    size_t lines;
    if (!v->bytes.data || !is_text(v->bytes, &lines)) {
        write_both_bytes(w, NULL, v);
        return;
    }
    struct buf whole = {0}, shown = {0};
    struct window part, none;
    bool json = is_json(v->bytes, o->json);
    show(&whole, v->bytes, json);
    diff_windows(buf_bytes(&whole), bytes_make(NULL, 0), o->limits.value, false, &part, &none);
    bool cut = diff_add_window(&shown, buf_bytes(&whole), part);
    json_begin_object(w);
    json_field_count(w, "bytes", v->bytes.len);
    json_field_bool(w, "cut", cut);
    json_field_bool(w, "json", json);
    json_field_str(w, "kind", "new");
    json_field_string(w, "shown", buf_bytes(&shown));
    json_end_object(w);
    buf_release(&whole);
    buf_release(&shown);
}

/* ---- Both sides ----------------------------------------------------------------------------- */

/* Adds the JSON text of a side: that of a document, or the string that holds a text. */
static void add_json(struct buf *out, struct bytes value, bool json)
{
    struct json_writer w = json_writer_to(out, 0);
    if (json)
        show(out, value, true);
    else
        json_string(&w, value);
}

/* One change of the path "", between what add_json added. */
static void write_whole(struct json_writer *w, const char *op, struct bytes before,
                        struct bytes after, bool same_json, const struct diff_options *o)
{
    json_begin_object(w);
    json_field_array(w, "changes");
    json_begin_object(w);
    bool cut = diff_write_sides(w, before, after, o->limits.leaf);
    json_field_str(w, "op", op);
    json_field_str(w, "path", "");
    json_end_object(w);
    json_end_array(w);
    json_field_bool(w, "cut", cut);
    json_field_str(w, "kind", "json");
    json_field_int(w, "more", 0);
    if (same_json)
        json_field_bool(w, "same_json", true);
    json_end_object(w);
}

static void write_removed(struct json_writer *w, const struct diff_value *v,
                          const struct diff_options *o)
{
    size_t lines;
    if (!v->bytes.data || !is_text(v->bytes, &lines)) {
        write_both_bytes(w, v, NULL);
        return;
    }
    struct buf json = {0};
    add_json(&json, v->bytes, is_json(v->bytes, o->json));
    write_whole(w, "remove", buf_bytes(&json), bytes_make(NULL, 0), false, o);
    buf_release(&json);
}

static void write_single_lines(struct json_writer *w, struct bytes before, struct bytes after,
                               bool same_json, const struct diff_options *o)
{
    struct buf a = {0}, b = {0};
    add_json(&a, before, false);
    add_json(&b, after, false);
    write_whole(w, "set", buf_bytes(&a), buf_bytes(&b), same_json, o);
    buf_release(&a);
    buf_release(&b);
}

static void write_no_change(struct json_writer *w)
{
    json_begin_object(w);
    json_field_array(w, "changes");
    json_end_array(w);
    json_field_bool(w, "cut", false);
    json_field_str(w, "kind", "json");
    json_field_int(w, "more", 0);
    json_end_object(w);
}

static void write_change(struct json_writer *w, const struct diff_value *before,
                         const struct diff_value *after, const struct diff_options *o)
{
    struct bytes a = before->bytes, b = after->bytes;
    size_t lines_a, lines_b;
    if (!a.data || !b.data) {
        write_both_bytes(w, before, after);
        return;
    }
    if (bytes_equal(a, b)) {
        write_no_change(w);
        return;
    }
    enum json_relation json = json_diff(w, a, b, o->json, &o->limits);
    if (json == JSON_DIFFERENT)
        return;
    if (!is_text(a, &lines_a) || !is_text(b, &lines_b))
        write_both_bytes(w, before, after);
    else if (lines_a > 0 || lines_b > 0)
        text_diff(w, a, b, json == JSON_SAME, &o->limits);
    else
        write_single_lines(w, a, b, json == JSON_SAME, o);
}

void value_diff(struct json_writer *w, const struct diff_value *before,
                const struct diff_value *after, const struct diff_options *options)
{
    assert(before || after);
    if (is_hidden(before, options) || is_hidden(after, options))
        write_secret(w, before != NULL);
    else if (!before)
        write_new(w, after, options);
    else if (!after)
        write_removed(w, before, options);
    else
        write_change(w, before, after, options);
}

void value_diff_replaced(struct json_writer *w, const struct diff_value *before,
                         const struct diff_value *after, const struct diff_options *options)
{
    if (is_hidden(before, options) || is_hidden(after, options)) {
        write_secret(w, true);
        return;
    }
    json_begin_object(w);
    json_key(w, "after");
    write_new(w, after, options);
    json_key(w, "before");
    write_bytes(w, before);
    json_field_str(w, "kind", "replaced");
    json_end_object(w);
}
