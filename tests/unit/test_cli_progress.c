/* The texts of progress. */
#include "test_base.h"

#include "cli/progress.h"

static void assert_count(uint64_t n, const char *want)
{
    struct buf out = {0};
    progress_count(n, &out);
    assert_buf(&out, want);
    buf_release(&out);
}

static void assert_size(uint64_t n, const char *want)
{
    struct buf out = {0};
    progress_bytes(n, &out);
    assert_buf(&out, want);
    buf_release(&out);
}

static void assert_line(const struct moving_view *v, const char *want)
{
    struct buf out = {0};
    progress_line(v, &out);
    assert_buf(&out, want);
    buf_release(&out);
}

static void counts_have_commas(void **state)
{
    (void)state;
    assert_count(0, "0");
    assert_count(999, "999");
    assert_count(1000, "1,000");
    assert_count(1234567, "1,234,567");
}

static void sizes_have_a_unit(void **state)
{
    (void)state;
    assert_size(1, "1 byte");
    assert_size(999, "999 bytes");
    assert_size(1000, "1.0 kB");
    assert_size(999960, "1.0 MB");
    assert_size(48000000, "48.0 MB");
}

static void a_line_says_how_far_it_is_and_how_long_it_takes(void **state)
{
    (void)state;
    assert_line(
        &(struct moving_view){.doing = "writing",
                              .counts = {.total = 1000000, .keys = 120000, .bytes = 5800000},
                              .requests = 12,
                              .elapsed_ms = 5000,
                              .budget = 1200,
                              .budget_left = 1188},
        "writing 120,000 of 1,000,000 keys (12 %), 5.8 MB, 1.2 MB/s, 12 requests, 1,188 of "
        "1,200 left, 0:36 to go");
}

static void what_was_skipped_took_no_time(void **state)
{
    (void)state;
    assert_line(
        &(struct moving_view){
            .doing = "writing",
            .counts = {.total = 100, .keys = 10, .skipped = 80, .bytes = 50, .failed = 1},
            .requests = 1,
            .elapsed_ms = 11000},
        "writing 91 of 100 keys (91 %), 50 bytes, 4 bytes/s, 1 request, 1 failed, 0:09 to "
        "go");
}

static void without_a_total_it_only_counts(void **state)
{
    (void)state;
    assert_line(&(struct moving_view){.doing = "reading", .counts = {.keys = 1, .bytes = 1}},
                "reading 1 key, 1 byte, 0 requests");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_commas),
        cmocka_unit_test(sizes_have_a_unit),
        cmocka_unit_test(a_line_says_how_far_it_is_and_how_long_it_takes),
        cmocka_unit_test(what_was_skipped_took_no_time),
        cmocka_unit_test(without_a_total_it_only_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
