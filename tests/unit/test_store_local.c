/* What only the local store does: the files that it shares with wrangler, its registry, several
 * roots, and what is left when it is killed or the disk refuses. */
#include "test_store_local_kit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

/* ---- Helpers --------------------------------------------------------------------------------- */

static size_t blobs_in(struct kit *kit)
{
    return count_below(in_root(kit, BLOBS)).entries;
}

/* ---- Files as wrangler has them -------------------------------------------------------------- */

static void databases_are_named_as_workerd_names_them(void **state)
{
    (void)state;
    char name[65];
    miniflare_name(TEXT(ID), name);
    assert_string_equal(name, "8261cfe8323dd703d3e553434db498fec63d9a7e7ae8a23f047ef589d503196c");
    miniflare_name(TEXT("MY_KV"), name);
    assert_string_equal(name, "bfb162e78bc3b0a9a8c159a7403910f102e887ce4547e33c1f7f28b85454c408");
}

static void a_local_id_depends_on_project_and_title(void **state)
{
    (void)state;
    char id[33], other[33];
    local_namespace_id(TEXT("shop"), TEXT("shop-config-dev"), id);
    /* printf %s 'cfkv-local:shop:shop-config-dev' | sha256sum */
    assert_string_equal(id, "3a22fdf32b762e4920a97049938afa13");
    local_namespace_id(TEXT("other"), TEXT("shop-config-dev"), other);
    assert_string_not_equal(id, other);
}

static void a_put_lies_where_wrangler_looks(void **state)
{
    struct kit *kit = *state;
    struct store_pair pair = {.key = TEXT("k"),
                              .value = TEXT("value"),
                              .metadata = TEXT("{\"a\":1}"),
                              .expiration_ttl = 60};
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, &pair));
    const char *db = in_root(kit, DATABASE);
    assert_int_equal(sqlite_number(db, "SELECT expiration FROM _mf_entries WHERE key = 'k' AND"
                                       " metadata = '{\"a\":1}' AND blob_id GLOB 'cfkv-*'"),
                     (NOW + 60) * INT64_C(1000));
    assert_int_equal(sqlite_number(db, "PRAGMA user_version"), 0);
    assert_int_equal(sqlite_number(db, "PRAGMA page_size"), 4096);
    assert_int_equal(sqlite_number(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'index'"
                                       " AND name = '_mf_entries_expiration_idx'"),
                     1);

    expect_ok(put(kit, ID, PAIR("plain", "")));
    assert_int_equal(sqlite_number(db, "SELECT expiration IS NULL AND metadata IS NULL"
                                       " FROM _mf_entries WHERE key = 'plain'"),
                     1);
    assert_int_equal(blobs_in(kit), 2);
}

static void reading_creates_nothing(void **state)
{
    struct kit *kit = *state;
    struct error err;
    struct buf document = {0}, journal = {0};
    expect_ok(list_namespaces(kit, "", 1));
    expect_error(list_keys(kit, ID, TEXT(""), TEXT("")), ERR_NOT_FOUND);
    expect_error(get(kit, ID, TEXT("k")), ERR_NOT_FOUND);
    expect_error(delete_key(kit, ID, TEXT("k")), ERR_NOT_FOUND);
    expect_error(on_namespace(kit, STORE_NAMESPACE_DELETE, ID, ""), ERR_NOT_FOUND);
    assert_true(local_document_load(kit->local, "kv", &document, &journal, &err));
    assert_int_equal(document.len + journal.len, 0);
    assert_non_null(local_store_folder(kit->local, false, &err));
    assert_int_equal(count_below(kit->root).entries, 0);
}

static void an_empty_namespace_has_no_files_until_its_first_put(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    assert_int_equal(list_keys(kit, ID, TEXT(""), TEXT(""))->n_keys, 0);
    assert_absent(kit, ID, TEXT("k"));
    expect_ok(delete_key(kit, ID, TEXT("k")));
    assert_false(file_exists(in_root(kit, V3 "/kv")));
}

static void what_wrangler_wrote_is_read(void **state)
{
    struct kit *kit = *state;
    wrangler_put(kit->root, "theirs", "00ff", "value");
    assert_bytes(value_of(kit, ID, TEXT("theirs")), TEXT("value"));
    assert_int_equal(list_keys(kit, ID, TEXT(""), TEXT(""))->n_keys, 1);

    assert_true(expect_ok(create(kit, ID, "title"))->existed);
    assert_bytes(value_of(kit, ID, TEXT("theirs")), TEXT("value"));
}

static void what_wrangler_writes_while_the_store_is_open_is_seen(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    assert_absent(kit, ID, TEXT("k"));
    wrangler_put(kit->root, "k", "01", "first");
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("first"));
    wrangler_put(kit->root, "k", "02", "second");
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("second"));
    wrangler_put(kit->root, "other", "03", "third");
    assert_int_equal(list_keys(kit, ID, TEXT(""), TEXT(""))->n_keys, 2);
}

/* wrangler lists such a row too. */
static void assert_listed_without_value(struct kit *kit, const char *key)
{
    const struct answer *list = expect_ok(list_keys(kit, ID, bytes_of(key), TEXT("")));
    assert_int_equal(list->n_keys, 1);
    assert_int_equal(expect_ok(get(kit, ID, bytes_of(key)))->n_pairs, 0);
}

static void a_row_without_its_blob_has_no_value(void **state)
{
    struct kit *kit = *state;
    wrangler_put(kit->root, "k", "00ff", "value");
    wrangler_put(kit->root, "other", "01ff", "value");
    assert_int_equal(unlink(in_root(kit, BLOBS "/00ff")), 0);
    assert_listed_without_value(kit, "k");
    expect_ok(put(kit, ID, PAIR("k", "again")));
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("again"));
}

static void a_blob_name_cannot_leave_its_folder(void **state)
{
    struct kit *kit = *state;
    wrangler_put(kit->root, "fine", "00ff", "value");
    wrangler_put(kit->root, "k", "../secret", "secret");
    assert_listed_without_value(kit, "k");
    expect_ok(put(kit, ID, PAIR("k", "new")));
    expect_ok(delete_key(kit, ID, TEXT("k")));
    assert_true(file_exists(in_root(kit, V3 "/kv/" ID "/secret")));
}

/* As workerd and miniflare were seen to do it. */
static void values_lie_in_the_folder_that_wrangler_makes_of_an_id(void **state)
{
    struct kit *kit = *state;
    static const char *const folders[][2] = {
        {"<YOUR_ID>", "_YOUR_ID_"},
        {"a/b", "a_b"},
        {"..", "__"},
        {"../x", "___x"},
        {"a//..//b", "a______b"},
        {"a:b?c*d\\e|f'g", "a_b_c_d_e_f_g"},
        {"$KV_ID", "$KV_ID"},
        {"a%41b", "a%41b"},
        {" lead", "_lead"},
        {"trail ", "trail_"},
        {"con", "_"},
        {"LPT1.x", "_"},
        {"console.x", "console.x"},
        {"a\n", "a_"},
        {"\xc2\x85x", "_x"},
        {"\xe6\x97\xa5", "\xe6\x97\xa5"},
        {"{{ID}}", "{{ID}}"},
        {"MY_KV", "MY_KV"},
        {"...", "___"},
    };
    for (size_t i = 0; i < N_OF(folders); i++) {
        const char *id = folders[i][0];
        expect_ok(create(kit, id, id));
        const struct store_pair pair = {.key = TEXT("k"), .value = bytes_of(id)};
        expect_ok(put(kit, id, &pair));
        assert_bytes(value_of(kit, id, TEXT("k")), bytes_of(id));
        assert_true(
            file_exists(in_root(kit, arena_printf(&kit->arena, V3 "/kv/%s/blobs", folders[i][1]))));
    }
}

static void long_ids_are_cut_where_wrangler_cuts_them(void **state)
{
    struct kit *kit = *state;
    char id[301] = {0}, folder[256] = {0};
    memset(id, 'x', 300);
    memset(folder, 'x', 255);
    expect_ok(create(kit, id, "title"));
    expect_ok(put(kit, id, PAIR("k", "v")));
    assert_true(file_exists(in_root(kit, arena_printf(&kit->arena, V3 "/kv/%s/blobs", folder))));
}

static void ids_for_which_wrangler_keeps_nothing_are_refused_and_hold_nothing(void **state)
{
    struct kit *kit = *state;
    char cut[260] = {0}, wide[402] = {0};
    const char *const bad[] = {".hidden", "\xff", cut, wide};
    memset(cut, 'x', 254);
    memcpy(cut + 254, "\xf0\x9f\x99\x82", 4); /* two units of UTF-16 */
    for (size_t i = 0; i < 400; i += 2)
        memcpy(wide + i, "\xc3\xa4", 2);
    for (size_t i = 0; i < N_OF(bad); i++) {
        bool any = true;
        struct error err = {0};
        expect_message(create(kit, bad[i], "title"), ERR_LIMIT, "wrangler keeps nothing under");
        assert_true(local_store_has_keys(kit->local, bytes_of(bad[i]), &any, &err));
        assert_false(any);
    }
    assert_int_equal(list_namespaces(kit, "", 1)->total, 0);
}

/* Two placeholders whose folder is one. */
static void values_of_another_id_in_the_same_folder_stay(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, "a/b", "first"));
    expect_ok(create(kit, "a:b", "second"));
    expect_ok(put(kit, "a/b", PAIR("k", "1")));
    expect_ok(put(kit, "a:b", PAIR("k", "2")));
    write_file(in_root(kit, V3 "/kv/a_b/blobs/theirs"), "just being written");
    write_file(in_root(kit, V3 "/kv/a_b/blobs/cfkv-left"), "by a killed run");
    write_file(in_root(kit, V3 "/kv/a_b/cfkv.writing"), "");
    expect_ok(put(kit, "a/b", PAIR("other", "1")));
    assert_false(file_exists(in_root(kit, V3 "/kv/a_b/blobs/cfkv-left")));
    assert_bytes(value_of(kit, "a:b", TEXT("k")), TEXT("2"));
    expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, "a/b", ""));
    assert_bytes(value_of(kit, "a:b", TEXT("k")), TEXT("2"));
    assert_true(file_exists(in_root(kit, V3 "/kv/a_b/blobs/theirs")));
    assert_int_equal(count_below(in_root(kit, V3 "/kv/a_b/blobs")).ours, 1);
}

/* ---- Blobs that come and go ------------------------------------------------------------------ */

static void a_replaced_blob_is_unlinked_whoever_wrote_it(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    wrangler_put(kit->root, "k", "00ff", "value");
    expect_ok(put(kit, ID, PAIR("k", "1")));
    assert_false(file_exists(in_root(kit, BLOBS "/00ff")));
    expect_ok(put(kit, ID, PAIR("k", "2")));
    assert_int_equal(blobs_in(kit), 1);
    expect_ok(delete_key(kit, ID, TEXT("k")));
    assert_int_equal(blobs_in(kit), 0);
}

static void blobs_that_a_killed_run_left_are_swept_by_the_next_write(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    write_file(in_root(kit, BLOBS "/cfkv-orphan"), "left");
    write_file(in_root(kit, BLOBS "/00ff"), "wrangler is just writing this");
    write_file(in_root(kit, V3 "/kv/" ID "/cfkv.writing"), "");
    expect_ok(put(kit, ID, PAIR("other", "v")));
    assert_false(file_exists(in_root(kit, BLOBS "/cfkv-orphan")));
    assert_true(file_exists(in_root(kit, BLOBS "/00ff")));
    assert_false(file_exists(in_root(kit, V3 "/kv/" ID "/cfkv.writing")));
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
    assert_bytes(value_of(kit, ID, TEXT("other")), TEXT("v"));
}

/* ---- Deleting namespaces --------------------------------------------------------------------- */

static void a_deleted_namespace_leaves_no_files(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    wrangler_put(kit->root, "theirs", "00ff", "value");
    expect_ok(put(kit, ID, PAIR("k", "v")));
    expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, ID, ""));
    assert_false(file_exists(in_root(kit, V3 "/kv/" ID)));
    assert_int_equal(count_below(in_root(kit, OBJECTS)).entries, 0);
}

static void a_database_that_wrangler_has_open_is_emptied_in_place(void **state)
{
    struct kit *kit = *state;
    struct error err;
    struct sql wrangler = {0};
    int64_t rows;
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    assert_true(sql_open(&wrangler, in_root(kit, DATABASE), SQL_READ, false, &err));
    assert_true(sql_number(&wrangler, "SELECT count(*) FROM _mf_entries", &rows, &err));
    assert_int_equal(rows, 1);

    expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, ID, ""));
    assert_true(file_exists(in_root(kit, DATABASE)));
    assert_true(sql_number(&wrangler, "SELECT count(*) FROM _mf_entries", &rows, &err));
    assert_int_equal(rows, 0);

    assert_false(expect_ok(create(kit, ID, "title"))->existed);
    expect_ok(put(kit, ID, PAIR("k", "new")));
    assert_true(sql_number(&wrangler, "SELECT count(*) FROM _mf_entries", &rows, &err));
    assert_int_equal(rows, 1);
    sql_close(&wrangler);
}

/* ---- Databases that nobody has open ---------------------------------------------------------- */

/* What wrangler put a while ago. */
static void wrangler_put_before(struct kit *kit, const char *key, const char *blob,
                                const char *value)
{
    const struct timespec before[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};
    wrangler_put(kit->root, key, blob, value);
    assert_int_equal(utimensat(AT_FDCWD, in_root(kit, DATABASE), before, 0), 0);
}

static struct timespec written(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mtim;
}

static void reading_what_lies_still_makes_no_file(void **state)
{
    struct kit *kit = *state;
    const struct timespec before[2] = {{.tv_sec = 1700000000}, {.tv_sec = 1700000000}};
    expect_ok(create(kit, ID, "title"));
    wrangler_put_before(kit, "k", "00ff", "value");
    assert_int_equal(utimensat(AT_FDCWD, in_root(kit, OBJECTS), before, 0), 0);
    assert_int_equal(expect_ok(list_keys(kit, ID, TEXT(""), TEXT("")))->n_keys, 1);
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("value"));
    kit_reopen(kit);
    assert_int_equal(written(in_root(kit, OBJECTS)).tv_sec, 1700000000);
}

static void what_others_write_after_a_first_look_is_seen(void **state)
{
    struct kit *kit = *state;
    struct sql wrangler = {0};
    struct error err;
    expect_ok(create(kit, ID, "title"));
    wrangler_put_before(kit, "a", "00ff", "old");
    assert_bytes(value_of(kit, ID, TEXT("a")), TEXT("old"));

    assert_true(sql_open(&wrangler, in_root(kit, DATABASE), SQL_CREATE, false, &err));
    wrangler_put(kit->root, "a", "0100", "new"); /* waits in the log while `wrangler` is open */
    wrangler_put(kit->root, "b", "0101", "more");
    assert_int_equal(expect_ok(list_keys(kit, ID, TEXT(""), TEXT("")))->n_keys, 2);
    assert_bytes(value_of(kit, ID, TEXT("a")), TEXT("new"));
    sql_close(&wrangler);
    assert_bytes(value_of(kit, ID, TEXT("b")), TEXT("more"));
}

/* While the values of two keys are given, wrangler replaces the second. */
struct meddling {
    struct kit *kit;
    char got[64];
};

static bool meddle(void *ctx, const struct store_pair *pair, struct error *err)
{
    struct meddling *m = ctx;
    size_t at = strlen(m->got);
    (void)err;
    if (at == 0) {
        wrangler_put(m->kit->root, "b", "0101", "new");
        assert_int_equal(unlink(in_root(m->kit, BLOBS "/0100")), 0);
    }
    snprintf(m->got + at, sizeof m->got - at, "%.*s=%.*s ", (int)pair->key.len, pair->key.data,
             (int)pair->value.len, pair->value.data);
    return true;
}

static void a_value_that_wrangler_replaces_meanwhile_is_read_anew(void **state)
{
    struct kit *kit = *state;
    struct meddling m = {.kit = kit};
    const struct bytes keys[] = {TEXT("a"), TEXT("b")};
    expect_ok(create(kit, ID, "title"));
    wrangler_put_before(kit, "a", "00ff", "1");
    wrangler_put_before(kit, "b", "0100", "2");
    expect_ok(run_op(kit, &(struct store_op){.kind = STORE_BULK_GET,
                                             .id = TEXT(ID),
                                             .keys = keys,
                                             .n = N_OF(keys),
                                             .on_pair = meddle,
                                             .on_pair_ctx = &m}));
    assert_string_equal(m.got, "a=1 b=new ");
}

/* ---- Files that are not as they should be ---------------------------------------------------- */

static void a_database_of_another_layout_is_refused_and_left_as_it_is(void **state)
{
    struct kit *kit = *state;
    static const char *const layouts[] = {
        "CREATE TABLE _mf_entries (key TEXT PRIMARY KEY, blob_id TEXT NOT NULL,"
        " expiration INTEGER, metadata TEXT, version INTEGER)",
        "CREATE TABLE _mf_entries (key TEXT PRIMARY KEY, value BLOB)",
        "CREATE TABLE _mf_entries (key BLOB PRIMARY KEY, blob_id TEXT NOT NULL,"
        " expiration INTEGER, metadata TEXT)",
    };
    expect_ok(create(kit, ID, "title"));
    make_dirs(in_root(kit, OBJECTS));
    for (size_t i = 0; i < N_OF(layouts); i++) {
        unlink(in_root(kit, DATABASE));
        sqlite_do(in_root(kit, DATABASE), layouts[i]);
        const struct answer *a = put(kit, ID, PAIR("k", "v"));
        expect_message(a, ERR_FORMAT, "8261cfe8");
        assert_string_not_equal(a->error.hint, "");
        expect_error(list_keys(kit, ID, TEXT(""), TEXT("")), ERR_FORMAT);
        expect_error(get(kit, ID, TEXT("k")), ERR_FORMAT);
        expect_error(on_namespace(kit, STORE_NAMESPACE_DELETE, ID, ""), ERR_FORMAT);
        assert_int_equal(sqlite_number(in_root(kit, DATABASE),
                                       "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"),
                         1);
    }
    assert_int_equal(blobs_in(kit), 0);
    assert_int_equal(list_namespaces(kit, "", 1)->total, 1);
}

static void a_damaged_database_is_named(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    make_dirs(in_root(kit, OBJECTS));
    write_file(in_root(kit, DATABASE), "this is no database, and it is long enough to see that");
    const struct answer *a = list_keys(kit, ID, TEXT(""), TEXT(""));
    expect_message(a, ERR_FORMAT, DATABASE);
    assert_string_not_equal(a->error.hint, "");
    expect_message(put(kit, ID, PAIR("k", "v")), ERR_FORMAT, DATABASE);
}

static void a_damaged_registry_is_named(void **state)
{
    struct kit *kit = *state;
    make_dirs(in_root(kit, V3));
    write_file(in_root(kit, V3 "/cfkv.sqlite"), "this is no database, which one can see at once");
    const struct answer *a = list_namespaces(kit, "", 1);
    expect_message(a, ERR_FORMAT, "cfkv.sqlite' is damaged");
    assert_string_not_equal(a->error.hint, "");
    expect_message(create(kit, ID, "title"), ERR_FORMAT, "cfkv.sqlite");
}

static void a_newer_registry_is_refused_and_left_as_it_is(void **state)
{
    struct kit *kit = *state;
    const char *path = in_root(kit, V3 "/cfkv.sqlite");
    expect_ok(create(kit, ID, "title"));
    sqlite_do(path, "PRAGMA user_version = 3");
    kit_reopen(kit);
    expect_message(list_namespaces(kit, "", 1), ERR_FORMAT, "has version 3");
    expect_message(create(kit, "ns2", "other"), ERR_FORMAT, "newer");
    assert_int_equal(sqlite_number(path, "PRAGMA user_version"), 3);
    assert_int_equal(sqlite_number(path, "SELECT count(*) FROM namespaces"), 1);
}

static void somebody_elses_file_is_not_taken_for_a_registry(void **state)
{
    struct kit *kit = *state;
    make_dirs(in_root(kit, V3));
    sqlite_do(in_root(kit, V3 "/cfkv.sqlite"), "CREATE TABLE theirs (a)");
    expect_message(list_namespaces(kit, "", 1), ERR_FORMAT, "not written by cfkv");
    expect_message(create(kit, ID, "title"), ERR_FORMAT, "not written by cfkv");
}

/* ---- Several roots --------------------------------------------------------------------------- */

/* Folders a and b of the kit's root, both of which hold the namespace ID. */
static void bind_two(struct kit *kit)
{
    struct error err;
    make_dirs(in_root(kit, "a"));
    make_dirs(in_root(kit, "b"));
    assert_true(local_store_bind_root(kit->local, TEXT(ID), in_root(kit, "a"), false, &err));
    assert_true(local_store_bind_root(kit->local, TEXT(ID), in_root(kit, "b"), false, &err));
    assert_true(local_store_bind_root(kit->local, TEXT(ID), in_root(kit, "b"), false, &err));
}

static void writes_go_to_every_root_a_namespace_is_bound_to(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    bind_two(kit);
    expect_ok(put(kit, ID, PAIR("k", "v")));
    assert_int_equal(count_below(in_root(kit, "a/" BLOBS)).ours, 1);
    assert_int_equal(count_below(in_root(kit, "b/" BLOBS)).ours, 1);
    assert_false(file_exists(in_root(kit, V3 "/kv")));

    expect_ok(delete_key(kit, ID, TEXT("k")));
    assert_int_equal(sqlite_number(in_root(kit, "a/" DATABASE), "SELECT count(*) FROM _mf_entries"),
                     0);
    assert_int_equal(sqlite_number(in_root(kit, "b/" DATABASE), "SELECT count(*) FROM _mf_entries"),
                     0);
    expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, ID, ""));
    assert_false(file_exists(in_root(kit, "a/" DATABASE)));
    assert_false(file_exists(in_root(kit, "b/" DATABASE)));
}

static void a_persist_to_folder_holds_v3_itself(void **state)
{
    struct kit *kit = *state;
    struct error err;
    assert_true(local_store_bind_root(kit->local, TEXT(ID), in_root(kit, "p"), true, &err));
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    assert_int_equal(count_below(in_root(kit, "p/v3/kv/" ID "/blobs")).ours, 1);
}

static void other_namespaces_stay_under_the_project_root(void **state)
{
    struct kit *kit = *state;
    bind_two(kit);
    expect_ok(create(kit, "MY_KV", "title"));
    expect_ok(put(kit, "MY_KV", PAIR("k", "v")));
    assert_int_equal(count_below(in_root(kit, V3 "/kv/MY_KV/blobs")).ours, 1);
}

static void keys_on_which_the_roots_differ_are_listed_as_divergent(void **state)
{
    struct kit *kit = *state;
    const char *names[] = {"added", "expiry", "metadata", "rewritten", "same", "value"};
    const bool divergent[] = {true, true, true, false, false, true};
    const struct store_pair pairs[] = {*PAIR("expiry", "x"), *PAIR("metadata", "x"),
                                       *PAIR("rewritten", "x"), *PAIR("same", "x"),
                                       *PAIR("value", "x")};
    expect_ok(create(kit, ID, "title"));
    bind_two(kit);
    expect_ok(put_many(kit, ID, pairs, N_OF(pairs)));
    wrangler_put(in_root(kit, "b"), "value", "00ff", "y");
    wrangler_put(in_root(kit, "b"), "rewritten", "01ff", "x");
    wrangler_put(in_root(kit, "b"), "added", "02ff", "x");
    sqlite_do(in_root(kit, "b/" DATABASE),
              "UPDATE _mf_entries SET metadata = '1' WHERE key = 'metadata';"
              "UPDATE _mf_entries SET expiration = 9000000000000 WHERE key = 'expiry'");

    const struct answer *a = expect_ok(list_keys(kit, ID, TEXT(""), TEXT("")));
    assert_int_equal(a->n_keys, N_OF(names));
    for (size_t i = 0; i < N_OF(names); i++) {
        assert_bytes(a->keys[i].key, bytes_of(names[i]));
        assert_int_equal(a->keys[i].divergent, divergent[i]);
    }
    assert_bytes(value_of(kit, ID, TEXT("value")), TEXT("x"));
    assert_bytes(value_of(kit, ID, TEXT("added")), TEXT("x"));

    expect_ok(put(kit, ID, PAIR("value", "z")));
    a = expect_ok(list_keys(kit, ID, TEXT("value"), TEXT("")));
    assert_false(a->keys[0].divergent);
}

static void a_root_without_data_makes_every_key_divergent(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    bind_two(kit);
    wrangler_put(in_root(kit, "b"), "k", "00ff", "v");
    const struct answer *a = expect_ok(list_keys(kit, ID, TEXT(""), TEXT("")));
    assert_int_equal(a->n_keys, 1);
    assert_true(a->keys[0].divergent);
    assert_false(file_exists(in_root(kit, "a/.wrangler")));
}

static void a_merged_listing_pages_like_any_other(void **state)
{
    struct kit *kit = *state;
    size_t n = STORE_PAGE + 300, seen = 0;
    struct store_pair *pairs = arena_alloc(&kit->arena, n, sizeof *pairs);
    for (size_t i = 0; i < n; i++)
        pairs[i].key = bytes_of(arena_printf(&kit->arena, "k%04zu", i));
    expect_ok(create(kit, ID, "title"));
    bind_two(kit);
    expect_ok(put_many(kit, ID, pairs, n));
    const struct answer *a = expect_ok(list_keys(kit, ID, TEXT(""), TEXT("")));
    seen += a->n_keys;
    a = expect_ok(list_keys(kit, ID, TEXT(""), a->cursor));
    seen += a->n_keys;
    assert_int_equal(seen, n);
    assert_int_equal(a->cursor.len, 0);
}

static void two_projects_may_share_a_folder(void **state)
{
    struct kit *kit = *state;
    struct kit other = {0};
    struct error err;
    strcpy(other.root, in_root(kit, "o"));
    make_dirs(other.root);
    kit_open_local(&other);
    assert_true(local_store_bind_root(kit->local, TEXT(ID), in_root(kit, "p"), true, &err));
    assert_true(local_store_bind_root(other.local, TEXT("MY_KV"), in_root(kit, "p"), true, &err));
    expect_ok(create(kit, ID, "title"));
    expect_ok(create(&other, "MY_KV", "title"));
    expect_ok(put(kit, ID, PAIR("k", "mine")));
    expect_ok(put(&other, "MY_KV", PAIR("k", "theirs")));
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("mine"));
    assert_bytes(value_of(&other, "MY_KV", TEXT("k")), TEXT("theirs"));
    expect_ok(on_namespace(&other, STORE_NAMESPACE_DELETE, "MY_KV", ""));
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("mine"));
    store_close(other.store);
    arena_release(&other.arena);
}

static void many_namespaces_do_not_keep_their_files_open(void **state)
{
    struct kit *kit = *state;
    for (int i = 0; i < 30; i++) {
        const char *id = arena_printf(&kit->arena, "ns%d", i);
        expect_ok(create(kit, id, id));
        expect_ok(put(kit, id, PAIR("k", "v")));
    }
    assert_true(count_below("/proc/self/fd").entries < 80);
    assert_bytes(value_of(kit, "ns0", TEXT("k")), TEXT("v"));
}

/* ---- State documents ------------------------------------------------------------------------- */

static void assert_document(struct kit *kit, const char *name, const char *document,
                            const char *journal)
{
    struct error err;
    struct buf d = {0}, j = {0};
    assert_true(local_document_load(kit->local, name, &d, &j, &err));
    assert_buf(&d, document);
    assert_buf(&j, journal);
    buf_release(&d);
    buf_release(&j);
}

static void a_saved_document_replaces_itself_and_its_journal(void **state)
{
    struct kit *kit = *state;
    struct error err;
    assert_true(local_document_append(kit->local, "kv", TEXT("one\ntwo\n"), &err));
    assert_true(local_document_append(kit->local, "kv", TEXT("three\n"), &err));
    assert_document(kit, "kv", "", "one\ntwo\nthree\n");
    assert_true(local_document_save(kit->local, "kv", TEXT("{}"), &err));
    assert_document(kit, "kv", "{}", "");
    assert_true(local_document_append(kit->local, "kv", TEXT("four\n"), &err));
    kit_reopen(kit);
    assert_document(kit, "kv", "{}", "four\n");
    assert_true(local_document_save(kit->local, "kv", TEXT("{\"a\":1}"), &err));
    assert_document(kit, "kv", "{\"a\":1}", "");
}

static void documents_of_two_configurations_are_apart(void **state)
{
    struct kit *kit = *state;
    struct error err;
    assert_true(local_document_append(kit->local, "a", TEXT("a\n"), &err));
    assert_true(local_document_append(kit->local, "b", TEXT("b\n"), &err));
    assert_true(local_document_save(kit->local, "a", TEXT("A"), &err));
    assert_document(kit, "a", "A", "");
    assert_document(kit, "b", "", "b\n");
}

static void the_registry_is_for_its_owner_only(void **state)
{
    struct kit *kit = *state;
    struct stat st;
    struct error err;
    assert_true(local_document_append(kit->local, "kv", TEXT("line\n"), &err));
    assert_int_equal(stat(in_root(kit, V3 "/cfkv.sqlite"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(in_root(kit, V3 "/cfkv.sqlite-wal"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* ---- When things go wrong -------------------------------------------------------------------- */

static bool put_too_much(struct kit *kit)
{
    static char big[200 * 1024];
    const struct store_pair pairs[] = {*PAIR("k", "new"),
                                       {.key = TEXT("big"), .value = {big, sizeof big}}};
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){100 * 1024, 100 * 1024});
    signal(SIGXFSZ, SIG_IGN);
    const struct answer *a = put_many(kit, ID, pairs, 2);
    return !a->ok && a->error.code == ERR_IO && strstr(a->error.message, "cannot write");
}

static void a_full_disk_is_an_error_and_the_old_values_stay(void **state)
{
    struct kit *kit = *state;
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "old")));
    assert_int_equal(in_child(put_too_much, kit), DONE);
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("old"));
    assert_absent(kit, ID, TEXT("big"));
    assert_int_equal(blobs_in(kit), 1);
}

/* Reads, then tries to write, as somebody who may only read. */
static bool use_read_only(struct kit *kit)
{
    if (setuid(65534) != 0)
        return false;
    const struct answer *list = list_keys(kit, ID, TEXT(""), TEXT(""));
    const struct answer *got = get(kit, ID, TEXT("k"));
    const struct answer *refused = put(kit, ID, PAIR("k", "new"));
    return list->ok && list->n_keys == 1 && got->ok && got->n_pairs == 1 &&
           list_namespaces(kit, "", 1)->total == 1 && !refused->ok && refused->error.code == ERR_IO;
}

static void a_read_only_folder_can_be_read_and_refuses_writes(void **state)
{
    struct kit *kit = *state;
    if (geteuid() != 0)
        skip(); /* only root can become somebody without rights here */
    expect_ok(create(kit, ID, "title"));
    expect_ok(put(kit, ID, PAIR("k", "v")));
    chmod(kit->root, 0755);
    chmod(in_root(kit, V3 "/cfkv.sqlite"), 0644);
    assert_int_equal(in_child(use_read_only, kit), DONE);
    assert_bytes(value_of(kit, ID, TEXT("k")), TEXT("v"));
}

#ifdef CFKV_FAULTS
static unsigned fault_at; /* which fault point the child is to meet */
static enum fault_mode fault_how;

static const char *const KEYS[] = {"changed", "deleted", "kept", "new"};

static bool write_some(struct kit *kit)
{
    const struct store_pair pairs[] = {*PAIR("changed", "after"), *PAIR("new", "after")};
    fault_set(fault_how, fault_at);
    bool ok = put_many(kit, ID, pairs, 2)->ok && delete_key(kit, ID, TEXT("deleted"))->ok;
    fault_set(FAULT_MODE_NONE, 0);
    return ok;
}

static void prepare_some(struct kit *kit)
{
    const struct store_pair pairs[] = {*PAIR("changed", "before"), *PAIR("deleted", "before"),
                                       *PAIR("kept", "before")};
    expect_ok(put_many(kit, ID, pairs, 3));
    expect_ok(delete_key(kit, ID, TEXT("new")));
}

/* Each key is as before or as after, whole. */
static void assert_consistent(struct kit *kit)
{
    size_t found = 0;
    for (size_t i = 0; i < N_OF(KEYS); i++) {
        const struct answer *a = expect_ok(get(kit, ID, bytes_of(KEYS[i])));
        if (a->n_pairs == 1) {
            struct bytes v = a->pairs[0].value;
            assert_true(bytes_equal(v, TEXT("before")) || bytes_equal(v, TEXT("after")));
            found++;
        }
    }
    assert_int_equal(list_keys(kit, ID, TEXT(""), TEXT(""))->n_keys, found);
    assert_bytes(value_of(kit, ID, TEXT("kept")), TEXT("before"));
}

/* Breaks the same writes at their first fault point, then at their second, … */
static void break_writes_everywhere(struct kit *kit, enum fault_mode how, int broken_status)
{
    unsigned broken = 0;
    int last = -1;
    expect_ok(create(kit, ID, "title"));
    fault_how = how;
    for (fault_at = 1; fault_at <= 40; fault_at++) {
        prepare_some(kit);
        int status = in_child(write_some, kit);
        assert_consistent(kit);
        expect_ok(put(kit, ID, PAIR("kept", "before")));
        assert_int_equal(count_below(in_root(kit, BLOBS)).ours,
                         list_keys(kit, ID, TEXT(""), TEXT(""))->n_keys);
        assert_true(status == DONE || status == broken_status);
        broken += status == broken_status;
        last = status;
    }
    assert_int_equal(last, DONE); /* there were no further points */
    assert_true(broken >= 8);
}

static void a_kill_at_any_point_leaves_each_key_whole_and_the_next_write_cleans_up(void **state)
{
    break_writes_everywhere(*state, FAULT_MODE_KILL, SIGKILL);
}

static void a_failure_at_any_point_leaves_each_key_whole_and_no_blob_behind(void **state)
{
    break_writes_everywhere(*state, FAULT_MODE_FAIL, FAILED);
}

static bool delete_all(struct kit *kit)
{
    fault_set(FAULT_MODE_KILL, fault_at);
    return on_namespace(kit, STORE_NAMESPACE_DELETE, ID, "")->ok;
}

static void a_kill_while_a_namespace_is_deleted_is_finished_by_the_next_delete(void **state)
{
    struct kit *kit = *state;
    int status = -1;
    for (fault_at = 1; status != DONE; fault_at++) {
        expect_ok(create(kit, ID, "title"));
        wrangler_put(kit->root, "theirs", "00ff", "v");
        expect_ok(put(kit, ID, PAIR("k", "v")));
        status = in_child(delete_all, kit);
        assert_true(status == DONE || status == SIGKILL);
        if (status != DONE)
            expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, ID, ""));
        assert_int_equal(list_namespaces(kit, "", 1)->total, 0);
        assert_false(file_exists(in_root(kit, V3 "/kv/" ID)));
        assert_int_equal(count_below(in_root(kit, OBJECTS)).entries, 0);
    }
    assert_true(fault_at > 5);
}

static bool save_state(struct kit *kit)
{
    struct error err;
    fault_set(fault_how, fault_at);
    return local_document_append(kit->local, "kv", TEXT("new\n"), &err) &&
           local_document_save(kit->local, "kv", TEXT("saved"), &err);
}

static void a_kill_while_state_is_saved_leaves_the_old_or_the_new(void **state)
{
    struct kit *kit = *state;
    int status = -1;
    fault_how = FAULT_MODE_KILL;
    for (fault_at = 1; status != DONE; fault_at++) {
        struct error err;
        struct buf d = {0}, j = {0};
        assert_true(local_document_save(kit->local, "kv", TEXT("old"), &err));
        assert_true(local_document_append(kit->local, "kv", TEXT("line\n"), &err));
        status = in_child(save_state, kit);
        assert_true(status == DONE || status == SIGKILL);
        assert_true(local_document_load(kit->local, "kv", &d, &j, &err));
        if (bytes_equal(buf_bytes(&d), TEXT("saved")))
            assert_int_equal(j.len, 0);
        else
            assert_true(bytes_starts_with(buf_bytes(&j), TEXT("line\n")));
        buf_release(&d);
        buf_release(&j);
    }
    assert_true(fault_at > 4);
}

/* A plain run over a few operations, with nothing on the heap of its own. */
struct few {
    const struct store_op *ops;
    size_t at, n;
    bool failed;
};
#endif

#define LOCAL(test) cmocka_unit_test_setup_teardown(test, start_local, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(databases_are_named_as_workerd_names_them),
        cmocka_unit_test(a_local_id_depends_on_project_and_title),
        LOCAL(a_put_lies_where_wrangler_looks),
        LOCAL(reading_creates_nothing),
        LOCAL(an_empty_namespace_has_no_files_until_its_first_put),
        LOCAL(what_wrangler_wrote_is_read),
        LOCAL(what_wrangler_writes_while_the_store_is_open_is_seen),
        LOCAL(a_row_without_its_blob_has_no_value),
        LOCAL(a_blob_name_cannot_leave_its_folder),
        LOCAL(values_lie_in_the_folder_that_wrangler_makes_of_an_id),
        LOCAL(long_ids_are_cut_where_wrangler_cuts_them),
        LOCAL(ids_for_which_wrangler_keeps_nothing_are_refused_and_hold_nothing),
        LOCAL(values_of_another_id_in_the_same_folder_stay),
        LOCAL(a_replaced_blob_is_unlinked_whoever_wrote_it),
        LOCAL(reading_what_lies_still_makes_no_file),
        LOCAL(what_others_write_after_a_first_look_is_seen),
        LOCAL(a_value_that_wrangler_replaces_meanwhile_is_read_anew),
        LOCAL(blobs_that_a_killed_run_left_are_swept_by_the_next_write),
        LOCAL(a_deleted_namespace_leaves_no_files),
        LOCAL(a_database_that_wrangler_has_open_is_emptied_in_place),
        LOCAL(a_database_of_another_layout_is_refused_and_left_as_it_is),
        LOCAL(a_damaged_database_is_named),
        LOCAL(a_damaged_registry_is_named),
        LOCAL(a_newer_registry_is_refused_and_left_as_it_is),
        LOCAL(somebody_elses_file_is_not_taken_for_a_registry),
        LOCAL(writes_go_to_every_root_a_namespace_is_bound_to),
        LOCAL(a_persist_to_folder_holds_v3_itself),
        LOCAL(other_namespaces_stay_under_the_project_root),
        LOCAL(keys_on_which_the_roots_differ_are_listed_as_divergent),
        LOCAL(a_root_without_data_makes_every_key_divergent),
        LOCAL(a_merged_listing_pages_like_any_other),
        LOCAL(two_projects_may_share_a_folder),
        LOCAL(many_namespaces_do_not_keep_their_files_open),
        LOCAL(a_saved_document_replaces_itself_and_its_journal),
        LOCAL(documents_of_two_configurations_are_apart),
        LOCAL(the_registry_is_for_its_owner_only),
        LOCAL(a_full_disk_is_an_error_and_the_old_values_stay),
        LOCAL(a_read_only_folder_can_be_read_and_refuses_writes),
#ifdef CFKV_FAULTS
        LOCAL(a_kill_at_any_point_leaves_each_key_whole_and_the_next_write_cleans_up),
        LOCAL(a_failure_at_any_point_leaves_each_key_whole_and_no_blob_behind),
        LOCAL(a_kill_while_a_namespace_is_deleted_is_finished_by_the_next_delete),
        LOCAL(a_kill_while_state_is_saved_leaves_the_old_or_the_new),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
