#include "flow.h"

#include "entries.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ---- Comments around an item ----------------------------------------------------------------- */

/* Behind the comments that follow on the same line; `at` itself when something else follows. */
static size_t behind_comments(const struct tree *tree, size_t at)
{
    size_t end = at, next;
    for (;;) {
        size_t comment = skip_blanks(tree, end);
        next = comment_end(tree, comment);
        if (next == comment || has_newline(tree, comment, next))
            break;
        end = next;
    }
    next = skip_blanks(tree, end);
    if (next < tree->text.len && !strchr("\r\n}]", tree->text.data[next]))
        return at;
    return end;
}

struct gap {
    size_t floor;   /* what is before it is not the item's */
    size_t own;     /* where its own comments start, or NO_OFFSET */
    bool ends_line; /* a comment to the end of its line is right before `floor` */
};

static size_t newlines(const struct tree *tree, size_t start, size_t end)
{
    size_t n = 0;
    for (size_t i = start; i < end; i++)
        n += tree->text.data[i] == '\n';
    return n;
}

static bool ends_line(const struct tree *tree, size_t comment, size_t end)
{
    return end - comment < 2 || tree->text.data[comment + 1] != '*' ||
           tree->syntax == WRANGLER_TOML;
}

/* The comments directly above an item, up to a blank line or a comment behind something else. */
static struct gap gap_before(const struct tree *tree, const struct tree_item *item)
{
    size_t at = item->prev ? item->prev->comma + 1 : item->container->value.start + 1;
    size_t end = at;        /* of the last comment */
    bool line_ends = false; /* with it */
    struct gap gap = {.floor = at, .own = NO_OFFSET};
    while (at < item->at.start) {
        size_t next = comment_end(tree, at);
        if (next == at) {
            at++;
            continue;
        }
        if (!starts_line(tree, at)) {
            gap = (struct gap){next, NO_OFFSET, ends_line(tree, at, next)};
        } else if (gap.own == NO_OFFSET || newlines(tree, end, at) > 1) {
            gap = (struct gap){end, at, line_ends};
        }
        line_ends = ends_line(tree, at, next);
        at = end = next;
    }
    if (gap.own != NO_OFFSET && newlines(tree, end, item->at.start) > 1)
        gap = (struct gap){end, NO_OFFSET, line_ends};
    return gap;
}

/* Comments above the first item head the whole list, when they name no binding and the next item
 * has none of its own. */
static bool heads_list(const struct tree *tree, const struct tree_item *item, size_t comments,
                       struct bytes name)
{
    return !item->prev && item->next && gap_before(tree, item->next).own == NO_OFFSET &&
           !mentions(tree, comments, item->at.start, name);
}

/* ---- Taking out ------------------------------------------------------------------------------ */

/* The next item takes the place of one that has a next: what is above it stays above. */
static struct span cut_before_next(const struct tree *tree, const struct tree_item *item,
                                   struct bytes name)
{
    size_t start = item->at.start, end = item->comma + 1;
    if (!has_newline(tree, end, item->next->at.start))
        return (struct span){start, skip_blanks(tree, end)};
    struct gap gap = gap_before(tree, item);
    if (gap.own != NO_OFFSET && !heads_list(tree, item, gap.own, name))
        start = gap.own;
    end = behind_comments(tree, end);
    while (is_space(tree->text.data[end]))
        end++;
    return (struct span){start, end};
}

/* A comment before the cut that goes to the end of its line keeps that end, when there is none
 * behind the cut. */
static struct span cut_of(const struct tree *tree, const struct tree_item *item, struct bytes name)
{
    if (item->next)
        return cut_before_next(tree, item, name);
    size_t end = item->comma == NO_OFFSET ? item->at.end : item->comma + 1;
    if (starts_line(tree, item->at.start))
        end = behind_comments(tree, end);
    struct gap gap = gap_before(tree, item);
    if (!gap.ends_line || is_blank_line(tree, end))
        return (struct span){gap.floor, end};
    return (struct span){gap.own == NO_OFFSET ? item->at.start : gap.own, end};
}

/* true for a list of bindings, and for what holds nothing else. As deep as the tree. */
static bool holds_bindings_only(const struct node *node)
{
    if (node->kind != NODE_TABLE)
        return node->first && bytes_equal(node->key, bytes_of(KV_NAMESPACES));
    for (const struct node *child = node->first; child; child = child->next)
        if (!holds_bindings_only(child))
            return false;
    return node->first != NULL;
}

/* true when a new container of one item would have been written like this one, and there: at the
 * end, before none but those that were made later. */
static bool is_ours(const struct tree *tree, const struct node *container)
{
    const struct tree_item *item = container->item;
    if (!item ||
        (!starts_line(tree, container->first_item->at.start) && starts_line(tree, item->at.start)))
        return false;
    while ((item = item->next))
        if (!holds_bindings_only(item->node))
            return false;
    return true;
}

static bool would_empty(const struct tree *tree, const struct tree_item *item, struct span cut)
{
    const struct node *container = item->container;
    if (item->prev || item->next)
        return false;
    for (size_t i = container->value.start + 1; i < container->value.end - 1; i++)
        if ((i < cut.start || i >= cut.end) && !is_space(tree->text.data[i]))
            return false;
    return true;
}

/* true for the only item of brackets that may have been empty and on one line before it. */
static bool was_opened(const struct tree *tree, const struct tree_item *item)
{
    const struct node *container = item->container;
    bool opens = tree->syntax == WRANGLER_JSON
                     ? container->item != NULL
                     : container->kind == NODE_ARRAY && item->comma != NO_OFFSET;
    return opens && starts_line(tree, item->at.start);
}

void flow_remove(struct patch *patch, const struct tree_item *item, struct bytes name)
{
    const struct tree *tree = patch->tree;
    struct span cut = cut_of(tree, item, name);
    while (would_empty(tree, item, cut) && is_ours(tree, item->container)) {
        item = item->container->item;
        cut = cut_of(tree, item, name);
    }
    if (item->prev && !item->next && item->comma == NO_OFFSET)
        patch_remove(patch, item->prev->comma, item->prev->comma + 1);
    if (would_empty(tree, item, cut) && was_opened(tree, item))
        cut = (struct span){item->container->value.start + 1, item->container->value.end - 1};
    patch_remove(patch, cut.start, cut.end);
}

/* ---- Putting in ------------------------------------------------------------------------------ */

/* Between two items on one line: a space, unless the text does without. */
static const char *gap_of(const struct tree *tree, const struct node *container)
{
    const struct tree_item *first = container->first_item;
    const char *text = tree->text.data;
    if (first->next)
        return is_space(text[first->comma + 1]) ? " " : "";
    const struct node *node = first->node;
    bool tight = container->kind == NODE_TABLE && tree->syntax == WRANGLER_JSON &&
                 node->value.start == node->key_at.end + 1;
    return tight ? "" : " ";
}

static struct item_place place_behind(const struct tree *tree, const struct tree_item *after)
{
    struct item_place place = {.comma_at = NO_OFFSET, .gap = gap_of(tree, after->container)};
    size_t end = after->comma == NO_OFFSET ? after->at.end : after->comma + 1;
    place.lines = starts_line(tree, after->at.start);
    place.indent = line_indent(tree, after->at.start);
    place.comma = after->comma != NO_OFFSET;
    place.at = place.lines ? behind_comments(tree, end) : end;
    if (!place.comma)
        place.comma_at = end;
    return place;
}

bool flow_trails(const struct tree *tree, const struct node *container)
{
    const struct tree_item *item = container->item;
    return tree->syntax == WRANGLER_JSON && item && item->container->last_item->comma != NO_OFFSET;
}

/* In an empty container, behind its last comment. */
static struct item_place place_inside(const struct tree *tree, const struct node *container)
{
    size_t open = container->value.start + 1, close = container->value.end - 1;
    struct item_place place = {.at = open, .comma_at = NO_OFFSET, .gap = "", .deeper = true};
    for (size_t at = open; at < close;) {
        size_t next = comment_end(tree, at);
        place.blank = next > at ? starts_line(tree, at) : place.blank;
        place.at = next > at ? next : place.at;
        at = next > at ? next : at + 1;
    }
    place.lines = has_newline(tree, open, close);
    place.comma = place.lines && flow_trails(tree, container);
    if (place.at < close && is_space(tree->text.data[place.at]))
        place.gap = " ";
    place.indent = line_indent(tree, close);
    return place;
}

struct item_place flow_place(const struct tree *tree, const struct node *container,
                             const struct tree_item *after)
{
    if (!container->last_item)
        return place_inside(tree, container);
    return place_behind(tree, after ? after : container->last_item);
}

void flow_insert(struct patch *patch, const struct item_place *place, struct bytes item)
{
    struct buf text = {0};
    if (place->comma_at == place->at)
        buf_add_char(&text, ',');
    else if (place->comma_at != NO_OFFSET)
        patch_add(patch, place->comma_at, 0, bytes_of(","));
    if (place->lines) {
        buf_add_str(&text, line_ending(patch->tree));
        if (place->blank)
            buf_add_str(&text, line_ending(patch->tree));
    } else {
        buf_add_str(&text, place->gap);
    }
    buf_add_bytes(&text, item);
    if (place->comma)
        buf_add_char(&text, ',');
    if (place->closes) {
        buf_add_str(&text, line_ending(patch->tree));
        buf_add_bytes(&text, place->indent);
    }
    patch_insert(patch, place->at, &text);
    buf_release(&text);
}
