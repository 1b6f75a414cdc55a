#include "offers.h"

#include <string.h>

#include "kv/shelf.h"
#include "kv/wrangler_find.h"
#include "session.h"

void offers_add(struct offers *offers, struct bytes word, struct bytes about)
{
    size_t existing;
    if (!word.len)
        return;
    word = arena_copy(offers->arena, word);
    map_add(&offers->seen, word, offers->n, &existing);
    if (existing != MAP_NONE)
        return;
    arena_grow(offers->arena, (void **)&offers->items, &offers->cap, offers->n + 1,
               sizeof *offers->items);
    offers->items[offers->n++] = (struct offer){word, arena_copy(offers->arena, about)};
}

void offers_release(struct offers *offers)
{
    map_release(&offers->seen);
}

/* ---- The state ------------------------------------------------------------------------------- */

static void add_namespace(struct offers *offers, enum recorded what, struct session *s,
                          struct bytes account, const struct state_namespace *ns)
{
    struct bytes address = target_address(&s->target, &s->arena, account, ns->address);
    if (what == RECORDED_LOCAL)
        offers_add(offers, bytes_of(arena_printf(&s->arena, "local:%.*s", BYTES_FMT(ns->title))),
                   address);
    else if (what == RECORDED_IDS)
        offers_add(offers, ns->id, ns->title);
    else if (what == RECORDED_ENVS)
        offers_add(offers, ns->env, (struct bytes){0});
    else
        offers_add(offers, what == RECORDED_ADDRESSES ? address : ns->title,
                   what == RECORDED_ADDRESSES ? ns->title : address);
}

static void add_namespaces(struct offers *offers, enum recorded what, struct session *s)
{
    const struct state *state = &s->target.state;
    for (size_t i = 0; i < state->n_accounts; i++) {
        const struct state_account *a = &state->accounts[i];
        for (size_t j = 0; j < a->n; j++)
            if (!a->namespaces[j].removed)
                add_namespace(offers, what, s, state_store_account(a->id), &a->namespaces[j]);
    }
}

static void add_outputs(struct offers *offers, const struct state *state)
{
    for (size_t i = 0; i < state->n_outputs; i++)
        offers_add(offers, bytes_of(state->outputs[i].name), (struct bytes){0});
}

static void add_backups(struct offers *offers, struct session *s)
{
    struct error unheard;
    struct shelf_file *files;
    size_t n;
    if (!shelf_list(s->kv.backups.dir, &s->arena, &files, &n, &unheard))
        return;
    for (size_t i = 0; i < n; i++) {
        const char *path = files[i].path;
        if (!files[i].partial)
            offers_add(offers, bytes_of(path + (strncmp(path, "./", 2) == 0 ? 2 : 0)),
                       (struct bytes){0});
    }
}

/* false where there is no state. */
static bool add_of(struct offers *offers, enum recorded what, const struct options *o,
                   const char *config)
{
    struct session s;
    struct error unheard;
    session_init(&s, "complete", o, offers->output, offers->interrupt);
    s.offline = true;
    bool ok = what == RECORDED_BACKUPS
                  ? session_open_kept(&s, &unheard)
                  : session_locate(&s, config, &unheard) && session_open_state(&s, false, &unheard);
    if (ok && what == RECORDED_BACKUPS)
        add_backups(offers, &s);
    else if (ok && what == RECORDED_OUTPUTS)
        add_outputs(offers, &s.target.state);
    else if (ok)
        add_namespaces(offers, what, &s);
    ok = ok && !s.target.state.fresh;
    session_release(&s);
    return ok;
}

/* ---- The wrangler config --------------------------------------------------------------------- */

/* To be released also when there is none. */
static bool read_config(struct arena *arena, const struct options *o,
                        struct wrangler_config *config)
{
    struct error unheard;
    const char *path = o->wrangler_config ? o->wrangler_config : wrangler_find_config(arena, ".");
    *config = (struct wrangler_config){0};
    return path && wrangler_config_load(path, config, &unheard);
}

static void add_bindings(struct offers *offers, const struct options *o)
{
    struct wrangler_config config;
    if (read_config(offers->arena, o, &config))
        for (size_t i = 0; i < config.n_bindings; i++) {
            struct bytes env = config.bindings[i].env;
            if (o->envs.n == 0 || bytes_equal(env, bytes_of(o->envs.items[o->envs.n - 1])))
                offers_add(offers, config.bindings[i].binding, env);
        }
    wrangler_config_release(&config);
}

void offers_add_sections(struct offers *offers, const struct options *o)
{
    struct wrangler_config config;
    if (read_config(offers->arena, o, &config))
        for (size_t i = 0; i < config.n_environments; i++)
            offers_add(offers, config.environments[i].name, (struct bytes){0});
    wrangler_config_release(&config);
}

void offers_add_recorded(struct offers *offers, enum recorded what, const struct options *o,
                         const char *config)
{
    struct options local = *o;
    local.local = true;
    if (what == RECORDED_BINDINGS)
        add_bindings(offers, o);
    else if (what == RECORDED_LOCAL || !add_of(offers, what, o, config))
        add_of(offers, what, &local, config);
}
