#include "guard_glob.h"

#include "base/map.h"

/* How many bytes all begin with, and how many more all end with. */
static size_t common_start(const struct bytes *addresses, size_t n)
{
    size_t start = addresses[0].len;
    for (size_t i = 1; i < n; i++) {
        size_t same = 0;
        while (same < start && same < addresses[i].len &&
               addresses[i].data[same] == addresses[0].data[same])
            same++;
        start = same;
    }
    return start;
}

static size_t common_end(const struct bytes *addresses, size_t n, size_t start)
{
    struct bytes first = addresses[0];
    size_t end = first.len - start;
    for (size_t i = 1; i < n; i++) {
        struct bytes other = addresses[i];
        size_t same = 0;
        while (same < end && same < other.len - start &&
               other.data[other.len - 1 - same] == first.data[first.len - 1 - same])
            same++;
        end = same;
    }
    return end;
}

static bool is_exact(const struct planner *pl, struct bytes glob, const struct map *meant)
{
    const struct permit permit = {.globs = &glob, .n = 1};
    struct bytes none = {0};
    for (size_t i = 0; i < pl->m->n_namespaces; i++) {
        const struct namespace_decl *decl = &pl->m->namespaces[i];
        if (map_get(meant, decl->address) == MAP_NONE &&
            permit_names(&permit, none, decl->address, decl->title))
            return false;
    }
    for (size_t a = 0; a < pl->t->state.n_accounts; a++) {
        const struct state_account *section = &pl->t->state.accounts[a];
        for (size_t i = 0; i < section->n; i++) {
            const struct state_namespace *entry = &section->namespaces[i];
            if (!entry->removed && map_get(meant, entry->address) == MAP_NONE &&
                permit_names(&permit, none, entry->address, entry->title))
                return false;
        }
    }
    return true;
}

const char *plan_exact_glob(struct planner *pl, const struct bytes *addresses, size_t n)
{
    size_t start = common_start(addresses, n), end = common_end(addresses, n, start);
    const char *first = addresses[0].data, *tail = first + addresses[0].len - end;
    struct arena *arena = &pl->p->arena;
    const char *globs[] = {arena_printf(arena, "%.*s*", (int)start, first),
                           arena_printf(arena, "*%.*s", (int)end, tail),
                           arena_printf(arena, "%.*s*%.*s", (int)start, first, (int)end, tail)};
    const char *exact = NULL;
    struct map meant = {0};
    for (size_t i = 0; i < n; i++)
        map_set(&meant, addresses[i], i);
    bool several = target_account_word(pl->t, bytes_make(NULL, 0)).data != NULL;
    for (size_t i = 0; !several && !exact && i < sizeof globs / sizeof *globs; i++)
        exact = is_exact(pl, bytes_of(globs[i]), &meant) ? globs[i] : NULL;
    map_release(&meant);
    return exact;
}
