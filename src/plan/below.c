#include "below.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "kv/folders.h"
#include "kv/wrangler_find.h"
#include "state/state_file.h"

#define STATE_END  ".state.json"
#define CONFIG_END ".lua"

struct finder {
    struct below *b;
    const char *const *own;
    struct diag_list *notes;
    bool full; /* there are more files than are looked at */
};

static void note(struct finder *f, const char *code, const char *path, const struct error *cause)
{
    struct srcpos pos = {arena_str(&f->b->arena, path), 0};
    diag_add(f->notes, DIAG_WARNING, code, pos, "%s; it is left out", cause->message);
    diag_hint(f->notes, "%s", *cause->hint ? cause->hint : "mend it, and run it again");
}

/* ---- Configs --------------------------------------------------------------------------------- */

/* What a build tool made of another one is found where that is. */
static void add_config(struct finder *f, const char *path, const char *place)
{
    struct below *b = f->b;
    struct error cause = {0};
    if (b->n_configs == BELOW_FILES) {
        f->full = true;
        return;
    }
    arena_grow(&b->arena, (void **)&b->configs, &b->cap_configs, b->n_configs + 1,
               sizeof *b->configs);
    struct below_config *config = &b->configs[b->n_configs];
    *config = (struct below_config){.path = path};
    bool read = wrangler_config_load(place, &config->content, &cause);
    bool built = config->content.redirect_to.data || config->content.generated_from.data;
    if (read && !built) {
        b->n_configs++;
        return;
    }
    wrangler_config_release(&config->content);
    if (!read)
        note(f, "audit.config", path, &cause);
}

/* ---- States ---------------------------------------------------------------------------------- */

static void add_entry(struct below *b, const struct below_project *project, struct bytes account,
                      const struct state_namespace *ns)
{
    size_t before;
    arena_grow(&b->arena, (void **)&b->entries, &b->cap_entries, b->n_entries + 1,
               sizeof *b->entries);
    struct below_entry *entry = &b->entries[b->n_entries];
    *entry = (struct below_entry){.project = project,
                                  .account = arena_keep(&b->arena, account),
                                  .ns = {.address = arena_keep(&b->arena, ns->address),
                                         .id = arena_keep(&b->arena, ns->id),
                                         .title = arena_keep(&b->arena, ns->title)},
                                  .next = MAP_NONE};
#define KEEP_STRING(name)                   entry->ns.name = arena_keep(&b->arena, ns->name);
#define KEEP_WORD(name)                     KEEP_STRING(name)
#define KEEP_OBJECT(name)                   KEEP_STRING(name)
#define KEEP_DURATION(name)                 entry->ns.name = ns->name;
#define KEEP(name, kind, at_most, use, doc) KEEP_##kind(name)
    NAMESPACE_RECORDED(KEEP)
    map_add(&b->by_id, entry->ns.id, b->n_entries, &before);
    while (before != MAP_NONE && b->entries[before].next != MAP_NONE)
        before = b->entries[before].next;
    if (before != MAP_NONE)
        b->entries[before].next = b->n_entries;
    b->n_entries++;
}

static void add_entries(struct below *b, const struct below_project *project, struct state *s)
{
    for (size_t a = 0; a < s->n_accounts; a++)
        for (size_t i = 0; i < s->accounts[a].n; i++)
            if (!s->accounts[a].namespaces[i].removed)
                add_entry(b, project, state_store_account(s->accounts[a].id),
                          &s->accounts[a].namespaces[i]);
}

static bool is_own(struct finder *f, const char *place)
{
    for (const char *const *own = f->own; *own; own++)
        if (wrangler_path_same(&f->b->arena, *own, place))
            return true;
    return false;
}

/* What somebody else put there must not take all memory. */
static bool check_size(const char *path, const char *place, struct error *err)
{
    struct stat st;
    char name[QUOTED_SIZE];
    if (stat(place, &st) != 0 || st.st_size <= BELOW_STATE)
        return true;
    error_set(err, ERR_LIMIT, "state %s is larger than %lld bytes",
              text_quoted(bytes_of(path), name, sizeof name), (long long)BELOW_STATE);
    return error_hint(err, "what it records is told where its own configuration lies");
}

static void add_state(struct finder *f, const char *path, const char *place)
{
    struct below *b = f->b;
    struct error cause = {0};
    struct state_backend backend = {0};
    struct state s = {0};
    if (is_own(f, place))
        return;
    if (b->n_projects == BELOW_FILES) {
        f->full = true;
        return;
    }
    if (!check_size(path, place, &cause) || !state_file_backend(place, &backend, &cause) ||
        !state_open(&s, backend, bytes_make(NULL, 0), &cause)) {
        note(f, "audit.state", path, &cause);
        state_close(&s);
        return;
    }
    struct below_project *project = arena_alloc(&b->arena, 1, sizeof *project);
    *project = (struct below_project){.path = path, .name = arena_keep(&b->arena, s.project)};
    arena_grow(&b->arena, (void **)&b->projects, &b->cap_projects, b->n_projects + 1,
               sizeof *b->projects);
    b->projects[b->n_projects++] = project;
    add_entries(b, project, &s);
    state_close(&s);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A state is a project's where the configuration that it is named after lies beside it. */
static void add_states(struct finder *f, const char *path, const char *place)
{
    struct below *b = f->b;
    const char **names = NULL;
    size_t n = 0, cap = 0;
    struct dirent *entry;
    DIR *dir = opendir(place);
    while (dir && (entry = readdir(dir))) {
        struct bytes name = bytes_of(entry->d_name);
        if (!bytes_ends_with(name, bytes_of(STATE_END)) || !utf8_valid(name))
            continue;
        name.len -= strlen(STATE_END);
        const char *lua = arena_printf(&b->arena, "%.*s" CONFIG_END, BYTES_FMT(name));
        if (!file_exists(path_join(&b->arena, place, lua)))
            continue;
        arena_grow(&b->arena, (void **)&names, &cap, n + 1, sizeof *names);
        names[n++] = arena_str(&b->arena, entry->d_name);
    }
    if (dir)
        closedir(dir);
    if (n > 1)
        qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++)
        add_state(f, path_join(&b->arena, path, names[i]), path_join(&b->arena, place, names[i]));
}

/* ---- All ------------------------------------------------------------------------------------- */

static bool look_into(void *ctx, const char *path, const char *place, bool *deeper,
                      struct error *err)
{
    struct finder *f = ctx;
    const char *config = wrangler_find_beside(&f->b->arena, place);
    (void)deeper;
    (void)err;
    if (config)
        add_config(f, path_join(&f->b->arena, path, path_name(config)), config);
    add_states(f, path, place);
    return true;
}

void below_find(struct below *b, const char *folder, const char *const *own,
                struct diag_list *notes)
{
    static const struct folders_limits limits = {.levels = BELOW_LEVELS, .max = BELOW_FOLDERS};
    struct finder f = {.b = b, .own = own, .notes = notes};
    struct error unheard;
    bool cut;
    folders_walk(&b->arena, folder, &limits, look_into, &f, &cut, &unheard);
    if (!cut && !f.full)
        return;
    diag_add(notes, DIAG_WARNING, "audit.folders", (struct srcpos){0},
             "there is more below this folder than is looked at: %d folders, %d wrangler configs "
             "and %d states",
             BELOW_FOLDERS, BELOW_FILES, BELOW_FILES);
    diag_hint(notes, "run it in the folder of what it is about: -C DIR");
}

void below_release(struct below *b)
{
    for (size_t i = 0; i < b->n_configs; i++)
        wrangler_config_release(&b->configs[i].content);
    map_release(&b->by_id);
    arena_release(&b->arena);
    *b = (struct below){0};
}

/* ---- Asking ---------------------------------------------------------------------------------- */

static size_t in_account(const struct below *b, struct bytes account, size_t entry)
{
    while (entry != MAP_NONE && account.len > 0 && !bytes_equal(b->entries[entry].account, account))
        entry = b->entries[entry].next;
    return entry;
}

size_t below_entry_of(const struct below *b, struct bytes account, struct bytes id)
{
    return in_account(b, account, map_get(&b->by_id, id));
}

size_t below_entry_next(const struct below *b, struct bytes account, size_t entry)
{
    return in_account(b, account, b->entries[entry].next);
}
