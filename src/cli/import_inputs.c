#include "import.h"

#include <string.h>

#include "config_view.h"
#include "host/foreign_document.h"
#include "kv/wrangler_find.h"

/* By its name: what wrangler looks for, and what else is written like that. */
static bool is_wrangler(const char *path)
{
    const char *name = path_name(path);
    const char *dot = strrchr(name, '.');
    enum wrangler_syntax syntax;
    if (!dot || !wrangler_syntax_of(bytes_of(name), &syntax))
        return false;
    return strcmp(dot, ".json") != 0 || strncmp(name, "wrangler", strlen("wrangler")) == 0;
}

static bool read_config(struct import *in, const char *path, struct buf *view, struct error *err)
{
    struct session *s = in->s;
    struct wrangler_config content = {0};
    struct config_view config = {
        .path = wrangler_path_shown(&s->arena, in->root, path), .content = &content, .number = 1};
    bool ok = wrangler_config_load(path, &content, err) &&
              config_view_check(path, &content, "name the config that you edit yourself", err);
    struct json_writer w = json_writer_to(view, 0);
    if (ok) {
        json_begin_object(&w);
        json_field_str(&w, "file", path);
        json_field_str(&w, "syntax", "wrangler");
        json_key(&w, "config");
        config_view_write(&w, &config);
        json_end_object(&w);
    }
    wrangler_config_release(&content);
    return ok;
}

/* false: `err` is empty where the diagnostics tell why. */
static bool read_input(struct import *in, const char *path, struct error *err)
{
    struct buf view = {0};
    struct diag_list *problems = &in->s->model.diags;
    size_t errors = problems->errors;
    bool ok = is_wrangler(path) ? read_config(in, path, &view, err)
                                : foreign_document_read(path, &view, problems, err);
    ok = ok && import_ask(in, "input", &view, NULL, err);
    buf_release(&view);
    return ok || problems->errors > errors;
}

bool import_inputs(struct import *in, struct error *err)
{
    const struct text_list *files = &in->cli->options.args;
    for (size_t i = 0; i < files->n; i++)
        if (!read_input(in, files->items[i], err))
            return false;
    return true;
}
