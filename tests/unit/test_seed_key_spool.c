#include "test_base.h"

#include <stdlib.h>

#include "seed/key_spool.h"

static void keys_come_back_in_their_order_as_often_as_one_asks(void **state)
{
    (void)state;
    static const struct bytes keys[] = {{"b", 1}, {"a\0c", 3}, {"", 0}, {"\xff", 1}};
    struct error err;
    struct bytes key;
    bool end;
    struct key_spool *s = key_spool_open(&err);
    assert_non_null(s);
    for (size_t i = 0; i < N_OF(keys); i++)
        assert_true(key_spool_add(s, keys[i], &err));
    assert_int_equal(key_spool_count(s), N_OF(keys));
    for (int pass = 0; pass < 2; pass++) {
        assert_true(key_spool_rewind(s, &err));
        for (size_t i = 0; i < N_OF(keys); i++) {
            assert_true(key_spool_next(s, &key, &end, &err) && !end);
            assert_bytes(key, keys[i]);
        }
        assert_true(key_spool_next(s, &key, &end, &err) && end);
    }
    key_spool_close(s);
}

static void what_is_no_key_and_what_has_no_place_is_refused(void **state)
{
    (void)state;
    static const char long_key[4097];
    struct error err;
    struct key_spool *s = key_spool_open(&err);
    assert_false(key_spool_add(s, bytes_make(long_key, sizeof long_key), &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_true(key_spool_add(s, bytes_make(long_key, 4096), &err));
    key_spool_close(s);
    key_spool_close(NULL);
    assert_int_equal(setenv("TMPDIR", "/nowhere/at/all", 1), 0);
    assert_null(key_spool_open(&err));
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_back_in_their_order_as_often_as_one_asks),
        cmocka_unit_test(what_is_no_key_and_what_has_no_place_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
