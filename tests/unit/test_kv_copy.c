/* Copying one namespace into another, in waves that are marked. */
#include "test_kv_files.h"

#include "kv/copy.h"

#define LATER (NOW + 3600)

static const struct store_pair several[] = {
    {.key = {"a", 1}, .value = {"one", 3}, .metadata = {"{\"n\":1}", 7}},
    {.key = {"b", 1}, .value = {"", 0}, .expiration = LATER},
    {.key = {"c", 1},
     .value = {"v", 1},
     .metadata = {"{\"cfkv\":\"Zk3v0QmW8a-TQ_xy\",\"owner\":\"ops\"}", 41}},
    {.key = {"soon", 4}, .value = {"v", 1}, .expiration = NOW + 60},
};

struct run {
    struct copy_options o;
    struct copy_report report;
    struct kv_counts counts;
    struct buf failed;
    struct error err;
};

/* From "from" of the kit's store to "ns" of the shaky one, which is the same. */
static struct run *run_of(struct kit *kit, struct shaky *shaky)
{
    static struct run r;
    r = (struct run){0};
    r.o = (struct copy_options){.from = {.store = kit->store, .id = TEXT("from")},
                                .put = {.store = &shaky->base,
                                        .id = TEXT("ns"),
                                        .jobs = 4,
                                        .on_failed = note_failed,
                                        .on_failed_ctx = &r.failed}};
    return &r;
}

static bool copy(struct run *r)
{
    r->counts = (struct kv_counts){0};
    r->o.put.counts = &r->counts;
    return copy_keys(&r->o, &r->report, &r->err);
}

static struct shaky *two_namespaces(struct kit *kit)
{
    struct shaky *shaky = shaky_over(kit);
    expect_ok(create(kit, "from", "from"));
    return shaky;
}

static struct resume *journal(struct kit *kit)
{
    struct error err = {0};
    struct digest content = hash_sha256(TEXT("from"));
    struct digest work =
        resume_work("copy", TEXT("memory"), TEXT(""), TEXT("ns"), &content, TEXT(""));
    return resume_open(kit->root, &work, "copy", false, NOW, 0, &err);
}

static void all_but_expiring_keys_are_copied_without_fingerprints(void **state)
{
    struct kit *kit = *state;
    struct run *r = run_of(kit, two_namespaces(kit));
    expect_ok(put_many(kit, "from", several, N_OF(several)));
    expect_ok(put(kit, "ns", PAIR("a", "replaced")));
    expect_ok(put(kit, "ns", PAIR("z", "stays")));
    assert_true(copy(r));
    assert_int_equal(r->report.expired, 1);
    assert_int_equal(r->counts.keys, 3);
    assert_string_equal(content(kit, "ns"),
                        "a=one#{\"n\":1} b=@1700003600 c=v#{\"owner\":\"ops\"} z=stays ");
}

static void if_missing_leaves_what_is_there(void **state)
{
    struct kit *kit = *state;
    struct run *r = run_of(kit, two_namespaces(kit));
    expect_ok(put_many(kit, "from", several, N_OF(several)));
    expect_ok(put(kit, "ns", PAIR("0", "mine")));
    expect_ok(put(kit, "ns", PAIR("b", "mine")));
    r->o.if_missing = true;
    assert_true(copy(r));
    assert_int_equal(r->report.present, 1);
    assert_string_equal(content(kit, "ns"),
                        "0=mine a=one#{\"n\":1} b=mine c=v#{\"owner\":\"ops\"} ");
}

static void a_prefix_narrows_the_keys(void **state)
{
    struct kit *kit = *state;
    struct run *r = run_of(kit, two_namespaces(kit));
    expect_ok(put_many(kit, "from", several, N_OF(several)));
    r->o.prefix = TEXT("b");
    assert_true(copy(r));
    assert_string_equal(content(kit, "ns"), "b=@1700003600 ");
}

/* ---- Waves ----------------------------------------------------------------------------------- */

static void fill(struct kit *kit, size_t n, size_t size)
{
    struct row row = {.n = n, .size = size};
    struct sender_options to = {.store = kit->store, .id = TEXT("from")};
    struct error err = {0};
    assert_true(sender_stream(&to, pull_row, &row, &err));
    row_release(&row);
}

static size_t count(struct kit *kit, const char *id)
{
    struct error err = {0};
    struct store_pair pair;
    bool end;
    size_t n = 0;
    struct reader *r = reader_open(&(struct read_options){.store = kit->store, .id = bytes_of(id)});
    while (reader_next(r, &pair, &end, &err) && !end)
        n++;
    reader_close(r);
    return n;
}

static void what_is_in_flight_is_bounded_and_several_batches_are(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = two_namespaces(kit);
    struct run *r = run_of(kit, shaky);
    fill(kit, 60000, 8);
    assert_true(copy(r));
    assert_int_equal(r->counts.keys, 60000);
    assert_int_equal(r->counts.requests, 6);
    assert_int_equal(shaky->most, 4);
    assert_int_equal(count(kit, "ns"), 60000);
}

static void large_values_are_copied_within_bounds(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = two_namespaces(kit);
    struct run *r = run_of(kit, shaky);
    fill(kit, 20, 3 * 1024 * 1024);
    assert_true(copy(r));
    assert_int_equal(count(kit, "ns"), 20);
    assert_true(shaky->most_bytes <= SENDER_FLIGHT_BYTES);
}

/* Whatever batch fails, the next run goes on behind the last wave, and sends no more of it again
 * than may be in flight. */
static void an_interrupted_copy_goes_on_behind_its_mark(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = two_namespaces(kit);
    fill(kit, 110000, 8);
    for (size_t at = 1; at <= 11; at++) {
        struct run *r = run_of(kit, shaky);
        size_t sent = shaky->pairs;
        shaky->fail_at = shaky->started + at;
        shaky->fail_code = ERR_IO;
        r->o.resume = journal(kit);
        assert_false(copy(r));
        assert_true(r->counts.failed > 0);
        struct error err = {0};
        assert_true(resume_end(r->o.resume, false, &err));
        buf_release(&r->failed);
        shaky->fail_at = 0;
        r->o.resume = journal(kit);
        assert_int_equal(resume_count(r->o.resume), (at - 1) / 4 * 40000);
        assert_true(copy(r));
        assert_true(resume_end(r->o.resume, true, &err));
        assert_true(shaky->pairs - sent <= 110000 + 4 * STORE_BULK_MAX);
        assert_int_equal(count(kit, "ns"), 110000);
        expect_ok(on_namespace(kit, STORE_NAMESPACE_DELETE, "ns", NULL));
        expect_ok(create(kit, "ns", "ns"));
    }
}

static void nothing_behind_a_key_that_failed_is_marked(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = two_namespaces(kit);
    struct run *r = run_of(kit, shaky);
    struct error err = {0};
    fill(kit, 50000, 8);
    shaky->refuse = TEXT("k000002");
    r->o.resume = journal(kit);
    assert_true(copy(r));
    assert_int_equal(r->counts.failed, 1);
    assert_null(resume_mark(r->o.resume).data);
    assert_true(resume_end(r->o.resume, false, &err));
    shaky->refuse = TEXT("");
    shaky->refuse.data = NULL;
    r->o.resume = journal(kit);
    assert_true(copy(r));
    assert_int_equal(count(kit, "ns"), 50000);
    assert_true(resume_end(r->o.resume, true, &err));
    buf_release(&r->failed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_files, stop_files)
    const struct CMUnitTest tests[] = {
        TEST(all_but_expiring_keys_are_copied_without_fingerprints),
        TEST(if_missing_leaves_what_is_there),
        TEST(a_prefix_narrows_the_keys),
        TEST(what_is_in_flight_is_bounded_and_several_batches_are),
        TEST(large_values_are_copied_within_bounds),
        TEST(an_interrupted_copy_goes_on_behind_its_mark),
        TEST(nothing_behind_a_key_that_failed_is_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
