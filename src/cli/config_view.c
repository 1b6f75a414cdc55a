#include "config_view.h"

#include "base/text.h"

bool config_view_check(const char *path, const struct wrangler_config *c, const char *hint,
                       struct error *err)
{
    char name[QUOTED_SIZE], source[QUOTED_SIZE];
    struct bytes from = c->redirect_to.data ? c->redirect_to : c->generated_from;
    if (!from.data)
        return true;
    error_set(err, ERR_FORMAT, "%s is no config to edit: %s %s",
              text_quoted(bytes_of(path), name, sizeof name),
              c->redirect_to.data ? "it names another one," : "a build tool made it from",
              text_quoted(from, source, sizeof source));
    return error_hint(err, "%s", hint);
}

static void write_binding(struct json_writer *w, const struct wrangler_binding *b)
{
    json_begin_object(w);
    json_field_text(w, "binding", b->binding);
    json_field_text(w, "env", b->env);
    json_field_text(w, "id", b->id);
    json_field_int(w, "line", (int64_t)b->line);
    json_field_text(w, "preview_id", b->preview_id);
    json_end_object(w);
}

static void write_environment(struct json_writer *w, const struct wrangler_environment *e)
{
    json_begin_object(w);
    json_field_text(w, "account_id", e->account_id);
    json_field_text(w, "name", e->name);
    json_field_text(w, "worker", e->worker);
    json_end_object(w);
}

static void write_unread(struct json_writer *w, const struct wrangler_unread *u)
{
    json_begin_object(w);
    json_field_bool(w, "legacy", u->legacy);
    json_field_int(w, "line", (int64_t)u->line);
    json_field_string(w, "path", u->path);
    json_end_object(w);
}

void config_view_write(struct json_writer *w, const struct config_view *config)
{
    const struct wrangler_config *c = config->content;
    json_begin_object(w);
    json_field_text(w, "account_id", c->account_id);
    json_field_array(w, "bindings");
    for (size_t i = 0; i < c->n_bindings; i++)
        write_binding(w, &c->bindings[i]);
    json_end_array(w);
    json_field_array(w, "environments");
    for (size_t i = 0; i < c->n_environments; i++)
        write_environment(w, &c->environments[i]);
    json_end_array(w);
    json_field_str(w, "free_binding", config->free_binding);
    json_field_text(w, "name", c->name);
    json_field_int(w, "number", (int64_t)config->number);
    json_field_str(w, "path", config->path);
    json_field_array(w, "unread");
    for (size_t i = 0; i < c->n_unread; i++)
        write_unread(w, &c->unread[i]);
    json_end_array(w);
    json_end_object(w);
}
