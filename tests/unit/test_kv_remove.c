/* Removing many keys. */
#include "test_kv_kit.h"

struct remove_case {
    struct kv_counts counts;
    struct buf failed;
};

static bool remove_all(struct shaky *s, struct remove_case *c, struct row *row, struct error *err)
{
    struct remove_options o = {.store = &s->base,
                               .id = bytes_of("ns"),
                               .jobs = SLOTS,
                               .on_failed = note_failed,
                               .on_failed_ctx = &c->failed,
                               .counts = &c->counts};
    bool ok = remove_stream(&o, pull_row_key, row, err);
    row_release(row);
    return ok;
}

static void ten_thousand_keys_are_a_batch(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct remove_case c = {0};
    struct error err = {0};
    expect_ok(put(kit, "ns", PAIR("k000001", "v")));
    expect_ok(put(kit, "ns", PAIR("k025000", "v")));
    expect_ok(put(kit, "ns", PAIR("stays", "v")));
    assert_true(remove_all(s, &c, &(struct row){.n = 25000}, &err));
    assert_int_equal(s->started, 3);
    assert_int_equal(c.counts.keys, 25000);
    assert_int_equal(c.counts.requests, 3);
    const struct answer *left = expect_ok(list_keys(kit, "ns", TEXT(""), TEXT("")));
    assert_int_equal(left->n_keys, 1);
    assert_bytes(left->keys[0].key, TEXT("stays"));
}

static void refused_keys_are_told_and_the_others_removed(void **state)
{
    struct kit *kit = *state;
    struct shaky *s = shaky_over(kit);
    struct remove_case c = {0};
    struct error err = {0};
    expect_ok(put(kit, "ns", PAIR("k000001", "v")));
    s->refuse = TEXT("k000002");
    assert_true(remove_all(s, &c, &(struct row){.n = 3}, &err));
    assert_int_equal(c.counts.keys, 2);
    assert_int_equal(c.counts.failed, 1);
    assert_buf(&c.failed, "k000002: the store did not take it\n");
    assert_absent(kit, "ns", TEXT("k000001"));
    buf_release(&c.failed);
}

static void a_batch_that_fails_ends_the_work(void **state)
{
    struct shaky *s = shaky_over(*state);
    struct remove_case c = {0};
    struct error err = {0};
    s->slots = 1;
    s->fail_at = 1;
    s->fail_code = ERR_NOT_FOUND;
    assert_false(remove_all(s, &c, &(struct row){.n = 20000}, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(s->started, 1);
    assert_int_equal(c.counts.failed, 10000);
    assert_int_equal(c.counts.keys, 0);
    buf_release(&c.failed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start_memory, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ten_thousand_keys_are_a_batch),
        TEST(refused_keys_are_told_and_the_others_removed),
        TEST(a_batch_that_fails_ends_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
