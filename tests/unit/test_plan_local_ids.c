/* Under which id the local store keeps a namespace, and how its data follows that id. */
#include "test_plan_kit.h"

#include <signal.h>
#include <sys/wait.h>

#include "plan/local_ids.h"
#include "state/state_file.h"
#include "store/local.h"
#include "store/sql.h"

#define X "11111111111111111111111111111111" /* in configs */
#define Y "22222222222222222222222222222222"
#define P "33333333333333333333333333333333" /* of a preview */
#define R "44444444444444444444444444444444" /* of the account */
#define S "55555555555555555555555555555555"

#define TOP               "name = \"shop\"\n"
#define BINDING(name, id) "\n[[kv_namespaces]]\nbinding = \"" name "\"\nid = \"" id "\"\n"
#define PREVIEW(id)       "preview_id = \"" id "\"\n"

/* ---- Runs on a local store in the world's folder --------------------------------------------- */

static void local_end(struct world *w)
{
    plan_release(&w->p);
    apply_result_release(&w->r);
    target_close(&w->t);
    w->store.inner = NULL;
}

static bool try_open_local(struct world *w)
{
    char config[128];
    snprintf(config, sizeof config, "%s/kv.lua", w->root);
    struct target_options options = {
        .kind = TARGET_LOCAL,
        .config = config,
        .root = w->root,
        .project = B("shop"),
        .write = true,
        .with_remote = true,
        .command = "cfkv apply",
    };
    local_end(w);
    w->err = (struct error){0};
    bool ok = target_open(&w->t, &options, &w->err);
    w->store.inner = w->t.store; /* what the kit asks aside */
    return ok;
}

static bool try_local_plan(struct world *w)
{
    return try_open_local(w) && plan_make(&w->p, &w->m, &w->t, &w->folder, &w->o, &w->err);
}

static void local_plan(struct world *w)
{
    check(w, try_local_plan(w));
}

static void local_apply(struct world *w)
{
    local_plan(w);
    do_planned(w);
}

/* A plan of the same configuration has nothing to do. */
static void assert_settled(struct world *w)
{
    local_plan(w);
    for (size_t i = 0; i < w->p.n; i++)
        print_error("planned: %d %d %.*s: %s\n", (int)w->p.actions[i].kind,
                    (int)w->p.actions[i].verb, BYTES_FMT(w->p.actions[i].title),
                    w->p.actions[i].reason);
    assert_true(plan_is_empty(&w->p));
}

static struct world local_world(void)
{
    struct world w = world_new();
    store_close(w.store.inner);
    w.store.inner = NULL;
    w.t.lock.fd = -1;
    return w;
}

static void local_world_end(struct world *w)
{
    local_end(w);
    world_end(w);
}

static struct namespace_decl *bound(struct world *w, const char *title, const char *binding)
{
    struct namespace_decl *ns = ns_titled(w, title);
    ns->binding = B(binding);
    put(w, w->m.n_namespaces - 1, "k", title);
    return ns;
}

static struct wrangler_decl *config(struct world *w, const char *path)
{
    struct wrangler_decl *decl = model_add_wrangler(&w->m);
    assert_non_null(decl);
    decl->path = B(path);
    decl->pos = (struct srcpos){"kv.lua", 500};
    return decl;
}

/* A namespace "a", bound as A in wrangler.toml, which holds that. */
static void declare(struct world *w, const char *text)
{
    bound(w, "a", "A");
    config(w, "wrangler.toml");
    if (text)
        write_file(w, "wrangler.toml", text);
}

/* The account's state records that. */
static void record_remote(struct world *w, const char *account, const char *address, const char *id)
{
    char path[128];
    struct state_backend backend;
    struct state s;
    struct state_namespace ns = {.address = B(address), .id = B(id), .title = B(address)};
    snprintf(path, sizeof path, "%s/kv.state.json", w->root);
    check(w, state_file_backend(path, &backend, &w->err) &&
                 state_open(&s, backend, B("shop"), &w->err));
    check(w, state_set_namespace(&s, B(account), &ns, &w->err) && state_save(&s, &w->err));
    state_close(&s);
}

static void record_remote_binding(struct world *w, const char *id)
{
    char path[128];
    struct state_backend backend;
    struct state s;
    struct state_binding b = {
        .file = B("wrangler.toml"), .env = B(""), .binding = B("A"), .id = B(id)};
    snprintf(path, sizeof path, "%s/kv.state.json", w->root);
    check(w, state_file_backend(path, &backend, &w->err) &&
                 state_open(&s, backend, B("shop"), &w->err));
    check(w, state_set_binding(&s, &b, &w->err) && state_save(&s, &w->err));
    state_close(&s);
}

static const char *made_id(struct world *w, const char *title)
{
    char id[33];
    local_namespace_id(B("shop"), B(title), id);
    return arena_str(&w->m.arena, id);
}

static void assert_id(struct world *w, const char *title, const char *id)
{
    assert_string_equal(id_of(w, title), id);
}

static bool has_keys(struct world *w, const char *id)
{
    bool any = false;
    check(w, local_store_has_keys(w->t.local, B(id), &any, &w->err));
    return any;
}

static const char *file_text(struct world *w, const char *name)
{
    char path[128];
    struct buf text = {0};
    snprintf(path, sizeof path, "%s/%s", w->root, name);
    check(w, file_read(path, 1 << 16, &text, &w->err));
    const char *copy = arena_printf(&w->m.arena, "%.*s", BYTES_FMT(buf_bytes(&text)));
    buf_release(&text);
    return copy;
}

static void assert_file(struct world *w, const char *want)
{
    assert_string_equal(file_text(w, "wrangler.toml"), want);
}

/* A first apply; "a" is kept under `id`, with its key. */
static void assert_kept_under(struct world *w, const char *id)
{
    local_apply(w);
    assert_id(w, "a", id);
    assert_string_equal(value_of(w, "a", "k"), "a");
    assert_settled(w);
}

/* ---- The choice ------------------------------------------------------------------------------ */

static void without_anything_an_id_is_made_and_written(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP);
    const char *id = made_id(&w, "a");
    assert_kept_under(&w, id);
    assert_file(&w, arena_printf(&w.m.arena,
                                 TOP "\n[[kv_namespaces]]\nbinding = \"A\"\nid = \"%s\"\n", id));
    local_world_end(&w);
}

static void the_id_in_a_config_is_taken(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X));
    assert_kept_under(&w, X);
    assert_file(&w, TOP BINDING("A", X));
    local_world_end(&w);
}

static void the_preview_id_counts_before_the_id(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X) PREVIEW(P));
    assert_kept_under(&w, P);
    assert_file(&w, TOP BINDING("A", X) PREVIEW(P));
    local_world_end(&w);
}

static void the_id_that_the_account_records_is_taken_and_written(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP);
    record_remote(&w, "", "a", R);
    assert_kept_under(&w, R);
    assert_file(&w, TOP BINDING("A", R));
    local_world_end(&w);
}

static void data_is_kept_under_the_preview_that_the_account_records(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP);
    w.m.namespaces[0].preview = true;
    record_remote(&w, "", "a", R);
    record_remote(&w, "", "a_preview", P);
    assert_kept_under(&w, P);
    assert_file(&w, TOP BINDING("A", R) PREVIEW(P));
    local_world_end(&w);
}

static void it_counts_before_what_cfkv_wrote_into_a_config(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X));
    record_remote(&w, "", "a", R);
    record_remote_binding(&w, X);
    assert_kept_under(&w, R);
    assert_file(&w, TOP BINDING("A", R));
    local_world_end(&w);
}

static void what_somebody_else_wrote_counts_before_it(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X));
    record_remote(&w, "", "a", R);
    assert_kept_under(&w, X);
    assert_file(&w, TOP BINDING("A", X));
    local_world_end(&w);
}

static void a_pinned_id_counts_before_the_recorded_one(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP);
    w.m.namespaces[0].id = B(S);
    record_remote(&w, "", "a", R);
    assert_kept_under(&w, S);
    assert_file(&w, TOP BINDING("A", S));
    local_world_end(&w);
}

static void it_keeps_the_id_that_it_has(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X));
    local_apply(&w);
    local_end(&w);
    redeclare(&w);
    ns_titled(&w, "a"); /* bound nowhere any more */
    put(&w, 0, "k", "a");
    local_apply(&w);
    assert_id(&w, "a", X);
    local_world_end(&w);
}

static void an_address_of_two_accounts_records_nothing_unless_one_is_declared(void **state)
{
    (void)state;
    struct world w = local_world();
    struct binding_ids ids;
    const char *const first = "0123456789abcdef0123456789abcdef";
    const char *const second = "fedcba9876543210fedcba9876543210";
    declare(&w, TOP);
    record_remote(&w, first, "a", R);
    local_plan(&w);
    ids = recorded_ids(&w.t.remote, &w.m, 0, B(NULL));
    assert_true(bytes_equal(ids.id, B(R)));
    record_remote(&w, second, "a", S);
    local_plan(&w);
    ids = recorded_ids(&w.t.remote, &w.m, 0, B(NULL));
    assert_null(ids.id.data);
    ids = recorded_ids(&w.t.remote, &w.m, 0, B(second));
    assert_true(bytes_equal(ids.id, B(S)));
    w.m.namespaces[0].account_id = B(first);
    ids = recorded_ids(&w.t.remote, &w.m, 0, B(second));
    assert_true(bytes_equal(ids.id, B(R)));
    local_world_end(&w);
}

static void a_preview_id_of_somebodys_stays_when_the_id_is_recorded(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X) PREVIEW(P));
    local_apply(&w);
    record_remote(&w, "", "a", X);
    record_remote_binding(&w, X); /* as an apply to the account does */
    assert_settled(&w);
    assert_id(&w, "a", P);
    assert_true(entry(&w, "a")->borrowed);
    assert_file(&w, TOP BINDING("A", X) PREVIEW(P));
    local_world_end(&w);
}

static void what_is_no_id_is_none_of_the_data(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", "<YOUR_ID>") PREVIEW("<PREVIEW>"));
    const char *id = made_id(&w, "a");
    assert_kept_under(&w, id);
    assert_file(&w, arena_printf(&w.m.arena,
                                 TOP "\n[[kv_namespaces]]\nbinding = \"A\"\nid = \"%s\"\n"
                                     "preview_id = \"%s\"\n",
                                 id, id));
    local_world_end(&w);
}

static void a_placeholder_preview_never_gets_the_accounts_id(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", R) PREVIEW("<PREVIEW>"));
    record_remote(&w, "", "a", R);
    record_remote_binding(&w, R);
    const char *id = made_id(&w, "a");
    assert_kept_under(&w, id);
    assert_file(&w, arena_printf(&w.m.arena, TOP BINDING("A", R) "preview_id = \"%s\"\n", id));
    local_world_end(&w);
}

static void with_auto_the_name_of_the_binding_counts(void **state)
{
    (void)state;
    struct world w = local_world();
    static const char *const none = TOP "\n[[kv_namespaces]]\nbinding = \"A\"\n";
    declare(&w, none);
    w.m.wranglers[0].ids = IDS_AUTO;
    record_remote(&w, "", "a", R);
    assert_kept_under(&w, "A");
    assert_file(&w, none);
    w.m.wranglers[0].ids = IDS_FILL;
    assert_kept_under(&w, R);
    assert_false(has_keys(&w, "A"));
    local_world_end(&w);
}

/* ---- Configs that disagree ------------------------------------------------------------------- */

static void two_namespaces_never_share_an_id(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X) BINDING("B", X)); /* copied and pasted */
    bound(&w, "b", "B");
    local_apply(&w);
    assert_id(&w, "a", X);
    assert_id(&w, "b", made_id(&w, "b"));
    assert_string_equal(value_of(&w, "a", "k"), "a");
    assert_string_equal(value_of(&w, "b", "k"), "b");
    assert_file(&w, TOP BINDING("A", X) BINDING("B", X));
    assert_settled(&w);
    assert_contains(note(&w, "wrangler.other_id")->message, "binding 'B'");
    local_world_end(&w);
}

static void the_binding_that_cfkv_wrote_for_another_is_that_others(void **state)
{
    (void)state;
    struct world w = local_world();
    const char *id = made_id(&w, "b");
    declare(&w, arena_printf(&w.m.arena,
                             TOP "\n[[kv_namespaces]]\nbinding = \"A\"\nid = \"%s\"\n"
                                 "\n[[kv_namespaces]]\nbinding = \"B\"\nid = \"%s\"\n",
                             id, id));
    bound(&w, "b", "B");
    local_apply(&w);
    assert_id(&w, "a", made_id(&w, "a"));
    assert_id(&w, "b", id);
    assert_string_equal(value_of(&w, "a", "k"), "a");
    assert_string_equal(value_of(&w, "b", "k"), "b");
    assert_settled(&w);
    local_world_end(&w);
}

static void of_two_configs_the_first_decides_and_the_other_is_told(void **state)
{
    (void)state;
    struct world w = local_world();
    struct error err;
    char path[128];
    declare(&w, TOP BINDING("A", X));
    config(&w, "web/wrangler.toml");
    snprintf(path, sizeof path, "%s/web", w.root);
    assert_true(file_make_dirs(path, 0700, &err));
    write_file(&w, "web/wrangler.toml", TOP BINDING("A", Y));
    local_apply(&w);
    assert_id(&w, "a", X);
    assert_settled(&w);
    assert_contains(note(&w, "wrangler.other_id")->message,
                    "binding 'A' in 'web/wrangler.toml' (line 3) has the id " Y);
    assert_string_equal(file_text(&w, "web/wrangler.toml"), TOP BINDING("A", Y));
    local_world_end(&w);
}

/* ---- Moves ----------------------------------------------------------------------------------- */

/* "a" was kept under an id that cfkv made, with a key of somebody's; the account has it by now. */
static struct world world_to_move(void)
{
    struct world w = local_world();
    declare(&w, TOP);
    local_apply(&w);
    others_put(&w, "a", "mine", "by hand");
    record_remote(&w, "", "a", R);
    return w;
}

static void assert_follows(struct world *w)
{
    assert_id(w, "a", R);
    assert_int_equal(live_namespaces(w), 1);
    assert_string_equal(keys_of(w, "a"), "k mine");
    assert_string_equal(value_of(w, "a", "k"), "a");
    assert_string_equal(value_of(w, "a", "mine"), "by hand");
    assert_file(w, TOP BINDING("A", R));
    assert_settled(w);
    assert_true(bytes_equal(entry(w, "a")->id, B(R)));
    assert_int_equal(entry(w, "a")->origin, STATE_CREATED);
    assert_int_equal(entry(w, "a")->n_keys, 1);
}

static void assert_moved(struct world *w)
{
    assert_follows(w);
    assert_false(has_keys(w, made_id(w, "a")));
}

static void data_follows_the_id(void **state)
{
    (void)state;
    struct world w = world_to_move();
    local_plan(&w);
    assert_int_equal(w.p.n, 2);
    assert_true(w.p.actions[0].moves);
    assert_string_equal(
        w.p.actions[0].reason,
        arena_printf(&w.m.arena, "its local data moves from id %s to " R, made_id(&w, "a")));
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_UPDATE), 1);
    assert_int_equal(count(&w, ACTION_FILE, ACTION_WRITE), 1);
    assert_int_equal(w.p.summary.put, 0); /* keys are compared where they are */
    assert_true(local_id_moves(&w.p, 0));
    do_planned(&w);
    assert_moved(&w);
    local_world_end(&w);
}

static void keys_are_put_under_the_new_id(void **state)
{
    (void)state;
    struct world w = world_to_move();
    put(&w, 0, "new", "id=")->seed.value = with_id(&w.m, 0);
    local_apply(&w);
    assert_string_equal(value_of(&w, "a", "new"), "id=" R);
    assert_string_equal(keys_of(&w, "a"), "k mine new");
    assert_settled(&w);
    local_world_end(&w);
}

/* As `wrangler kv key put --local` leaves it: nothing is registered. */
static void put_unregistered(struct world *w, const char *id, const char *key, const char *value)
{
    char path[128];
    struct sql sql = {0};
    struct aside make = {.op = {.kind = STORE_NAMESPACE_CREATE, .id = B(id), .title = B("x")}};
    check(w, try_open_local(w));
    aside(w, &make);
    others_put(w, "x", key, value);
    local_end(w);
    snprintf(path, sizeof path, "%s/.wrangler/state/v3/cfkv.sqlite", w->root);
    check(w, sql_open(&sql, path, SQL_CREATE, true, &w->err) &&
                 sql_exec(&sql, "DELETE FROM namespaces WHERE title = 'x'", &w->err));
    sql_close(&sql);
}

static void keys_that_lie_there_already_are_those_compared(void **state)
{
    (void)state;
    struct world w = world_to_move();
    put_unregistered(&w, R, "k", "theirs");
    local_plan(&w);
    assert_int_equal(w.p.summary.overwrite, 1);
    assert_true(bytes_equal(only(&w, ACTION_KEY, ACTION_PUT)->id, B(R)));
    do_planned(&w);
    assert_follows(&w);
    assert_true(has_keys(&w, made_id(&w, "a"))); /* what would have been lost */
    local_world_end(&w);
}

static void those_that_are_as_declared_stay(void **state)
{
    (void)state;
    struct world w = world_to_move();
    put_unregistered(&w, R, "k", "a");
    local_plan(&w);
    assert_int_equal(w.p.summary.put + w.p.summary.overwrite, 0);
    do_planned(&w);
    assert_moved(&w);
    local_world_end(&w);
}

static void a_dry_plan_moves_nothing(void **state)
{
    (void)state;
    struct world w = world_to_move();
    local_plan(&w);
    assert_id(&w, "a", made_id(&w, "a"));
    local_plan(&w);
    assert_true(has_keys(&w, made_id(&w, "a")));
    assert_false(has_keys(&w, R));
    local_world_end(&w);
}

static void what_is_outside_the_filters_does_not_move(void **state)
{
    (void)state;
    struct world w = world_to_move();
    bound(&w, "b", "B");
    w.only[0] = "b";
    w.o.only = w.only;
    w.o.n_only = 1;
    local_apply(&w);
    assert_id(&w, "a", made_id(&w, "a"));
    assert_id(&w, "b", made_id(&w, "b"));
    w.o.n_only = 0;
    local_apply(&w);
    assert_id(&w, "a", R);
    assert_settled(&w);
    local_world_end(&w);
}

static void a_move_that_fails_anywhere_is_finished_by_the_next_run(void **state)
{
    (void)state;
    bool ok = false;
    uint64_t n = 1;
    for (; !ok; n++) {
        struct world w = world_to_move();
        local_plan(&w);
        fault_set(FAULT_MODE_FAIL, n);
        ok = try_do(&w);
        fault_set(FAULT_MODE_NONE, 0);
        if (!ok)
            assert_true(w.err.code == ERR_PARTIAL || w.err.code == ERR_FAILED ||
                        w.err.code == ERR_IO);
        local_apply(&w);
        assert_moved(&w);
        local_world_end(&w);
        assert_true(n < 200);
    }
    assert_true(n > 10);
}

/* In a process of its own, on a store of its own: SQLite must not be carried over a fork. One that
 * came to the end says so by a signal too, since valgrind looks for leaks at an exit, and nothing
 * is released there. */
static int killed_at(struct world *w, uint64_t n)
{
    int status = 0;
    local_end(w);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fault_set(FAULT_MODE_KILL, n);
        bool ok = try_local_plan(w) && try_do(w);
        if (ok)
            raise(SIGUSR1);
        _exit(1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    return WTERMSIG(status);
}

static void a_move_that_is_killed_anywhere_is_finished_by_the_next_run(void **state)
{
    (void)state;
    bool done = false;
    uint64_t n = 1;
    for (; !done; n++) {
        struct world w = world_to_move();
        done = killed_at(&w, n) == SIGUSR1;
        local_apply(&w);
        assert_moved(&w);
        local_world_end(&w);
        assert_true(n < 200);
    }
    assert_true(n > 10);
}

/* ---- An id that another namespace has -------------------------------------------------------- */

/* Another configuration's namespace is registered under R. */
static void others_register(struct world *w)
{
    struct store_pair pair = {.key = B("k"), .value = B("theirs")};
    struct aside make = {.op = {.kind = STORE_NAMESPACE_CREATE, .id = B(R), .title = B("other")}};
    struct aside fill = {.op = {.kind = STORE_BULK_PUT, .id = B(R), .pairs = &pair, .n = 1}};
    check(w, try_open_local(w));
    aside(w, &make);
    aside(w, &fill);
}

/* The plan says so before anything is done. */
static void assert_held(struct world *w)
{
    assert_false(try_local_plan(w));
    assert_int_equal(w->err.code, ERR_FAILED);
    assert_string_equal(note(w, "namespace.shared")->message,
                        "the local data of 'a' is to be kept under id " R
                        ", which is that of namespace 'other'");
    assert_id(w, "other", R);
    assert_string_equal(value_of(w, "other", "k"), "theirs");
    assert_string_equal(keys_of(w, "other"), "k");
}

static void nothing_moves_onto_it(void **state)
{
    (void)state;
    struct world w = world_to_move();
    others_register(&w);
    assert_held(&w);
    assert_id(&w, "a", made_id(&w, "a"));
    assert_string_equal(keys_of(&w, "a"), "k mine");
    others_delete(&w, "other");
    local_apply(&w);
    assert_moved(&w);
    local_world_end(&w);
}

static void nothing_is_created_under_it(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", R));
    others_register(&w);
    assert_held(&w);
    assert_id(&w, "a", "");
    others_delete(&w, "other");
    assert_kept_under(&w, R);
    local_world_end(&w);
}

/* Somebody registered it after the plan was made. */
static void a_move_onto_it_fails_and_loses_nothing(void **state)
{
    (void)state;
    struct world w = world_to_move();
    struct aside make = {.op = {.kind = STORE_NAMESPACE_CREATE, .id = B(R), .title = B("other")}};
    local_plan(&w);
    aside(&w, &make);
    others_put(&w, "other", "k", "theirs");
    assert_false(try_do(&w));
    assert_contains(w.r.failed[0].message, "cannot move the local data of id");
    assert_held(&w);
    assert_id(&w, "a", made_id(&w, "a"));
    assert_string_equal(keys_of(&w, "a"), "k mine");
    assert_string_equal(value_of(&w, "a", "mine"), "by hand");
    local_world_end(&w);
}

static void a_declared_namespace_that_has_it_keeps_it(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X));
    local_apply(&w);
    local_end(&w);
    redeclare(&w);
    bound(&w, "b", "B"); /* comes first now, and its binding is a copy */
    declare(&w, TOP BINDING("B", X) BINDING("A", X));
    local_apply(&w);
    assert_id(&w, "a", X);
    assert_id(&w, "b", made_id(&w, "b"));
    assert_string_equal(value_of(&w, "a", "k"), "a");
    assert_string_equal(value_of(&w, "b", "k"), "b");
    assert_settled(&w);
    assert_contains(note(&w, "wrangler.other_id")->message, "binding 'B'");
    local_world_end(&w);
}

/* A namespace of another title took the place of one in the configuration. */
static void what_a_deleted_one_leaves_is_taken_by_the_next_run(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP);
    local_apply(&w);
    local_end(&w);
    redeclare(&w);
    bound(&w, "b", "A");
    config(&w, "wrangler.toml");
    w.o.permits.data_loss.bare = w.o.permits.mass_delete.bare = true;
    local_apply(&w);
    local_apply(&w);
    assert_id(&w, "a", "");
    assert_string_equal(value_of(&w, "b", "k"), "b");
    assert_settled(&w);
    local_world_end(&w);
}

/* The id in the file is not cfkv's, so what is under it does not go with the declaration. */
static void what_is_under_an_id_of_somebodys_stays_for_the_next(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X));
    local_apply(&w);
    others_put(&w, "a", "mine", "by hand");
    assert_true(entry(&w, "a")->borrowed);
    local_end(&w);
    redeclare(&w);
    bound(&w, "b", "A");
    config(&w, "wrangler.toml");
    local_plan(&w);
    assert_int_equal(only(&w, ACTION_NAMESPACE, ACTION_FORGET)->ns, SIZE_MAX);
    assert_string_equal(only(&w, ACTION_NAMESPACE, ACTION_ADOPT)->reason,
                        "wrangler dev has keys under its id " X " already");
    w.o.permits.data_loss.bare = true; /* k is another's */
    local_apply(&w);
    assert_id(&w, "a", "");
    assert_id(&w, "b", X);
    assert_string_equal(value_of(&w, "b", "k"), "b");
    assert_string_equal(value_of(&w, "b", "mine"), "by hand");
    assert_settled(&w);
    local_world_end(&w);
}

/* Each to what the other had: the first that is free goes first. */
static void an_id_is_free_when_its_namespace_moves_on(void **state)
{
    (void)state;
    struct world w = local_world();
    declare(&w, TOP BINDING("A", X) BINDING("B", Y));
    bound(&w, "b", "B");
    local_apply(&w);
    record_remote(&w, "", "a", S);
    record_remote(&w, "", "b", X);
    write_file(&w, "wrangler.toml", TOP);
    local_apply(&w);
    assert_id(&w, "a", S);
    assert_id(&w, "b", X);
    assert_string_equal(value_of(&w, "a", "k"), "a");
    assert_string_equal(value_of(&w, "b", "k"), "b");
    assert_settled(&w);
    local_world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_anything_an_id_is_made_and_written),
        cmocka_unit_test(the_id_in_a_config_is_taken),
        cmocka_unit_test(the_preview_id_counts_before_the_id),
        cmocka_unit_test(the_id_that_the_account_records_is_taken_and_written),
        cmocka_unit_test(data_is_kept_under_the_preview_that_the_account_records),
        cmocka_unit_test(it_counts_before_what_cfkv_wrote_into_a_config),
        cmocka_unit_test(what_somebody_else_wrote_counts_before_it),
        cmocka_unit_test(a_pinned_id_counts_before_the_recorded_one),
        cmocka_unit_test(it_keeps_the_id_that_it_has),
        cmocka_unit_test(an_address_of_two_accounts_records_nothing_unless_one_is_declared),
        cmocka_unit_test(a_preview_id_of_somebodys_stays_when_the_id_is_recorded),
        cmocka_unit_test(what_is_no_id_is_none_of_the_data),
        cmocka_unit_test(a_placeholder_preview_never_gets_the_accounts_id),
        cmocka_unit_test(with_auto_the_name_of_the_binding_counts),
        cmocka_unit_test(two_namespaces_never_share_an_id),
        cmocka_unit_test(the_binding_that_cfkv_wrote_for_another_is_that_others),
        cmocka_unit_test(of_two_configs_the_first_decides_and_the_other_is_told),
        cmocka_unit_test(data_follows_the_id),
        cmocka_unit_test(keys_are_put_under_the_new_id),
        cmocka_unit_test(keys_that_lie_there_already_are_those_compared),
        cmocka_unit_test(those_that_are_as_declared_stay),
        cmocka_unit_test(a_dry_plan_moves_nothing),
        cmocka_unit_test(what_is_outside_the_filters_does_not_move),
        cmocka_unit_test(a_move_that_fails_anywhere_is_finished_by_the_next_run),
        cmocka_unit_test(a_move_that_is_killed_anywhere_is_finished_by_the_next_run),
        cmocka_unit_test(nothing_moves_onto_it),
        cmocka_unit_test(nothing_is_created_under_it),
        cmocka_unit_test(a_move_onto_it_fails_and_loses_nothing),
        cmocka_unit_test(a_declared_namespace_that_has_it_keeps_it),
        cmocka_unit_test(what_a_deleted_one_leaves_is_taken_by_the_next_run),
        cmocka_unit_test(what_is_under_an_id_of_somebodys_stays_for_the_next),
        cmocka_unit_test(an_id_is_free_when_its_namespace_moves_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
