#include "block.h"

#include "style.h"

/* ---- Sections -------------------------------------------------------------------------------- */

static bool is_comment_line(const struct tree *tree, size_t at)
{
    size_t start = skip_blanks(tree, at);
    return start < tree->text.len && tree->text.data[start] == '#';
}

static size_t skip_comment_lines(const struct tree *tree, size_t at)
{
    while (at < tree->text.len && is_comment_line(tree, at))
        at = line_end(tree, at);
    return at;
}

/* Comments right below the content are the section's, unless a header follows: then they are about
 * that. Comments at the top of a file without a key before the first header are its own. */
static size_t section_end(const struct tree *tree, const struct section *section)
{
    size_t end = section->content_end;
    bool heads_file = end == tree->start;
    for (;;) {
        size_t next = skip_comment_lines(tree, end);
        if (next < tree->text.len && !is_blank_line(tree, next))
            return end;
        end = next > end ? next : end;
        if (!heads_file)
            return end;
        while (is_blank_line(tree, next))
            next = line_end(tree, next);
        if (next == tree->text.len || !is_comment_line(tree, next))
            return end;
        next = skip_comment_lines(tree, next);
        if (next < tree->text.len && !is_blank_line(tree, next))
            return end;
        end = next;
    }
}

static bool has_prefix(const struct section *section, const struct bytes *names, size_t n)
{
    if (section->n_parts < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!bytes_equal(section->names[i], names[i]))
            return false;
    return true;
}

/* The last section below that header; NO_OFFSET when there is none. */
static size_t last_below(const struct tree *tree, const struct bytes *names, size_t n)
{
    for (size_t i = tree->n_sections; n > 0 && i-- > 1;)
        if (has_prefix(&tree->sections[i], names, n))
            return i;
    return NO_OFFSET;
}

/* Where the tables of the environments begin, and for the top level those of [previews] too. */
static size_t first_of_others(const struct tree *tree, struct bytes env)
{
    const struct bytes envs = bytes_of("env"), previews = bytes_of(PREVIEWS);
    for (size_t i = 1; i < tree->n_sections; i++)
        if (has_prefix(&tree->sections[i], &envs, 1) ||
            (!env.data && has_prefix(&tree->sections[i], &previews, 1)))
            return i;
    return tree->n_sections;
}

/* Behind which section a new block goes. */
static size_t section_before(const struct tree *tree, struct bytes env)
{
    struct entries_path path = entries_path(env);
    size_t found = last_below(tree, path.names, path.n + 1);
    if (found == NO_OFFSET)
        found = last_below(tree, path.names, path.n);
    if (found != NO_OFFSET)
        return found;
    bool is_environment = env.data && !wrangler_is_previews(env);
    return (is_environment ? tree->n_sections : first_of_others(tree, env)) - 1;
}

/* ---- Putting in ------------------------------------------------------------------------------ */

static void add_slice(const struct tree *tree, struct span span, struct buf *out)
{
    buf_add(out, tree->text.data + span.start, span.end - span.start);
}

/* The section is spelled as in a header that is there. */
static void add_header(const struct tree *tree, const struct style *style, struct bytes env,
                       struct buf *out)
{
    struct entries_path path = entries_path(env);
    size_t found = last_below(tree, path.names, path.n);
    buf_add_str(out, "[[");
    if (found != NO_OFFSET) {
        const struct span *parts = tree->sections[found].parts;
        add_slice(tree, (struct span){parts[0].start, parts[path.n - 1].end}, out);
        buf_add_char(out, '.');
    }
    for (size_t i = 0; found == NO_OFFSET && i < path.n; i++) {
        style_add_key(style, path.names[i], out);
        buf_add_char(out, '.');
    }
    buf_add_str(out, KV_NAMESPACES "]]");
}

static void add_pair_line(const struct style *style, struct bytes indent, const char *key,
                          struct bytes text, struct buf *out)
{
    if (text.len == 0)
        return;
    buf_add_str(out, style->eol);
    buf_add_bytes(out, indent);
    style_add_pair(style, key, text, out);
}

struct indents {
    struct bytes header, members;
};

/* As in the block that is copied, unless that is of another section and further in or out than what
 * is there of this one. */
static struct indents indents_of(const struct tree *tree, const struct node *model,
                                 const struct node *list, struct bytes env)
{
    struct entries_path path = entries_path(env);
    size_t found = last_below(tree, path.names, path.n);
    struct indents own = {.header = {"", 0}};
    if (found != NO_OFFSET)
        own.header = line_indent(tree, tree->sections[found].header.start);
    own.members = own.header;
    if (!model)
        return own;
    struct bytes header = line_indent(tree, model->value.start);
    if (model->parent != list && !bytes_equal(header, own.header))
        return own;
    const struct node *binding = tree_member(tree, model, "binding");
    return (struct indents){header, line_indent(tree, binding->key_at.start)};
}

/* The block, without an ending of its last line. */
static void add_block(const struct tree *tree, const struct entries *entries,
                      const struct wrangler_edit *edit, struct buf *out)
{
    const struct node *model = entries_model(entries, edit->env, HOW_HEADER);
    const struct node *list = tree_member(tree, entries_table(tree, edit->env), KV_NAMESPACES);
    struct style style = model ? style_of_entry(tree, model) : style_of_tree(tree);
    struct indents indents = indents_of(tree, model, list, edit->env);
    buf_add_bytes(out, indents.header);
    if (list && list->last)
        add_slice(tree, list->last->value, out);
    else
        add_header(tree, &style, edit->env, out);
    add_pair_line(&style, indents.members, "binding", edit->binding, out);
    add_pair_line(&style, indents.members, "id", edit->id, out);
    add_pair_line(&style, indents.members, "preview_id", edit->preview_id, out);
}

void block_append(struct patch *patch, const struct entries *entries,
                  const struct wrangler_edit *edit)
{
    const struct tree *tree = patch->tree;
    size_t at = section_end(tree, &tree->sections[section_before(tree, edit->env)]);
    const char *eol = line_ending(tree);
    bool first = at == tree->start, last = at == tree->text.len;
    bool cut_short = !first && tree->text.data[at - 1] != '\n'; /* no final newline */
    struct buf text = {0};
    if (cut_short)
        buf_add_str(&text, eol);
    if (!first && (last || is_blank_line(tree, at)))
        buf_add_str(&text, eol);
    add_block(tree, entries, edit, &text);
    if (!cut_short)
        buf_add_str(&text, eol);
    if (first && !last)
        buf_add_str(&text, eol);
    patch_insert(patch, at, &text);
    buf_release(&text);
}

/* ---- Taking out ------------------------------------------------------------------------------ */

/* Where the comment lines directly above a line start. */
static size_t comments_above(const struct tree *tree, size_t line)
{
    while (line > tree->start) {
        size_t above = line_start(tree, line - 1);
        if (!is_comment_line(tree, above))
            break;
        line = above;
    }
    return line;
}

/* Comments head the whole list when they are above its first block, name no binding of it, and the
 * next block follows without a comment of its own. */
static bool heads_list(const struct tree *tree, const struct entry *entry, size_t comments)
{
    const struct node *node = entry->node, *next = node->next;
    size_t line = tree->sections[node->section].line;
    if (!next || node->parent->first != node || next->section != node->section + 1)
        return false;
    size_t next_line = tree->sections[next->section].line;
    return comments_above(tree, next_line) == next_line &&
           !mentions(tree, comments, line, entry->binding);
}

static size_t skip_blank_line(const struct tree *tree, size_t at)
{
    return is_blank_line(tree, at) ? line_end(tree, at) : at;
}

/* The end of the line before `at`, when the block was the last and had no final newline. */
static size_t before_newline(const struct tree *tree, size_t at)
{
    if (at > tree->start && tree->text.data[at - 1] == '\n')
        at--;
    if (at > tree->start && tree->text.data[at - 1] == '\r')
        at--;
    return at;
}

void block_remove(struct patch *patch, const struct entry *entry)
{
    const struct tree *tree = patch->tree;
    const struct section *section = &tree->sections[entry->node->section];
    size_t start = comments_above(tree, section->line), end = section->content_end;
    if (start < section->line && (start == tree->start || heads_list(tree, entry, start))) {
        patch_remove(patch, section->line, skip_blank_line(tree, end));
        return;
    }
    bool followed = section_end(tree, section) > end; /* by comments that stay */
    size_t above = start > tree->start ? line_start(tree, start - 1) : start;
    if (start == tree->start)
        end = skip_blank_line(tree, end);
    else if (!followed && is_blank_line(tree, above))
        start = above;
    if (end == tree->text.len && tree->text.data[end - 1] != '\n')
        start = before_newline(tree, start);
    patch_remove(patch, start, end);
}

/* ---- Members --------------------------------------------------------------------------------- */

void block_add_member(struct patch *patch, const struct node *entry, const struct node *after,
                      const char *key, struct bytes text)
{
    const struct tree *tree = patch->tree;
    struct style style = style_of_entry(tree, entry);
    struct bytes indent = line_indent(tree, after->key_at.start);
    size_t at = line_end(tree, after->value.end);
    bool cut_short = tree->text.data[at - 1] != '\n';
    struct buf line = {0};
    if (cut_short) {
        add_pair_line(&style, indent, key, text, &line);
    } else {
        buf_add_bytes(&line, indent);
        style_add_pair(&style, key, text, &line);
        buf_add_str(&line, style.eol);
    }
    patch_insert(patch, at, &line);
    buf_release(&line);
}

void block_remove_member(struct patch *patch, const struct node *member)
{
    const struct tree *tree = patch->tree;
    size_t start = line_start(tree, member->key_at.start), end = line_end(tree, member->value.end);
    if (tree->text.data[end - 1] != '\n')
        start = before_newline(tree, start);
    patch_remove(patch, start, end);
}
