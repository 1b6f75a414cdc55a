#include "account_map.h"

#include "base/mem.h"

static struct map *names_find(const struct account_map *m, struct bytes account)
{
    for (size_t i = 0; i < m->n; i++)
        if (bytes_equal(m->accounts[i].account, account))
            return &m->accounts[i].names;
    return NULL;
}

static struct map *names_of(struct account_map *m, struct bytes account)
{
    struct map *names = names_find(m, account);
    if (names)
        return names;
    mem_grow((void **)&m->accounts, &m->cap, m->n + 1, sizeof *m->accounts);
    m->accounts[m->n] = (struct account_names){.account = account};
    return &m->accounts[m->n++].names;
}

size_t account_map_get(const struct account_map *m, struct bytes account, struct bytes name)
{
    const struct map *names = names_find(m, account);
    return names ? map_get(names, name) : MAP_NONE;
}

void account_map_set(struct account_map *m, struct bytes account, struct bytes name, size_t value)
{
    map_set(names_of(m, account), name, value);
}

void account_map_add(struct account_map *m, struct bytes account, struct bytes name, size_t value,
                     size_t *existing)
{
    map_add(names_of(m, account), name, value, existing);
}

void account_map_release(struct account_map *m)
{
    for (size_t i = 0; i < m->n; i++)
        map_release(&m->accounts[i].names);
    mem_free(m->accounts);
    *m = (struct account_map){0};
}
