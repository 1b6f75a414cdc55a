#include "style.h"

#include "base/json.h"
#include "base/text.h"
#include "scan.h"

/* ---- What is there --------------------------------------------------------------------------- */

static char char_at(const struct tree *tree, size_t at)
{
    return at < tree->text.len ? tree->text.data[at] : '\0';
}

/* What is between key and value, unless a line's end or a comment is there. */
static bool plain_assign(const struct tree *tree, const struct node *node, struct bytes *assign)
{
    if (node->value.start < node->key_at.end)
        return false;
    struct bytes between =
        bytes_make(tree->text.data + node->key_at.end, node->value.start - node->key_at.end);
    for (size_t i = 0; i < between.len; i++)
        if (!strchr(" \t:=", between.data[i]))
            return false;
    *assign = between;
    return true;
}

/* How much further in the items are than the line of the brackets around them, if they are. */
static bool take_unit(const struct tree *tree, const struct node *container, struct bytes *unit)
{
    const struct tree_item *first = container->first_item;
    if (!first || !starts_line(tree, first->at.start))
        return false;
    struct bytes outer = line_indent(tree, container->value.end - 1);
    struct bytes inner = line_indent(tree, first->at.start);
    if (inner.len <= outer.len || !bytes_starts_with(inner, outer))
        return false;
    *unit = bytes_make(inner.data + outer.len, inner.len - outer.len);
    return true;
}

struct style style_of_tree(const struct tree *tree)
{
    bool json = tree->syntax == WRANGLER_JSON;
    struct style style = {.syntax = tree->syntax,
                          .eol = line_ending(tree),
                          .unit = bytes_of("  "),
                          .assign = bytes_of(json ? ": " : " = "),
                          .quote = '"'};
    for (size_t i = 0; i < tree->n_nodes && !take_unit(tree, tree->by_id[i], &style.unit);)
        i++;
    const struct tree_item *first = tree->root->first_item;
    if (first)
        plain_assign(tree, first->node, &style.assign);
    style.tight = bytes_equal(style.assign, bytes_of(":"));
    return style;
}

/* Where "=" stands, when it is aligned: in one column with that of another member, or behind more
 * than one space. */
static size_t aligned_column(const struct tree *tree, const struct node *entry)
{
    const struct node *binding = tree_member(tree, entry, "binding");
    const struct node *id = tree_member(tree, entry, "id");
    size_t spaces = 0;
    while (char_at(tree, binding->key_at.end + spaces) == ' ')
        spaces++;
    size_t column = binding->key_at.end - binding->key_at.start + spaces;
    if (spaces > 1)
        return column;
    if (spaces == 0 || !id)
        return 0;
    size_t id_spaces = 0;
    while (char_at(tree, id->key_at.end + id_spaces) == ' ')
        id_spaces++;
    size_t id_column = id->key_at.end - id->key_at.start + id_spaces;
    return id_column == column ? column : 0;
}

struct style style_of_entry(const struct tree *tree, const struct node *entry)
{
    struct style style = style_of_tree(tree);
    const struct node *binding = tree_member(tree, entry, "binding");
    plain_assign(tree, binding, &style.assign);
    const struct tree_item *first = entry->first_item;
    style.lines = !first || starts_line(tree, first->at.start);
    style.trailing = entry->last_item && entry->last_item->comma != NO_OFFSET;
    take_unit(tree, entry, &style.unit);
    if (tree->syntax == WRANGLER_JSON) {
        style.tight = bytes_equal(style.assign, bytes_of(":"));
        return style;
    }
    if (style.lines)
        style.column = aligned_column(tree, entry);
    if (char_at(tree, binding->value.start) == '\'')
        style.quote = '\'';
    return style;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static bool is_bare_key(struct bytes key)
{
    size_t n = 0;
    while (n < key.len && scan_is_bare((unsigned char)key.data[n]))
        n++;
    return n > 0 && n == key.len;
}

static bool is_literal(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\'' || (unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7F)
            return false;
    return true;
}

static void add_basic(struct bytes text, struct buf *out)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == 0x7F)
            buf_addf(out, "\\u%04X", c);
        else if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else
            buf_add_char(out, (char)c);
    }
    buf_add_char(out, '"');
}

void style_add_string(const struct style *style, struct bytes text, struct buf *out)
{
    if (style->syntax == WRANGLER_JSON) {
        buf_add_char(out, '"');
        json_escape(out, text);
        buf_add_char(out, '"');
    } else if (style->quote == '\'' && is_literal(text)) {
        buf_add_char(out, '\'');
        buf_add_bytes(out, text);
        buf_add_char(out, '\'');
    } else {
        add_basic(text, out);
    }
}

void style_add_key(const struct style *style, struct bytes key, struct buf *out)
{
    if (style->syntax == WRANGLER_TOML && is_bare_key(key))
        buf_add_bytes(out, key);
    else if (style->syntax == WRANGLER_TOML)
        add_basic(key, out);
    else
        style_add_string(style, key, out);
}

/* "=" in its column, or a space behind the key when that is too long. */
static void add_assign(const struct style *style, size_t key_len, struct buf *out)
{
    if (style->column == 0) {
        buf_add_bytes(out, style->assign);
        return;
    }
    size_t spaces = key_len < style->column ? style->column - key_len : 1;
    while (spaces-- > 0)
        buf_add_char(out, ' ');
    size_t skip = 0;
    while (skip < style->assign.len && style->assign.data[skip] != '=')
        skip++;
    buf_add(out, style->assign.data + skip, style->assign.len - skip);
}

void style_add_pair(const struct style *style, const char *key, struct bytes text, struct buf *out)
{
    style_add_key(style, bytes_of(key), out);
    add_assign(style, strlen(key), out);
    style_add_string(style, text, out);
}

static void add_break(const struct style *style, struct bytes indent, bool deeper, struct buf *out)
{
    buf_add_str(out, style->eol);
    buf_add_bytes(out, indent);
    if (deeper)
        buf_add_bytes(out, style->unit);
}

void style_add_object(const struct style *style, const struct wrangler_edit *edit,
                      struct bytes indent, struct buf *out)
{
    const struct {
        const char *key;
        struct bytes text;
    } members[] = {{"binding", edit->binding}, {"id", edit->id}, {"preview_id", edit->preview_id}};
    bool first = true;
    buf_add_char(out, '{');
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (members[i].text.len == 0)
            continue;
        if (!first)
            buf_add_char(out, ',');
        if (style->lines)
            add_break(style, indent, true, out);
        else if (!style->tight)
            buf_add_char(out, ' ');
        style_add_pair(style, members[i].key, members[i].text, out);
        first = false;
    }
    if (style->trailing)
        buf_add_char(out, ',');
    if (style->lines)
        add_break(style, indent, false, out);
    else if (!style->tight)
        buf_add_char(out, ' ');
    buf_add_char(out, '}');
}
