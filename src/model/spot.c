#include "spot.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/text.h"
#include "diag_groups.h"

#define QUOTES_MAX 8

/* Tokens from `first` to before `end`. */
struct range {
    size_t first, end;
};

struct search {
    const struct lua_text *text;
    const char *code, *message;
    struct range call;               /* what is written of it */
    struct bytes quoted[QUOTES_MAX]; /* what the message quotes, without the quotes */
    size_t n_quoted;
};

static const struct lua_token *token(const struct search *s, size_t i)
{
    return &s->text->tokens[i];
}

static bool is(const struct search *s, size_t i, const char *word)
{
    return i < s->text->n && lua_token_is(s->text, token(s, i), word);
}

static bool is_open(const struct search *s, size_t i)
{
    return is(s, i, "(") || is(s, i, "{") || is(s, i, "[");
}

static bool is_close(const struct search *s, size_t i)
{
    return is(s, i, ")") || is(s, i, "}") || is(s, i, "]");
}

static const struct range nothing = {0, 0};

static bool is_empty(struct range r)
{
    return r.first >= r.end;
}

/* ---- The call -------------------------------------------------------------------------------- */

/* From the line on which it begins to where all brackets are closed again. */
static struct range call_at(const struct search *s, int line)
{
    struct range r = {lua_text_first_on(s->text, line), 0};
    size_t depth = 0;
    for (r.end = r.first; r.end < s->text->n; r.end++) {
        bool later = token(s, r.end)->line > line;
        if (later && depth == 0)
            break;
        if (is_open(s, r.end))
            depth++;
        else if (is_close(s, r.end) && depth > 0)
            depth--;
    }
    return r;
}

/* The end of what an open bracket at `i` begins: behind the one that closes it. */
static size_t behind(const struct search *s, size_t i, size_t end)
{
    size_t depth = 0;
    for (; i < end; i++) {
        depth += is_open(s, i);
        if (is_close(s, i) && --depth == 0)
            return i + 1;
    }
    return end;
}

/* The expression that begins at `i`: as far as the next comma, or the bracket around it. */
static struct range expression(const struct search *s, size_t i, size_t end)
{
    struct range r = {i, i};
    while (r.end < end && !is(s, r.end, ",") && !is(s, r.end, ";") && !is_close(s, r.end))
        r.end = is_open(s, r.end) ? behind(s, r.end, end) : r.end + 1;
    return r;
}

/* ---- What is looked for ---------------------------------------------------------------------- */

/* `name =` or `["name"] =`; the token of the name. */
static bool is_key(const struct search *s, size_t i, struct bytes name)
{
    const struct lua_token *t = token(s, i);
    if (t->kind == TOKEN_NAME)
        return is(s, i + 1, "=") && bytes_equal(lua_token_bytes(s->text, t), name);
    return t->kind == TOKEN_STRING && i > 0 && is(s, i - 1, "[") && is(s, i + 1, "]") &&
           is(s, i + 2, "=") && bytes_equal(lua_token_inside(s->text, t), name);
}

/* The key in `r` that lies least deep. */
static struct range find_key(const struct search *s, struct range r, struct bytes name)
{
    struct range found = nothing;
    size_t depth = 0, least = SIZE_MAX;
    for (size_t i = r.first; i < r.end; i++) {
        depth += is_open(s, i);
        depth -= depth > 0 && is_close(s, i);
        if (depth < least && is_key(s, i, name)) {
            found = (struct range){i, i + 1};
            least = depth;
        }
    }
    return found;
}

static struct range value_of(const struct search *s, struct range key, struct range r)
{
    if (is_empty(key))
        return nothing;
    size_t i = key.end + (token(s, key.first)->kind == TOKEN_STRING);
    return expression(s, i + 1, r.end);
}

/* A name that is looked into comes first: of 'b' in `a.b()` and in `b.c()` that one is meant. */
static struct range find_name(const struct search *s, struct range r, struct bytes name)
{
    for (size_t i = r.first; i < r.end; i++)
        if (token(s, i)->kind == TOKEN_NAME &&
            bytes_equal(lua_token_bytes(s->text, token(s, i)), name))
            return (struct range){i, i + 1};
    return nothing;
}

/* The string, or number, that is exactly that; a long one is quoted with its end cut off. */
static struct range find_literal(const struct search *s, struct range r, struct bytes value)
{
    static const struct bytes ellipsis = {"…", sizeof "…" - 1};
    bool cut = value.len > ellipsis.len && bytes_ends_with(value, ellipsis);
    struct bytes start = bytes_make(value.data, cut ? value.len - ellipsis.len : value.len);
    for (size_t i = r.first; i < r.end; i++) {
        const struct lua_token *t = token(s, i);
        struct bytes inside = t->kind == TOKEN_STRING   ? lua_token_inside(s->text, t)
                              : t->kind == TOKEN_NUMBER ? lua_token_bytes(s->text, t)
                                                        : bytes_make(NULL, 0);
        if (inside.data && (cut ? bytes_starts_with(inside, start) : bytes_equal(inside, value)))
            return (struct range){i, i + 1};
    }
    return nothing;
}

/* The argument of that number of the call of a method, `:put(a, b)`. */
static struct range find_argument(const struct search *s, const char *method, size_t number)
{
    for (size_t i = s->call.first; i < s->call.end; i++) {
        if (!is(s, i, method) || i == 0 || !(is(s, i - 1, ":") || is(s, i - 1, ".")))
            continue;
        if (!is(s, i + 1, "("))
            return number == 1 ? (struct range){i + 1, i + 2} : nothing; /* ns:prune "x" */
        struct range argument = expression(s, i + 2, s->call.end);
        while (--number > 0 && is(s, argument.end, ","))
            argument = expression(s, argument.end + 1, s->call.end);
        return number == 0 ? argument : nothing;
    }
    return nothing;
}

/* ---- Parts of it ----------------------------------------------------------------------------- */

/* "item 3: …": the third table of the list that is written there; else the whole call. */
static struct range narrow_to_item(const struct search *s)
{
    long item = strncmp(s->message, "item ", 5) == 0 ? strtol(s->message + 5, NULL, 10) : 0;
    size_t i = s->call.first;
    while (item > 0 && i < s->call.end && !is(s, i, "{"))
        i++;
    for (i++; item > 0 && i < s->call.end && !is_close(s, i); i++) {
        struct range element = expression(s, i, s->call.end);
        if (--item == 0)
            return is(s, element.first, "{") ? element : s->call;
        i = element.end;
    }
    return s->call;
}

/* "… of guards", "… in guards": what is in that field of the call, where it has one. */
static struct range narrow_to_table(const struct search *s, struct range r)
{
    const char *what = s->n_quoted > 0 ? s->quoted[0].data + s->quoted[0].len + 1 : "";
    if (strncmp(what, " of ", 4) != 0 && strncmp(what, " in ", 4) != 0)
        return r;
    struct bytes name = bytes_make(what + 4, strcspn(what + 4, " ,:"));
    struct range table = value_of(s, find_key(s, r, name), r);
    return is_empty(table) ? r : table;
}

/* ---- By code --------------------------------------------------------------------------------- */

static struct bytes quoted(const struct search *s, size_t i)
{
    return i < s->n_quoted ? s->quoted[i] : bytes_make(NULL, 0);
}

static bool is_kind(const struct search *s, const char *kind)
{
    return strncmp(s->code, kind, strlen(kind)) == 0;
}

/* The field that a code is about; none where the second word names a property of what is seeded,
 * which may have members of that name itself. */
static struct bytes field_of(const struct search *s)
{
    const char *dot = strchr(s->code, '.');
    if (is_kind(s, "metadata."))
        return bytes_of("metadata");
    if (is_kind(s, "key.expir") && strcmp(s->code, "key.expiration_ttl") != 0)
        return bytes_of("expiration"); /* expired, expiring, … */
    if (!dot || is_kind(s, "value.") || (is_kind(s, "key.") && !is_kind(s, "key.expiration")))
        return bytes_make(NULL, 0);
    return bytes_of(dot + 1);
}

/* What a rule says of a field, or of a key: the field's value, what the message quotes, or the
 * argument that is meant. */
static struct range of_rule(const struct search *s, struct range r)
{
    struct bytes field = field_of(s);
    struct range found = nothing;
    if (field.len > 0)
        found = value_of(s, find_key(s, r, field), r);
    for (size_t i = 0; is_empty(found) && i < s->n_quoted; i++)
        found = find_literal(s, r, s->quoted[i]);
    if (is_empty(found) && is_kind(s, "key."))
        found = find_argument(s, "put", 1);
    if (is_empty(found) && is_kind(s, "value."))
        found = find_argument(s, "put", 2);
    for (size_t i = 0; is_empty(found) && i < s->n_quoted; i++)
        found = value_of(s, find_key(s, r, s->quoted[i]), r);
    return found;
}

/* Of 'cfkv.key.putt' that is what is wrong. */
static struct bytes last_part(struct bytes name)
{
    size_t at = name.len;
    while (at > 0 && name.data[at - 1] != '.' && name.data[at - 1] != ':')
        at--;
    return bytes_make(name.data + at, name.len - at);
}

/* What Lua says of a name. */
static struct range of_name(const struct search *s)
{
    struct range found = nothing;
    for (size_t i = 0; is_empty(found) && i < s->n_quoted; i++)
        found = find_name(s, s->call, last_part(s->quoted[i]));
    for (size_t i = 0; is_empty(found) && i < s->n_quoted; i++)
        found = find_literal(s, s->call, s->quoted[i]);
    return found;
}

/* The call itself: the function that the message begins with, or that a code of this kind is about.
 */
static struct range of_call(const struct search *s)
{
    static const char *const functions[][2] = {
        {"key.", "put"}, {"value.", "put"}, {"metadata.", "put"}, {"source.", "bulk"}};
    size_t first = strcspn(s->message, " "), kind = strcspn(s->code, ".");
    struct bytes word = bytes_make(s->message, first);
    struct bytes name = last_part(word);
    struct range found = nothing;
    if (name.len < word.len) /* "cfkv.namespace needs …" */
        found = find_name(s, s->call, name);
    if (is_empty(found))
        found = find_name(s, s->call, bytes_make(s->code, kind));
    for (size_t i = 0; is_empty(found) && i < sizeof functions / sizeof *functions; i++)
        if (is_kind(s, functions[i][0]))
            found = find_name(s, s->call, bytes_of(functions[i][1]));
    return found;
}

static struct range find(const struct search *s)
{
    struct range r = narrow_to_item(s);
    bool item = r.first != s->call.first;
    struct range found = nothing;
    if (strcmp(s->code, "declare.field") == 0)
        found = find_key(s, narrow_to_table(s, r), quoted(s, 0));
    else if (strcmp(s->code, "declare.type") == 0)
        found = value_of(s, find_key(s, narrow_to_table(s, r), quoted(s, 0)), r);
    else if (is_kind(s, "lua."))
        found = of_name(s);
    else if (strcmp(s->code, "declare.required") != 0)
        found = of_rule(s, r);
    if (is_empty(found))
        found = item ? (struct range){r.first, r.first + 1} : of_call(s);
    return found;
}

/* ---- Syntax ---------------------------------------------------------------------------------- */

/* "… near 'x'": where that stands on the line. Of a symbol that stands there twice in a row the
 * second is too much. */
static struct range find_near(const struct search *s, int line)
{
    const char *near = strstr(s->message, " near '");
    struct range r = {lua_text_first_on(s->text, line), 0}, found = nothing;
    r.end = lua_text_first_on(s->text, line + 1);
    if (!near) /* the file ends: behind its last token */
        return r.end > 0 && strstr(s->message, " near <eof>") ? (struct range){r.end - 1, r.end}
                                                              : nothing;
    struct bytes word = bytes_of(near + strlen(" near '"));
    word.len -= word.len > 0; /* the quote behind it */
    char byte;
    if (word.len > 3 &&
        bytes_starts_with(word, bytes_of("<\\"))) { /* '<\\195>': no character of Lua */
        byte = (char)strtol(word.data + 2, NULL, 10);
        word = bytes_make(&byte, 1);
    }
    for (size_t i = r.first; i < r.end; i++) {
        struct bytes here = lua_token_bytes(s->text, token(s, i));
        bool same = bytes_equal(here, word) || (token(s, i)->kind == TOKEN_STRING && word.len > 1 &&
                                                bytes_starts_with(here, word));
        if (same && (is_empty(found) || i == found.first + 1))
            found = (struct range){i, i + 1};
    }
    return found;
}

/* ---- The place ------------------------------------------------------------------------------- */

static int column_of(const struct lua_text *text, size_t at)
{
    size_t start = lua_text_line_start(text, at);
    struct bytes before = bytes_make(text->text.data + start, at - start);
    size_t bad = utf8_first_invalid(before);
    return 1 + (int)(bad < before.len ? before.len : utf8_count(before));
}

/* From its first token to its last, as far as the line goes. */
static struct spot spot_of(const struct search *s, struct range r)
{
    const struct lua_token *first = token(s, r.first), *last = token(s, r.end - 1);
    size_t end = last->at + last->len, line_end = lua_text_line_end(s->text, first->at);
    return (struct spot){.text = s->text,
                         .at = first->at,
                         .len = (end < line_end ? end : line_end) - first->at,
                         .line = first->line,
                         .column = column_of(s->text, first->at)};
}

static struct spot whole_line(const struct lua_text *text, int line)
{
    size_t at = lua_text_line_at(text, line), end = lua_text_line_end(text, at);
    while (at < end && isspace((unsigned char)text->text.data[at]))
        at++;
    if (at >= end)
        return (struct spot){0};
    return (struct spot){.text = text, .at = at, .len = 1, .line = line};
}

static void note_quoted(struct search *s)
{
    for (size_t i = 0; s->message[i] && s->n_quoted < QUOTES_MAX;) {
        struct bytes found = diag_quoted_at(s->message, i);
        if (found.data)
            s->quoted[s->n_quoted++] = bytes_make(found.data + 1, found.len - 2);
        i += found.data ? found.len : 1;
    }
}

struct spot spot_find(const struct lua_text *text, const char *code, const char *message, int line)
{
    struct search s = {.text = text, .code = code, .message = message};
    if (line < 1)
        return (struct spot){0};
    note_quoted(&s);
    s.call = call_at(&s, line);
    struct range found = strcmp(code, "lua.syntax") == 0 ? find_near(&s, line) : find(&s);
    return is_empty(found) ? whole_line(text, line) : spot_of(&s, found);
}
