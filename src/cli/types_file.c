#include "types_file.h"

#include <string.h>

#include "base/text.h"
#include "host/host.h"
#include "plan/env_types.h"

#define TYPES_MAX (1024 * 1024) /* bytes of the file that is there */

/* ---- Where it lies --------------------------------------------------------------------------- */

/* `path`, which need not be there, relative to the project root; NULL: it is not below it. */
static const char *below_root(struct session *s, const char *path, struct error *err)
{
    const char *root = path_real(&s->arena, s->root_path, err);
    const char *folder = root ? path_real(&s->arena, path_parent(&s->arena, path), err) : NULL;
    char name[QUOTED_SIZE];
    if (!folder)
        return NULL;
    const char *whole = path_join(&s->arena, folder, path_name(path));
    size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(whole, root, len) == 0 && whole[len] == '/')
        return whole + len + 1;
    error_set(err, ERR_USAGE, "%s is not below the project root",
              text_quoted(bytes_of(path), name, sizeof name));
    error_hint(err, "name a file below %s, or another folder with --root",
               text_quoted(bytes_of(s->root_path), name, sizeof name));
    return NULL;
}

static bool find_place(struct types_file *t, struct session *s, struct error *err)
{
    char name[QUOTED_SIZE];
    if (!bytes_ends_with(bytes_of(path_name(t->name)), bytes_of(".d.ts"))) {
        error_set(err, ERR_USAGE, "--types %s is no declaration file",
                  text_quoted(bytes_of(t->name), name, sizeof name));
        return error_hint(err, "give it a name that ends in .d.ts");
    }
    const char *relative = below_root(s, t->name, err);
    if (!relative || !file_root_may_write(&s->root, bytes_of(relative), err))
        return error_wrap(err, "--types");
    t->path = path_join(&s->arena, s->root_path, relative);
    return true;
}

/* ---- What it holds --------------------------------------------------------------------------- */

static bool make_text(struct types_file *t, const struct config *const *configs, size_t n,
                      const struct model *m, struct error *err)
{
    struct buf view = {0};
    struct diag_list problems = {0};
    struct json_writer w = json_writer_to(&view, 0);
    env_types_write_json(configs, n, m, &w);
    bool ok = host_text("types", "file", buf_bytes(&view), &problems, &t->after, err);
    diag_release(&problems);
    buf_release(&view);
    return ok;
}

/* Whose a file is says its first line. An empty one is nobody's. */
static bool check_ours(const struct types_file *t, struct error *err)
{
    struct bytes after = buf_bytes(&t->after);
    const char *end = memchr(after.data, '\n', after.len);
    struct bytes first = bytes_make(after.data, end ? (size_t)(end - after.data) : after.len);
    char name[QUOTED_SIZE];
    if (t->before.len == 0 || bytes_starts_with(buf_bytes(&t->before), first))
        return true;
    error_set(err, ERR_GUARD, "%s is there, and cfkv did not generate it",
              text_quoted(bytes_of(t->name), name, sizeof name));
    return error_hint(err, "name another file, or move that one away");
}

bool types_file_make(struct types_file *t, struct session *s, const char *name,
                     const struct config *const *configs, size_t n, struct error *err)
{
    t->name = name;
    if (!find_place(t, s, err) || !make_text(t, configs, n, &s->model, err))
        return false;
    t->exists = file_exists(t->path);
    if (t->exists && (!file_read(t->path, TYPES_MAX, &t->before, err) || !check_ours(t, err)))
        return false;
    t->stale = !t->exists || !bytes_equal(buf_bytes(&t->before), buf_bytes(&t->after));
    return true;
}

void types_file_release(struct types_file *t)
{
    buf_release(&t->before);
    buf_release(&t->after);
}

/* ---- What becomes of it ---------------------------------------------------------------------- */

void types_file_diff(const struct types_file *t, struct buf *out)
{
    buf_addf(out, "--- %s\n+++ %s (as declared)\n", t->exists ? t->name : "/dev/null", t->name);
    wrangler_config_diff(buf_bytes(&t->before), buf_bytes(&t->after), out);
}

bool types_file_write(const struct types_file *t, struct error *err)
{
    return !t->stale || file_rewrite(t->path, buf_bytes(&t->after), err) ||
           error_wrap(err, "cannot write '%s'", t->name);
}
