#include "folders.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "model/config_names.h"

struct walk {
    struct arena *arena;
    const char *top;
    const struct folders_limits *limits;
    folder_fn each;
    void *ctx;
    size_t n;
    bool cut;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_folder(DIR *dir, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool is_for_people(const char *name)
{
    char probe[sizeof((struct dirent *)NULL)->d_name + 3];
    size_t above;
    snprintf(probe, sizeof probe, "%s/x", name);
    return name[0] != '.' && utf8_valid(bytes_of(name)) &&
           !config_is_built(bytes_of(probe), &above);
}

static size_t folders_in(struct walk *walk, const char *place, const char ***names)
{
    DIR *dir = opendir(place);
    size_t n = 0, cap = 0;
    struct dirent *entry;
    *names = NULL;
    while (dir && (entry = readdir(dir))) {
        if (!is_for_people(entry->d_name) || !is_folder(dir, entry))
            continue;
        arena_grow(walk->arena, (void **)names, &cap, n + 1, sizeof **names);
        (*names)[n++] = arena_str(walk->arena, entry->d_name);
    }
    if (dir)
        closedir(dir);
    if (n > 1)
        qsort(*names, n, sizeof **names, by_name);
    return n;
}

static bool look_into(struct walk *walk, const char *path, unsigned level, struct error *err)
{
    const char **names, *place = path_join(walk->arena, walk->top, path);
    bool deeper = true;
    if (walk->limits->max > 0 && walk->n == walk->limits->max) {
        walk->cut = true;
        return true;
    }
    walk->n++;
    if (!walk->each(walk->ctx, path, place, &deeper, err))
        return false;
    size_t n = deeper && level < walk->limits->levels ? folders_in(walk, place, &names) : 0;
    for (size_t i = 0; i < n && !walk->cut; i++)
        if (!look_into(walk, path_join(walk->arena, path, names[i]), level + 1, err))
            return false;
    return true;
}

bool folders_walk(struct arena *arena, const char *top, const struct folders_limits *limits,
                  folder_fn each, void *ctx, bool *cut, struct error *err)
{
    struct walk walk = {arena, top, limits, each, ctx, 0, false};
    bool ok = look_into(&walk, "", 0, err);
    if (cut)
        *cut = walk.cut;
    return ok;
}
