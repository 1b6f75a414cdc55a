#include "graphql.h"

#include <ctype.h>

#include "base/text.h"

#define DEPTH_MAX 16

struct parser {
    struct bytes text;
    size_t at;
    const struct json *variables;
    struct arena *arena;
    struct error *err;
    int depth;
};

/* ---- Tokens ---------------------------------------------------------------------------------- */

static bool fail(struct parser *p, const char *problem)
{
    return error_set(p->err, ERR_FORMAT, "syntax error at byte %zu: %s", p->at, problem);
}

/* White space, commas and comments. */
static void skip(struct parser *p)
{
    while (p->at < p->text.len) {
        char c = p->text.data[p->at];
        if (c == '#')
            while (p->at < p->text.len && p->text.data[p->at] != '\n')
                p->at++;
        else if (c == ',' || isspace((unsigned char)c))
            p->at++;
        else
            break;
    }
}

/* The next significant character; '\0' at the end. */
static char peek(struct parser *p)
{
    skip(p);
    return p->at < p->text.len ? p->text.data[p->at] : '\0';
}

static bool take(struct parser *p, char c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static bool expect(struct parser *p, char c)
{
    char problem[] = "'?' is missing";
    problem[1] = c;
    return take(p, c) || fail(p, problem);
}

static bool is_name_char(char c)
{
    return c == '_' || isalnum((unsigned char)c);
}

static bool take_name(struct parser *p, struct bytes *name)
{
    skip(p);
    size_t start = p->at;
    while (p->at < p->text.len && is_name_char(p->text.data[p->at]))
        p->at++;
    *name = bytes_make(p->text.data + start, p->at - start);
    return name->len > 0 || fail(p, "a name is missing");
}

/* ---- Values, as JSON ------------------------------------------------------------------------- */

static bool add_value(struct parser *p, struct buf *json);

static bool enter(struct parser *p)
{
    return ++p->depth <= DEPTH_MAX || fail(p, "nested too deeply");
}

/* NAME: VALUE pairs up to `close`, as a JSON object. */
static bool add_object(struct parser *p, char close, struct buf *json)
{
    if (!enter(p))
        return false;
    buf_add_char(json, '{');
    for (bool first = true; !take(p, close); first = false) {
        struct bytes name;
        if (!first)
            buf_add_char(json, ',');
        if (!take_name(p, &name) || !expect(p, ':'))
            return false;
        buf_addf(json, "\"%.*s\":", BYTES_FMT(name));
        if (!add_value(p, json))
            return false;
    }
    p->depth--;
    buf_add_char(json, '}');
    return true;
}

static bool add_list(struct parser *p, struct buf *json)
{
    if (!enter(p))
        return false;
    buf_add_char(json, '[');
    for (bool first = true; !take(p, ']'); first = false) {
        if (!first)
            buf_add_char(json, ',');
        if (!add_value(p, json))
            return false;
    }
    p->depth--;
    buf_add_char(json, ']');
    return true;
}

/* GraphQL's quoted strings are JSON's. */
static bool add_string(struct parser *p, struct buf *json)
{
    size_t start = p->at++;
    while (p->at < p->text.len && p->text.data[p->at] != '"')
        p->at += p->text.data[p->at] == '\\' ? 2 : 1;
    if (p->at >= p->text.len)
        return fail(p, "a string does not end");
    p->at++;
    buf_add(json, p->text.data + start, p->at - start);
    return true;
}

static bool add_variable(struct parser *p, struct buf *json)
{
    struct bytes name;
    char shown[64];
    if (!take_name(p, &name))
        return false;
    const struct json *value =
        json_member(p->variables, arena_printf(p->arena, "%.*s", BYTES_FMT(name)));
    if (!value)
        return error_set(p->err, ERR_FORMAT, "variable %s is not given",
                         text_quoted(name, shown, sizeof shown));
    json_print(value, json);
    return true;
}

static void add_number(struct parser *p, struct buf *json)
{
    size_t start = p->at;
    while (p->at < p->text.len && strchr("+-.eE0123456789", p->text.data[p->at]) &&
           p->text.data[p->at] != '\0')
        p->at++;
    buf_add(json, p->text.data + start, p->at - start);
}

/* true, false and null are themselves, other words (enum values) strings. */
static bool add_word(struct parser *p, struct buf *json)
{
    struct bytes word;
    if (!take_name(p, &word))
        return false;
    bool literal = bytes_equal(word, bytes_of("true")) || bytes_equal(word, bytes_of("false")) ||
                   bytes_equal(word, bytes_of("null"));
    const char *quote = literal ? "" : "\"";
    buf_addf(json, "%s%.*s%s", quote, BYTES_FMT(word), quote);
    return true;
}

static bool add_value(struct parser *p, struct buf *json)
{
    char c = peek(p);
    if (c == '"')
        return add_string(p, json);
    if (take(p, '$'))
        return add_variable(p, json);
    if (take(p, '{'))
        return add_object(p, '}', json);
    if (take(p, '['))
        return add_list(p, json);
    if (c != '-' && !isdigit((unsigned char)c))
        return add_word(p, json);
    add_number(p, json);
    return true;
}

/* ---- Fields ---------------------------------------------------------------------------------- */

static bool take_arguments(struct parser *p, struct graphql_field *field)
{
    struct buf json = {0};
    field->arguments = "{}";
    if (!take(p, '('))
        return true;
    bool ok = add_object(p, ')', &json);
    if (ok)
        field->arguments = arena_str(p->arena, json.data);
    buf_release(&json);
    return ok;
}

static bool take_fields(struct parser *p, struct graphql_field **fields);

static bool take_field(struct parser *p, struct graphql_field *field)
{
    if (peek(p) == '.')
        return fail(p, "fragments are not known here");
    if (!take_name(p, &field->name))
        return false;
    field->alias = field->name;
    if (take(p, ':') && !take_name(p, &field->name))
        return false;
    if (!take_arguments(p, field))
        return false;
    if (peek(p) == '@')
        return fail(p, "directives are not known here");
    return peek(p) != '{' || take_fields(p, &field->first);
}

/* "{ field … }" */
static bool take_fields(struct parser *p, struct graphql_field **fields)
{
    struct graphql_field **end = fields;
    if (!expect(p, '{') || !enter(p))
        return false;
    do {
        *end = arena_alloc(p->arena, 1, sizeof **end);
        if (!take_field(p, *end))
            return false;
        end = &(*end)->next;
    } while (!take(p, '}'));
    p->depth--;
    return true;
}

/* "query NAME($a: Type!, …)", all of it optional. What the variables' types are does not matter. */
static bool skip_head(struct parser *p)
{
    struct bytes word;
    if (peek(p) == '{')
        return true;
    if (!take_name(p, &word))
        return false;
    if (!bytes_equal(word, bytes_of("query")))
        return fail(p, "only queries are known here");
    if (is_name_char(peek(p)) && !take_name(p, &word))
        return false;
    if (!take(p, '('))
        return true;
    while (p->at < p->text.len && p->text.data[p->at] != ')')
        p->at++;
    return expect(p, ')');
}

bool graphql_parse(struct bytes text, const struct json *variables, struct arena *arena,
                   struct graphql_field **fields, struct error *err)
{
    struct parser p = {.text = text, .variables = variables, .arena = arena, .err = err};
    *fields = NULL;
    if (!skip_head(&p) || !take_fields(&p, fields))
        return false;
    return peek(&p) == '\0' || fail(&p, "there is something behind the query");
}
