/* Rules about cfkv.project and cfkv.output. */
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
}

static void rule_account_id(struct check *c)
{
    struct bytes id = c->m->project.account_id;
    if (!id.data || id_valid(id))
        return;
    diag_add(c->diags, DIAG_ERROR, "project.account_id", c->m->project.pos,
             "account_id %s is not 32 lowercase hexadecimal digits", QUOTE(id));
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
    } else if (parts == 0) {
        diag_add(c->diags, DIAG_ERROR, "project.naming", c->m->project.pos,
                 "naming %s has no placeholder, so all titles would be the same", QUOTE(naming));
        diag_hint(c->diags, "known: '{app}', '{purpose}', '{env}'");
    }
}

static void rule_environments(struct check *c)
{
    const struct project *p = &c->m->project;
    for (size_t i = 0; i < p->n_environments; i++) {
        struct bytes env = p->environments[i];
        const char *fault = env.len == 0 ? "is empty" : text_fault(env);
        if (fault)
            diag_add(c->diags, DIAG_ERROR, "project.environments", p->pos, "environment %s %s",
                     QUOTE(env), fault);
    }
}

static void rule_protected_envs(struct check *c)
{
    const struct project *p = &c->m->project;
    for (size_t i = 0; i < p->n_protected_envs; i++) {
        if (environment_known(p, p->protected_envs[i]))
            continue;
        diag_add(c->diags, DIAG_ERROR, "project.protected_envs", p->pos,
                 "protected_envs names %s, which is not in environments",
                 QUOTE(p->protected_envs[i]));
        hint_nearest(c, p->protected_envs[i], p->environments, p->n_environments);
    }
}

const model_rule project_rules[] = {
    rule_name,         rule_account_id,     rule_title_max, rule_naming,
    rule_environments, rule_protected_envs, NULL,
};

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
        size_t first = note_once(c, &seen, bytes_of(output->name), i);
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
