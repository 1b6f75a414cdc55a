#include "env_types.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/section.h"

/* true when the binding is declared for the section, or stands there. */
static bool binds(const struct config *config, struct bytes env, struct bytes name)
{
    for (size_t i = 0; i < config->n_wanted; i++)
        if (bytes_same(config->wanted[i].env, env) && bytes_equal(config->wanted[i].name, name))
            return true;
    return wrangler_config_binding(&config->content, env, name) != NULL;
}

static bool binds_everywhere(const struct config *config, struct bytes name)
{
    bool all = binds(config, bytes_make(NULL, 0), name);
    for (size_t i = 0; all && i < config->content.n_environments; i++)
        all = binds(config, config->content.environments[i].name, name);
    for (size_t i = 0; all && i < config->n_wanted; i++) {
        struct bytes env = config->wanted[i].env;
        all = wrangler_is_previews(env) || binds(config, env, name);
    }
    return all;
}

static int compare_names(const void *a, const void *b)
{
    const struct wanted_binding *const *x = a, *const *y = b;
    int c = bytes_compare((*x)->name, (*y)->name);
    return c ? c : (*x > *y) - (*x < *y); /* as they are declared */
}

static void write_namespace(const struct wanted_binding *wanted, const struct model *m,
                            struct json_writer *w)
{
    const struct namespace_decl *ns = &m->namespaces[wanted->ns];
    char section[SECTION_SHOWN_SIZE];
    json_begin_object(w);
    json_field_string(w, "description", ns->description);
    json_field_str(w, "section", wrangler_section_shown(wanted->env, section));
    json_field_string(w, "title", ns->title.len ? ns->title : ns->address);
    json_end_object(w);
}

static void write_bindings(const struct config *const *configs, size_t n, const struct model *m,
                           const struct wanted_binding **all, size_t n_all, struct json_writer *w)
{
    for (size_t i = 0, next; i < n_all; i = next) {
        struct bytes name = all[i]->name;
        bool everywhere = true;
        for (size_t k = 0; everywhere && k < n; k++)
            everywhere = binds_everywhere(configs[k], name);
        json_begin_object(w);
        json_field_string(w, "name", name);
        json_field_array(w, "namespaces");
        for (next = i; next < n_all && bytes_equal(all[next]->name, name); next++)
            write_namespace(all[next], m, w);
        json_end_array(w);
        json_field_bool(w, "optional", !everywhere);
        json_end_object(w);
    }
}

void env_types_write_json(const struct config *const *configs, size_t n, const struct model *m,
                          struct json_writer *w)
{
    size_t n_all = 0;
    for (size_t i = 0; i < n; i++)
        n_all += configs[i]->n_wanted;
    const struct wanted_binding **all = mem_alloc((n_all + 1) * sizeof *all);
    n_all = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < configs[i]->n_wanted; k++)
            all[n_all++] = &configs[i]->wanted[k];
    qsort(all, n_all, sizeof *all, compare_names);
    json_begin_object(w);
    json_field_array(w, "bindings");
    write_bindings(configs, n, m, all, n_all, w);
    json_end_array(w);
    json_field_array(w, "configs");
    for (size_t i = 0; i < n; i++)
        json_str(w, configs[i]->name);
    json_end_array(w);
    json_end_object(w);
    mem_free(all);
}
