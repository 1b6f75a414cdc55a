/* Keys for a call, one after the other: from an array or an iterator of the script's. */
#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "live.h"
#include "value.h"

struct live_keys live_keys_at(lua_State *L, int idx, const char *what)
{
    char got[160];
    if (!lua_istable(L, idx) && !lua_isfunction(L, idx))
        vm_raise(L, NULL, "%s takes an array of keys or an iterator, got %s", what,
                 value_describe(L, idx, got, sizeof got));
    struct live_keys keys = {.idx = lua_absindex(L, idx), .n = -1};
    struct error err = {0};
    if (lua_istable(L, idx) && !value_list_length(L, idx, what, &value_keys, &keys.n, &err))
        vm_raise_error(L, &err);
    return keys;
}

/* [ …, item ] → its key, or as it is. */
static void take_key(lua_State *L)
{
    if (!lua_istable(L, -1))
        return;
    lua_getfield(L, -1, "key");
    lua_remove(L, -2);
}

bool live_next_key(lua_State *L, struct live_keys *keys, struct bytes *key)
{
    char where[48];
    luaL_checkstack(L, 8, NULL);
    if (keys->n == keys->at)
        return false;
    if (keys->n >= 0) {
        lua_geti(L, keys->idx, keys->at + 1);
    } else {
        lua_pushvalue(L, keys->idx);
        live_call_back(L, 1);
        if (lua_isnil(L, -1)) {
            lua_pop(L, 1);
            return false;
        }
    }
    keys->at++;
    snprintf(where, sizeof where, "key %lld: ", (long long)keys->at);
    take_key(L);
    *key = live_key(L, lua_gettop(L), where);
    return true;
}

enum pull live_pull_one(void *ctx, struct bytes *key, struct error *err)
{
    struct live_one_key *one = ctx;
    (void)err;
    if (one->given)
        return PULL_END;
    one->given = true;
    *key = one->key;
    return PULL_PAIR;
}

/* ---- Laid aside ------------------------------------------------------------------------------ */

static bool open_spool(struct live_spool *spool, struct error *err)
{
    if (spool->file)
        return true;
    int fd = file_temporary(err);
    if (fd < 0)
        return false;
    spool->file = fdopen(fd, "w+");
    if (spool->file)
        return true;
    error_errno(err, errno, "cannot lay keys aside");
    close(fd);
    return false;
}

bool live_spool_add(struct live_spool *spool, struct bytes key, struct error *err)
{
    if (!open_spool(spool, err))
        return false;
    spool->n++;
    return (fwrite(&key.len, sizeof key.len, 1, spool->file) == 1 &&
            fwrite(key.data, 1, key.len, spool->file) == key.len) ||
           error_errno(err, errno, "cannot lay keys aside");
}

bool live_spool_rewind(void *ctx, struct error *err)
{
    struct live_spool *spool = ctx;
    return !spool->file || fseek(spool->file, 0, SEEK_SET) == 0 ||
           error_errno(err, errno, "cannot lay keys aside");
}

enum pull live_spool_pull(void *ctx, struct bytes *key, struct error *err)
{
    struct live_spool *spool = ctx;
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

void live_spool_release(struct live_spool *spool)
{
    if (spool->file)
        fclose(spool->file);
    buf_release(&spool->key);
    *spool = (struct live_spool){0};
}
