#include "test_base.h"

#include "base/mem.h"

static void a_size_of_zero_gives_something_to_free(void **state)
{
    (void)state;
    void *a = mem_alloc(0), *b = mem_zalloc(0, 8);
    assert_non_null(a);
    assert_non_null(b);
    mem_free(a);
    mem_free(b);
    mem_free(NULL);
}

static void a_zeroed_array_is_zeroed(void **state)
{
    (void)state;
    unsigned char *p = mem_zalloc(3, 100);
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
        mem_grow((void **)&items, &cap, (size_t)i + 1, sizeof *items);
        growths += cap != before;
        items[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    assert_in_range(growths, 1, 10);
    mem_free(items);
}

static void grow_beyond_all_memory(void)
{
    int *items = NULL;
    size_t cap = 0;
    mem_grow((void **)&items, &cap, SIZE_MAX / 2, sizeof *items);
}

static void ask_for_an_array_that_overflows(void)
{
    volatile size_t huge = SIZE_MAX / 2; /* volatile: the compiler would refuse to compile it */
    mem_free(mem_zalloc(huge, 3));
}

static void be_refused_the_second(void)
{
    fault_set(FAULT_MODE_ALLOC, 2);
    mem_free(mem_alloc(8));
    mem_free(mem_alloc(8));
}

static void be_refused_the_third_of_two(void)
{
    fault_set(FAULT_MODE_ALLOC, 3);
    mem_free(mem_alloc(8));
    mem_free(mem_zalloc(1, 8));
}

static void who_finds_no_memory_ends_with_1_and_says_so(void **state)
{
    char said[200];
    (void)state;
    assert_out_of_memory(ask_for_an_array_that_overflows);
    assert_out_of_memory(grow_beyond_all_memory);
    assert_out_of_memory(be_refused_the_second);
    assert_int_equal(ends(be_refused_the_third_of_two, said, sizeof said), 0);
    assert_string_equal(said, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_of_zero_gives_something_to_free),
        cmocka_unit_test(a_zeroed_array_is_zeroed),
        cmocka_unit_test(growing_keeps_what_is_there_and_doubles),
        cmocka_unit_test(who_finds_no_memory_ends_with_1_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
