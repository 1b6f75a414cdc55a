/* Which namespace is meant: the account's list, asked for once and kept in step. */
#include <lauxlib.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "live.h"
#include "value.h"

/* ---- The list -------------------------------------------------------------------------------- */

bool live_add_name(struct live *live, struct bytes id, struct bytes title)
{
    struct live_name name;
    if (!live->names_known)
        return true;
    void *names = live->names;
    bool ok = arena_bytes(&live->names_arena, id, &name.id) &&
              arena_bytes(&live->names_arena, title, &name.title) &&
              arena_grow(&live->names_arena, &names, &live->cap_names, live->n_names + 1,
                         sizeof *live->names);
    live->names = names;
    if (ok)
        live->names[live->n_names++] = name;
    return ok;
}

static size_t find_id(const struct live *live, struct bytes id)
{
    size_t i = 0;
    while (i < live->n_names && !bytes_equal(live->names[i].id, id))
        i++;
    return i;
}

static size_t find_title(const struct live *live, struct bytes title)
{
    size_t i = 0;
    while (i < live->n_names && !bytes_equal(live->names[i].title, title))
        i++;
    return i;
}

bool live_retitle(struct live *live, struct bytes id, struct bytes title)
{
    size_t i = find_id(live, id);
    return i == live->n_names || arena_bytes(&live->names_arena, title, &live->names[i].title);
}

void live_drop_name(struct live *live, struct bytes id)
{
    size_t i = find_id(live, id);
    if (i < live->n_names)
        live->names[i] = live->names[--live->n_names];
}

struct page {
    struct live *live;
    size_t seen, total, n;
};

static bool hear_page(void *ctx, const struct store_result *result, struct error *err)
{
    struct page *page = ctx;
    page->n = result->n_namespaces;
    page->total = result->total;
    page->seen += page->n;
    for (size_t i = 0; i < page->n; i++)
        if (!live_add_name(page->live, result->namespaces[i].id, result->namespaces[i].title))
            return error_nomem(err);
    return true;
}

void live_forget_names(struct live *live)
{
    arena_reset(&live->names_arena);
    live->names = NULL;
    live->n_names = live->cap_names = 0;
    live->names_known = false;
}

bool live_list_names(struct live *live, struct error *err)
{
    struct page page = {.live = live, .n = 1};
    live_forget_names(live);
    live->names_known = true;
    for (unsigned at = 1; page.n > 0 && (at == 1 || page.seen < page.total); at++) {
        struct store_op op = {.kind = STORE_NAMESPACE_LIST, .page = at};
        if (!live_do(live, &op, hear_page, &page, err)) {
            live_forget_names(live);
            return false;
        }
    }
    return true;
}

/* ---- Finding --------------------------------------------------------------------------------- */

static bool no_such(struct live *live, struct bytes word, struct error *err)
{
    char quoted[160];
    const char **titles = mem_alloc((live->n_names + 1) * sizeof *titles);
    if (!titles)
        return error_nomem(err);
    for (size_t i = 0; i < live->n_names; i++)
        titles[i] = live->names[i].title.data;
    titles[live->n_names] = NULL;
    const char *near = text_nearest(word, titles);
    error_set(err, ERR_NOT_FOUND, "there is no namespace %s",
              text_quoted(word, quoted, sizeof quoted));
    if (near)
        error_hint(err, "did you mean %s?", text_quoted(bytes_of(near), quoted, sizeof quoted));
    mem_free(titles);
    return false;
}

static size_t find_word(const struct live *live, struct bytes word)
{
    size_t i = find_title(live, word);
    return i < live->n_names ? i : find_id(live, word);
}

/* What is not on the list may have been made since. */
static bool look_up(struct live *live, struct bytes word, struct live_name *out, struct error *err)
{
    bool fresh = !live->names_known;
    if (fresh && !live_list_names(live, err))
        return false;
    size_t i = find_word(live, word);
    if (i == live->n_names && !fresh) {
        if (!live_list_names(live, err))
            return false;
        i = find_word(live, word);
    }
    if (i == live->n_names)
        return no_such(live, word, err);
    *out = live->names[i];
    return true;
}

static struct bytes top_string(lua_State *L)
{
    size_t len;
    const char *s = lua_tolstring(L, -1, &len);
    return bytes_make(s, s ? len : 0);
}

/* Pushes both texts: the list may be another one before the call is over. */
static void keep(lua_State *L, struct bytes id, struct bytes title, struct live_target *out)
{
    lua_pushlstring(L, id.data, id.len);
    out->id = top_string(L);
    if (title.data)
        lua_pushlstring(L, title.data, title.len);
    else
        lua_pushnil(L);
    out->title = top_string(L);
}

static bool find_by_word(lua_State *L, struct bytes word, struct live_target *out,
                         struct error *err)
{
    struct live_name name = {0};
    if (!look_up(live_of(L), word, &name, err))
        return false;
    keep(L, name.id, name.title, out);
    return true;
}

static int refuse(lua_State *L, int idx)
{
    char got[160];
    return vm_raise(L, "give its title or id, or what cfkv.namespace.create or get returned",
                    "the namespace must be a string or a table with id or title, got %s",
                    value_describe(L, idx, got, sizeof got));
}

static bool find_by_table(lua_State *L, int idx, struct live_target *out, struct error *err)
{
    lua_pushliteral(L, "id");
    lua_rawget(L, idx);
    lua_pushliteral(L, "title");
    lua_rawget(L, idx);
    if (lua_type(L, -1) != LUA_TSTRING && !lua_isnil(L, -1))
        refuse(L, idx);
    if (lua_type(L, -2) == LUA_TSTRING && lua_rawlen(L, -2) > 0) { /* both stay where they are */
        out->title = top_string(L);
        lua_pushvalue(L, -2);
        out->id = top_string(L);
        lua_pop(L, 1);
        return true;
    }
    if (!lua_isnil(L, -2) || lua_isnil(L, -1))
        refuse(L, idx);
    return find_by_word(L, top_string(L), out, err);
}

bool live_find(lua_State *L, int idx, struct live_target *out, struct error *err)
{
    struct live *live = live_of(L);
    struct run_recorded recorded = {0};
    *out = (struct live_target){0};
    luaL_checkstack(L, 8, NULL);
    bool ok = true;
    if (lua_type(L, idx) == LUA_TSTRING)
        ok = find_by_word(L, live_string(L, idx, "the namespace"), out, err);
    else if (lua_istable(L, idx))
        ok = find_by_table(L, idx, out, err);
    else
        refuse(L, idx);
    if (!ok || !live->options->recorded(live->options->ctx, out->id, &recorded, err))
        return false;
    out->account = recorded.account;
    out->ttl_seconds = recorded.ttl_seconds;
    out->protect = recorded.protect;
    return true;
}

char *live_shown(const struct live_target *t, char *out, size_t size)
{
    char quoted[160];
    text_quoted(t->title.data ? t->title : t->id, quoted, sizeof quoted);
    snprintf(out, size, "namespace %s", quoted);
    return out;
}
