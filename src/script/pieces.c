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

struct deferred pieces_to_deferred(const struct pieces *p, struct arena *arena)
{
    struct bytes text = arena_copy(arena, buf_bytes(&p->text));
    /* Text before, between and after the ids; an empty value has one empty part. */
    struct deferred d = {.parts = arena_alloc(arena, 2 * p->n_marks + 1, sizeof *d.parts),
                         .secret = p->secret};
    size_t at = 0;
    for (size_t i = 0; i < p->n_marks; i++) {
        add_text_part(&d, text.data + at, p->marks[i].at - at);
        at = p->marks[i].at;
        d.parts[d.n++] = (struct part){p->marks[i].kind, {NULL, 0}, p->marks[i].ns};
    }
    add_text_part(&d, text.data + at, text.len - at);
    if (d.n == 0)
        d.parts[d.n++] = (struct part){PART_TEXT, text, 0};
    return d;
}
