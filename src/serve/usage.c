#include "usage.h"

#include <stdio.h>
#include <time.h>

#include "base/mem.h"

static const char *const names[USAGE_ACTIONS] = {"read", "write", "delete", "list"};

const char *usage_action_name(enum usage_action action)
{
    return names[action];
}

void usage_date(int64_t now, char date[11])
{
    struct tm tm;
    time_t t = (time_t)now;
    date[0] = '\0';
    if (gmtime_r(&t, &tm))
        strftime(date, 11, "%Y-%m-%d", &tm);
}

static struct usage_row *row_new(struct usage *u, const char *name, const struct usage_row *row)
{
    mem_grow((void **)&u->rows, &u->cap, u->n + 1, sizeof *u->rows);
    struct usage_row *copy = &u->rows[u->n];
    *copy = *row;
    copy->account = arena_copy(&u->arena, row->account);
    copy->id = arena_copy(&u->arena, row->id);
    map_add(&u->index, arena_copy(&u->arena, bytes_of(name)), u->n, NULL);
    u->n++;
    return copy;
}

void usage_add(struct usage *u, struct bytes account, struct bytes id, enum usage_action action,
               size_t n, int64_t now)
{
    struct usage_row row = {.account = account, .id = id, .action = action};
    usage_date(now, row.date);
    char name[128];
    snprintf(name, sizeof name, "%s %.*s %.*s %d", row.date, BYTES_FMT(account), BYTES_FMT(id),
             (int)action);
    size_t at = map_get(&u->index, bytes_of(name));
    struct usage_row *found = at != MAP_NONE ? &u->rows[at] : row_new(u, name, &row);
    found->requests += n;
}

void usage_release(struct usage *u)
{
    mem_free(u->rows);
    map_release(&u->index);
    arena_release(&u->arena);
    *u = (struct usage){0};
}
