#include "roots.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

/* `path` without symbolic links; what does not exist yet is as it is called. */
static const char *real_of(struct arena *arena, const char *path)
{
    struct error missing;
    const char *real = path_real(arena, path, &missing);
    if (real)
        return real;
    if (strcmp(path, ".") == 0 || strcmp(path, "/") == 0)
        return path;
    return path_join(arena, real_of(arena, path_parent(arena, path)), path_name(path));
}

struct root root_make(const char *folder, bool is_persist_to)
{
    const char *below = is_persist_to ? "/v3" : "/.wrangler/state/v3";
    struct buf v3 = {0}, kv = {0}, real = {0};
    struct arena arena = {0};
    buf_addf(&v3, "%s%s", folder, below);
    buf_addf(&kv, "%s/kv", v3.data);
    buf_add_str(&real, real_of(&arena, folder));
    size_t base = real.len;
    buf_add_str(&real, below);
    arena_release(&arena);
    return (struct root){.v3 = v3.data,
                         .kv = kv.data,
                         .real = real.data,
                         .base = base,
                         .is_persist_to = is_persist_to,
                         .lock = -1};
}

void root_release(struct root *r)
{
    if (r->lock >= 0)
        close(r->lock);
    mem_free(r->v3);
    mem_free(r->kv);
    mem_free(r->real);
    *r = (struct root){.lock = -1};
}

static bool fail_lock(const struct root *r, const char *what, struct error *err)
{
    char name[512];
    return error_errno(err, errno, "cannot %s 'cfkv.store.lock' in %s", what,
                       text_quoted(bytes_of(r->v3), name, sizeof name));
}

bool root_lock(struct root *r, const volatile int *interrupted, struct error *err)
{
    struct buf path = {0};
    bool ok = r->lock >= 0 || file_make_dirs(r->v3, 0777, err);
    buf_addf(&path, "%s/cfkv.store.lock", r->v3);
    if (ok && r->lock < 0) {
        r->lock = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        ok = r->lock >= 0 ? file_is_regular(r->lock, path.data, ERR_IO, err)
                          : fail_lock(r, "create", err);
        if (!ok && r->lock >= 0) {
            close(r->lock);
            r->lock = -1;
        }
    }
    buf_release(&path);
    while (ok && flock(r->lock, LOCK_EX) != 0) {
        if (errno != EINTR)
            return fail_lock(r, "lock", err);
        if (interrupted && *interrupted != 0)
            return error_set(err, ERR_INTERRUPTED, "interrupted");
    }
    return ok;
}

void root_unlock(struct root *r)
{
    flock(r->lock, LOCK_UN);
}

/* ---- Names ----------------------------------------------------------------------------------- */

static struct bytes folder_of(const struct root *r)
{
    return bytes_make(r->real, r->base);
}

struct root_name root_name_of(const struct root *r, const struct root *project, struct arena *arena)
{
    struct bytes folder = folder_of(r), top = folder_of(project);
    size_t below = top.len == 1 ? 1 : top.len + 1; /* "/" ends in its slash */
    if (bytes_equal(folder, top))
        folder = bytes_of(".");
    else if (bytes_starts_with(folder, top) && folder.data[below - 1] == '/')
        folder = bytes_make(folder.data + below, folder.len - below);
    return (struct root_name){.folder = arena_copy(arena, folder).data,
                              .is_persist_to = r->is_persist_to};
}

struct root root_make_named(const struct root *project, const struct root_name *name)
{
    struct arena arena = {0};
    const char *top = arena_copy(&arena, folder_of(project)).data;
    struct root r = root_make(path_join(&arena, top, name->folder), name->is_persist_to);
    arena_release(&arena);
    return r;
}
