/* Rules about cfkv.project, cfkv.removed and cfkv.output. */
#include "naming.h"
#include "rules.h"

/* ---- project --------------------------------------------------------------------------------- */

static void rule_name(struct check *c)
{
    struct bytes name = c->m->project.name;
    if (!name.data)
        return;
    const char *fault = name.len == 0 ? "is empty" : text_fault(name);
    if (fault)
        diag_add(c->diags, DIAG_ERROR, "project.name", c->m->project.pos, "project name %s %s",
                 QUOTE(name), fault);
    if (fault)
        diag_hint(c->diags, "give a word: the state file is called after it");
}

static void rule_account_id(struct check *c)
{
    struct bytes id = c->m->project.account_id;
    if (!id.data || id_valid(id))
        return;
    diag_add(c->diags, DIAG_ERROR, "project.account_id", c->m->project.pos,
             "account_id %s is not 32 lowercase hexadecimal digits", QUOTE(id));
    if (account_id_of(&c->m->project.accounts, id).data)
        diag_hint(c->diags, "give the id that accounts has for it");
    else
        diag_hint(c->diags, ACCOUNT_ID_HINT);
}

/* Names of one spelling in capitals would share the variable of their token. */
static void check_account_name(struct check *c, struct map *variables, size_t i)
{
    const struct project *p = &c->m->project;
    struct bytes name = p->accounts.items[i].from;
    const char *fault = account_name_fault(name);
    if (fault) {
        diag_add(c->diags, DIAG_ERROR, "project.accounts", p->pos, "account name %s %s",
                 QUOTE(name), fault);
        diag_hint(c->diags, "use letters, digits, _ and -, beginning with a letter");
        return;
    }
    const char *variable = account_variable(&c->scratch, name);
    size_t other = note_once(variables, bytes_of(variable), i);
    if (other == MAP_NONE)
        return;
    diag_add(c->diags, DIAG_ERROR, "project.accounts", p->pos,
             "accounts %s and %s would have one variable for their tokens, %s",
             QUOTE(p->accounts.items[other].from), QUOTE(name), variable);
    diag_hint(c->diags, "call one of them something else");
}

static void check_named_account(struct check *c, struct map *ids, size_t i)
{
    const struct project *p = &c->m->project;
    const struct renaming *account = &p->accounts.items[i];
    if (!id_valid(account->to)) {
        diag_add(c->diags, DIAG_ERROR, "project.accounts", p->pos,
                 "account %s is %s, which is not 32 lowercase hexadecimal digits",
                 QUOTE(account->from), QUOTE(account->to));
        diag_hint(c->diags, ACCOUNT_ID_HINT);
        return;
    }
    size_t other = note_once(ids, account->to, i);
    if (other == MAP_NONE)
        return;
    diag_add(c->diags, DIAG_ERROR, "project.accounts", p->pos,
             "accounts %s and %s are one account, %s", QUOTE(p->accounts.items[other].from),
             QUOTE(account->from), QUOTE(account->to));
    diag_hint(c->diags, "an account has one name");
}

static void rule_accounts(struct check *c)
{
    struct map variables = {0}, ids = {0};
    for (size_t i = 0; i < c->m->project.accounts.n; i++) {
        check_account_name(c, &variables, i);
        check_named_account(c, &ids, i);
    }
    map_release(&variables);
    map_release(&ids);
}

static void rule_title_max(struct check *c)
{
    int64_t max = c->m->project.title_max;
    if (max >= 1 && max <= KV_TITLE_MAX)
        return;
    diag_add(c->diags, DIAG_ERROR, "project.title_max", c->m->project.pos,
             "title_max '%lld' is out of range", (long long)max);
    diag_hint(c->diags, "give 1 to %d characters; Cloudflare allows no more", KV_TITLE_MAX);
}

static void unknown_part(struct check *c, struct bytes part)
{
    diag_add(c->diags, DIAG_ERROR, "project.naming", c->m->project.pos,
             "naming %s has an unknown placeholder %s", QUOTE(c->m->project.naming), QUOTE(part));
    const char *nearest = text_nearest(part, naming_parts);
    if (nearest)
        diag_hint(c->diags, "did you mean '{%s}'?", nearest);
    else
        diag_hint(c->diags, "known: '{app}', '{purpose}', '{env}'");
}

static void rule_naming(struct check *c)
{
    static const struct namespace_decl none;
    struct bytes naming = c->m->project.naming, rest = naming, piece;
    enum naming_token token;
    size_t parts = 0;
    while ((token = naming_next(&rest, &piece)) != NAMING_END && token != NAMING_BROKEN) {
        if (token == NAMING_PART && !naming_part(&none, piece))
            unknown_part(c, piece);
        parts += token == NAMING_PART;
    }
    const char *fault = text_fault(naming);
    if (fault) {
        diag_add(c->diags, DIAG_ERROR, "project.naming", c->m->project.pos, "naming %s %s",
                 QUOTE(naming), fault);
    } else if (token == NAMING_BROKEN) {
        diag_add(c->diags, DIAG_ERROR, "project.naming", c->m->project.pos,
                 "naming %s has a brace without its other half", QUOTE(naming));
        diag_hint(c->diags, "write a placeholder as '{env}'");
    } else if (parts == 0) {
        diag_add(c->diags, DIAG_ERROR, "project.naming", c->m->project.pos,
                 "naming %s has no placeholder, so all titles would be the same", QUOTE(naming));
        diag_hint(c->diags, "known: '{app}', '{purpose}', '{env}'");
    }
}

static void rule_environments(struct check *c)
{
    const struct project *p = &c->m->project;
    for (size_t i = 0; i < p->environments.n; i++) {
        struct bytes env = p->environments.items[i];
        const char *fault = env.len == 0 ? "is empty" : text_fault(env);
        if (fault)
            diag_add(c->diags, DIAG_ERROR, "project.environments", p->pos, "environment %s %s",
                     QUOTE(env), fault);
        if (fault)
            diag_hint(c->diags, "give it a name, such as 'dev', or take it out");
    }
}

static void rule_protected_envs(struct check *c)
{
    const struct project *p = &c->m->project;
    for (size_t i = 0; i < p->protected_envs.n; i++) {
        if (environment_known(p, p->protected_envs.items[i]))
            continue;
        diag_add(c->diags, DIAG_ERROR, "project.protected_envs", p->pos,
                 "protected_envs names %s, which is not in environments",
                 QUOTE(p->protected_envs.items[i]));
        hint_nearest(c, p->protected_envs.items[i], &p->environments);
    }
}

/* Where environments are not listed, an environment may be declared another time only, so that
 * nothing but a slip is told. */
static void rule_protected_slips(struct check *c)
{
    const struct project *p = &c->m->project;
    struct strings envs = {0};
    if (p->protected_envs.n > 0 && p->environments.n == 0)
        envs = environments_declared(c);
    for (size_t i = 0; i < p->protected_envs.n; i++) {
        struct bytes name = p->protected_envs.items[i];
        struct bytes nearest = nearest_name(c, name, &envs);
        if (environment_declared(&envs, name) || !nearest.data ||
            strings_contain(&p->protected_envs, nearest))
            continue;
        diag_add(c->diags, DIAG_WARNING, "project.protected_envs", p->pos,
                 "protected_envs names %s, which is the env of no namespace", QUOTE(name));
        diag_hint(c->diags, "did you mean %s?", QUOTE(nearest));
    }
}

static void check_range(struct check *c, const char *code, const char *name, int64_t n, int64_t max,
                        const char *what)
{
    if (n >= 1 && n <= max)
        return;
    diag_add(c->diags, DIAG_ERROR, code, c->m->project.pos, "%s '%lld' is out of range", name,
             (long long)n);
    diag_hint(c->diags, "give 1 to %lld: %s", (long long)max, what);
}

static void rule_guards(struct check *c)
{
    const struct project *p = &c->m->project;
    check_range(c, "project.guards", "guards.mass_percent", p->mass_percent, 100,
                "more of the namespaces, or of the keys of one, are not deleted unasked");
    check_range(c, "project.guards", "guards.mass_from", p->mass_from, CFKV_MASS_FROM_MAX,
                "the keys of a namespace from which mass_percent counts");
}

static void rule_limits(struct check *c)
{
    check_range(c, "project.limits", "limits.namespaces", c->m->project.namespaces_max,
                CFKV_NAMESPACES_RAISED_MAX, "the namespaces that Cloudflare lets the account have");
}

static void rule_backups(struct check *c)
{
    const struct project *p = &c->m->project;
    const char *fault = p->backups_dir.data ? write_fault(c, p->backups_dir) : NULL;
    if (p->backups_dir.data && bytes_equal(p->backups_dir, bytes_of(".")))
        fault = "is the root itself";
    if (fault) {
        diag_add(c->diags, DIAG_ERROR, "project.backups", p->pos, "backups.dir %s %s",
                 QUOTE(p->backups_dir), fault);
        diag_hint(c->diags, "give a folder below the project root");
    }
    check_range(c, "project.backups", "backups.keep", p->backups_keep, CFKV_BACKUPS_KEEP_MAX,
                "so many backups stay, however old they are");
    check_range(c, "project.backups", "backups.days", p->backups_days, CFKV_BACKUPS_DAYS_MAX,
                "younger backups stay, however many they are");
}

static void rule_ephemeral(struct check *c)
{
    const struct project *p = &c->m->project;
    if (p->ephemeral.data && p->ephemeral.len == 0)
        diag_add(c->diags, DIAG_ERROR, "project.ephemeral", p->pos, "ephemeral.match is empty");
    check_range(c, "project.ephemeral", "ephemeral.days", p->ephemeral_days,
                CFKV_EPHEMERAL_DAYS_MAX, "cfkv sweep removes older environments");
}

static void rule_ephemeral_protected(struct check *c)
{
    const struct project *p = &c->m->project;
    for (size_t i = 0; i < p->protected_envs.n; i++) {
        if (!environment_is_ephemeral(p, p->protected_envs.items[i]))
            continue;
        diag_add(c->diags, DIAG_ERROR, "project.ephemeral", p->pos,
                 "ephemeral.match %s matches the protected environment %s", QUOTE(p->ephemeral),
                 QUOTE(p->protected_envs.items[i]));
        diag_hint(c->diags, "match only environments that come and go, such as 'pr-*'");
    }
}

const model_rule project_rules[] = {
    rule_name,
    rule_account_id,
    rule_accounts,
    rule_title_max,
    rule_naming,
    rule_environments,
    rule_protected_envs,
    rule_protected_slips,
    rule_guards,
    rule_limits,
    rule_backups,
    rule_ephemeral,
    rule_ephemeral_protected,
    NULL,
};

/* ---- removed --------------------------------------------------------------------------------- */

static void rule_removed_names(struct check *c)
{
    for (size_t i = 0; i < c->m->n_removed; i++) {
        const struct removed_decl *r = &c->m->removed[i];
        bool both = r->title.data && r->address.data;
        if ((r->title.len > 0 || r->address.len > 0) && !both)
            continue;
        diag_add(c->diags, DIAG_ERROR, "removed.name", r->pos, "cfkv.removed %s",
                 both ? "has a title and an address" : "names no namespace");
        diag_hint(c->diags, "give title or address");
    }
}

static const struct namespace_decl *declared_still(const struct model *m,
                                                   const struct removed_decl *r)
{
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct namespace_decl *ns = &m->namespaces[i];
        struct bytes account = namespace_account(m, ns);
        if (removed_names(m, r, account, ns->address, ns->title))
            return ns;
    }
    return NULL;
}

static void rule_removed_gone(struct check *c)
{
    for (size_t i = 0; i < c->m->n_removed; i++) {
        const struct removed_decl *r = &c->m->removed[i];
        const struct namespace_decl *ns = declared_still(c->m, r);
        if (!ns)
            continue;
        diag_add(c->diags, DIAG_WARNING, "removed.declared", r->pos,
                 "namespace %s is said to be removed and is declared, at %s",
                 QUOTE(r->title.data ? r->title : r->address), PLACE(ns->pos));
        diag_hint(c->diags, "take one of the two away; while it is declared it stays");
    }
}

const model_rule removed_rules[] = {rule_removed_names, rule_removed_gone, NULL};

/* ---- outputs --------------------------------------------------------------------------------- */

static bool is_output_name(const char *name)
{
    if (name[0] >= '0' && name[0] <= '9')
        return false;
    size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    return n > 0 && name[n] == '\0';
}

static void rule_output_name(struct check *c)
{
    for (size_t i = 0; i < c->m->n_outputs; i++) {
        const struct output_decl *output = &c->m->outputs[i];
        if (is_output_name(output->name))
            continue;
        diag_add(c->diags, DIAG_ERROR, "output.name", output->pos,
                 "output name %s is not an identifier", QUOTE(bytes_of(output->name)));
        diag_hint(c->diags, "use letters, digits and _, not starting with a digit");
    }
}

static void rule_output_once(struct check *c)
{
    struct map seen = {0};
    for (size_t i = 0; i < c->m->n_outputs; i++) {
        const struct output_decl *output = &c->m->outputs[i];
        size_t first = note_once(&seen, bytes_of(output->name), i);
        if (first != MAP_NONE)
            report_twice(c, "output.duplicate", "output", bytes_of(output->name),
                         c->m->outputs[first].pos, output->pos);
    }
    map_release(&seen);
}

static void rule_output_secret(struct check *c)
{
    for (size_t i = 0; i < c->m->n_outputs; i++) {
        const struct output_decl *output = &c->m->outputs[i];
        if (!output->value.secret)
            continue;
        diag_add(c->diags, DIAG_ERROR, "output.secret", output->pos, "output %s is a secret",
                 QUOTE(bytes_of(output->name)));
        diag_hint(c->diags, "outputs are kept in state and printed; leave it out");
    }
}

static bool output_looks_secret(const struct output_decl *output)
{
    for (size_t i = 0; i < output->value.n; i++)
        if (looks_secret(bytes_of(output->name), output->value.parts[i].text))
            return true;
    return looks_secret(bytes_make(NULL, 0), output->json);
}

static void rule_output_unmarked(struct check *c)
{
    for (size_t i = 0; i < c->m->n_outputs; i++) {
        const struct output_decl *output = &c->m->outputs[i];
        if (output->value.secret || !output_looks_secret(output))
            continue;
        diag_add(c->diags, DIAG_WARNING, "output.unmarked", output->pos,
                 "output %s looks like a credential", QUOTE(bytes_of(output->name)));
        diag_hint(c->diags, "outputs are kept in state and printed; leave it out");
    }
}

const model_rule output_rules[] = {
    rule_output_name, rule_output_once, rule_output_secret, rule_output_unmarked, NULL,
};
