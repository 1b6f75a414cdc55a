/*
 * config_view.c: wrangler configs as the importer gets them, a JSON text a line, for tests.
 *
 *     config_view FILE… >VIEWS
 */
#include <stdio.h>

#include "cli/config_view.h"
#include "kv/wrangler_find.h"

static void write_view(const char *path, struct json_writer *w)
{
    struct wrangler_config content = {0};
    struct error err = {0};
    bool ok = wrangler_config_load(path, &content, &err) &&
              config_view_check(path, &content, "name the one that you edit yourself", &err);
    json_begin_object(w);
    json_field_str(w, "file", path);
    json_field_str(w, "syntax", "wrangler");
    if (ok) {
        json_key(w, "config");
        config_view_write(w, &(struct config_view){.path = path, .content = &content, .number = 1});
    } else {
        json_field_str(w, "refused", err.message);
    }
    json_end_object(w);
    wrangler_config_release(&content);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct buf text = {0};
        struct json_writer w = json_writer_to(&text, 0);
        write_view(argv[i], &w);
        printf("%.*s\n", (int)text.len, text.data);
        buf_release(&text);
    }
    return 0;
}
