/* Backups of a namespace: all of it, in order, gone on with after an interruption. */
#include "test_kv_files.h"

#include "kv/backup.h"

#define LATER (NOW + 3600)

static const struct store_pair several[] = {
    {.key = {"b", 1}, .value = {"\0\xff", 2}},
    {.key = {"a/1", 3}, .value = {"one", 3}, .metadata = {"{\"n\":1}", 7}},
    {.key = {"a/2", 3}, .value = {"", 0}, .expiration = LATER},
    {.key = {"c", 1},
     .value = {"v", 1},
     .metadata = {"{\"cfkv\":\"Zk3v0QmW8a-TQ_xy\",\"owner\":\"ops\"}", 41}},
    {.key = {"d", 1}, .value = {"v", 1}, .metadata = {"{\"cfkv\":\"Zk3v0QmW8a-TQ_xy\"}", 27}},
};

struct run {
    struct backup_options o;
    struct backup_report report;
    struct kv_counts counts;
    struct error err;
};

static struct run run_of(struct kit *kit, struct store *store, const char *name)
{
    return (struct run){.o = {.store = store,
                              .id = TEXT("ns"),
                              .title = TEXT("ns"),
                              .path = in_root(kit, name),
                              .now = NOW}};
}

static bool back_up(struct run *r)
{
    r->counts = (struct kv_counts){0};
    r->o.counts = &r->counts;
    return backup_namespace(&r->o, &r->report, &r->err);
}

static const char *text_of(struct kit *kit, const char *name)
{
    struct buf text = {0};
    struct error err = {0};
    assert_true(file_read(in_root(kit, name), 1 << 24, &text, &err));
    const char *copy = arena_str(&kit->arena, text.data);
    buf_release(&text);
    return copy;
}

static void all_keys_are_written_in_order_without_fingerprints(void **state)
{
    struct kit *kit = *state;
    struct run r = run_of(kit, &shaky_over(kit)->base, "b.jsonl");
    expect_ok(put_many(kit, "ns", several, N_OF(several)));
    assert_true(back_up(&r));
    assert_int_equal(r.report.totals.keys, N_OF(several));
    assert_int_equal(r.counts.keys, N_OF(several));
    const char *lines = strchr(text_of(kit, "b.jsonl"), '\n') + 1;
    const char *end = strstr(lines, "{\"bytes\"");
    assert_non_null(end);
    assert_bytes(bytes_make(lines, (size_t)(end - lines)),
                 TEXT("{\"key\":\"a/1\",\"metadata\":{\"n\":1},\"value\":\"one\"}\n"
                      "{\"expiration\":1700003600,\"key\":\"a/2\",\"value\":\"\"}\n"
                      "{\"base64\":true,\"key\":\"b\",\"value\":\"AP8=\"}\n"
                      "{\"key\":\"c\",\"metadata\":{\"owner\":\"ops\"},\"value\":\"v\"}\n"
                      "{\"key\":\"d\",\"value\":\"v\"}\n"));
}

static void a_prefix_is_in_the_header_and_narrows_the_keys(void **state)
{
    struct kit *kit = *state;
    struct run r = run_of(kit, &shaky_over(kit)->base, "b.jsonl");
    expect_ok(put_many(kit, "ns", several, N_OF(several)));
    r.o.prefix = TEXT("a/");
    assert_true(back_up(&r));
    assert_int_equal(r.report.totals.keys, 2);
    assert_non_null(strstr(text_of(kit, "b.jsonl"), "\"prefix\":\"a/\""));
}

static void what_exists_is_not_replaced(void **state)
{
    struct kit *kit = *state;
    struct run r = run_of(kit, &shaky_over(kit)->base, "b.jsonl");
    assert_true(back_up(&r));
    expect_ok(put_many(kit, "ns", several, N_OF(several)));
    assert_false(back_up(&r));
    assert_int_equal(r.err.code, ERR_EXISTS);
    assert_true(backup_verify(&r.o, &r.report, &r.err));
    assert_int_equal(r.report.totals.keys, 0);
    r.o.replace = true;
    assert_true(back_up(&r));
    assert_true(backup_verify(&r.o, &r.report, &r.err));
    assert_int_equal(r.report.totals.keys, N_OF(several));
}

static void verifying_tells_another_namespace_and_damage(void **state)
{
    struct kit *kit = *state;
    struct run r = run_of(kit, &shaky_over(kit)->base, "b.jsonl");
    assert_true(back_up(&r));
    r.o.prefix = TEXT("x");
    assert_false(backup_verify(&r.o, &r.report, &r.err));
    assert_int_equal(r.err.code, ERR_EXISTS);
    assert_int_equal(truncate(r.o.path, 150), 0);
    r.o.prefix = TEXT("");
    assert_false(backup_verify(&r.o, &r.report, &r.err));
    assert_int_equal(r.err.code, ERR_FORMAT);
}

/* More keys than the reader holds at once. */
#define MANY 40000

static void fill(struct kit *kit)
{
    struct row row = {.n = MANY, .size = 8};
    struct sender_options to = {.store = kit->store, .id = TEXT("ns")};
    struct error err = {0};
    assert_true(sender_stream(&to, pull_row, &row, &err));
    row_release(&row);
}

static void whatever_operation_fails_the_next_run_goes_on(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    size_t resumed = 0, failures = 0;
    fill(kit);
    for (size_t at = 1;; at += 61) {
        struct run r = run_of(kit, &shaky->base, "b.jsonl");
        shaky->fail_at = shaky->started + at;
        shaky->fail_code = ERR_IO;
        bool ok = back_up(&r);
        if (ok && shaky->started < shaky->fail_at)
            break;
        assert_false(ok);
        assert_int_equal(r.err.code, ERR_IO);
        assert_non_null(strstr(r.err.hint, "goes on"));
        assert_false(file_exists(r.o.path));
        shaky->fail_at = 0;
        assert_true(back_up(&r));
        assert_int_equal(r.report.totals.keys, MANY);
        assert_int_equal(r.report.begun.keys + r.counts.keys, MANY);
        assert_int_equal(r.counts.skipped, r.report.begun.keys);
        resumed += r.report.begun.keys > 0;
        assert_true(backup_verify(&r.o, &r.report, &r.err));
        failures++;
        unlink(r.o.path);
    }
    assert_true(failures > 5 && resumed > failures / 2);
}

static void restarting_forgets_what_was_read(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    struct run r = run_of(kit, &shaky->base, "b.jsonl");
    fill(kit);
    shaky->fail_at = 200;
    shaky->fail_code = ERR_IO;
    assert_false(back_up(&r));
    shaky->fail_at = 0;
    r.o.restart = true;
    assert_true(back_up(&r));
    assert_int_equal(r.report.begun.keys, 0);
    assert_int_equal(r.counts.keys, MANY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_files, stop_files)
    const struct CMUnitTest tests[] = {
        TEST(all_keys_are_written_in_order_without_fingerprints),
        TEST(a_prefix_is_in_the_header_and_narrows_the_keys),
        TEST(what_exists_is_not_replaced),
        TEST(verifying_tells_another_namespace_and_damage),
        TEST(whatever_operation_fails_the_next_run_goes_on),
        TEST(restarting_forgets_what_was_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
