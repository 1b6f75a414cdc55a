/*
 * obstacles.c: what a plan could not do. Apply would find it out half-way, so the plan fails, with
 * a note an obstacle. No guard refuses here: no permission could lift it.
 */
#include "base/mem.h"
#include "base/text.h"
#include "config_files.h"
#include "planner.h"

static void obstacle(struct planner *pl, const char *code, struct srcpos pos, const char *message,
                     const char *hint)
{
    diag_add(&pl->p->notes, DIAG_ERROR, code, pos, "%s", message);
    diag_hint(&pl->p->notes, "%s", hint);
}

/* ---- The namespaces of an account ------------------------------------------------------------ */

#define REMOVALS_NAMED_MAX 5
#define ROOM_BY_RENAME                                                                             \
    "deletes come last: what takes the place of another needs no room, and keeps its keys, with "  \
    "renamed_from = 'OLD'; else delete first, by cfkv apply"

/* Creations come before deletes, so this is how many it has at its fullest. Of a listing that
 * contradicts its own count only what was seen is sure. */
struct fullness {
    struct bytes account;
    uint64_t live, created, max;
};

static bool is_created(const struct planner *pl, size_t ns, struct bytes account)
{
    const struct resolution *res = &pl->p->resolutions[ns];
    return res->in_scope && res->kind == RESOLVE_CREATE &&
           bytes_equal(planner_account(pl, ns), account);
}

/* Of the first namespace that finds no room. */
static struct srcpos place_beyond(const struct planner *pl, const struct fullness *f)
{
    uint64_t room = f->max > f->live ? f->max - f->live : 0;
    for (size_t i = 0; i < pl->m->n_namespaces; i++)
        if (is_created(pl, i, f->account) && room-- == 0)
            return pl->m->namespaces[i].pos;
    return (struct srcpos){0};
}

/* The removals that make room enough, as filters: " --only 'a' --only 'b'". How many they are. */
static uint64_t add_removals(const struct planner *pl, const struct fullness *f, struct buf *out)
{
    uint64_t excess = f->live + f->created - f->max, n = 0;
    for (size_t i = 0; i < pl->p->n_removals && n < excess; i++) {
        const struct removal *r = &pl->p->removals[i];
        if (!r->deleted || !bytes_equal(r->account, f->account))
            continue;
        if (++n > REMOVALS_NAMED_MAX)
            continue;
        buf_add_str(out, " --only ");
        struct bytes address = target_address(pl->t, &pl->p->arena, r->account, r->address);
        text_quote(out, address, address.len);
    }
    return n;
}

/* The way on without loss first. */
static const char *room_hint(const struct planner *pl, const struct fullness *f)
{
    struct arena *arena = &pl->p->arena;
    unsigned long long excess = f->live + f->created - f->max;
    struct buf only = {0};
    unsigned long long removed = add_removals(pl, f, &only);
    const char *hint =
        "delete what nothing needs ('cfkv audit' tells orphans); " NAMESPACES_RAISED_HINT;
    if (removed > 0 && removed < excess)
        hint = arena_printf(arena, "what is declared no more makes room for %llu of %llu only; %s",
                            removed, excess, hint);
    else if (removed > REMOVALS_NAMED_MAX)
        hint = arena_printf(arena, ROOM_BY_RENAME "%s and so on for %llu of them, then cfkv apply",
                            only.data, removed);
    else if (removed > 0)
        hint = arena_printf(arena, ROOM_BY_RENAME "%s, then cfkv apply", only.data);
    buf_release(&only);
    return hint;
}

static void note_full(struct planner *pl, const struct fullness *f)
{
    struct arena *arena = &pl->p->arena;
    char name[QUOTED_SIZE] = "";
    if (f->account.len > 0)
        text_quoted(account_word(&pl->m->project.accounts, f->account), name, sizeof name);
    obstacle(
        pl, "account.full", place_beyond(pl, f),
        arena_printf(arena,
                     "%s %s has %llu namespace%s and may have %llu, and %llu more %s to be created",
                     name[0] ? "account" : "the", name[0] ? name : "account",
                     (unsigned long long)f->live, text_plural(f->live), (unsigned long long)f->max,
                     (unsigned long long)f->created, f->created == 1 ? "is" : "are"),
        room_hint(pl, f));
}

bool plan_check_accounts(struct planner *pl, struct error *err)
{
    size_t full = 0;
    for (size_t a = 0; a < pl->o->n_listed && !pl->t->local; a++) {
        const struct observed_account *listed = &pl->o->listed[a];
        struct fullness f = {.account = listed->id,
                             .live = listed->is_short ? listed->seen : listed->total,
                             .max = (uint64_t)pl->m->project.namespaces_max};
        for (size_t i = 0; i < pl->m->n_namespaces && !pl->p->options.destroy; i++)
            f.created += is_created(pl, i, f.account);
        if (f.created == 0 || f.live + f.created <= f.max)
            continue;
        note_full(pl, &f);
        full++;
    }
    return full == 0 || error_set(err, ERR_FAILED, "%s no room for what is to be created",
                                  full == 1 ? "the account has" : "accounts have");
}

/* ---- Ids that the filters leave out ---------------------------------------------------------- */

static bool is_missing(const struct planner *pl, size_t ns)
{
    return !pl->p->ids[ns].data && !pl->p->resolutions[ns].in_scope;
}

/* The filters that would take it in. */
static const char *filters_for(const struct planner *pl, size_t ns)
{
    const struct plan_options *o = &pl->p->options;
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    struct plan_options envs = *o, only = *o;
    char env[QUOTED_SIZE], address[QUOTED_SIZE];
    envs.n_only = only.n_envs = 0;
    bool by_env = planner_takes(&envs, pl->m, decl);
    bool by_only = planner_takes(&only, pl->m, decl);
    text_quoted(decl->env, env, sizeof env);
    text_quoted(planner_address(pl, ns), address, sizeof address);
    if (!by_env && !decl->env.data)
        return arena_printf(&pl->p->arena, "leave out --env: %s has none", address);
    return arena_printf(&pl->p->arena, "add %s%s%s%s%s", by_env ? "" : "--env ", by_env ? "" : env,
                        by_env || by_only ? "" : " ", by_only ? "" : "--only ",
                        by_only ? "" : address);
}

/* `what` needs the id of ns. */
static void note_missing(struct planner *pl, size_t ns, struct srcpos pos, const char *what)
{
    char title[QUOTED_SIZE];
    text_quoted(pl->m->namespaces[ns].title, title, sizeof title);
    obstacle(pl, "id.left_out", pos,
             arena_printf(&pl->p->arena,
                          "%s needs the id of %s, which the filters leave out and which does not "
                          "exist yet",
                          what, title),
             filters_for(pl, ns));
}

/* The first is enough to tell; SIZE_MAX: it has all ids, or will have them. */
static size_t missing_in(const struct planner *pl, const struct deferred *value)
{
    for (size_t i = 0; i < value->n; i++)
        if (value->parts[i].kind != PART_TEXT && is_missing(pl, value->parts[i].ns))
            return value->parts[i].ns;
    return SIZE_MAX;
}

static size_t check_seed(struct planner *pl, const struct seed_key *seed)
{
    size_t ns = missing_in(pl, &seed->value);
    char key[QUOTED_SIZE];
    if (ns == SIZE_MAX)
        return 0;
    note_missing(pl, ns, seed->pos,
                 arena_printf(&pl->p->arena, "the value of key %s",
                              text_quoted(seed->key, key, sizeof key)));
    return 1;
}

static size_t check_action(struct planner *pl, const struct action *a)
{
    size_t n = 0;
    if (a->kind == ACTION_KEY && a->verb == ACTION_PUT)
        return check_seed(pl, &pl->m->namespaces[a->ns].puts[a->index].seed);
    if (a->kind != ACTION_BULK)
        return 0;
    const struct bulk_decl *bulk = &pl->m->namespaces[a->ns].bulks[a->index];
    for (size_t i = 0; i < bulk->n && i < a->bulk->n_marks; i++)
        if (a->bulk->marks[i] != BULK_SAME && a->bulk->marks[i] != BULK_PAST)
            n += check_seed(pl, &bulk->items[i]);
    return n;
}

static size_t check_output(struct planner *pl, const struct output_decl *output)
{
    size_t ns = missing_in(pl, &output->value);
    if (ns == SIZE_MAX || !output_is_planned(pl, output))
        return 0;
    note_missing(pl, ns, output->pos, arena_printf(&pl->p->arena, "output '%s'", output->name));
    return 1;
}

/* The binding of a namespace in scope lacks an id only where its preview is left out. */
static size_t check_config(struct planner *pl, const struct config *config)
{
    size_t n = 0;
    for (size_t i = 0; i < config->n_changes; i++) {
        const struct binding_change *change = &config->changes[i];
        size_t preview = change->sets_preview ? model_preview(pl->m, change->ns) : SIZE_MAX;
        char name[QUOTED_SIZE], file[QUOTED_SIZE];
        if (preview == SIZE_MAX || !is_missing(pl, preview))
            continue;
        note_missing(pl, preview, config->decl->pos,
                     arena_printf(&pl->p->arena, "binding %s in %s",
                                  text_quoted(change->name, name, sizeof name),
                                  text_quoted(bytes_of(config->name), file, sizeof file)));
        n++;
    }
    return n;
}

static bool check_ids(struct planner *pl, struct error *err)
{
    const struct plan_options *o = &pl->p->options;
    size_t n = 0;
    if (o->destroy || !plan_is_filtered(o))
        return true;
    for (size_t i = 0; i < pl->p->n; i++)
        n += check_action(pl, &pl->p->actions[i]);
    for (size_t i = 0; i < pl->m->n_outputs; i++)
        n += check_output(pl, &pl->m->outputs[i]);
    for (size_t i = 0; i < pl->p->configs->n; i++)
        n += check_config(pl, &pl->p->configs->items[i]);
    return n == 0 || error_set(err, ERR_FAILED, "the filters leave out what %zu thing%s need%s", n,
                               text_plural(n), n == 1 ? "s" : "");
}

/* ---- Files ----------------------------------------------------------------------------------- */

static bool check_files(struct planner *pl, struct error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < pl->p->n; i++) {
        const struct action *a = &pl->p->actions[i];
        struct error cause;
        char name[QUOTED_SIZE];
        if (a->kind != ACTION_FILE ||
            file_may_rewrite(pl->p->configs->items[a->index].path, &cause))
            continue;
        n++;
        obstacle(pl, "wrangler.config", a->pos,
                 arena_printf(&pl->p->arena, "cannot write %s: %s",
                              text_quoted(a->title, name, sizeof name), cause.message),
                 "its bindings change; let whoever runs cfkv write in that folder");
    }
    return n == 0 ||
           error_set(err, ERR_FAILED, "%zu wrangler config%s cannot be written", n, text_plural(n));
}

bool plan_check_obstacles(struct planner *pl, struct error *err)
{
    bool ok = check_ids(pl, err);
    return check_files(pl, err) && ok;
}
