#define _XOPEN_SOURCE 700 /* wcwidth */
#include "text.h"

#include <locale.h>
#include <wchar.h>

#define ELLIPSIS "\xe2\x80\xa6"

/* ---- UTF-8 ---------------------------------------------------------------------------------- */

static bool is_tail(const unsigned char *p)
{
    return (*p & 0xC0) == 0x80;
}

/* Length of the valid sequence at `p`, of which `left` bytes (at least 1) are there; else 0. */
static size_t sequence(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xC2 || p[0] > 0xF4 || left < 2 || !is_tail(p + 1))
        return 0;
    if (p[0] < 0xE0)
        return 2;
    if (left < 3 || !is_tail(p + 2))
        return 0;
    if (p[0] < 0xF0) {
        bool overlong = p[0] == 0xE0 && p[1] < 0xA0;
        bool surrogate = p[0] == 0xED && p[1] > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    bool overlong = p[0] == 0xF0 && p[1] < 0x90;
    bool beyond = p[0] == 0xF4 && p[1] > 0x8F;
    return left < 4 || !is_tail(p + 3) || overlong || beyond ? 0 : 4;
}

size_t utf8_first_invalid(struct bytes b)
{
    const unsigned char *p = (const unsigned char *)b.data;
    size_t i = 0;
    while (i < b.len) {
        uint64_t lane; /* at the end it begins in what was seen */
        if (b.len >= sizeof lane) {
            size_t start = b.len - i < sizeof lane ? b.len - sizeof lane : i;
            memcpy(&lane, p + start, sizeof lane);
            if ((lane & 0x8080808080808080U) == 0) {
                i = start + sizeof lane;
                continue;
            }
        }
        size_t n = p[i] < 0x80 ? 1 : sequence(p + i, b.len - i);
        if (n == 0)
            return i;
        i += n;
    }
    return b.len;
}

bool utf8_valid(struct bytes b)
{
    return utf8_first_invalid(b) == b.len;
}

size_t utf8_count(struct bytes b)
{
    size_t n = 0;
    for (size_t i = 0; i < b.len; i++)
        n += ((unsigned char)b.data[i] & 0xC0) != 0x80;
    return n;
}

void utf8_add(struct buf *out, unsigned code)
{
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    char text[4];
    for (size_t i = n; i-- > 1; code >>= 6)
        text[i] = (char)(0x80 | (code & 0x3F));
    text[0] = (char)(lead[n] | code);
    buf_add(out, text, n);
}

bool text_is_utf16(struct bytes start)
{
    const unsigned char *p = (const unsigned char *)start.data;
    if (start.len < 2)
        return false;
    if ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF))
        return true;
    if (start.len < 4)
        return false;
    bool little = p[0] && !p[1] && p[2] && !p[3];
    bool big = !p[0] && p[1] && !p[2] && p[3];
    return little || big;
}

bool text_check_utf16(struct bytes start, struct error *err)
{
    if (!text_is_utf16(start))
        return true;
    error_set(err, ERR_FORMAT, TEXT_UTF16);
    return error_hint(err, TEXT_UTF16_HINT);
}

/* ---- Nearest name --------------------------------------------------------------------------- */

#define NAME_MAX_LEN 64
#define SHORT_NAME   3 /* letters; what is shorter begins too much */

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edit distance with swaps of neighbours; both at most NAME_MAX_LEN long. */
static size_t distance(struct bytes a, struct bytes b)
{
    size_t rows[3][NAME_MAX_LEN + 1]; /* row i lives in rows[i % 3] */
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replace = above[j - 1] + (a.data[i - 1] != b.data[j - 1]);
            row[j] = min(replace, min(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                row[j] = min(row[j], before[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

static bool begins(struct bytes start, struct bytes b)
{
    return start.len >= SHORT_NAME && start.len < b.len &&
           memcmp(start.data, b.data, start.len) == 0;
}

/* The candidate that differs least of those that begin `name`, or that it begins. */
static const char *nearest_by_start(struct bytes name, const char *const *candidates)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (; *candidates; candidates++) {
        struct bytes c = bytes_of(*candidates);
        size_t rest = c.len > name.len ? c.len - name.len : name.len - c.len;
        if ((begins(name, c) || begins(c, name)) && rest < best) {
            best = rest;
            nearest = *candidates;
        }
    }
    return nearest;
}

const char *text_nearest(struct bytes name, const char *const *candidates)
{
    const char *const *all = candidates;
    size_t best = name.len <= 4 ? 1 : name.len <= 8 ? 2 : 3;
    const char *nearest = NULL;
    if (name.len > NAME_MAX_LEN)
        return NULL;
    for (; *candidates; candidates++) {
        struct bytes candidate = bytes_of(*candidates);
        if (candidate.len > NAME_MAX_LEN)
            continue;
        size_t d = distance(name, candidate);
        if (d < best || (d == best && !nearest)) {
            best = d;
            nearest = *candidates;
        }
    }
    return nearest ? nearest : nearest_by_start(name, all);
}

/* ---- For a terminal ------------------------------------------------------------------------- */

/* The code point of the valid sequence of `n` bytes at `p`. */
static unsigned code_point(const unsigned char *p, size_t n)
{
    unsigned c = n == 1 ? p[0] : p[0] & (0x7FU >> n);
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3F);
    return c;
}

/* C0 and C1 controls, and what turns or breaks a line: it would forge what is shown. */
static bool is_unsafe(unsigned c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

/* Length of what can be shown as it is at `p`, else 0. */
static size_t plain_step(const unsigned char *p, size_t left)
{
    size_t n = sequence(p, left);
    return n > 0 && !is_unsafe(code_point(p, n)) ? n : 0;
}

bool text_is_plain(struct bytes b)
{
    const unsigned char *p = (const unsigned char *)b.data;
    size_t n;
    for (size_t i = 0; i < b.len; i += n)
        if ((n = plain_step(p + i, b.len - i)) == 0)
            return false;
    return true;
}

static void show(struct buf *out, struct bytes b, bool json)
{
    const unsigned char *p = (const unsigned char *)b.data;
    size_t from = 0, i = 0;
    while (i < b.len) {
        size_t n = p[i] == '\n' || p[i] == '\t' ? 1 : plain_step(p + i, b.len - i);
        if (n > 0) {
            i += n;
            continue;
        }
        buf_add(out, b.data + from, i - from);
        n = sequence(p + i, b.len - i);
        if (n > 0 && json)
            buf_addf(out, "\\u%04X", code_point(p + i, n));
        from = i + (n > 0 ? n : 1);
        for (; i < from; i++)
            if (n == 0 || !json)
                buf_addf(out, "\\x%02X", (unsigned)p[i]);
    }
    buf_add(out, b.data + from, i - from);
}

void text_show(struct buf *out, struct bytes b)
{
    show(out, b, false);
}

void text_show_json(struct buf *out, struct bytes json)
{
    show(out, json, true);
}

#define NO_WIDTH "\xe2\x80\x8b" /* U+200B */

/* What .NET trims in front of a command. */
static bool is_blank(unsigned c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

void text_defuse(struct buf *out, struct bytes b, bool anywhere)
{
    const unsigned char *p = (const unsigned char *)b.data;
    bool may_begin = true; /* "::" here is a command's */
    size_t from = 0;
    for (size_t i = 0; i < b.len;) {
        size_t left = b.len - i, n = sequence(p + i, left), cut = 0;
        if (may_begin && left >= 2 && memcmp(p + i, "::", 2) == 0) {
            may_begin = false;
            cut = 1;
        } else if (left >= 3 && memcmp(p + i, "##[", 3) == 0) {
            cut = 2;
        } else if (p[i] == '\n' || p[i] == '\r') {
            may_begin = true;
        } else if (!anywhere && !is_blank(n > 0 ? code_point(p + i, n) : p[i])) {
            may_begin = false;
        }
        i += cut > 0 ? cut : n > 0 ? n : 1;
        if (cut == 0)
            continue;
        buf_add(out, b.data + from, i - from);
        buf_add_str(out, NO_WIDTH);
        from = i;
    }
    if (from < b.len)
        buf_add(out, b.data + from, b.len - from);
}

static bool is_ascii(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if ((unsigned char)b.data[i] >= 0x80)
            return false;
    return true;
}

size_t text_columns(struct bytes b)
{
    const unsigned char *p = (const unsigned char *)b.data;
    if (is_ascii(b))
        return b.len; /* the locale is a file that is read */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); /* wide characters' widths */
    locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    size_t columns = 0, n;
    for (size_t i = 0; i < b.len; i += n) {
        n = sequence(p + i, b.len - i);
        int width = n > 1 && utf8 ? wcwidth((wchar_t)code_point(p + i, n)) : 1;
        columns += width < 0 ? 1 : (size_t)width;
        n = n > 0 ? n : 1;
    }
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return columns;
}

void text_pad(struct buf *out, size_t columns, size_t width)
{
    for (; columns < width; columns++)
        buf_add_char(out, ' ');
}

/* ---- Quoting -------------------------------------------------------------------------------- */

/* What the text at `b` (not empty) is shown as; returns how many of its bytes that covers. */
static size_t quote_step(struct bytes b, char out[17], size_t *out_len)
{
    static const char digits[] = "0123456789ABCDEF";
    const unsigned char *p = (const unsigned char *)b.data;
    size_t n = sequence(p, b.len);
    if (n > 0 && *p != '\'' && !is_unsafe(code_point(p, n))) {
        memcpy(out, p, n);
        *out_len = n;
        return n;
    }
    if (n == 0)
        n = 1;
    for (size_t i = 0; i < n; i++) {
        char escape[4] = {'\\', 'x', digits[p[i] >> 4], digits[p[i] & 15]};
        memcpy(out + 4 * i, escape, 4);
    }
    *out_len = 4 * n;
    return n;
}

void text_quote(struct buf *out, struct bytes b, size_t max)
{
    char piece[17];
    size_t len;
    buf_add_char(out, '\'');
    for (size_t i = 0; i < b.len;) {
        size_t n = quote_step(bytes_make(b.data + i, b.len - i), piece, &len);
        if (n > max - i) {
            buf_add_str(out, ELLIPSIS);
            break;
        }
        buf_add(out, piece, len);
        i += n;
    }
    buf_add_char(out, '\'');
}

void text_shell_word(struct buf *out, struct bytes word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "._/:@%+-";
    size_t n = 0;
    while (n < word.len && memchr(plain, word.data[n], sizeof plain - 1))
        n++;
    if (n > 0 && n == word.len) {
        buf_add_bytes(out, word);
        return;
    }
    buf_add_char(out, '\'');
    for (size_t i = 0; i < word.len; i++)
        if (word.data[i] == '\'')
            buf_add_str(out, "'\\''");
        else
            buf_add_char(out, word.data[i]);
    buf_add_char(out, '\'');
}

/* true when all of `b` is shown in at most `room` bytes. */
static bool shown_fits(struct bytes b, size_t room)
{
    char piece[17];
    size_t len, shown = 0;
    for (size_t i = 0; i < b.len && shown <= room; shown += len)
        i += quote_step(bytes_make(b.data + i, b.len - i), piece, &len);
    return shown <= room;
}

char *text_quoted(struct bytes b, char *out, size_t size)
{
    const size_t frame = 3, cut_frame = frame + sizeof ELLIPSIS - 1; /* quotes, NUL, "…" */
    if (size < cut_frame) {
        if (size > 0)
            out[0] = '\0';
        return out;
    }
    bool whole = shown_fits(b, size - frame);
    size_t room = size - (whole ? frame : cut_frame);
    size_t at = 0;
    out[at++] = '\'';
    for (size_t i = 0; i < b.len;) {
        char piece[17];
        size_t len, n = quote_step(bytes_make(b.data + i, b.len - i), piece, &len);
        if (len > room)
            break;
        memcpy(out + at, piece, len);
        at += len;
        room -= len;
        i += n;
    }
    memcpy(out + at, whole ? "'" : ELLIPSIS "'", whole ? 2 : sizeof ELLIPSIS + 1);
    return out;
}

/* ---- Numbers -------------------------------------------------------------------------------- */

int text_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_to_int64(struct bytes b, int64_t *n)
{
    bool negative = b.len > 0 && b.data[0] == '-';
    size_t i = b.len > 0 && (b.data[0] == '-' || b.data[0] == '+');
    uint64_t limit = (uint64_t)INT64_MAX + negative, value = 0;
    if (i == b.len)
        return false;
    for (; i < b.len; i++) {
        if (b.data[i] < '0' || b.data[i] > '9')
            return false;
        unsigned digit = (unsigned)(b.data[i] - '0');
        if (value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (negative && value > 0)
        *n = -(int64_t)(value - 1) - 1;
    else
        *n = (int64_t)value;
    return true;
}
