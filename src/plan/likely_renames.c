/*
 * likely_renames.c: a namespace that goes and one like it that is created are mostly one whose
 * name changed (its app, the naming template): then its keys would be lost for nothing. They are
 * paired, and the plan says how to say so. So it is with one whose title looks like that of a live
 * namespace that nobody declared.
 */
#include "base/fold.h"
#include "base/mem.h"
#include "base/text.h"
#include "planner.h"

#define PARTS_MAX 12 /* of a title; more are not looked at */
#define NAMED_MAX 3  /* pairs */

/* A namespace that goes or comes. */
struct side {
    struct bytes account, address, title, env, binding;
    struct srcpos pos;
    struct bytes parts[PARTS_MAX]; /* of its title: runs of letters and digits */
    size_t n_parts;
    bool taken;
};

struct sides {
    struct side *items;
    size_t n, cap;
};

struct pair {
    const struct side *old, *new;
};

static bool is_word(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
           (unsigned char)ch >= 0x80;
}

static void split(struct side *s)
{
    for (size_t i = 0, start = 0; i <= s->title.len; i++) {
        if (i < s->title.len && is_word(s->title.data[i]))
            continue;
        if (i > start && s->n_parts < PARTS_MAX)
            s->parts[s->n_parts++] = bytes_make(s->title.data + start, i - start);
        start = i + 1;
    }
}

static void add(struct sides *sides, struct side s)
{
    mem_grow((void **)&sides->items, &sides->cap, sides->n + 1, sizeof *sides->items);
    split(&s);
    sides->items[sides->n++] = s;
}

/* It goes where its namespace goes. */
static bool is_preview(struct bytes title)
{
    static const struct bytes end = {"_preview", 8};
    return title.len > end.len &&
           bytes_equal(bytes_make(title.data + title.len - end.len, end.len), end);
}

static void collect_old(const struct planner *pl, struct sides *old)
{
    for (size_t i = 0; i < pl->p->n_removals; i++) {
        const struct removal *r = &pl->p->removals[i];
        const struct state_namespace *entry = state_find(&pl->t->state, r->account, r->address);
        if (entry && r->live != OBSERVE_NONE && !is_preview(entry->title))
            add(old, (struct side){.account = r->account,
                                   .address = r->address,
                                   .title = entry->title,
                                   .env = entry->env,
                                   .binding = entry->binding});
    }
}

static void collect_new(const struct planner *pl, struct sides *new)
{
    for (size_t i = 0; i < pl->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &pl->m->namespaces[i];
        const struct resolution *res = &pl->p->resolutions[i];
        if (res->in_scope && res->kind == RESOLVE_CREATE && !res->entry_address.data &&
            ns->preview_of == SIZE_MAX)
            add(new, (struct side){.account = planner_account(pl, i),
                                   .address = ns->address,
                                   .title = ns->title,
                                   .env = ns->env,
                                   .binding = ns->binding,
                                   .pos = ns->pos});
    }
}

/* ---- Likeness -------------------------------------------------------------------------------- */

static bool has_digit(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.data[i] >= '0' && b.data[i] <= '9')
            return true;
    return false;
}

#define SHORT_NAME 3 /* anything is near to what is shorter */

static bool is_near(struct bytes a, struct bytes b)
{
    char name[QUOTED_SIZE];
    const char *const names[] = {name, NULL};
    if (a.len >= sizeof name || a.len < SHORT_NAME || b.len < SHORT_NAME)
        return false;
    memcpy(name, a.data, a.len);
    name[a.len] = '\0';
    return text_nearest(b, names) != NULL;
}

/* An environment that comes while another goes is a new one, unless its name was only mended:
 * "pr-7" never was "pr-6". */
static bool same_environment(const struct planner *pl, const struct side *a, const struct side *b)
{
    const struct project *project = &pl->m->project;
    if (!a->env.data || !b->env.data || bytes_equal(a->env, b->env))
        return true;
    return !environment_is_ephemeral(project, a->env) &&
           !environment_is_ephemeral(project, b->env) && !has_digit(a->env) && !has_digit(b->env) &&
           is_near(a->env, b->env);
}

static size_t shared_parts(const struct side *a, const struct side *b)
{
    unsigned used = 0;
    size_t n = 0;
    for (size_t i = 0; i < a->n_parts; i++)
        for (size_t j = 0; j < b->n_parts; j++)
            if (!(used >> j & 1) && bytes_equal(a->parts[i], b->parts[j])) {
                used |= 1u << j;
                n++;
                break;
            }
    return n;
}

/* 0: they are not alike. */
static size_t likeness(const struct planner *pl, const struct side *old, const struct side *new)
{
    if (!bytes_equal(old->account, new->account) || !same_environment(pl, old, new))
        return 0;
    size_t shared = shared_parts(old, new);
    size_t most = old->n_parts > new->n_parts ? old->n_parts : new->n_parts;
    bool bound = old->binding.data && new->binding.data &&bytes_equal(old->binding, new->binding);
    bool alike =
        bound || 2 * shared >= most + (most == 0) || (most == 1 && is_near(old->title, new->title));
    return alike ? 1 + 4 * shared + 2 * bound + bytes_same(old->env, new->env) : 0;
}

/* `alone`: one goes and one comes, whatever they are called. */
static struct side *nearest(const struct planner *pl, const struct side *old, struct sides *new,
                            bool alone)
{
    struct side *best = NULL;
    size_t most = 0;
    for (size_t i = 0; i < new->n; i++) {
        size_t n = new->items[i].taken ? 0 : likeness(pl, old, &new->items[i]);
        if (n > most) {
            most = n;
            best = &new->items[i];
        }
    }
    if (!best && alone && bytes_equal(old->account, new->items[0].account) &&
        same_environment(pl, old, &new->items[0]))
        best = &new->items[0];
    return best;
}

/* ---- Titles that look like live ones --------------------------------------------------------- */

static void note_alike(struct planner *pl, size_t ns, const struct observed_namespace *live)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    char title[QUOTED_SIZE], other[QUOTED_SIZE];
    diag_add(&pl->p->notes, DIAG_WARNING, "namespace.alike", decl->pos,
             "%s is created beside %s, which nobody declared; they differ only in %s",
             text_quoted(decl->title, title, sizeof title),
             text_quoted(live->title, other, sizeof other),
             fold_difference(decl->title, live->title));
    diag_hint(&pl->p->notes, "if it is meant, declare it as it is written there: namespace %.*s",
              BYTES_FMT(live->id));
}

/* Live namespaces that nobody claims and that stay, under what their titles fold to. */
static void index_unclaimed(const struct planner *pl, struct arena *scratch,
                            struct account_map *folded)
{
    bool *spoken_for = arena_alloc(scratch, pl->o->n, sizeof *spoken_for);
    for (size_t i = 0; i < pl->m->n_namespaces; i++)
        if (pl->p->resolutions[i].live != OBSERVE_NONE)
            spoken_for[pl->p->resolutions[i].live] = true;
    for (size_t i = 0; i < pl->p->n_removals; i++)
        if (pl->p->removals[i].live != OBSERVE_NONE)
            spoken_for[pl->p->removals[i].live] = true;
    for (size_t i = 0; i < pl->o->n; i++)
        if (!spoken_for[i])
            account_map_set(folded, pl->o->namespaces[i].account,
                            fold_text(scratch, pl->o->namespaces[i].title), i);
}

static void note_live_ones(struct planner *pl)
{
    struct arena scratch = {0};
    struct account_map folded = {0};
    index_unclaimed(pl, &scratch, &folded);
    for (size_t i = 0; i < pl->m->n_namespaces; i++) {
        const struct resolution *res = &pl->p->resolutions[i];
        if (!res->in_scope || res->kind != RESOLVE_CREATE)
            continue;
        size_t live = account_map_get(&folded, planner_account(pl, i),
                                      fold_text(&scratch, pl->m->namespaces[i].title));
        if (live != MAP_NONE)
            note_alike(pl, i, &pl->o->namespaces[live]);
    }
    account_map_release(&folded);
    arena_release(&scratch);
}

/* ---- Telling --------------------------------------------------------------------------------- */

static void add_names(struct buf *out, const struct planner *pl, const struct pair *pair,
                      bool titles, const char *between)
{
    const struct side *sides[] = {pair->old, pair->new};
    for (size_t i = 0; i < 2; i++) {
        struct bytes address =
            target_address(pl->t, &pl->p->arena, sides[i]->account, sides[i]->address);
        struct bytes name = titles ? sides[i]->title : address;
        buf_add_str(out, i == 0 ? "" : between);
        text_quote(out, name, name.len);
    }
}

static void note_pairs(struct planner *pl, const struct pair *pairs, size_t n)
{
    struct buf names = {0}, move = {0}, from = {0};
    for (size_t i = 0; i < n && i < NAMED_MAX; i++) {
        buf_add_str(&names, i == 0 ? "" : ", ");
        add_names(&names, pl, &pairs[i], true, " -> ");
    }
    if (n > NAMED_MAX)
        buf_addf(&names, " and %zu more", n - NAMED_MAX);
    add_names(&move, pl, &pairs[0], false, " ");
    text_quote(&from, pairs[0].old->address, pairs[0].old->address.len);
    diag_add(&pl->p->notes, DIAG_WARNING, "namespace.likely_rename", pairs[0].new->pos,
             n == 1 ? "a namespace goes and one like it is created without its keys; it looks like "
                      "a rename: %s"
                    : "namespaces go and some like them are created without their keys; they look "
                      "like renames: %s",
             names.data);
    diag_hint(&pl->p->notes,
              "to keep the keys, declare the new one with renamed_from = %s, or run cfkv state mv "
              "%s%s%s",
              from.data, pl->t->local ? "--local " : "", move.data, n > 1 ? ", and so on" : "");
    buf_release(&names);
    buf_release(&move);
    buf_release(&from);
}

void plan_note_likely_renames(struct planner *pl)
{
    struct sides old = {0}, new = {0};
    struct pair *pairs = mem_zalloc(pl->p->n_removals + 1, sizeof *pairs);
    size_t n = 0;
    if (!pl->p->options.destroy) {
        note_live_ones(pl);
        collect_old(pl, &old);
        collect_new(pl, &new);
    }
    for (size_t i = 0; i < old.n; i++) {
        struct side *best = nearest(pl, &old.items[i], &new, old.n == 1 && new.n == 1);
        if (!best)
            continue;
        best->taken = true;
        pairs[n++] = (struct pair){&old.items[i], best};
    }
    if (n > 0)
        note_pairs(pl, pairs, n);
    mem_free(pairs);
    mem_free(old.items);
    mem_free(new.items);
}
