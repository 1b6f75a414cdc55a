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

#include "bind.h"
#include "kv/find.h"
#include "kv/sender.h"
#include "kv/read.h"
#include "run.h"
#include "schema.h"
#include "vm.h"

struct live {
    const struct run_options *options;
    struct run_result *result;
    struct kv *kv;

    bool busy;   /* a native is at work: a finalizer that Lua runs meanwhile cannot call another */
    bool strict; /* expected failures raise */

    /* What every call starts from; its own options come on top (live_allow). */
    struct permits permits;
    bool no_backup;

    /* Namespaces that were given as tables with an id; texts in the arena of `kv`. */
    struct kv_namespace *given;
    size_t n_given, cap_given;

    uint64_t serial, first_unread; /* of failures, for `result->unread`; first 0: it was read */
    size_t warned;                 /* warnings that were told */
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

/* Calls `fn` protected, with the arguments 1 to `n` and `ctx`, light, behind them. Returns Lua's
 * status, with the error on the stack; the native is at work again. */
int live_protect(lua_State *L, lua_CFunction fn, int n, void *ctx);

/* Calls the script's function on top of the stack, without arguments; two results or `n`. The door
 * is open meanwhile. Raises what it raises. */
void live_call_back(lua_State *L, int n);

/* ---- What comes of a call (live_outcome.c) --------------------------------------------------- */

/* Pushes the error as a table with code, message, hint. Never returns when the failure is Ctrl-C:
 * that ends the run. */
void live_push_error(lua_State *L, const struct error *err);

/* The code of that word ("locked"); ERR_FAILED of any other. */
enum error_code live_code_named(const char *word);

/* What is at `idx` was made by live_push_error, and somebody looked at it if it was to be. */
bool live_is_error(lua_State *L, int idx);

/* nil, err; raised where the script is strict. */
int live_fail(lua_State *L, const struct error *err);

/* The same of something that was to be changed: it counts as unread until somebody looks. */
int live_fail_write(lua_State *L, const struct error *err);

/* true, and the path of the backup when one was written (NULL: none). */
int live_done(lua_State *L, const char *backup);

/* ERR_FAILED: the service answered, and did not take the key. */
bool live_refused(struct bytes key, struct error *err);

/* Failures among the arguments of a call, and in them, are looked at: they have their fields then.
 */
void live_look_at_arguments(lua_State *L);

/* What became of many keys. */
struct live_tally {
    const char *done; /* "written", "deleted": the field that counts them */
    struct kv_counts counts;
    struct buf failed; /* keys: length, then the bytes, of each */
    size_t n_failed;
    struct error cause; /* of the first key that failed */
    const char *backup; /* path; NULL: none */
};

/* A kv_failed_fn; ctx is the tally. */
bool live_tally_failed(void *ctx, struct bytes key, const struct error *cause, struct error *err);

/* The result; nil and an error that says how far it came; [ …, cause ] the error of the script's
 * own function, raised again with that. */
int live_tally_give(lua_State *L, const struct live_tally *tally);
int live_tally_fail(lua_State *L, const struct live_tally *tally, const struct error *err);
int live_tally_raise(lua_State *L, const struct live_tally *tally);

void live_tally_release(struct live_tally *tally);

/* Tells the user of warnings; of a flood, only how it begins. */
void live_warn(lua_State *L, struct diag_list *warnings);

/* The first error of `diags`, with its place and its hint. Returns false. */
bool live_first_problem(const struct diag_list *diags, struct error *err);

/* ---- Arguments ------------------------------------------------------------------------------- */

/* The options table at `idx`, nil is fine. */
struct schema_result live_options(lua_State *L, int idx, const struct fields *schema, void *out);

/* A string argument; `what` names it ("the key"). Raises. */
struct bytes live_string(lua_State *L, int idx, const char *what);

/* A string argument that can be a key. Raises. `where` is put before messages. */
struct bytes live_key(lua_State *L, int idx, const char *where);

/* Reads the options of a call that deletes, allow_data_loss, allow_mass_delete and
 * backup, and makes them hold for what `kv` does in this call. Raises. */
void live_allow(lua_State *L, int idx, const char *call);

/* Backs up the keys that `pull` gives before they are overwritten. `path` is set when a backup was
 * written. */
bool live_back_up(struct kv *kv, const struct kv_namespace *ns, pull_key_fn pull, void *ctx,
                  const char **path, struct error *err);

/* ---- Namespaces (live_namespace.c) ----------------------------------------------------------- */

/*
 * The namespace at `idx`: a title, else an id, or a table with id or title, such as create gives.
 * Its texts live as long as the run. false with err when there is none; raises on anything else.
 */
bool live_find(lua_State *L, int idx, struct kv_namespace *out, struct error *err);

/* The same, with its title, which is asked for when it is not known. */
bool live_find_titled(lua_State *L, int idx, struct kv_namespace *out, struct error *err);

/* Forgets titles that were given with ids: one changed. */
void live_forget_given(struct live *live);

/* ---- Pairs (live_item.c) --------------------------------------------------------------------- */

/*
 * Reads a pair for the store: key at `key`, value at `value`, options at `options` (nil is fine),
 * all absolute indexes. `where` is put before messages. It is good while those values are on the
 * stack, until the next. Raises about what is wrong with it; false: the key is not to be written,
 * because of its expiration (seed_key_is_late), as `late` says without `where`. `backup` (NULL: it
 * is no option here) is left as it is when nothing is said of it.
 */
bool live_read_pair(lua_State *L, int key, int value, int options, bool *backup, const char *where,
                    struct store_pair *out, struct error *late);

/* The same from the item table on top of the stack, of which it leaves parts on the stack. */
bool live_read_item(lua_State *L, const char *where, struct store_pair *out, struct error *late);

/* ---- Keys one after the other ---------------------------------------------------------------- */

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

/* One key, as a pull_key_fn gives it. */
struct live_one_key {
    struct bytes key;
    bool given;
};

enum pull live_pull_one(void *one, struct bytes *key, struct error *err);

/* ---- The natives, by file -------------------------------------------------------------------- */

int live_namespace_create(lua_State *L); /* live_namespace.c */
int live_namespace_list(lua_State *L);
int live_namespace_get(lua_State *L);
int live_namespace_rename(lua_State *L);
int live_namespace_delete(lua_State *L);
int live_key_put(lua_State *L); /* live_key.c */
int live_key_get(lua_State *L);
int live_key_metadata(lua_State *L);
int live_key_list(lua_State *L);
int live_bulk_put(lua_State *L);   /* live_put.c */
int live_bulk_get(lua_State *L);   /* live_get.c */
int live_key_delete(lua_State *L); /* live_remove.c */
int live_bulk_delete(lua_State *L);
int live_rows_csv(lua_State *L); /* live_rows.c */
int live_rows_jsonl(lua_State *L);
int live_rows_dir(lua_State *L);

/* Adds to the table on top of the stack what lua/cfkv/migrate.lua needs besides these. */
void live_push_migrate(lua_State *L);

#endif
