#include "entries.h"

struct entries_path entries_path(struct bytes env)
{
    struct bytes list = bytes_of(KV_NAMESPACES);
    if (!env.data)
        return (struct entries_path){{list}, 0};
    if (wrangler_is_previews(env))
        return (struct entries_path){{bytes_of(PREVIEWS), list}, 1};
    return (struct entries_path){{bytes_of("env"), env, list}, 2};
}

struct node *entries_table(const struct tree *tree, struct bytes env)
{
    struct entries_path path = entries_path(env);
    struct node *table = tree->root;
    for (size_t i = 0; table && i < path.n; i++)
        table = tree_child(tree, table, path.names[i]);
    return table;
}

struct entry *entries_find(const struct entries *entries, struct bytes env, struct bytes binding)
{
    for (size_t i = 0; i < entries->n; i++)
        if (bytes_same(entries->items[i].env, env) &&
            bytes_equal(entries->items[i].binding, binding))
            return &entries->items[i];
    return NULL;
}

const struct node *entries_model(const struct entries *entries, struct bytes env, enum node_how how)
{
    const struct node *model = NULL;
    bool same = false;
    for (size_t i = 0; i < entries->n; i++) {
        const struct entry *e = &entries->items[i];
        bool is_same = bytes_same(e->env, env);
        if (e->node->how == how && (is_same || !same)) {
            model = e->node;
            same = is_same;
        }
    }
    return model;
}

/* A member that must be a string when it is there. */
static bool take_string(struct tree *tree, const struct node *table, const char *name,
                        struct bytes *text, struct error *err)
{
    const struct node *node = tree_member(tree, table, name);
    if (node && node->kind != NODE_STRING)
        return tree_fail(tree, node->value.start, err, "'%s' of a KV binding must be a string",
                         name);
    if (node)
        *text = node->text;
    return true;
}

static bool read_entry(struct tree *tree, const struct node *node, struct entry *entry,
                       struct error *err)
{
    entry->node = node;
    if (node->kind != NODE_TABLE)
        return tree_fail(tree, node->value.start, err,
                         "an element of 'kv_namespaces' must be a table");
    if (!take_string(tree, node, "binding", &entry->binding, err) ||
        !take_string(tree, node, "id", &entry->id, err) ||
        !take_string(tree, node, "preview_id", &entry->preview_id, err))
        return false;
    if (!entry->binding.data)
        return tree_fail(tree, node->value.start, err, "the KV binding has no 'binding'");
    const struct node *remote = tree_member(tree, node, "remote");
    entry->remote =
        remote && remote->kind == NODE_BOOLEAN && bytes_equal(remote->text, bytes_of("true"));
    return true;
}

/* A section has each name only once. */
static bool note_binding(struct tree *tree, struct map *seen, const struct entries *entries,
                         const struct entry *entry, struct error *err)
{
    size_t existing;
    map_add(seen, entry->binding, entries->n, &existing);
    return existing == MAP_NONE ||
           tree_fail(tree, entry->node->value.start, err,
                     "KV binding %s is there twice, first at line %zu", QUOTE(entry->binding),
                     tree_line(tree, entries->items[existing].node->value.start));
}

static bool collect_list(struct tree *tree, const struct node *list, struct bytes env,
                         struct map *seen, struct entries *entries, struct error *err)
{
    for (const struct node *node = list->first; node; node = node->next) {
        struct entry entry = {.env = env};
        if (!read_entry(tree, node, &entry, err) || !note_binding(tree, seen, entries, &entry, err))
            return false;
        arena_grow(&tree->arena, (void **)&entries->items, &entries->cap, entries->n + 1,
                   sizeof entry);
        entries->items[entries->n++] = entry;
    }
    return true;
}

static bool collect_section(struct tree *tree, const struct node *table, struct bytes env,
                            struct entries *entries, struct error *err)
{
    const struct node *list = tree_member(tree, table, KV_NAMESPACES);
    struct map seen = {0};
    if (!list)
        return true;
    if (list->kind != NODE_ARRAY)
        return tree_fail(tree, list->key_at.start, err,
                         "'kv_namespaces' must be an array of tables");
    bool ok = collect_list(tree, list, env, &seen, entries, err);
    map_release(&seen);
    return ok;
}

static bool collect_previews(struct tree *tree, struct entries *entries, struct error *err)
{
    const struct node *previews = tree_member(tree, tree->root, PREVIEWS);
    if (previews && previews->kind != NODE_TABLE)
        return tree_fail(tree, previews->key_at.start, err, "'previews' must be a table");
    return !previews || collect_section(tree, previews, bytes_of(WRANGLER_PREVIEWS), entries, err);
}

static bool collect_environment(struct tree *tree, const struct node *env, struct entries *entries,
                                struct error *err)
{
    if (env->kind != NODE_TABLE)
        return tree_fail(tree, env->key_at.start, err, "environment %s must be a table",
                         QUOTE(env->key));
    if (wrangler_is_previews(env->key))
        return tree_fail(tree, env->key_at.start, err,
                         "an environment cannot be called %s: Worker names have no brackets, and "
                         "the previews block is a table 'previews' of the top level",
                         QUOTE(env->key));
    return collect_section(tree, env, env->key, entries, err);
}

bool entries_collect(struct tree *tree, struct entries *entries, struct error *err)
{
    const struct node *envs = tree_member(tree, tree->root, "env");
    *entries = (struct entries){0};
    if (!collect_section(tree, tree->root, bytes_make(NULL, 0), entries, err) ||
        !collect_previews(tree, entries, err))
        return false;
    if (envs && envs->kind != NODE_TABLE)
        return tree_fail(tree, envs->key_at.start, err, "'env' must be a table of environments");
    for (const struct node *env = envs ? envs->first : NULL; env; env = env->next)
        if (!collect_environment(tree, env, entries, err))
            return false;
    return true;
}
