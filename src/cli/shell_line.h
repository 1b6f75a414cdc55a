/*
 * shell_line.h: a command line as bash has it while it is being typed.
 *
 * Quotes are taken off and put on; nothing else that a shell does to a line is done: "$(rm x)" is a
 * word of seven characters, and what is added as a word reads back as exactly that.
 */
#ifndef CFKV_CLI_SHELL_LINE_H
#define CFKV_CLI_SHELL_LINE_H

#include "base/arena.h"
#include "base/buf.h"

enum shell_quote {
    QUOTE_NONE,
    QUOTE_SINGLE, /* '…' */
    QUOTE_DOUBLE, /* "…" */
    QUOTE_ANSI    /* $'…' */
};

struct shell_line {
    char **words; /* without their quotes, in the arena; the last one is what is being typed */
    size_t n, cap;
    size_t kept; /* bytes of the last word that stay as they are: bash replaces what is behind */
    enum shell_quote quote; /* the one in which the line ends */
};

/* Reads a line up to the cursor. Where no quote is open, bash replaces the last word from behind
 * the last of these `breaks` (COMP_WORDBREAKS) in it. */
void shell_line_read(struct arena *arena, struct bytes line, const char *breaks,
                     struct shell_line *out);

/* Adds text that stands behind an open quote, or (QUOTE_NONE) for itself. */
void shell_word_add(struct buf *out, struct bytes text, enum shell_quote quote);

#endif
