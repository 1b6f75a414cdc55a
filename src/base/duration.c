#include "duration.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#include "text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- Lengths --------------------------------------------------------------------------------- */

/* In the order in which they may follow each other. */
static const struct {
    char letter;
    int64_t seconds;
} units[] = {{'w', 7 * DURATION_DAY}, {'d', DURATION_DAY}, {'h', 3600}, {'m', 60}, {'s', 1}};

#define N_UNITS (sizeof units / sizeof *units)

/* Of the units from `first` on; N_UNITS: it is none of them. */
static size_t find_unit(char letter, size_t first)
{
    size_t i = first;
    while (i < N_UNITS && units[i].letter != letter)
        i++;
    return i;
}

bool duration_parse(struct bytes text, int64_t *seconds)
{
    int64_t sum = 0;
    size_t unit = 0, at = 0;
    while (at < text.len) {
        size_t start = at;
        int64_t n;
        while (at < text.len && is_digit(text.data[at]))
            at++;
        if (at == start || at == text.len ||
            !text_to_int64(bytes_make(text.data + start, at - start), &n))
            return false;
        unit = find_unit(text.data[at++], unit);
        if (unit == N_UNITS || __builtin_mul_overflow(n, units[unit].seconds, &n) ||
            __builtin_add_overflow(sum, n, &sum))
            return false;
        unit++;
    }
    if (text.len > 0)
        *seconds = sum;
    return text.len > 0;
}

/* ---- Moments --------------------------------------------------------------------------------- */

/* What of a text is left to be read. */
struct rest {
    const char *at;
    size_t len;
};

static bool take_char(struct rest *r, const char *of)
{
    if (r->len == 0 || !*r->at || !strchr(of, *r->at))
        return false;
    r->at++;
    r->len--;
    return true;
}

static bool take_number(struct rest *r, size_t digits, int min, int max, int *n)
{
    *n = 0;
    for (size_t i = 0; i < digits; i++, r->at++, r->len--) {
        if (r->len == 0 || !is_digit(*r->at))
            return false;
        *n = *n * 10 + (*r->at - '0');
    }
    return *n >= min && *n <= max;
}

static bool take_date(struct rest *r, struct tm *tm)
{
    bool ok = take_number(r, 4, 0, 9999, &tm->tm_year) && take_char(r, "-") &&
              take_number(r, 2, 1, 12, &tm->tm_mon) && take_char(r, "-") &&
              take_number(r, 2, 1, 31, &tm->tm_mday);
    tm->tm_year -= 1900;
    tm->tm_mon--;
    return ok;
}

static bool take_clock(struct rest *r, struct tm *tm)
{
    if (!take_number(r, 2, 0, 23, &tm->tm_hour) || !take_char(r, ":") ||
        !take_number(r, 2, 0, 59, &tm->tm_min) || !take_char(r, ":") ||
        !take_number(r, 2, 0, 60, &tm->tm_sec))
        return false;
    if (!take_char(r, "."))
        return true;
    int digit;
    bool any = false;
    while (take_number(r, 1, 0, 9, &digit))
        any = true;
    return any;
}

/* Seconds that the clock there is ahead of UTC. */
static bool take_zone(struct rest *r, int *ahead)
{
    int hours, minutes;
    *ahead = 0;
    if (take_char(r, "Zz"))
        return true;
    bool behind = take_char(r, "-");
    if ((!behind && !take_char(r, "+")) || !take_number(r, 2, 0, 23, &hours) ||
        !take_char(r, ":") || !take_number(r, 2, 0, 59, &minutes))
        return false;
    *ahead = (behind ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

bool moment_parse(struct bytes text, int64_t *at)
{
    struct rest r = {text.data, text.len};
    struct tm tm = {0};
    int ahead;
    if (!take_date(&r, &tm) || !take_char(&r, "Tt ") || !take_clock(&r, &tm) ||
        !take_zone(&r, &ahead) || r.len > 0)
        return false;
    bool leap = tm.tm_sec == 60;
    int day = tm.tm_mday;
    tm.tm_sec -= leap;
    *at = (int64_t)timegm(&tm) - ahead + leap;
    if (leap && *at % DURATION_DAY != 0)
        return false;         /* there is one only behind the last minute of a day of UTC */
    return tm.tm_mday == day; /* timegm makes a day of March of the 30th of February */
}

bool moment_show(int64_t at, char out[MOMENT_SIZE])
{
    time_t t = (time_t)at;
    struct tm tm;
    out[0] = '\0';
    return gmtime_r(&t, &tm) && tm.tm_year >= 1000 - 1900 && tm.tm_year <= 9999 - 1900 &&
           strftime(out, MOMENT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0;
}

/* ---- In messages ----------------------------------------------------------------------------- */

#define UNITS_TOLD 2 /* more of them are no easier to read than a number */

const char *duration_told(int64_t seconds, char out[TOLD_SIZE])
{
    char words[TOLD_SIZE / 2] = "";
    size_t used = 0, told = 0;
    int64_t left = seconds;
    for (size_t i = 0; i < N_UNITS && left > 0 && told < UNITS_TOLD; i++) {
        if (left < units[i].seconds)
            continue;
        used += (size_t)snprintf(words + used, sizeof words - used, "%" PRId64 "%c",
                                 left / units[i].seconds, units[i].letter);
        left %= units[i].seconds;
        told++;
    }
    if (seconds < units[N_UNITS - 2].seconds || left > 0)
        snprintf(out, TOLD_SIZE, "%" PRId64 " s", seconds);
    else
        snprintf(out, TOLD_SIZE, "%" PRId64 " s (%.*s)", seconds, (int)used, words);
    return out;
}

const char *moment_told(int64_t at, char out[TOLD_SIZE])
{
    char shown[MOMENT_SIZE];
    if (moment_show(at, shown))
        snprintf(out, TOLD_SIZE, "%" PRId64 " (%s)", at, shown);
    else
        snprintf(out, TOLD_SIZE, "%" PRId64, at);
    return out;
}

/* ---- Where only texts are known -------------------------------------------------------------- */

bool duration_or_seconds(struct bytes text, int64_t *seconds)
{
    return text_to_int64(text, seconds) || duration_parse(text, seconds);
}

bool moment_or_seconds(struct bytes text, int64_t *at)
{
    return text_to_int64(text, at) || moment_parse(text, at);
}

/* ---- What was meant -------------------------------------------------------------------------- */

static bool has_date(struct bytes text)
{
    struct rest r = {text.data, text.len};
    struct tm tm;
    return take_date(&r, &tm);
}

/* The words for a unit, the letter of the unit being the first of each. */
static const char *const unit_words[] = {"s",   "sec",  "secs",   "second",  "seconds", "m",
                                         "min", "mins", "minute", "minutes", "h",       "hr",
                                         "hrs", "hour", "hours",  "d",       "day",     "days",
                                         "w",   "wk",   "wks",    "week",    "weeks"};

static void skip_blanks(struct rest *r)
{
    while (take_char(r, " \t"))
        ;
}

/* Seconds of the unit whose word comes next; 0: there is none. */
static int64_t take_unit(struct rest *r)
{
    size_t len = 0;
    while (len < r->len && isalpha((unsigned char)r->at[len]))
        len++;
    for (size_t i = 0; i < sizeof unit_words / sizeof *unit_words; i++) {
        if (len != strlen(unit_words[i]) || strncasecmp(r->at, unit_words[i], len) != 0 ||
            (len == 1 && *r->at == 'M')) /* it may be a month */
            continue;
        r->at += len;
        r->len -= len;
        return units[find_unit(*unit_words[i], 0)].seconds;
    }
    return 0;
}

#define PLACES_MAX 1000000 /* behind the point: six digits */

/* "1.5 hours": adds as many seconds as it is, which must be whole. */
static bool take_amount(struct rest *r, int64_t *sum)
{
    int64_t number = 0, places = 1;
    bool point = false, any = false;
    int digit;
    for (;; any = true) {
        if (!point && any && take_char(r, ".,"))
            point = true;
        if (!take_number(r, 1, 0, 9, &digit))
            break;
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, digit, &number) || places > PLACES_MAX)
            return false;
        places *= point ? 10 : 1;
    }
    skip_blanks(r);
    int64_t unit = any ? take_unit(r) : 0;
    skip_blanks(r);
    return unit > 0 && places != 1000 && /* "1,000" may be a thousand */
           !__builtin_mul_overflow(number, unit, &number) && number % places == 0 &&
           !__builtin_add_overflow(*sum, number / places, sum);
}

/* Adds it in words, as duration_parse reads them. */
static void add_words(int64_t seconds, char *out, size_t size)
{
    size_t used = strlen(out);
    for (size_t i = 0; i < N_UNITS; i++) {
        if (seconds < units[i].seconds || used >= size)
            continue;
        used += (size_t)snprintf(out + used, size - used, "%" PRId64 "%c",
                                 seconds / units[i].seconds, units[i].letter);
        seconds %= units[i].seconds;
    }
}

/* What people write for a duration elsewhere. */
static bool guess_duration(struct bytes text, int64_t *seconds)
{
    struct rest r = {text.data, text.len};
    *seconds = 0;
    skip_blanks(&r);
    while (r.len > 0)
        if (!take_amount(&r, seconds))
            return false;
    return *seconds > 0;
}

const char *duration_hint(struct bytes text, char out[HINT_SIZE])
{
    int64_t seconds;
    if (moment_parse(text, &seconds) || has_date(text))
        return "a time is what expiration takes";
    if (duration_parse(text, &seconds))
        return NULL;
    if (guess_duration(text, &seconds)) {
        snprintf(out, HINT_SIZE, "write '");
        add_words(seconds, out, HINT_SIZE - 1);
        strcat(out, "'");
        return out;
    }
    for (size_t i = 0; i < text.len; i++)
        if (is_digit(text.data[i]))
            return "units are s, m, h, d and w; whole numbers without blanks, as in '1h30m'";
    return NULL;
}

/* `text` without its last `cut` bytes, and `end` behind it, when that is a moment. */
static bool try_end(struct bytes text, size_t cut, const char *end, char *out, size_t size)
{
    int64_t ignored;
    if (text.len < cut || text.len > 40)
        return false;
    snprintf(out, size, "%.*s%s%.*s", (int)(text.len - cut), text.data, end,
             end[0] == ':' && end[1] == '\0' ? (int)cut : 0, text.data + text.len - cut);
    return moment_parse(bytes_of(out), &ignored);
}

/* A date alone, or without seconds or a zone, or with an offset that has no colon. */
static bool guess_moment(struct bytes text, char *out, size_t size)
{
    static const struct {
        size_t cut;
        const char *end;
    } ends[] = {{0, "T00:00:00Z"}, {0, ":00Z"}, {0, "Z"}, {0, ":00"}, {2, ":"}, {1, ":00Z"}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (try_end(text, ends[i].cut, ends[i].end, out, size))
            return true;
    return false;
}

const char *moment_hint(struct bytes text, char out[HINT_SIZE])
{
    int64_t ignored;
    char guess[64];
    if (duration_parse(text, &ignored) || guess_duration(text, &ignored))
        return "a duration is what expiration_ttl takes";
    if (!has_date(text))
        return NULL;
    if (!guess_moment(text, guess, sizeof guess))
        return "date, time and zone are needed, as in '2027-01-31T12:00:00Z' or "
               "'2027-01-31T13:00:00+01:00'";
    snprintf(out, HINT_SIZE, "write '%s'; Z is UTC, +01:00 an offset from it", guess);
    return out;
}
