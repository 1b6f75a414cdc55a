/* json_canonical.c: one text for one value; a reader of events that writes as it goes. */
#include "json.h"

#include <stdlib.h>

#include "mem.h"
#include "text.h"

/* One member of an object that is still open, in the order of the text. */
struct canonical_member {
    size_t name_at, name_len; /* in canon.names: pointers would not survive its growth */
    size_t text_at, text_len; /* `"name":value` in the output */
    struct bytes name;        /* only while sorting */
};

struct canon {
    struct json_writer w;
    struct buf names;   /* member names of all open objects, one behind the other */
    struct buf scratch; /* the members of one object, sorted */
    struct canonical_member *members;
    size_t n, cap;
    size_t first_member[JSON_MAX_DEPTH]; /* per open level */
    size_t first_name[JSON_MAX_DEPTH];
};

/* ---- Members of an object ------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return bytes_compare(((const struct canonical_member *)a)->name,
                         ((const struct canonical_member *)b)->name);
}

/* Fills what sorting needs: the names, and where each member's text ends. */
static void close_members(const struct canon *c, struct canonical_member *m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t text_end = i + 1 < n ? m[i + 1].text_at - 1 : c->w.out->len;
        m[i].text_len = text_end - m[i].text_at;
        m[i].name = bytes_make(c->names.data + m[i].name_at, m[i].name_len);
    }
}

static bool is_sorted(const struct canonical_member *m, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (bytes_compare(m[i - 1].name, m[i].name) >= 0)
            return false;
    return true;
}

static bool check_unique(const struct canonical_member *m, size_t n, struct error *err)
{
    char name[160];
    for (size_t i = 1; i < n; i++)
        if (bytes_equal(m[i - 1].name, m[i].name))
            return error_set(err, ERR_FORMAT, "member %s appears twice",
                             text_quoted(m[i].name, name, sizeof name));
    return true;
}

/* Puts the sorted texts where the unsorted ones are: both are equally long. */
static void rewrite(struct canon *c, const struct canonical_member *m, size_t n, size_t at)
{
    struct buf *out = c->w.out;
    buf_clear(&c->scratch);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(&c->scratch, ',');
        buf_add(&c->scratch, out->data + m[i].text_at, m[i].text_len);
    }
    memcpy(out->data + at, c->scratch.data, c->scratch.len);
}

static bool sort_members(struct canon *c, struct canonical_member *m, size_t n, struct error *err)
{
    close_members(c, m, n);
    if (is_sorted(m, n))
        return true;
    size_t at = m[0].text_at;
    qsort(m, n, sizeof *m, compare_names);
    if (!check_unique(m, n, err))
        return false;
    rewrite(c, m, n, at);
    return true;
}

/* ---- Events --------------------------------------------------------------------------------- */

static void begin_members(struct canon *c)
{
    c->first_member[c->w.depth] = c->n;
    c->first_name[c->w.depth] = c->names.len;
}

static void begin_member(struct canon *c, struct bytes name)
{
    mem_grow((void **)&c->members, &c->cap, c->n + 1, sizeof *c->members);
    c->members[c->n++] = (struct canonical_member){
        .name_at = c->names.len,
        .name_len = name.len,
        .text_at = c->w.out->len + !c->w.first, /* behind the comma */
    };
    buf_add_bytes(&c->names, name);
}

static bool end_members(struct canon *c, struct error *err)
{
    size_t level = (size_t)c->w.depth - 1;
    size_t first = c->first_member[level];
    if (c->n > first && !sort_members(c, c->members + first, c->n - first, err))
        return false;
    c->n = first;
    c->names.len = c->first_name[level];
    return true;
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct canon *c = ctx;
    if (e->type == JSON_NUMBER) {
        json_double(&c->w, e->number);
        return true;
    }
    if (e->type == JSON_BEGIN_OBJECT)
        begin_members(c);
    else if (e->type == JSON_KEY)
        begin_member(c, e->text);
    else if (e->type == JSON_END_OBJECT && !end_members(c, err))
        return false;
    json_write_event(&c->w, e);
    return true;
}

bool json_canonical(struct bytes text, struct buf *out, struct error *err)
{
    struct canon c = {.w = json_writer_to(out, 0)};
    size_t start = out->len;
    bool ok = json_parse(text, on_event, &c, err);
    if (!ok && out->len > start) {
        out->len = start;
        out->data[start] = '\0';
    }
    mem_free(c.members);
    buf_release(&c.names);
    buf_release(&c.scratch);
    return ok;
}
