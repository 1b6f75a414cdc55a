/* A namespace gets another id, and its local data follows. */
#include "test_store_local_kit.h"

#include <signal.h>

#define NEW          "fedcba9876543210fedcba9876543210"
#define NEW_BLOBS    V3 "/kv/" NEW "/blobs"
#define REGISTRY     V3 "/cfkv.sqlite"
#define LARGE        (300 * 1024)
#define WRANGLER_ROW "UPDATE _mf_entries SET expiration = 9000000000123, metadata = '{\"a\":1}'"

/* ---- Helpers --------------------------------------------------------------------------------- */

static bool move_to(struct kit *kit, const char *to, const char *title, struct error *err)
{
    size_t left;
    *err = (struct error){0};
    return local_store_take(kit->local, TEXT(""), TEXT(ID), bytes_of(to), bytes_of(title), err) &&
           local_store_leave(kit->local, TEXT(ID), bytes_of(to), &left, err);
}

static void move(struct kit *kit)
{
    struct error err;
    if (!move_to(kit, NEW, "title", &err))
        fail_msg("%s", err.message);
}

static void expect_move_error(struct kit *kit, const char *title, enum error_code code,
                              const char *part)
{
    struct error err;
    assert_false(move_to(kit, NEW, title, &err));
    assert_int_equal(err.code, code);
    if (!strstr(err.message, part))
        fail_msg("'%s' does not say '%s'", err.message, part);
}

static void bind_to(struct kit *kit, const char *id, const char *folder)
{
    struct error err = {0};
    make_dirs(in_root(kit, folder));
    if (!local_store_bind_root(kit->local, bytes_of(id), in_root(kit, folder), false, &err) ||
        !local_store_keep_roots(kit->local, bytes_of(id), &err))
        fail_msg("%s", err.message);
}

static const char *database_of(struct kit *kit, const char *folder, const char *id)
{
    char name[65];
    miniflare_name(bytes_of(id), name);
    return arena_printf(&kit->arena, "%s/%s/" OBJECTS "/%s.sqlite", kit->root, folder, name);
}

static int64_t number_in(struct kit *kit, const char *folder, const char *text)
{
    return sqlite_number(database_of(kit, folder, NEW), text);
}

/* Nothing of the old id is left under this folder. */
static void assert_gone(struct kit *kit, const char *folder)
{
    assert_false(file_exists(in_root(kit, arena_printf(&kit->arena, "%s/" V3 "/kv/" ID, folder))));
    assert_false(file_exists(database_of(kit, folder, ID)));
}

/* All that is left of the old id under this folder is a key whose value is another under the new.
 */
static void assert_left(struct kit *kit, const char *folder, const char *key)
{
    const char *database = database_of(kit, folder, ID);
    assert_int_equal(sqlite_number(database, "SELECT count(*) FROM _mf_entries"), 1);
    assert_int_equal(sqlite_number(database, arena_printf(&kit->arena,
                                                          "SELECT count(*) FROM _mf_entries"
                                                          " WHERE key = '%s'",
                                                          key)),
                     1);
    assert_in_range(count_below(in_root(kit, arena_printf(&kit->arena, "%s/" BLOBS, folder))).ours,
                    0, 1);
}

/* Every row under the new id has its blob, and there is no other. */
static void assert_tidy(struct kit *kit, const char *folder)
{
    const char *home = in_root(kit, arena_printf(&kit->arena, "%s/" V3 "/kv/" NEW, folder));
    struct count blobs = count_below(arena_printf(&kit->arena, "%s/blobs", home));
    assert_int_equal(blobs.entries, number_in(kit, folder, "SELECT count(*) FROM _mf_entries"));
    assert_false(file_exists(arena_printf(&kit->arena, "%s/cfkv.writing", home)));
}

static void assert_registered(struct kit *kit, const char *id, const char *title)
{
    const struct answer *a = expect_ok(list_namespaces(kit, "", 1));
    assert_int_equal(a->total, 1);
    assert_bytes(a->namespaces[0].id, bytes_of(id));
    assert_bytes(a->namespaces[0].title, bytes_of(title));
}

/* ---- What comes along ------------------------------------------------------------------------ */

static void values_metadata_and_expirations_come_along(void **state)
{
    struct kit *kit = *state;
    const struct store_pair pairs[] = {
        {.key = TEXT("all"), .value = TEXT("a\0b"), .metadata = TEXT("[1]"), .expiration_ttl = 60},
        {.key = TEXT("empty"), .value = TEXT("")},
        {.key = TEXT("nul\0"), .value = TEXT("1")},
        {.key = TEXT("nul\0b"), .value = TEXT("2")},
    };
    wrangler_put(kit->root, "theirs", "00ff", "value");
    sqlite_do(in_root(kit, DATABASE), WRANGLER_ROW);
    expect_ok(create(kit, ID, "title"));
    expect_ok(put_many(kit, ID, pairs, N_OF(pairs)));
    move(kit);

    assert_registered(kit, NEW, "title");
    const struct answer *a = expect_ok(get(kit, NEW, TEXT("all")));
    assert_bytes(a->pairs[0].value, TEXT("a\0b"));
    assert_bytes(a->pairs[0].metadata, TEXT("[1]"));
    assert_int_equal(a->pairs[0].expiration, NOW + 60);
    assert_bytes(value_of(kit, NEW, TEXT("empty")), TEXT(""));
    assert_bytes(value_of(kit, NEW, TEXT("nul\0")), TEXT("1"));
    assert_bytes(value_of(kit, NEW, TEXT("nul\0b")), TEXT("2"));
    assert_bytes(value_of(kit, NEW, TEXT("theirs")), TEXT("value"));
    assert_int_equal(number_in(kit, ".",
                               "SELECT count(*) FROM _mf_entries WHERE expiration = 9000000000123"
                               " AND metadata = '{\"a\":1}'"),
                     1);
    assert_int_equal(number_in(kit, ".",
                               "SELECT count(*) FROM _mf_entries WHERE key = 'empty'"
                               " AND expiration IS NULL AND metadata IS NULL"),
                     1);
    assert_int_equal(count_below(in_root(kit, NEW_BLOBS)).ours, 5);
    assert_tidy(kit, ".");
    assert_gone(kit, ".");
}

static void keys_that_are_there_already_stay_as_they_are(void **state)
{
    struct kit *kit = *state;
    const struct store_pair old[] = {*PAIR("both", "old"), *PAIR("old", "old"),
                                     *PAIR("over", "old")};
    const struct store_pair over = {
        .key = TEXT("over"), .value = TEXT("new"), .expiration_ttl = 60};
    expect_ok(create(kit, ID, "title"));
    expect_ok(put_many(kit, ID, old, N_OF(old)));
    wrangler_put_as(kit->root, NEW, "both", "00", "new");
    wrangler_put_as(kit->root, NEW, "new", "01", "new");
    expect_ok(put(kit, NEW, &over));
    set_now(NOW + 100); /* "over" is no key any more */
    move(kit);
    assert_bytes(value_of(kit, NEW, TEXT("both")), TEXT("new"));
    assert_bytes(value_of(kit, NEW, TEXT("new")), TEXT("new"));
    assert_bytes(value_of(kit, NEW, TEXT("old")), TEXT("old"));
    assert_bytes(value_of(kit, NEW, TEXT("over")), TEXT("old"));
    assert_tidy(kit, ".");
    assert_left(kit, ".", "both");
}

static void what_is_no_key_stays_behind(void **state)
{
    struct kit *kit = *state;
    const struct store_pair over = {.key = TEXT("over"), .value = TEXT("v"), .expiration_ttl = 60};
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, &over));
    wrangler_put(kit->root, "broken", "00", "v");
    wrangler_put(kit->root, "foreign", "../x", "v");
    wrangler_put(kit->root, "k", "01", "v");
    assert_int_equal(unlink(in_root(kit, BLOBS "/00")), 0);
    assert_int_equal(unlink(in_root(kit, V3 "/kv/" ID "/x")), 0);
    set_now(NOW + 100);
    move(kit);
    assert_int_equal(number_in(kit, ".", "SELECT count(*) FROM _mf_entries"), 1);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("v"));
    assert_tidy(kit, ".");
    assert_gone(kit, ".");
}

static void a_link_in_the_place_of_a_blob_is_not_followed(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    wrangler_put(kit->root, "k", "00", "v");
    write_file(in_root(kit, "secret"), "secret");
    assert_int_equal(unlink(in_root(kit, BLOBS "/00")), 0);
    assert_int_equal(symlink(in_root(kit, "secret"), in_root(kit, BLOBS "/00")), 0);
    expect_move_error(kit, "title", ERR_IO, "cannot open a file");
    assert_true(file_exists(in_root(kit, BLOBS "/00")));
}

static void many_keys_come_page_by_page(void **state)
{
    struct kit *kit = *state;
    size_t n = 2 * STORE_PAGE + 300;
    struct store_pair *pairs = arena_alloc(&kit->arena, n, sizeof *pairs);
    for (size_t i = 0; i < n; i++)
        pairs[i].value = pairs[i].key = bytes_of(arena_printf(&kit->arena, "k%04zu", i));
    expect_ok(create(kit, ID, "title"));
    expect_ok(put_many(kit, ID, pairs, n));
    move(kit);
    assert_int_equal(number_in(kit, ".", "SELECT count(*) FROM _mf_entries"), n);
    assert_bytes(value_of(kit, NEW, TEXT("k0000")), TEXT("k0000"));
    assert_bytes(value_of(kit, NEW, TEXT("k1000")), TEXT("k1000"));
    assert_bytes(value_of(kit, NEW, TEXT("k2299")), TEXT("k2299"));
    assert_tidy(kit, ".");
    assert_gone(kit, ".");
}

static void what_wrangler_has_open_is_emptied_in_place(void **state)
{
    struct kit *kit = *state;
    struct error err;
    struct sql wrangler = {0};
    int64_t rows;
    expect_ok(create(kit, ID, "title"));
    wrangler_put(kit->root, "k", "00", "v");
    assert_true(sql_open(&wrangler, in_root(kit, DATABASE), SQL_READ, false, &err));
    assert_true(sql_number(&wrangler, "SELECT count(*) FROM _mf_entries", &rows, &err));
    assert_int_equal(rows, 1);
    move(kit);
    assert_true(sql_number(&wrangler, "SELECT count(*) FROM _mf_entries", &rows, &err));
    assert_int_equal(rows, 0);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("v"));
    sql_close(&wrangler);
}

/* ---- From roots to roots --------------------------------------------------------------------- */

static void each_root_keeps_what_it_had(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    bind_to(kit, ID, "a");
    bind_to(kit, ID, "b");
    kit_reopen(kit); /* the old id is only remembered */
    bind_to(kit, NEW, "b");
    bind_to(kit, NEW, "a");
    wrangler_put(in_root(kit, "a"), "k", "00", "of a");
    wrangler_put(in_root(kit, "b"), "k", "01", "of b");
    wrangler_put(in_root(kit, "b"), "only b", "02", "v");
    move(kit);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("of b")); /* bound first */
    assert_int_equal(number_in(kit, "a", "SELECT count(*) FROM _mf_entries"), 1);
    assert_int_equal(number_in(kit, "b", "SELECT count(*) FROM _mf_entries"), 2);
    assert_gone(kit, "a");
    assert_gone(kit, "b");
}

static void data_goes_to_every_root_of_the_new_id(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    bind_to(kit, NEW, "a");
    bind_to(kit, NEW, "b");
    move(kit);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("v"));
    assert_false(expect_ok(list_keys(kit, NEW, TEXT(""), TEXT("")))->keys[0].divergent);
    assert_tidy(kit, "a");
    assert_tidy(kit, "b");
    assert_gone(kit, ".");
    assert_false(file_exists(in_root(kit, NEW_BLOBS)));
}

static void data_comes_from_every_root_of_the_old_id(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    bind_to(kit, ID, "a");
    bind_to(kit, ID, "b");
    kit_reopen(kit);
    wrangler_put(in_root(kit, "a"), "k", "00", "of a");
    wrangler_put(in_root(kit, "b"), "k", "01", "of b");
    wrangler_put(in_root(kit, "b"), "only b", "02", "v");
    move(kit);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("of a"));
    assert_bytes(value_of(kit, NEW, TEXT("only b")), TEXT("v"));
    assert_tidy(kit, ".");
    assert_gone(kit, "a");
    assert_left(kit, "b", "k");
}

/* A registry that remembered nothing knows of the project's root only. */
static void what_lies_under_the_new_roots_comes_first(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    wrangler_put(kit->root, "k", "00", "of the project");
    wrangler_put(kit->root, "more", "01", "v");
    wrangler_put(in_root(kit, "a"), "k", "00", "of a");
    bind_to(kit, NEW, "a");
    move(kit);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("of a"));
    assert_bytes(value_of(kit, NEW, TEXT("more")), TEXT("v"));
    assert_gone(kit, "a");
    assert_left(kit, ".", "k");
}

static void roots_of_the_old_id_are_forgotten(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    bind_to(kit, ID, "a");
    bind_to(kit, NEW, "a");
    expect_ok(put(kit, ID, PAIR("k", "v")));
    move(kit);
    kit_reopen(kit);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("v"));
    assert_int_equal(
        sqlite_number(in_root(kit, REGISTRY), "SELECT count(*) FROM roots WHERE id = '" ID "'"), 0);
}

static void a_root_that_is_gone_has_nothing_to_bring(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    bind_to(kit, ID, "a");
    bind_to(kit, ID, "b");
    wrangler_put(in_root(kit, "b"), "k", "00", "v");
    kit_reopen(kit);
    remove_tree(in_root(kit, "a"));
    move(kit);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("v"));
    assert_false(file_exists(in_root(kit, "a")));
}

/* Where a blob cannot have a second name it is copied. */
static void data_crosses_file_systems(void **state)
{
    struct kit *kit = *state;
    struct stat here, there;
    struct error err;
    char outside[] = "/tmp/cfkv-XXXXXX";
    struct bytes large = bytes_make(arena_alloc(&kit->arena, LARGE, 1), LARGE);
    memset((char *)large.data, 'x', LARGE - 1);
    assert_non_null(mkdtemp(outside));
    assert_int_equal(stat(kit->root, &here) | stat(outside, &there), 0);
    if (here.st_dev == there.st_dev) {
        remove_tree(outside);
        skip();
    }
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, &(struct store_pair){.key = TEXT("large"), .value = large}));
    assert_true(local_store_bind_root(kit->local, TEXT(NEW), outside, true, &err));
    move(kit);
    assert_bytes(value_of(kit, NEW, TEXT("large")), large);
    assert_gone(kit, ".");
    remove_tree(outside);
}

/* ---- Once more, and not at all --------------------------------------------------------------- */

static void moving_twice_is_moving_once(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    move(kit);
    expect_ok(put(kit, NEW, PAIR("k", "changed")));
    move(kit);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("changed"));
    assert_registered(kit, NEW, "title");
    assert_tidy(kit, ".");
}

static void an_id_that_nobody_had_registers_the_new_one(void **state)
{
    struct kit *kit = *state;
    move(kit);
    assert_registered(kit, NEW, "title");
    assert_int_equal(expect_ok(list_keys(kit, NEW, TEXT(""), TEXT("")))->n_keys, 0);
    assert_false(file_exists(in_root(kit, V3 "/kv")));
}

static void wranglers_own_namespace_can_be_moved(void **state)
{
    struct kit *kit = *state;
    wrangler_put(kit->root, "k", "00", "v");
    move(kit);
    assert_registered(kit, NEW, "title");
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("v"));
    assert_gone(kit, ".");
}

static void the_same_id_is_nothing_to_do(void **state)
{
    struct kit *kit = *state;
    struct error err;
    assert_true(move_to(kit, ID, "title", &err));
    assert_int_equal(count_below(kit->root).entries, 0);
}

static void another_namespaces_id_or_title_is_refused(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    expect_ok(create(kit, NEW, "other"));
    expect_move_error(kit, "title", ERR_EXISTS, NEW);
    expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, NEW, ""));
    expect_ok(create(kit, "third", "other"));
    expect_move_error(kit, "other", ERR_EXISTS, "the title 'other' is taken");
    expect_ok(run_op(kit, &(struct store_op){.kind = STORE_NAMESPACE_CREATE,
                                             .account = TEXT("foreign"),
                                             .id = TEXT(NEW),
                                             .title = TEXT("title")}));
    expect_move_error(kit, "title", ERR_EXISTS, NEW);
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
    assert_int_equal(list_namespaces(kit, "", 1)->total, 2);
}

static void another_accounts_namespace_is_not_moved(void **state)
{
    struct kit *kit = *state;
    expect_ok(run_op(kit, &(struct store_op){.kind = STORE_NAMESPACE_CREATE,
                                             .account = TEXT("foreign"),
                                             .id = TEXT(ID),
                                             .title = TEXT("title")}));
    expect_move_error(kit, "title", ERR_EXISTS, ID);
    assert_int_equal(list_namespaces(kit, "foreign", 1)->total, 1);
}

static void nothing_begins_when_the_new_database_cannot_be_used(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    sqlite_do(database_of(kit, ".", NEW), "CREATE TABLE _mf_entries (key TEXT PRIMARY KEY)");
    expect_move_error(kit, "title", ERR_FORMAT, "layout");
    assert_registered(kit, ID, "title");
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
}

/* ---- Cut short ------------------------------------------------------------------------------- */

static void an_interrupt_ends_it_and_the_next_run_finishes(void **state)
{
    struct kit *kit = *state;
    volatile int interrupted = 1;
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    kit->store->interrupted = &interrupted;
    expect_move_error(kit, "title", ERR_INTERRUPTED, "interrupted");
    kit->store->interrupted = NULL;
    move(kit);
    assert_bytes(value_of(kit, NEW, TEXT("k")), TEXT("v"));
    assert_gone(kit, ".");
}

#ifdef CFKV_FAULTS
static unsigned fault_at;
static enum fault_mode fault_how;

static const char *const KEYS[] = {"both", "new", "old", "theirs"};
static const char *const VALUES[] = {"new", "new", "old", "old"};

static void bind_new(struct kit *kit)
{
    bind_to(kit, NEW, "a");
    bind_to(kit, NEW, "b");
}

/* The old id under a, the new one under a and b. */
static void prepare(struct kit *kit)
{
    const struct store_pair pairs[] = {*PAIR("both", "old"), *PAIR("old", "old")};
    store_close(kit->store);
    remove_tree(in_root(kit, "a"));
    remove_tree(in_root(kit, "b"));
    remove_tree(in_root(kit, ".wrangler"));
    kit_open_local(kit);
    expect_ok(create(kit, ID, "title"));
    bind_to(kit, ID, "a");
    expect_ok(put_many(kit, ID, pairs, N_OF(pairs)));
    wrangler_put(in_root(kit, "a"), "theirs", "00", "old");
    wrangler_put_as(in_root(kit, "a"), NEW, "both", "01", "new");
    wrangler_put_as(in_root(kit, "a"), NEW, "new", "02", "new");
}

static bool move_in_child(struct kit *kit)
{
    struct error err;
    bind_new(kit);
    fault_set(fault_how, fault_at);
    bool ok = move_to(kit, NEW, "title", &err);
    fault_set(FAULT_MODE_NONE, 0);
    return ok;
}

/* Each key is there, whole, under the new id or still under the old one. */
static void assert_nothing_lost(struct kit *kit)
{
    for (size_t i = 0; i < N_OF(KEYS); i++) {
        const struct answer *a = expect_ok(get(kit, NEW, bytes_of(KEYS[i])));
        if (a->n_pairs == 0)
            a = expect_ok(get(kit, ID, bytes_of(KEYS[i])));
        assert_int_equal(a->n_pairs, 1);
        assert_bytes(a->pairs[0].value, bytes_of(VALUES[i]));
    }
}

static void assert_moved(struct kit *kit)
{
    const struct answer *list = expect_ok(list_keys(kit, NEW, TEXT(""), TEXT("")));
    assert_int_equal(list->n_keys, N_OF(KEYS));
    for (size_t i = 0; i < N_OF(KEYS); i++) {
        assert_bytes(list->keys[i].key, bytes_of(KEYS[i]));
        assert_bytes(value_of(kit, NEW, bytes_of(KEYS[i])), bytes_of(VALUES[i]));
    }
    assert_registered(kit, NEW, "title");
    assert_left(kit, "a", "both");
    assert_tidy(kit, "a");
    assert_tidy(kit, "b");
    assert_int_equal(
        sqlite_number(in_root(kit, REGISTRY), "SELECT count(*) FROM roots WHERE id = '" ID "'"), 0);
}

/* Breaks a move at its first fault point, then at its second, … and does it again each time. */
static void break_moves_everywhere(struct kit *kit, enum fault_mode how, int broken_status)
{
    int status = -1;
    unsigned broken = 0;
    fault_how = how;
    for (fault_at = 1; fault_at <= 60; fault_at++) {
        prepare(kit);
        status = in_child(move_in_child, kit);
        assert_true(status == DONE || status == broken_status);
        broken += status == broken_status;
        bind_new(kit);
        assert_nothing_lost(kit);
        move(kit);
        expect_ok(put(kit, NEW, PAIR("old", "old"))); /* any write clears up */
        assert_moved(kit);
    }
    assert_int_equal(status, DONE); /* there were no further points */
    assert_true(broken >= 20);
}

static void a_kill_at_any_point_loses_no_key_and_the_next_run_finishes(void **state)
{
    break_moves_everywhere(*state, FAULT_MODE_KILL, SIGKILL);
}

static void a_failure_at_any_point_loses_no_key_and_the_next_run_finishes(void **state)
{
    break_moves_everywhere(*state, FAULT_MODE_FAIL, FAILED);
}

#endif

#define LOCAL(test) cmocka_unit_test_setup_teardown(test, start_local, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOCAL(values_metadata_and_expirations_come_along),
        LOCAL(keys_that_are_there_already_stay_as_they_are),
        LOCAL(what_is_no_key_stays_behind),
        LOCAL(a_link_in_the_place_of_a_blob_is_not_followed),
        LOCAL(many_keys_come_page_by_page),
        LOCAL(what_wrangler_has_open_is_emptied_in_place),
        LOCAL(each_root_keeps_what_it_had),
        LOCAL(data_goes_to_every_root_of_the_new_id),
        LOCAL(data_comes_from_every_root_of_the_old_id),
        LOCAL(what_lies_under_the_new_roots_comes_first),
        LOCAL(roots_of_the_old_id_are_forgotten),
        LOCAL(a_root_that_is_gone_has_nothing_to_bring),
        LOCAL(data_crosses_file_systems),
        LOCAL(moving_twice_is_moving_once),
        LOCAL(an_id_that_nobody_had_registers_the_new_one),
        LOCAL(wranglers_own_namespace_can_be_moved),
        LOCAL(the_same_id_is_nothing_to_do),
        LOCAL(another_namespaces_id_or_title_is_refused),
        LOCAL(another_accounts_namespace_is_not_moved),
        LOCAL(nothing_begins_when_the_new_database_cannot_be_used),
        LOCAL(an_interrupt_ends_it_and_the_next_run_finishes),
#ifdef CFKV_FAULTS
        LOCAL(a_kill_at_any_point_loses_no_key_and_the_next_run_finishes),
        LOCAL(a_failure_at_any_point_loses_no_key_and_the_next_run_finishes),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
