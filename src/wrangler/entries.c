#include "entries.h"

struct node *entries_table(const struct tree *tree, struct bytes env)
{
    return env.data ? tree_child(tree, tree_member(tree, tree->root, "env"), env) : tree->root;
}

struct entry *entries_find(const struct entries *entries, struct bytes env, struct bytes binding)
{
    for (size_t i = 0; i < entries->n; i++)
        if (bytes_same(entries->items[i].env, env) &&
            bytes_equal(entries->items[i].binding, binding))
            return &entries->items[i];
    return NULL;
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

/* An environment has each name only once. */
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

static bool collect_env(struct tree *tree, const struct node *table, struct bytes env,
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

bool entries_collect(struct tree *tree, struct entries *entries, struct error *err)
{
    const struct node *envs = tree_member(tree, tree->root, "env");
    *entries = (struct entries){0};
    if (!collect_env(tree, tree->root, bytes_make(NULL, 0), entries, err))
        return false;
    if (envs && envs->kind != NODE_TABLE)
        return tree_fail(tree, envs->key_at.start, err, "'env' must be a table of environments");
    for (const struct node *env = envs ? envs->first : NULL; env; env = env->next) {
        if (env->kind != NODE_TABLE)
            return tree_fail(tree, env->key_at.start, err, "environment %s must be a table",
                             QUOTE(env->key));
        if (!collect_env(tree, env, env->key, entries, err))
            return false;
    }
    return true;
}
