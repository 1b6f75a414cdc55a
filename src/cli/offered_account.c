#include "offered_account.h"

#include "base/file.h"
#include "base/text.h"
#include "kv/wrangler_find.h"

struct offer {
    struct arena *arena;
    struct bytes id; /* the first; data NULL: none yet */
    struct buf said; /* "'wrangler.toml' (line 2) is for account ID, " */
};

static void add_account(struct offer *o, const char *shown, struct bytes id, size_t line)
{
    char file[QUOTED_SIZE];
    if (!wrangler_id_is_real(id) || (o->said.data && strstr(o->said.data, id.data)))
        return;
    if (!o->id.data)
        o->id = arena_copy(o->arena, id);
    buf_addf(&o->said, "%s (line %zu) is for account %.*s; ",
             text_quoted(bytes_of(shown), file, sizeof file), line, BYTES_FMT(id));
}

/* What cannot be read offers nothing. */
static void add_config(struct offer *o, const char *path, const char *shown)
{
    struct wrangler_config config = {0};
    struct error unheard;
    if (wrangler_config_load(path, &config, &unheard)) {
        add_account(o, shown, config.account_id, config.account_line);
        for (size_t i = 0; i < config.n_environments; i++)
            add_account(o, shown, config.environments[i].account_id,
                        config.environments[i].account_line);
    }
    wrangler_config_release(&config);
}

const char *offered_account(struct arena *arena, const struct model *m, const char *root)
{
    struct offer o = {.arena = arena};
    const char *hint = NULL;
    for (size_t i = 0; m && i < m->n_wranglers; i++) {
        const char *name = path_plain(arena, m->wranglers[i].path);
        add_config(&o, path_join(arena, root, name), name);
    }
    const char *found = !m || m->n_wranglers == 0 ? wrangler_find_config(arena, root) : NULL;
    if (found)
        add_config(&o, found, wrangler_path_shown(arena, root, found));
    if (o.id.data)
        hint =
            arena_printf(arena,
                         "%sset CLOUDFLARE_ACCOUNT_ID=%.*s, or write cfkv.project { account_id = "
                         "\"%.*s\" }",
                         o.said.data, BYTES_FMT(o.id), BYTES_FMT(o.id));
    buf_release(&o.said);
    return hint;
}
