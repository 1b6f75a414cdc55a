#include "dotenv.h"

#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "text.h"

struct reader {
    struct arena *arena;
    const char *file;
    struct dotenv *out;
    struct bytes text; /* its newlines are \n */
    size_t at, line;
    struct error *err;
};

static bool fail(struct reader *r, const char *what, const char *hint)
{
    error_set(r->err, ERR_FORMAT, "%s:%zu: %s", r->file, r->line, what);
    return hint ? error_hint(r->err, "%s", hint) : false;
}

/* ---- Characters ------------------------------------------------------------------------------ */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'' || c == '`';
}

/* The one at `at`; '\n' behind the end, as if the last line had its newline. */
static char char_at(const struct reader *r, size_t at)
{
    return at < r->text.len ? r->text.data[at] : '\n';
}

static size_t skip_blanks(const struct reader *r, size_t at)
{
    while (is_blank(char_at(r, at)))
        at++;
    return at;
}

/* Where the line that holds `at` ends, or its comment begins. */
static size_t end_of_text(const struct reader *r, size_t at)
{
    while (char_at(r, at) != '\n' && char_at(r, at) != '#')
        at++;
    return at;
}

static size_t next_line(const struct reader *r, size_t at)
{
    while (char_at(r, at) != '\n')
        at++;
    return at + 1;
}

/* ---- Values ---------------------------------------------------------------------------------- */

/* The mark that ends the quoted text at `at`, when only a comment may follow on its line; else 0.
 */
static size_t find_closing(const struct reader *r, size_t at)
{
    char quote = r->text.data[at++];
    while (at < r->text.len && r->text.data[at] != quote)
        at += r->text.data[at] == '\\' && char_at(r, at + 1) == quote ? 2 : 1;
    return at < r->text.len && end_of_text(r, at + 1) == skip_blanks(r, at + 1) ? at : 0;
}

/* What a value is whose quotes, if it had any, are gone. */
static void keep_value(struct reader *r, struct dotenv_variable *v, struct bytes raw, char quote)
{
    struct buf value = {0};
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.data[i], next = i + 1 < raw.len ? raw.data[i + 1] : '\0';
        bool escapes = c == '\\' && (next == '$' || (quote == '"' && (next == 'n' || next == 'r')));
        if (escapes)
            i++;
        buf_add_char(&value, !escapes ? c : next == 'n' ? '\n' : next == 'r' ? '\r' : '$');
        if (c == '$')
            v->refers |= next == '{' || (is_word(next) && !(next >= '0' && next <= '9'));
    }
    v->value = arena_copy(r->arena, buf_bytes(&value)).data;
    buf_release(&value);
}

/* The value at `at`, and to behind its line. */
static bool read_value(struct reader *r, size_t at, struct dotenv_variable *v)
{
    size_t begin = at = skip_blanks(r, at);
    char quote = is_quote(char_at(r, at)) ? char_at(r, at) : '\0';
    size_t end = quote ? find_closing(r, at) : 0;
    if (end) {
        keep_value(r, v, bytes_make(r->text.data + at + 1, end - at - 1), quote);
        for (size_t i = at; i < end; i++)
            r->line += r->text.data[i] == '\n';
        r->at = next_line(r, end);
        return true;
    }
    end = end_of_text(r, at);
    while (end > begin && is_blank(char_at(r, end - 1)))
        end--;
    if (quote) { /* 'it's': the marks are those at both ends */
        if (end < begin + 2 || r->text.data[end - 1] != quote)
            return fail(r, "a quotation mark opens a value, and none ends it",
                        "put the whole value into quotation marks, and only a # comment behind it");
        begin++;
        end--;
    }
    keep_value(r, v, bytes_make(r->text.data + begin, end - begin), quote);
    r->at = next_line(r, end);
    return true;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static size_t end_of_name(const struct reader *r, size_t at)
{
    while (is_word(char_at(r, at)) || char_at(r, at) == '.' || char_at(r, at) == '-')
        at++;
    return at;
}

static bool read_line(struct reader *r)
{
    static const char export[] = "export";
    size_t at = skip_blanks(r, r->at), end = end_of_name(r, at);
    if (end_of_text(r, at) == at) {
        r->at = next_line(r, at);
        return true;
    }
    bool exported = bytes_equal(bytes_make(r->text.data + at, end - at), bytes_of(export));
    if (exported && is_word(char_at(r, skip_blanks(r, end)))) {
        at = skip_blanks(r, end);
        end = end_of_name(r, at);
    }
    size_t sign = skip_blanks(r, end);
    bool assigns = char_at(r, sign) == '=' ||
                   (char_at(r, sign) == ':' && (is_blank(char_at(r, sign + 1))) && sign == end);
    if (end == at || !assigns)
        return fail(r, "this is no NAME=VALUE", "a comment begins with #");
    struct dotenv_variable v = {.file = r->file, .line = r->line};
    v.name = arena_copy(r->arena, bytes_make(r->text.data + at, end - at)).data;
    if (!read_value(r, sign + 1, &v))
        return false;
    arena_grow(r->arena, (void **)&r->out->items, &r->out->cap, r->out->n + 1,
               sizeof *r->out->items);
    r->out->items[r->out->n++] = v;
    return true;
}

/* The text without its byte order mark, and with \n for every newline. */
static void add_plain(struct buf *out, struct bytes text)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t at = bytes_starts_with(text, bytes_of(mark)) ? sizeof mark - 1 : 0;
    for (; at < text.len; at++) {
        char c = text.data[at];
        if (c == '\r' && at + 1 < text.len && text.data[at + 1] == '\n')
            continue;
        buf_add_char(out, c == '\r' ? '\n' : c);
    }
}

bool dotenv_read(struct arena *arena, const char *file, struct bytes text, struct dotenv *out,
                 struct error *err)
{
    struct buf plain = {0};
    if (!text_check_utf16(text, err))
        return error_wrap(err, "%s", file);
    add_plain(&plain, text);
    struct reader r = {
        .arena = arena, .file = file, .out = out, .text = buf_bytes(&plain), .err = err};
    bool ok = true;
    while (ok && r.at < r.text.len) {
        r.line++;
        ok = read_line(&r);
    }
    for (size_t i = 0; ok && i < r.text.len; i++) /* no variable can hold one */
        ok = r.text.data[i] != '\0' || error_set(err, ERR_FORMAT, "%s holds a NUL byte", file);
    buf_release(&plain);
    return ok;
}

/* ---- Looking one up -------------------------------------------------------------------------- */

const struct dotenv_variable *dotenv_find(const struct dotenv *d, const char *name)
{
    const char *own = getenv(name);
    for (size_t i = own && *own ? 0 : d->n; i-- > 0;)
        if (strcmp(d->items[i].name, name) == 0)
            return &d->items[i];
    return NULL;
}

const char *dotenv_get(const struct dotenv *d, const char *name)
{
    const struct dotenv_variable *v = dotenv_find(d, name);
    return v ? v->value : getenv(name);
}

char *dotenv_told(const struct dotenv *d, const char *name, char out[DOTENV_TOLD_SIZE])
{
    const struct dotenv_variable *v = dotenv_find(d, name);
    if (v)
        snprintf(out, DOTENV_TOLD_SIZE, "%s (%s:%zu)", name, v->file, v->line);
    else
        snprintf(out, DOTENV_TOLD_SIZE, "%s", name);
    return out;
}
