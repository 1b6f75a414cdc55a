/*
 * TOML 1.0, with what wrangler's parser takes of 1.1: lines, comments and a trailing comma in
 * inline tables, "\e" and "\xHH", times without seconds.
 */
#include "toml.h"

#include "base/text.h"

/* The parts of a dotted key. */
struct key_part {
    struct bytes name;
    struct span at;
};

struct key {
    struct key_part parts[TREE_DEPTH_MAX];
    size_t n;
};

static bool defined_already(struct scan *s, const struct key_part *part)
{
    char quoted[128];
    return tree_fail(s->tree, part->at.start, s->err, "%s is defined already, otherwise",
                     text_quoted(part->name, quoted, sizeof quoted));
}

void toml_note_newer(struct scan *s, size_t at, const char *what, const char *instead)
{
    if (s->tree->newer.line == 0)
        s->tree->newer = (struct wrangler_newer){tree_line(s->tree, at), what, instead};
}

/* ---- Between the tokens ---------------------------------------------------------------------- */

void toml_skip_blanks(struct scan *s)
{
    while (s->at < s->len && scan_is_blank(s->text[s->at]))
        s->at++;
}

bool toml_at_newline(const struct scan *s)
{
    int c = scan_peek(s, 0);
    return c == '\n' || (c == '\r' && scan_peek(s, 1) == '\n');
}

void toml_skip_newline(struct scan *s)
{
    s->at += s->text[s->at] == '\r' ? 2 : 1;
}

bool toml_skip_comment(struct scan *s)
{
    if (scan_peek(s, 0) != '#')
        return true;
    while (s->at < s->len && !toml_at_newline(s)) {
        if (scan_is_control(scan_peek(s, 0)))
            return scan_error(s, "a control character in a comment");
        s->at++;
    }
    return true;
}

/* Past blanks, comments and line ends: what may stand between the elements of an array. */
static bool skip_space(struct scan *s)
{
    for (;;) {
        toml_skip_blanks(s);
        if (!toml_skip_comment(s))
            return false;
        if (!toml_at_newline(s))
            return true;
        toml_skip_newline(s);
    }
}

/* Between the members of an inline table. */
static bool skip_table_space(struct scan *s)
{
    size_t start = s->at;
    bool ok = skip_space(s);
    if (memchr(s->text + start, '\n', s->at - start))
        toml_note_newer(s, start, "an inline table over several lines", "write it on one line");
    return ok;
}

static bool end_line(struct scan *s)
{
    toml_skip_blanks(s);
    if (!toml_skip_comment(s))
        return false;
    if (s->at == s->len)
        return true;
    if (!toml_at_newline(s))
        return scan_error(s, "the end of the line is expected");
    toml_skip_newline(s);
    return true;
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static bool read_part(struct scan *s, struct key_part *part)
{
    int c = scan_peek(s, 0);
    part->at.start = s->at;
    if (c == '"' || c == '\'') {
        if (!toml_string(s, false, &part->name))
            return false;
    } else {
        while (scan_is_bare(scan_peek(s, 0)))
            s->at++;
        part->name = bytes_make(s->text + part->at.start, s->at - part->at.start);
        if (part->name.len == 0)
            return scan_error(s, "a key is expected");
    }
    part->at.end = s->at;
    return true;
}

static bool read_key(struct scan *s, struct key *key)
{
    key->n = 0;
    do {
        toml_skip_blanks(s);
        if (key->n == TREE_DEPTH_MAX)
            return scan_error(s, "the key has too many parts");
        if (!read_part(s, &key->parts[key->n++]))
            return false;
        toml_skip_blanks(s);
    } while (scan_take(s, '.'));
    return true;
}

static struct node *add(struct scan *s, struct node *parent, enum node_kind kind,
                        const struct key_part *part)
{
    struct node *node = tree_add(s->tree, parent, kind, part->name, part->at.start, s->err);
    if (node)
        node->key_at = part->at;
    return node;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool read_value(struct scan *s, struct node *node);

/* The table that `key`, without its last part, leads to from `table`. A dotted key may go through
 * tables that dotted keys made, and no others. */
static struct node *walk_dotted(struct scan *s, struct node *table, const struct key *key)
{
    for (size_t i = 0; i + 1 < key->n; i++) {
        struct node *next = tree_child(s->tree, table, key->parts[i].name);
        if (next && (next->kind != NODE_TABLE || next->how != HOW_DOTTED)) {
            defined_already(s, &key->parts[i]);
            return NULL;
        }
        if (!next) {
            next = add(s, table, NODE_TABLE, &key->parts[i]);
            if (!next)
                return NULL;
            next->how = HOW_DOTTED;
        }
        table = next;
    }
    return table;
}

/* `key = value` into `table`; between brackets `item` is its place. */
static bool read_pair(struct scan *s, struct node *table, struct tree_item *item)
{
    struct key key;
    if (!read_key(s, &key))
        return false;
    if (!scan_take(s, '='))
        return scan_error(s, "'=' is expected behind the key");
    toml_skip_blanks(s);
    struct node *parent = walk_dotted(s, table, &key);
    struct node *node = parent ? add(s, parent, NODE_OTHER, &key.parts[key.n - 1]) : NULL;
    if (!node)
        return false;
    if (item) {
        node->item = item;
        item->node = node;
    }
    return read_value(s, node);
}

static bool read_element(struct scan *s, struct node *array, struct tree_item *item)
{
    struct node *node = tree_add(s->tree, array, NODE_OTHER, bytes_make(NULL, 0), s->at, s->err);
    if (!node)
        return false;
    node->item = item;
    item->node = node;
    return read_value(s, node);
}

static bool read_item(struct scan *s, struct node *container)
{
    struct tree_item *item = tree_add_item(s->tree, container, s->at);
    bool array = container->kind == NODE_ARRAY;
    bool ok = array ? read_element(s, container, item) : read_pair(s, container, item);
    item->at.end = s->at;
    return ok && (array ? skip_space(s) : skip_table_space(s));
}

static bool read_inline_table(struct scan *s, struct node *node)
{
    node->kind = NODE_TABLE;
    if (!scan_container(s, node, '}', skip_table_space, read_item))
        return false;
    if (node->last_item && node->last_item->comma != NO_OFFSET)
        toml_note_newer(s, node->last_item->comma,
                        "a comma behind the last member of an inline table", "leave it out");
    return true;
}

static bool read_value(struct scan *s, struct node *node)
{
    node->value.start = s->at;
    int c = scan_peek(s, 0);
    bool ok;
    if (c == '{') {
        ok = read_inline_table(s, node);
    } else if (c == '[') {
        node->kind = NODE_ARRAY;
        ok = scan_container(s, node, ']', skip_space, read_item);
    } else if (c == '"' || c == '\'') {
        node->kind = NODE_STRING;
        ok = toml_string(s, true, &node->text);
    } else {
        ok = toml_scalar(s, node);
    }
    node->value.end = s->at;
    return ok;
}

/* ---- Headers --------------------------------------------------------------------------------- */

/* One step on the way of a header: through a table, or the last element of an array of tables. */
static struct node *step_into(struct scan *s, struct node *table, const struct key_part *part)
{
    struct node *next = tree_child(s->tree, table, part->name);
    if (!next) {
        next = add(s, table, NODE_TABLE, part);
        if (next)
            next->how = HOW_IMPLICIT;
        return next;
    }
    if (next->how == HOW_FLOW) {
        defined_already(s, part);
        return NULL;
    }
    return next->kind == NODE_ARRAY ? next->last : next;
}

static struct node *define_table(struct scan *s, struct node *table, const struct key_part *part)
{
    struct node *node = tree_child(s->tree, table, part->name);
    if (node && (node->kind != NODE_TABLE || node->how != HOW_IMPLICIT)) {
        defined_already(s, part);
        return NULL;
    }
    if (!node)
        node = add(s, table, NODE_TABLE, part);
    if (node)
        node->how = HOW_HEADER;
    return node;
}

static struct node *define_element(struct scan *s, struct node *table, const struct key_part *part)
{
    struct node *array = tree_child(s->tree, table, part->name);
    if (array && (array->kind != NODE_ARRAY || array->how != HOW_HEADER)) {
        defined_already(s, part);
        return NULL;
    }
    if (!array) {
        array = add(s, table, NODE_ARRAY, part);
        if (!array)
            return NULL;
        array->how = HOW_HEADER;
    }
    struct node *node =
        tree_add(s->tree, array, NODE_TABLE, bytes_make(NULL, 0), part->at.start, s->err);
    if (node)
        node->how = HOW_HEADER;
    return node;
}

static struct section *add_section(struct scan *s, struct node *node, const struct key *key)
{
    struct tree *tree = s->tree;
    size_t n = key->n;
    arena_grow(&tree->arena, (void **)&tree->sections, &tree->cap_sections, tree->n_sections + 1,
               sizeof(struct section));
    struct section *section = &tree->sections[tree->n_sections];
    *section = (struct section){.node = node, .n_parts = n};
    section->parts = arena_alloc(&tree->arena, n, sizeof *section->parts);
    section->names = arena_alloc(&tree->arena, n, sizeof *section->names);
    for (size_t i = 0; i < n; i++) {
        section->parts[i] = key->parts[i].at;
        section->names[i] = key->parts[i].name;
    }
    node->section = tree->n_sections++;
    return section;
}

static bool read_header(struct scan *s, size_t line)
{
    size_t start = s->at;
    bool array = scan_starts(s, "[[");
    struct key key;
    s->at += array ? 2 : 1;
    if (!read_key(s, &key))
        return false;
    if (!scan_take(s, ']') || (array && !scan_take(s, ']')))
        return scan_error(s, array ? "']]' is expected" : "']' is expected");
    size_t end = s->at;
    struct node *table = s->tree->root;
    for (size_t i = 0; table && i + 1 < key.n; i++)
        table = step_into(s, table, &key.parts[i]);
    if (!table)
        return false;
    const struct key_part *last = &key.parts[key.n - 1];
    struct node *node = array ? define_element(s, table, last) : define_table(s, table, last);
    if (!node)
        return false;
    node->value = (struct span){start, end};
    struct section *section = add_section(s, node, &key);
    section->line = line;
    section->header = node->value;
    return end_line(s) && (section->content_end = s->at, true);
}

static bool read_line(struct scan *s)
{
    size_t line = s->at;
    toml_skip_blanks(s);
    int c = scan_peek(s, 0);
    if (c == '[')
        return read_header(s, line);
    if (c < 0 || c == '#' || toml_at_newline(s))
        return end_line(s);
    struct section *section = &s->tree->sections[s->tree->n_sections - 1];
    return read_pair(s, section->node, NULL) && end_line(s) && (section->content_end = s->at, true);
}

bool toml_document(struct scan *s)
{
    struct tree *tree = s->tree;
    tree->root = tree_add(tree, NULL, NODE_TABLE, bytes_make(NULL, 0), s->at, s->err);
    if (!tree->root)
        return false;
    tree->root->how = HOW_HEADER;
    struct section *top = add_section(s, tree->root, &(struct key){.n = 0});
    top->line = top->content_end = s->at;
    while (s->at < s->len)
        if (!read_line(s))
            return false;
    return true;
}
