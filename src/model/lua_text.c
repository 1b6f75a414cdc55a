#include "lua_text.h"

#include <ctype.h>

/* ---- Tokens ---------------------------------------------------------------------------------- */

struct scan {
    struct lua_text *text;
    struct arena *arena;
    size_t cap;
    size_t at;
    int line;
};

static char peek(const struct scan *s, size_t ahead)
{
    size_t at = s->at + ahead;
    return at < s->text->text.len ? s->text->text.data[at] : '\0';
}

static bool at_end(const struct scan *s)
{
    return s->at >= s->text->text.len;
}

static void step(struct scan *s)
{
    s->line += peek(s, 0) == '\n';
    s->at++;
}

/* The level of a long bracket that opens here ("[==["), or -1. */
static int long_level(const struct scan *s)
{
    size_t n = 1;
    if (peek(s, 0) != '[')
        return -1;
    while (peek(s, n) == '=')
        n++;
    return peek(s, n) == '[' ? (int)n - 1 : -1;
}

static bool closes_long(const struct scan *s, int level)
{
    for (int i = 1; i <= level; i++)
        if (peek(s, (size_t)i) != '=')
            return false;
    return peek(s, 0) == ']' && peek(s, (size_t)level + 1) == ']';
}

static void skip_long(struct scan *s, int level)
{
    s->at += (size_t)level + 2;
    while (!at_end(s) && !closes_long(s, level))
        step(s);
    s->at = at_end(s) ? s->text->text.len : s->at + (size_t)level + 2;
}

/* As far as the line goes where it is not closed. */
static void skip_quoted(struct scan *s)
{
    char quote = peek(s, 0);
    s->at++;
    while (!at_end(s) && peek(s, 0) != quote && peek(s, 0) != '\n') {
        bool blanks = peek(s, 0) == '\\' && peek(s, 1) == 'z';
        if (peek(s, 0) == '\\' && s->at + 1 < s->text->text.len)
            s->at++;
        step(s);
        while (blanks && !at_end(s) && isspace((unsigned char)peek(s, 0)))
            step(s);
    }
    if (peek(s, 0) == quote)
        s->at++;
}

static void skip_comment(struct scan *s)
{
    s->at += 2;
    int level = long_level(s);
    if (level >= 0)
        skip_long(s, level);
    else
        while (!at_end(s) && peek(s, 0) != '\n')
            s->at++;
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static void skip_symbol(struct scan *s)
{
    static const char *const symbols[] = {
        "...", "..", "==", "~=", "<=", ">=", "<<", ">>", "//", "::"};
    struct bytes rest = bytes_make(s->text->text.data + s->at, s->text->text.len - s->at);
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (bytes_starts_with(rest, bytes_of(symbols[i]))) {
            s->at += strlen(symbols[i]);
            return;
        }
    s->at++;
}

static enum lua_token_kind skip_token(struct scan *s)
{
    char c = peek(s, 0);
    if (c == '"' || c == '\'' || long_level(s) >= 0) {
        if (c == '[')
            skip_long(s, long_level(s));
        else
            skip_quoted(s);
        return TOKEN_STRING;
    }
    if (!is_name_char(c)) {
        skip_symbol(s);
        return TOKEN_SYMBOL;
    }
    bool number = isdigit((unsigned char)c);
    while (is_name_char(peek(s, 0)) || (number && peek(s, 0) == '.' && peek(s, 1) != '.'))
        s->at++;
    return number ? TOKEN_NUMBER : TOKEN_NAME;
}

/* Strings between the brackets of a call of `secret`, and one without brackets. */
static void mark_secrets(struct lua_text *text)
{
    bool called = false;
    size_t depth = 0;
    for (size_t i = 0; i < text->n; i++) {
        struct lua_token *t = &text->tokens[i];
        bool opens = called && (lua_token_is(text, t, "(") || lua_token_is(text, t, "{"));
        t->secret = t->kind == TOKEN_STRING && (called || depth > 0);
        if (opens || (depth > 0 && (lua_token_is(text, t, "(") || lua_token_is(text, t, "{"))))
            depth++;
        else if (depth > 0 && (lua_token_is(text, t, ")") || lua_token_is(text, t, "}")))
            depth--;
        called = depth == 0 && lua_token_is(text, t, "secret");
    }
}

static void scan(struct lua_text *text, struct arena *arena)
{
    struct scan s = {.text = text, .arena = arena, .line = 1};
    if (bytes_starts_with(text->text, bytes_of("\xEF\xBB\xBF")))
        s.at = 3;
    if (peek(&s, 0) == '#')
        s.at = lua_text_line_end(text, s.at);
    while (!at_end(&s)) {
        if (isspace((unsigned char)peek(&s, 0)) || peek(&s, 0) == '\0') {
            step(&s);
        } else if (peek(&s, 0) == '-' && peek(&s, 1) == '-') {
            skip_comment(&s);
        } else {
            struct lua_token token = {.line = s.line, .at = s.at};
            token.kind = skip_token(&s);
            token.len = s.at - token.at;
            arena_grow(arena, (void **)&text->tokens, &s.cap, text->n + 1, sizeof token);
            text->tokens[text->n++] = token;
        }
    }
    mark_secrets(text);
    text->scanned = true;
}

struct bytes lua_token_bytes(const struct lua_text *text, const struct lua_token *token)
{
    return bytes_make(text->text.data + token->at, token->len);
}

bool lua_token_is(const struct lua_text *text, const struct lua_token *token, const char *word)
{
    return token->kind != TOKEN_STRING && bytes_equal(lua_token_bytes(text, token), bytes_of(word));
}

struct bytes lua_token_inside(const struct lua_text *text, const struct lua_token *token)
{
    struct bytes b = lua_token_bytes(text, token);
    size_t open = 1;
    if (b.data[0] == '[')
        for (open = 2; open < b.len && b.data[open - 1] == '=';)
            open++;
    bool closed = b.len >= 2 * open &&
                  (b.data[0] == '[' ? b.data[b.len - 1] == ']' : b.data[b.len - 1] == b.data[0]);
    size_t close = closed ? open : 0;
    return b.len < open + close ? bytes_make(b.data + b.len, 0)
                                : bytes_make(b.data + open, b.len - open - close);
}

/* ---- Lines ----------------------------------------------------------------------------------- */

size_t lua_text_first_on(const struct lua_text *text, int line)
{
    size_t low = 0, high = text->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (text->tokens[mid].line < line)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t lua_text_line_start(const struct lua_text *text, size_t at)
{
    while (at > 0 && text->text.data[at - 1] != '\n')
        at--;
    return at;
}

size_t lua_text_line_end(const struct lua_text *text, size_t at)
{
    while (at < text->text.len && text->text.data[at] != '\n')
        at++;
    return at;
}

size_t lua_text_line_at(const struct lua_text *text, int line)
{
    size_t at = 0;
    for (int i = 1; i < line && at < text->text.len; i++) {
        at = lua_text_line_end(text, at);
        at += at < text->text.len;
    }
    return at;
}

/* ---- Keeping --------------------------------------------------------------------------------- */

static struct lua_text *find(struct lua_texts *texts, const char *file)
{
    for (size_t i = 0; i < texts->n; i++)
        if (strcmp(texts->items[i]->file, file) == 0)
            return texts->items[i];
    return NULL;
}

void lua_texts_add(struct lua_texts *texts, const char *file, struct bytes text)
{
    if (find(texts, file) || text.len > LUA_TEXTS_MAX ||
        texts->arena.used > LUA_TEXTS_MAX - text.len)
        return;
    struct lua_text *item = arena_alloc(&texts->arena, 1, sizeof *item);
    item->file = arena_str(&texts->arena, file);
    item->text = arena_copy(&texts->arena, text);
    arena_grow(&texts->arena, (void **)&texts->items, &texts->cap, texts->n + 1, sizeof item);
    texts->items[texts->n++] = item;
}

const struct lua_text *lua_texts_find(struct lua_texts *texts, const char *file)
{
    struct lua_text *text = find(texts, file);
    if (text && !text->scanned)
        scan(text, &texts->arena);
    return text;
}

void lua_texts_release(struct lua_texts *texts)
{
    arena_release(&texts->arena);
    memset(texts, 0, sizeof *texts);
}
