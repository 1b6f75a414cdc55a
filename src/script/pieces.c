#include "pieces.h"

#include "base/mem.h"

void pieces_clear(struct pieces *p)
{
    buf_clear(&p->text);
    p->n_marks = 0;
    p->secret = false;
}

void pieces_release(struct pieces *p)
{
    buf_release(&p->text);
    mem_free(p->marks);
    *p = (struct pieces){0};
}

void pieces_add_id(struct pieces *p, size_t ns, enum part_kind kind)
{
    mem_grow((void **)&p->marks, &p->cap_marks, p->n_marks + 1, sizeof *p->marks);
    p->marks[p->n_marks++] = (struct mark){p->text.len, ns, kind};
}

static void add_text_part(struct deferred *d, const char *from, size_t len)
{
    if (len)
        d->parts[d->n++] = (struct part){PART_TEXT, bytes_make(from, len), 0};
}

void pieces_to_deferred(struct bytes text, const struct mark *marks, size_t n_marks, bool secret,
                        struct arena *arena, struct deferred *out)
{
    struct bytes copy;
    arena_bytes(arena, text, &copy);
    /* Text before, between and after the ids; an empty value has one empty part. */
    struct part *parts = arena_alloc(arena, 2 * n_marks + 1, sizeof *parts);
    *out = (struct deferred){parts, 0, secret};
    size_t at = 0;
    for (size_t i = 0; i < n_marks; i++) {
        add_text_part(out, copy.data + at, marks[i].at - at);
        at = marks[i].at;
        out->parts[out->n++] = (struct part){marks[i].kind, {NULL, 0}, marks[i].ns};
    }
    add_text_part(out, copy.data + at, copy.len - at);
    if (out->n == 0)
        out->parts[out->n++] = (struct part){PART_TEXT, copy, 0};
}
