#include "ini.h"

#include <strings.h>

#include "text.h"

struct reader {
    struct arena *arena;
    const char *file;
    struct ini *out;
    size_t line;
    const char *section;
    struct error *err;
};

static bool fail(struct reader *r, const char *what)
{
    return error_set(r->err, ERR_FORMAT, "%s:%zu: %s", r->file, r->line, what);
}

#define BLANKS " \t\v\f\r"

static bool is_blank(char c)
{
    return bytes_is_one_of(c, BLANKS);
}

static struct bytes trim(struct bytes b)
{
    return bytes_trim(b, BLANKS);
}

/* Without the comment behind a blank, where no quotation mark is open. */
static struct bytes without_comment(struct bytes b)
{
    bool quoted = false;
    for (size_t i = 0; i < b.len; i++) {
        if (b.data[i] == '"')
            quoted = !quoted;
        else if (!quoted && (b.data[i] == '#' || b.data[i] == ';') &&
                 (i == 0 || is_blank(b.data[i - 1])))
            return trim(bytes_make(b.data, i));
    }
    return trim(b);
}

static bool add(struct reader *r, const char *name, const char *sub, struct bytes value)
{
    struct ini *out = r->out;
    if (out->n == INI_SETTINGS_MAX)
        return error_set(r->err, ERR_LIMIT, "%s:%zu: there are more than %d settings", r->file,
                         r->line, INI_SETTINGS_MAX);
    arena_grow(r->arena, (void **)&out->items, &out->cap, out->n + 1, sizeof *out->items);
    out->items[out->n++] = (struct ini_setting){.section = r->section,
                                                .name = name,
                                                .sub = sub,
                                                .value = arena_copy(r->arena, value).data,
                                                .line = r->line};
    return true;
}

/* "[profile  "my work"]  # ours" → "profile my work". It is listed although it may stay empty. */
static bool begin_section(struct reader *r, struct bytes line)
{
    const char *end = memchr(line.data, ']', line.len);
    if (!end)
        return fail(r, "a bracket opens the name of a section, and none ends it");
    struct bytes behind =
        without_comment(bytes_make(end + 1, line.len - (size_t)(end + 1 - line.data)));
    struct bytes name = trim(bytes_make(line.data + 1, (size_t)(end - line.data) - 1));
    if (behind.len > 0 || name.len == 0)
        return fail(r, name.len == 0 ? "a section has no name" : "there is text behind a section");
    char *plain = arena_alloc(r->arena, name.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool blank = is_blank(name.data[i]);
        if (name.data[i] == '"' || (blank && n > 0 && plain[n - 1] == ' '))
            continue;
        plain[n++] = blank ? ' ' : name.data[i];
    }
    r->section = plain;
    return add(r, "", NULL, bytes_of(""));
}

static bool split(struct reader *r, struct bytes line, struct bytes *name, struct bytes *value)
{
    const char *equals = memchr(line.data, '=', line.len);
    *name = equals ? trim(bytes_make(line.data, (size_t)(equals - line.data))) : bytes_of("");
    if (name->len == 0)
        return fail(r, "this is no NAME = VALUE");
    *value = without_comment(bytes_make(equals + 1, line.len - (size_t)(equals + 1 - line.data)));
    return true;
}

static bool add_setting(struct reader *r, struct bytes line)
{
    struct bytes name, value;
    return split(r, line, &name, &value) && add(r, arena_copy(r->arena, name).data, NULL, value);
}

/* Of the last setting: one of its own where that has no value, else a line more of it. */
static bool add_below(struct reader *r, struct bytes line)
{
    struct ini_setting *last = &r->out->items[r->out->n - 1];
    struct bytes name, value;
    if (!last->sub && *last->value) {
        last->cut = true;
        return true;
    }
    return split(r, line, &name, &value) &&
           add(r, last->name, arena_copy(r->arena, name).data, value);
}

static bool read_line(struct reader *r, struct bytes line, size_t begun)
{
    struct bytes bare = trim(line);
    if (bare.len == 0 || bare.data[0] == '#' || bare.data[0] == ';')
        return true;
    if (memchr(line.data, '\0', line.len))
        return fail(r, "it holds a NUL byte");
    if (bare.data[0] == '[' && bare.data == line.data)
        return begin_section(r, bare);
    bool below = is_blank(line.data[0]) && r->out->n > begun && *r->out->items[r->out->n - 1].name;
    return below ? add_below(r, bare) : add_setting(r, bare);
}

bool ini_read(struct arena *arena, const char *file, struct bytes text, struct ini *out,
              struct error *err)
{
    struct reader r = {.arena = arena, .file = file, .out = out, .section = "", .err = err};
    size_t begun = out->n;
    if (!text_check_utf16(text, err))
        return error_wrap(err, "%s", file);
    if (bytes_starts_with(text, bytes_of("\xef\xbb\xbf")))
        text = bytes_make(text.data + 3, text.len - 3);
    while (text.len > 0) {
        const char *end = memchr(text.data, '\n', text.len);
        size_t len = end ? (size_t)(end - text.data) : text.len;
        r.line++;
        if (!read_line(&r, bytes_make(text.data, len), begun))
            return false;
        len += end ? 1 : 0;
        text = bytes_make(text.data + len, text.len - len);
    }
    return true;
}

const struct ini_setting *ini_find(const struct ini *ini, const char *section, const char *name,
                                   const char *sub)
{
    for (size_t i = ini->n; i-- > 0;) {
        const struct ini_setting *s = &ini->items[i];
        if (strcmp(s->section, section) == 0 && strcasecmp(s->name, name) == 0 && !s->sub == !sub &&
            (!sub || strcasecmp(s->sub, sub) == 0))
            return s;
    }
    return NULL;
}

bool ini_has_section(const struct ini *ini, const char *section)
{
    for (size_t i = 0; i < ini->n; i++)
        if (strcmp(ini->items[i].section, section) == 0)
            return true;
    return false;
}
