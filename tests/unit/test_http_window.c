/* How many requests are in flight when nobody says how many. */
#include "test_base.h"

#include "http/window.h"

static void answers(struct window *w, unsigned n, int64_t took_ms, int64_t *now)
{
    for (unsigned i = 0; i < n; i++) {
        *now += took_ms;
        window_learn(w, RETRY_ANSWER, *now - took_ms, *now, true);
    }
}

static struct window open_window(unsigned fixed)
{
    struct window w;
    window_init(&w, fixed);
    return w;
}

static void it_grows_with_each_quick_answer_up_to_its_most(void **state)
{
    (void)state;
    int64_t now = 1;
    struct window w = open_window(0);
    assert_int_equal(w.size, 8);
    answers(&w, 8, 50, &now);
    assert_int_equal(w.size, 16);
    answers(&w, 100, 50, &now);
    assert_int_equal(w.size, 32);
}

static void it_does_not_grow_with_slow_answers_nor_without_budget(void **state)
{
    (void)state;
    int64_t now = 1;
    struct window w = open_window(0);
    answers(&w, 100, WINDOW_QUICK_MS + 1, &now);
    assert_int_equal(w.size, 8);
    for (unsigned i = 0; i < 100; i++)
        window_learn(&w, RETRY_ANSWER, now, now + 1, false);
    assert_int_equal(w.size, 8);
}

static void it_is_halved_by_what_says_that_it_is_too_much(void **state)
{
    (void)state;
    static const enum retry_kind kinds[] = {RETRY_LIMITED, RETRY_BUSY, RETRY_TRANSIENT,
                                            RETRY_UNSENT, RETRY_LOST};
    for (size_t i = 0; i < N_OF(kinds); i++) {
        int64_t now = 1;
        struct window w = open_window(0);
        answers(&w, 100, 50, &now);
        window_learn(&w, kinds[i], now - 50, now, true);
        assert_int_equal(w.size, 16);
        window_learn(&w, kinds[i], now - 40, now + 1, true); /* sent before that */
        assert_int_equal(w.size, 16);
        for (unsigned k = 1; k < 10; k++)
            window_learn(&w, kinds[i], now + 10 * k, now + 10 * k + 5, true);
        assert_int_equal(w.size, 1);
    }
}

static void once_halved_it_grows_by_one_a_window(void **state)
{
    (void)state;
    int64_t now = 1;
    struct window w = open_window(0);
    window_learn(&w, RETRY_LIMITED, now, now + 10, true);
    assert_int_equal(w.size, 4);
    now = 100;
    answers(&w, 3, 50, &now);
    assert_int_equal(w.size, 4);
    answers(&w, 1, 50, &now);
    assert_int_equal(w.size, 5);
    answers(&w, 5, 50, &now);
    assert_int_equal(w.size, 6);
}

static void a_number_that_was_given_stays(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 64; n += 21) {
        int64_t now = 1;
        struct window w = open_window(n);
        assert_int_equal(w.most, n);
        answers(&w, 100, 5, &now);
        window_learn(&w, RETRY_LIMITED, now, now + 1, true);
        assert_int_equal(w.size, n);
    }
}

static void refusals_that_are_no_load_change_nothing(void **state)
{
    (void)state;
    struct window w = open_window(0);
    window_learn(&w, RETRY_HOPELESS, 1, 2, true);
    window_learn(&w, RETRY_REFUSED, 1, 2, true);
    assert_int_equal(w.size, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_with_each_quick_answer_up_to_its_most),
        cmocka_unit_test(it_does_not_grow_with_slow_answers_nor_without_budget),
        cmocka_unit_test(it_is_halved_by_what_says_that_it_is_too_much),
        cmocka_unit_test(once_halved_it_grows_by_one_a_window),
        cmocka_unit_test(a_number_that_was_given_stays),
        cmocka_unit_test(refusals_that_are_no_load_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
