#include "dev_data.h"

#include "base/text.h"
#include "bindings.h"
#include "local_bindings.h"
#include "store/local.h"

/* Where dev keeps the data of a config's bindings. */
static bool bind_folder(struct local_store *store, const struct config *config, struct bytes word,
                        struct arena *arena, struct error *err)
{
    struct bytes to = config->decl->persist_to;
    const char *folder = path_parent(arena, config->path);
    if (to.data)
        folder = path_join(arena, folder, arena_printf(arena, "%.*s", BYTES_FMT(to)));
    return local_store_bind_root(store, word, folder, to.data != NULL, err);
}

/* A store of its own for each word: what is bound in one stays bound. `*follows`: the data is that
 * of a local namespace, whose id changes with the next local run. */
static bool has_data(const char *root, const struct config *config, struct bytes word,
                     bool *follows)
{
    struct arena arena = {0};
    struct error ignored = {0};
    struct local_store *store = local_store_open(root);
    bool any = false;
    any = bind_folder(store, config, word, &arena, &ignored) &&
          local_store_has_keys(store, word, &any, &ignored) && any &&
          local_store_registered(store, word, follows, &ignored);
    store_close(local_store_face(store));
    arena_release(&arena);
    return any;
}

/* The word of a binding is its preview_id, else its id, else its name. */
static bool changes_word(const struct binding_change *change)
{
    if (change->kind != BINDING_SET || wrangler_is_previews(change->env))
        return false;
    return change->sets_preview || change->drop_preview ||
           (change->sets_id && !change->preview_id.data);
}

static void note_change(const struct config *config, const struct binding_change *change,
                        const char *root, struct diag_list *notes)
{
    const struct wrangler_binding *b =
        wrangler_config_binding(&config->content, change->env, change->name);
    struct bytes before = binding_word(b);
    char what[BINDING_SHOWN_SIZE], word[QUOTED_SIZE];
    bool follows = false;
    if (!before.data || !changes_word(change) || !has_data(root, config, before, &follows))
        return;
    diag_add(notes, DIAG_WARNING, "wrangler.dev_data", config->decl->pos,
             "%s: wrangler dev has local data under %s, where it stays, and looks elsewhere from "
             "then on",
             binding_shown(config, change->env, change->name, b->line, what),
             text_quoted(before, word, sizeof word));
    if (follows)
        diag_hint(notes, "the next 'cfkv apply --local' brings what it put there along");
    else
        diag_hint(notes, "'cfkv apply --local' beforehand takes it along");
}

void configs_note_dev_data(const struct configs *c, const char *root, struct diag_list *notes)
{
    for (size_t i = 0; i < c->n; i++)
        for (size_t k = 0; k < c->items[i].n_changes; k++)
            note_change(&c->items[i], &c->items[i].changes[k], root, notes);
}
