#include "new_files.h"

#include <sys/stat.h>

#include "base/text.h"

void new_files_add(struct new_files *files, const char *path, struct bytes text, bool is_private)
{
    arena_grow(&files->arena, (void **)&files->items, &files->cap, files->n + 1,
               sizeof *files->items);
    files->items[files->n++] = (struct new_file){.path = arena_str(&files->arena, path),
                                                 .text = text,
                                                 .part = {.fd = -1},
                                                 .is_private = is_private};
}

void new_files_from(struct new_files *files, const struct file_part *part)
{
    files->items[files->n - 1].part = *part;
}

void new_files_release(struct new_files *files)
{
    file_set_release(&files->set);
    arena_release(&files->arena);
    *files = (struct new_files){0};
}

/* ---- What is there --------------------------------------------------------------------------- */

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return lstat(a, &x) == 0 && lstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* PATH.old, or the first of PATH.old.2, PATH.old.3 … that nothing else is called. */
static const char *free_name(struct arena *arena, const char *path)
{
    const char *name = arena_printf(arena, "%s.old", path);
    for (unsigned n = 2; is_there(name) && !is_same_file(name, path); n++)
        name = arena_printf(arena, "%s.old.%u", path, n);
    return name;
}

static bool look(struct new_files *files, struct new_file *file, struct error *err)
{
    struct stat st;
    char name[QUOTED_SIZE];
    if (!is_there(file->path))
        return true;
    if (stat(file->path, &st) == 0 && !S_ISREG(st.st_mode)) {
        error_set(err, ERR_EXISTS, "cannot write %s: what is called so is no file",
                  text_quoted(bytes_of(file->path), name, sizeof name));
        return error_hint(err, "name another place with -o PATH, or move away what is there");
    }
    bool same = file->part.fd < 0 ? file_holds(file->path, file->text)
                                  : file_holds_part(file->path, &file->part);
    file->done = same ? NEW_FILE_SAME : NEW_FILE_REPLACED;
    if (!same)
        file->kept = free_name(&files->arena, file->path);
    return true;
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* Of the first one, and how many more there are. */
static bool confirm(const struct new_file *first, size_t others, struct session *s,
                    struct error *err)
{
    struct buf question = {0};
    char name[QUOTED_SIZE], kept[QUOTED_SIZE];
    text_quoted(bytes_of(first->path), name, sizeof name);
    text_quoted(bytes_of(first->kept), kept, sizeof kept);
    if (!s->options->yes && !session_asks(s)) {
        error_set(err, ERR_GUARD,
                  "%s is there already and holds something else, and there is no "
                  "terminal to ask on; nothing was written",
                  name);
        return error_hint(err,
                          "write elsewhere with -o PATH, or add --yes to write over it: what is "
                          "there now is kept as %s",
                          kept);
    }
    buf_addf(&question,
             "%s is there already and holds something else. Write over it, and keep "
             "what is there as %s?",
             name, kept);
    if (others > 0)
        buf_addf(&question, " And so with %zu more file%s?", others, text_plural(others));
    bool yes = session_confirm_here(s, question.data, err);
    buf_release(&question);
    return yes;
}

static bool confirm_all(const struct new_files *files, struct session *s, struct error *err)
{
    const struct new_file *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < files->n; i++) {
        if (files->items[i].done != NEW_FILE_REPLACED)
            continue;
        first = first ? first : &files->items[i];
        n++;
    }
    return !first || confirm(first, n - 1, s, err);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void plan_file(struct file_set *set, const struct new_file *file)
{
    if (file->done == NEW_FILE_SAME)
        return;
    if (file->done == NEW_FILE_REPLACED)
        file_set_replace(set, file->path, file->kept, file->text);
    else if (file->is_private)
        file_set_make_private(set, file->path, file->text);
    else
        file_set_make(set, file->path, file->text);
    if (file->part.fd >= 0)
        file_set_from(set, &file->part);
}

bool new_files_write(struct new_files *files, struct session *s, struct error *err)
{
    for (size_t i = 0; i < files->n; i++)
        if (!look(files, &files->items[i], err))
            return false;
    if (!confirm_all(files, s, err))
        return false;
    for (size_t i = 0; i < files->n; i++)
        plan_file(&files->set, &files->items[i]);
    return file_set_write(&files->set, err);
}

void new_files_tell(const struct new_files *files, const struct output *output)
{
    char name[QUOTED_SIZE], kept[QUOTED_SIZE];
    for (size_t i = 0; i < files->n; i++) {
        const struct new_file *file = &files->items[i];
        text_quoted(bytes_of(file->path), name, sizeof name);
        if (file->done == NEW_FILE_REPLACED)
            output_note(output, "wrote %s; what was there is %s now", name,
                        text_quoted(bytes_of(file->kept), kept, sizeof kept));
        else
            output_note(output, file->done == NEW_FILE_MADE ? "wrote %s" : "%s is as it was", name);
    }
}
