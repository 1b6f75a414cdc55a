/*
 * renames.c: renames, in an order that keeps titles unique at every step: whoever holds a title
 * that somebody else is to have moves first, and a ring of them is broken by a temporary title.
 */
#include "base/mem.h"
#include "base/text.h"
#include "before_after.h"

struct rename {
    struct bytes account;
    size_t live;
    size_t ns;      /* the declaration; SIZE_MAX: a namespace to be deleted that makes way */
    size_t removal; /* then its index in removals */
    struct bytes from, to;
    enum { PENDING, VISITING, DONE } state;
};

struct renames {
    struct planner *pl;
    struct rename *items;
    size_t n, cap;
    size_t *by_live;  /* live index → rename, or SIZE_MAX */
    size_t *removals; /* live index → the removal that deletes it, or SIZE_MAX */
};

static void rename_add(struct renames *rs, struct rename r)
{
    mem_grow((void **)&rs->items, &rs->cap, rs->n + 1, sizeof *rs->items);
    rs->by_live[r.live] = rs->n;
    rs->items[rs->n++] = r;
}

static void emit_rename(struct renames *rs, const struct rename *r, struct bytes from,
                        struct bytes to, bool temporary, const char *reason)
{
    struct planner *pl = rs->pl;
    struct action *a;
    if (r->ns != SIZE_MAX) {
        a = planner_declared(pl, r->ns, ACTION_RENAME, reason);
    } else {
        a = planner_action(pl, ACTION_NAMESPACE, ACTION_RENAME, reason);
        a->account_id = r->account;
        a->address = pl->p->removals[r->removal].address;
        a->id = pl->o->namespaces[r->live].id;
        a->index = r->removal;
    }
    a->title = to;
    a->old_title = from;
    a->temporary = temporary;
    a->before = show_member(pl, "title", from);
    a->after = show_member(pl, "title", to);
}

static void emit_temporary(struct renames *rs, struct rename *r, const char *reason)
{
    struct bytes id = rs->pl->o->namespaces[r->live].id;
    struct bytes from = r->from;
    r->from = bytes_of(arena_printf(&rs->pl->p->arena, "cfkv-tmp-%.*s", BYTES_FMT(id)));
    emit_rename(rs, r, from, r->from, true, reason);
}

static const char *reason_of(const struct planner *pl, const struct rename *r)
{
    const struct state_namespace *entry = planner_entry(pl, r->ns);
    char name[QUOTED_SIZE];
    bool moved = entry && !bytes_equal(entry->title, pl->o->namespaces[r->live].title);
    if (pl->p->resolutions[r->ns].adopted)
        return "it is not titled as it is declared";
    if (!moved)
        return "the declared title changed";
    return arena_printf(&pl->p->arena, "it was renamed outside cfkv to %s%s",
                        text_quoted(pl->o->namespaces[r->live].title, name, sizeof name),
                        bytes_equal(entry->title, r->to) ? "" : ", and the declared title changed");
}

/* Depth first along "the title I want is yours": whoever blocks moves first. Meeting a rename that
 * is being visited closes a cycle, which a temporary title breaks. */
static void rename_visit(struct renames *rs, size_t i)
{
    struct rename *r = &rs->items[i];
    if (r->state == DONE)
        return;
    r->state = VISITING;
    size_t holder = observed_by_title(rs->pl->o, r->account, r->to);
    size_t blocker = holder == OBSERVE_NONE ? SIZE_MAX : rs->by_live[holder];
    if (blocker != SIZE_MAX && blocker != i) {
        struct rename *b = &rs->items[blocker];
        if (b->state == PENDING)
            rename_visit(rs, blocker);
        if (b->state == VISITING)
            emit_temporary(rs, b, "through a temporary title, since two titles are exchanged");
    }
    r->state = DONE;
    if (r->ns == SIZE_MAX)
        emit_temporary(rs, r, "makes way before it is deleted");
    else
        emit_rename(rs, r, r->from, r->to, false, reason_of(rs->pl, r));
}

static void title_taken(struct planner *pl, size_t ns, size_t live)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    char name[QUOTED_SIZE];
    pl->p->resolutions[ns].kind = RESOLVE_FAILED;
    diag_add(&pl->p->notes, DIAG_ERROR, "namespace.taken", decl->pos,
             "the title %s belongs to namespace %.*s, which keeps it",
             text_quoted(decl->title, name, sizeof name), BYTES_FMT(pl->o->namespaces[live].id));
    diag_hint(&pl->p->notes, "choose another title, or rename or delete that namespace first");
}

/* The title that `ns` is about to take must be free, or become free by another rename. */
static void make_way(struct renames *rs, size_t ns)
{
    struct planner *pl = rs->pl;
    struct bytes account = planner_account(pl, ns);
    size_t holder = observed_by_title(pl->o, account, planner_title(pl, ns));
    if (holder == OBSERVE_NONE || holder == pl->p->resolutions[ns].live ||
        rs->by_live[holder] != SIZE_MAX)
        return;
    size_t removal = rs->removals[holder];
    if (removal == SIZE_MAX) {
        title_taken(pl, ns, holder);
        return;
    }
    struct rename r = {.account = account,
                       .live = holder,
                       .ns = SIZE_MAX,
                       .removal = removal,
                       .from = pl->o->namespaces[holder].title};
    rename_add(rs, r);
}

static void renames_collect(struct renames *rs)
{
    struct planner *pl = rs->pl;
    for (size_t i = 0; i < pl->m->n_namespaces; i++) {
        const struct resolution *res = &pl->p->resolutions[i];
        if (!res->in_scope || res->kind != RESOLVE_LIVE)
            continue;
        const struct observed_namespace *live = &pl->o->namespaces[res->live];
        struct rename r = {.account = planner_account(pl, i),
                           .live = res->live,
                           .ns = i,
                           .from = live->title,
                           .to = planner_title(pl, i)};
        if (!bytes_equal(r.from, r.to))
            rename_add(rs, r);
    }
    for (size_t i = 0; i < pl->m->n_namespaces; i++)
        if (pl->p->resolutions[i].in_scope && pl->p->resolutions[i].kind != RESOLVE_FAILED)
            make_way(rs, i);
}

static void renames_start(struct renames *rs)
{
    const struct plan *p = rs->pl->p;
    size_t n = rs->pl->o->n;
    rs->by_live = mem_zalloc(n + 1, sizeof *rs->by_live);
    rs->removals = mem_zalloc(n + 1, sizeof *rs->removals);
    for (size_t i = 0; i < n; i++)
        rs->by_live[i] = rs->removals[i] = SIZE_MAX;
    for (size_t i = 0; i < p->n_removals; i++)
        if (p->removals[i].deleted)
            rs->removals[p->removals[i].live] = i;
}

void plan_renames(struct planner *pl)
{
    struct renames rs = {.pl = pl};
    renames_start(&rs);
    renames_collect(&rs);
    for (size_t i = 0; i < rs.n; i++)
        rename_visit(&rs, i);
    mem_free(rs.items);
    mem_free(rs.by_live);
    mem_free(rs.removals);
}
