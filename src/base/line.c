#include "line.h"

#include "text.h"

#define ELLIPSIS "\xe2\x80\xa6"

struct shown_line {
    char *out;
    size_t size, len;
    size_t cut; /* where it may be cut so that "…" still fits */
    bool blank; /* a space is due before what comes next */
};

/* false: it is full, and was cut. */
static bool line_add(struct shown_line *l, const char *piece, size_t len)
{
    if (len >= l->size - l->len) {
        memcpy(l->out + l->cut, ELLIPSIS, sizeof ELLIPSIS);
        return false;
    }
    memcpy(l->out + l->len, piece, len);
    l->len += len;
    l->out[l->len] = '\0';
    if (l->len + sizeof ELLIPSIS <= l->size)
        l->cut = l->len;
    return true;
}

/* How many bytes at the start of `text` (not empty) belong together. */
static size_t first_sequence(struct bytes text)
{
    unsigned char c = (unsigned char)text.data[0];
    size_t n = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    return n <= text.len && utf8_valid(bytes_make(text.data, n)) ? n : 1;
}

/* A sequence as text_quoted shows it, without the quotes; a quote is harmless here. */
static bool line_add_shown(struct shown_line *l, struct bytes sequence)
{
    char quoted[32];
    if (sequence.data[0] == '\'')
        return line_add(l, "'", 1);
    text_quoted(sequence, quoted, sizeof quoted);
    return line_add(l, quoted + 1, strlen(quoted) - 2);
}

void text_one_line(struct bytes text, char *out, size_t size)
{
    struct shown_line l = {.out = out, .size = size};
    size_t n;
    bool room = true;
    out[0] = '\0';
    for (size_t i = 0; room && i < text.len; i += n) {
        n = first_sequence(bytes_make(text.data + i, text.len - i));
        bool blank = text_is_blank(text.data[i]);
        if (!blank && l.blank && l.len > 0)
            room = line_add(&l, " ", 1);
        if (!blank && room)
            room = line_add_shown(&l, bytes_make(text.data + i, n));
        l.blank = blank;
    }
}
