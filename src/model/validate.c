#include "validate.h"

#include "rules.h"

/* Names first: the messages of all other rules quote titles. */
static void name_namespaces(struct check *c)
{
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        struct namespace_decl *ns = &c->m->namespaces[i];
        if (!ns->title.data || !ns->address.data)
            model_name_namespace(c->m, ns);
    }
}

/* After validation no title is absent, so that whoever prints a wrong model need not ask. */
static void fill_titles(struct model *m)
{
    for (size_t i = 0; i < m->n_namespaces; i++) {
        struct namespace_decl *ns = &m->namespaces[i];
        if (!ns->title.data)
            ns->title = bytes_of("");
        if (!ns->address.data)
            ns->address = bytes_of("");
    }
}

static void run(struct check *c, const model_rule *rules)
{
    for (; *rules; rules++)
        (*rules)(c);
}

static void run_namespace_rules(struct check *c)
{
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        const namespace_rule *rule = ns->preview_of == SIZE_MAX ? namespace_rules : preview_rules;
        for (; *rule; rule++)
            (*rule)(c, ns);
    }
}

void model_validate(struct model *m, int64_t now)
{
    struct check c = {.m = m, .diags = &m->diags, .now = now};
    name_namespaces(&c);
    run(&c, project_rules);
    run_namespace_rules(&c);
    run(&c, namespaces_rules);
    run(&c, seed_rules);
    run(&c, removed_rules);
    run(&c, output_rules);
    run(&c, wrangler_rules);
    fill_titles(m);
    arena_release(&c.scratch);
    diag_sort(&m->diags);
}

/* ---- Bindings -------------------------------------------------------------------------------- */

static const char *const reserved_words[] = {
    "await",     "break",  "case",     "catch",  "class",      "const",   "continue",  "debugger",
    "default",   "delete", "do",       "else",   "enum",       "export",  "extends",   "false",
    "finally",   "for",    "function", "if",     "implements", "import",  "in",        "instanceof",
    "interface", "let",    "new",      "null",   "package",    "private", "protected", "public",
    "return",    "static", "super",    "switch", "this",       "throw",   "true",      "try",
    "typeof",    "var",    "void",     "while",  "with",       "yield"};

static bool is_identifier(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.data[i];
        bool letter =
            (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || ch == '$';
        if (!letter && (i == 0 || ch < '0' || ch > '9'))
            return false;
    }
    return name.len > 0;
}

bool binding_name_valid(struct bytes name)
{
    if (!is_identifier(name))
        return false;
    for (size_t i = 0; i < sizeof reserved_words / sizeof *reserved_words; i++)
        if (bytes_equal(name, bytes_of(reserved_words[i])))
            return false;
    return true;
}
