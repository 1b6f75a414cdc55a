#include "opening.h"

static bool is_space(const struct tree *tree, size_t start, size_t end)
{
    for (; start < end; start++)
        if (!strchr(" \t\r\n", tree->text.data[start]))
            return false;
    return true;
}

/* Behind what comes before an item, or before the closing bracket (NULL). */
static size_t gap_start(const struct node *container, const struct tree_item *item)
{
    const struct tree_item *prev = item ? item->prev : container->last_item;
    if (!prev)
        return container->value.start + 1;
    return prev->comma == NO_OFFSET ? prev->at.end : prev->comma + 1;
}

/* On one line, and without comments, which might not be where they belong afterwards. */
static bool is_plain_line(const struct tree *tree, const struct node *container)
{
    size_t close = container->value.end - 1;
    for (const struct tree_item *item = container->first_item; item; item = item->next)
        if (!is_space(tree, gap_start(container, item), item->at.start) ||
            (item->comma != NO_OFFSET && !is_space(tree, item->at.end, item->comma)))
            return false;
    return is_space(tree, gap_start(container, NULL), close) &&
           !has_newline(tree, container->value.start, container->value.end);
}

/* The one of the brackets around it, and itself, that has the line for itself; NULL: none has. */
static const struct node *outermost(const struct tree *tree, const struct node *container)
{
    if (tree->syntax == WRANGLER_TOML)
        return container->kind == NODE_ARRAY && !container->item ? container : NULL;
    while (container->item && !starts_line(tree, container->item->at.start)) {
        container = container->item->container;
        if (!is_plain_line(tree, container))
            return NULL;
    }
    return container->item ? container : NULL;
}

/* A new line instead of white space. */
static void break_gap(struct patch *patch, size_t start, size_t end, struct bytes indent)
{
    struct buf line = {0};
    buf_add_str(&line, line_ending(patch->tree));
    buf_add_bytes(&line, indent);
    patch_remove(patch, start, end);
    patch_insert(patch, end, &line);
    buf_release(&line);
}

/* Its items and its closing bracket get lines; a comma behind the last one is made where `trails`.
 */
static void break_items(struct patch *patch, const struct node *container, struct bytes indent,
                        struct bytes deeper, bool trails)
{
    const struct tree_item *last = container->last_item;
    for (const struct tree_item *item = container->first_item; item; item = item->next)
        break_gap(patch, gap_start(container, item), item->at.start, deeper);
    if (trails && last->comma == NO_OFFSET)
        patch_add(patch, last->at.end, 0, bytes_of(","));
    break_gap(patch, gap_start(container, NULL), container->value.end - 1, indent);
}

bool opening_place(struct patch *patch, const struct node *container, struct bytes unit,
                   struct item_place *place)
{
    const struct tree *tree = patch->tree;
    const struct node *top = outermost(tree, container);
    if (!top || container->first_item || !is_plain_line(tree, container))
        return false;
    size_t open = container->value.start + 1, close = container->value.end - 1;
    struct bytes outer = line_indent(tree, top->value.start);
    bool trails = flow_trails(tree, top);
    for (const struct node *c = container; c != top;) {
        c = c->item->container;
        size_t level = c->depth - top->depth;
        break_items(patch, c, deeper_indent(patch, outer, unit, level),
                    deeper_indent(patch, outer, unit, level + 1), trails);
    }
    patch_remove(patch, open, close);
    *place = (struct item_place){
        .at = close,
        .comma_at = NO_OFFSET,
        .lines = true,
        .closes = true,
        .comma = trails || tree->syntax == WRANGLER_TOML,
        .gap = "",
        .indent = deeper_indent(patch, outer, unit, container->depth - top->depth),
        .deeper = true,
    };
    return true;
}
