/* The texts of progress. */
#include "test_base.h"

#include "cli/progress.h"
#include "cli/waits.h"

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

static void assert_line(const struct progress_view *v, const char *want)
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
    assert_line(&(struct progress_view){.doing = "writing",
                                        .done = 120000,
                                        .total = 1000000,
                                        .own = 120000,
                                        .moves = true,
                                        .bytes = 5800000,
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
    assert_line(&(struct progress_view){.doing = "writing",
                                        .done = 91,
                                        .total = 100,
                                        .own = 11,
                                        .moves = true,
                                        .bytes = 50,
                                        .failed = 1,
                                        .requests = 1,
                                        .elapsed_ms = 11000},
                "writing 91 of 100 keys (91 %), 50 bytes, 4 bytes/s, 1 request, 1 failed, 0:09 to "
                "go");
}

static void without_a_total_it_only_counts(void **state)
{
    (void)state;
    assert_line(&(struct progress_view){.doing = "reading", .done = 1, .moves = true, .bytes = 1},
                "reading 1 key, 1 byte, 0 requests");
}

static void a_look_counts_namespaces_keys_and_values(void **state)
{
    (void)state;
    assert_line(&(struct progress_view){.doing = "looking at",
                                        .unit = "namespace",
                                        .done = 250,
                                        .total = 1000,
                                        .own = 250,
                                        .keys = 25000,
                                        .values = 1,
                                        .requests = 251,
                                        .elapsed_ms = 60000},
                "looking at 250 of 1,000 namespaces (25 %), 25,000 keys, 1 value, 251 requests, "
                "3:00 to go");
}

/* ---- Waits ----------------------------------------------------------------------------------- */

static void assert_wait(const struct http_wait *wait, const char *want)
{
    struct buf out = {0};
    waits_text(wait, 1700000000, false, &out); /* 22:13:20 UTC */
    assert_buf(&out, want);
    buf_release(&out);
}

static void a_retry_says_what_failed_when_it_comes_and_until_when(void **state)
{
    (void)state;
    struct http_wait wait = {.cause = "HTTP 503",
                             .method = "GET",
                             .path = "/accounts",
                             .again_ms = 4200,
                             .until_ms = 840000,
                             .attempt = 4,
                             .attempts = 8};
    assert_wait(&wait, "HTTP 503: trying again in 4 s, attempt 4 of 8, until 22:27:20 UTC at the "
                       "latest (GET /accounts)");
    wait.again_ms = 340;
    wait.cause = "no connection to example.com: Could not resolve host: example.com";
    assert_wait(&wait, "no connection to example.com: Could not resolve host: example.com: trying "
                       "again in 0.3 s, attempt 4 of 8, until 22:27:20 UTC at the latest (GET "
                       "/accounts)");
    wait.again_ms = 300000;
    wait.cause = "HTTP 429";
    assert_wait(&wait, "HTTP 429: trying again in 5:00, attempt 4 of 8, until 22:27:20 UTC at the "
                       "latest (GET /accounts)");
}

static void a_budget_says_what_is_left_of_it(void **state)
{
    (void)state;
    assert_wait(
        &(struct http_wait){
            .again_ms = 1500, .budget = 1200, .budget_seconds = 300, .budget_left = 40},
        "requests wait for their turn: 40 are left of 1,200 in 5:00, and what is left has to "
        "last; the next goes out in 2 s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_commas),
        cmocka_unit_test(sizes_have_a_unit),
        cmocka_unit_test(a_line_says_how_far_it_is_and_how_long_it_takes),
        cmocka_unit_test(what_was_skipped_took_no_time),
        cmocka_unit_test(without_a_total_it_only_counts),
        cmocka_unit_test(a_look_counts_namespaces_keys_and_values),
        cmocka_unit_test(a_retry_says_what_failed_when_it_comes_and_until_when),
        cmocka_unit_test(a_budget_says_what_is_left_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
