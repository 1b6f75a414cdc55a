#include "test_base.h"

#include "base/mem.h"

static void a_size_of_zero_gives_nothing(void **state)
{
    (void)state;
    assert_null(mem_alloc(0));
    assert_null(mem_zalloc(0, 8));
    mem_free(NULL);
}

static void a_zeroed_array_that_overflows_fails(void **state)
{
    (void)state;
    volatile size_t huge = SIZE_MAX / 2; /* volatile: the compiler would refuse to compile it */
    assert_null(mem_zalloc(huge, 3));
    unsigned char *p = mem_zalloc(3, 100);
    assert_non_null(p);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(p[i], 0);
    mem_free(p);
}

static void growing_keeps_what_is_there_and_doubles(void **state)
{
    (void)state;
    int *items = NULL;
    size_t cap = 0, growths = 0;
    for (int i = 0; i < 1000; i++) {
        size_t before = cap;
        assert_true(mem_grow((void **)&items, &cap, (size_t)i + 1, sizeof *items));
        growths += cap != before;
        items[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    assert_in_range(growths, 1, 10);
    mem_free(items);
}

static void growing_beyond_memory_changes_nothing(void **state)
{
    (void)state;
    int *items = NULL;
    size_t cap = 0;
    assert_true(mem_grow((void **)&items, &cap, 4, sizeof *items));
    int *before = items;
    size_t cap_before = cap;
    assert_false(mem_grow((void **)&items, &cap, SIZE_MAX / 2, sizeof *items));
    fault_set(FAULT_MODE_ALLOC, 1);
    assert_false(mem_grow((void **)&items, &cap, 100, sizeof *items));
    fault_set(FAULT_MODE_NONE, 0);
    assert_ptr_equal(items, before);
    assert_int_equal(cap, cap_before);
    mem_free(items);
}

static void only_the_allocation_asked_for_fails(void **state)
{
    (void)state;
    fault_set(FAULT_MODE_ALLOC, 2);
    void *a = mem_alloc(8), *b = mem_alloc(8), *c = mem_zalloc(1, 8);
    fault_set(FAULT_MODE_NONE, 0);
    assert_non_null(a);
    assert_null(b);
    assert_non_null(c);
    fault_set(FAULT_MODE_ALLOC, 1);
    assert_null(mem_realloc(a, 100));
    fault_set(FAULT_MODE_NONE, 0);
    mem_free(a);
    mem_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_of_zero_gives_nothing),
        cmocka_unit_test(a_zeroed_array_that_overflows_fails),
        cmocka_unit_test(growing_keeps_what_is_there_and_doubles),
        cmocka_unit_test(growing_beyond_memory_changes_nothing),
        cmocka_unit_test(only_the_allocation_asked_for_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
