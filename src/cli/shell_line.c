#include "shell_line.h"

#include <ctype.h>
#include <string.h>

/* ---- Reading --------------------------------------------------------------------------------- */

/* Where in the line, and what the word has come to. */
struct reader {
    struct arena *arena;
    struct shell_line *line;
    struct bytes rest;
    struct buf word;
    bool begun; /* there is a word, be it empty: '' */
};

static char next(struct reader *r)
{
    char c = r->rest.data[0];
    r->rest = bytes_make(r->rest.data + 1, r->rest.len - 1);
    return c;
}

static void end_word(struct reader *r)
{
    struct shell_line *l = r->line;
    arena_grow(r->arena, (void **)&l->words, &l->cap, l->n + 1, sizeof *l->words);
    l->words[l->n++] = arena_printf(r->arena, "%.*s", BYTES_FMT(buf_bytes(&r->word)));
    buf_clear(&r->word);
    r->begun = false;
    l->kept = 0;
}

static void open_quote(struct reader *r, enum shell_quote quote)
{
    r->begun = true;
    r->line->quote = quote;
    r->line->kept = r->word.len;
}

/* Behind the backslash in $'…': of all that bash has there, what shell_word_add writes. */
static void ansi_escape(struct reader *r)
{
    static const char letters[] = "abtnvfre";
    static const char values[] = "\a\b\t\n\v\f\r\033";
    char c = next(r);
    const char *letter = strchr(letters, c);
    unsigned code = 0;
    if (c >= '0' && c <= '7') {
        code = (unsigned)(c - '0');
        for (int i = 0; i < 2 && r->rest.len && r->rest.data[0] >= '0' && r->rest.data[0] <= '7';
             i++)
            code = code * 8 + (unsigned)(next(r) - '0');
        c = (char)code;
    }
    buf_add_char(&r->word, letter && *letter ? values[letter - letters] : c);
}

static void read_quoted(struct reader *r)
{
    enum shell_quote quote = r->line->quote;
    char c = next(r);
    if (c == (quote == QUOTE_DOUBLE ? '"' : '\''))
        r->line->quote = QUOTE_NONE;
    else if (c != '\\' || quote == QUOTE_SINGLE || !r->rest.len)
        buf_add_char(&r->word, c);
    else if (quote == QUOTE_ANSI)
        ansi_escape(r);
    else if (strchr("$`\"\\\n", r->rest.data[0]))
        buf_add_char(&r->word, next(r));
    else
        buf_add_char(&r->word, c);
}

static void read_bare(struct reader *r, const char *breaks)
{
    char c = next(r);
    if (c == ' ' || c == '\t' || c == '\n') {
        if (r->begun)
            end_word(r);
        return;
    }
    r->begun = true;
    if (c == '\'' || c == '"') {
        open_quote(r, c == '"' ? QUOTE_DOUBLE : QUOTE_SINGLE);
    } else if (c == '$' && r->rest.len && r->rest.data[0] == '\'') {
        next(r);
        open_quote(r, QUOTE_ANSI);
    } else if (c == '\\') {
        if (r->rest.len)
            buf_add_char(&r->word, next(r));
    } else {
        buf_add_char(&r->word, c);
        if (strchr(breaks, c))
            r->line->kept = r->word.len;
    }
}

void shell_line_read(struct arena *arena, struct bytes line, const char *breaks,
                     struct shell_line *out)
{
    *out = (struct shell_line){0};
    struct reader r = {.arena = arena, .line = out, .rest = line};
    size_t kept = 0;
    while (r.rest.len > 0) {
        size_t before = out->kept;
        enum shell_quote quote = out->quote;
        if (quote != QUOTE_NONE) {
            read_quoted(&r);
            if (out->quote == QUOTE_NONE) /* a quote that was closed breaks nothing */
                out->kept = kept;
            continue;
        }
        read_bare(&r, breaks);
        if (out->quote != QUOTE_NONE)
            kept = before;
    }
    size_t last = out->kept;
    end_word(&r);
    out->kept = last;
    buf_release(&r.word);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

static void add_ansi(struct buf *out, char c)
{
    if (is_control(c))
        buf_addf(out, "\\%03o", (unsigned char)c);
    else
        buf_addf(out, "%s%c", c == '\'' || c == '\\' ? "\\" : "", c);
}

static void add_bare(struct buf *out, char c)
{
    bool harmless =
        isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c && strchr("_-./:@%+,=", c));
    if (is_control(c))
        buf_addf(out, "$'\\%03o'", (unsigned char)c);
    else
        buf_addf(out, "%s%c", harmless ? "" : "\\", c);
}

static void add_double(struct buf *out, char c)
{
    if (c == '!') /* of the history; no backslash helps inside */
        buf_add_str(out, "\"\\!\"");
    else
        buf_addf(out, "%s%c", strchr("$`\"\\", c) ? "\\" : "", c);
}

void shell_word_add(struct buf *out, struct bytes text, enum shell_quote quote)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (quote == QUOTE_ANSI)
            add_ansi(out, c);
        else if (quote == QUOTE_NONE)
            add_bare(out, c);
        else if (quote == QUOTE_DOUBLE)
            add_double(out, c);
        else
            buf_addf(out, "%s", c == '\'' ? "'\\''" : (char[]){c, 0});
    }
}
