#include "in_step.h"

#include "base/mem.h"
#include "base/text.h"
#include "local_ids.h"
#include "planner.h"

/* ---- Ids ------------------------------------------------------------------------------------- */

/* What the local store records is the id of the data; when the account's ids lead there, those are
 * what a config holds. */
static void find_ids(struct in_step *s, const struct model *m, struct target *t, size_t ns,
                     struct bytes account)
{
    s->ids[ns] = recorded_ids(&t->state, m, ns, t->local ? bytes_make(NULL, 0) : account);
    if (!t->local)
        return;
    s->ids[ns].preview_id = bytes_make(NULL, 0);
    struct binding_ids remote = recorded_ids(&t->remote, m, ns, account);
    if (remote.id.data && bytes_equal(binding_data_id(&remote), s->ids[ns].id))
        s->ids[ns] = remote;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static void note_unapplied(struct in_step *s, const struct model *m, const bool *left_out)
{
    for (size_t i = 0; i < s->configs.n; i++) {
        const struct config *config = &s->configs.items[i];
        for (size_t j = 0; j < config->n_wanted; j++) {
            size_t ns = config->wanted[j].ns;
            char title[QUOTED_SIZE];
            if (s->ids[ns].id.data || left_out[ns])
                continue;
            s->unapplied++;
            diag_add(&s->notes, DIAG_WARNING, "wrangler.unapplied", m->namespaces[ns].pos,
                     "namespace %s has no recorded id yet, so '%s' cannot name it",
                     text_quoted(m->namespaces[ns].title, title, sizeof title), config->name);
            diag_hint(&s->notes, "cfkv apply creates it");
        }
    }
}

static void decide(struct in_step *s, const struct model *m, struct target *t,
                   const struct plan_options *options)
{
    bool *left_out = mem_zalloc(m->n_namespaces + 1, sizeof *left_out);
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct namespace_decl *ns = &m->namespaces[i];
        left_out[i] = !planner_in_scope(options, ns->env, ns->address, ns->title);
    }
    note_unapplied(s, m, left_out);
    for (size_t i = 0; i < m->n_namespaces; i++)
        left_out[i] = left_out[i] || !s->ids[i].id.data;
    struct config_view view = {
        .m = m,
        .state = &t->state,
        .other = t->local ? &t->remote : NULL,
        .ids = s->ids,
        .left_out = left_out,
        .filtered = options->n_envs || options->n_only,
        .local = t->local != NULL,
        .take_over = options->take_over,
        .project = t->project,
    };
    configs_decide(&s->configs, &view, &s->notes);
    mem_free(left_out);
    diag_sort(&s->notes);
}

bool in_step_find(struct in_step *s, const struct model *m, struct target *t,
                  const struct plan_options *options, struct bytes account, struct error *err)
{
    s->ids = mem_zalloc(m->n_namespaces + 1, sizeof *s->ids);
    for (size_t i = 0; i < m->n_namespaces; i++)
        find_ids(s, m, t, i, account);
    if (!configs_read(&s->configs, m, t->root, &s->notes, err))
        return false;
    decide(s, m, t, options);
    return true;
}

void in_step_release(struct in_step *s)
{
    configs_release(&s->configs);
    mem_free(s->ids);
    diag_release(&s->notes);
    *s = (struct in_step){0};
}

bool in_step_write(const struct in_step *s, const struct config *config, const struct model *m,
                   struct target *t, struct error *err)
{
    return (!config_is_stale(config) || config_write(config, m, s->ids, err)) &&
           configs_record(config, s->ids, &t->state, err) && state_commit(&t->state, err);
}
