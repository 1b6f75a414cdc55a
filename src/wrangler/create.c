#include "style.h"

static void add_member(const struct style *style, const char *key, struct bytes text, bool *first,
                       struct buf *out)
{
    bool json = style->syntax == WRANGLER_JSON;
    if (!text.data)
        return;
    if (json)
        buf_add_str(out, *first ? "\n  " : ",\n  ");
    style_add_pair(style, key, text, out);
    if (!json)
        buf_add_char(out, '\n');
    *first = false;
}

bool wrangler_config_create(const struct wrangler_new *config, enum wrangler_syntax syntax,
                            const struct wrangler_edit *edits, size_t n, struct buf *out,
                            struct error *err)
{
    struct tree nothing = {.syntax = syntax, .root = &(struct node){.kind = NODE_TABLE}};
    struct style style = style_of_tree(&nothing);
    struct buf text = {0};
    bool first = true;
    if (syntax == WRANGLER_JSON)
        buf_add_char(&text, '{');
    add_member(&style, "name", config->name, &first, &text);
    add_member(&style, "main", config->main, &first, &text);
    add_member(&style, "compatibility_date", config->compatibility_date, &first, &text);
    if (syntax == WRANGLER_JSON)
        buf_add_str(&text, "\n}\n");
    bool ok = wrangler_config_edit(buf_bytes(&text), syntax, edits, n, out, err);
    buf_release(&text);
    return ok;
}
