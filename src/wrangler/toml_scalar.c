/* The strings, numbers, dates and booleans of TOML. */
#include "toml.h"

#include "base/text.h"

/* ---- Strings --------------------------------------------------------------------------------- */

/* Behind a backslash at a line's end: up to the next character that is not white. */
static bool skip_continuation(struct scan *s)
{
    size_t backslash = s->at - 1;
    toml_skip_blanks(s);
    if (!toml_at_newline(s)) {
        s->at = backslash;
        return scan_error(s, "there is no such escape");
    }
    while (toml_at_newline(s)) {
        toml_skip_newline(s);
        toml_skip_blanks(s);
    }
    return true;
}

static bool read_code(struct scan *s, size_t digits)
{
    unsigned code;
    if (!scan_hex(s, digits, &code) || (code >= 0xD800 && code < 0xE000))
        return scan_error(s, "the escape names no character");
    utf8_add(&s->scratch, code);
    return true;
}

static bool read_escape(struct scan *s, bool multi)
{
    static const char from[] = "btnfre\"\\", to[] = "\b\t\n\f\r\x1b\"\\";
    s->at++;
    int c = scan_peek(s, 0);
    const char *found = c > 0 ? strchr(from, c) : NULL;
    if (c == 'e' || c == 'x')
        toml_note_newer(s, s->at, c == 'e' ? "the escape \\e" : "the escape \\x",
                        c == 'e' ? "write \\u001B" : "write \\u00 and its two digits");
    if (found) {
        buf_add_char(&s->scratch, to[found - from]);
        s->at++;
        return true;
    }
    if (c == 'x' || c == 'u' || c == 'U') {
        s->at++;
        return read_code(s, c == 'x' ? 2 : c == 'u' ? 4 : 8);
    }
    if (multi)
        return skip_continuation(s);
    s->at--;
    return scan_error(s, "there is no such escape");
}

/* One character of a string; its end was looked for before. */
static bool read_char(struct scan *s, bool basic, bool multi)
{
    int c = scan_peek(s, 0);
    if (c < 0 || (toml_at_newline(s) && !multi))
        return scan_error(s, "the string does not end");
    if (toml_at_newline(s)) {
        size_t start = s->at;
        toml_skip_newline(s);
        buf_add(&s->scratch, s->text + start, s->at - start);
        return true;
    }
    if (scan_is_control(c))
        return scan_error(s, "a control character must be escaped in a string");
    if (basic && c == '\\')
        return read_escape(s, multi);
    s->at++;
    buf_add_char(&s->scratch, (char)c);
    return true;
}

/* Behind the three quotes: two more may be content, when three follow again. */
static bool read_multi(struct scan *s, char quote)
{
    const char close[] = {quote, quote, quote, '\0'};
    if (toml_at_newline(s))
        toml_skip_newline(s);
    while (!scan_starts(s, close))
        if (!read_char(s, quote == '"', true))
            return false;
    s->at += 3;
    for (int more = 0; more < 2 && scan_take(s, quote); more++)
        buf_add_char(&s->scratch, quote);
    return true;
}

bool toml_string(struct scan *s, bool multi, struct bytes *text)
{
    char quote = s->text[s->at];
    const char three[] = {quote, quote, quote, '\0'};
    buf_clear(&s->scratch);
    if (multi && scan_starts(s, three)) {
        s->at += 3;
        if (!read_multi(s, quote))
            return false;
    } else {
        s->at++;
        while (!scan_take(s, quote))
            if (!read_char(s, quote == '"', false))
                return false;
    }
    *text = scan_keep(s);
    return true;
}

/* ---- Numbers --------------------------------------------------------------------------------- */

static bool is_digit_of(char c, int base)
{
    if (base <= 10)
        return c >= '0' && c < '0' + base;
    return scan_is_digit((unsigned char)c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* The length of the digits at the front of `t`, single underscores between them; 0: malformed. */
static size_t digits(struct bytes t, int base)
{
    size_t n = 0;
    while (n < t.len) {
        bool underscore = t.data[n] == '_' && n > 0 && n + 1 < t.len &&
                          is_digit_of(t.data[n - 1], base) && is_digit_of(t.data[n + 1], base);
        if (!underscore && !is_digit_of(t.data[n], base))
            break;
        n++;
    }
    return n;
}

static struct bytes behind(struct bytes t, size_t n)
{
    return bytes_make(t.data + n, t.len - n);
}

static bool has_sign(struct bytes t)
{
    return t.len > 0 && (t.data[0] == '+' || t.data[0] == '-');
}

static bool is_decimal(struct bytes t)
{
    t = behind(t, has_sign(t));
    if (bytes_equal(t, bytes_of("inf")) || bytes_equal(t, bytes_of("nan")))
        return true;
    size_t n = digits(t, 10);
    if (n == 0 || (n > 1 && t.data[0] == '0'))
        return false;
    t = behind(t, n);
    if (t.len > 0 && t.data[0] == '.') {
        n = digits(behind(t, 1), 10);
        if (n == 0)
            return false;
        t = behind(t, n + 1);
    }
    if (t.len > 0 && (t.data[0] | 0x20) == 'e') {
        t = behind(t, 1);
        t = behind(t, has_sign(t));
        n = digits(t, 10);
        return n > 0 && n == t.len;
    }
    return t.len == 0;
}

static bool is_number(struct bytes t)
{
    if (t.len > 2 && t.data[0] == '0' && strchr("xob", t.data[1])) {
        int base = t.data[1] == 'x' ? 16 : t.data[1] == 'o' ? 8 : 2;
        return digits(behind(t, 2), base) == t.len - 2;
    }
    return is_decimal(t);
}

/* ---- Dates ----------------------------------------------------------------------------------- */

/* Takes two digits (four: a year) from the front of `t` when they are at most `max`. */
static bool take_number(struct bytes *t, size_t n, int min, int max, int *value)
{
    *value = 0;
    if (t->len < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!scan_is_digit((unsigned char)t->data[i]))
            return false;
        *value = *value * 10 + (t->data[i] - '0');
    }
    *t = behind(*t, n);
    return *value >= min && *value <= max;
}

static bool take_char(struct bytes *t, const char *any)
{
    if (t->len == 0 || t->data[0] == '\0' || !strchr(any, t->data[0]))
        return false;
    *t = behind(*t, 1);
    return true;
}

static int days_in(int month, int year)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct bytes *t)
{
    int year, month, day;
    return take_number(t, 4, 0, 9999, &year) && take_char(t, "-") &&
           take_number(t, 2, 1, 12, &month) && take_char(t, "-") &&
           take_number(t, 2, 1, days_in(month, year), &day);
}

static bool take_time(struct bytes *t)
{
    int n;
    if (!take_number(t, 2, 0, 23, &n) || !take_char(t, ":") || !take_number(t, 2, 0, 59, &n))
        return false;
    if (!take_char(t, ":"))
        return true;
    if (!take_number(t, 2, 0, 60, &n))
        return false;
    if (!take_char(t, "."))
        return true;
    size_t fraction = 0;
    while (take_char(t, "0123456789"))
        fraction++;
    return fraction > 0;
}

static bool take_zone(struct bytes *t)
{
    int n;
    if (take_char(t, "Zz"))
        return true;
    return take_char(t, "+-") && take_number(t, 2, 0, 23, &n) && take_char(t, ":") &&
           take_number(t, 2, 0, 59, &n);
}

static bool is_date(struct bytes t)
{
    struct bytes time = t;
    if (take_time(&time))
        return time.len == 0;
    if (!take_date(&t))
        return false;
    if (t.len == 0)
        return true;
    return take_char(&t, "Tt ") && take_time(&t) && (t.len == 0 || take_zone(&t)) && t.len == 0;
}

static bool lacks_seconds(struct bytes t)
{
    const char *colon = t.len ? memchr(t.data, ':', t.len) : NULL;
    size_t behind = colon ? (size_t)(colon - t.data) + strlen(":00") : 0;
    return colon && (behind >= t.len || t.data[behind] != ':');
}

/* ---- Telling them apart ---------------------------------------------------------------------- */

static bool is_scalar_char(int c)
{
    return scan_is_digit(c) || scan_is_letter(c) || (c > 0 && strchr("+-_.:", c));
}

/* A date and a time may have a space between them. */
static size_t scalar_length(const struct scan *s)
{
    size_t n = 0;
    while (is_scalar_char(scan_peek(s, n)))
        n++;
    if (n == strlen("2026-11-24") && scan_peek(s, 4) == '-' && scan_peek(s, n) == ' ' &&
        scan_is_digit(scan_peek(s, n + 1)))
        for (n++; is_scalar_char(scan_peek(s, n));)
            n++;
    return n;
}

bool toml_scalar(struct scan *s, struct node *node)
{
    size_t n = scalar_length(s);
    struct bytes t = bytes_make(s->text + s->at, n);
    if (n == 0)
        return scan_error(s, "a value is expected");
    if (bytes_equal(t, bytes_of("true")) || bytes_equal(t, bytes_of("false")))
        node->kind = NODE_BOOLEAN;
    else if (!is_number(t) && !is_date(t))
        return scan_error(s, "this is no value (a string needs quotes)");
    if (lacks_seconds(t))
        toml_note_newer(s, s->at, "a time without seconds", "write its seconds");
    node->text = t;
    s->at += n;
    return true;
}
