#include "cfkv_folder.h"

#include "base/file.h"

void cfkv_folder_path(const char *root, const char *name, struct buf *path)
{
    buf_addf(path, "%s/.cfkv/%s", *root ? root : ".", name);
}

bool cfkv_folder_make(const char *path, struct error *err)
{
    struct buf ignore = {0};
    if (!file_make_dirs(path, 0700, err))
        return false;
    buf_addf(&ignore, "%s/.gitignore", path);
    bool ok = file_exists(ignore.data) || file_replace(ignore.data, bytes_of("*\n"), 0600, err);
    buf_release(&ignore);
    return ok;
}
