/* Time as people write it. */
#include "test_base.h"

#include <stdio.h>

#include "base/duration.h"

struct known {
    const char *text;
    int64_t seconds;
};

static void durations_are_whole_numbers_with_units_the_largest_first(void **state)
{
    static const struct known known[] = {
        {"0s", 0},
        {"90s", 90},
        {"15m", 900},
        {"1h", 3600},
        {"7d", 604800},
        {"2w", 1209600},
        {"1h30m", 5400},
        {"1w2d3h4m5s", 788645},
        {"1d1s", 86401},
        {"007s", 7},
        {"9223372036854775807s", INT64_MAX},
        {"15250284452471w3d15h30m7s", INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(known); i++) {
        int64_t seconds = -1;
        if (!duration_parse(bytes_of(known[i].text), &seconds) || seconds != known[i].seconds)
            fail_msg("'%s' is %lld", known[i].text, (long long)seconds);
    }
}

static void what_is_no_duration_is_refused_and_the_number_stays(void **state)
{
    static const char *const wrong[] = {
        "",
        "s",
        "1",
        "-1h",
        "+1h",
        "1h ",
        " 1h",
        "1 h",
        "1H",
        "1.5h",
        "1,5h",
        "1e3s",
        "1hs",
        "1m1m",
        "30m1h",
        "1h30",
        "1y",
        "500ms",
        "1hour",
        "h1",
        "0x1s",
        "1h-1m",
        "\xd9\xa1h",
        "1h\xe2\x80\x8b",
        "P1D",
        "9223372036854775808s",
        "15250284452472w",
        "15250284452471w3d15h30m8s",
        "99999999999999999999999999d",
    };
    (void)state;
    for (size_t i = 0; i < N_OF(wrong); i++) {
        int64_t seconds = 17;
        if (duration_parse(bytes_of(wrong[i]), &seconds) || seconds != 17)
            fail_msg("'%s' is %lld", wrong[i], (long long)seconds);
    }
    int64_t seconds;
    assert_false(duration_parse(bytes_make("1h\0", 3), &seconds));
    assert_true(duration_parse(bytes_make("1hour", 2), &seconds)); /* it ends where it ends */
}

static void moments_are_those_of_rfc_3339(void **state)
{
    static const struct known known[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2027-01-31T12:00:00Z", 1801396800},
        {"2027-01-31t12:00:00z", 1801396800},
        {"2027-01-31 12:00:00Z", 1801396800},
        {"2027-01-31T13:00:00+01:00", 1801396800},
        {"2027-01-31T06:30:00-05:30", 1801396800},
        {"2027-02-01T02:00:00+14:00", 1801396800},
        {"2027-01-31T12:00:00-00:00", 1801396800},
        {"2027-01-31T12:00:00.999999999999Z", 1801396800},
        {"2028-02-29T00:00:00Z", 1835395200},
        {"2000-02-29T23:59:59Z", 951868799},
        {"2016-12-31T23:59:60Z", 1483228800},
        {"2017-01-01T00:59:60+01:00", 1483228800},
        {"1937-01-01T12:00:27.87+00:20", -1041337173},
        {"9999-12-31T23:59:59Z", 253402300799},
        {"0000-01-01T00:00:00Z", -62167219200},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(known); i++) {
        int64_t at = -1;
        if (!moment_parse(bytes_of(known[i].text), &at) || at != known[i].seconds)
            fail_msg("'%s' is %lld", known[i].text, (long long)at);
    }
}

static void a_moment_that_is_shown_is_read_as_the_same(void **state)
{
    static const int64_t times[] = {0, 1801396800, -1, -30610224000, 253402300799, 951868799};
    char text[MOMENT_SIZE];
    (void)state;
    for (size_t i = 0; i < N_OF(times); i++) {
        int64_t at;
        assert_true(moment_show(times[i], text));
        assert_int_equal(strlen(text), MOMENT_SIZE - 1);
        assert_true(moment_parse(bytes_of(text), &at));
        assert_int_equal(at, times[i]);
    }
    assert_true(moment_show(1801396800, text));
    assert_string_equal(text, "2027-01-31T12:00:00Z");
    static const int64_t absurd[] = {INT64_MAX, INT64_MIN, -30610224001, 253402300800};
    for (size_t i = 0; i < N_OF(absurd); i++) {
        assert_false(moment_show(absurd[i], text));
        assert_string_equal(text, "");
    }
}

static void what_is_no_moment_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        "2027-01-31",
        "2027-01-31T12:00Z",
        "2027-01-31T12:00:00",
        "2027-01-31T12:00:00+0100",
        "2027-01-31T12:00:00+01",
        "2027-01-31T12:00:00+24:00",
        "2027-01-31T12:00:00+01:60",
        "2027-01-31T12:00:00.Z",
        "2027-01-31T12:00:00,5Z",
        "2027-01-31T12:00:00ZZ",
        "2027-01-31T12:00:00 Z",
        "2027-01-31T24:00:00Z",
        "2027-01-31T12:60:00Z",
        "2027-01-31T12:00:61Z",
        "2027-01-31T12:00:60Z",
        "2017-01-01T00:59:60Z",
        "2027-13-01T00:00:00Z",
        "2027-00-01T00:00:00Z",
        "2027-04-31T00:00:00Z",
        "2027-04-00T00:00:00Z",
        "2027-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2027-02-30T23:59:60Z",
        "27-01-31T12:00:00Z",
        "+2027-01-31T12:00:00Z",
        "12027-01-31T12:00:00Z",
        "2027-1-31T12:00:00Z",
        "2027-W05-7T12:00:00Z",
        "20270131T120000Z",
        "Sun, 31 Jan 2027 12:00:00 GMT",
        " 2027-01-31T12:00:00Z",
        "1801396800",
    };
    (void)state;
    for (size_t i = 0; i < N_OF(wrong); i++) {
        int64_t at;
        if (moment_parse(bytes_of(wrong[i]), &at))
            fail_msg("'%s' is %lld", wrong[i], (long long)at);
    }
    int64_t at;
    assert_false(moment_parse(bytes_make("2027-01-31T12:00:00\0", 20), &at));
    assert_false(moment_parse(bytes_make(NULL, 0), &at));
}

/* timegm and the sums above go different ways about it. */
static void every_day_follows_the_one_before(void **state)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t want = -62167219200;
    (void)state;
    for (int year = 0; year < 2500; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int month = 0; month < 12; month++) {
            int n = days[month] + (month == 1 && leap);
            for (int day = 1; day <= 31; day++) {
                char text[64];
                int64_t at;
                snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", year, month + 1, day);
                assert_int_equal(moment_parse(bytes_of(text), &at), day <= n);
                if (day > n)
                    continue;
                assert_int_equal(at, want);
                want += DURATION_DAY;
            }
        }
    }
}

static void digits_alone_are_seconds_where_only_texts_are_known(void **state)
{
    int64_t n;
    (void)state;
    assert_true(duration_or_seconds(TEXT("3600"), &n));
    assert_int_equal(n, 3600);
    assert_true(duration_or_seconds(TEXT("1h"), &n));
    assert_int_equal(n, 3600);
    assert_false(duration_or_seconds(TEXT("1h "), &n));
    assert_true(moment_or_seconds(TEXT("1801396800"), &n));
    assert_int_equal(n, 1801396800);
    assert_true(moment_or_seconds(TEXT("2027-01-31T12:00:00Z"), &n));
    assert_int_equal(n, 1801396800);
    assert_false(moment_or_seconds(TEXT("1h"), &n));
}

static void assert_hint(const char *hint, const char *part)
{
    if (!part)
        assert_null(hint);
    else if (!hint || !strstr(hint, part))
        fail_msg("'%s' does not say '%s'", hint ? hint : "nothing", part);
}

static void messages_tell_numbers_and_words(void **state)
{
    static const struct {
        int64_t seconds;
        const char *told;
    } durations[] = {{5, "5 s"},
                     {0, "0 s"},
                     {-1, "-1 s"},
                     {59, "59 s"},
                     {60, "60 s (1m)"},
                     {90, "90 s (1m30s)"},
                     {5400, "5400 s (1h30m)"},
                     {86400, "86400 s (1d)"},
                     {691200, "691200 s (1w1d)"},
                     {3661, "3661 s"},
                     {6047395200, "6047395200 s (9999w)"},
                     {INT64_MAX, "9223372036854775807 s"},
                     {INT64_MIN, "-9223372036854775808 s"}};
    char told[TOLD_SIZE];
    (void)state;
    for (size_t i = 0; i < N_OF(durations); i++)
        assert_string_equal(duration_told(durations[i].seconds, told), durations[i].told);
    assert_string_equal(moment_told(1801396800, told), "1801396800 (2027-01-31T12:00:00Z)");
    assert_string_equal(moment_told(1800000000000, told), "1800000000000");
    assert_string_equal(moment_told(INT64_MIN, told), "-9223372036854775808");
}

static void a_hint_says_what_was_meant(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hint;
    } durations[] = {{"1.5h", "write '1h30m'"},
                     {"1,5h", "write '1h30m'"},
                     {"10 minutes", "write '10m'"},
                     {"1 Hour 30 mins", "write '1h30m'"},
                     {" 1h ", "write '1h'"},
                     {"30m1h", "write '1h30m'"},
                     {"1H", "write '1h'"},
                     {"0.25days", "write '6h'"},
                     {"2 weeks", "write '2w'"},
                     {"90 SEC", "write '1m30s'"},
                     {"1.0000005h", "units are"},
                     {"1,000s", "units are"},
                     {"1M", "units are"},
                     {"0.5s", "units are"},
                     {"1 month", "units are"},
                     {"500ms", "units are"},
                     {"-1h", "units are"},
                     {"PT1H", "units are"},
                     {"9223372036854775807 weeks", "units are"},
                     {"99999999999999999999 s", "units are"},
                     {"2027-01-31T12:00:00Z", "expiration"},
                     {"2027-01-31", "expiration"},
                     {"36h", NULL},
                     {"soon", NULL},
                     {"hours", NULL},
                     {"", NULL}};
    static const struct {
        const char *text, *hint;
    } moments[] = {{"2027-01-31", "write '2027-01-31T00:00:00Z'; Z is UTC"},
                   {"2027-01-31T12:00:00", "write '2027-01-31T12:00:00Z'"},
                   {"2027-01-31 12:00", "write '2027-01-31 12:00:00Z'"},
                   {"2027-01-31T12:00Z", "write '2027-01-31T12:00:00Z'"},
                   {"2027-01-31T12:00:00+0100", "write '2027-01-31T12:00:00+01:00'"},
                   {"2027-01-31T12:00:00+01", "write '2027-01-31T12:00:00+01:00'"},
                   {"2027-01-31T12:00:00.5", "write '2027-01-31T12:00:00.5Z'"},
                   {"2027-02-30", "date, time and zone are needed"},
                   {"2027-01-31T25:00:00Z", "date, time and zone are needed"},
                   {"2027-01-31T12:00:00.123456789012345678901234567890", "date, time and zone"},
                   {"1h", "expiration_ttl"},
                   {"1.5 hours", "expiration_ttl"},
                   {"soon", NULL},
                   {"", NULL}};
    char out[HINT_SIZE];
    for (size_t i = 0; i < N_OF(durations); i++)
        assert_hint(duration_hint(bytes_of(durations[i].text), out), durations[i].hint);
    for (size_t i = 0; i < N_OF(moments); i++)
        assert_hint(moment_hint(bytes_of(moments[i].text), out), moments[i].hint);
    assert_null(moment_hint(bytes_make(NULL, 0), out));
    assert_null(duration_hint(bytes_make(NULL, 0), out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_are_whole_numbers_with_units_the_largest_first),
        cmocka_unit_test(what_is_no_duration_is_refused_and_the_number_stays),
        cmocka_unit_test(moments_are_those_of_rfc_3339),
        cmocka_unit_test(a_moment_that_is_shown_is_read_as_the_same),
        cmocka_unit_test(what_is_no_moment_is_refused),
        cmocka_unit_test(every_day_follows_the_one_before),
        cmocka_unit_test(digits_alone_are_seconds_where_only_texts_are_known),
        cmocka_unit_test(messages_tell_numbers_and_words),
        cmocka_unit_test(a_hint_says_what_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
