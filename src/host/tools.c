#include "tools.h"

#include <lauxlib.h>

#include "base/clock.h"
#include "base/fold.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "model/fields.h"
#include "model/validate.h"
#include "view.h"

/* What raises is asked before anything is held: pushing text never fails (base/mem.h). */
static struct bytes check_bytes(lua_State *L, int arg)
{
    size_t len;
    const char *data = luaL_checklstring(L, arg, &len);
    return bytes_make(data, len);
}

static int push_buf(lua_State *L, struct buf *text)
{
    lua_pushlstring(L, text->data, text->len);
    buf_release(text);
    return 1;
}

static int tool_base64(lua_State *L)
{
    struct bytes s = check_bytes(L, 1);
    struct buf text = {0};
    buf_add_base64(&text, s);
    return push_buf(L, &text);
}

static int tool_from_base64(lua_State *L)
{
    struct bytes s = check_bytes(L, 1);
    struct error err = {0};
    struct buf text = {0};
    if (buf_add_base64_decoded(&text, s, &err))
        return push_buf(L, &text);
    buf_release(&text);
    lua_pushnil(L);
    return 1;
}

static int tool_columns(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)text_columns(check_bytes(L, 1)));
    return 1;
}

static int tool_defuse(lua_State *L)
{
    struct bytes s = check_bytes(L, 1);
    struct buf text = {0};
    text_defuse(&text, s, true);
    return push_buf(L, &text);
}

static int tool_digest(lua_State *L)
{
    struct digest digest = hash_sha256(check_bytes(L, 1));
    struct buf text = {0};
    buf_add_hex(&text, digest.bytes, sizeof digest.bytes);
    return push_buf(L, &text);
}

static int tool_is_composed(lua_State *L)
{
    lua_pushboolean(L, fold_is_composed(check_bytes(L, 1)));
    return 1;
}

static int tool_is_plain(lua_State *L)
{
    lua_pushboolean(L, text_is_plain(check_bytes(L, 1)));
    return 1;
}

static int tool_json(lua_State *L)
{
    struct bytes s = check_bytes(L, 1);
    struct error err;
    struct buf canonical = {0};
    lua_settop(L, 1);
    bool ok = view_push(L, s, &err) && json_canonical(s, &canonical, &err);
    if (ok)
        return push_buf(L, &canonical) + 1;
    buf_release(&canonical);
    return 0;
}

/* The field of the table at 1; data NULL: it has none. */
static struct bytes opt_field(lua_State *L, const char *name)
{
    size_t len = 0;
    lua_getfield(L, 1, name);
    const char *data = luaL_optlstring(L, -1, NULL, &len);
    return bytes_make(data, len);
}

static int64_t opt_seconds(lua_State *L, const char *name)
{
    lua_getfield(L, 1, name);
    return luaL_optinteger(L, -1, 0);
}

static bool judge_key(struct seed_key *seed, size_t value_len, struct bytes mode, struct error *err)
{
    struct diag_list warnings = {0};
    struct buf metadata = {0};
    char key[QUOTED_SIZE];
    int64_t now = clock_now();
    bool ok = !seed->metadata.data || json_canonical(seed->metadata, &metadata, err) ||
              error_wrap(err, "the metadata of key %s is not JSON",
                         text_quoted(seed->key, key, sizeof key));
    if (seed->metadata.data)
        seed->metadata = buf_bytes(&metadata);
    ok = ok && seed_key_judge(&warnings, seed, value_len, now, "", err) &&
         !seed_key_is_late(seed, now, err) &&
         (!mode_is_instant(mode) || seed_instant_judge(seed, err));
    diag_release(&warnings);
    buf_release(&metadata);
    return ok;
}

static int tool_key_fault(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    size_t mode_len = 0;
    const char *mode = luaL_optlstring(L, 2, "", &mode_len);
    struct seed_key seed = {.key = opt_field(L, "key"),
                            .metadata = opt_field(L, "metadata"),
                            .expiration = opt_seconds(L, "expiration"),
                            .expiration_ttl = opt_seconds(L, "expiration_ttl")};
    seed.zero_expiration = seed.expiration == 0 && lua_getfield(L, 1, "expiration") != LUA_TNIL;
    size_t value_len = opt_field(L, "value").len;
    struct error err = {0};
    if (judge_key(&seed, value_len, bytes_make(mode, mode_len), &err))
        return 0;
    lua_pushstring(L, err.message);
    lua_pushstring(L, *err.hint ? err.hint : NULL);
    return 2;
}

static int tool_longest(lua_State *L)
{
    struct bytes name = check_bytes(L, 1);
    for (size_t i = 0; i < namespace_fields.n; i++) {
        const struct field *f = &namespace_fields.rows[i];
        if (f->at_most > 0 && bytes_equal(name, bytes_of(f->name))) {
            lua_pushinteger(L, (lua_Integer)f->at_most);
            return 1;
        }
    }
    if (!bytes_equal(name, bytes_of("title"))) /* which the project limits, too */
        return 0;
    lua_pushinteger(L, KV_TITLE_MAX);
    return 1;
}

static int tool_looks_secret(lua_State *L)
{
    lua_pushboolean(L, looks_secret(check_bytes(L, 1), check_bytes(L, 2)));
    return 1;
}

static int tool_name(lua_State *L)
{
    struct bytes name = check_bytes(L, 1);
    struct buf text = {0};
    json_show_name(&text, name);
    return push_buf(L, &text);
}

static int tool_quote(lua_State *L)
{
    struct bytes s = check_bytes(L, 1);
    size_t max = (size_t)luaL_optinteger(L, 2, LUA_MAXINTEGER);
    struct buf text = {0};
    text_quote(&text, s, max);
    return push_buf(L, &text);
}

static int tool_quoted(lua_State *L)
{
    char text[80];
    lua_pushstring(L, text_quoted(check_bytes(L, 1), text, sizeof text));
    return 1;
}

static int tool_string(lua_State *L)
{
    struct bytes s = check_bytes(L, 1);
    struct buf text = {0};
    struct json_writer w = json_writer_to(&text, 0);
    json_string(&w, s);
    return push_buf(L, &text);
}

static int tool_number(lua_State *L)
{
    double d = luaL_checknumber(L, 1);
    struct buf text = {0};
    if (lua_isinteger(L, 1))
        buf_addf(&text, "%lld", (long long)lua_tointeger(L, 1));
    else
        json_format_double(&text, d);
    return push_buf(L, &text);
}

static int tool_shell(lua_State *L)
{
    struct bytes word = check_bytes(L, 1);
    struct buf text = {0};
    text_shell_word(&text, word);
    return push_buf(L, &text);
}

static int tool_show_json(lua_State *L)
{
    struct bytes json = check_bytes(L, 1);
    struct buf text = {0};
    text_show_json(&text, json);
    return push_buf(L, &text);
}

static int tool_random(lua_State *L)
{
    unsigned char random[16];
    struct buf text = {0};
    if (!hash_random(random, sizeof random))
        return luaL_error(L, "the system has no random bytes");
    buf_add_hex(&text, random, sizeof random);
    return push_buf(L, &text);
}

void tools_push(lua_State *L)
{
    static const luaL_Reg tools[] = {
        {"base64", tool_base64},
        {"columns", tool_columns},
        {"defuse", tool_defuse},
        {"digest", tool_digest},
        {"from_base64", tool_from_base64},
        {"is_composed", tool_is_composed},
        {"is_plain", tool_is_plain},
        {"json", tool_json},
        {"key_fault", tool_key_fault},
        {"longest", tool_longest},
        {"looks_secret", tool_looks_secret},
        {"name", tool_name},
        {"number", tool_number},
        {"quote", tool_quote},
        {"quoted", tool_quoted},
        {"random", tool_random},
        {"shell", tool_shell},
        {"show_json", tool_show_json},
        {"string", tool_string},
        {NULL, NULL},
    };
    luaL_newlib(L, tools);
    view_push_null(L);
    lua_setfield(L, -2, "null");
}
