#include "test_model_builder.h"

#include <stdlib.h>

#include "model/fingerprint.h"

static struct fingerprint of(const char *key, const char *value, const char *metadata, int64_t ttl)
{
    struct digest d = hash_sha256(B(value));
    return fingerprint_make(B(key), &d, B(metadata), ttl);
}

static void assert_mark(const struct fingerprint *mark, const char *text)
{
    struct buf out = {0};
    struct error err = {0};
    assert_true(fingerprint_add(bytes_make(NULL, 0), mark, &out, &err));
    assert_memory_equal(out.data + strlen("{\"cfkv\":\""), text, FINGERPRINT_TEXT);
    buf_release(&out);
}

static void it_is_the_same_for_the_same_content_on_every_machine(void **state)
{
    (void)state;
    struct fingerprint a = of("k", "v", NULL, 0), b = of("k", "v", "{\"a\":1}", 60);
    assert_mark(&a, "IXtt1KQvBhvjInI3");
    assert_mark(&b, "TI4WjQ57fGzQrMTz");
}

static void everything_it_covers_changes_it(void **state)
{
    (void)state;
    struct fingerprint all[] = {
        of("k", "v", "{\"a\":1}", 60), of("l", "v", "{\"a\":1}", 60), of("k", "w", "{\"a\":1}", 60),
        of("k", "v", "{\"a\":2}", 60), of("k", "v", NULL, 60),        of("k", "v", "{\"a\":1}", 0),
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t j = 0; j < i; j++)
            assert_false(fingerprint_equal(&all[i], &all[j]));
}

static void an_empty_object_counts_as_none(void **state)
{
    (void)state;
    struct fingerprint none = of("k", "v", NULL, 0), empty = of("k", "v", "{}", 0);
    assert_true(fingerprint_equal(&none, &empty));
}

#define MARK "ABCDEFGHIJKLMN-_"

static void assert_added(const char *metadata, const char *expected)
{
    struct buf out = {0}, scratch = {0};
    struct error err = {0};
    struct fingerprint_parts parts = fingerprint_read(B("{\"cfkv\":\"" MARK "\"}"), &scratch);
    assert_true(fingerprint_add(B(metadata), &parts.mark, &out, &err));
    buf_release(&scratch);
    assert_string_equal(out.data, expected);
    if (metadata && strcmp(metadata, "{}") != 0)
        assert_int_equal(out.len, strlen(metadata) + FINGERPRINT_COST);
    buf_release(&out);
}

static void it_stands_among_the_users_members_in_their_order(void **state)
{
    (void)state;
    assert_added(NULL, "{\"cfkv\":\"" MARK "\"}");
    assert_added("{}", "{\"cfkv\":\"" MARK "\"}");
    assert_added("{\"a\":1}", "{\"a\":1,\"cfkv\":\"" MARK "\"}");
    assert_added("{\"z\":[{}]}", "{\"cfkv\":\"" MARK "\",\"z\":[{}]}");
    assert_added("{\"a\":1,\"z\":2}", "{\"a\":1,\"cfkv\":\"" MARK "\",\"z\":2}");
}

/* `user` NULL: nothing is left. */
static void assert_read(const char *metadata, const char *user)
{
    struct buf scratch = {0};
    struct fingerprint_parts parts = fingerprint_read(B(metadata), &scratch);
    assert_true(parts.has);
    assert_mark(&parts.mark, MARK);
    assert_true((user == NULL) == (parts.user.data == NULL));
    assert_true(bytes_equal(parts.user, B(user)));
    assert_true(bytes_equal(fingerprint_strip(B(metadata), &scratch), B(user)));
    buf_release(&scratch);
}

static void what_was_the_users_is_given_back(void **state)
{
    (void)state;
    assert_read("{\"cfkv\":\"" MARK "\"}", NULL);
    assert_read("{\"a\":1,\"cfkv\":\"" MARK "\"}", "{\"a\":1}");
    assert_read("{\"cfkv\":\"" MARK "\",\"z\":[{}]}", "{\"z\":[{}]}");
    assert_read("{\"a\":1,\"cfkv\":\"" MARK "\",\"z\":2}", "{\"a\":1,\"z\":2}");
}

static void the_users_bytes_stay_as_they_were_spelt(void **state)
{
    (void)state;
    assert_read(" { \"cfkv\" : \"" MARK "\" } ", NULL);
    assert_read("{ \"z\": 1.50 , \"cfkv\" : \"" MARK "\" }", "{ \"z\": 1.50  }");
    assert_read("{ \"cfkv\":\"" MARK "\" , \"q\\\"}\":\"},\\\\\",\"y\":[1,{\"cfkv\":2}] }",
                "{ \"q\\\"}\":\"},\\\\\",\"y\":[1,{\"cfkv\":2}] }");
}

static void assert_none(const char *metadata)
{
    struct buf scratch = {0};
    struct fingerprint_parts parts = fingerprint_read(B(metadata), &scratch);
    assert_false(parts.has);
    assert_true(parts.user.data == metadata);
    buf_release(&scratch);
}

static void what_has_another_form_is_the_users(void **state)
{
    (void)state;
    static const char *const others[] = {
        NULL,
        "null",
        "{}",
        "\"" MARK "\"",
        "[\"cfkv\",\"" MARK "\"]",
        "{\"cfkv\":1,\"padding\":\"0123456789\"}",
        "{\"cfkv\":\"" MARK "x\"}",
        "{\"cfkv\":\"ABCDEFGHIJKLMN+/\"}",
        "{\"a\":{\"cfkv\":\"" MARK "\"}}",
        "{\"a\":\"\\\"cfkv\\\":\\\"" MARK "\\\"\"}",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_none(others[i]);
}

static void broken_text_has_none(void **state)
{
    (void)state;
    static const char *const broken[] = {
        ("{\"cfkv\":\"" MARK),          "{\"abcdefghijklmnop\\",
        "{\"a\":[1,2,3,4,5,6,7,8",      "{\"abcdefghijklmnop\"\"x\"",
        "{{{{{{{{{{{{{{{{{{{{{{{{{{{{", "{\"abcdefghijklmno\":\"\\\"}",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_none(broken[i]);
}

static void every_cut_of_metadata_is_survived(void **state)
{
    (void)state;
    static const char text[] =
        "{ \"a\\\"\":[1,{\"b\":\"}\"}] , \"cfkv\" : \"" MARK "\" , \"z\":2 }";
    for (size_t n = 0; n <= sizeof text - 1; n++) {
        struct buf scratch = {0};
        char *copy = malloc(n + 1); /* of just that size, for the sanitizer */
        memcpy(copy, text, n);
        fingerprint_read(bytes_make(copy, n), &scratch);
        buf_release(&scratch);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_same_for_the_same_content_on_every_machine),
        cmocka_unit_test(everything_it_covers_changes_it),
        cmocka_unit_test(an_empty_object_counts_as_none),
        cmocka_unit_test(it_stands_among_the_users_members_in_their_order),
        cmocka_unit_test(what_was_the_users_is_given_back),
        cmocka_unit_test(the_users_bytes_stay_as_they_were_spelt),
        cmocka_unit_test(what_has_another_form_is_the_users),
        cmocka_unit_test(broken_text_has_none),
        cmocka_unit_test(every_cut_of_metadata_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
