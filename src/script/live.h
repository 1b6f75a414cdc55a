/*
 * live.h: what the live calls of a script share. Private to script/.
 *
 * Each native reads its arguments (raising on misuse, at the script's line), then works on the
 * store with no Lua in between, then pushes what came of it. So no Lua error crosses a callback of
 * the store. An expected failure is `nil, err`: live_fail.
 */
#ifndef CFKV_SCRIPT_LIVE_H
#define CFKV_SCRIPT_LIVE_H

#include <lua.h>

#include "base/arena.h"
#include "bind.h"
#include "run.h"
#include "schema.h"
#include "store/queue.h"
#include "kv/put.h"
#include "vm.h"

/* A namespace of the account. */
struct live_name {
    struct bytes id, title;
};

struct live {
    const struct run_options *options;
    struct run_result *result;

    bool busy; /* a native is at work: a finalizer that Lua runs meanwhile cannot call another */

    /* The account's namespaces, once they were asked for. */
    struct arena names_arena;
    struct live_name *names;
    size_t n_names, cap_names;
    bool names_known;

    size_t warned; /* warnings that were told */

    uint64_t written; /* keys, by the bulk put that ended last: told when Ctrl-C ended it */

    struct buf metadata; /* of the pair that is being read */
    struct buf text;     /* what a store answered, until it is pushed */
};

static inline struct live *live_of(lua_State *L)
{
    return vm_of(L)->live;
}

void live_release(struct live *live);

/* ---- The door -------------------------------------------------------------------------------- */

/* Makes the metatables, pushes the table of natives that lua/cfkv/live.lua builds on. */
void live_push(lua_State *L);

/* Pushes `fn`, with the `n` values on top of the stack as its upvalues, behind the door: natives
 * run one at a time, and no longer once the script is over. */
void live_push_native(lua_State *L, lua_CFunction fn, int n);

/* Ends the run when Ctrl-C was pressed. Raises then. */
void live_check(lua_State *L);

/* Calls the script's function on top of the stack, without arguments; two results or `n`. The door
 * is open meanwhile. Raises what it raises. */
void live_call_back(lua_State *L, int n);

/* ---- Failures -------------------------------------------------------------------------------- */

/* Pushes the error as a table with code, message, hint. Never returns when the failure is Ctrl-C or
 * memory: those end the run. */
void live_push_error(lua_State *L, const struct error *err);

/* nil, err. */
int live_fail(lua_State *L, const struct error *err);

/* Tells the user of warnings; of a flood, only how it begins. */
void live_warn(struct live *live, const struct diag_list *warnings);

/* ---- Arguments ------------------------------------------------------------------------------- */

/* The options table at `idx`, nil is fine. */
struct schema_result live_options(lua_State *L, int idx, const struct schema *schema, void *out);

/* A string argument; `what` names it ("the key"). Raises. */
struct bytes live_string(lua_State *L, int idx, const char *what);

/* A string argument that can be a key. Raises. `where` is put before messages. */
struct bytes live_key(lua_State *L, int idx, const char *where);

/* ---- The store ------------------------------------------------------------------------------- */

typedef bool (*live_hear_fn)(void *ctx, const struct store_result *result, struct error *err);

/* One operation. `hear` (may be NULL) gets the answer when it is ok; false is a failure of it. */
bool live_do(struct live *live, const struct store_op *op, live_hear_fn hear, void *ctx,
             struct error *err);

/* ---- Namespaces (live_names.c) ----------------------------------------------------------------
 */

/* Which namespace a call is about; id and title are strings that live_find pushed. */
struct live_target {
    struct bytes id;
    struct bytes title;   /* data NULL: not known */
    struct bytes account; /* data NULL: none */
    int64_t ttl_seconds;  /* the recorded default */
    bool protect;
};

/*
 * The namespace at `idx`: a title, else an id, or a table with id or title, such as create gives.
 * Pushes two values that keep it. false with err when there is none; raises on anything else.
 */
bool live_find(lua_State *L, int idx, struct live_target *out, struct error *err);

/* Lists the account's namespaces (again). */
bool live_list_names(struct live *live, struct error *err);

/* The next call that needs the list asks for it. */
void live_forget_names(struct live *live);

/* Keeps the list in step. false: out of memory. */
bool live_add_name(struct live *live, struct bytes id, struct bytes title);
bool live_retitle(struct live *live, struct bytes id, struct bytes title);
void live_drop_name(struct live *live, struct bytes id);

/* "namespace 'shop-config-prod'" for messages. Returns `out`. */
char *live_shown(const struct live_target *t, char *out, size_t size);

/* ---- Pairs (live_item.c) ----------------------------------------------------------------------
 */

/*
 * Reads a pair for the store: key at `key`, value at `value`, options at `options` (nil is fine),
 * all absolute indexes. `where` is put before messages. It is good while those values are on the
 * stack, until the next. Raises about what is wrong with it; false: the key is not to be written,
 * because of its expiration (seed_key_is_late), as `late` says without `where`.
 */
bool live_read_pair(lua_State *L, int key, int value, int options, const char *where,
                    struct store_pair *out, struct error *late);

/* The same from the item table on top of the stack, of which it leaves parts on the stack. */
bool live_read_item(lua_State *L, const char *where, struct store_pair *out, struct error *late);

/* ---- Sources (live_source.c) ------------------------------------------------------------------
 */

/* Sends all of a cfkv.source below `root`, if all of it is good; keys that are late are told as
 * failed by `options`, those of `put`. No Lua runs. */
bool live_put_source(struct live *live, const char *root, const struct source_handle *handle,
                     const struct put_options *options, struct put *put, struct error *err);

/* ---- Keys one after the other (live_keys.c) ----------------------------------------------------
 */

/* What is at `idx` gives keys: an array or an iterator, of strings or of tables with a `key`. */
struct live_keys {
    int idx;
    lua_Integer n;  /* of an array; < 0: an iterator */
    lua_Integer at; /* keys given so far */
};

/* Raises unless the value at `idx` can give keys. */
struct live_keys live_keys_at(lua_State *L, int idx, const char *what);

/* Pushes the next key; false (and pushes nothing) at the end. Raises. */
bool live_next_key(lua_State *L, struct live_keys *keys, struct bytes *key);

/* ---- Keys that failed --------------------------------------------------------------------------
 */

/* A list of texts that a store's callback can add to. */
struct live_list {
    struct buf bytes; /* length, then the bytes, of each */
    size_t n;
};

bool live_list_add(struct live_list *list, struct bytes text);

/* Pushes it as an array of strings. */
void live_push_list(lua_State *L, const struct live_list *list);

/* ---- The natives, by file ----------------------------------------------------------------------
 */

int live_namespace_create(lua_State *L); /* live_namespace.c */
int live_namespace_list(lua_State *L);
int live_namespace_get(lua_State *L);
int live_namespace_rename(lua_State *L);
int live_namespace_delete(lua_State *L);
int live_key_put(lua_State *L); /* live_key.c */
int live_key_get(lua_State *L);
int live_key_metadata(lua_State *L);
int live_key_list(lua_State *L);
int live_key_delete(lua_State *L);
int live_bulk_put(lua_State *L);    /* live_put.c */
int live_bulk_get(lua_State *L);    /* live_get.c */
int live_bulk_delete(lua_State *L); /* live_remove.c */

void live_open_lists(lua_State *L);   /* metatables: live_key.c, */
void live_open_puts(lua_State *L);    /* live_put.c, */
void live_open_gets(lua_State *L);    /* live_get.c, */
void live_open_removes(lua_State *L); /* live_remove.c */

#endif
