/*
 * lua_text.h: the Lua files of a configuration as they were evaluated, kept so that a problem can
 * be shown in them; and their tokens.
 */
#ifndef CFKV_MODEL_LUA_TEXT_H
#define CFKV_MODEL_LUA_TEXT_H

#include "base/arena.h"

#define LUA_TEXTS_MAX                                                                              \
    ((size_t)16 * 1024 * 1024) /* bytes that are kept; what is beyond is not shown */

enum lua_token_kind { TOKEN_NAME, TOKEN_STRING, TOKEN_NUMBER, TOKEN_SYMBOL };

/* Comments and blanks are none. Keywords are names. */
struct lua_token {
    enum lua_token_kind kind;
    bool secret; /* a string in cfkv.secret(…) */
    int line;    /* of its first byte, from 1 */
    size_t at, len;
};

struct lua_text {
    const char *file; /* as positions name it */
    struct bytes text;
    struct lua_token *tokens; /* made when they are asked for */
    size_t n;
    bool scanned;
};

struct lua_texts {
    struct arena arena;
    struct lua_text **items;
    size_t n, cap;
};

/* Keeps a copy. Of a name that is there already the first one stays: it is tried again. */
void lua_texts_add(struct lua_texts *texts, const char *file, struct bytes text);

/* The text of a file with its tokens, or NULL. */
const struct lua_text *lua_texts_find(struct lua_texts *texts, const char *file);

void lua_texts_release(struct lua_texts *texts);

struct bytes lua_token_bytes(const struct lua_text *text, const struct lua_token *token);

/* A token that is exactly that text. */
bool lua_token_is(const struct lua_text *text, const struct lua_token *token, const char *word);

/* What stands between the quotes or long brackets of a string, escapes as they are written. */
struct bytes lua_token_inside(const struct lua_text *text, const struct lua_token *token);

/* The index of the first token on that line or behind it; text->n: there is none. */
size_t lua_text_first_on(const struct lua_text *text, int line);

/* Where a line begins, and ends (before its newline). */
size_t lua_text_line_start(const struct lua_text *text, size_t at);
size_t lua_text_line_end(const struct lua_text *text, size_t at);

/* Where the line of that number begins; text.len: there are fewer. */
size_t lua_text_line_at(const struct lua_text *text, int line);

#endif
