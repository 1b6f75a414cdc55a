/* Keys that one run writes more often than once a second. */
#include "test_base.h"

#include <stdio.h>

#include "kv/rewrites.h"

static struct bytes B(const char *s) {
    return bytes_of(s);
}

/* `want` is NULL: nothing is told. */
static void
assert_told(struct rewrites *r, const char *want)
{
    struct diag_list diags = {0};
    rewrites_tell(r, &diags);
    assert_int_equal(diags.n, want ? 1 : 0);
    if (want)
        assert_string_equal(diags.items[0].message, want);
    if (want)
        assert_non_null(strstr(diags.items[0].hint, "Durable Object"));
    diag_release(&diags);
    rewrites_release(r);
}

#define TOO_OFTEN ": Workers KV takes one write a second of a key, and may refuse the others"

static void a_key_written_again_within_a_second_is_told_with_how_often(void **state)
{
    (void)state;
    struct rewrites r = {0};
    for (int64_t i = 0; i < 5; i++)
        rewrites_note(&r, B("id"), B("counter"), 1000 + 999 * i);
    rewrites_note(&r, B("id"), B("other"), 1000);
    assert_told(
        &r, "key 'counter' was written 5 times, each within a second of the one before" TOO_OFTEN);
}

static void the_one_written_most_stands_for_all(void **state)
{
    (void)state;
    struct rewrites r = {0};
    for (int64_t i = 0; i < 6; i++) {
        rewrites_note(&r, B("id"), B("often"), i);
        rewrites_note(&r, B("id"), i < 3 ? B("twice") : B("thrice"), i);
    }
    assert_told(&r, "key 'often' was written 6 times, each within a second of the one before, and "
                    "2 more likewise" TOO_OFTEN);
}

static void once_a_second_is_fine_and_so_are_many_keys(void **state)
{
    (void)state;
    struct rewrites r = {0};
    for (int64_t i = 0; i < 5; i++)
        rewrites_note(&r, B("id"), B("k"), 1000 * i);
    rewrites_note(&r, B("another"), B("k"), 4000);
    for (int64_t i = 0; i < 10 * REWRITES_SLOTS; i++) {
        char key[32];
        snprintf(key, sizeof key, "%d", (int)i);
        rewrites_note(&r, B("id"), B(key), 5000);
    }
    assert_told(&r, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_written_again_within_a_second_is_told_with_how_often),
        cmocka_unit_test(the_one_written_most_stands_for_all),
        cmocka_unit_test(once_a_second_is_fine_and_so_are_many_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
