/* Shared libraries that are loaded when they are needed. */
#include "test_base.h"

#include "base/library.h"

static void functions_are_found_by_their_names(void **state)
{
    (void)state;
    static const char *const names[] = {"cos", "sin"};
    void *found[2] = {0};
    struct error err;
    assert_true(library_load("libm.so.6", "libc6", names, 2, found, &err));
    assert_non_null(found[0]);
    assert_non_null(found[1]);
    assert_ptr_not_equal(found[0], found[1]);
}

static void a_library_that_is_not_there_is_named_with_its_package(void **state)
{
    (void)state;
    struct error err;
    assert_false(library_load("libnot-there.so.1", "libnot-there1", NULL, 0, NULL, &err));
    assert_int_equal(err.code, ERR_FAILED);
    assert_non_null(strstr(err.message, "libnot-there.so.1"));
    assert_non_null(strstr(err.hint, "libnot-there1"));
}

static void a_function_that_is_not_there_is_named(void **state)
{
    (void)state;
    static const char *const names[] = {"cos", "no_such_function"};
    void *found[2];
    struct error err;
    assert_false(library_load("libm.so.6", "libc6", names, 2, found, &err));
    assert_non_null(strstr(err.message, "no_such_function"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_found_by_their_names),
        cmocka_unit_test(a_library_that_is_not_there_is_named_with_its_package),
        cmocka_unit_test(a_function_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
