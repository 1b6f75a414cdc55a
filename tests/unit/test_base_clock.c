#include "test_base.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static void a_test_may_set_the_time(void **state)
{
    (void)state;
    assert_int_equal(setenv("CFKV_NOW", "1795500900", 1), 0);
    assert_int_equal(clock_now(), 1795500900);
    assert_int_equal(setenv("CFKV_NOW", "soon", 1), 0);
    assert_in_range(clock_now(), time(NULL) - 1, time(NULL) + 1);
    assert_int_equal(unsetenv("CFKV_NOW"), 0);
    assert_in_range(clock_now(), time(NULL) - 1, time(NULL) + 1);
}

static void stamps_are_utc_and_sort_as_time_does(void **state)
{
    (void)state;
    char stamp[17];
    clock_stamp(1795500900, stamp);
    assert_string_equal(stamp, "20261124T061500Z");
    clock_stamp(0, stamp);
    assert_string_equal(stamp, "19700101T000000Z");
    clock_stamp(1709251199, stamp);
    assert_string_equal(stamp, "20240229T235959Z");
}

static void absurd_times_do_not_overflow_the_stamp(void **state)
{
    (void)state;
    static const int64_t absurd[] = {INT64_MAX, INT64_MIN, -1, 253402300800};
    for (size_t i = 0; i < N_OF(absurd); i++) {
        char stamp[17];
        clock_stamp(absurd[i], stamp);
        assert_int_equal(strlen(stamp), 16);
        assert_int_equal(stamp[15], 'Z');
    }
}

static void the_monotonic_clock_does_not_run_backwards(void **state)
{
    (void)state;
    int64_t before = clock_monotonic_ms();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_monotonic_ms();
        assert_true(now >= before);
        before = now;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_test_may_set_the_time),
        cmocka_unit_test(stamps_are_utc_and_sort_as_time_does),
        cmocka_unit_test(absurd_times_do_not_overflow_the_stamp),
        cmocka_unit_test(the_monotonic_clock_does_not_run_backwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
