/*
 * fuzz_dotenv.c: any bytes at all through the reader of .env files.
 *
 * Beyond not crashing: newlines of Windows change nothing, lines rise and are lines of the file,
 * names are names, and a message has nothing of the text in it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/dotenv.h"

#define FILE_NAME "F"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void check_variables(const struct dotenv *d, size_t lines)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct dotenv_variable *v = &d->items[i];
        insist(v->line >= 1 && v->line <= lines && (i == 0 || v->line > v[-1].line));
        insist(*v->name && !strpbrk(v->name, " \t\n\r=:#'\"`$"));
        insist(!v->refers || strchr(v->value, '$'));
    }
}

static void check_same(const struct dotenv *a, const struct dotenv *b)
{
    insist(a->n == b->n);
    for (size_t i = 0; i < a->n; i++)
        insist(strcmp(a->items[i].name, b->items[i].name) == 0 &&
               strcmp(a->items[i].value, b->items[i].value) == 0 &&
               a->items[i].line == b->items[i].line);
}

/* Digits apart, every message is one of the few that there are. */
static void check_message(const struct error *err)
{
    static const char *const ends[] = {
        ": this is no NAME=VALUE",
        ": a quotation mark opens a value, and none ends it",
        " holds a NUL byte",
        ": this is UTF-16",
    };
    const char *rest = err->message + strlen(FILE_NAME);
    insist(err->code == ERR_FORMAT && strncmp(err->message, FILE_NAME, strlen(FILE_NAME)) == 0);
    if (rest[0] == ':' && rest[1] != ' ')
        rest += 1 + strspn(rest + 1, "0123456789");
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (strcmp(rest, ends[i]) == 0)
            return;
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buf windows = {0};
    struct dotenv plain = {0}, other = {0};
    struct error err = {0}, ignored;
    size_t lines = 1;
    for (size_t i = 0; i < size; i++) {
        bool ends = data[i] == '\n' || (data[i] == '\r' && !(i + 1 < size && data[i + 1] == '\n'));
        lines += ends;
        if (ends)
            buf_add_str(&windows, "\r\n");
        else if (data[i] != '\r')
            buf_add_char(&windows, (char)data[i]);
    }
    if (dotenv_read(&arena, FILE_NAME, bytes_make((const char *)data, size), &plain, &err)) {
        check_variables(&plain, lines);
        insist(dotenv_read(&arena, FILE_NAME, buf_bytes(&windows), &other, &ignored));
        check_same(&plain, &other);
    } else {
        check_message(&err);
    }
    buf_release(&windows);
    arena_release(&arena);
    return 0;
}
