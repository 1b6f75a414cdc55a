#include "scan.h"

#include "base/text.h"

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
