#include "scan.h"

#include "base/text.h"

bool scan_hex(struct scan *s, size_t digits, unsigned *code)
{
    *code = 0;
    for (size_t i = 0; i < digits; i++) {
        int value = text_hex_digit((char)scan_peek(s, i));
        if (value < 0)
            return false;
        *code = *code << 4 | (unsigned)value;
    }
    s->at += digits;
    return *code <= 0x10FFFF;
}

struct bytes scan_keep(struct scan *s)
{
    return arena_copy(&s->tree->arena, buf_bytes(&s->scratch));
}

bool scan_error(struct scan *s, const char *what)
{
    return tree_fail(s->tree, s->at, s->err, "%s", what);
}

bool scan_container(struct scan *s, struct node *node, char close,
                    bool (*skip_space)(struct scan *s),
                    bool (*read_item)(struct scan *s, struct node *container))
{
    s->at++;
    if (!skip_space(s))
        return false;
    while (!scan_take(s, close)) {
        if (s->at == s->len)
            return scan_error(s, close == '}' ? "'}' is missing" : "']' is missing");
        if (node->last_item && node->last_item->comma == NO_OFFSET)
            return scan_error(s, "',' is expected");
        if (!read_item(s, node))
            return false;
        if (scan_peek(s, 0) == ',') {
            node->last_item->comma = s->at++;
            if (!skip_space(s))
                return false;
        }
    }
    return true;
}
