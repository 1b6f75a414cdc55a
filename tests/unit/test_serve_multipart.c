#include "test_base.h"

#include <stdlib.h>

#include "serve/multipart.h"

#define TYPE "multipart/form-data; boundary=xyz"

static const char *const names[] = {"value", "metadata"};

static bool find(const char *type, struct bytes body, struct bytes parts[2])
{
    return multipart_find(type, body, names, 2, parts);
}

static void parts_are_found_with_and_without_filename(void **state)
{
    struct bytes parts[2];
    (void)state;
    assert_true(find(TYPE,
                     TEXT("--xyz\r\nContent-Disposition: form-data; name=\"value\"; "
                          "filename=\"a;name=b.bin\"\r\nContent-Type: "
                          "application/octet-stream\r\n\r\nV\r\n--xyz\r\n"
                          "content-disposition: form-data; name=metadata\r\n\r\n{}\r\n--xyz--\r\n"),
                     parts));
    assert_bytes(parts[0], TEXT("V"));
    assert_bytes(parts[1], TEXT("{}"));
}

static void values_are_binary(void **state)
{
    struct bytes parts[2];
    (void)state;
    assert_true(find("Multipart/Form-Data; charset=utf-8; boundary=\"x y\"",
                     TEXT("preamble\r\n--x y\r\nContent-Disposition: form-data; name=\"value\"\r\n"
                          "\r\n\0\r\n--x\r\n\r\n--\xff\r\n\r\n--x y--"),
                     parts));
    assert_bytes(parts[0], TEXT("\0\r\n--x\r\n\r\n--\xff\r\n"));
    assert_null(parts[1].data);
}

static void an_empty_part_is_there_and_the_first_of_a_name_counts(void **state)
{
    struct bytes parts[2];
    (void)state;
    assert_true(find(TYPE,
                     TEXT("--xyz\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\n\r\n"
                          "--xyz\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\n2\r\n"
                          "--xyz\r\n\r\nno header\r\n--xyz--"),
                     parts));
    assert_non_null(parts[0].data);
    assert_int_equal(parts[0].len, 0);
}

static void a_body_that_ends_early_is_refused_wherever_it_ends(void **state)
{
    static const char body[] = "--xyz\r\nContent-Disposition: form-data; name=\"value\"\r\n\r\n"
                               "V\r\n--xyz--";
    struct bytes parts[2];
    (void)state;
    for (size_t len = 0; len < sizeof body - 1; len++) {
        char *copy = malloc(len + 1); /* its own storage, so that reading beyond is seen */
        assert_non_null(copy);
        memcpy(copy, body, len);
        assert_false(find(TYPE, bytes_make(copy, len), parts));
        free(copy);
    }
    assert_true(find(TYPE, bytes_of(body), parts));
}

static void a_type_without_a_usable_boundary_is_refused(void **state)
{
    struct bytes parts[2];
    (void)state;
    assert_false(find("multipart/form-data", TEXT("--xyz--"), parts));
    assert_false(find("multipart/form-data; boundary=", TEXT("----"), parts));
    assert_false(find("multipart/form-data; boundary="
                      "1234567890123456789012345678901234567890123456789012345678901234567890x",
                      TEXT("--x--"), parts));
    assert_true(multipart_is("multipart/form-data;boundary=x"));
    assert_false(multipart_is("multipart/form-databases"));
    assert_false(multipart_is("application/json"));
    assert_false(multipart_is(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_found_with_and_without_filename),
        cmocka_unit_test(values_are_binary),
        cmocka_unit_test(an_empty_part_is_there_and_the_first_of_a_name_counts),
        cmocka_unit_test(a_body_that_ends_early_is_refused_wherever_it_ends),
        cmocka_unit_test(a_type_without_a_usable_boundary_is_refused),
    };
    return cmocka_run_group_tests_name("serve/multipart", tests, NULL, NULL);
}
