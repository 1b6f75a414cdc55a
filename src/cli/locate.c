#include "locate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "state/state_file.h"

#define LEVELS_MAX 256 /* folders above each other; more are not looked at */

/* ---- How far up ------------------------------------------------------------------------------ */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* "FOLDER/../../NAME"; short where the folder is the current one. */
static void path_above(const char *folder, size_t up, const char *name, struct buf *out)
{
    buf_clear(out);
    if (strcmp(folder, ".") != 0)
        buf_addf(out, "%s/", folder);
    for (size_t i = 0; i < up; i++)
        buf_add_str(out, i + 1 < up || *name ? "../" : "..");
    buf_add_str(out, *name ? name : up == 0 ? "." : "");
}

static bool stat_above(const char *folder, size_t up, const char *name, struct stat *st)
{
    struct buf path = {0};
    path_above(folder, up, name, &path);
    bool ok = stat(path.data, st) == 0;
    buf_release(&path);
    return ok;
}

/* The folders that may be looked at: how many above `folder`. */
static size_t reach(const char *folder)
{
    const char *home = getenv("HOME");
    struct stat first, last, here, home_st, git;
    size_t up = 0, to_home = 0;
    bool has_home = home && *home && stat(home, &home_st) == 0;
    if (!stat_above(folder, 0, "", &first))
        return 0;
    for (here = first; up < LEVELS_MAX && here.st_dev == first.st_dev; up++) {
        if (stat_above(folder, up, ".git", &git))
            return up;
        if (has_home && same_file(&here, &home_st))
            to_home = up;
        last = here;
        if (!stat_above(folder, up + 1, "", &here) || same_file(&here, &last))
            break;
    }
    return to_home;
}

/* ---- Whose it is ----------------------------------------------------------------------------- */

/* What is wrong with the owner or the mode of it; NULL: nothing. */
static const char *distrust(const struct stat *st)
{
    if (st->st_uid != geteuid() && st->st_uid != 0)
        return "belongs to another user";
    return st->st_mode & S_IWOTH ? "is writable by everybody" : NULL;
}

static bool refuse(const char *what, const char *path, const char *why, struct error *err)
{
    char name[256];
    text_quoted(bytes_of(path), name, sizeof name);
    error_set(err, ERR_GUARD, "%s%s, which was found above the current folder, %s", what, name,
              why);
    return error_hint(err, "if it is the one you mean, name it: -f %s (kv verbs: --file)", name);
}

/* The folder that it is in must be as trustworthy as the file: whoever can write there can put
 * another one in its place. */
static bool check_owner(struct arena *arena, const char *path, struct error *err)
{
    struct stat st;
    const char *why, *real = path_real(arena, path, err);
    if (!real)
        return false;
    const char *folders[] = {path_parent(arena, path), path_parent(arena, real)};
    if (stat(real, &st) != 0)
        return error_errno(err, errno, "cannot look at '%s'", path);
    if ((why = distrust(&st)))
        return refuse("", path, why, err);
    for (size_t i = 0; i < 2; i++) {
        if (stat(folders[i], &st) != 0)
            return error_errno(err, errno, "cannot look at '%s'", folders[i]);
        if ((why = distrust(&st)))
            return refuse("the folder of ", path, why, err);
    }
    return true;
}

/* ---- The search ------------------------------------------------------------------------------ */

bool locate_config(struct arena *arena, const char *folder, struct located *out, struct error *err)
{
    struct buf path = {0};
    struct stat st;
    path_above(folder, 0, CONFIG_NAME, &path);
    out->file = arena_str(arena, path.data);
    out->above = false;
    out->found = stat(path.data, &st) == 0 || file_exists(state_path_for(arena, out->file));
    size_t top = out->found ? 0 : reach(folder);
    bool ok = true;
    for (size_t up = 1; ok && !out->found && up <= top; up++) {
        path_above(folder, up, CONFIG_NAME, &path);
        if (stat(path.data, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        out->found = out->above = true;
        out->file = arena_str(arena, path.data);
        ok = check_owner(arena, out->file, err);
    }
    buf_release(&path);
    return ok;
}
