/*
 * option_table.h: the rows of all options, and what can be asked of one. Private to options.c,
 * option_value.c and option_show.c.
 */
#ifndef CFKV_CLI_OPTION_TABLE_H
#define CFKV_CLI_OPTION_TABLE_H

#include "options.h"

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_LIST,     /* struct text_list */
    OPTION_PERMIT,   /* struct permit: a flag, or with a value behind an equals sign */
    OPTION_VAR,      /* name=value into vars */
    OPTION_CHOICE,   /* unsigned: the index of the word in `choices` */
    OPTION_DOCUMENT, /* unsigned, enum document_format: one of `choices` */
    OPTION_MODULE,  /* const char *: the name of a module of lua/host (option_module); `arg` is made
                       of  their names */
    OPTION_SECONDS, /* double: a number or a duration (base/duration.h) */
    OPTION_COUNT,   /* uint64_t: a positive integer up to `max`, stored times `unit` */
    OPTION_WHOLE,   /* uint64_t: as many of `unit` seconds, from 1 up to `max`; or a duration */
    OPTION_NUMBER,  /* unsigned: a whole number from 0 up to `max` */
    OPTION_TTL,     /* int64_t: 0, or seconds from KV_TTL_MIN, or a duration; sets `ttl_given` */
    OPTION_TIME,    /* int64_t: seconds since the epoch, or a time of RFC 3339 */
    OPTION_RATE     /* struct option_rate: REQUESTS/SECONDS, each from 1 up to `max` */
};

struct option {
    const char *name;
    char letter;     /* 0: none */
    const char *arg; /* what the value is called; NULL for flags */
    enum option_kind kind;
    option_groups groups;
    size_t field; /* offset in struct options */
    const char *help;
    const char *const *choices; /* ends with NULL; of a MODULE: the folder, then those in front */
    int64_t max;
    uint64_t unit;
};

/* In the order in which help shows them. A name may be there twice, for commands of other groups.
 */
extern const struct option option_table[];
extern const size_t option_count;

extern const char *const option_documents[]; /* by enum document_format */

/* The option of these groups; when they have none of that name or letter, one of others; or NULL.
 */
const struct option *option_long(struct bytes name, option_groups groups);
const struct option *option_short(char letter, option_groups groups);

/* The next word is its value, when none is joined to it. */
bool option_takes_word(const struct option *option);

struct option_arg {
    char text[80];
};

/* What the value is called: "FILE", "none|names|keys|values". */
struct option_arg option_arg(const struct option *option);

/* What an OPTION_MODULE may be, in the order of help: those that `choices` names, and the other
 * modules of its folder. False behind the last one. */
bool option_module(const struct option *option, size_t n, struct bytes *name);

/* Stores one occurrence; `value` is NULL exactly for flags and bare permissions. ERR_USAGE, with
 * what is wanted, when it will not do (option_value.c). */
bool option_store(struct options *o, const struct option *option, char *value, struct error *err);

void text_list_add(struct text_list *list, const char *text);

#endif
