#include "yaml_scalar.h"

#include <math.h>
#include <stdlib.h>

#include "text.h"

#define LONG_NUMBER 20 /* characters; from there on it is more likely an id */

static bool is_one_of(struct bytes text, const char *const *words)
{
    for (; *words; words++)
        if (bytes_equal(text, bytes_of(*words)))
            return true;
    return false;
}

static size_t digits(struct bytes text, size_t i)
{
    while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9')
        i++;
    return i;
}

static size_t sign(struct bytes text, size_t i)
{
    return i < text.len && (text.data[i] == '-' || text.data[i] == '+') ? i + 1 : i;
}

/* [-+]? ( [0-9]+ ( "." [0-9]* )? | "." [0-9]+ ) ( [eE] [-+]? [0-9]+ )?, as its pieces. */
struct decimal {
    bool negative;
    struct bytes whole, fraction, exponent; /* the last with its sign; data NULL: none is written */
};

static bool read_decimal(struct bytes text, struct decimal *d)
{
    size_t i = sign(text, 0), end = digits(text, i);
    *d = (struct decimal){.negative = text.len > 0 && text.data[0] == '-'};
    d->whole = bytes_make(text.data + i, end - i);
    i = end;
    if (i < text.len && text.data[i] == '.') {
        end = digits(text, i + 1);
        d->fraction = bytes_make(text.data + i + 1, end - i - 1);
        i = end;
    }
    if (d->whole.len + d->fraction.len == 0)
        return false;
    if (i < text.len && (text.data[i] == 'e' || text.data[i] == 'E')) {
        size_t start = sign(text, i + 1);
        end = digits(text, start);
        if (end == start)
            return false;
        d->exponent = bytes_make(text.data + i + 1, end - i - 1);
        i = end;
    }
    return i == text.len;
}

/* As JSON writes it: without a plus, without zeros in front, with digits around the point. */
static void write_decimal(struct buf *out, const struct decimal *d)
{
    struct bytes whole = d->whole;
    while (whole.len > 1 && whole.data[0] == '0')
        whole = bytes_make(whole.data + 1, whole.len - 1);
    buf_add_str(out, d->negative ? "-" : "");
    buf_add_bytes(out, whole.len > 0 ? whole : bytes_of("0"));
    if (d->fraction.len > 0) {
        buf_add_char(out, '.');
        buf_add_bytes(out, d->fraction);
    }
    if (d->exponent.data) {
        buf_add_char(out, 'e');
        buf_add_bytes(out, d->exponent);
    } else if (d->fraction.data && d->fraction.len == 0)
        buf_add_str(out, ".0"); /* `1.` is no integer */
}

/* 0x1F and 0o17, at most LONG_NUMBER characters long. */
static bool read_based(struct bytes text, struct buf *out)
{
    uint64_t n = 0, base = text.len < 3          ? 0
                           : text.data[1] == 'x' ? 16
                           : text.data[1] == 'o' ? 8
                                                 : 0;
    if (!base || text.data[0] != '0')
        return false;
    for (size_t i = 2; i < text.len; i++) {
        int digit = text_hex_digit(text.data[i]);
        if (digit < 0 || (uint64_t)digit >= base || n > (uint64_t)INT64_MAX / base)
            return false;
        n = n * base + (uint64_t)digit;
        if (n > (uint64_t)INT64_MAX)
            return false;
    }
    buf_addf(out, "%llu", (unsigned long long)n);
    return true;
}

/* The number as an event; false where it would not keep its value: then it stays text. */
static bool number_event(struct buf *number, struct json_event *e)
{
    struct error rounded;
    e->text = buf_bytes(number);
    if (!json_number_check(e->text, &rounded))
        return false;
    e->type = text_to_int64(e->text, &e->integer) ? JSON_INTEGER : JSON_NUMBER;
    e->number = e->type == JSON_NUMBER ? strtod(number->data, NULL) : 0;
    return isfinite(e->number);
}

bool yaml_resolve(struct bytes text, struct buf *number, struct json_event *e, struct error *err)
{
    static const char *const null[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const yes[] = {"true", "True", "TRUE", NULL};
    static const char *const no[] = {"false", "False", "FALSE", NULL};
    static const char *const unreal[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL};
    struct decimal d;
    *e = (struct json_event){.type = JSON_STRING, .text = text};
    if (text.len >= LONG_NUMBER)
        return true;
    size_t start = sign(text, 0);
    if (is_one_of(text, null))
        e->type = JSON_NULL;
    else if (is_one_of(text, yes) || is_one_of(text, no)) {
        e->type = JSON_BOOLEAN;
        e->boolean = text.data[0] == 't' || text.data[0] == 'T';
    } else if (is_one_of(bytes_make(text.data + start, text.len - start), unreal)) {
        error_set(err, ERR_FORMAT, "%.*s is a number that JSON has not", BYTES_FMT(text));
        return error_hint(err, "put it in quotes where it is a text");
    } else {
        buf_clear(number);
        bool decimal = read_decimal(text, &d);
        if (decimal)
            write_decimal(number, &d);
        if ((decimal || read_based(text, number)) && !number_event(number, e))
            *e = (struct json_event){.type = JSON_STRING, .text = text};
    }
    return true;
}
