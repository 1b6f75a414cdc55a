/*
 * fuzz_ini.c: any bytes at all through the reader of AWS's configuration files.
 *
 * Beyond not crashing: newlines of Windows change nothing, lines rise and are lines of the file,
 * what was read is found, and a message has nothing of the text in it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ini.h"

#define FILE_NAME "F"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void check_settings(const struct ini *ini, size_t lines)
{
    for (size_t i = 0; i < ini->n; i++) {
        const struct ini_setting *s = &ini->items[i];
        insist(s->line >= 1 && s->line <= lines && (i == 0 || s->line > s[-1].line));
        insist(!strpbrk(s->value, "\n") && !strpbrk(s->name, "=\n") &&
               !strpbrk(s->section, "\"\n"));
        insist(!s->sub || (*s->sub && *s->name));
        const struct ini_setting *found = ini_find(ini, s->section, s->name, s->sub);
        insist(found && found >= s && ini_has_section(ini, s->section));
    }
}

static void check_same(const struct ini *a, const struct ini *b)
{
    insist(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct ini_setting *x = &a->items[i], *y = &b->items[i];
        insist(x->line == y->line && x->cut == y->cut && !x->sub == !y->sub);
        insist(strcmp(x->section, y->section) == 0 && strcmp(x->name, y->name) == 0 &&
               strcmp(x->value, y->value) == 0 && (!x->sub || strcmp(x->sub, y->sub) == 0));
    }
}

/* Digits apart, every message is one of the few that there are. */
static void check_message(const struct error *err)
{
    static const char *const ends[] = {
        ": this is no NAME = VALUE", ": a bracket opens the name of a section, and none ends it",
        ": a section has no name",   ": there is text behind a section",
        ": it holds a NUL byte",     ": there are more than 20000 settings",
        ": this is UTF-16",
    };
    const char *rest = err->message + strlen(FILE_NAME);
    insist(strncmp(err->message, FILE_NAME, strlen(FILE_NAME)) == 0);
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
    struct ini plain = {0}, other = {0};
    struct error err = {0}, ignored;
    size_t lines = 1;
    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n';
        if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
            buf_add_char(&windows, '\r');
        buf_add_char(&windows, (char)data[i]);
    }
    if (ini_read(&arena, FILE_NAME, bytes_make((const char *)data, size), &plain, &err)) {
        check_settings(&plain, lines);
        insist(ini_read(&arena, FILE_NAME, buf_bytes(&windows), &other, &ignored));
        check_same(&plain, &other);
    } else {
        check_message(&err);
    }
    buf_release(&windows);
    arena_release(&arena);
    return 0;
}
