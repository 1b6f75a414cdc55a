#include "nearby.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "text.h"

#define NAMES_MAX 1000 /* of a folder that are looked at */

static const char *nearest(DIR *folder, const char *name, struct arena *arena)
{
    const char **names = arena_alloc(arena, NAMES_MAX + 1, sizeof *names);
    size_t n = 0;
    for (struct dirent *entry; n < NAMES_MAX && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            names[n++] = arena_str(arena, entry->d_name);
    return text_nearest(bytes_of(name), names);
}

bool nearby_hint_in(int dir, const char *path, struct error *err)
{
    struct arena arena = {0};
    char quoted[QUOTED_SIZE];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    DIR *folder = dir >= 0 ? fdopendir(dir) : NULL;
    if (dir >= 0 && !folder)
        close(dir);
    const char *near = folder ? nearest(folder, name, &arena) : NULL;
    if (near && err->code == ERR_NOT_FOUND && !*err->hint) {
        const char *meant = arena_printf(&arena, "%.*s%s", (int)(name - path), path, near);
        error_hint(err, "did you mean %s?", text_quoted(bytes_of(meant), quoted, sizeof quoted));
    }
    if (folder)
        closedir(folder);
    arena_release(&arena);
    return false;
}

bool nearby_hint(const char *path, struct error *err)
{
    char folder[512];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (err->code != ERR_NOT_FOUND || *err->hint || len >= sizeof folder)
        return false;
    snprintf(folder, sizeof folder, "%.*s", (int)len, path);
    if (!slash || len == 0)
        snprintf(folder, sizeof folder, "%s", slash ? "/" : ".");
    return nearby_hint_in(open(folder, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC), path, err);
}
