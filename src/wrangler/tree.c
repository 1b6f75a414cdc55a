#include "tree.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "scan.h"

#define BOM "\xef\xbb\xbf"

/* ---- Places ---------------------------------------------------------------------------------- */

static void find_lines(struct tree *tree)
{
    size_t n = 1;
    for (size_t i = 0; i < tree->text.len; i++)
        n += tree->text.data[i] == '\n';
    tree->lines = arena_alloc(&tree->arena, n, sizeof *tree->lines);
    tree->lines[tree->n_lines++] = tree->start;
    for (size_t i = 0; i < tree->text.len; i++)
        if (tree->text.data[i] == '\n')
            tree->lines[tree->n_lines++] = i + 1;
}

size_t tree_line(const struct tree *tree, size_t at)
{
    size_t low = 0, high = tree->n_lines;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (tree->lines[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low + 1;
}

bool tree_fail(const struct tree *tree, size_t at, struct error *err, const char *fmt, ...)
{
    char what[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    size_t line = tree_line(tree, at), start = tree->lines[line - 1];
    size_t before = at < start ? 0 : utf8_count(bytes_make(tree->text.data + start, at - start));
    return error_set(err, ERR_FORMAT, "line %zu, column %zu: %s", line, before + 1, what);
}

/* ---- Building -------------------------------------------------------------------------------- */

/* The key of the index, in the arena: the id of the parent, then the name. */
static struct bytes index_key(struct arena *arena, const struct node *parent, struct bytes key)
{
    char *data = arena_alloc(arena, sizeof parent->id + key.len, 1);
    memcpy(data, &parent->id, sizeof parent->id);
    if (key.len > 0)
        memcpy(data + sizeof parent->id, key.data, key.len);
    return bytes_make(data, sizeof parent->id + key.len);
}

static bool index_node(struct tree *tree, const struct node *node, size_t at, struct error *err)
{
    char quoted[128];
    struct bytes key = index_key(&tree->arena, node->parent, node->key);
    size_t existing;
    map_add(&tree->index, key, node->id, &existing);
    return existing == MAP_NONE || tree_fail(tree, at, err, "%s is there twice, first at line %zu",
                                             text_quoted(node->key, quoted, sizeof quoted),
                                             tree_line(tree, tree->by_id[existing]->key_at.start));
}

struct node *tree_add(struct tree *tree, struct node *parent, enum node_kind kind, struct bytes key,
                      size_t at, struct error *err)
{
    unsigned depth = parent ? parent->depth + 1 : 0;
    if (depth > TREE_DEPTH_MAX) {
        tree_fail(tree, at, err, "more than %d levels", TREE_DEPTH_MAX);
        return NULL;
    }
    struct node *node = arena_alloc(&tree->arena, 1, sizeof *node);
    arena_grow(&tree->arena, (void **)&tree->by_id, &tree->cap_nodes, tree->n_nodes + 1,
               sizeof(struct node *));
    *node = (struct node){.kind = kind, .key = key, .parent = parent, .depth = depth};
    node->id = tree->n_nodes;
    node->key_at = node->value = (struct span){at, at};
    if (parent && parent->kind == NODE_TABLE && !index_node(tree, node, at, err))
        return NULL;
    tree->by_id[tree->n_nodes++] = node;
    if (parent) {
        *(parent->last ? &parent->last->next : &parent->first) = node;
        parent->last = node;
        parent->n++;
    }
    return node;
}

struct tree_item *tree_add_item(struct tree *tree, struct node *container, size_t start)
{
    struct tree_item *item = arena_alloc(&tree->arena, 1, sizeof *item);
    item->container = container;
    item->at = (struct span){start, start};
    item->comma = NO_OFFSET;
    item->prev = container->last_item;
    if (item->prev)
        item->prev->next = item;
    else
        container->first_item = item;
    container->last_item = item;
    return item;
}

bool tree_parse(struct tree *tree, struct bytes text, enum wrangler_syntax syntax,
                struct error *err)
{
    *tree = (struct tree){.syntax = syntax, .text = text.data ? text : bytes_of("")};
    if (text.len > WRANGLER_CONFIG_MAX)
        return error_set(err, ERR_LIMIT, "the file has more than %d bytes", WRANGLER_CONFIG_MAX);
    if (bytes_starts_with(text, bytes_of(BOM)))
        tree->start = strlen(BOM);
    find_lines(tree);
    size_t invalid = utf8_first_invalid(text);
    if (invalid < text.len)
        return tree_fail(tree, invalid, err, "the text is not valid UTF-8");
    struct scan s = {.tree = tree,
                     .text = tree->text.data,
                     .len = tree->text.len,
                     .at = tree->start,
                     .err = err};
    bool ok = syntax == WRANGLER_TOML ? toml_document(&s) : jsonc_document(&s);
    buf_release(&s.scratch);
    return ok;
}

void tree_release(struct tree *tree)
{
    map_release(&tree->index);
    arena_release(&tree->arena);
}

/* ---- Looking --------------------------------------------------------------------------------- */

struct node *tree_child(const struct tree *tree, const struct node *table, struct bytes key)
{
    if (!table || table->kind != NODE_TABLE)
        return NULL;
    char small[256];
    size_t len = sizeof table->id + key.len;
    char *data = len <= sizeof small ? small : NULL;
    if (!data) { /* long names are rare: their parents are searched */
        struct node *child = table->first;
        while (child && !bytes_equal(child->key, key))
            child = child->next;
        return child;
    }
    memcpy(data, &table->id, sizeof table->id);
    if (key.len > 0)
        memcpy(data + sizeof table->id, key.data, key.len);
    size_t id = map_get(&tree->index, bytes_make(data, len));
    return id == MAP_NONE ? NULL : tree->by_id[id];
}

struct node *tree_member(const struct tree *tree, const struct node *table, const char *key)
{
    return tree_child(tree, table, bytes_of(key));
}

/* As deep as the trees, so at most TREE_DEPTH_MAX. */
bool tree_same(const struct tree *a_tree, const struct node *a, const struct tree *b_tree,
               const struct node *b)
{
    static const char *const nothing[] = {NULL};
    if (a->kind != b->kind)
        return false;
    if (a->kind == NODE_TABLE)
        return tree_same_but(a_tree, a, b_tree, b, nothing);
    if (a->kind != NODE_ARRAY)
        return bytes_equal(a->text, b->text);
    const struct node *x = a->first, *y = b->first;
    for (; x && y; x = x->next, y = y->next)
        if (!tree_same(a_tree, x, b_tree, y))
            return false;
    return !x && !y;
}

static bool is_named(struct bytes key, const char *const *names)
{
    for (; *names; names++)
        if (bytes_equal(key, bytes_of(*names)))
            return true;
    return false;
}

static size_t count_but(const struct node *table, const char *const *but)
{
    size_t n = 0;
    for (const struct node *child = table ? table->first : NULL; child; child = child->next)
        n += !is_named(child->key, but);
    return n;
}

bool tree_same_but(const struct tree *a_tree, const struct node *a, const struct tree *b_tree,
                   const struct node *b, const char *const *but)
{
    if (count_but(a, but) != count_but(b, but))
        return false;
    for (const struct node *x = a ? a->first : NULL; x; x = x->next) {
        if (is_named(x->key, but))
            continue;
        const struct node *y = tree_child(b_tree, b, x->key);
        if (!y || !tree_same(a_tree, x, b_tree, y))
            return false;
    }
    return true;
}
