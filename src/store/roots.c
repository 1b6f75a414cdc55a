#include "roots.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

bool root_init(struct root *r, const char *folder, bool is_persist_to, struct error *err)
{
    struct buf v3 = {0}, kv = {0};
    bool ok = buf_addf(&v3, is_persist_to ? "%s/v3" : "%s/.wrangler/state/v3", folder) &&
              buf_addf(&kv, "%s/kv", v3.data);
    if (!ok) {
        buf_release(&v3);
        buf_release(&kv);
        return error_nomem(err);
    }
    *r = (struct root){.v3 = v3.data, .kv = kv.data, .lock = -1};
    return true;
}

void root_release(struct root *r)
{
    if (r->lock >= 0)
        close(r->lock);
    mem_free(r->v3);
    mem_free(r->kv);
    *r = (struct root){.lock = -1};
}

static bool fail_lock(const struct root *r, const char *what, struct error *err)
{
    char name[512];
    return error_errno(err, errno, "cannot %s 'cfkv.store.lock' in %s", what,
                       text_quoted(bytes_of(r->v3), name, sizeof name));
}

static bool lock_open(struct root *r, struct error *err)
{
    struct buf path = {0};
    if (r->lock >= 0)
        return true;
    if (!buf_addf(&path, "%s/cfkv.store.lock", r->v3))
        return error_nomem(err);
    bool ok = file_make_dirs(r->v3, 0777, err);
    if (ok) {
        r->lock = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        ok = r->lock >= 0 || fail_lock(r, "create", err);
    }
    buf_release(&path);
    return ok;
}

bool root_lock(struct root *r, const volatile int *interrupted, struct error *err)
{
    if (!lock_open(r, err))
        return false;
    while (flock(r->lock, LOCK_EX) != 0) {
        if (errno != EINTR)
            return fail_lock(r, "lock", err);
        if (interrupted && *interrupted != 0)
            return error_set(err, ERR_INTERRUPTED, "interrupted");
    }
    return true;
}

void root_unlock(struct root *r)
{
    flock(r->lock, LOCK_UN);
}
