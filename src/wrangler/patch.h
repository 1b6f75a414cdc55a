/*
 * patch.h: changes of a text, collected and then made, and questions about its lines. Private to
 * wrangler/.
 */
#ifndef CFKV_WRANGLER_PATCH_H
#define CFKV_WRANGLER_PATCH_H

#include "tree.h"

/* Instead of `remove` bytes at `at` comes `text`. */
struct splice {
    size_t at, remove;
    struct bytes text;
};

struct patch {
    struct tree *tree;
    struct splice *splices; /* in the order of the text, without overlap; in the tree's arena */
    size_t n, cap;
};

/* Splices come in any order. */
void patch_add(struct patch *patch, size_t at, size_t remove, struct bytes text);
void patch_remove(struct patch *patch, size_t start, size_t end);

/* As patch_add at a place; the bytes of `text` are copied first. */
void patch_insert(struct patch *patch, size_t at, const struct buf *text);

/* The whole text with the changes made. */
void patch_apply(const struct patch *patch, struct buf *out);

/* ---- Lines ----------------------------------------------------------------------------------- */

size_t line_start(const struct tree *tree, size_t at);
size_t line_end(const struct tree *tree, size_t at); /* behind its line feed, or the text's end */
struct bytes line_indent(const struct tree *tree, size_t at);

/* An indentation that goes so many steps further in, in the tree's arena. */
struct bytes deeper_indent(struct patch *patch, struct bytes indent, struct bytes unit,
                           size_t steps);

/* Nothing but blanks is before it on its line. */
bool starts_line(const struct tree *tree, size_t at);

/* The line that begins there is there, and holds nothing but blanks. */
bool is_blank_line(const struct tree *tree, size_t at);

size_t skip_blanks(const struct tree *tree, size_t at);
bool has_newline(const struct tree *tree, size_t start, size_t end);
bool mentions(const struct tree *tree, size_t start, size_t end, struct bytes name);

/* "\r\n" when the first line ends so. */
const char *line_ending(const struct tree *tree);

/* The end of the comment that starts there; `at` itself when none does. */
size_t comment_end(const struct tree *tree, size_t at);

#endif
