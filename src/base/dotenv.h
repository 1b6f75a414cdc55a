/*
 * dotenv.h: the variables in a .env file, as dotenv (and so wrangler) reads one. Bytes in,
 * variables out: no I/O, and nothing is put into the environment of the process.
 *
 *     # a comment; blank lines are skipped
 *     NAME=text                 up to a # or the end of the line, blanks around it dropped
 *     export NAME = 'text'      also "text" and `text`: as it is, over several lines, too
 *     NAME="one\ntwo"           where \n and \r are a newline and a carriage return
 *     NAME: text
 *
 * What wrangler would replace by another variable's value, $NAME and ${NAME}, is not replaced but
 * marked (`refers`); \$ is a dollar. Where dotenv would skip a line that it does not understand, or
 * keep half of a pair of quotation marks, this is an error.
 */
#ifndef CFKV_BASE_DOTENV_H
#define CFKV_BASE_DOTENV_H

#include "arena.h"
#include "error.h"

struct dotenv_variable {
    const char *name;  /* letters, digits, _, . and - */
    const char *value; /* may be empty */
    const char *file;  /* where it stands */
    size_t line;
    bool refers; /* its value has a $NAME or ${NAME} */
};

struct dotenv {
    struct dotenv_variable *items; /* in the order of the file; of a name the last one counts */
    size_t n, cap;
};

/*
 * Appends what `text`, the content of `file`, says; all of it lives in `arena`. UTF-8 with or
 * without a byte order mark, any newlines. ERR_FORMAT "FILE:LINE: …" otherwise. No message has a
 * value in it, nor the text of a line.
 */
bool dotenv_read(struct arena *arena, const char *file, struct bytes text, struct dotenv *out,
                 struct error *err);

/* The last one of that name, where it counts: when the environment of the process has none, or an
 * empty one. NULL: there is none, or it does not count. */
const struct dotenv_variable *dotenv_find(const struct dotenv *d, const char *name);

/* The value of a variable of the process, else of `d`; NULL: neither has it. */
const char *dotenv_get(const struct dotenv *d, const char *name);

/* How messages call a variable: "CLOUDFLARE_EMAIL", or "CLOUDFLARE_EMAIL (.env:3)"; cut to fit. */
#define DOTENV_TOLD_SIZE 300
char *dotenv_told(const struct dotenv *d, const char *name, char out[DOTENV_TOLD_SIZE]);

#endif
