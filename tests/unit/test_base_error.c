#include "test_base.h"

#include <errno.h>

static void setting_fills_code_and_message_and_clears_the_hint(void **state)
{
    (void)state;
    struct error err = {.code = ERR_NONE, .hint = "old"};
    assert_false(error_set(&err, ERR_LIMIT, "value of %d bytes", 7));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.message, "value of 7 bytes");
    assert_string_equal(err.hint, "");
}

static void a_long_message_is_cut_at_a_character_and_ends_in_an_ellipsis(void **state)
{
    (void)state;
    for (int shift = 0; shift < 4; shift++) {
        char text[2001];
        struct error err;
        for (size_t i = 0; i < sizeof text - 1; i++)
            text[i] = "\xc3\xa9"[i % 2]; /* é */
        text[2000] = '\0';
        error_set(&err, ERR_FAILED, "%.*s%s", shift, "abc", text);
        size_t len = strlen(err.message);
        assert_in_range(len, sizeof err.message - 3, sizeof err.message - 1);
        assert_string_equal(err.message + len - 3, "\xe2\x80\xa6");
        /* the byte before the ellipsis ends an é */
        assert_int_equal((unsigned char)err.message[len - 4], 0xa9);
    }
}

static void a_message_that_just_fits_is_kept_whole(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERR_FAILED, "%0*d", (int)sizeof err.message - 1, 0);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_int_equal(err.message[sizeof err.message - 2], '0');
}

static void a_message_may_be_built_from_the_message_it_replaces(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERR_IO, "inner");
    error_set(&err, ERR_IO, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
}

static void errno_decides_the_code_and_ends_the_message(void **state)
{
    (void)state;
    struct error err;
    assert_false(error_errno(&err, ENOENT, "cannot open '%s'", "x"));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.message, "cannot open 'x': No such file or directory");
    error_errno(&err, ENOSPC, "a");
    assert_int_equal(err.code, ERR_IO);
    assert_string_equal(err.hint, "");
    error_errno(&err, EMFILE, "a");
    assert_non_null(strstr(err.hint, "ulimit -n"));
}

static void wrapping_puts_context_before_and_keeps_code_and_hint(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERR_FORMAT, "at byte 3");
    error_hint(&err, "try %s", "again");
    assert_false(error_wrap(&err, "file '%s'", "a.json"));
    assert_string_equal(err.message, "file 'a.json': at byte 3");
    assert_string_equal(err.hint, "try again");
    assert_int_equal(err.code, ERR_FORMAT);
}

static void wrapping_without_end_stays_within_the_message(void **state)
{
    (void)state;
    struct error err;
    error_set(&err, ERR_FORMAT, "x");
    for (int i = 0; i < 200; i++)
        error_wrap(&err, "a context of some length");
    assert_in_range(strlen(err.message), 1000, sizeof err.message - 1);
}

static void exit_codes_are_those_of_the_contract(void **state)
{
    (void)state;
    static const struct {
        enum error_code code;
        int exit;
    } cases[] = {
        {ERR_NONE, 0},    {ERR_IO, 1},        {ERR_INVALID, 3},       {ERR_FORMAT, 3},
        {ERR_LIMIT, 1},   {ERR_USAGE, 64},    {ERR_GUARD, 5},         {ERR_STALE, 5},
        {ERR_LOCKED, 75}, {ERR_NOT_FOUND, 1}, {ERR_EXISTS, 1},        {ERR_PARTIAL, 4},
        {ERR_FAILED, 1},  {ERR_ANSWER, 1},    {ERR_INTERRUPTED, 130},
    };
    for (size_t i = 0; i < N_OF(cases); i++)
        assert_int_equal(error_exit_code(cases[i].code), cases[i].exit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_fills_code_and_message_and_clears_the_hint),
        cmocka_unit_test(a_long_message_is_cut_at_a_character_and_ends_in_an_ellipsis),
        cmocka_unit_test(a_message_that_just_fits_is_kept_whole),
        cmocka_unit_test(a_message_may_be_built_from_the_message_it_replaces),
        cmocka_unit_test(errno_decides_the_code_and_ends_the_message),
        cmocka_unit_test(wrapping_puts_context_before_and_keeps_code_and_hint),
        cmocka_unit_test(wrapping_without_end_stays_within_the_message),
        cmocka_unit_test(exit_codes_are_those_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
