/* cfkv.key.delete and cfkv.bulk.delete. All keys are laid aside before the first is deleted: guards
 * count them, and what goes is backed up before. */
#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "kv/delete.h"
#include "live.h"
#include "value.h"

#define REMOVING "cfkv.bulk.delete"

/* ---- One key --------------------------------------------------------------------------------- */

static bool rewind_one(void *ctx, struct error *err)
{
    (void)err;
    ((struct live_one_key *)ctx)->given = false;
    return true;
}

static bool fail_one(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    (void)cause, (void)err;
    live_refused(key, ctx);
    return true;
}

int live_key_delete(lua_State *L)
{
    struct live *live = live_of(L);
    struct kv_namespace ns;
    struct kv_section saved;
    struct kv_counts counts = {0};
    struct error refused = {0}, err = {0};
    lua_settop(L, 3);
    struct live_one_key one = {.key = live_key(L, 2, "")};
    live_allow(L, 3, "cfkv.key.delete");
    struct kv_delete del = {
        .ns = &ns,
        .doomed = {.pull = live_pull_one, .named = 1, .rewind = rewind_one, .ctx = &one},
        .reason = "delete",
        .how = "deleted",
        .on_failed = fail_one,
        .on_failed_ctx = &refused,
        .counts = &counts};
    bool ok = live_find(L, 1, &ns, &err) && kv_delete_keys(live->kv, &del, &saved, &err);
    if (!ok || refused.code)
        return live_fail_write(L, ok ? &refused : &err);
    return live_done(L, saved.path);
}

/* ---- Keys laid aside, in a file: memory does not grow with them ------------------------------ */

struct spool {
    FILE *file;
    uint64_t n;
    struct buf key; /* the one that was given last */
};

static bool add_to_spool(struct spool *spool, struct bytes key, struct error *err)
{
    if (!spool->file) {
        int fd = file_temporary(err);
        if (fd < 0)
            return false;
        spool->file = fdopen(fd, "w+");
        if (!spool->file) {
            error_errno(err, errno, "cannot lay keys aside");
            close(fd);
            return false;
        }
    }
    spool->n++;
    return (fwrite(&key.len, sizeof key.len, 1, spool->file) == 1 &&
            fwrite(key.data, 1, key.len, spool->file) == key.len) ||
           error_errno(err, errno, "cannot lay keys aside");
}

static bool rewind_spool(void *ctx, struct error *err)
{
    struct spool *spool = ctx;
    return !spool->file || fseek(spool->file, 0, SEEK_SET) == 0 ||
           error_errno(err, errno, "cannot lay keys aside");
}

static enum pull pull_spooled(void *ctx, struct bytes *key, struct error *err)
{
    struct spool *spool = ctx;
    size_t len;
    if (!spool->file || (fread(&len, sizeof len, 1, spool->file) != 1 && !ferror(spool->file)))
        return PULL_END;
    buf_clear(&spool->key);
    if (!ferror(spool->file))
        buf_reserve(&spool->key, len);
    if (ferror(spool->file) || fread(spool->key.data, 1, len, spool->file) != len) {
        error_errno(err, errno, "cannot read the keys that were laid aside");
        return PULL_FAILED;
    }
    *key = bytes_make(spool->key.data, len);
    return PULL_PAIR;
}

/* ---- Many keys ------------------------------------------------------------------------------- */

struct removing {
    struct live_keys keys;
    struct spool spool;
    struct live_tally tally;
    struct error err; /* why they cannot be laid aside */
};

static int close_removing(lua_State *L)
{
    struct removing *r = luaL_checkudata(L, 1, REMOVING);
    if (r->spool.file)
        fclose(r->spool.file);
    buf_release(&r->spool.key);
    r->spool = (struct spool){0};
    live_tally_release(&r->tally);
    return 0;
}

static const luaL_Reg removing_methods[] = {{"__gc", close_removing}, {NULL, NULL}};

/* [ namespace, keys, removing (light) ] Runs protected. */
static int lay_aside(lua_State *L)
{
    struct removing *r = lua_touserdata(L, 3);
    struct bytes key;
    while (live_next_key(L, &r->keys, &key) && add_to_spool(&r->spool, key, &r->err))
        lua_settop(L, 3);
    return 0;
}

int live_bulk_delete(lua_State *L)
{
    struct live *live = live_of(L);
    struct kv_namespace ns;
    lua_settop(L, 3);
    struct live_keys keys = live_keys_at(L, 2, "cfkv.bulk.delete");
    struct removing *r = lua_newuserdatauv(L, sizeof *r, 0);
    *r = (struct removing){.keys = keys, .tally = {.done = "deleted"}};
    value_set_metatable(L, REMOVING, removing_methods);
    live_allow(L, 3, "cfkv.bulk.delete");
    if (!live_find(L, 1, &ns, &r->err))
        return live_tally_fail(L, &r->tally, &r->err);
    int status = live_protect(L, lay_aside, 2, r);
    if (status == LUA_ERRMEM)
        vm_stop_memory(L);
    if (status != LUA_OK)
        live_tally_raise(L, &r->tally);
    if (r->err.code)
        return live_tally_fail(L, &r->tally, &r->err);
    live_allow(L, 3, "cfkv.bulk.delete"); /* the iterator may have made calls of its own */
    struct kv_section saved;
    struct kv_delete del = {.ns = &ns,
                            .doomed = {.pull = pull_spooled,
                                       .named = r->spool.n,
                                       .rewind = rewind_spool,
                                       .ctx = &r->spool},
                            .reason = "delete",
                            .how = "deleted",
                            .on_failed = live_tally_failed,
                            .on_failed_ctx = &r->tally,
                            .counts = &r->tally.counts};
    bool ok = kv_delete_keys(live->kv, &del, &saved, &r->err);
    r->tally.backup = saved.path;
    if (!ok)
        return live_tally_fail(L, &r->tally, &r->err);
    return live_tally_give(L, &r->tally);
}
