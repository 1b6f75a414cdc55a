#include "cloudflare_shape.h"

#include <assert.h>
#include <stdio.h>

#include "base/json.h"

#define SHAPES_DEEP 6 /* nested insides that the shapes of this program describe */

/* An object or array whose inside is being read. */
struct frame {
    const struct shape *shape;
    const struct shape *due; /* the shape of the value that comes next; NULL: to be passed over */
    uint32_t seen;           /* bits of shape->members */
};

struct reader {
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

static bool parse(struct bytes text, const struct json_handlers *handlers, void *ctx,
                  struct json_stream **stream, struct error *err)
{
    *stream = json_stream_new(handlers, ctx);
    bool ok = json_stream_feed(*stream, text, err) && json_stream_end(*stream, err);
    json_stream_free(*stream);
    return ok;
}

/* The text of the number that was just read, found back from where it ends. */
static struct bytes number_text(struct bytes text, const struct json_stream *stream)
{
    uint64_t offset = json_stream_offset(stream);
    /* The end of input is fed as a white space that is not there. */
    size_t end = offset < text.len ? (size_t)offset : text.len, start = end;
    while (start > 0 && text.data[start - 1] && strchr("+-.0123456789Ee", text.data[start - 1]))
        start--;
    return bytes_make(text.data + start, end - start);
}

/* ---- Refusals -------------------------------------------------------------------------------- */

static const char *kind_words(unsigned kind)
{
    switch (kind) {
    case SHAPE_NULL:
        return "null";
    case SHAPE_BOOLEAN:
        return "a boolean";
    case SHAPE_INTEGER:
        return "an integer";
    case SHAPE_NUMBER:
        return "a number";
    case SHAPE_STRING:
        return "a string";
    case SHAPE_OBJECT:
        return "an object";
    default:
        return "an array";
    }
}

/* How messages call it. */
static const char *words(const struct shape *s, char *out, size_t size)
{
    if (s->what)
        return s->what;
    snprintf(out, size, "'%s'", s->name);
    return out;
}

static bool refuse_kind(const struct shape *s, enum shape_kind kind, struct error *err)
{
    char name[64];
    unsigned wanted = s->kinds & ~(unsigned)SHAPE_NULL;
    return error_set(err, ERR_FORMAT, "%s is %s, not %s", words(s, name, sizeof name),
                     kind_words(kind), kind_words(wanted));
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

static bool told(struct reader *r, bool ok)
{
    r->refused = r->refused || !ok;
    return ok;
}

/* The shape of the value that comes, if it is to be read. NULL: it is passed over, or `*ok` became
 * false. */
static const struct shape *expect(const struct reader *r, enum shape_kind kind, bool *ok,
                                  struct error *err)
{
    const struct shape *s = r->depth == 0 ? r->root : r->frames[r->depth - 1].due;
    *ok = true;
    if (r->skipped > 0 || !s)
        return NULL;
    if ((s->kinds & (unsigned)kind) != 0)
        return s;
    *ok = s->lenient || refuse_kind(s, kind, err);
    return NULL;
}

static bool scalar(struct reader *r, const struct shape_value *v, struct error *err)
{
    bool ok;
    const struct shape *s = expect(r, v->kind, &ok, err);
    if (s && s->take && v->kind != SHAPE_NULL)
        ok = s->take(r->ctx, v, err);
    return told(r, ok);
}

static bool has_inside(const struct shape *s, enum shape_kind kind)
{
    return kind == SHAPE_OBJECT ? s->members || s->on_name : s->item && !s->on_name;
}

static bool enter(struct reader *r, const struct shape *s, struct error *err)
{
    assert(r->depth < SHAPES_DEEP);
    r->frames[r->depth++] = (struct frame){.shape = s, .due = s->item};
    return !s->begin || s->begin(r->ctx, err);
}

static bool begin(struct reader *r, enum shape_kind kind, struct error *err)
{
    bool ok;
    const struct shape *s = expect(r, kind, &ok, err);
    if (s && has_inside(s, kind))
        return told(r, enter(r, s, err));
    if (r->skipped++ == 0) {
        r->whole = s;
        r->whole_start = (size_t)json_stream_offset(r->stream) - 1;
    }
    return told(r, ok);
}

static bool leave(struct reader *r, struct error *err)
{
    const struct frame *f = &r->frames[--r->depth];
    const struct shape *members = f->shape->members;
    for (size_t i = 0; members && members[i].name; i++)
        if (members[i].required && (f->seen >> i & 1) == 0)
            return refuse_missing(f->shape, &members[i], err);
    return !f->shape->end || f->shape->end(r->ctx, err);
}

static bool end(struct reader *r, enum shape_kind kind, struct error *err)
{
    if (r->skipped == 0)
        return told(r, leave(r, err));
    if (--r->skipped > 0 || !r->whole || !r->whole->take)
        return true;
    size_t stop = (size_t)json_stream_offset(r->stream);
    struct shape_value v = {
        .kind = kind, .text = bytes_make(r->text.data + r->whole_start, stop - r->whole_start)};
    return told(r, r->whole->take(r->ctx, &v, err));
}

static bool member(struct frame *f, struct bytes name, struct error *err)
{
    const struct shape *members = f->shape->members;
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

/* ---- Events ---------------------------------------------------------------------------------- */

static bool on_null(void *ctx, struct error *err)
{
    return scalar(ctx, &(struct shape_value){.kind = SHAPE_NULL}, err);
}

static bool on_boolean(void *ctx, bool b, struct error *err)
{
    struct shape_value v = {
        .kind = SHAPE_BOOLEAN, .boolean = b, .text = bytes_of(b ? "true" : "false")};
    return scalar(ctx, &v, err);
}

static bool on_integer(void *ctx, int64_t n, struct error *err)
{
    struct reader *r = ctx;
    struct shape_value v = {
        .kind = SHAPE_INTEGER, .integer = n, .text = number_text(r->text, r->stream)};
    return scalar(r, &v, err);
}

static bool on_number(void *ctx, double d, struct bytes text, struct error *err)
{
    (void)d;
    return scalar(ctx, &(struct shape_value){.kind = SHAPE_NUMBER, .text = text}, err);
}

static bool on_string(void *ctx, struct bytes s, struct error *err)
{
    return scalar(ctx, &(struct shape_value){.kind = SHAPE_STRING, .string = s}, err);
}

static bool on_begin_object(void *ctx, struct error *err)
{
    return begin(ctx, SHAPE_OBJECT, err);
}

static bool on_key(void *ctx, struct bytes name, struct error *err)
{
    struct reader *r = ctx;
    if (r->skipped > 0)
        return true;
    struct frame *f = &r->frames[r->depth - 1];
    return told(r, f->shape->on_name ? f->shape->on_name(r->ctx, name, err) : member(f, name, err));
}

static bool on_end_object(void *ctx, struct error *err)
{
    return end(ctx, SHAPE_OBJECT, err);
}

static bool on_begin_array(void *ctx, struct error *err)
{
    return begin(ctx, SHAPE_ARRAY, err);
}

static bool on_end_array(void *ctx, struct error *err)
{
    return end(ctx, SHAPE_ARRAY, err);
}

bool shape_read(struct bytes text, const struct shape *root, void *ctx, struct error *err)
{
    static const struct json_handlers handlers = {.null = on_null,
                                                  .boolean = on_boolean,
                                                  .integer = on_integer,
                                                  .number = on_number,
                                                  .string = on_string,
                                                  .begin_object = on_begin_object,
                                                  .key = on_key,
                                                  .end_object = on_end_object,
                                                  .begin_array = on_begin_array,
                                                  .end_array = on_end_array};
    struct reader r = {.ctx = ctx, .text = text, .root = root};
    if (parse(text, &handlers, &r, &r.stream, err))
        return true;
    if (!r.refused && err->code == ERR_FORMAT)
        error_wrap(err, "the answer is not JSON");
    return false;
}

/* ---- Printing -------------------------------------------------------------------------------- */

bool shape_print(const struct shape_value *v, struct buf *out, struct error *err)
{
    if (v->kind != SHAPE_STRING)
        return json_compact(v->text, out, err);
    struct json_writer w = json_writer_to(out, 0);
    json_string(&w, v->string);
    return true;
}
