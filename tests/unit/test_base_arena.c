#include "test_base.h"

#include "base/arena.h"

static bool is_zero(const void *p, size_t n)
{
    const unsigned char *c = p;
    for (size_t i = 0; i < n; i++)
        if (c[i] != 0)
            return false;
    return true;
}

static void allocations_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena = {0};
    unsigned char *pieces[300];
    for (size_t i = 0; i < N_OF(pieces); i++) {
        pieces[i] = arena_alloc(&arena, i, 7);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        assert_true(is_zero(pieces[i], i * 7));
        memset(pieces[i], (int)(i % 251) + 1, i * 7);
    }
    for (size_t i = 0; i < N_OF(pieces); i++)
        for (size_t j = 0; j < i * 7; j++)
            assert_int_equal(pieces[i][j], i % 251 + 1);
    arena_release(&arena);
}

static void a_large_allocation_does_not_retire_the_current_block(void **state)
{
    (void)state;
    struct arena arena = {0};
    char *first = arena_alloc(&arena, 1, 16);
    assert_non_null(arena_alloc(&arena, 1, 1 << 20));
    char *second = arena_alloc(&arena, 1, 16);
    assert_ptr_equal(second, first + 16);
    arena_release(&arena);
}

static void ask_for_a_product_that_overflows(void)
{
    struct arena arena = {0};
    arena_alloc(&arena, SIZE_MAX, 2);
}

static void ask_for_a_size_that_cannot_be_aligned(void)
{
    struct arena arena = {0};
    arena_alloc(&arena, SIZE_MAX, 1);
}

static void ask_for_a_size_without_room_for_a_header(void)
{
    struct arena arena = {0};
    arena_alloc(&arena, SIZE_MAX - 64, 1);
}

static void sizes_that_overflow_end_the_process(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_out_of_memory(ask_for_a_product_that_overflows);
    assert_out_of_memory(ask_for_a_size_that_cannot_be_aligned);
    assert_out_of_memory(ask_for_a_size_without_room_for_a_header);
    assert_non_null(arena_alloc(&arena, 0, 8));
    assert_non_null(arena_alloc(&arena, 8, 0));
    arena_release(&arena);
}

static void copies_keep_nul_and_end_in_one(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct bytes copy = arena_copy(&arena, TEXT("a\0b"));
    assert_bytes(copy, TEXT("a\0b"));
    assert_int_equal(copy.data[3], 0);
    copy = arena_copy(&arena, bytes_make(NULL, 0));
    assert_string_equal(copy.data, "");
    assert_string_equal(arena_str(&arena, "text"), "text");
    assert_string_equal(arena_printf(&arena, "%s-%05d", "n", 42), "n-00042");
    arena_release(&arena);
}

static void growing_keeps_the_elements(void **state)
{
    (void)state;
    struct arena arena = {0};
    int *items = NULL;
    size_t cap = 0;
    for (int i = 0; i < 500; i++) {
        arena_grow(&arena, (void **)&items, &cap, (size_t)i + 1, sizeof *items);
        items[i] = i;
    }
    for (int i = 0; i < 500; i++)
        assert_int_equal(items[i], i);
    arena_release(&arena);
}

/* Elements that were never set are zero, also where another array lay. */
static int *grow_to(struct arena *arena, size_t n)
{
    int *items = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < n; i++) {
        arena_grow(arena, (void **)&items, &cap, i + 1, sizeof *items);
        assert_int_equal(items[i], 0);
        items[i] = 7;
    }
    return items;
}

static void arrays_grow_into_what_others_have_outgrown(void **state)
{
    (void)state;
    struct arena arena = {0};
    grow_to(&arena, 128);
    size_t used = arena.used;
    for (int i = 0; i < 100; i++)
        grow_to(&arena, 128);
    assert_true(arena.used - used < 130 * 128 * sizeof(int));
    arena_reset(&arena);
    grow_to(&arena, 128);
    arena_release(&arena);
    assert_non_null(grow_to(&arena, 8));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_zeroed_aligned_and_apart),
        cmocka_unit_test(a_large_allocation_does_not_retire_the_current_block),
        cmocka_unit_test(sizes_that_overflow_end_the_process),
        cmocka_unit_test(copies_keep_nul_and_end_in_one),
        cmocka_unit_test(growing_keeps_the_elements),
        cmocka_unit_test(arrays_grow_into_what_others_have_outgrown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
