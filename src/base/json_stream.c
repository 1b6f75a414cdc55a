/*
 * json_stream.c: the events of json.h, by a parser of its own.
 *
 * It reads each byte once: seeds of a million keys are read twice before they are sent. A string of
 * plain ASCII is handed out where it lies; only what has escapes or other characters is copied. A
 * token that a piece leaves unfinished is held until its rest comes, and is read as if it had come
 * in one piece: what is said of a document, and at which byte, does not depend on the pieces.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "json.h"
#include "json_plain.h"
#include "mem.h"
#include "text.h"

/* What may come next. */
enum expected { A_VALUE, VALUE_OR_END, A_NAME, NAME_OR_END, A_COLON, COMMA_OR_END, NOTHING };

/* A string whose end was not met yet. */
struct string_scan {
    bool escaped; /* the byte before was a backslash */
    bool plain;   /* nothing but printable ASCII without escapes so far */
    bool open;
};

struct json_stream {
    json_event_fn fn;
    void *ctx;
    bool parts;
    struct buf held;         /* the start of a token whose rest is still to come */
    struct string_scan scan; /* of it, when it is a string */
    struct buf text;         /* what a token means, where its own bytes do not do */
    uint64_t offset;         /* behind the token at hand, or behind all that was fed */
    uint64_t breaks;         /* of lines, so far: none stands inside a token */
    enum expected expected;
    int depth;
    uint64_t objects;  /* bit n - 1: level n is an object */
    bool broken;       /* an error came, and is kept in `error` */
    struct error *err; /* where `fn` reports, while reading */
    struct error error;
};

struct token {
    char kind;         /* punctuation; '"', '0', 't', 'f', 'n' begin the others */
    struct bytes text; /* its own, of a string without quotes and escapes */
    size_t end;        /* behind it, in what is being read */
    bool plain;
};

static bool fail_at(struct json_stream *s, uint64_t offset, const char *what)
{
    return error_set(s->err, ERR_FORMAT, "at byte %llu: %s", (unsigned long long)offset, what);
}

/* Of a token that is none. Behind the document it does not matter what it is. */
static bool fail_token(struct json_stream *s, uint64_t offset, const char *what)
{
    return fail_at(s, offset, s->expected == NOTHING ? "something follows the document" : what);
}

/* ---- Strings --------------------------------------------------------------------------------- */

/* Goes on inside a string from `i`; returns what is behind its closing quote, or in.len. */
static size_t find_end(struct string_scan *scan, struct bytes in, size_t i)
{
    while (i < in.len) {
        if (scan->escaped) {
            scan->escaped = false;
            i++;
            continue;
        }
        i += json_plain_run(in, i);
        if (i == in.len)
            break;
        char c = in.data[i++];
        if (c == '"') {
            scan->open = false;
            break;
        }
        scan->plain = false;
        scan->escaped = c == '\\';
    }
    return i;
}

/* Bytes of the character that begins so; 0: none does. */
static size_t char_len(unsigned char lead)
{
    return lead < 0xC0 || lead >= 0xF8 ? 0 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
}

/* What is inside a string, as far as it goes: up to its closing quote, or to the end of what came
 * of it, less a character that is not complete there. */
struct inside {
    struct bytes raw;
    size_t at;
    const char *wrong; /* at `at` */
};

/* A character beyond ASCII. That it is one of those that exist is checked with the whole string. */
static bool read_char(struct inside *in, struct buf *out)
{
    size_t len = char_len((unsigned char)in->raw.data[in->at]), n = 1;
    while (n < len && in->at + n < in->raw.len &&
           ((unsigned char)in->raw.data[in->at + n] & 0xC0) == 0x80)
        n++;
    if (n < len && in->at + n == in->raw.len)
        return false;
    if (n < len || len == 0) {
        in->at += len ? n + 1 : 1; /* told behind the byte that breaks it */
        in->wrong = "string is not valid UTF-8";
        return false;
    }
    buf_add(out, in->raw.data + in->at, n);
    in->at += n;
    return true;
}

/* The four digits at `i`; returns how many are there, and are digits. */
static size_t read_unit(struct bytes raw, size_t i, unsigned *unit)
{
    size_t n = 0;
    for (*unit = 0; n < 4 && i + n < raw.len && text_hex_digit(raw.data[i + n]) >= 0; n++)
        *unit = *unit << 4 | (unsigned)text_hex_digit(raw.data[i + n]);
    return n;
}

/* Reads \uXXXX at `*i`; false when it is not complete or not right. */
static bool read_unicode(struct inside *in, size_t *i, unsigned *unit)
{
    size_t n = read_unit(in->raw, *i + 2, unit);
    *i += 2 + n;
    if (n < 4 && *i < in->raw.len) {
        in->wrong = "a \\u escape needs four hexadecimal digits";
        in->at = *i;
    }
    return n == 4;
}

static bool unpaired(struct inside *in, size_t i)
{
    in->wrong = "unpaired surrogate escape";
    in->at = i;
    return false;
}

static bool is_low(unsigned unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* An escape of a code point: of two units when the first is the high half of a pair. */
static bool read_code_point(struct inside *in, struct buf *out)
{
    size_t i = in->at;
    unsigned unit, low;
    if (!read_unicode(in, &i, &unit))
        return false;
    if (is_low(unit))
        return unpaired(in, i - 1);
    if (unit >= 0xD800 && unit < 0xDC00) {
        for (size_t k = 0; k < 2; k++)
            if (i + k >= in->raw.len)
                return false;
            else if (in->raw.data[i + k] != "\\u"[k])
                return unpaired(in, i + k);
        if (!read_unicode(in, &i, &low))
            return false;
        if (!is_low(low))
            return unpaired(in, i - 1);
        unit = 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF));
    }
    utf8_add(out, unit);
    in->at = i;
    return true;
}

static bool read_escape(struct inside *in, struct buf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (in->at + 1 == in->raw.len)
        return false;
    char c = in->raw.data[in->at + 1];
    if (c == 'u')
        return read_code_point(in, out);
    const char *found = c ? strchr(from, c) : NULL;
    if (!found) {
        in->at++;
        in->wrong = "inside a string, '\\' occurs before a character which it may not";
        return false;
    }
    buf_add_char(out, to[found - from]);
    in->at += 2;
    return true;
}

/* Adds what it means to `out`. */
static void read_inside(struct inside *in, struct buf *out)
{
    bool more = true;
    buf_reserve(out, in->raw.len);
    while (more) {
        size_t plain = json_plain_run(in->raw, in->at);
        buf_add(out, in->raw.data + in->at, plain);
        in->at += plain;
        if (in->at == in->raw.len)
            return;
        unsigned char c = (unsigned char)in->raw.data[in->at];
        if (c == '"')
            return;
        if (c < 0x20)
            in->wrong = "invalid character inside string";
        more = c >= 0x20 && (c == '\\' ? read_escape(in, out) : read_char(in, out));
    }
}

/* Into s->text; `*used` are the bytes read. `offset` is that of the first one. */
static bool decode(struct json_stream *s, struct bytes raw, uint64_t offset, size_t *used)
{
    struct inside in = {.raw = raw};
    buf_clear(&s->text);
    read_inside(&in, &s->text);
    *used = in.at;
    return !in.wrong || fail_token(s, offset + in.at, in.wrong);
}

/* ---- Words and numbers ----------------------------------------------------------------------- */

/* Does no word and no number go on with it? */
static bool is_delimiter(char c)
{
    return (c >= '\t' && c <= '\r') || (c && strchr(" \"[]{}:,", c));
}

static size_t atom_end(struct bytes in, size_t i)
{
    while (i < in.len && !is_delimiter(in.data[i]))
        i++;
    return i;
}

static size_t digits(struct bytes in, size_t i)
{
    while (i < in.len && in.data[i] >= '0' && in.data[i] <= '9')
        i++;
    return i;
}

/* Moves `*i` behind the number there. NULL, or what is wrong at `*i`. */
static const char *read_number(struct bytes in, size_t *i)
{
    size_t start = *i += in.data[*i] == '-';
    *i = start < in.len && in.data[start] == '0' ? start + 1 : digits(in, start);
    if (*i == start)
        return "malformed number, a digit is required after the minus sign";
    if (*i < in.len && in.data[*i] == '.') {
        start = *i + 1;
        if ((*i = digits(in, start)) == start)
            return "malformed number, a digit is required after the decimal point";
    }
    if (*i < in.len && (in.data[*i] == 'e' || in.data[*i] == 'E')) {
        start = *i + 1;
        start += start < in.len && (in.data[start] == '+' || in.data[start] == '-');
        if ((*i = digits(in, start)) == start)
            return "malformed number, a digit is required after the exponent";
    }
    return NULL;
}

/* Moves `*i` behind the word there. NULL, or what is wrong at `*i`. */
static const char *read_word(struct bytes in, size_t *i)
{
    const char *word = in.data[*i] == 't' ? "true" : in.data[*i] == 'f' ? "false" : "null";
    for (; *word && *i < in.len && in.data[*i] == *word; word++)
        ++*i;
    return *word ? "unexpected word" : NULL;
}

/* A token that is neither string nor punctuation: `in` ends where it must end. */
static bool read_atom(struct json_stream *s, struct bytes in, size_t i, uint64_t offset,
                      struct token *t)
{
    char c = in.data[i];
    const char *wrong;
    t->end = i;
    if (c == '-' || (c >= '0' && c <= '9')) {
        wrong = read_number(in, &t->end);
        t->kind = '0';
    } else if (c == 't' || c == 'f' || c == 'n') {
        wrong = read_word(in, &t->end);
        t->kind = c;
    } else {
        bool control = c == '\v' || c == '\f', comment = c == '/';
        wrong = control   ? "a control character between tokens"
                : comment ? "probable comment found in input text, comments are not enabled"
                          : "unexpected character";
        t->end += !control && !comment;
    }
    t->text = bytes_make(in.data + i, t->end - i);
    return !wrong || fail_token(s, offset + t->end, wrong);
}

/* ---- Events ---------------------------------------------------------------------------------- */

static bool has_fraction(struct bytes number)
{
    for (size_t i = 0; i < number.len; i++)
        if (strchr(".eE", number.data[i]))
            return true;
    return false;
}

#define NUMBER_SIZE 64                 /* what is longer is no number here (json.h) */
#define EXACT_MAX   9007199254740992.0 /* 2^53 */

/* digits · 10^exponent, without zeros at either end. */
struct decimal {
    char digits[NUMBER_SIZE];
    size_t n;
    long exponent;
};

static struct decimal decimal_of(struct bytes number)
{
    struct decimal d = {.exponent = 0};
    bool point = false;
    for (size_t i = 0; i < number.len; i++) {
        char ch = number.data[i];
        if (ch == 'e' || ch == 'E') {
            d.exponent += strtol(number.data + i + 1, NULL, 10);
            break;
        }
        point = point || ch == '.';
        if (ch < '0' || ch > '9' || (ch == '0' && d.n == 0 && !point))
            continue;
        d.exponent -= point;
        if (d.n > 0 || ch != '0')
            d.digits[d.n++] = ch;
    }
    while (d.n > 0 && d.digits[d.n - 1] == '0') {
        d.n--;
        d.exponent++;
    }
    return d;
}

/* `text` has a fraction: true when the number is beyond 2^53 and prints as another. */
static bool is_rounded(struct bytes text)
{
    char number[NUMBER_SIZE];
    struct buf printed = {0};
    if (text.len >= sizeof number)
        return false;
    memcpy(number, text.data, text.len);
    number[text.len] = '\0';
    double d = strtod(number, NULL);
    if (!isfinite(d) || fabs(d) < EXACT_MAX)
        return false;
    json_format_double(&printed, d);
    struct decimal given = decimal_of(bytes_of(number)), kept = decimal_of(buf_bytes(&printed));
    buf_release(&printed);
    return given.n != kept.n || given.exponent != kept.exponent ||
           memcmp(given.digits, kept.digits, kept.n) != 0;
}

bool json_number_check(struct bytes text, struct error *err)
{
    char quoted[80];
    int64_t n;
    bool fraction = has_fraction(text);
    if (fraction ? !is_rounded(text) : text_to_int64(text, &n))
        return true;
    text_quoted(text, quoted, sizeof quoted);
    if (fraction)
        error_set(err, ERR_FORMAT, "the number %s has more digits than can be kept beyond 2^53",
                  quoted);
    else
        error_set(err, ERR_FORMAT, "the integer %s does not fit 64 bits", quoted);
    return error_hint(err, "write it as a string: JSON's readers would round it");
}

static bool tell(struct json_stream *s, const struct json_event *e)
{
    return !s->fn || s->fn(s->ctx, e, s->err);
}

static bool tell_number(struct json_stream *s, struct bytes text)
{
    int64_t n;
    if (!has_fraction(text) && text_to_int64(text, &n))
        return tell(s, &(struct json_event){.type = JSON_INTEGER, .integer = n, .text = text});
    buf_clear(&s->text);
    buf_add_bytes(&s->text, text);
    double d = strtod(s->text.data, NULL);
    if (!isfinite(d))
        return fail_at(s, s->offset, "number out of range");
    return tell(s, &(struct json_event){.type = JSON_NUMBER, .number = d, .text = text});
}

static bool tell_name(struct json_stream *s, const struct token *t)
{
    if (!t->plain && !utf8_valid(t->text))
        return fail_at(s, s->offset, "member name is not valid UTF-8");
    s->expected = A_COLON;
    return tell(s, &(struct json_event){.type = JSON_KEY, .text = t->text});
}

static bool tell_string(struct json_stream *s, const struct token *t)
{
    if (!t->plain && !utf8_valid(t->text))
        return fail_at(s, s->offset, "string is not valid UTF-8");
    return tell(s, &(struct json_event){.type = JSON_STRING, .text = t->text});
}

static bool tell_scalar(struct json_stream *s, const struct token *t)
{
    s->expected = s->depth > 0 ? COMMA_OR_END : NOTHING;
    switch (t->kind) {
    case '"':
        return tell_string(s, t);
    case '0':
        return tell_number(s, t->text);
    case 'n':
        return tell(s, &(struct json_event){.type = JSON_NULL});
    default:
        return tell(s, &(struct json_event){.type = JSON_BOOLEAN, .boolean = t->kind == 't'});
    }
}

/* ---- Grammar --------------------------------------------------------------------------------- */

static bool in_object(const struct json_stream *s)
{
    return s->depth > 0 && s->objects >> (s->depth - 1) & 1;
}

static bool enter(struct json_stream *s, bool object)
{
    uint64_t level = UINT64_C(1) << s->depth % JSON_MAX_DEPTH;
    if (s->depth == JSON_MAX_DEPTH)
        return fail_at(s, s->offset, "more than 64 levels deep");
    s->depth++;
    s->objects = object ? s->objects | level : s->objects & ~level;
    s->expected = object ? NAME_OR_END : VALUE_OR_END;
    return tell(s, &(struct json_event){.type = object ? JSON_BEGIN_OBJECT : JSON_BEGIN_ARRAY});
}

_Static_assert(JSON_MAX_DEPTH == 64, "the message says so");

static bool leave(struct json_stream *s, bool object)
{
    s->depth--;
    s->expected = s->depth > 0 ? COMMA_OR_END : NOTHING;
    return tell(s, &(struct json_event){.type = object ? JSON_END_OBJECT : JSON_END_ARRAY});
}

static bool refuse(struct json_stream *s, const struct token *t)
{
    static const char *const words[] = {
        [A_VALUE] = "unexpected token",
        [VALUE_OR_END] = "unexpected token",
        [A_NAME] = "a member name must be a string",
        [NAME_OR_END] = "a member name must be a string",
        [A_COLON] = "expected ':'",
        [COMMA_OR_END] = "expected ',' or ']'",
        [NOTHING] = "something follows the document",
    };
    if (s->expected == COMMA_OR_END && in_object(s)) /* where the missing one would stand */
        return fail_at(s, s->offset - t->text.len, "expected ',' or '}'");
    return fail_at(s, s->offset, words[s->expected]);
}

static bool accept(struct json_stream *s, const struct token *t)
{
    bool value_due = s->expected == A_VALUE || s->expected == VALUE_OR_END;
    bool name_due = s->expected == A_NAME || s->expected == NAME_OR_END;
    bool end_due = s->expected == COMMA_OR_END;
    switch (t->kind) {
    case ':':
        if (s->expected != A_COLON)
            return refuse(s, t);
        s->expected = A_VALUE;
        return true;
    case ',':
        if (s->expected != COMMA_OR_END)
            return refuse(s, t);
        s->expected = in_object(s) ? A_NAME : A_VALUE;
        return true;
    case '{':
    case '[':
        return value_due ? enter(s, t->kind == '{') : refuse(s, t);
    case '}':
        end_due = s->expected == NAME_OR_END || (end_due && in_object(s));
        return end_due ? leave(s, true) : refuse(s, t);
    case ']':
        end_due = s->expected == VALUE_OR_END || (end_due && !in_object(s));
        return end_due ? leave(s, false) : refuse(s, t);
    case '"':
        if (name_due)
            return tell_name(s, t);
        break;
    default:
        break;
    }
    return value_due ? tell_scalar(s, t) : refuse(s, t);
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

/* Sees whether the token that begins at `i` ends in what there is; `*end` is behind it. */
static bool is_whole(struct json_stream *s, struct bytes in, size_t i, size_t *end)
{
    if (in.data[i] == '"') {
        s->scan = (struct string_scan){.plain = true, .open = true};
        *end = find_end(&s->scan, in, i + 1);
        return !s->scan.open;
    }
    *end = atom_end(in, i);
    return *end < in.len;
}

/* The token from `i` to `end`, which is whole. */
static bool read_token(struct json_stream *s, struct bytes in, size_t i, size_t end,
                       uint64_t offset, struct token *t)
{
    if (in.data[i] != '"')
        return read_atom(s, bytes_make(in.data, end), i, offset, t);
    size_t used;
    *t = (struct token){.kind = '"', .end = end, .plain = s->scan.plain};
    t->text = bytes_make(in.data + i + 1, end - i - 2);
    if (t->plain)
        return true;
    if (!decode(s, bytes_make(in.data + i + 1, end - i - 1), offset + i + 1, &used))
        return false;
    t->text = buf_bytes(&s->text);
    return true;
}

/* Reads what there is, or up to behind the event that sets `*done` (which may be NULL); `*used` are
 * the bytes read. What is not whole is held, unless it is `last`: then nothing comes behind it. */
static bool read_tokens(struct json_stream *s, struct bytes in, bool last, const bool *done,
                        size_t *used)
{
    uint64_t offset = s->offset;
    size_t i = 0;
    while (i < in.len && !(done && *done)) {
        struct token t = {.kind = in.data[i], .text = {in.data + i, 1}, .end = i + 1};
        size_t end;
        switch (t.kind) {
        case '\n':
            s->breaks++;
            i++;
            continue;
        case ' ':
        case '\r':
        case '\t':
            i++;
            continue;
        case ',':
        case ':':
        case '{':
        case '}':
        case '[':
        case ']':
            break;
        default:
            if (!is_whole(s, in, i, &end) && !last) {
                buf_add(&s->held, in.data + i, in.len - i);
                s->offset = offset + in.len;
                *used = in.len;
                return true;
            }
            if (!read_token(s, in, i, end, offset, &t))
                return false;
        }
        s->offset = offset + t.end;
        if (!accept(s, &t))
            return false;
        i = t.end;
    }
    s->offset = offset + i;
    *used = i;
    return true;
}

/* ---- Pieces ---------------------------------------------------------------------------------- */

/* Hands out most of what is held of a string, and keeps its quote and its end: as if the string
 * began there. */
static bool give_part(struct json_stream *s)
{
    uint64_t start = s->offset - s->held.len;
    size_t used;
    if (s->held.data[0] != '"')
        return fail_at(s, start, "a word or number is longer than 64 KiB");
    if (s->expected == A_NAME || s->expected == NAME_OR_END)
        return fail_at(s, start, "a member name is longer than 64 KiB");
    struct bytes raw = bytes_make(s->held.data + 1, s->held.len - 1);
    if (!decode(s, raw, start + 1, &used))
        return false;
    if (!utf8_valid(buf_bytes(&s->text)))
        return fail_at(s, start + 1 + used, "string is not valid UTF-8");
    memmove(s->held.data + 1, raw.data + used, raw.len - used + 1);
    s->held.len -= used;
    return tell(s, &(struct json_event){.type = JSON_STRING_PART, .text = buf_bytes(&s->text)});
}

_Static_assert(JSON_PART == 64 * 1024, "the messages say so");

static bool read_held(struct json_stream *s)
{
    size_t used;
    s->offset -= s->held.len;
    bool ok = read_tokens(s, buf_bytes(&s->held), true, NULL, &used);
    buf_clear(&s->held);
    return ok;
}

/* Adds to what is held what belongs to it, and reads it once it is whole. */
static bool feed_held(struct json_stream *s, struct bytes piece, size_t *used)
{
    bool is_string = s->held.data[0] == '"';
    size_t n = is_string ? find_end(&s->scan, piece, 0) : atom_end(piece, 0);
    buf_add(&s->held, piece.data, n);
    *used = n;
    s->offset += n;
    return (is_string ? s->scan.open : n == piece.len) || read_held(s);
}

static bool feed(struct json_stream *s, struct bytes piece, const bool *done, size_t *used)
{
    size_t more;
    *used = 0;
    if (piece.len == 0)
        return true;
    if (s->held.len > 0 && !feed_held(s, piece, used))
        return false;
    if (!read_tokens(s, bytes_make(piece.data + *used, piece.len - *used), false, done, &more))
        return false;
    *used += more;
    return s->held.len < JSON_PART || !s->parts || give_part(s);
}

static bool finish(struct json_stream *s)
{
    uint64_t end = s->offset;
    bool in_string = s->held.len > 0 && s->held.data[0] == '"';
    size_t used;
    if (in_string) {
        struct bytes raw = bytes_make(s->held.data + 1, s->held.len - 1);
        if (!decode(s, raw, end - raw.len, &used))
            return false;
    } else if (s->held.len > 0 && !read_held(s))
        return false;
    return (s->expected == NOTHING && !in_string) || fail_at(s, end, "the document ends too early");
}

/* ---- The stream ------------------------------------------------------------------------------ */

struct json_stream *json_stream_new(json_event_fn fn, void *ctx)
{
    struct json_stream *s = mem_zalloc(1, sizeof *s);
    s->fn = fn;
    s->ctx = ctx;
    return s;
}

void json_stream_give_parts(struct json_stream *s)
{
    s->parts = true;
}

void json_stream_free(struct json_stream *s)
{
    if (!s)
        return;
    buf_release(&s->held);
    buf_release(&s->text);
    mem_free(s);
}

uint64_t json_stream_offset(const struct json_stream *s)
{
    return s->offset;
}

int json_stream_line(const struct json_stream *s)
{
    return s->breaks < INT_MAX ? (int)s->breaks + 1 : INT_MAX;
}

/* Whether an earlier call failed; its error again, then. */
static bool is_broken(struct json_stream *s, struct error *err)
{
    s->err = err;
    if (s->broken)
        *err = s->error;
    return s->broken;
}

static bool ended(struct json_stream *s, bool ok)
{
    s->broken = !ok;
    if (!ok)
        s->error = *s->err;
    return ok;
}

bool json_stream_feed_until(struct json_stream *s, struct bytes piece, const bool *done,
                            size_t *used, struct error *err)
{
    return !is_broken(s, err) && ended(s, feed(s, piece, done, used));
}

bool json_stream_feed(struct json_stream *s, struct bytes piece, struct error *err)
{
    size_t used;
    return json_stream_feed_until(s, piece, NULL, &used, err);
}

bool json_stream_end(struct json_stream *s, struct error *err)
{
    return !is_broken(s, err) && ended(s, finish(s));
}

bool json_parse(struct bytes text, json_event_fn fn, void *ctx, struct error *err)
{
    struct json_stream *s = json_stream_new(fn, ctx);
    bool ok = json_stream_feed(s, text, err) && json_stream_end(s, err);
    json_stream_free(s);
    if (!ok && err->code == ERR_FORMAT)
        text_check_utf16(text, err);
    return ok;
}
