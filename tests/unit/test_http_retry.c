#include "test_base.h"

#include "http/retry.h"

static const struct {
    struct retry_facts facts;
    enum retry_kind kind;
} kinds[] = {
    {{.sent = true, .whole = true, .status = 200}, RETRY_ANSWER},
    {{.sent = true, .whole = true, .status = 307}, RETRY_ANSWER},
    {{.sent = true, .whole = true, .status = 404}, RETRY_ANSWER},
    {{.sent = true, .whole = true, .status = 409}, RETRY_ANSWER},
    {{.sent = true, .whole = true, .status = 408}, RETRY_TRANSIENT},
    {{.sent = true, .whole = true, .status = 429}, RETRY_LIMITED},
    {{.sent = true, .whole = true, .status = 429, .quota_spent = true}, RETRY_ANSWER},
    {{.sent = true, .whole = true, .status = 429, .challenge = true}, RETRY_ANSWER},
    {{.sent = true, .whole = true, .status = 503, .challenge = true}, RETRY_ANSWER},
    {{.sent = true, .whole = true, .status = 500}, RETRY_TRANSIENT},
    {{.sent = true, .whole = true, .status = 503}, RETRY_TRANSIENT},
    {{.sent = true, .whole = true, .status = 503, .retry_after = true}, RETRY_BUSY},
    {{.sent = true, .whole = true, .status = 500, .retry_after = true}, RETRY_TRANSIENT},
    {{.sent = true, .whole = true, .status = 524}, RETRY_TRANSIENT},
    {{.sent = true, .whole = false, .status = 502}, RETRY_TRANSIENT},
    {{.sent = true, .whole = false, .status = 502, .hopeless = true}, RETRY_TRANSIENT},
    {{.sent = true, .whole = false, .status = 200}, RETRY_LOST},
    {{.sent = true, .whole = false, .status = 0}, RETRY_LOST},
    {{.sent = true, .whole = false, .status = 200, .hopeless = true}, RETRY_HOPELESS},
    {{.sent = false, .whole = false}, RETRY_UNSENT},
    {{.sent = false, .whole = false, .refused = true}, RETRY_REFUSED},
    {{.sent = false, .whole = false, .hopeless = true}, RETRY_HOPELESS},
};

static void attempts_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(kinds); i++)
        if (retry_classify(&kinds[i].facts) != kinds[i].kind)
            fail_msg("row %zu", i);
}

static const struct {
    enum retry_kind kind;
    bool repeatable, otherwise, maybe_done;
} table[] = {
    {RETRY_ANSWER, false, false, false},  {RETRY_LIMITED, true, true, false},
    {RETRY_BUSY, true, true, false},      {RETRY_TRANSIENT, true, false, true},
    {RETRY_UNSENT, true, true, false},    {RETRY_LOST, true, false, true},
    {RETRY_REFUSED, false, false, false}, {RETRY_HOPELESS, false, false, true},
};

static void only_what_is_safe_is_repeated(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(table); i++) {
        assert_int_equal(retry_again(table[i].kind, true, 1, 8), table[i].repeatable);
        assert_int_equal(retry_again(table[i].kind, false, 1, 8), table[i].otherwise);
        assert_int_equal(retry_maybe_done(table[i].kind, true), table[i].maybe_done);
        assert_false(retry_maybe_done(table[i].kind, false));
    }
}

static void attempts_are_counted(void **state)
{
    (void)state;
    assert_true(retry_again(RETRY_LIMITED, true, 7, 8));
    assert_false(retry_again(RETRY_LIMITED, true, 8, 8));
    assert_false(retry_again(RETRY_LIMITED, true, 1, 1));
    assert_true(retry_again(RETRY_UNSENT, true, 4, 8));
    assert_false(retry_again(RETRY_UNSENT, true, 5, 8));
}

static void pauses_double_up_to_thirty_seconds(void **state)
{
    (void)state;
    static const uint64_t whole[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
    for (unsigned i = 0; i < N_OF(whole); i++)
        assert_int_equal(retry_delay_ms(i + 1, -1, 0), whole[i]);
    assert_int_equal(retry_delay_ms(0, -1, 0), 500);
    assert_int_equal(retry_delay_ms(4000000000u, -1, 0), 30000);
}

static void jitter_takes_off_at_most_half(void **state)
{
    (void)state;
    uint64_t low = UINT64_MAX, high = 0, random = 1;
    for (int i = 0; i < 10000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint64_t delay = retry_delay_ms(3, -1, random >> 20);
        low = delay < low ? delay : low;
        high = delay > high ? delay : high;
    }
    assert_in_range(low, 1000, 1010);
    assert_in_range(high, 1990, 2000);
}

static void retry_after_is_never_undercut(void **state)
{
    (void)state;
    for (uint64_t random = 0; random < 3000; random += 7) {
        assert_int_equal(retry_delay_ms(1, 60, random), 60000);
        assert_true(retry_delay_ms(7, 20, random) >= 20000);
        assert_true(retry_delay_ms(1, 0, random) >= 250);
    }
}

#define NOW 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

static const struct {
    const char *value, *date;
    int64_t seconds;
} afters[] = {
    {"0", NULL, 0},
    {"120", NULL, 120},
    {" 7 ", NULL, 7},
    {"99999999999999999999999", NULL, 1000000000},
    {"Sun, 06 Nov 1994 08:50:37 GMT", NULL, 60},
    {"Sunday, 06-Nov-94 08:50:37 GMT", NULL, 60},
    {"Sun Nov  6 08:50:37 1994", NULL, 60},
    {"Sun, 06 Nov 1994 08:49:00 GMT", NULL, 0},
    {"Sun, 06 Nov 1994 10:00:30 GMT", "Sun, 06 Nov 1994 10:00:00 GMT", 30},
    {"Sun, 06 Nov 1994 08:50:37 GMT", "yesterday", 60},
    {"", NULL, -1},
    {"-5", NULL, -1},
    {"1.5", NULL, -1},
    {"5 minutes", NULL, -1},
    {"soon", NULL, -1},
    {"tomorrow 5", NULL, -1},
    {"Sun, 99 Foo 1994", NULL, -1},
};

static void retry_after_is_seconds_or_a_date(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(afters); i++)
        if (retry_after_seconds(afters[i].value, afters[i].date, NOW) != afters[i].seconds)
            fail_msg("'%s' gives %lld", afters[i].value,
                     (long long)retry_after_seconds(afters[i].value, afters[i].date, NOW));
}

static const struct {
    const char *body;
    bool spent;
} bodies[] = {
    {"{\"success\":false,\"errors\":[{\"code\":10048,\"message\":\"m\"}]}", true},
    {"{\"errors\":[{\"code\":971},{\"code\":10048}]}", true},
    {"{\"errors\":[{\"code\":971}]}", false},
    {"{\"errors\":[{\"code\":\"10048\"}]}", false},
    {"{\"errors\":{\"code\":10048}}", false},
    {"{\"messages\":[{\"code\":10048}]}", false},
    {"{\"errors\":[10048,null,{}]}", false},
    {"{\"errors\":[{\"code\":10048}", false},
    {"<html>\"code\":10048</html>", false},
    {"10048", false},
    {"", false},
};

static void a_spent_quota_is_read_from_the_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(bodies); i++)
        if (retry_quota_spent(bytes_of(bodies[i].body)) != bodies[i].spent)
            fail_msg("'%s'", bodies[i].body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_are_told_apart),
        cmocka_unit_test(only_what_is_safe_is_repeated),
        cmocka_unit_test(attempts_are_counted),
        cmocka_unit_test(pauses_double_up_to_thirty_seconds),
        cmocka_unit_test(jitter_takes_off_at_most_half),
        cmocka_unit_test(retry_after_is_never_undercut),
        cmocka_unit_test(retry_after_is_seconds_or_a_date),
        cmocka_unit_test(a_spent_quota_is_read_from_the_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
