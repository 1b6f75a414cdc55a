/* Where the data of a namespace lives is remembered for those who do not know the configuration. */
#include "test_store_local_kit.h"

#include <signal.h>

#define REGISTRY V3 "/cfkv.sqlite"

/* ---- Helpers --------------------------------------------------------------------------------- */

static void bind_as(struct kit *kit, const char *root, bool is_persist_to)
{
    struct error err = {0};
    if (!local_store_bind_root(kit->local, TEXT(ID), root, is_persist_to, &err))
        fail_msg("%s", err.message);
}

static void bind_in(struct kit *kit, const char *folder)
{
    bind_as(kit, in_root(kit, folder), false);
}

static void keep(struct kit *kit)
{
    struct error err = {0};
    if (!local_store_keep_roots(kit->local, TEXT(ID), &err))
        fail_msg("%s", err.message);
}

/* A namespace whose data lives in a and b, seen by a store that was told nothing. */
static void prepare_two(struct kit *kit)
{
    expect_ok(create(kit, ID, "title"));
    make_dirs(in_root(kit, "a"));
    make_dirs(in_root(kit, "b"));
    bind_in(kit, "a");
    bind_in(kit, "b");
    keep(kit);
    expect_ok(put(kit, ID, PAIR("k", "v")));
    kit_reopen(kit);
}

static int64_t rows_in(struct kit *kit, const char *database)
{
    return sqlite_number(in_root(kit, database), "SELECT count(*) FROM _mf_entries");
}

static int64_t roots_where(struct kit *kit, const char *condition)
{
    return sqlite_number(
        in_root(kit, REGISTRY),
        arena_printf(&kit->arena, "SELECT count(*) FROM roots WHERE %s", condition));
}

static bool has_keys(struct kit *kit, const char *id)
{
    bool any = false;
    struct error err = {0};
    if (!local_store_has_keys(kit->local, bytes_of(id), &any, &err))
        fail_msg("%s", err.message);
    return any;
}

/* ---- Remembering ----------------------------------------------------------------------------- */

static void who_knows_no_configuration_finds_the_data(void **state)
{
    struct kit *kit = *state;
    prepare_two(kit);
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
    const struct answer *list = expect_ok(list_keys(kit, ID, TEXT(""), TEXT("")));
    assert_int_equal(list->n_keys, 1);
    assert_false(list->keys[0].divergent);
    assert_true(has_keys(kit, ID));

    expect_ok(put(kit, ID, PAIR("more", "v")));
    assert_int_equal(rows_in(kit, "a/" DATABASE), 2);
    assert_int_equal(rows_in(kit, "b/" DATABASE), 2);
    assert_false(file_exists(in_root(kit, V3 "/kv")));
}

static void roots_are_kept_in_the_order_they_were_bound(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    bind_in(kit, "b");
    bind_in(kit, "a");
    keep(kit);
    kit_reopen(kit);
    wrangler_put(in_root(kit, "a"), "k", "00", "of a");
    wrangler_put(in_root(kit, "b"), "k", "01", "of b");
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("of b"));
}

static void a_persist_to_folder_is_remembered_as_one(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    bind_as(kit, in_root(kit, "p"), true);
    keep(kit);
    expect_ok(put(kit, ID, PAIR("k", "v")));
    kit_reopen(kit);
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
    assert_true(file_exists(in_root(kit, "p/v3/kv/" ID)));
    assert_int_equal(roots_where(kit, "folder = 'p' AND persist_to = 1"), 1);
}

static void roots_below_the_project_move_with_it(void **state)
{
    struct kit *kit = *state;
    const char *moved = arena_printf(&kit->arena, "%s-moved", kit->root);
    prepare_two(kit);
    assert_int_equal(rename(kit->root, moved), 0);
    strcpy(kit->root, moved);
    kit_reopen(kit);
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
}

static void roots_outside_the_project_are_remembered_too(void **state)
{
    struct kit *kit = *state;
    char outside[64];
    make_folder(outside);
    expect_ok(create(kit, ID, "title"));
    bind_as(kit, outside, false);
    keep(kit);
    expect_ok(put(kit, ID, PAIR("k", "v")));
    kit_reopen(kit);
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
    assert_int_equal(roots_where(kit, "folder LIKE '/%'"), 1);
    remove_tree(outside);
}

static void the_project_root_among_others_is_remembered(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    bind_as(kit, kit->root, false);
    bind_in(kit, "a");
    keep(kit);
    kit_reopen(kit);
    expect_ok(put(kit, ID, PAIR("k", "v")));
    assert_int_equal(rows_in(kit, DATABASE), 1);
    assert_int_equal(rows_in(kit, "a/" DATABASE), 1);
}

static void what_is_bound_in_this_run_counts_alone(void **state)
{
    struct kit *kit = *state;
    prepare_two(kit);
    bind_in(kit, "a");
    expect_ok(put(kit, ID, PAIR("more", "v")));
    assert_int_equal(rows_in(kit, "a/" DATABASE), 2);
    assert_int_equal(rows_in(kit, "b/" DATABASE), 1);
    keep(kit);
    assert_int_equal(roots_where(kit, "folder = 'a'"), 1);
    assert_int_equal(roots_where(kit, "1"), 1);
}

static void one_folder_under_two_names_is_one_root(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    make_dirs(in_root(kit, "a"));
    assert_int_equal(symlink("a", in_root(kit, "link")), 0);
    bind_in(kit, "a");
    bind_in(kit, "link");
    bind_in(kit, "a/../a/.");
    bind_as(kit, in_root(kit, "a/.wrangler/state"), true);
    keep(kit);
    assert_int_equal(roots_where(kit, "1"), 1);
    assert_int_equal(roots_where(kit, "folder = 'a'"), 1);
}

/* ---- Nothing to remember --------------------------------------------------------------------- */

static void the_project_root_alone_needs_no_remembering(void **state)
{
    struct kit *kit = *state;
    keep(kit);
    bind_as(kit, kit->root, false);
    bind_as(kit, in_root(kit, ".wrangler/state"), true);
    keep(kit);
    assert_int_equal(count_below(kit->root).entries, 0);
}

static void who_binds_nothing_any_more_is_under_the_project_root_again(void **state)
{
    struct kit *kit = *state;
    prepare_two(kit);
    keep(kit);
    assert_int_equal(roots_where(kit, "1"), 0);
    assert_absent(kit, ID, TEXT("k"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    assert_int_equal(rows_in(kit, DATABASE), 1);
}

/* While somebody else writes, a write would have to wait. */
static void what_is_so_already_is_not_written(void **state)
{
    struct kit *kit = *state;
    struct sql other = {0};
    struct error err;
    prepare_two(kit);
    bind_in(kit, "a");
    bind_in(kit, "b");
    assert_true(sql_open(&other, in_root(kit, REGISTRY), SQL_CREATE, true, &err));
    assert_true(sql_exec(&other, "BEGIN IMMEDIATE", &err));
    keep(kit);
    assert_true(sql_exec(&other, "ROLLBACK", &err));
    sql_close(&other);
    assert_int_equal(roots_where(kit, "1"), 2);
}

static void an_open_store_sees_what_others_remember(void **state)
{
    struct kit *kit = *state;
    struct kit other = {0};
    expect_ok(create(kit, ID, "title"));
    strcpy(other.root, kit->root);
    kit_open_local(&other);
    assert_absent(&other, ID, TEXT("k"));
    bind_in(kit, "a");
    keep(kit);
    expect_ok(put(kit, ID, PAIR("k", "v")));
    assert_bytes(value_of(&other, ID, TEXT("k")), TEXT("v"));
    store_close(other.store);
    arena_release(&other.arena);
}

/* ---- Roots that go --------------------------------------------------------------------------- */

static void a_folder_that_is_gone_is_empty(void **state)
{
    struct kit *kit = *state;
    prepare_two(kit);
    remove_tree(in_root(kit, "a"));
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
    const struct answer *list = expect_ok(list_keys(kit, ID, TEXT(""), TEXT("")));
    assert_int_equal(list->n_keys, 1);
    assert_true(list->keys[0].divergent);
    remove_tree(in_root(kit, "b"));
    kit_reopen(kit);
    assert_absent(kit, ID, TEXT("k"));
    assert_false(has_keys(kit, ID));
    expect_ok(delete_key(kit, ID, TEXT("k")));
    assert_false(file_exists(in_root(kit, "a")));
    assert_false(file_exists(in_root(kit, "b")));
}

static void a_deleted_namespace_leaves_nothing_under_any_root(void **state)
{
    struct kit *kit = *state;
    prepare_two(kit);
    expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, ID, ""));
    assert_false(file_exists(in_root(kit, "a/" DATABASE)));
    assert_false(file_exists(in_root(kit, "b/" V3 "/kv/" ID)));
    assert_int_equal(roots_where(kit, "1"), 0);
    assert_false(expect_ok(create(kit, ID, "title"))->existed);
    expect_ok(put(kit, ID, PAIR("k", "v")));
    assert_int_equal(rows_in(kit, DATABASE), 1);
}

static void a_deleted_namespace_leaves_nothing_where_it_was_before_either(void **state)
{
    struct kit *kit = *state;
    prepare_two(kit);
    bind_in(kit, "c");
    expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, ID, ""));
    assert_false(file_exists(in_root(kit, "a/" DATABASE)));
    assert_false(file_exists(in_root(kit, "b/" DATABASE)));
}

static void a_create_finds_data_under_remembered_roots(void **state)
{
    struct kit *kit = *state;
    bind_in(kit, "a");
    keep(kit); /* of a namespace that only wrangler knows */
    kit_reopen(kit);
    assert_false(has_keys(kit, ID));
    wrangler_put(in_root(kit, "a"), "k", "00", "v");
    assert_true(has_keys(kit, ID));
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
    assert_true(expect_ok(create(kit, ID, "title"))->existed);
}

/* ---- Registries of version 1 ----------------------------------------------------------------- */

/* As cfkv made it before roots were remembered. */
static void make_version_1(struct kit *kit)
{
    unlink(in_root(kit, REGISTRY));
    make_dirs(in_root(kit, V3));
    sqlite_do(in_root(kit, REGISTRY),
              "CREATE TABLE namespaces ("
              " id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, title TEXT NOT NULL,"
              " UNIQUE (account, title)) WITHOUT ROWID;"
              "CREATE TABLE documents (name TEXT NOT NULL PRIMARY KEY, content BLOB NOT NULL);"
              "CREATE TABLE journal ("
              " seq INTEGER PRIMARY KEY, name TEXT NOT NULL, lines BLOB NOT NULL);"
              "CREATE INDEX journal_name ON journal (name, seq);"
              "INSERT INTO namespaces VALUES ('" ID "', '', 'title');"
              "INSERT INTO documents VALUES ('kv', 'state');"
              "PRAGMA application_id = 1667656566; PRAGMA user_version = 1");
}

static void assert_registry(struct kit *kit, int64_t version)
{
    struct error err;
    struct buf document = {0}, journal = {0};
    assert_int_equal(sqlite_number(in_root(kit, REGISTRY), "PRAGMA user_version"), version);
    assert_int_equal(list_namespaces(kit, "", 1)->total, 1);
    assert_true(local_document_load(kit->local, "kv", &document, &journal, &err));
    assert_buf(&document, "state");
    buf_release(&document);
    buf_release(&journal);
}

static void a_registry_of_version_1_is_read_as_it_is(void **state)
{
    struct kit *kit = *state;
    make_version_1(kit);
    wrangler_put(kit->root, "k", "00", "v");
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
    keep(kit); /* nothing */
    assert_registry(kit, 1);
}

static void the_first_write_brings_a_registry_to_version_2(void **state)
{
    struct kit *kit = *state;
    make_version_1(kit);
    bind_in(kit, "a");
    keep(kit);
    assert_registry(kit, 2);
    kit_reopen(kit);
    wrangler_put(in_root(kit, "a"), "k", "00", "v");
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
}

static void who_read_version_1_sees_roots_when_another_brings_it_to_2(void **state)
{
    struct kit *kit = *state;
    struct kit other = {0};
    make_version_1(kit);
    strcpy(other.root, kit->root);
    kit_open_local(&other);
    assert_absent(&other, ID, TEXT("k"));
    bind_in(kit, "a");
    keep(kit);
    expect_ok(put(kit, ID, PAIR("k", "v")));
    assert_bytes(value_of(&other, ID, TEXT("k")), TEXT("v"));
    store_close(other.store);
    arena_release(&other.arena);
}

#ifdef CFKV_FAULTS
static unsigned fault_at;
static enum fault_mode fault_how;

static bool bind_and_keep(struct kit *kit)
{
    struct error err;
    bind_in(kit, "a");
    fault_set(fault_how, fault_at);
    return local_store_keep_roots(kit->local, TEXT(ID), &err);
}

/* Breaks an upgrade that writes roots at each of its fault points. */
static void break_upgrade(struct kit *kit, enum fault_mode how, int broken_status)
{
    int status = -1;
    fault_how = how;
    for (fault_at = 1; status != DONE; fault_at++) {
        make_version_1(kit);
        status = in_child(bind_and_keep, kit);
        assert_true(status == DONE || status == broken_status);
        int64_t version = sqlite_number(in_root(kit, REGISTRY), "PRAGMA user_version");
        assert_registry(kit, version);
        assert_true(version == 1 || version == 2);
        if (version == 2)
            assert_int_equal(roots_where(kit, "1"), status == DONE);
        kit_reopen(kit);
    }
    assert_true(fault_at > 5);
}

static void a_kill_leaves_version_1_or_2_whole(void **state)
{
    break_upgrade(*state, FAULT_MODE_KILL, SIGKILL);
}

static void a_failure_leaves_version_1_or_2_whole(void **state)
{
    break_upgrade(*state, FAULT_MODE_FAIL, FAILED);
}

#endif

#define LOCAL(test) cmocka_unit_test_setup_teardown(test, start_local, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOCAL(who_knows_no_configuration_finds_the_data),
        LOCAL(roots_are_kept_in_the_order_they_were_bound),
        LOCAL(a_persist_to_folder_is_remembered_as_one),
        LOCAL(roots_below_the_project_move_with_it),
        LOCAL(roots_outside_the_project_are_remembered_too),
        LOCAL(the_project_root_among_others_is_remembered),
        LOCAL(what_is_bound_in_this_run_counts_alone),
        LOCAL(one_folder_under_two_names_is_one_root),
        LOCAL(the_project_root_alone_needs_no_remembering),
        LOCAL(who_binds_nothing_any_more_is_under_the_project_root_again),
        LOCAL(what_is_so_already_is_not_written),
        LOCAL(an_open_store_sees_what_others_remember),
        LOCAL(a_folder_that_is_gone_is_empty),
        LOCAL(a_deleted_namespace_leaves_nothing_under_any_root),
        LOCAL(a_deleted_namespace_leaves_nothing_where_it_was_before_either),
        LOCAL(a_create_finds_data_under_remembered_roots),
        LOCAL(a_registry_of_version_1_is_read_as_it_is),
        LOCAL(the_first_write_brings_a_registry_to_version_2),
        LOCAL(who_read_version_1_sees_roots_when_another_brings_it_to_2),
#ifdef CFKV_FAULTS
        LOCAL(a_kill_leaves_version_1_or_2_whole),
        LOCAL(a_failure_leaves_version_1_or_2_whole),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
