/*
 * resolve.c: which live namespace is each declaration? By the state's id first, then by a pinned
 * id, then by title (adoption). Out-of-scope declarations are resolved like all others, so that
 * none of their namespaces is taken by another; they get no actions.
 */
#include "base/mem.h"
#include "base/text.h"
#include "local_ids.h"
#include "planner.h"
#include "settled.h"
#include "unlisted.h"

/* ---- Observing the accounts ------------------------------------------------------------------ */

/* Without a listing (--refresh none) the state stands for the account. */
static void observe_from_state(struct planner *pl)
{
    struct state *s = &pl->t->state;
    for (size_t a = 0; a < s->n_accounts; a++) {
        struct bytes account = state_store_account(s->accounts[a].id);
        for (size_t i = 0; !s->accounts[a].aside && i < s->accounts[a].n; i++) {
            const struct state_namespace *ns = &s->accounts[a].namespaces[i];
            if (!ns->removed)
                observed_add(pl->o, account, ns->id, ns->title);
        }
    }
}

/* The filters take something in it, declared or recorded: who may see one account only plans that
 * part. */
static bool is_concerned(const struct planner *pl, struct bytes account)
{
    const struct plan_options *o = &pl->p->options;
    const struct state_account *section = state_account(&pl->t->state, account);
    if (!plan_is_filtered(o))
        return true;
    for (size_t i = 0; i < pl->m->n_namespaces; i++)
        if (bytes_equal(planner_account(pl, i), account) &&
            planner_takes_recorded(o, pl->m, &pl->t->state, &pl->m->namespaces[i]))
            return true;
    for (size_t i = 0; section && i < section->n; i++) {
        const struct state_namespace *e = &section->namespaces[i];
        if (!e->removed && planner_in_scope(o, e->env, account, e->address, e->title))
            return true;
    }
    return false;
}

/* Another account of this run, as it is told; data NULL: there is none. */
static struct bytes other_account(const struct planner *pl, struct bytes account)
{
    for (size_t i = 0; i < pl->t->n_accounts; i++)
        if (!bytes_equal(pl->t->accounts[i], account))
            return target_account_word(pl->t, pl->t->accounts[i]);
    return bytes_make(NULL, 0);
}

/* One of several accounts is not seen by the credentials: how many namespaces that is about, and
 * the ways on. */
static bool tell_unseen(struct planner *pl, struct bytes account, struct error *err)
{
    const struct state_account *section = state_account(&pl->t->state, account);
    size_t declared = 0, recorded = section ? state_count(section) : 0;
    struct bytes word = target_account_word(pl->t, account), other = other_account(pl, account);
    struct buf ways = {0};
    if (!word.data)
        return false;
    for (size_t i = 0; i < pl->m->n_namespaces; i++)
        declared += bytes_equal(planner_account(pl, i), account);
    error_wrap(err, "account %.*s (%zu namespace%s declared, %zu recorded)", BYTES_FMT(word),
               declared, text_plural(declared), recorded);
    buf_add_str(&ways, err->hint);
    if (!account_name_of(pl->t->words.names, account).data)
        buf_add_str(&ways, "; named in accounts of cfkv.project it may have a token of its own");
    if (other.data)
        buf_addf(&ways, "; --only '%.*s:*' leaves it out", BYTES_FMT(other));
    if (recorded > 0)
        buf_addf(&ways, "; 'cfkv state rm %.*s:ADDRESS' forgets what is not yours any more",
                 BYTES_FMT(word));
    error_hint(err, "%s", ways.data);
    buf_release(&ways);
    return false;
}

static bool observe_account(struct planner *pl, struct bytes account, bool all, struct error *err)
{
    if (!all && !is_concerned(pl, account))
        return true;
    return observe_namespaces_once(pl->o, account, err) ||
           (err->code == ERR_DENIED && tell_unseen(pl, account, err));
}

bool resolve_accounts(struct planner *pl, bool all, struct error *err)
{
    if (pl->p->options.refresh == REFRESH_NONE) {
        observe_from_state(pl);
        return true;
    }
    struct state *s = &pl->t->state;
    bool ok = true;
    for (size_t i = 0; ok && i < pl->m->n_namespaces; i++)
        ok = observe_account(pl, planner_account(pl, i), all, err);
    for (size_t a = 0; ok && a < s->n_accounts; a++)
        ok = s->accounts[a].aside ||
             observe_account(pl, state_store_account(s->accounts[a].id), all, err);
    return ok;
}

bool resolve_unlisted(struct planner *pl, struct error *err)
{
    struct unlisted unlisted = {.o = pl->o,
                                .m = pl->m,
                                .state = &pl->t->state,
                                .configs = pl->p->configs,
                                .options = &pl->p->options,
                                .notes = &pl->p->notes};
    target_note_clock(pl->t, pl->p->options.now, &pl->p->notes);
    return unlisted_settle(&unlisted, err);
}

/* ---- Entries that move to another address ---------------------------------------------------- */

struct resolver {
    struct planner *pl;
    size_t *claimed_by; /* per live namespace: the declaration that holds it, or SIZE_MAX */
    struct account_map declared; /* address → declaration */
    struct account_map takers; /* address of an entry → the declaration whose renamed_from it is */
    bool *moves;               /* per declaration: it takes over the entry of its renamed_from */
};

static struct resolution *resolution(struct resolver *r, size_t ns)
{
    return &r->pl->p->resolutions[ns];
}

static struct state_namespace *entry_at(struct resolver *r, size_t ns, struct bytes address)
{
    return state_find(&r->pl->t->state, planner_account(r->pl, ns), address);
}

/* The entry that renamed_from names, by address or else by title. */
static struct state_namespace *source_of(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    if (!decl->renamed_from.data)
        return NULL;
    struct state_namespace *entry = entry_at(r, ns, decl->renamed_from);
    if (!entry)
        entry = state_find_title(&r->pl->t->state, planner_account(r->pl, ns), decl->renamed_from);
    return entry && !bytes_equal(entry->address, decl->address) ? entry : NULL;
}

static void index_declarations(struct resolver *r)
{
    const struct model *m = r->pl->m;
    for (size_t i = 0; i < m->n_namespaces; i++) {
        struct bytes account = planner_account(r->pl, i);
        const struct state_namespace *source = source_of(r, i);
        size_t existing;
        account_map_set(&r->declared, account, m->namespaces[i].address, i);
        if (source)
            account_map_add(&r->takers, account, source->address, i, &existing);
    }
}

/* From a declaration to the one at the address whose entry it takes; MAP_NONE: that address is
 * declared no more. false: it takes none. */
static bool chain_step(struct resolver *r, size_t ns, size_t *next)
{
    struct bytes account = planner_account(r->pl, ns);
    const struct state_namespace *source = source_of(r, ns);
    if (!source || account_map_get(&r->takers, account, source->address) != ns)
        return false;
    *next = account_map_get(&r->declared, account, source->address);
    return true;
}

/*
 * Entries move along chains: b takes that of a, c that of b. A chain begins with an address that
 * has no entry yet and ends with one that is declared no more; anything else (a ring, a source that
 * stays declared) cannot be told from a configuration whose renames were applied already, and then
 * every address keeps its own entry.
 */
static void follow_chain(struct resolver *r, size_t head)
{
    size_t ns = head, length = 0;
    for (; ns != MAP_NONE; length++)
        if (!chain_step(r, ns, &ns))
            return;
    for (ns = head; length > 0; length--) {
        r->moves[ns] = true;
        chain_step(r, ns, &ns);
    }
}

static void find_moves(struct resolver *r)
{
    const struct model *m = r->pl->m;
    for (size_t i = 0; i < m->n_namespaces; i++)
        if (!entry_at(r, i, m->namespaces[i].address))
            follow_chain(r, i);
}

static struct state_namespace *entry_of(struct resolver *r, size_t ns)
{
    return r->moves[ns] ? source_of(r, ns) : entry_at(r, ns, r->pl->m->namespaces[ns].address);
}

/* ---- Resolving ------------------------------------------------------------------------------- */

static bool claim(struct resolver *r, size_t ns, size_t live)
{
    if (live == OBSERVE_NONE || r->claimed_by[live] != SIZE_MAX)
        return false;
    r->claimed_by[live] = ns;
    resolution(r, ns)->live = live;
    resolution(r, ns)->kind = RESOLVE_LIVE;
    return true;
}

static void fail(struct resolver *r, size_t ns, const char *code, const char *hint,
                 const char *message)
{
    resolution(r, ns)->kind = RESOLVE_FAILED;
    if (!resolution(r, ns)->in_scope)
        return;
    diag_add(&r->pl->p->notes, DIAG_ERROR, code, r->pl->m->namespaces[ns].pos, "%s", message);
    diag_hint(&r->pl->p->notes, "%s", hint);
}

/* The old namespace of a declaration that is pinned to another one now is forgotten: its entry is
 * used by nobody, and an address that is still declared is never deleted (namespaces.c). */
static void note_repinned(struct resolver *r, size_t ns, const struct state_namespace *entry)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    char name[QUOTED_SIZE];
    if (!resolution(r, ns)->in_scope)
        return;
    diag_add(&r->pl->p->notes, DIAG_WARNING, "namespace.repinned", decl->pos,
             "%s was namespace %.*s and is now pinned to %.*s; the old one stays and is forgotten",
             text_quoted(planner_address(r->pl, ns), name, sizeof name), BYTES_FMT(entry->id),
             BYTES_FMT(decl->id));
}

/* A move to another local id that was cut short: registered under the new one already, and recorded
 * under the old one. */
static bool claim_moved(struct resolver *r, size_t ns, const struct state_namespace *entry)
{
    const struct local_id *chosen = r->pl->p->local_ids ? &r->pl->p->local_ids[ns] : NULL;
    size_t live = chosen && chosen->wanted.data
                      ? observed_by_id(r->pl->o, planner_account(r->pl, ns), chosen->wanted)
                      : OBSERVE_NONE;
    return live != OBSERVE_NONE && bytes_equal(r->pl->o->namespaces[live].title, entry->title) &&
           claim(r, ns, live);
}

/* Nobody can tell whether its namespace exists: neither it nor its keys, outputs and bindings are
 * touched, as if it were outside the filters. */
static void leave_alone(struct resolver *r, size_t ns, struct bytes id)
{
    struct resolution *res = resolution(r, ns);
    r->pl->p->unsure += res->in_scope;
    res->kind = RESOLVE_UNSURE;
    res->in_scope = false;
    r->pl->p->ids[ns] = id;
}

static void resolve_by_state(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    struct state_namespace *entry = entry_of(r, ns);
    struct resolution *res = resolution(r, ns);
    if (!entry)
        return;
    if (decl->id.data && !bytes_equal(decl->id, entry->id) && !r->pl->t->local) {
        note_repinned(r, ns, entry);
        return;
    }
    res->entry_address = entry->address;
    res->origin = entry->origin;
    if (claim(r, ns, observed_by_id(r->pl->o, planner_account(r->pl, ns), entry->id)) ||
        claim_moved(r, ns, entry))
        return;
    if (observed_by_id(r->pl->o, planner_account(r->pl, ns), entry->id) == OBSERVE_NONE &&
        !observed_is_gone(r->pl->o, planner_account(r->pl, ns), entry->id))
        leave_alone(r, ns, entry->id);
    else
        res->reason = arena_printf(&r->pl->p->arena,
                                   "namespace %.*s was deleted outside cfkv; it is created again, "
                                   "empty, under a new id",
                                   BYTES_FMT(entry->id));
}

/* Claims a live namespace for a declaration that no entry led to. When the state holds it under
 * another address, that entry moves along; else it is adopted. */
static void take(struct resolver *r, size_t ns, size_t live, const char *reason)
{
    struct resolution *res = resolution(r, ns);
    struct bytes account = planner_account(r->pl, ns);
    struct state *s = &r->pl->t->state;
    const struct state_namespace *held = state_find_id(s, account, r->pl->o->namespaces[live].id);
    claim(r, ns, live);
    res->reason = reason;
    if (held) {
        res->entry_address = held->address;
        res->origin = held->origin;
        return;
    }
    res->entry_address = bytes_make(NULL, 0);
    res->adopted = true;
    res->origin = STATE_ADOPTED;
    if (state_is_creating(s, account, r->pl->o->namespaces[live].title)) {
        res->origin = STATE_CREATED;
        res->reason = "an interrupted apply created it";
    }
}

static void fail_shared(struct resolver *r, size_t ns, size_t other_ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    const struct namespace_decl *other = &r->pl->m->namespaces[other_ns];
    char name[QUOTED_SIZE], other_name[QUOTED_SIZE];
    fail(r, ns, "namespace.shared", "pin each declaration to its own namespace",
         arena_printf(&r->pl->p->arena, "%s and %s (%s:%d) are both namespace %.*s",
                      text_quoted(planner_address(r->pl, ns), name, sizeof name),
                      text_quoted(planner_address(r->pl, other_ns), other_name, sizeof other_name),
                      other->pos.file ? other->pos.file : "?", other->pos.line,
                      BYTES_FMT(decl->id)));
}

static void resolve_pinned(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    size_t live = observed_by_id(r->pl->o, planner_account(r->pl, ns), decl->id);
    char name[QUOTED_SIZE];
    /* On the local target a pinned id is only the name under which the data is kept
     * (local_ids.h). */
    if (!decl->id.data || r->pl->t->local)
        return;
    if (live == OBSERVE_NONE && r->pl->p->options.refresh != REFRESH_NONE &&
        !observed_is_gone(r->pl->o, planner_account(r->pl, ns), decl->id))
        leave_alone(r, ns, decl->id);
    else if (live == OBSERVE_NONE)
        fail(r, ns, "namespace.missing",
             decl->keeps_title ? "correct the id, or take the declaration out"
                               : "correct the id, or leave it out to adopt by title",
             arena_printf(
                 &r->pl->p->arena, "namespace %s is pinned to id %.*s, which does not exist",
                 text_quoted(planner_address(r->pl, ns), name, sizeof name), BYTES_FMT(decl->id)));
    else if (r->claimed_by[live] != SIZE_MAX)
        fail_shared(r, ns, r->claimed_by[live]);
    else
        take(r, ns, live, "pinned by id");
}

/* Takes the live namespace of that title, unless there is none or somebody claimed it. */
static void resolve_title(struct resolver *r, size_t ns, struct bytes title, const char *reason)
{
    struct bytes account = planner_account(r->pl, ns);
    struct state *s = &r->pl->t->state;
    size_t live = observed_by_title(r->pl->o, account, title);
    char name[QUOTED_SIZE];
    if (live == OBSERVE_NONE || r->claimed_by[live] != SIZE_MAX)
        return;
    struct bytes id = r->pl->o->namespaces[live].id;
    if (r->pl->p->options.no_adopt && !state_find_id(s, account, id) &&
        !state_is_creating(s, account, title))
        fail(r, ns, "namespace.exists", "drop --no-adopt to take it under management",
             arena_printf(&r->pl->p->arena, "a namespace titled %s exists already (id %.*s)",
                          text_quoted(title, name, sizeof name), BYTES_FMT(id)));
    else
        take(r, ns, live, reason);
}

static void resolve_by_title(struct resolver *r, size_t ns)
{
    resolve_title(r, ns, r->pl->m->namespaces[ns].title, "a namespace of that title exists");
}

static void resolve_by_old_title(struct resolver *r, size_t ns)
{
    struct bytes old = r->pl->m->namespaces[ns].renamed_from;
    char name[QUOTED_SIZE];
    if (old.data)
        resolve_title(r, ns, old,
                      arena_printf(&r->pl->p->arena,
                                   "renamed_from names %s, which this state has not recorded",
                                   text_quoted(old, name, sizeof name)));
}

static void resolve_rest(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    char name[QUOTED_SIZE];
    resolution(r, ns)->origin = STATE_CREATED;
    if (!decl->create)
        fail(r, ns, "namespace.missing", "create it first, or drop create = false",
             arena_printf(&r->pl->p->arena,
                          "namespace %s is declared with create = false and does not exist",
                          text_quoted(decl->title, name, sizeof name)));
}

/* That a preview is what its namespace is, is said of that one. */
static void check_settled(struct resolver *r, size_t ns)
{
    const struct namespace_decl *decl = &r->pl->m->namespaces[ns];
    bool said =
        decl->preview_of != SIZE_MAX && resolution(r, decl->preview_of)->kind == RESOLVE_FAILED;
    struct settled_problem problem;
    if (said || !settled_judge(r->pl, ns, &problem))
        return;
    if (problem.severity == DIAG_ERROR) {
        fail(r, ns, problem.code, problem.hint, problem.message);
    } else if (resolution(r, ns)->in_scope) {
        diag_add(&r->pl->p->notes, DIAG_WARNING, problem.code, decl->pos, "%s", problem.message);
        diag_hint(&r->pl->p->notes, "%s", problem.hint);
    }
}

/* One way to resolve, tried on every declaration that is still open before the next way is tried on
 * any: so the order of declarations never decides who gets a namespace by a weaker claim. */
typedef void (*resolve_fn)(struct resolver *r, size_t ns);

static void resolve_all(struct resolver *r)
{
    static const resolve_fn ways[] = {resolve_by_state, resolve_pinned, resolve_by_title,
                                      resolve_by_old_title, resolve_rest};
    for (size_t way = 0; way < sizeof ways / sizeof *ways; way++)
        for (size_t i = 0; i < r->pl->m->n_namespaces; i++)
            if (resolution(r, i)->kind == RESOLVE_CREATE)
                ways[way](r, i);
}

static void resolution_start(struct planner *pl, size_t ns)
{
    struct resolution *res = &pl->p->resolutions[ns];
    *res = (struct resolution){.kind = RESOLVE_CREATE, .live = OBSERVE_NONE};
    res->in_scope =
        planner_takes_recorded(&pl->p->options, pl->m, &pl->t->state, &pl->m->namespaces[ns]);
    pl->p->left_out += !res->in_scope;
}

static void resolution_finish(struct planner *pl, size_t ns)
{
    const struct namespace_decl *d = &pl->m->namespaces[ns];
    struct resolution *res = &pl->p->resolutions[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    const struct observed_namespace *live = planner_live(pl, ns);
    res->protect =
        namespace_is_protected(pl->m, d) || (d->protect == UNSET && entry && entry->protect);
    res->ttl_before = entry && live ? entry->ttl_seconds : d->ttl_seconds;
    if (!live)
        return;
    pl->p->ids[ns] = live->id;
    settled_note(pl, ns);
}

void resolve_declarations(struct planner *pl)
{
    size_t n = pl->m->n_namespaces;
    struct resolver r = {.pl = pl};
    r.claimed_by = mem_zalloc(pl->o->n + 1, sizeof *r.claimed_by);
    r.moves = mem_zalloc(n + 1, sizeof *r.moves);
    index_declarations(&r);
    for (size_t i = 0; i < pl->o->n; i++)
        r.claimed_by[i] = SIZE_MAX;
    for (size_t i = 0; i < n; i++)
        resolution_start(pl, i);
    find_moves(&r);
    resolve_all(&r);
    for (size_t i = 0; i < n; i++)
        check_settled(&r, i);
    for (size_t i = 0; i < n; i++)
        resolution_finish(pl, i);
    mem_free(r.claimed_by);
    mem_free(r.moves);
    account_map_release(&r.declared);
    account_map_release(&r.takers);
}
