/* The files of a folder as items. */
#include <fcntl.h>

#include "test_seed_kit.h"

#include "base/fault.h"

static int remove_tree(const struct kit *k)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s/d", k->folder);
    return system(command);
}

static int setup(void **state)
{
    char path[128];
    if (kit_setup(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/d", ((struct kit *)*state)->folder);
    return mkdir(path, 0700);
}

static int teardown(void **state)
{
    return remove_tree(*state) != 0 ? -1 : kit_teardown(state);
}

static void make(const struct kit *k, const char *name)
{
    char path[700];
    snprintf(path, sizeof path, "%s/%s", k->folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void expect(const struct kit *k, const char *items, const char *message)
{
    struct bulk_decl bulk = source("d");
    struct diag_list diags = {0};
    struct buf out = {0};
    read_all(k, &bulk, &out, &diags);
    assert_string_equal(out.data, items);
    assert_int_equal(diags.n, message ? 1 : 0);
    if (message)
        assert_string_equal(diags.items[0].message, message);
    diag_release(&diags);
    buf_release(&out);
}

static void paths_are_keys_in_the_order_of_their_bytes(void **state)
{
    const struct kit *k = *state;
    make(k, "d/a");
    make(k, "d/a/b");
    make(k, "d/empty");
    write_seed(k, "d/a/b/c", TEXT("1"));
    write_seed(k, "d/a/x", TEXT("2"));
    write_seed(k, "d/a.txt", TEXT("3"));
    write_seed(k, "d/a-b", TEXT("4"));
    write_seed(k, "d/a0", TEXT(""));
    write_seed(k, "d/\xc3\xa9 %?", TEXT("5"));
    expect(k, "1:a-b=4 2:a.txt=3 3:a/b/c=1 4:a/x=2 5:a0= 6:\xc3\xa9 %?=5 END", NULL);
}

static void what_begins_with_a_dot_is_left_out(void **state)
{
    const struct kit *k = *state;
    make(k, "d/.git");
    write_seed(k, "d/.git/config", TEXT("1"));
    write_seed(k, "d/.hidden", TEXT("1"));
    write_seed(k, "d/seen", TEXT("1"));
    expect(k, "1:seen=1 END", NULL);
}

static void links_and_pipes_are_problems(void **state)
{
    const struct kit *k = *state;
    char path[128];
    write_seed(k, "d/z", TEXT("1"));
    snprintf(path, sizeof path, "%s/d/link", k->folder);
    assert_int_equal(symlink("z", path), 0);
    expect(k, "BAD 2:z=1 END", "'d/link' is a symbolic link");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc", path), 0);
    expect(k, "BAD 2:z=1 END", "'d/link' is a symbolic link");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect(k, "BAD 2:z=1 END", "'d/link' is not a regular file");
}

static void a_state_file_is_no_value(void **state)
{
    const struct kit *k = *state;
    write_seed(k, "d/kv.state.json", TEXT("{}"));
    expect(k, "BAD END", "'d/kv.state.json' is one of cfkv's own state files");
}

static void a_file_over_25_mib_is_not_read(void **state)
{
    const struct kit *k = *state;
    char path[128];
    write_seed(k, "d/large", TEXT(""));
    snprintf(path, sizeof path, "%s/d/large", k->folder);
    assert_int_equal(truncate(path, KV_VALUE_MAX + 1), 0);
    expect(k, "BAD END", "'d/large' has more than 26214400 bytes (25 MiB)");
}

static void a_folder_too_deep_for_keys_is_said_so(void **state)
{
    const struct kit *k = *state;
    char path[700] = "d", name[250];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (int i = 0; i < 2; i++) {
        strcat(strcat(path, "/"), name);
        make(k, path);
    }
    strcat(path, "/seventeen_letters");
    make(k, path);
    struct bulk_decl bulk = source("d");
    struct diag_list diags = {0};
    struct buf out = {0};
    read_all(k, &bulk, &out, &diags);
    assert_string_equal(out.data, "BAD END");
    assert_string_equal(diags.items[0].code, "key.length");
    diag_release(&diags);
    buf_release(&out);
}

static struct digest digest_of(const struct kit *k)
{
    struct bulk_decl bulk = source("d");
    struct diag_list diags = {0};
    struct error err;
    struct seed_item item;
    struct digest digest;
    uint64_t size;
    struct seed_reader *r = seed_open(&k->root, &bulk, &err);
    assert_non_null(r);
    while (seed_next(r, &item, &diags, &err) == SEED_ITEM) {
    }
    seed_content(r, &size, &digest);
    seed_close(r);
    return digest;
}

static void the_content_is_paths_and_bytes(void **state)
{
    const struct kit *k = *state;
    char from[128], to[128];
    write_seed(k, "d/a", TEXT("bc"));
    struct digest one = digest_of(k), again = digest_of(k);
    write_seed(k, "d/a", TEXT("bd"));
    struct digest other = digest_of(k);
    snprintf(from, sizeof from, "%s/d/a", k->folder);
    snprintf(to, sizeof to, "%s/d/ab", k->folder);
    write_seed(k, "d/a", TEXT("c"));
    assert_int_equal(rename(from, to), 0);
    struct digest moved = digest_of(k);
    assert_true(digest_equal(&one, &again));
    assert_false(digest_equal(&one, &other));
    assert_false(digest_equal(&one, &moved));
}

static void a_folder_stays_below_the_root(void **state)
{
    const struct kit *k = *state;
    static const char *const wrong[] = {"../d", "/etc", ".git", "d/", "link"};
    char path[128];
    snprintf(path, sizeof path, "%s/link", k->folder);
    assert_int_equal(symlink("d", path), 0);
    for (size_t i = 0; i < N_OF(wrong); i++) {
        struct bulk_decl bulk = source(wrong[i]);
        struct error err = {0};
        assert_null(seed_open(&k->root, &bulk, &err));
        assert_int_equal(err.code, ERR_INVALID);
    }
    struct bulk_decl bulk = source("none");
    struct error err = {0};
    assert_null(seed_open(&k->root, &bulk, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(paths_are_keys_in_the_order_of_their_bytes),
        TEST(what_begins_with_a_dot_is_left_out),
        TEST(links_and_pipes_are_problems),
        TEST(a_state_file_is_no_value),
        TEST(a_file_over_25_mib_is_not_read),
        TEST(a_folder_too_deep_for_keys_is_said_so),
        TEST(the_content_is_paths_and_bytes),
        TEST(a_folder_stays_below_the_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
