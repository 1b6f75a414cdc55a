/* What lua/cfkv/migrate.lua needs besides the live calls. Scripts do not see these. */
#include <errno.h>
#include <lauxlib.h>
#include <lualib.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "live.h"
#include "model/model.h"
#include "tables.h"
#include "value.h"

/* [ code, message, hint ] → nil, err; raised where the script is strict. */
static int fail(lua_State *L)
{
    struct error err = {0};
    error_set(&err, live_code_named(luaL_checkstring(L, 1)), "%s", luaL_checkstring(L, 2));
    if (lua_isstring(L, 3))
        error_hint(&err, "%s", lua_tostring(L, 3));
    return live_fail_write(L, &err);
}

/* → host, pid, whether the target is the local store */
static int self(lua_State *L)
{
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    lua_pushstring(L, host[0] ? host : "unknown");
    lua_pushinteger(L, (lua_Integer)getpid());
    lua_pushboolean(L, live_of(L)->kv->local);
    return 3;
}

/* [ pid ] → whether there is such a process on this host */
static int is_alive(lua_State *L)
{
    lua_Integer pid = lua_tointeger(L, 1);
    lua_pushboolean(L, pid <= 0 || pid > INT32_MAX || kill((pid_t)pid, 0) == 0 || errno != ESRCH);
    return 1;
}

/* [ seconds ] Waits; Ctrl-C ends it, and the run. */
static int pause_for(lua_State *L)
{
    double seconds = lua_tonumber(L, 1);
    struct timespec t = {.tv_sec = (time_t)seconds};
    t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
    nanosleep(&t, NULL);
    live_check(L);
    return 0;
}

/* [ value ] → whether it is what an expected failure gives */
static int is_error(lua_State *L)
{
    lua_pushboolean(L, live_is_error(L, 1));
    return 1;
}

/* ---- Fields ---------------------------------------------------------------------------------- */

struct step_fields {
    struct bytes name, prefix;
    struct strings was;
    bool mass_delete, data_loss;
};

#define AT(field) offsetof(struct step_fields, field)

static const struct field step_rows[] = {
    FIELD_NEED("name", FIELD_STRING, AT(name), .doc = "by which it is recorded, for ever"),
    FIELD_ROW("run", FIELD_ANY, 0, .doc = "what it does; expected failures raise in it"),
    FIELD_ROW("rewrite", FIELD_ANY, 0,
              .doc = "what becomes of a key: its name then, value and metadata; nil: it stays"),
    FIELD_ROW("prefix", FIELD_STRING, AT(prefix), .bytes = KV_KEY_MAX,
              .doc = "of the keys that `rewrite` gets; all unless given"),
    FIELD_ROW("allow_mass_delete", FIELD_BOOLEAN, AT(mass_delete),
              .doc = "the old names of keys may go though they are many"),
    FIELD_ROW("allow_data_loss", FIELD_BOOLEAN, AT(data_loss),
              .doc = "and though the namespace is protected"),
    FIELD_ROW("was", FIELD_STRINGS, AT(was), .doc = "what it was called"),
};

const struct fields live_step_fields = {"a step of cfkv.migrate", step_rows,
                                        sizeof step_rows / sizeof *step_rows};

static const struct field migrate_rows[] = {
    FIELD_ROW("prefix", FIELD_STRING, 0, .bytes = KV_KEY_MAX,
              .doc = "of the keys that record it: \"cfkv/\" unless given"),
};

const struct fields live_migrate_fields = {"the options of cfkv.migrate", migrate_rows, 1};

/* [ step, where ] Raises about what is wrong with it. */
static int check_step(lua_State *L)
{
    struct step_fields fields = {0};
    schema_read(L, 1, &live_step_fields, &fields, vm_where(L), lua_tostring(L, 2));
    return 0;
}

/* [ options ] Likewise. */
static int check_options(lua_State *L)
{
    struct bytes prefix;
    schema_read(L, 1, &live_migrate_fields, &prefix, vm_where(L), "");
    return 0;
}

static const luaL_Reg natives[] = {{"fail", fail},
                                   {"self", self},
                                   {"is_alive", is_alive},
                                   {"is_error", is_error},
                                   {"pause", pause_for},
                                   {"check_step", check_step},
                                   {"check_options", check_options},
                                   {NULL, NULL}};

/* Of Lua's own functions, as they are at the start. */
static const char *const globals[] = {"error", "ipairs", "pcall", "tostring", "type"};

static const char *const members[][2] = {{LUA_MATHLIBNAME, "random"},
                                         {LUA_OSLIBNAME, "date"},
                                         {LUA_OSLIBNAME, "time"},
                                         {LUA_TABLIBNAME, "concat"},
                                         {LUA_UTF8LIBNAME, "len"}};

void live_push_migrate(lua_State *L)
{
    luaL_setfuncs(L, natives, 0);
    for (size_t i = 0; i < sizeof globals / sizeof *globals; i++) {
        lua_getglobal(L, globals[i]);
        lua_setfield(L, -2, globals[i]);
    }
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        lua_getglobal(L, members[i][0]);
        lua_getfield(L, -1, members[i][1]);
        lua_setfield(L, -3, members[i][1]);
        lua_pop(L, 1);
    }
}
