#include "patterns.h"

static bool matches(struct bytes pattern, struct bytes address, struct bytes title)
{
    return glob_match(pattern, address) || glob_match(pattern, title);
}

static bool matches_whole(const struct session *s, struct bytes pattern)
{
    const struct state *state = &s->target.state;
    for (size_t i = 0; i < s->model.n_namespaces; i++)
        if (matches(pattern, s->model.namespaces[i].address, s->model.namespaces[i].title))
            return true;
    for (size_t a = 0; a < state->n_accounts; a++)
        for (size_t i = 0; i < state->accounts[a].n; i++) {
            const struct state_namespace *ns = &state->accounts[a].namespaces[i];
            if (!ns->removed && matches(pattern, ns->address, ns->title))
                return true;
        }
    return false;
}

struct bytes pattern_by_id(struct session *s, struct bytes pattern)
{
    struct bytes id, rest;
    if (!account_split(s->target.words.names, pattern, &id, &rest) || matches_whole(s, pattern))
        return pattern;
    return account_join(&s->arena, id.len > 0 ? id : bytes_of(STATE_LOCAL), rest);
}

const char *const *patterns_only(struct session *s)
{
    const struct text_list *given = &s->options->only;
    const char **only = arena_alloc(&s->arena, given->n, sizeof *only);
    for (size_t i = 0; i < given->n; i++)
        only[i] = pattern_by_id(s, bytes_of(given->items[i])).data;
    return only;
}

static struct permit permit_by_id(struct session *s, const struct permit *given)
{
    struct permit p = {.bare = given->bare, .n = given->n};
    p.globs = arena_alloc(&s->arena, p.n, sizeof *p.globs);
    for (size_t i = 0; i < p.n; i++)
        p.globs[i] = pattern_by_id(s, given->globs[i]);
    return p;
}

struct permits patterns_permits(struct session *s)
{
    const struct permits *given = &s->options->permits;
    return (struct permits){permit_by_id(s, &given->data_loss),
                            permit_by_id(s, &given->mass_delete)};
}
