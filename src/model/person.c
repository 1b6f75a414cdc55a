#include "person.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

static const char *const variables[] = {"USER", "LOGNAME", "USERNAME", "HOSTNAME", NULL};

static bool is_person(const struct input_decl *in)
{
    bool known = false;
    for (size_t i = 0; variables[i]; i++)
        known = known || strcmp(in->name, variables[i]) == 0;
    return known && in->kind == INPUT_ENV && in->given && !in->secret && in->value.len > 0;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* As a title has it: cfkv.naming.slug and the like change case and what is no letter. */
static bool same_name(const char *in_title, struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        char a = in_title[i], b = name.data[i];
        if (a != b && a != (is_word(b) ? (char)tolower((unsigned char)b) : '-'))
            return false;
    }
    return true;
}

/* The name stands in the title, as a word. */
static bool is_called_after(struct bytes title, struct bytes name)
{
    for (size_t i = 0; i + name.len <= title.len; i++) {
        size_t end = i + name.len;
        if ((i == 0 || !is_word(title.data[i - 1])) &&
            (end == title.len || !is_word(title.data[end])) && same_name(title.data + i, name))
            return true;
    }
    return false;
}

static void warn(struct model *m, const struct input_decl *in, const struct namespace_decl *ns)
{
    char title[QUOTED_SIZE], env[QUOTED_SIZE];
    struct buf hint = {0};
    diag_add(&m->diags, DIAG_WARNING, "input.person", in->pos,
             "variable '%s' makes %s another namespace for everybody: with one state for all, each "
             "one's plan deletes the others'",
             in->name, text_quoted(ns->title, title, sizeof title));
    if (ns->env.data)
        buf_addf(&hint, "--env %s leaves others alone; or ", text_quoted(ns->env, env, sizeof env));
    buf_add_str(&hint, "give each a state of their own with --state, or declare everybody's in a "
                       "loop over their names");
    diag_hint(&m->diags, "%s", hint.data);
    buf_release(&hint);
}

void person_warn(struct model *m)
{
    for (size_t i = 0; i < m->n_inputs; i++) {
        const struct input_decl *in = &m->inputs[i];
        bool told = !is_person(in);
        for (size_t k = 0; k < m->n_namespaces && !told; k++) {
            const struct namespace_decl *ns = &m->namespaces[k];
            if (ns->on_remove != ON_REMOVE_KEEP && is_called_after(ns->title, in->value)) {
                warn(m, in, ns);
                told = true;
            }
        }
    }
}
