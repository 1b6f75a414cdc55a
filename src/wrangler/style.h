/*
 * style.h: how bindings are written: copied from those that are there. Private to wrangler/.
 */
#ifndef CFKV_WRANGLER_STYLE_H
#define CFKV_WRANGLER_STYLE_H

#include "entries.h"
#include "flow.h"

struct style {
    enum wrangler_syntax syntax;
    const char *eol;
    struct bytes unit;   /* one step of indentation: of members below their object */
    struct bytes assign; /* between a key and its value */
    size_t column;       /* TOML: where aligned values have their "="; 0: not aligned */
    char quote;          /* around a TOML string: " or ' */
    bool lines;          /* each member on a line of its own */
    bool tight;          /* JSON without spaces */
    bool trailing;       /* a comma behind the last member */
};

/* That of the whole text. */
struct style style_of_tree(const struct tree *tree);

/* That of a binding, where it has one of its own. */
struct style style_of_entry(const struct tree *tree, const struct node *entry);

void style_add_key(const struct style *style, struct bytes key, struct buf *out);
void style_add_string(const struct style *style, struct bytes text, struct buf *out);

/* `key = "text"`, `"key": "text"`. */
void style_add_pair(const struct style *style, const char *key, struct bytes text, struct buf *out);

/* The members of a binding between brackets; `indent` is that of its line, where it has one. */
void style_add_object(const struct style *style, const struct wrangler_edit *edit,
                      struct bytes indent, struct buf *out);

#endif
