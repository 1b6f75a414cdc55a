/*
 * wrangler_edit.c: the editor of wrangler configs as a filter, for tests.
 *
 *     wrangler_edit FILE [set ENV BINDING ID PREVIEW_ID | remove ENV BINDING]… >NEW
 *     wrangler_edit FILE list
 *
 * ENV "-" is the top level, PREVIEW_ID (or ID) "-" none.
 */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "wrangler/wrangler.h"

#define EDITS_MAX 64

static struct bytes argument(const char *text)
{
    return strcmp(text, "-") == 0 ? bytes_make(NULL, 0) : bytes_of(text);
}

static size_t read_edits(int argc, char **argv, struct wrangler_edit *edits)
{
    size_t n = 0;
    for (int i = 0; i < argc && n < EDITS_MAX; n++) {
        bool set = strcmp(argv[i], "set") == 0;
        int words = set ? 5 : 3;
        if (argc - i < words)
            break;
        edits[n] = (struct wrangler_edit){.verb = set ? WRANGLER_SET : WRANGLER_REMOVE,
                                          .env = argument(argv[i + 1]),
                                          .binding = bytes_of(argv[i + 2])};
        if (set) {
            edits[n].id = argument(argv[i + 3]);
            edits[n].preview_id = argument(argv[i + 4]);
        }
        i += words;
    }
    return n;
}

static void write_binding(struct json_writer *w, const struct wrangler_binding *b)
{
    const struct {
        const char *key;
        struct bytes text;
    } members[] = {
        {"env", b->env}, {"binding", b->binding}, {"id", b->id}, {"preview_id", b->preview_id}};
    json_begin_object(w);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_key(w, members[i].key);
        if (members[i].text.data)
            json_string(w, members[i].text);
        else
            json_null(w);
    }
    json_key(w, "line");
    json_int(w, (int64_t)b->line);
    json_end_object(w);
}

static bool list(struct bytes text, enum wrangler_syntax syntax, struct buf *out, struct error *err)
{
    struct wrangler_config config;
    struct json_writer w = json_writer_to(out, 0);
    bool ok = wrangler_config_read(text, syntax, &config, err);
    if (ok) {
        json_begin_array(&w);
        for (size_t i = 0; i < config.n_bindings; i++)
            write_binding(&w, &config.bindings[i]);
        json_end_array(&w);
    }
    wrangler_config_release(&config);
    return ok;
}

static bool run(int argc, char **argv, struct buf *out, struct error *err)
{
    struct wrangler_edit edits[EDITS_MAX];
    enum wrangler_syntax syntax;
    struct buf text = {0};
    if (argc < 3 || !wrangler_syntax_of(bytes_of(argv[1]), &syntax))
        return error_set(err, ERR_USAGE, "a config and what to do are expected");
    bool ok = file_read(argv[1], WRANGLER_CONFIG_MAX, &text, err);
    if (ok && strcmp(argv[2], "list") == 0)
        ok = list(buf_bytes(&text), syntax, out, err);
    else if (ok)
        ok = wrangler_config_edit(buf_bytes(&text), syntax, edits,
                                  read_edits(argc - 2, argv + 2, edits), out, err);
    buf_release(&text);
    return ok;
}

int main(int argc, char **argv)
{
    struct buf out = {0};
    struct error err;
    bool ok = run(argc, argv, &out, &err);
    if (ok)
        ok = fwrite(out.data ? out.data : "", 1, out.len, stdout) == out.len;
    else
        fprintf(stderr, "%s\n", err.message);
    buf_release(&out);
    return ok ? 0 : 1;
}
