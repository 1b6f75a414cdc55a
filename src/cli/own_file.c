#include "own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

static const char *folder_of(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

const char *own_file_home(struct arena *arena, const char *name)
{
    const char *home = folder_of("HOME");
    return home ? path_join(arena, home, name) : NULL;
}

const char *own_file_config(struct arena *arena)
{
    const char *folder = folder_of("XDG_CONFIG_HOME");
    if (!folder)
        folder = own_file_home(arena, ".config");
    return folder ? path_join(arena, folder, "cfkv/config") : NULL;
}

static bool check_owner(int fd, const char *path, struct error *err)
{
    char name[256];
    struct buf hint = {0};
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_errno(err, errno, "cannot look at '%s'", path);
    bool others = st.st_uid != geteuid() && st.st_uid != 0;
    if (!others && !(st.st_mode & (S_IWGRP | S_IWOTH)))
        return true;
    text_quoted(bytes_of(path), name, sizeof name);
    error_set(err, ERR_GUARD,
              "%s %s, so it is not read: what it names would be run, or get credentials", name,
              others                 ? "belongs to another user"
              : st.st_mode & S_IWOTH ? "is writable by everybody"
                                     : "is writable by its group");
    text_shell_word(&hint, bytes_of(path));
    if (others)
        error_hint(err,
                   "look at it; if what it says is yours, put it into a file of your own there");
    else
        error_hint(err, "look at it; if what it says is yours: chmod go-w %s", hint.data);
    buf_release(&hint);
    return false;
}

/* What was opened is what is judged. O_NONBLOCK: a FIFO is not waited for. */
bool own_file_read(struct arena *arena, const char *path, struct ini *out, struct error *err)
{
    struct buf text = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return true;
    if (fd < 0)
        return error_errno(err, errno, "cannot read '%s'", path);
    bool ok = file_is_regular(fd, path, ERR_IO, err) && check_owner(fd, path, err) &&
              file_read_fd(fd, path, OWN_FILE_MAX, &text, err) &&
              ini_read(arena, arena_str(arena, path), buf_bytes(&text), out, err);
    close(fd);
    if (!ok && err->code == ERR_FORMAT && !*err->hint)
        error_hint(err, "a section is [NAME], a setting NAME = VALUE, a comment begins with #");
    if (text.data)
        explicit_bzero(text.data, text.cap);
    buf_release(&text);
    return ok;
}
