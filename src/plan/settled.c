#include "settled.h"

#include "base/text.h"
#include "model/validate.h"

struct settled {
    const char *name;
    const char *code, *unsure; /* of a contradiction; of what nothing tells */
    const char *is;            /* "is in jurisdiction" */
    const char *none;          /* what a namespace without is */
    size_t decl, entry, live;  /* where it stands */
};

#define SETTLED(name_, ...)                                                                        \
    {                                                                                              \
        .name = #name_, .code = "namespace." #name_ ".moved",                                      \
        .unsure = "namespace." #name_ ".untold", .decl = offsetof(struct namespace_decl, name_),   \
        .entry = offsetof(struct state_namespace, name_),                                          \
        .live = offsetof(struct observed_namespace, name_), __VA_ARGS__                            \
    }

static const struct settled all[] = {
    SETTLED(jurisdiction, .is = "is in jurisdiction", .none = "was created without one"),
    SETTLED(mode, .is = "is of mode", .none = "was created without one"),
};

#define N_SETTLED (sizeof all / sizeof *all)

static struct bytes text_at(const void *record, size_t offset)
{
    return record ? *(const struct bytes *)(const void *)((const char *)record + offset)
                  : bytes_make(NULL, 0);
}

/* As the service tells it, else as it is recorded. */
static struct bytes known(const struct settled *f, const struct observed_namespace *live,
                          const struct state_namespace *entry)
{
    struct bytes told = text_at(live, f->live);
    return told.data ? told : text_at(entry, f->entry);
}

/* How a namespace of another kind is had without losing a key; `kinds` has every step. */
static const char *way(struct planner *pl, const struct settled *f,
                       const struct namespace_decl *decl, struct bytes is)
{
    char name[QUOTED_SIZE];
    const char *as_it_is =
        is.data ? arena_printf(&pl->p->arena, "with %s = \"%.*s\"", f->name, BYTES_FMT(is))
                : arena_printf(&pl->p->arena, "without %s", f->name);
    return arena_printf(&pl->p->arena,
                        "that is settled for life: leave %s declared %s, declare one of another "
                        "title beside it with %s = \"%.*s\", 'cfkv apply', 'cfkv copy' its keys "
                        "over, then take the old one out; 'cfkv help kinds' has each step",
                        text_quoted(decl->title, name, sizeof name), as_it_is, f->name,
                        BYTES_FMT(text_at(decl, f->decl)));
}

static void contradiction(struct planner *pl, const struct settled *f,
                          const struct namespace_decl *decl, struct bytes is,
                          struct settled_problem *problem)
{
    char name[QUOTED_SIZE];
    const char *fact =
        is.data ? arena_printf(&pl->p->arena, "%s '%.*s'", f->is, BYTES_FMT(is)) : f->none;
    problem->severity = DIAG_ERROR;
    problem->code = f->code;
    problem->message =
        arena_printf(&pl->p->arena, "namespace %s is declared with %s '%.*s', but %s",
                     text_quoted(decl->title, name, sizeof name), f->name,
                     BYTES_FMT(text_at(decl, f->decl)), fact);
    problem->hint = way(pl, f, decl, is);
}

static void untold(struct planner *pl, const struct settled *f, const struct namespace_decl *decl,
                   struct settled_problem *problem)
{
    char name[QUOTED_SIZE];
    problem->severity = DIAG_WARNING;
    problem->code = f->unsure;
    problem->message =
        arena_printf(&pl->p->arena,
                     "namespace %s is declared with %s '%.*s', but cfkv did not create it, and "
                     "the service tells no %s of it",
                     text_quoted(decl->title, name, sizeof name), f->name,
                     BYTES_FMT(text_at(decl, f->decl)), f->name);
    problem->hint = arena_printf(&pl->p->arena,
                                 "leave %s out if it has none; to have it for certain, copy its "
                                 "keys to a new namespace ('cfkv help kinds')",
                                 f->name);
}

static bool differs(struct planner *pl, const struct settled *f, size_t ns,
                    const struct observed_namespace *live, const struct state_namespace *entry,
                    struct settled_problem *problem)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    struct bytes wanted = text_at(decl, f->decl), is = known(f, live, entry);
    bool certain = is.data || (entry && entry->origin == STATE_CREATED);
    if (!wanted.data || !live || (is.data && bytes_equal(wanted, is)) ||
        (!certain && pl->p->resolutions[ns].origin == STATE_CREATED))
        return false;
    if (certain)
        contradiction(pl, f, decl, is, problem);
    else
        untold(pl, f, decl, problem);
    return true;
}

/* Its keys would be judged by the limits of others. */
static bool is_undeclared(struct planner *pl, size_t ns, struct settled_problem *problem)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    bool writes = decl->n_puts + decl->n_bulks > 0 || decl->fingerprint;
    char name[QUOTED_SIZE];
    if (pl->t->local || decl->mode.data || !writes || !settled_is_instant(pl, ns))
        return false;
    *problem = (struct settled_problem){
        .severity = DIAG_ERROR,
        .code = "namespace.mode.undeclared",
        .message = arena_printf(&pl->p->arena,
                                "namespace %s is of mode 'instant', and its declaration does not "
                                "say so",
                                text_quoted(decl->title, name, sizeof name)),
        .hint = "add mode = \"instant\": keys are judged by its limits then"};
    return true;
}

/* They were sent, or were not, once and for all. */
static bool is_late(struct planner *pl, size_t ns, struct settled_problem *problem)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    const struct state_namespace *entry = planner_entry(pl, ns);
    struct bytes sent = entry ? entry->create_options : bytes_make(NULL, 0);
    bool created = !entry && pl->p->resolutions[ns].origin == STATE_CREATED;
    char name[QUOTED_SIZE];
    if (pl->t->local || !decl->create_options.data || !planner_live(pl, ns) || created ||
        bytes_same(decl->create_options, sent))
        return false;
    *problem = (struct settled_problem){
        .severity = DIAG_WARNING,
        .code = "namespace.create_options.late",
        .message = arena_printf(&pl->p->arena,
                                "create_options of namespace %s have no effect: it is there "
                                "already, created %s",
                                text_quoted(decl->title, name, sizeof name),
                                sent.data                                 ? "with others"
                                : entry && entry->origin == STATE_CREATED ? "without any"
                                                                          : "by somebody else"),
        .hint = "they are sent when a namespace is created; 'cfkv help kinds' has the way to a new "
                "one"};
    return true;
}

bool settled_judge(struct planner *pl, size_t ns, struct settled_problem *problem)
{
    for (size_t i = 0; i < N_SETTLED && !pl->t->local; i++)
        if (differs(pl, &all[i], ns, planner_live(pl, ns), planner_entry(pl, ns), problem))
            return true;
    return is_undeclared(pl, ns, problem) || is_late(pl, ns, problem);
}

bool settled_differs(struct planner *pl, size_t ns, const struct observed_namespace *live,
                     struct settled_problem *problem)
{
    for (size_t i = 0; i < N_SETTLED && !pl->t->local; i++)
        if (text_at(live, all[i].live).data && differs(pl, &all[i], ns, live, NULL, problem))
            return true;
    return false;
}

void settled_record(const struct planner *pl, size_t ns, struct state_namespace *record)
{
    const struct state_namespace *entry = planner_entry(pl, ns);
    for (size_t i = 0; i < N_SETTLED; i++) {
        struct bytes *at = (void *)((char *)record + all[i].entry);
        struct bytes is = known(&all[i], planner_live(pl, ns), entry);
        if (pl->t->local)
            *at = bytes_make(NULL, 0);
        else if (is.data || entry || record->origin != STATE_CREATED)
            *at = is;
    }
    if (pl->t->local)
        record->create_options = bytes_make(NULL, 0);
    else if (entry)
        record->create_options = entry->create_options;
}

bool settled_is_instant(const struct planner *pl, size_t ns)
{
    struct state_namespace record = {.mode = pl->m->namespaces[ns].mode, .origin = STATE_CREATED};
    if (pl->t->local)
        return false;
    bool declared = mode_is_instant(record.mode);
    settled_record(pl, ns, &record);
    return declared || mode_is_instant(record.mode);
}

void settled_note(struct planner *pl, size_t ns)
{
    if (pl->t->store && settled_is_instant(pl, ns))
        store_note_mode(pl->t->store, pl->p->ids[ns], bytes_of(MODE_INSTANT));
}

void settled_believe(const struct planner *pl, size_t ns, struct state_namespace *record)
{
    const struct namespace_decl *decl = &pl->m->namespaces[ns];
    for (size_t i = 0; i < N_SETTLED && !pl->t->local; i++) {
        struct bytes *at = (void *)((char *)record + all[i].entry);
        if (!at->data)
            *at = text_at(decl, all[i].decl);
    }
}
