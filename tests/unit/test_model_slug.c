#include "test_model_builder.h"

#include "model/slug.h"

static void assert_slug(const char *text, size_t max, const char *expected)
{
    struct buf out = {0};
    buf_add_str(&out, "pr-");
    slug_add(&out, B(text), max);
    assert_string_equal(out.data + 3, expected);
    assert_true(out.len - 3 <= max);
    assert_true(slug_is_of(bytes_make(out.data + 3, out.len - 3), B(text)));
    buf_release(&out);
}

static void a_name_stays_as_it_is(void **state)
{
    (void)state;
    assert_slug("main", 28, "main");
    assert_slug("add-cart-2", 12, "add-cart-2");
    assert_slug("abcdefghijklmnopqrstuvwxyz-1", 28, "abcdefghijklmnopqrstuvwxyz-1");
}

static void what_is_changed_or_cut_ends_with_a_hash_of_all_of_it(void **state)
{
    (void)state;
    assert_slug("Feature/Cart", 28, "feature-cart-f388674");
    assert_slug("feature/cart", 28, "feature-cart-c39f4df");
    assert_slug("feature/cart", 12, "feat-c39f4df");
    assert_slug("-a-", 28, "a-a75a468");
    assert_slug("a--b", 28, "a-b-90827a2");
    assert_slug("long-long-long-long-long-long-long-long-long-", 28, "long-long-long-long-68284f9");
    assert_slug("///", 28, "732c4e9");
    assert_slug("\xe6\x97\xa5\xe6\x9c\xac", 28, "cf2abf0");
}

static void a_name_that_ends_like_a_slug_takes_nobodys_place(void **state)
{
    (void)state;
    struct buf out = {0};
    slug_add(&out, B("feature-cart-c39f4df"), 28);
    assert_string_equal(out.data, "feature-cart-c39f4df-64b1084");
    assert_false(slug_is_of(B("feature-cart-c39f4df"), B("feature-cart-c39f4df")));
    assert_false(slug_is_of(B("732c4e9"), B("732c4e9")));
    buf_release(&out);
}

static void a_slug_is_known_whatever_it_was_cut_to(void **state)
{
    (void)state;
    struct buf out = {0};
    for (size_t max = SLUG_MAX_LEAST; max <= 64; max++) {
        buf_clear(&out);
        slug_add(&out, B("dependabot/npm_and_yarn/some-package-1.2.3"), max);
        assert_true(slug_is_of(buf_bytes(&out), B("dependabot/npm_and_yarn/some-package-1.2.3")));
        assert_false(slug_is_of(buf_bytes(&out), B("dependabot/npm_and_yarn/some-package-1.2.4")));
    }
    assert_false(slug_is_of(B(""), B("")));
    assert_false(slug_is_of(B("a"), B("")));
    assert_false(slug_is_of(B(""), B("a")));
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_stays_as_it_is),
        cmocka_unit_test(what_is_changed_or_cut_ends_with_a_hash_of_all_of_it),
        cmocka_unit_test(a_name_that_ends_like_a_slug_takes_nobodys_place),
        cmocka_unit_test(a_slug_is_known_whatever_it_was_cut_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
