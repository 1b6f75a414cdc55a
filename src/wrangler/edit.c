#include "block.h"
#include "flow.h"
#include "opening.h"
#include "style.h"
#include "verify.h"

/* ---- A new binding --------------------------------------------------------------------------- */

/* The indentation of an item's line. */
static struct bytes indent_of(struct patch *patch, const struct item_place *place,
                              const struct style *style)
{
    return deeper_indent(patch, place->indent, style->unit, place->deeper);
}

static void insert_item(struct patch *patch, const struct item_place *place, struct bytes indent,
                        const struct buf *item)
{
    struct buf text = {0};
    if (place->lines)
        buf_add_bytes(&text, indent);
    buf_add_bytes(&text, buf_bytes(item));
    flow_insert(patch, place, buf_bytes(&text));
    buf_release(&text);
}

/* Behind what is in the brackets. */
static struct item_place place_at_end(struct patch *patch, const struct node *brackets)
{
    struct item_place place;
    if (!opening_place(patch, brackets, style_of_tree(patch->tree).unit, &place))
        place = flow_place(patch->tree, brackets, NULL);
    return place;
}

/* How the first binding of a list is written. */
static struct style style_of_first(const struct tree *tree, const struct entries *entries,
                                   const struct item_place *place, struct bytes env)
{
    const struct node *model = entries_model(entries, env, HOW_FLOW);
    struct style style = model ? style_of_entry(tree, model) : style_of_tree(tree);
    style.lines = place->lines && tree->syntax == WRANGLER_JSON && (!model || style.lines);
    if (!model)
        style.trailing = style.lines && place->comma;
    return style;
}

/* Into kv_namespaces = [ … ]. */
static void append_to_array(struct patch *patch, const struct entries *entries,
                            const struct node *list, const struct wrangler_edit *edit)
{
    const struct tree *tree = patch->tree;
    struct item_place place = place_at_end(patch, list);
    struct style style = list->last ? style_of_entry(tree, list->last)
                                    : style_of_first(tree, entries, &place, edit->env);
    struct bytes indent = !place.lines && list->last ? line_indent(tree, list->last->value.end - 1)
                                                     : indent_of(patch, &place, &style);
    struct buf item = {0};
    style_add_object(&style, edit, indent, &item);
    insert_item(patch, &place, indent, &item);
    buf_release(&item);
}

/* The list that is missing, and what is missing above it. */
struct missing {
    struct node *host; /* what is there already */
    struct bytes names[TREE_DEPTH_MAX + 3];
    size_t n;
};

static void put_name_first(struct missing *m, struct bytes name)
{
    memmove(m->names + 1, m->names, m->n * sizeof *m->names);
    m->names[0] = name;
    m->n++;
}

/* What dotted keys made has no brackets of its own: names are put in above it. */
static struct missing find_missing(const struct tree *tree, struct bytes env)
{
    struct entries_path path = entries_path(env);
    struct missing m = {.host = tree->root};
    struct node *next;
    size_t there = 0;
    for (; there < path.n && (next = tree_child(tree, m.host, path.names[there])); there++)
        m.host = next;
    for (size_t i = there; i <= path.n; i++)
        m.names[m.n++] = path.names[i];
    while (m.host->how == HOW_DOTTED) {
        put_name_first(&m, m.host->key);
        m.host = m.host->parent;
    }
    return m;
}

static void add_line(const struct style *style, struct bytes indent, size_t steps, struct buf *out)
{
    if (!style->lines)
        return;
    buf_add_str(out, style->eol);
    buf_add_bytes(out, indent);
    while (steps-- > 0)
        buf_add_bytes(out, style->unit);
}

static void add_pad(const struct style *style, struct buf *out)
{
    if (!style->lines && !style->tight)
        buf_add_char(out, ' ');
}

/* The names, as objects in objects or as one dotted key; returns how many levels that is. */
static size_t open_containers(const struct style *style, const struct missing *m,
                              struct bytes indent, struct buf *out)
{
    size_t levels = 0;
    for (size_t i = 0; i < m->n; i++) {
        style_add_key(style, m->names[i], out);
        if (style->syntax == WRANGLER_TOML && i + 1 < m->n) {
            buf_add_char(out, '.');
            continue;
        }
        buf_add_bytes(out, style->assign);
        buf_add_char(out, i + 1 < m->n ? '{' : '[');
        levels++;
        add_line(style, indent, levels, out);
        if (i + 1 < m->n)
            add_pad(style, out);
    }
    return levels;
}

static void close_containers(const struct style *style, size_t levels, struct bytes indent,
                             struct buf *out)
{
    for (size_t i = levels; i-- > 0;) {
        if (style->trailing)
            buf_add_char(out, ',');
        add_line(style, indent, i, out);
        if (i + 1 < levels)
            add_pad(style, out);
        buf_add_char(out, i + 1 < levels ? '}' : ']');
    }
}

/* The binding inside its new containers. */
static void add_nested(struct patch *patch, const struct style *style, const struct style *entry,
                       const struct missing *m, const struct wrangler_edit *edit,
                       struct bytes indent, struct buf *out)
{
    size_t levels = open_containers(style, m, indent, out);
    style_add_object(entry, edit, deeper_indent(patch, indent, style->unit, levels), out);
    close_containers(style, levels, indent, out);
}

static void append_nested(struct patch *patch, const struct entries *entries,
                          const struct missing *m, const struct wrangler_edit *edit)
{
    const struct tree *tree = patch->tree;
    struct item_place place = place_at_end(patch, m->host);
    struct style style = style_of_tree(tree);
    struct style entry = style_of_first(tree, entries, &place, edit->env);
    style.lines = place.lines;
    style.trailing = place.lines && place.comma && tree->syntax == WRANGLER_JSON;
    struct bytes indent = indent_of(patch, &place, &style);
    struct buf item = {0};
    add_nested(patch, &style, &entry, m, edit, indent, &item);
    insert_item(patch, &place, indent, &item);
    buf_release(&item);
}

static void append_binding(struct patch *patch, const struct entries *entries,
                           const struct wrangler_edit *edit)
{
    const struct tree *tree = patch->tree;
    const struct node *list = tree_member(tree, entries_table(tree, edit->env), KV_NAMESPACES);
    struct missing m = find_missing(tree, edit->env);
    if (list && list->how == HOW_FLOW)
        append_to_array(patch, entries, list, edit);
    else if (!list && m.host->how == HOW_FLOW)
        append_nested(patch, entries, &m, edit);
    else
        block_append(patch, entries, edit);
}

/* ---- A binding that is there ----------------------------------------------------------------- */

static void replace_value(struct patch *patch, const struct node *node, struct bytes text)
{
    const struct tree *tree = patch->tree;
    struct style style = style_of_tree(tree);
    struct buf value = {0};
    style.quote = tree->text.data[node->value.start];
    style_add_string(&style, text, &value);
    patch_remove(patch, node->value.start, node->value.end);
    patch_insert(patch, node->value.end, &value);
    buf_release(&value);
}

static void add_member(struct patch *patch, const struct node *entry, const struct node *after,
                       const char *key, struct bytes text)
{
    const struct tree *tree = patch->tree;
    if (!after->item) {
        block_add_member(patch, entry, after, key, text);
        return;
    }
    struct item_place place = flow_place(tree, after->item->container, after->item);
    struct style style = style_of_entry(tree, entry);
    struct buf item = {0};
    style_add_pair(&style, key, text, &item);
    insert_item(patch, &place, place.indent, &item);
    buf_release(&item);
}

/* Gives the member that value, or takes it out when that is empty; nothing when it is so. */
static void set_member(struct patch *patch, const struct node *entry, const char *key,
                       struct bytes text)
{
    const struct tree *tree = patch->tree;
    const struct node *node = tree_member(tree, entry, key);
    if (!text.data || (node && text.len > 0 && bytes_equal(node->text, text)))
        return;
    if (node && text.len == 0 && node->item) {
        flow_remove(patch, node->item, node->key);
    } else if (node && text.len == 0) {
        block_remove_member(patch, node);
    } else if (node) {
        replace_value(patch, node, text);
    } else if (text.len > 0) {
        const struct node *id = tree_member(tree, entry, "id");
        add_member(patch, entry, id ? id : tree_member(tree, entry, "binding"), key, text);
    }
}

/* ---- Edits ----------------------------------------------------------------------------------- */

/* One change towards what the edit asks for; none when it is reached. */
static void plan_step(struct patch *patch, const struct entries *entries,
                      const struct wrangler_edit *edit)
{
    const struct entry *entry = entries_find(entries, edit->env, edit->binding);
    if (edit->verb == WRANGLER_REMOVE) {
        if (entry && entry->node->how == HOW_FLOW)
            flow_remove(patch, entry->node->item, entry->binding);
        else if (entry)
            block_remove(patch, entry);
    } else if (!entry) {
        append_binding(patch, entries, edit);
    } else {
        set_member(patch, entry->node, "id", edit->id);
        if (patch->n == 0)
            set_member(patch, entry->node, "preview_id", edit->preview_id);
    }
}

static bool take_step(struct buf *text, enum wrangler_syntax syntax,
                      const struct wrangler_edit *edit, bool *changed, struct error *err)
{
    struct tree tree;
    struct entries entries;
    struct patch patch = {.tree = &tree};
    bool ok =
        tree_parse(&tree, buf_bytes(text), syntax, err) && entries_collect(&tree, &entries, err);
    if (ok) {
        struct buf next = {0};
        plan_step(&patch, &entries, edit);
        patch_apply(&patch, &next);
        buf_release(text);
        *text = next;
    }
    tree_release(&tree);
    *changed = patch.n > 0;
    return ok;
}

/* At most three steps: a new binding is one, an id and a preview_id are one each, and the last
 * finds nothing to do. */
static bool edit_one(struct buf *text, enum wrangler_syntax syntax,
                     const struct wrangler_edit *edit, struct error *err)
{
    struct buf before = {0};
    bool ok = true, changed = true;
    buf_add_bytes(&before, buf_bytes(text));
    for (int step = 0; ok && changed && step < 3; step++)
        ok = take_step(text, syntax, edit, &changed, err);
    ok = ok && verify_edits(buf_bytes(&before), buf_bytes(text), syntax, edit, 1, err);
    buf_release(&before);
    if (ok)
        return true;
    struct error why = *err;
    char section[SECTION_SHOWN_SIZE];
    error_set(err, ERR_FAILED, "cannot edit KV binding %s%s%s safely: %s", QUOTE(edit->binding),
              edit->env.data ? " of " : "",
              edit->env.data ? wrangler_section_shown(edit->env, section) : "", why.message);
    return error_hint(err, "change it by hand, or write kv_namespaces in a plainer form");
}

bool wrangler_config_edit(struct bytes text, enum wrangler_syntax syntax,
                          const struct wrangler_edit *edits, size_t n, struct buf *out,
                          struct error *err)
{
    struct buf work = {0};
    struct wrangler_config config;
    bool ok = wrangler_config_read(text, syntax, &config, err);
    wrangler_config_release(&config);
    buf_add_bytes(&work, text);
    for (size_t i = 0; ok && i < n; i++)
        ok = edit_one(&work, syntax, &edits[i], err);
    if (ok)
        buf_add_bytes(out, buf_bytes(&work));
    buf_release(&work);
    return ok;
}

/* ---- A new config ---------------------------------------------------------------------------- */

static void add_new_member(const struct style *style, const char *key, struct bytes text,
                           bool *first, struct buf *out)
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
    add_new_member(&style, "name", config->name, &first, &text);
    add_new_member(&style, "main", config->main, &first, &text);
    add_new_member(&style, "compatibility_date", config->compatibility_date, &first, &text);
    if (syntax == WRANGLER_JSON)
        buf_add_str(&text, "\n}\n");
    bool ok = wrangler_config_edit(buf_bytes(&text), syntax, edits, n, out, err);
    buf_release(&text);
    return ok;
}
