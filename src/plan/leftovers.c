#include "leftovers.h"

#include <unistd.h>

#include "base/text.h"
#include "bindings.h"
#include "config_files.h"

#define BINDINGS_NAMED_MAX 5

/* ---- What goes ------------------------------------------------------------------------------- */

enum fate { FATE_DELETED, FATE_GONE, FATE_FORGOTTEN };

/* A namespace whose id is of no use any more, or not kept in step any more. */
struct goner {
    struct bytes id, title;
    enum fate fate;
};

struct leaving {
    const struct goner *items;
    size_t n;
    const struct state *state;
    const struct file_root *root;
    struct diag_list *notes;
    const char *forgotten; /* what is said of the id of a namespace that lives on */
    bool again;            /* a file that is declared once more is cleaned by the same run */
};

static const struct goner *find_goner(const struct leaving *l, struct bytes id)
{
    for (size_t i = 0; id.len > 0 && i < l->n; i++)
        if (bytes_equal(l->items[i].id, id))
            return &l->items[i];
    return NULL;
}

/* A declared namespace has the id by now. */
static bool is_taken(const struct planner *pl, struct bytes id)
{
    for (size_t i = 0; !pl->p->options.destroy && i < pl->p->n_ids; i++)
        if (pl->p->ids[i].data && bytes_equal(pl->p->ids[i], id))
            return true;
    return false;
}

/* Locally a file may rightly hold the id that the namespace has in the account. */
static bool is_accounts(const struct planner *pl, struct bytes id)
{
    const struct state *remote = &pl->t->remote;
    for (size_t i = 0; pl->t->local && i < remote->n_accounts; i++)
        for (size_t k = 0; k < remote->accounts[i].n; k++)
            if (bytes_equal(remote->accounts[i].namespaces[k].id, id))
                return true;
    return false;
}

static bool goes(const struct planner *pl, const struct state_namespace *entry)
{
    return entry && !is_taken(pl, entry->id) && !is_accounts(pl, entry->id);
}

static struct goner *find_goners(const struct planner *pl, size_t *n)
{
    const struct plan *p = pl->p;
    struct goner *items = arena_alloc(&pl->p->arena, p->n_removals + p->n_ids, sizeof *items);
    *n = 0;
    for (size_t i = 0; i < p->n_removals; i++) {
        const struct removal *r = &p->removals[i];
        const struct state_namespace *entry = state_find(&pl->t->state, r->account, r->address);
        if (goes(pl, entry))
            items[(*n)++] = (struct goner){.id = entry->id,
                                           .title = entry->title,
                                           .fate = r->deleted                ? FATE_DELETED
                                                   : r->live == OBSERVE_NONE ? FATE_GONE
                                                                             : FATE_FORGOTTEN};
    }
    /* What somebody deleted is made anew under another id. */
    for (size_t i = 0; !p->options.destroy && i < p->n_ids; i++) {
        const struct resolution *res = &p->resolutions[i];
        const struct state_namespace *entry = planner_entry(pl, i);
        if (res->in_scope && res->kind == RESOLVE_CREATE && goes(pl, entry))
            items[(*n)++] =
                (struct goner){.id = entry->id, .title = entry->title, .fate = FATE_GONE};
    }
    return items;
}

/* ---- Saying it ------------------------------------------------------------------------------- */

static const char *fate_words(const struct goner *g)
{
    static const char *const words[] = {"is deleted", "is gone", "is forgotten"};
    return words[g->fate];
}

/* `again`: cfkv would clean the file if it were declared, for what it wrote stands there. */
static void hint_goner(const struct leaving *l, const struct goner *g, bool again)
{
    if (g->fate == FATE_FORGOTTEN)
        diag_hint(l->notes, "%s", l->forgotten);
    else if (again)
        diag_hint(l->notes,
                  "take the binding out of the file, for a Worker does not deploy with that id; or "
                  "put the file's cfkv.wrangler line back for this apply, which takes it out");
    else
        diag_hint(l->notes,
                  "take the binding out of the file, or give it another id: a Worker does "
                  "not deploy with that one");
}

/* true when the state says that cfkv wrote the binding as it stands. */
static bool is_untouched(const struct leaving *l, struct bytes file,
                         const struct wrangler_binding *b)
{
    const struct state_binding *record =
        state_find_binding(l->state, file, b->env.data ? b->env : bytes_of(""), b->binding);
    return record && bytes_equal(record->id, b->id) &&
           (!record->preview_id.data || bytes_equal(record->preview_id, b->preview_id));
}

static void note_member(const struct leaving *l, const struct config *config, struct srcpos pos,
                        const struct wrangler_binding *b, bool preview)
{
    struct bytes id = preview ? b->preview_id : b->id, file = bytes_of(config->name);
    const struct goner *g = find_goner(l, id);
    char what[BINDING_SHOWN_SIZE], title[QUOTED_SIZE];
    if (!g || (config->decl && g->fate == FATE_FORGOTTEN)) /* that it stays there is right */
        return;
    diag_add(l->notes, DIAG_WARNING, "wrangler.left_over", pos,
             "%s keeps the %s %.*s of namespace %s, which %s",
             binding_shown(config, b->env, b->binding, b->line, what),
             preview ? "preview_id" : "id", BYTES_FMT(id),
             text_quoted(g->title, title, sizeof title), fate_words(g));
    hint_goner(l, g, l->again && !config->decl && is_untouched(l, file, b));
}

/* ---- Files that are declared ----------------------------------------------------------------- */

static void note_declared(const struct leaving *l, const struct config *config)
{
    for (size_t i = 0; i < config->content.n_bindings; i++) {
        const struct wrangler_binding *b = &config->content.bindings[i];
        if (binding_change_of(config, b->env, b->binding))
            continue;
        note_member(l, config, config->decl->pos, b, false);
        note_member(l, config, config->decl->pos, b, true);
    }
}

/* ---- Files that are declared no more --------------------------------------------------------- */

static bool read_below(const struct file_root *root, struct config *config, struct error *err)
{
    struct bytes name = bytes_of(config->name);
    int fd = file_root_read(root, name, err);
    if (fd < 0)
        return false;
    bool ok = file_read_fd(fd, config->name, WRANGLER_CONFIG_MAX, &config->text, err);
    close(fd);
    if (!wrangler_syntax_of(name, &config->syntax))
        return error_set(err, ERR_FORMAT, "it is no wrangler config");
    return ok &&
           wrangler_config_read(buf_bytes(&config->text), config->syntax, &config->content, err);
}

/* What cfkv wrote into a file that it cannot look into. */
static void note_unread(const struct leaving *l, const struct state_binding *record,
                        const struct goner *g, const struct error *cause)
{
    char binding[QUOTED_SIZE], file[QUOTED_SIZE], title[QUOTED_SIZE];
    bool gone = cause->code == ERR_NOT_FOUND;
    text_quoted(record->file, file, sizeof file);
    diag_add(l->notes, DIAG_WARNING, "wrangler.left_over", (struct srcpos){0},
             "%s %s: cfkv wrote the id %.*s of namespace %s into it, which %s, for binding %s",
             file, gone ? "is not there any more" : "is not read", BYTES_FMT(g->id),
             text_quoted(g->title, title, sizeof title), fate_words(g),
             text_quoted(record->binding, binding, sizeof binding));
    if (gone)
        diag_hint(l->notes, "if another file took its place, take the binding out of that one");
    else
        diag_hint(l->notes, "%s; take the binding out of it by hand", cause->message);
}

static bool is_of(const struct state_binding *record, struct bytes file)
{
    return bytes_equal(record->file, file);
}

static void note_unreadable(const struct leaving *l, struct bytes file, const struct error *cause)
{
    for (size_t i = 0; i < l->state->n_bindings; i++) {
        const struct state_binding *record = &l->state->bindings[i];
        const struct goner *g = find_goner(l, record->id);
        const struct goner *preview = find_goner(l, record->preview_id);
        if (is_of(record, file) && g)
            note_unread(l, record, g, cause);
        if (is_of(record, file) && preview)
            note_unread(l, record, preview, cause);
    }
}

/* true when something that goes was written into it. */
static bool concerns(const struct leaving *l, struct bytes file)
{
    for (size_t i = 0; i < l->state->n_bindings; i++) {
        const struct state_binding *record = &l->state->bindings[i];
        if (is_of(record, file) && (find_goner(l, record->id) || find_goner(l, record->preview_id)))
            return true;
    }
    return false;
}

static void note_file(const struct leaving *l, struct bytes file)
{
    struct arena arena = {0};
    struct config config = {.name = arena_copy(&arena, file).data};
    struct error cause = {0};
    if (concerns(l, file) && !read_below(l->root, &config, &cause))
        note_unreadable(l, file, &cause);
    for (size_t i = 0; !cause.code && i < config.content.n_bindings; i++) {
        const struct wrangler_binding *b = &config.content.bindings[i];
        struct srcpos pos = {config.name, (int)b->line};
        note_member(l, &config, pos, b, false);
        note_member(l, &config, pos, b, true);
    }
    wrangler_config_release(&config.content);
    buf_release(&config.text);
    arena_release(&arena);
}

/* The i-th record is the first of its file. Records are sorted by file. */
static bool is_first(const struct state *s, size_t i)
{
    return i == 0 || !is_of(&s->bindings[i - 1], s->bindings[i].file);
}

static bool is_declared(const struct configs *configs, struct bytes file)
{
    for (size_t i = 0; i < configs->n; i++)
        if (bytes_equal(bytes_of(configs->items[i].name), file))
            return true;
    return false;
}

/* ---- Files that are declared no more while their namespaces stay ----------------------------- */

static bool is_managed(const struct planner *pl, struct bytes id)
{
    struct state *s = &pl->t->state;
    for (size_t i = 0; i < s->n_accounts; i++)
        if (state_find_id(s, state_store_account(s->accounts[i].id), id))
            return true;
    return false;
}

static bool is_there(const struct file_root *root, struct bytes file)
{
    struct error cause = {0};
    int fd = file_root_read(root, file, &cause);
    if (fd >= 0)
        close(fd);
    return cause.code != ERR_NOT_FOUND;
}

/* How many of its bindings have ids of namespaces that stay; "CACHE, CONFIG and 2 more". */
static size_t bindings_that_stay(const struct planner *pl, const struct leaving *l, size_t first,
                                 struct buf *names)
{
    const struct state *s = l->state;
    size_t n = 0;
    for (size_t i = first; i < s->n_bindings && is_of(&s->bindings[i], s->bindings[first].file);
         i++) {
        const struct state_binding *record = &s->bindings[i];
        if (!find_goner(l, record->id) && is_managed(pl, record->id) && n++ < BINDINGS_NAMED_MAX)
            buf_addf(names, "%s%.*s", n > 1 ? ", " : "", BYTES_FMT(record->binding));
    }
    if (n > BINDINGS_NAMED_MAX)
        buf_addf(names, " and %zu more", n - BINDINGS_NAMED_MAX);
    return n;
}

/* Said while it is known: nobody could tell later, when the namespaces go. */
static void note_undeclared(const struct planner *pl, const struct leaving *l, size_t first)
{
    struct bytes file = l->state->bindings[first].file;
    struct buf names = {0};
    char name[QUOTED_SIZE];
    size_t n = bindings_that_stay(pl, l, first, &names);
    if (n > 0 && is_there(l->root, file)) {
        diag_add(
            l->notes, DIAG_WARNING, "wrangler.undeclared", (struct srcpos){0},
            "%s is declared no more: its binding%s %s stay%s, and cfkv takes no more care of %s",
            text_quoted(file, name, sizeof name), text_plural(n), names.data, n == 1 ? "s" : "",
            n == 1 ? "it" : "them");
        diag_hint(l->notes,
                  "take %s out when the namespace%s; cfkv.wrangler { path = \"%.*s\" } keeps %s in "
                  "step",
                  n == 1 ? "it" : "them", n == 1 ? " goes" : "s go", BYTES_FMT(file),
                  n == 1 ? "it" : "them");
    }
    buf_release(&names);
}

/* ---- All ------------------------------------------------------------------------------------- */

void plan_note_leftovers(struct planner *pl)
{
    const struct configs *configs = pl->p->configs;
    const struct state *s = &pl->t->state;
    const struct plan_options *o = &pl->p->options;
    struct leaving l = {.state = s,
                        .root = pl->root,
                        .notes = &pl->p->notes,
                        .forgotten = "the id goes on working, and the binding is yours to keep",
                        .again = !o->destroy};
    l.items = find_goners(pl, &l.n);
    for (size_t i = 0; i < configs->n && !pl->t->local; i++)
        note_declared(&l, &configs->items[i]);
    for (size_t i = 0; i < s->n_bindings; i++) {
        if (!is_first(s, i) || is_declared(configs, s->bindings[i].file))
            continue;
        note_file(&l, s->bindings[i].file);
        if (!plan_is_filtered(o)) /* else it stays recorded */
            note_undeclared(pl, &l, i);
    }
}

void leftovers_of(const struct state *s, const struct file_root *root, struct bytes id,
                  struct bytes title, struct diag_list *notes)
{
    const struct goner goner = {.id = id, .title = title, .fate = FATE_FORGOTTEN};
    struct leaving l = {.items = &goner,
                        .n = 1,
                        .state = s,
                        .root = root,
                        .notes = notes,
                        .forgotten = "the next apply takes it out where the file is declared and "
                                     "the namespace is not; else the binding is yours to keep"};
    for (size_t i = 0; i < s->n_bindings; i++)
        if (is_first(s, i))
            note_file(&l, s->bindings[i].file);
}
