#include "filters.h"

#include "base/mem.h"
#include "base/text.h"

/* What one kind of filter may be meant for. */
struct names {
    struct placed_name {
        struct bytes account, name;
    } * items;
    size_t n, cap;
    bool local; /* of that target */
};

static void add(struct names *names, struct bytes account, struct bytes name)
{
    if (!name.data)
        return;
    mem_grow((void **)&names->items, &names->cap, names->n + 1, sizeof *names->items);
    names->items[names->n++] = (struct placed_name){account, name};
}

/* Declared ones first: of equally near ones the first is named. */
static void collect(const struct model *m, const struct state *state, struct names *envs,
                    struct names *names)
{
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct namespace_decl *ns = &m->namespaces[i];
        struct bytes account_id = namespace_account(m, ns);
        add(envs, account_id, ns->env);
        add(names, account_id, ns->address);
        add(names, account_id, ns->title);
    }
    for (size_t i = 0; i < state->n_accounts; i++) {
        const struct state_account *account = &state->accounts[i];
        struct bytes account_id = state_store_account(account->id);
        for (size_t j = 0; !account->aside && j < account->n; j++) {
            const struct state_namespace *ns = &account->namespaces[j];
            if (ns->removed)
                continue;
            add(envs, account_id, ns->env);
            add(names, account_id, ns->address);
            add(names, account_id, ns->title);
        }
    }
}

static bool matches_any(const struct names *names, struct bytes pattern, bool glob)
{
    for (size_t i = 0; i < names->n; i++) {
        const struct placed_name *p = &names->items[i];
        if (glob ? account_matches(pattern, p->account, p->name, p->name)
                 : bytes_equal(pattern, p->name))
            return true;
    }
    return false;
}

/* `accounts`: an account is told by its name. */
static bool refuse(const char *option, struct bytes pattern, const struct names *names,
                   const struct renamings *accounts, struct error *err)
{
    struct arena arena = {0};
    struct bytes account, rest;
    char quoted[QUOTED_SIZE];
    if (account_split(accounts, pattern, &account, &rest))
        pattern = account_join(&arena, account_word(accounts, account), rest);
    const char **list = arena_alloc(&arena, names->n + 1, sizeof *list); /* ends with NULL */
    for (size_t i = 0; i < names->n; i++)
        list[i] = arena_copy(&arena, names->items[i].name).data;
    const char *nearest = text_nearest(pattern, list);
    error_set(err, ERR_USAGE, "%s %s matches no namespace, declared or recorded", option,
              text_quoted(pattern, quoted, sizeof quoted));
    if (nearest)
        error_hint(err, "did you mean %s?", text_quoted(bytes_of(nearest), quoted, sizeof quoted));
    else
        error_hint(err, "'cfkv eval' prints what is declared, 'cfkv state list%s' what is recorded",
                   names->local ? " --local" : "");
    arena_release(&arena);
    return false;
}

static bool check(const char *option, const char *const *patterns, size_t n,
                  const struct names *names, bool glob, const struct renamings *accounts,
                  struct error *err)
{
    for (size_t i = 0; i < n; i++)
        if (!matches_any(names, bytes_of(patterns[i]), glob))
            return refuse(option, bytes_of(patterns[i]), names, accounts, err);
    return true;
}

/* An environment that comes and goes is destroyed again without complaint once it is gone. */
static bool check_envs(const struct model *m, const struct plan_options *options,
                       const struct names *names, struct error *err)
{
    for (size_t i = 0; i < options->n_envs; i++) {
        bool gone =
            options->destroy && environment_is_ephemeral(&m->project, bytes_of(options->envs[i]));
        if (!gone && !check("--env", &options->envs[i], 1, names, false, &m->project.accounts, err))
            return false;
    }
    return true;
}

bool filters_check(const struct model *m, const struct state *state,
                   const struct plan_options *options, bool local, struct error *err)
{
    const struct renamings *accounts = &m->project.accounts;
    struct names envs = {.local = local}, names = {.local = local};
    collect(m, state, &envs, &names);
    bool ok = check_envs(m, options, &envs, err) &&
              check("--only", options->only, options->n_only, &names, true, accounts, err);
    mem_free(envs.items);
    mem_free(names.items);
    return ok;
}
