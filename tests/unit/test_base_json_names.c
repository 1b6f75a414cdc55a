/* Is a member name repeated in the object that holds it? */
#include <stdio.h>

#include "test_base.h"

#include "base/json_names.h"

static void a_name_is_repeated_only_in_its_own_object(void **unused)
{
    (void)unused;
    struct json_names names = {0};
    json_names_begin(&names);
    assert_int_equal(json_names_add(&names, TEXT("a"), 1), 0);
    assert_int_equal(json_names_add(&names, TEXT(""), 2), 0);
    json_names_begin(&names);
    assert_int_equal(json_names_add(&names, TEXT("a"), 3), 0);
    assert_int_equal(json_names_add(&names, TEXT("a"), 4), 3);
    json_names_end(&names);
    json_names_begin(&names);
    assert_int_equal(json_names_add(&names, TEXT("a"), 5), 0);
    json_names_end(&names);
    assert_int_equal(json_names_add(&names, TEXT("a"), 6), 1);
    assert_int_equal(json_names_add(&names, TEXT(""), 6), 2);
    assert_int_equal(json_names_add(&names, TEXT("a\0b"), 6), 0);
    json_names_clear(&names);
    assert_int_equal(json_names_size(&names), 0);
    json_names_begin(&names);
    assert_int_equal(json_names_add(&names, TEXT("a"), 7), 0);
    json_names_release(&names);
}

/* Objects of many names, in each other: the table grows and shrinks under those that stay. */
static void many_names_are_found_again(void **unused)
{
    (void)unused;
    enum { LEVELS = 5, NAMES = 3000 };
    struct json_names names = {0};
    char name[32];
    clock_t start = clock();
    for (int round = 0; round < 3; round++) {
        for (int level = 0; level < LEVELS; level++) {
            json_names_begin(&names);
            for (int i = 0; i < NAMES; i++) {
                snprintf(name, sizeof name, "name%d", i);
                assert_int_equal(json_names_add(&names, bytes_of(name), i + 1), 0);
            }
        }
        for (int level = 0; level < LEVELS; level++) {
            for (int i = 0; i < NAMES; i += 7) {
                snprintf(name, sizeof name, "name%d", i);
                assert_int_equal(json_names_add(&names, bytes_of(name), 1), i + 1);
            }
            json_names_end(&names);
        }
    }
    assert_cpu_seconds_below(start, 5);
    json_names_release(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_repeated_only_in_its_own_object),
        cmocka_unit_test(many_names_are_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
