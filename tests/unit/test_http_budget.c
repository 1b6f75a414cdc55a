#include "test_base.h"

#include "http/budget.h"

#define START 5000000

/* Sends as fast as the budget lets it from `*now` until `until`; how many. */
static int spend(struct budget *b, int64_t *now, int64_t until)
{
    int n = 0;
    while (*now < until) {
        uint64_t wait = budget_wait_ms(b, *now);
        if (wait == 0) {
            budget_take(b, *now);
            n++;
        }
        *now += (int64_t)wait;
    }
    return n;
}

static struct budget usual(void)
{
    struct budget b;
    budget_init(&b, 1200, 300, 1000);
    return b;
}

static void the_first_half_goes_out_at_once(void **state)
{
    (void)state;
    struct budget b = usual();
    for (int i = 0; i < 600; i++) {
        assert_int_equal(budget_wait_ms(&b, START), 0);
        budget_take(&b, START);
    }
    assert_in_range(budget_wait_ms(&b, START), 100, 200);
}

static void no_window_holds_more_than_the_budget(void **state)
{
    (void)state;
    static int64_t sent[20000];
    struct budget b = usual();
    int64_t now = START;
    size_t n = 0;
    while (now < START + 3000000) {
        uint64_t wait = budget_wait_ms(&b, now);
        if (wait == 0) {
            budget_take(&b, now);
            sent[n++] = now;
        }
        now += (int64_t)wait;
    }
    for (size_t i = 1200; i < n; i++)
        assert_true(sent[i] - sent[i - 1200] >= 300000);
    assert_in_range(n, 8000, 12000);
}

static void the_pace_slows_down_and_does_not_stop(void **state)
{
    (void)state;
    struct budget b = usual();
    int64_t now = START, longest = 0, last = START;
    while (now < START + 3000000) {
        uint64_t wait = budget_wait_ms(&b, now);
        if (wait == 0) {
            budget_take(&b, now);
            longest = now - last > longest ? now - last : longest;
            last = now;
        }
        now += (int64_t)wait;
    }
    assert_true(longest < 10000);
}

static void it_settles_near_four_fifths(void **state)
{
    (void)state;
    struct budget b = usual();
    int64_t now = START;
    spend(&b, &now, START + 3000000);
    int n = spend(&b, &now, now + 600000);
    assert_in_range(n, 2400 * 7 / 10, 2400 * 9 / 10);
}

static void a_budget_of_one_waits_a_whole_window(void **state)
{
    (void)state;
    struct budget b;
    int64_t now = START;
    budget_init(&b, 1, 2, 1000);
    assert_int_equal(budget_wait_ms(&b, now), 0);
    budget_take(&b, now);
    assert_in_range(budget_wait_ms(&b, now), 2000, 2100);
    assert_int_equal(budget_wait_ms(&b, now + 2100), 0);
}

static void time_that_passes_gives_it_back(void **state)
{
    (void)state;
    struct budget b = usual();
    int64_t now = START;
    spend(&b, &now, START + 200000);
    budget_take(&b, now);
    assert_true(budget_wait_ms(&b, now) > 0);
    now += 310000;
    assert_int_equal(budget_wait_ms(&b, now), 0);
    assert_true(spend(&b, &now, now + 1) >= 600);
}

static void a_hold_stops_all_and_is_never_shortened(void **state)
{
    (void)state;
    struct budget b = usual();
    budget_hold(&b, START + 5000);
    budget_hold(&b, START + 1000);
    assert_int_equal(budget_wait_ms(&b, START), 5000);
    assert_int_equal(budget_wait_ms(&b, START + 5000), 0);
}

static void plenty_left_at_the_service_costs_no_pause(void **state)
{
    (void)state;
    struct budget b = usual();
    budget_learn(&b, TEXT("\"default\";r=1100;t=290"), 0, START);
    budget_take(&b, START);
    assert_int_equal(budget_wait_ms(&b, START), 0);
}

static void little_left_at_the_service_slows_down(void **state)
{
    (void)state;
    struct budget b = usual();
    budget_learn(&b, TEXT("\"default\";r=50;t=30"), 0, START);
    budget_take(&b, START);
    assert_in_range(budget_wait_ms(&b, START), 150, 156);
    int64_t now = START;
    assert_in_range(spend(&b, &now, START + 29000), 20, 50);
}

static void nothing_left_at_the_service_waits_for_its_reset(void **state)
{
    (void)state;
    struct budget b = usual();
    budget_learn(&b, TEXT("\"default\";r=0;t=30"), 0, START);
    assert_int_equal(budget_wait_ms(&b, START), 30000);
    assert_int_equal(budget_wait_ms(&b, START + 30000), 0);
}

static void requests_in_flight_count_as_spent(void **state)
{
    (void)state;
    struct budget b = usual();
    budget_learn(&b, TEXT("\"default\";r=5;t=30"), 5, START);
    assert_int_equal(budget_wait_ms(&b, START), 30000);
}

static void the_tightest_of_several_quotas_rules(void **state)
{
    (void)state;
    struct budget b = usual();
    budget_learn_policy(&b, TEXT("\"default\";q=1200;w=300, \"burst\";q=100;w=10"), START);
    budget_learn(&b, TEXT("\"default\";r=1100;t=290, \"burst\";r=2;t=8"), 0, START);
    budget_take(&b, START);
    assert_int_equal(budget_wait_ms(&b, START), 2000);
}

static void a_policy_narrows_the_budget_and_never_widens_it(void **state)
{
    (void)state;
    struct budget b = usual();
    budget_learn_policy(&b, TEXT("\"default\";q=5000;w=300"), START);
    assert_int_equal(b.quota, 1200);
    budget_take(&b, START);
    budget_learn_policy(&b, TEXT("\"default\";q=10;w=60"), START);
    assert_int_equal(b.quota, 10);
    assert_int_equal(b.window_ms, 60000);
    int64_t now = START;
    assert_int_equal(1 + spend(&b, &now, START + 1), 5);
    now = START;
    assert_true(5 + spend(&b, &now, START + 60000) <= 10);
}

static void headers_count_in_the_unit_of_the_tests(void **state)
{
    (void)state;
    struct budget b;
    budget_init(&b, 10, 100, 10);
    assert_int_equal(b.window_ms, 1000);
    budget_learn(&b, TEXT("x;r=0;t=5"), 0, START);
    assert_int_equal(budget_wait_ms(&b, START), 50);
}

static const char *const nonsense[] = {
    "",
    ";",
    ",,,",
    "\"",
    "\"default",
    "\"default\";r",
    "r=0",
    "a;r=",
    "a;r=x;t=1",
    "a;r=-1;t=5",
    "a;r=0",
    "a;t=9",
    "a;q=0;w=0",
    "a b c;r=0 t=1",
    "a;;;==,;r=0",
    "\"x\"y;r=0;t=9",
    "a;rr=0;tt=9",
};

static void headers_without_sense_change_nothing(void **state)
{
    (void)state;
    struct budget b = usual();
    for (size_t i = 0; i < N_OF(nonsense); i++) {
        budget_learn_policy(&b, bytes_of(nonsense[i]), START);
        budget_learn(&b, bytes_of(nonsense[i]), 0, START);
        if (budget_wait_ms(&b, START) != 0)
            fail_msg("'%s'", nonsense[i]);
    }
    assert_int_equal(b.quota, 1200);
}

static void numbers_of_any_size_stay_in_range(void **state)
{
    (void)state;
    struct budget b;
    budget_init(&b, 1000000, 1000000, 1000);
    budget_learn_policy(&b, TEXT("a;q=99999999999999999999999;w=99999999999999999999999"), START);
    budget_learn_policy(&b, TEXT("a;q=1;w=99999999999999999999999"), START);
    budget_learn(&b, TEXT("a;r=99999999999999999999999;t=99999999999999999999999"), 0, START);
    assert_int_equal(budget_wait_ms(&b, START), 0);
}

static void many_policies_are_bounded(void **state)
{
    (void)state;
    struct budget b = usual();
    budget_learn_policy(&b,
                        TEXT("a;q=1200,b;q=1200,c;q=1200,d;q=1200,e;q=1200,"
                             "a-name-that-is-longer-than-any-name-would-be;q=1"),
                        START);
    assert_int_equal(b.n_policies, BUDGET_POLICIES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_half_goes_out_at_once),
        cmocka_unit_test(no_window_holds_more_than_the_budget),
        cmocka_unit_test(the_pace_slows_down_and_does_not_stop),
        cmocka_unit_test(it_settles_near_four_fifths),
        cmocka_unit_test(a_budget_of_one_waits_a_whole_window),
        cmocka_unit_test(time_that_passes_gives_it_back),
        cmocka_unit_test(a_hold_stops_all_and_is_never_shortened),
        cmocka_unit_test(plenty_left_at_the_service_costs_no_pause),
        cmocka_unit_test(little_left_at_the_service_slows_down),
        cmocka_unit_test(nothing_left_at_the_service_waits_for_its_reset),
        cmocka_unit_test(requests_in_flight_count_as_spent),
        cmocka_unit_test(the_tightest_of_several_quotas_rules),
        cmocka_unit_test(a_policy_narrows_the_budget_and_never_widens_it),
        cmocka_unit_test(headers_count_in_the_unit_of_the_tests),
        cmocka_unit_test(headers_without_sense_change_nothing),
        cmocka_unit_test(numbers_of_any_size_stay_in_range),
        cmocka_unit_test(many_policies_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
