#include "options.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "foreign.h"
#include "model/vocabulary.h"
#include "option_table.h"

#define SERVE_PORT 8788

void options_init(struct options *o)
{
    *o =
        (struct options){.refresh = REFRESH_VALUES, .document = DOCUMENT_UNSET, .port = SERVE_PORT};
}

void options_release(struct options *o)
{
    mem_free(o->vars);
    mem_free(o->envs.items);
    mem_free(o->only.items);
    mem_free(o->match.items);
    mem_free(o->env_files.items);
    mem_free(o->fail_on.items);
    mem_free(o->keep_envs.items);
    mem_free(o->keep_files.items);
    mem_free(o->args.items);
    permits_release(&o->permits);
    *o = (struct options){0};
}

/* The name of an option of these groups that has the letter with other commands; or NULL. */
static const char *long_of_letter(char letter, option_groups groups)
{
    for (size_t i = 0; i < option_count; i++) {
        const char *name = option_table[i].name;
        if (option_table[i].letter == letter &&
            option_long(bytes_of(name), groups)->groups & groups)
            return name;
    }
    return NULL;
}

/* What is meant among the options of the groups; or NULL. */
static const char *meant_option(struct bytes name, option_groups groups)
{
    const char **names = mem_alloc((option_count + 1) * sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].groups & groups)
            names[n++] = option_table[i].name;
    names[n] = NULL;
    const char *meant = vocabulary_meant(name, names);
    mem_free(names);
    return meant;
}

/* The whole name with one dash where two are meant: "-out". */
static bool lacks_a_dash(struct bytes name, const char *dashes, option_groups groups)
{
    const struct option *option = option_long(name, groups);
    return name.len > 1 && dashes[1] == '\0' && option && (option->groups & groups);
}

/* An option that does not exist, or not here: says so, with what is meant as far as that is known.
 */
static bool unknown_option(struct bytes name, const char *dashes, const char *command,
                           option_groups groups, struct error *err)
{
    char quoted[80];
    struct buf shown = {0};
    buf_addf(&shown, "%s%.*s", dashes, BYTES_FMT(name));
    text_quoted(buf_bytes(&shown), quoted, sizeof quoted);
    buf_release(&shown);
    bool elsewhere =
        option_long(name, ANY_GROUP) || (name.len == 1 && option_short(name.data[0], ANY_GROUP));
    if (elsewhere && !lacks_a_dash(name, dashes, groups))
        error_set(err, ERR_USAGE, "'%s' has no option %s", command, quoted);
    else
        error_set(err, ERR_USAGE, "unknown option %s", quoted);
    const char *lettered = name.len == 1 ? long_of_letter(name.data[0], groups) : NULL;
    if (lettered)
        return error_hint(err, "write --%s; -%c is not short for it here", lettered, name.data[0]);
    if (lacks_a_dash(name, dashes, groups))
        return error_hint(err, "write it with two dashes: --%.*s", BYTES_FMT(name));
    if (foreign_option(command, groups, name, err))
        return false;
    const char *near = meant_option(name, groups);
    if (near)
        return error_hint(err, "did you mean '--%s'?", near);
    return false;
}

/* true for what is, or was meant to be, an option of some command: any "--word", and "-x" when
 * there is that letter. Not "-", "-5" or "-word" of another letter, which can be values. */
static bool is_option(const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return false;
    return word[1] == '-' || option_short(word[1], ANY_GROUP);
}

/* The words that are left. */
struct words {
    size_t argc;
    char **argv;
    size_t at;
};

/* "--prefix needs a value, and behind it stands the option '--local'", with both ways on. */
static bool swallows(const struct option *option, const char *word, struct error *err)
{
    char quoted[80];
    error_set(err, ERR_USAGE, "--%s needs a value, and behind it stands the option %s",
              option->name, text_quoted(bytes_of(word), quoted, sizeof quoted));
    return error_hint(err,
                      "put the value between them: --%s %s %s; or, when that is the value: "
                      "--%s=%s",
                      option->name, option_arg(option).text, word, option->name, word);
}

static bool take_value(const struct option *option, struct words *words, char **value,
                       struct error *err)
{
    if (words->at >= words->argc)
        return error_set(err, ERR_USAGE, "--%s needs a value: --%s %s", option->name, option->name,
                         option_arg(option).text);
    if (is_option(words->argv[words->at]))
        return swallows(option, words->argv[words->at], err);
    *value = words->argv[words->at++];
    return true;
}

/* `word` is "--name" or "--name=value". */
static bool parse_long(struct options *o, const char *command, option_groups groups, char *word,
                       struct words *words, struct error *err)
{
    char *value = strchr(word, '=');
    struct bytes name = bytes_make(word + 2, value ? (size_t)(value - word - 2) : strlen(word + 2));
    const struct option *option = option_long(name, groups);
    if (!option || !(option->groups & groups))
        return unknown_option(name, "--", command, groups, err);
    if (value)
        value++;
    if (option->kind == OPTION_FLAG && value)
        return error_set(err, ERR_USAGE, "--%s takes no value", option->name);
    if (option_takes_word(option) && !value && !take_value(option, words, &value, err))
        return false;
    return option_store(o, option, value, err);
}

/* "-out", "-target=x": a name behind one dash, which is not read as a letter and its value. */
static bool is_name(struct bytes name, option_groups groups)
{
    const struct option *letter = option_short(name.data[0], groups);
    return name.len > 1 && (option_long(name, ANY_GROUP) || !letter || !(letter->groups & groups));
}

/* `word` is "-x", "-xVALUE", or flags in a row, "-xy". */
static bool parse_short(struct options *o, const char *command, option_groups groups, char *word,
                        struct words *words, struct error *err)
{
    struct bytes name = bytes_make(word + 1, strcspn(word + 1, "="));
    if (is_name(name, groups))
        return unknown_option(name, "-", command, groups, err);
    for (char *at = word + 1; *at; at++) {
        const struct option *option = option_short(*at, groups);
        if (!option || !(option->groups & groups))
            return unknown_option(bytes_make(at, 1), "-", command, groups, err);
        if (option->kind != OPTION_FLAG) {
            char *value = at + 1;
            if (!*value && !take_value(option, words, &value, err))
                return false;
            return option_store(o, option, value, err);
        }
        if (!option_store(o, option, NULL, err))
            return false;
    }
    return true;
}

bool options_parse(struct options *o, const char *command, option_groups groups, size_t argc,
                   char **argv, struct error *err)
{
    struct words words = {argc, argv, 0};
    bool only_args = false;
    while (words.at < argc) {
        char *word = argv[words.at++];
        bool ok = true;
        if (only_args || word[0] != '-' || word[1] == '\0')
            text_list_add(&o->args, word);
        else if (strcmp(word, "--") == 0)
            only_args = true;
        else if (option_is_help(word))
            o->help = true;
        else if (word[1] == '-')
            ok = parse_long(o, command, groups, word, &words, err);
        else
            ok = parse_short(o, command, groups, word, &words, err);
        if (ok)
            continue;
        if (!err->hint[0])
            error_hint(err, "'cfkv help %s' lists its options", command);
        return false;
    }
    return true;
}

bool options_settle(struct options *o, struct error *err)
{
    if (o->document == DOCUMENT_UNSET)
        o->document = o->json ? DOCUMENT_JSON : DOCUMENT_TEXT;
    if (o->json && o->document != DOCUMENT_JSON)
        return error_set(err, ERR_USAGE, "--json and --format %s contradict each other",
                         option_documents[o->document]);
    o->json = o->document == DOCUMENT_JSON;
    return true;
}

/* How many words the option `word` begins, its value included; 0 when there is no such option. */
static size_t option_words(const char *word)
{
    const struct option *option = NULL;
    if (word[1] == '-') {
        option = option_long(bytes_make(word + 2, strcspn(word + 2, "=")), ANY_GROUP);
        return !option ? 0 : option_takes_word(option) && !strchr(word, '=') ? 2 : 1;
    }
    for (const char *at = word + 1; *at; at++) {
        option = option_short(*at, ANY_GROUP);
        if (option && option_takes_word(option))
            return at[1] ? 1 : 2;
    }
    return option ? 1 : 0;
}

bool option_is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "-help") == 0;
}

size_t options_leading(size_t argc, char **argv)
{
    size_t at = 0, n;
    while (at < argc && argv[at][0] == '-' && !option_is_help(argv[at]) &&
           strcmp(argv[at], "-version") != 0 && (n = option_words(argv[at])) > 0)
        at += n;
    return at < argc ? at : argc;
}
