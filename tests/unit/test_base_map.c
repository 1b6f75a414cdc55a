#include "test_base.h"

#include <stdio.h>

#include "base/map.h"

#define MANY 5000

static char keys[MANY][16];

static struct bytes key(size_t i)
{
    int len = snprintf(keys[i], sizeof keys[i], "key-%zu", i);
    return bytes_make(keys[i], (size_t)len);
}

static void an_empty_map_finds_nothing(void **state)
{
    (void)state;
    struct map m = {0};
    assert_int_equal(map_get(&m, TEXT("a")), MAP_NONE);
    assert_int_equal(map_get(&m, bytes_make(NULL, 0)), MAP_NONE);
    map_release(&m);
}

static void every_key_keeps_its_own_value_while_it_grows(void **state)
{
    (void)state;
    struct map m = {0};
    for (size_t i = 0; i < MANY; i++) {
        size_t existing = 1;
        map_add(&m, key(i), i, &existing);
        assert_int_equal(existing, MAP_NONE);
    }
    assert_int_equal(m.n, MANY);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(map_get(&m, key(i)), i);
    assert_int_equal(map_get(&m, TEXT("key-")), MAP_NONE);
    assert_int_equal(map_get(&m, TEXT("key-5000")), MAP_NONE);
    map_release(&m);
    assert_int_equal(map_get(&m, key(1)), MAP_NONE);
}

static void adding_a_known_key_tells_its_value_and_keeps_it(void **state)
{
    (void)state;
    struct map m = {0};
    size_t existing;
    map_add(&m, TEXT("a"), 0, NULL);
    map_add(&m, TEXT("a"), 7, &existing);
    assert_int_equal(existing, 0);
    assert_int_equal(map_get(&m, TEXT("a")), 0);
    assert_int_equal(m.n, 1);
    map_release(&m);
}

static void setting_replaces(void **state)
{
    (void)state;
    struct map m = {0};
    map_set(&m, TEXT("a"), 1);
    map_set(&m, TEXT("a"), 2);
    assert_int_equal(map_get(&m, TEXT("a")), 2);
    assert_int_equal(m.n, 1);
    map_release(&m);
}

static void keys_are_bytes_with_a_length(void **state)
{
    (void)state;
    static const struct bytes all[] = {{NULL, 0},      {"\0", 1},           {"\0\0", 2},
                                       {"a", 1},       {"a\0", 2},          {"a\0b", 3},
                                       {"\xff", 1},    {"01234567", 8},     {"01234567\0", 9},
                                       {"0123456", 7}, {"01234567\0\0", 10}};
    struct map m = {0};
    for (size_t i = 0; i < N_OF(all); i++) {
        size_t existing;
        map_add(&m, all[i], i, &existing);
        assert_int_equal(existing, MAP_NONE);
    }
    for (size_t i = 0; i < N_OF(all); i++)
        assert_int_equal(map_get(&m, all[i]), i);
    map_release(&m);
}

static void each_map_has_a_seed_of_its_own(void **state)
{
    (void)state;
    struct map a = {0}, b = {0};
    map_set(&a, TEXT("k"), 1);
    map_set(&b, TEXT("k"), 1);
    assert_true(a.seed != b.seed);
    map_release(&a);
    map_release(&b);
}

static void lookups_stay_short_for_keys_that_differ_little(void **state)
{
    (void)state;
    /* A hash that leaves low bits equal makes probing quadratic. */
    enum { LOTS = 200000 };
    static uint64_t values[LOTS];
    clock_t start = clock();
    struct map m = {0};
    for (size_t i = 0; i < LOTS; i++) {
        values[i] = (uint64_t)i << 44;
        map_set(&m, bytes_make((const char *)&values[i], sizeof *values), i);
    }
    assert_int_equal(m.n, LOTS);
    assert_cpu_seconds_below(start, 10);
    map_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_finds_nothing),
        cmocka_unit_test(every_key_keeps_its_own_value_while_it_grows),
        cmocka_unit_test(adding_a_known_key_tells_its_value_and_keeps_it),
        cmocka_unit_test(setting_replaces),
        cmocka_unit_test(keys_are_bytes_with_a_length),
        cmocka_unit_test(each_map_has_a_seed_of_its_own),
        cmocka_unit_test(lookups_stay_short_for_keys_that_differ_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
