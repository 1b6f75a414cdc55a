/* cfkv.namespace.*: create, list, get, rename, delete. */
#include <lauxlib.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "live.h"
#include "model/fingerprint.h"
#include "seed/backup.h"
#include "kv/read.h"

#define SHOWN 200 /* bytes of "namespace '…'" in a message */

static void push_namespace(lua_State *L, struct bytes id, struct bytes title)
{
    lua_createtable(L, 0, 2);
    lua_pushlstring(L, id.data, id.len);
    lua_setfield(L, -2, "id");
    lua_pushlstring(L, title.data, title.len);
    lua_setfield(L, -2, "title");
}

/* A title that can be given to a namespace. Raises. */
static struct bytes check_title(lua_State *L, int idx)
{
    char quoted[80];
    struct bytes title = live_string(L, idx, "the title");
    const char *fault = NULL;
    if (title.len == 0)
        vm_raise(L, NULL, "the title is empty");
    if (!utf8_valid(title))
        fault = "is not valid UTF-8";
    for (size_t i = 0; i < title.len && !fault; i++)
        if ((unsigned char)title.data[i] < 0x20 || title.data[i] == 0x7f)
            fault = "has a control character in it";
    if (fault)
        vm_raise(L, NULL, "title %s %s", text_quoted(title, quoted, sizeof quoted), fault);
    if (utf8_count(title) > KV_TITLE_MAX)
        vm_raise(L, NULL, "the title has %zu characters, more than %d", utf8_count(title),
                 KV_TITLE_MAX);
    return title;
}

/* ---- create ---------------------------------------------------------------------------------- */

static bool hear_id(void *ctx, const struct store_result *result, struct error *err)
{
    struct live *live = ctx;
    buf_clear(&live->text);
    if (result->n_namespaces != 1)
        return error_set(err, ERR_ANSWER, "the answer to a create names no namespace");
    return buf_add_bytes(&live->text, result->namespaces[0].id) || error_nomem(err);
}

int live_namespace_create(lua_State *L)
{
    struct live *live = live_of(L);
    struct error err = {0};
    lua_settop(L, 1);
    struct store_op op = {.kind = STORE_NAMESPACE_CREATE, .title = check_title(L, 1)};
    if (!live->options->new_id(live->options->ctx, op.title, &op.id, &err) ||
        !live_do(live, &op, hear_id, live, &err))
        return live_fail(L, &err);
    vm_need(L, live_add_name(live, buf_bytes(&live->text), op.title));
    push_namespace(L, buf_bytes(&live->text), op.title);
    return 1;
}

/* ---- list, get ------------------------------------------------------------------------------- */

/* Upvalues: an array of namespaces, and how many were given. */
static int next_namespace(lua_State *L)
{
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(2)) + 1;
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(2));
    lua_geti(L, lua_upvalueindex(1), at);
    return 1;
}

static int by_title(const void *a, const void *b)
{
    const struct live_name *x = a, *y = b;
    return bytes_compare(x->title, y->title);
}

int live_namespace_list(lua_State *L)
{
    struct live *live = live_of(L);
    struct error err = {0};
    if (!live_list_names(live, &err))
        return live_fail(L, &err);
    if (live->n_names > 0)
        qsort(live->names, live->n_names, sizeof *live->names, by_title);
    lua_newtable(L);
    for (size_t i = 0; i < live->n_names; i++) {
        push_namespace(L, live->names[i].id, live->names[i].title);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_namespace, 2);
    return 1;
}

static bool hear_title(void *ctx, const struct store_result *result, struct error *err)
{
    struct live *live = ctx;
    buf_clear(&live->text);
    if (result->n_namespaces != 1)
        return error_set(err, ERR_ANSWER, "the answer names no namespace");
    return buf_add_bytes(&live->text, result->namespaces[0].title) || error_nomem(err);
}

/* What the namespace is called now, in live->text. */
static bool read_title(struct live *live, struct bytes id, struct error *err)
{
    struct store_op op = {.kind = STORE_NAMESPACE_GET, .id = id};
    return live_do(live, &op, hear_title, live, err);
}

/* Asked anew: a script may wait for something that others do. */
int live_namespace_get(lua_State *L)
{
    struct live *live = live_of(L);
    struct live_target target;
    struct error err = {0};
    lua_settop(L, 1);
    live_forget_names(live);
    if (!live_find(L, 1, &target, &err))
        return live_fail(L, &err);
    if (live->names_known) { /* it was looked up */
        push_namespace(L, target.id, target.title);
        return 1;
    }
    if (!read_title(live, target.id, &err))
        return live_fail(L, &err);
    push_namespace(L, target.id, buf_bytes(&live->text));
    return 1;
}

/* ---- rename ---------------------------------------------------------------------------------- */

int live_namespace_rename(lua_State *L)
{
    struct live *live = live_of(L);
    struct live_target target;
    struct error err = {0};
    lua_settop(L, 2);
    struct store_op op = {.kind = STORE_NAMESPACE_RENAME, .title = check_title(L, 2)};
    if (!live_find(L, 1, &target, &err))
        return live_fail(L, &err);
    op.id = target.id;
    if (!live_do(live, &op, NULL, NULL, &err))
        return live_fail(L, &err);
    vm_need(L, live_retitle(live, target.id, op.title));
    if (lua_istable(L, 1)) { /* it stays what create or get would give */
        lua_pushliteral(L, "title");
        lua_pushvalue(L, 2);
        lua_rawset(L, 1);
    }
    lua_pushboolean(L, true);
    return 1;
}

/* ---- delete ---------------------------------------------------------------------------------- */

struct delete_fields {
    bool allow_data_loss;
};

static const struct field delete_fields[] = {
    {"allow_data_loss", FIELD_BOOLEAN, false, offsetof(struct delete_fields, allow_data_loss), NULL,
     0},
};

static const struct schema delete_schema = {"cfkv.namespace.delete", delete_fields, 1};

static bool check_protection(const struct live_target *t, struct error *err)
{
    char shown[SHOWN];
    if (!t->protect)
        return true;
    error_set(err, ERR_GUARD, "%s is protected", live_shown(t, shown, sizeof shown));
    return error_hint(err, "declare it with `protect = false` and apply, or use 'cfkv state "
                           "unprotect'");
}

/* What is deleted must still be what was meant. */
static bool check_title_kept(struct live *live, const struct live_target *t, struct error *err)
{
    char quoted[160], shown[SHOWN];
    if (!read_title(live, t->id, err))
        return false;
    struct bytes now = buf_bytes(&live->text);
    if (!t->title.data || bytes_equal(now, t->title))
        return true;
    error_set(err, ERR_GUARD, "%s is titled %s now", live_shown(t, shown, sizeof shown),
              text_quoted(now, quoted, sizeof quoted));
    return error_hint(err, "look at what it has become, and run it again");
}

static struct reader *open_reader(struct live *live, const struct live_target *t, bool values,
                                  struct error *err)
{
    struct read_options options = {
        .store = live->options->store, .id = t->id, .values = values, .jobs = live->options->jobs};
    return reader_open(&options, err);
}

static bool has_keys(struct live *live, const struct live_target *t, bool *any, struct error *err)
{
    struct store_pair pair;
    bool end = false;
    struct reader *reader = open_reader(live, t, false, err);
    bool ok = reader && reader_next(reader, &pair, &end, err);
    reader_close(reader);
    *any = ok && !end;
    return ok;
}

static bool copy_pairs(struct live *live, struct reader *reader, struct backup_writer *writer,
                       struct error *err)
{
    for (;;) {
        struct store_pair pair;
        bool end;
        if (!reader_next(reader, &pair, &end, err))
            return false;
        if (end)
            return true;
        struct backup_key key = {
            .key = pair.key, .value = pair.value, .expiration = pair.expiration};
        if (!fingerprint_strip(pair.metadata, &live->metadata, &key.metadata, err) ||
            !backup_add(writer, &key, err))
            return false;
    }
}

static bool write_backup(struct live *live, const struct live_target *t, const char *path,
                         const struct backup_info *info, struct error *err)
{
    struct backup_totals totals;
    struct backup_writer *writer = backup_create(path, info, err);
    struct reader *reader = writer ? open_reader(live, t, true, err) : NULL;
    bool ok = reader && copy_pairs(live, reader, writer, err);
    reader_close(reader);
    if (ok)
        return backup_finish(writer, &totals, err);
    backup_abandon(writer);
    return false;
}

/* Leaves the path in live->text. */
static bool back_up(struct live *live, const struct live_target *t, struct error *err)
{
    char *path = NULL;
    struct backup_info info = {.account_id = t->account,
                               .id = t->id,
                               .title = t->title.data ? t->title : t->id,
                               .reason = bytes_of("delete"),
                               .created = live->options->now};
    bool ok = backup_path(live->options->backup_dir, &info, &path, err) &&
              write_backup(live, t, path, &info, err);
    buf_clear(&live->text);
    if (ok && !buf_add_str(&live->text, path))
        ok = error_nomem(err);
    mem_free(path);
    return ok || error_wrap(err, "cannot back up");
}

static bool may_delete(struct live *live, const struct live_target *t, bool allowed,
                       bool *backed_up, struct error *err)
{
    char shown[SHOWN];
    bool any;
    *backed_up = false;
    if (!check_protection(t, err) || !has_keys(live, t, &any, err))
        return false;
    if (!any)
        return true;
    if (allowed)
        return *backed_up = back_up(live, t, err);
    error_set(err, ERR_GUARD, "%s holds keys", live_shown(t, shown, sizeof shown));
    return error_hint(err, "{ allow_data_loss = true } backs them up and deletes it");
}

/* true, and the path of the backup when one was written. */
int live_namespace_delete(lua_State *L)
{
    struct live *live = live_of(L);
    struct live_target target;
    struct delete_fields fields = {0};
    struct error err = {0};
    bool backed_up;
    lua_settop(L, 2);
    live_options(L, 2, &delete_schema, &fields);
    if (!live_find(L, 1, &target, &err) ||
        !may_delete(live, &target, fields.allow_data_loss, &backed_up, &err))
        return live_fail(L, &err);
    lua_pushboolean(L, true);
    if (backed_up)
        lua_pushlstring(L, live->text.data, live->text.len);
    struct store_op op = {.kind = STORE_NAMESPACE_DELETE, .id = target.id};
    if (!check_title_kept(live, &target, &err) || !live_do(live, &op, NULL, NULL, &err))
        return live_fail(L, &err);
    live_drop_name(live, target.id);
    return backed_up ? 2 : 1;
}
