#include "entries.h"

#include "base/text.h"

/* ---- Copies of what the tree holds ----------------------------------------------------------- */

/* A string member; data NULL when it is something else: wrangler will say so. */
static struct bytes keep_member(struct wrangler_config *config, const struct tree *tree,
                                const struct node *table, const char *name)
{
    const struct node *node = tree_member(tree, table, name);
    return node && node->kind == NODE_STRING ? arena_keep(&config->arena, node->text)
                                             : bytes_make(NULL, 0);
}

/* The line of a member; 0: it is not there. */
static size_t member_line(const struct tree *tree, const struct node *table, const char *name)
{
    const struct node *node = tree_member(tree, table, name);
    return node ? tree_line(tree, node->key_at.start) : 0;
}

static void keep_bindings(struct wrangler_config *config, const struct tree *tree,
                          const struct entries *entries)
{
    config->bindings = arena_alloc(&config->arena, entries->n, sizeof *config->bindings);
    for (size_t i = 0; i < entries->n; i++) {
        const struct entry *e = &entries->items[i];
        enum wrangler_form form = tree->syntax == WRANGLER_JSON ? WRANGLER_OBJECT
                                  : e->node->how == HOW_FLOW    ? WRANGLER_INLINE
                                                                : WRANGLER_TABLE;
        config->bindings[config->n_bindings++] =
            (struct wrangler_binding){.env = arena_keep(&config->arena, e->env),
                                      .binding = arena_keep(&config->arena, e->binding),
                                      .id = arena_keep(&config->arena, e->id),
                                      .preview_id = arena_keep(&config->arena, e->preview_id),
                                      .remote = e->remote,
                                      .line = tree_line(tree, e->node->value.start),
                                      .form = form};
    }
}

static void keep_environments(struct wrangler_config *config, const struct tree *tree)
{
    const struct node *envs = tree_member(tree, tree->root, "env");
    size_t n = envs ? envs->n : 0;
    config->environments = arena_alloc(&config->arena, n, sizeof *config->environments);
    for (const struct node *env = n > 0 ? envs->first : NULL; env; env = env->next)
        config->environments[config->n_environments++] = (struct wrangler_environment){
            .name = arena_keep(&config->arena, env->key),
            .worker = keep_member(config, tree, env, "name"),
            .account_id = keep_member(config, tree, env, "account_id"),
            .account_line = member_line(tree, env, "account_id"),
            .has_bindings = tree_member(tree, env, KV_NAMESPACES) != NULL,
            .line = tree_line(tree, env->key_at.start)};
}

/* What wrangler does not hand on to environments, as of 4.156. */
static const char *const UNINHERITED[] = {"vars",
                                          "secrets",
                                          "define",
                                          "durable_objects",
                                          "workflows",
                                          "cloudchamber",
                                          "containers",
                                          "send_email",
                                          "queues",
                                          "connect",
                                          "r2_buckets",
                                          "d1_databases",
                                          "vectorize",
                                          "ai_search_namespaces",
                                          "ai_search",
                                          "agent_memory",
                                          "hyperdrive",
                                          "services",
                                          "analytics_engine_datasets",
                                          "dispatch_namespaces",
                                          "mtls_certificates",
                                          "tail_consumers",
                                          "streaming_tail_consumers",
                                          "unsafe",
                                          "browser",
                                          "ai",
                                          "images",
                                          "stream",
                                          "media",
                                          "pipelines",
                                          "secrets_store_secrets",
                                          "artifacts",
                                          "unsafe_hello_world",
                                          "flagship",
                                          "worker_loaders",
                                          "ratelimits",
                                          "vpc_services",
                                          "vpc_networks",
                                          "version_metadata",
                                          NULL};

static void keep_uninherited(struct wrangler_config *config, const struct tree *tree)
{
    struct buf names = {0};
    for (const char *const *name = UNINHERITED; *name; name++)
        if (tree_member(tree, tree->root, *name))
            buf_addf(&names, "%s%s", names.len ? ", " : "", *name);
    config->uninherited = arena_keep(&config->arena, buf_bytes(&names));
    buf_release(&names);
}

/* ---- Lists that wrangler does not read ------------------------------------------------------- */

static bool is_root_or_environment(const struct node *table)
{
    const struct node *up = table->parent;
    return !up || (bytes_equal(up->key, bytes_of("env")) && up->parent && !up->parent->parent);
}

/* wrangler reads kv_namespaces of these, and of `previews` in them. */
static bool is_section(const struct node *table)
{
    return is_root_or_environment(table) ||
           (bytes_equal(table->key, bytes_of(PREVIEWS)) && is_root_or_environment(table->parent));
}

/* The names from the root to the node, with dots. */
static struct bytes dotted_path(struct arena *arena, const struct node *node)
{
    struct bytes names[TREE_DEPTH_MAX + 1];
    size_t n = 0;
    struct buf path = {0};
    for (; node->parent; node = node->parent)
        if (node->key.data)
            names[n++] = node->key;
    while (n-- > 0)
        buf_addf(&path, "%.*s%s", BYTES_FMT(names[n]), n > 0 ? "." : "");
    struct bytes kept = arena_copy(arena, buf_bytes(&path));
    buf_release(&path);
    return kept;
}

/* As deep as the tree, so at most TREE_DEPTH_MAX. */
static void keep_unread(struct wrangler_config *config, const struct tree *tree,
                        const struct node *table, size_t *cap)
{
    for (const struct node *node = table->first; node; node = node->next) {
        bool legacy = bytes_equal(node->key, bytes_of("kv-namespaces"));
        bool list = legacy || bytes_equal(node->key, bytes_of(KV_NAMESPACES));
        if (!list || node->kind != NODE_ARRAY) {
            keep_unread(config, tree, node, cap);
            continue;
        }
        if (!legacy && is_section(table))
            continue;
        arena_grow(&config->arena, (void **)&config->unread, cap, config->n_unread + 1,
                   sizeof *config->unread);
        config->unread[config->n_unread++] =
            (struct wrangler_unread){.path = dotted_path(&config->arena, node),
                                     .line = tree_line(tree, node->key_at.start),
                                     .legacy = legacy};
    }
}

/* ---- What else is there ---------------------------------------------------------------------- */

static void keep_facts(struct wrangler_config *config, const struct tree *tree)
{
    const struct node *root = tree->root;
    config->newer = tree->newer;
    config->has_bindings = tree_member(tree, root, KV_NAMESPACES) != NULL;
    config->name = keep_member(config, tree, root, "name");
    config->previews_line = member_line(tree, root, PREVIEWS);
    config->pages_line = member_line(tree, root, "pages_build_output_dir");
    config->account_id = keep_member(config, tree, root, "account_id");
    config->account_line = member_line(tree, root, "account_id");
    config->main = keep_member(config, tree, root, "main");
    config->generated_from = keep_member(config, tree, root, "userConfigPath");
    if (!config->generated_from.data)
        config->redirect_to = keep_member(config, tree, root, "configPath");
}

/* ---- The calls ------------------------------------------------------------------------------- */

bool wrangler_config_read(struct bytes text, enum wrangler_syntax syntax,
                          struct wrangler_config *config, struct error *err)
{
    struct tree tree;
    struct entries entries;
    *config = (struct wrangler_config){0};
    if (!text_check_utf16(text, err))
        return false;
    bool ok = tree_parse(&tree, text, syntax, err) && entries_collect(&tree, &entries, err);
    if (ok) {
        keep_facts(config, &tree);
        keep_uninherited(config, &tree);
        keep_environments(config, &tree);
        keep_bindings(config, &tree, &entries);
        keep_unread(config, &tree, tree.root, &(size_t){0});
    }
    tree_release(&tree);
    return ok;
}

bool wrangler_id_is_real(struct bytes id)
{
    size_t hex = 0;
    while (hex < id.len && text_hex_digit(id.data[hex]) >= 0)
        hex++;
    return hex == id.len && hex == 32;
}

void wrangler_config_release(struct wrangler_config *config)
{
    arena_release(&config->arena);
}

bool wrangler_syntax_of(struct bytes path, enum wrangler_syntax *syntax)
{
    bool toml = bytes_ends_with(path, bytes_of(".toml"));
    *syntax = toml ? WRANGLER_TOML : WRANGLER_JSON;
    return toml || bytes_ends_with(path, bytes_of(".json")) ||
           bytes_ends_with(path, bytes_of(".jsonc"));
}

const struct wrangler_binding *wrangler_config_binding(const struct wrangler_config *config,
                                                       struct bytes env, struct bytes binding)
{
    for (size_t i = 0; i < config->n_bindings; i++)
        if (bytes_same(config->bindings[i].env, env) &&
            bytes_equal(config->bindings[i].binding, binding))
            return &config->bindings[i];
    return NULL;
}

const struct wrangler_environment *wrangler_config_environment(const struct wrangler_config *config,
                                                               struct bytes env)
{
    for (size_t i = 0; i < config->n_environments; i++)
        if (bytes_equal(config->environments[i].name, env))
            return &config->environments[i];
    return NULL;
}

struct wrangler_account wrangler_config_account(const struct wrangler_config *config,
                                                struct bytes env)
{
    const struct wrangler_environment *e =
        env.data ? wrangler_config_environment(config, env) : NULL;
    bool own = e && e->account_id.len > 0; /* wrangler ignores an empty one */
    struct wrangler_account account = {.id = own ? e->account_id : config->account_id,
                                       .line = own ? e->account_line : config->account_line,
                                       .inherited = env.data && !own};
    return wrangler_id_is_real(account.id) ? account : (struct wrangler_account){0};
}
