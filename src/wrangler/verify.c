#include "verify.h"

struct document {
    struct tree tree;
    struct entries entries;
};

static bool document_read(struct document *doc, struct bytes text, enum wrangler_syntax syntax,
                          struct error *err)
{
    return tree_parse(&doc->tree, text, syntax, err) &&
           entries_collect(&doc->tree, &doc->entries, err);
}

/* ---- What is expected ------------------------------------------------------------------------ */

static void expect_text(struct bytes *text, struct bytes wanted)
{
    if (wanted.data)
        *text = wanted.len > 0 ? wanted : bytes_make(NULL, 0);
}

static void expect_set(struct document *doc, const struct wrangler_edit *edit)
{
    struct entries *entries = &doc->entries;
    struct entry *entry = entries_find(entries, edit->env, edit->binding);
    if (!entry) {
        arena_grow(&doc->tree.arena, (void **)&entries->items, &entries->cap, entries->n + 1,
                   sizeof *entry);
        entry = &entries->items[entries->n++];
        *entry = (struct entry){.env = edit->env, .binding = edit->binding};
    }
    expect_text(&entry->id, edit->id);
    expect_text(&entry->preview_id, edit->preview_id);
}

static void expect_removed(struct entries *entries, const struct wrangler_edit *edit)
{
    struct entry *entry = entries_find(entries, edit->env, edit->binding);
    if (!entry)
        return;
    size_t behind = (size_t)(entries->items + entries->n - (entry + 1));
    memmove(entry, entry + 1, behind * sizeof *entry);
    entries->n--;
}

/* ---- What is there --------------------------------------------------------------------------- */

static const struct entry *next_of(const struct entries *entries, struct bytes env, size_t *at)
{
    while (*at < entries->n)
        if (bytes_same(entries->items[(*at)++].env, env))
            return &entries->items[*at - 1];
    return NULL;
}

static bool same_bindings(const struct document *a, const struct document *b, struct bytes env)
{
    static const char *const ours[] = {"binding", "id", "preview_id", NULL};
    size_t i = 0, j = 0;
    for (;;) {
        const struct entry *x = next_of(&a->entries, env, &i), *y = next_of(&b->entries, env, &j);
        if (!x || !y)
            return !x && !y;
        if (!bytes_equal(x->binding, y->binding) || !bytes_same(x->id, y->id) ||
            !bytes_same(x->preview_id, y->preview_id) ||
            !tree_same_but(&a->tree, x->node, &b->tree, y->node, ours))
            return false;
    }
}

static bool is_edited(struct bytes env, const struct wrangler_edit *edits, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_same(edits[i].env, env))
            return true;
    return false;
}

/* A section may come and go only with its bindings. */
static bool same_section(const struct document *a, const struct document *b, struct bytes env,
                         bool edited)
{
    static const char *const lists[] = {KV_NAMESPACES, NULL};
    static const char *const top[] = {KV_NAMESPACES, PREVIEWS, "env", NULL};
    const struct node *x = entries_table(&a->tree, env), *y = entries_table(&b->tree, env);
    if (!edited && (!x != !y || !tree_member(&a->tree, x, KV_NAMESPACES) !=
                                    !tree_member(&b->tree, y, KV_NAMESPACES)))
        return false;
    return tree_same_but(&a->tree, x, &b->tree, y, env.data ? lists : top) &&
           same_bindings(a, b, env);
}

static bool same_environments(const struct document *a, const struct document *b,
                              const struct document *names, const struct wrangler_edit *edits,
                              size_t n)
{
    const struct node *envs = tree_member(&names->tree, names->tree.root, "env");
    for (const struct node *env = envs ? envs->first : NULL; env; env = env->next)
        if (!same_section(a, b, env->key, is_edited(env->key, edits, n)))
            return false;
    return true;
}

static bool is_as_asked(struct document *before, const struct document *after,
                        const struct wrangler_edit *edits, size_t n, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (edits[i].verb == WRANGLER_REMOVE)
            expect_removed(&before->entries, &edits[i]);
        else
            expect_set(before, &edits[i]);
    }
    struct bytes top = {NULL, 0}, previews = bytes_of(WRANGLER_PREVIEWS);
    return (same_section(before, after, top, is_edited(top, edits, n)) &&
            same_section(before, after, previews, is_edited(previews, edits, n)) &&
            same_environments(before, after, before, edits, n) &&
            same_environments(before, after, after, edits, n)) ||
           error_set(err, ERR_FAILED, "the result would not be what was asked for");
}

bool verify_edits(struct bytes before, struct bytes after, enum wrangler_syntax syntax,
                  const struct wrangler_edit *edits, size_t n, struct error *err)
{
    struct document a = {.entries = {0}}, b = {.entries = {0}};
    bool ok = document_read(&a, before, syntax, err);
    if (ok) {
        ok = document_read(&b, after, syntax, err) && is_as_asked(&a, &b, edits, n, err);
        tree_release(&b.tree);
    }
    tree_release(&a.tree);
    return ok;
}
