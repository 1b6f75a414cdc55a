/* The options as help, completions and programs get them. */
#include <string.h>

#include "option_table.h"

const char *options_name(size_t n, option_groups *groups)
{
    if (n >= option_count)
        return NULL;
    *groups = option_table[n].groups;
    return option_table[n].name;
}

static void show_option(const struct option *option, struct option_shown *out)
{
    *out = (struct option_shown){option->name, option->help, "", option_takes_word(option)};
    if (option->kind != OPTION_FLAG)
        memcpy(out->arg, option_arg(option).text, sizeof out->arg);
}

bool options_nth(size_t n, option_groups groups, struct option_shown *out)
{
    for (size_t i = 0; i < option_count; i++) {
        if (!(option_table[i].groups & groups) || n-- > 0)
            continue;
        show_option(&option_table[i], out);
        return true;
    }
    return false;
}

bool options_named(const char *word, option_groups groups, struct option_shown *out)
{
    const struct option *option =
        word[0] != '-'   ? NULL
        : word[1] == '-' ? option_long(bytes_make(word + 2, strcspn(word + 2, "=")), groups)
                         : option_short(word[1], groups);
    if (!option || !(option->groups & groups))
        return false;
    show_option(option, out);
    return true;
}

/* The words that it may have: null unless they are few. */
static void write_choices(struct json_writer *w, const struct option *option)
{
    struct bytes name;
    bool listed = option->kind == OPTION_CHOICE || option->kind == OPTION_DOCUMENT;
    if (!listed && option->kind != OPTION_MODULE) {
        json_null(w);
        return;
    }
    json_begin_array(w);
    for (size_t i = 0; listed && option->choices[i]; i++)
        json_str(w, option->choices[i]);
    for (size_t i = 0; option->kind == OPTION_MODULE && option_module(option, i, &name); i++)
        json_string(w, name);
    json_end_array(w);
}

static const char *type_word(const struct option *option)
{
    switch (option->kind) {
    case OPTION_FLAG:
        return "flag";
    case OPTION_TEXT:
    case OPTION_LIST:
    case OPTION_VAR:
        break;
    case OPTION_PERMIT:
        return "permission";
    case OPTION_CHOICE:
    case OPTION_DOCUMENT:
    case OPTION_MODULE:
        return "choice";
    case OPTION_COUNT:
    case OPTION_NUMBER:
        return "integer";
    case OPTION_SECONDS:
    case OPTION_TTL:
    case OPTION_WHOLE:
        return "duration";
    case OPTION_TIME:
        return "time";
    case OPTION_RATE:
        return "rate";
    }
    return "text";
}

static bool is_repeatable(const struct option *option)
{
    return option->kind == OPTION_LIST || option->kind == OPTION_PERMIT ||
           option->kind == OPTION_VAR;
}

/* What a number may be: null where there is no such limit. */
static void write_limits(struct json_writer *w, const struct option *option)
{
    bool limited = option->max > 0 && option->max < INT64_MAX;
    json_key(w, "max");
    if (limited)
        json_int(w, option->max);
    else
        json_null(w);
    json_key(w, "min");
    if (option->kind == OPTION_COUNT || option->kind == OPTION_WHOLE || option->kind == OPTION_TIME)
        json_int(w, 1);
    else if (option->kind == OPTION_TTL || limited)
        json_int(w, 0);
    else
        json_null(w);
}

static void write_option(struct json_writer *w, const struct option *option)
{
    json_begin_object(w);
    json_field_str(w, "arg", option->arg ? option_arg(option).text : NULL);
    json_field_bool(w, "arg_optional", option->kind == OPTION_PERMIT);
    json_key(w, "choices");
    write_choices(w, option);
    json_field_str(w, "help", option->help);
    json_key(w, "letter");
    if (option->letter)
        json_string(w, bytes_make(&option->letter, 1));
    else
        json_null(w);
    write_limits(w, option);
    json_key(w, "modules"); /* the folder of lua/host that words the choices */
    json_str(w, option->kind == OPTION_MODULE ? option->choices[0] : NULL);
    json_field_str(w, "name", option->name);
    json_field_bool(w, "repeatable", is_repeatable(option));
    json_field_str(w, "type", type_word(option));
    json_key(w, "unit"); /* seconds that a bare number counts by */
    if (option->kind == OPTION_WHOLE)
        json_int(w, (int64_t)option->unit);
    else if (strcmp(type_word(option), "duration") == 0)
        json_int(w, 1);
    else
        json_null(w);
    json_end_object(w);
}

void options_write_json(struct json_writer *w)
{
    json_begin_array(w);
    for (size_t i = 0; i < option_count; i++)
        write_option(w, &option_table[i]);
    json_end_array(w);
}

void options_write_places(struct json_writer *w, option_groups groups)
{
    json_begin_array(w);
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].groups & groups)
            json_int(w, (int64_t)i);
    json_end_array(w);
}
