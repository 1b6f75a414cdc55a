#include "folder.h"

#include "base/file.h"

bool folder_path(const char *root, const char *name, struct buf *path, struct error *err)
{
    buf_addf(path, "%s/.cfkv/%s", *root ? root : ".", name);
    return buf_ok(path, err);
}

bool folder_make(const char *path, struct error *err)
{
    struct buf ignore = {0};
    if (!file_make_dirs(path, 0700, err))
        return false;
    buf_addf(&ignore, "%s/.gitignore", path);
    bool ok = buf_ok(&ignore, err) &&
              (file_exists(ignore.data) || file_replace(ignore.data, bytes_of("*\n"), 0600, err));
    buf_release(&ignore);
    return ok;
}
