#include "embed.h"

#include <stdlib.h>

#include "file.h"

#ifdef CFKV_DEV
#define SOURCE_MAX ((size_t)16 * 1024 * 1024)

static bool read_dev(const char *folder, const char *name, struct buf *storage)
{
    const char *root = getenv("CFKV_LUA_PATH");
    struct buf path = {0};
    struct error err;
    if (!root)
        return false;
    buf_addf(&path, "%s/%s/%s", root, folder, name);
    buf_clear(storage);
    bool read = file_read(path.data, SOURCE_MAX, storage, &err);
    buf_release(&path);
    return read;
}
#else
static bool read_dev(const char *folder, const char *name, struct buf *storage)
{
    (void)folder, (void)name, (void)storage;
    return false;
}
#endif

bool embed_text(const struct embed_file *table, const char *folder, const char *name,
                struct buf *storage, struct bytes *text)
{
    if (read_dev(folder, name, storage)) {
        *text = buf_bytes(storage);
        return true;
    }
    for (; table->name; table++) {
        if (strcmp(table->name, name) == 0) {
            *text = bytes_make(table->data, table->len);
            return true;
        }
    }
    return false;
}
