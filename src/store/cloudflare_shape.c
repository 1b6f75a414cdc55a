#include "cloudflare_shape.h"

#include <assert.h>
#include <stdio.h>

#define SHAPES_DEEP 6 /* nested insides that the shapes of this program describe */

/* An object or array whose inside is being read. */
struct frame {
    const struct shape *shape;
    const struct shape *due; /* the shape of the value that comes next; NULL: to be passed over */
    uint32_t seen;           /* bits of shape->members */
};

struct shape_reader {
    void *ctx;
    struct bytes text;
    struct json_stream *stream;
    const struct shape *root;
    struct frame frames[SHAPES_DEEP];
    size_t depth;
    size_t skipped;            /* open containers without a described inside */
    const struct shape *whole; /* the shape of the outermost of them; NULL: none */
    size_t whole_start;
    bool refused; /* the error is not the syntax's */
};

/* ---- Refusals -------------------------------------------------------------------------------- */

static const char *const type_words[] = {
    [JSON_NULL] = "null",
    [JSON_BOOLEAN] = "a boolean",
    [JSON_INTEGER] = "an integer",
    [JSON_NUMBER] = "a number",
    [JSON_STRING] = "a string",
    [JSON_BEGIN_OBJECT] = "an object",
    [JSON_BEGIN_ARRAY] = "an array",
};

/* Of several the first in order of type. */
static const char *kinds_words(unsigned kinds)
{
    size_t type = 0;
    while (type < JSON_BEGIN_ARRAY && !(kinds >> type & 1))
        type++;
    return type_words[type];
}

/* How messages call it. */
static const char *words(const struct shape *s, char *out, size_t size)
{
    if (s->what)
        return s->what;
    snprintf(out, size, "'%s'", s->name);
    return out;
}

static bool refuse_type(const struct shape *s, enum json_type type, struct error *err)
{
    char name[64];
    return error_set(err, ERR_FORMAT, "%s is %s, not %s", words(s, name, sizeof name),
                     type_words[type], kinds_words(s->kinds & ~(unsigned)SHAPE_NULL));
}

static bool refuse_twice(const struct shape *member, struct error *err)
{
    return error_set(err, ERR_FORMAT, "the member '%s' is there twice", member->name);
}

static bool refuse_missing(const struct shape *s, const struct shape *member, struct error *err)
{
    char name[64];
    return error_set(err, ERR_FORMAT, "%s has no '%s'", words(s, name, sizeof name), member->name);
}

/* ---- Walking --------------------------------------------------------------------------------- */

/* The shape of the value that comes, if it is to be read. NULL: it is passed over, or `*ok` became
 * false. */
static const struct shape *expect(const struct shape_reader *r, enum json_type type, bool *ok,
                                  struct error *err)
{
    const struct shape *s = r->depth == 0 ? r->root : r->frames[r->depth - 1].due;
    *ok = true;
    if (r->skipped > 0 || !s)
        return NULL;
    if (s->kinds >> type & 1)
        return s;
    *ok = s->lenient || refuse_type(s, type, err);
    return NULL;
}

static bool scalar(struct shape_reader *r, const struct json_event *e, struct error *err)
{
    bool ok;
    const struct shape *s = expect(r, e->type, &ok, err);
    if (s && s->take && e->type != JSON_NULL)
        ok = s->take(r->ctx, e, err);
    return ok;
}

static bool has_inside(const struct shape *s, enum json_type type)
{
    return type == JSON_BEGIN_OBJECT ? s->members || s->on_name : s->item && !s->on_name;
}

static bool enter(struct shape_reader *r, const struct shape *s, struct error *err)
{
    assert(r->depth < SHAPES_DEEP);
    r->frames[r->depth++] = (struct frame){.shape = s, .due = s->item};
    return !s->begin || s->begin(r->ctx, err);
}

static bool begin(struct shape_reader *r, enum json_type type, struct error *err)
{
    bool ok;
    const struct shape *s = expect(r, type, &ok, err);
    if (s && has_inside(s, type))
        return enter(r, s, err);
    if (r->skipped++ == 0) {
        r->whole = s;
        r->whole_start = (size_t)json_stream_offset(r->stream) - 1;
    }
    return ok;
}

static bool leave(struct shape_reader *r, struct error *err)
{
    const struct frame *f = &r->frames[--r->depth];
    const struct shape *members = f->shape->members;
    for (size_t i = 0; members && members[i].name; i++)
        if (members[i].required && (f->seen >> i & 1) == 0)
            return refuse_missing(f->shape, &members[i], err);
    return !f->shape->end || f->shape->end(r->ctx, err);
}

static bool end(struct shape_reader *r, enum json_type began, struct error *err)
{
    if (r->skipped == 0)
        return leave(r, err);
    if (--r->skipped > 0 || !r->whole || !r->whole->take)
        return true;
    size_t stop = (size_t)json_stream_offset(r->stream);
    struct json_event whole = {
        .type = began, .text = bytes_make(r->text.data + r->whole_start, stop - r->whole_start)};
    return r->whole->take(r->ctx, &whole, err);
}

static bool take_name(struct shape_reader *r, struct bytes name, struct error *err)
{
    struct frame *f = &r->frames[r->depth - 1];
    const struct shape *members = f->shape->members;
    if (f->shape->on_name)
        return f->shape->on_name(r->ctx, name, err);
    f->due = NULL;
    for (size_t i = 0; members[i].name; i++) {
        if (!bytes_equal(name, bytes_of(members[i].name)))
            continue;
        if ((f->seen >> i & 1) != 0)
            return refuse_twice(&members[i], err);
        f->seen |= (uint32_t)1 << i;
        f->due = &members[i];
    }
    return true;
}

static bool read_event(struct shape_reader *r, const struct json_event *e, struct error *err)
{
    switch (e->type) {
    case JSON_KEY:
        return r->skipped > 0 || take_name(r, e->text, err);
    case JSON_BEGIN_OBJECT:
    case JSON_BEGIN_ARRAY:
        return begin(r, e->type, err);
    case JSON_END_OBJECT:
        return end(r, JSON_BEGIN_OBJECT, err);
    case JSON_END_ARRAY:
        return end(r, JSON_BEGIN_ARRAY, err);
    default:
        return scalar(r, e, err);
    }
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct shape_reader *r = ctx;
    r->refused = !read_event(r, e, err);
    return !r->refused;
}

bool shape_read(struct bytes text, const struct shape *root, void *ctx, struct error *err)
{
    struct shape_reader r = {.ctx = ctx, .text = text, .root = root};
    r.stream = json_stream_new(on_event, &r);
    bool ok = json_stream_feed(r.stream, text, err) && json_stream_end(r.stream, err);
    json_stream_free(r.stream);
    if (!ok && !r.refused && err->code == ERR_FORMAT)
        error_wrap(err, "the answer is not JSON");
    return ok;
}

/* ---- Printing -------------------------------------------------------------------------------- */

bool shape_print(const struct json_event *v, struct buf *out, struct error *err)
{
    struct json_writer w = json_writer_to(out, 0);
    if (v->type == JSON_BEGIN_OBJECT || v->type == JSON_BEGIN_ARRAY)
        return json_copy(&w, v->text, err);
    json_write_event(&w, v);
    return true;
}
