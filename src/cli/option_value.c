/* What an option takes, and how it is stored. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/vocabulary.h"
#include "option_table.h"

void text_list_add(struct text_list *list, const char *text)
{
    mem_grow((void **)&list->items, &list->cap, list->n + 1, sizeof *list->items);
    list->items[list->n++] = text;
}

static bool bad_value(const struct option *option, const char *value, const char *wanted,
                      struct error *err)
{
    char quoted[80];
    return error_set(err, ERR_USAGE, "--%s needs %s, not %s", option->name, wanted,
                     text_quoted(bytes_of(value), quoted, sizeof quoted));
}

static bool hint_or_not(struct error *err, const char *hint)
{
    return hint ? error_hint(err, "%s", hint) : false;
}

/* What takes a duration names it, and what is asked for in place of `value`. */
static bool bad_duration(const struct option *option, const char *value, const char *wanted,
                         struct error *err)
{
    char hint[HINT_SIZE];
    bad_value(option, value, wanted, err);
    return hint_or_not(err, duration_hint(bytes_of(value), hint));
}

/* `name=value`: cuts the argv word at its equals sign, so that both halves are C strings. */
static bool add_var(struct options *o, const struct option *option, char *value, struct error *err)
{
    char *equals = strchr(value, '=');
    if (!equals || equals == value) {
        bad_value(option, value, "NAME=VALUE", err);
        return error_hint(err, "as in --%s region=eu", option->name);
    }
    mem_grow((void **)&o->vars, &o->cap_vars, o->n_vars + 1, sizeof *o->vars);
    *equals = '\0';
    o->vars[o->n_vars++] = (struct given_var){value, equals + 1};
    return true;
}

#define WORDS_MAX 16

static bool bad_choice(const struct option *option, const char *value, struct error *err)
{
    struct option_arg arg = option_arg(option); /* "none|names|keys|values" */
    const char *words[WORDS_MAX + 1] = {NULL};
    char *rest = arg.text;
    bad_value(option, value, arg.text, err);
    for (size_t n = 0; rest && n < WORDS_MAX; n++)
        words[n] = strsep(&rest, "|");
    const char *near = text_nearest(bytes_of(value), words);
    return near ? error_hint(err, "did you mean '%s'?", near) : false;
}

static bool set_choice(unsigned *field, const struct option *option, const char *value,
                       struct error *err)
{
    for (unsigned i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], value) == 0) {
            *field = i;
            return true;
        }
    }
    return bad_choice(option, value, err);
}

static bool set_document(unsigned *field, const struct option *option, const char *value,
                         struct error *err)
{
    unsigned choice;
    if (!set_choice(&choice, option, value, err))
        return false;
    for (*field = 0; strcmp(option_documents[*field], value) != 0;)
        ++*field;
    return true;
}

static bool set_module(const char **field, const struct option *option, const char *value,
                       struct error *err)
{
    struct bytes name;
    for (size_t i = 0; option_module(option, i, &name); i++) {
        if (bytes_equal(name, bytes_of(value))) {
            *field = value;
            return true;
        }
    }
    return bad_choice(option, value, err);
}

static bool set_seconds(double *field, const struct option *option, const char *value,
                        struct error *err)
{
    char *end;
    int64_t whole;
    double seconds = strtod(value, &end);
    if (duration_parse(bytes_of(value), &whole))
        seconds = (double)whole;
    else if (end == value || *end != '\0' || !isfinite(seconds))
        seconds = -1;
    if (seconds < 0 || seconds > (double)option->max)
        return bad_duration(option, value,
                            "a number of seconds, or a duration such as '90s' or '5m'", err);
    *field = seconds;
    return true;
}

static bool set_count(uint64_t *field, const struct option *option, const char *value,
                      struct error *err)
{
    int64_t n;
    if (!text_to_int64(bytes_of(value), &n) || n < 1 || n > option->max)
        return bad_value(option, value, "a positive whole number", err);
    *field = (uint64_t)n * option->unit;
    return true;
}

static bool in_range(struct bytes text, int64_t min, int64_t max, unsigned *n)
{
    int64_t value;
    if (!text_to_int64(text, &value) || value < min || value > max)
        return false;
    *n = (unsigned)value;
    return true;
}

static bool set_number(unsigned *field, const struct option *option, const char *value,
                       struct error *err)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "a whole number from 0 to %d", (int)option->max);
    return in_range(bytes_of(value), 0, option->max, field) ||
           bad_value(option, value, wanted, err);
}

static bool set_whole(uint64_t *field, const struct option *option, const char *value,
                      struct error *err)
{
    int64_t n, unit = (int64_t)option->unit;
    bool ok = text_to_int64(bytes_of(value), &n);
    if (!ok && duration_parse(bytes_of(value), &n)) {
        ok = n % unit == 0;
        n /= unit;
    }
    if (!ok || n < 1 || n > option->max)
        return bad_duration(option, value, unit == 1 ? DURATION_WANTED : DAYS_WANTED, err);
    *field = (uint64_t)n;
    return true;
}

static bool set_ttl(struct options *o, const struct option *option, const char *value,
                    struct error *err)
{
    int64_t n;
    if (!duration_or_seconds(bytes_of(value), &n))
        return bad_duration(option, value, DURATION_WANTED, err);
    if (n != 0 && n < KV_TTL_MIN)
        return bad_value(option, value, "at least 60 seconds, or 0 for keys that do not expire",
                         err);
    o->ttl = n;
    return o->ttl_given = true;
}

static bool set_time(int64_t *field, const struct option *option, const char *value,
                     struct error *err)
{
    char hint[HINT_SIZE];
    int64_t n;
    if (!moment_or_seconds(bytes_of(value), &n)) {
        bad_value(option, value, MOMENT_WANTED, err);
        return hint_or_not(err, moment_hint(bytes_of(value), hint));
    }
    if (n < 1 || n > option->max)
        return bad_value(option, value, "a time between 1970 and January 2038", err);
    *field = n;
    return true;
}

static bool set_rate(struct option_rate *field, const struct option *option, const char *value,
                     struct error *err)
{
    const char *slash = strchr(value, '/');
    struct bytes requests = bytes_make(value, slash ? (size_t)(slash - value) : 0);
    int64_t seconds;
    if (!slash || !in_range(requests, 1, option->max, &field->requests) ||
        !duration_or_seconds(bytes_of(slash + 1), &seconds) || seconds < 1 || seconds > option->max)
        return bad_value(option, value, "REQUESTS/SECONDS, as in 1200/300 or 1200/5m", err);
    field->seconds = (unsigned)seconds;
    return true;
}

static bool set_permit(struct permit *field, const struct option *option, const char *value,
                       struct error *err)
{
    if (!value)
        return field->bare = true;
    if (!*value)
        return bad_value(option, value, "an address, a title or a glob", err);
    permit_add(field, bytes_of(value));
    return true;
}

bool option_store(struct options *o, const struct option *option, char *value, struct error *err)
{
    void *field = (char *)o + option->field;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case OPTION_TEXT:
        if (!*value)
            return bad_value(option, value, option_arg(option).text, err);
        *(const char **)field = value;
        return true;
    case OPTION_LIST:
        text_list_add(field, value);
        return true;
    case OPTION_PERMIT:
        return set_permit(field, option, value, err);
    case OPTION_VAR:
        return add_var(o, option, value, err);
    case OPTION_CHOICE:
        return set_choice(field, option, value, err);
    case OPTION_DOCUMENT:
        return set_document(field, option, value, err);
    case OPTION_MODULE:
        return set_module(field, option, value, err);
    case OPTION_SECONDS:
        return set_seconds(field, option, value, err);
    case OPTION_COUNT:
        return set_count(field, option, value, err);
    case OPTION_WHOLE:
        return set_whole(field, option, value, err);
    case OPTION_NUMBER:
        return set_number(field, option, value, err);
    case OPTION_TTL:
        return set_ttl(o, option, value, err);
    case OPTION_TIME:
        return set_time(field, option, value, err);
    case OPTION_RATE:
        return set_rate(field, option, value, err);
    }
    return true;
}
