#include "scan.h"

bool scan_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool scan_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

bool scan_is_control(int c)
{
    return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7F;
}

static int hex_value(int c)
{
    if (scan_is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool scan_hex(struct scan *s, size_t digits, unsigned *code)
{
    *code = 0;
    for (size_t i = 0; i < digits; i++) {
        int value = hex_value(scan_peek(s, i));
        if (value < 0)
            return false;
        *code = *code << 4 | (unsigned)value;
    }
    s->at += digits;
    return *code <= 0x10FFFF;
}

void scan_add_utf8(struct scan *s, unsigned code)
{
    char out[4];
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(lead[n] | code);
    buf_add(&s->scratch, out, n);
}

struct bytes scan_keep(struct scan *s)
{
    return arena_copy(&s->tree->arena, buf_bytes(&s->scratch));
}
