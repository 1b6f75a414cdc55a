/* Texts that people take for one. */
#include "test_base.h"

#include "base/fold.h"

static bool alike(const char *a, const char *b)
{
    struct arena arena = {0};
    bool same = bytes_equal(fold_text(&arena, bytes_of(a)), fold_text(&arena, bytes_of(b)));
    arena_release(&arena);
    return same;
}

static void case_composition_and_outer_blanks_make_no_difference(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"shop", "Shop"},
        {"shop", " shop\t"},
        {"caf\u00e9", "cafe\u0301"},
        {"CAF\u00c9", "cafe\u0301 "},
        {"stra\u00dfe", "STRASSE"},
        {"\u00a0a", "a\u3000"},
        {"\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2",
         "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3"},
        {"", "  "},
    };
    for (size_t i = 0; i < N_OF(pairs); i++) {
        assert_true(alike(pairs[i][0], pairs[i][1]));
        assert_true(alike(pairs[i][1], pairs[i][0]));
    }
}

static void all_else_does(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"shop", "shops"}, {"a b", "a  b"}, {"e", "\u00e9"}, {"1", "\u00b9"},
        {"\xff", "\xfe"},  {"a-b", "a_b"},  {"a", "\u0430"}, /* a Cyrillic one: NFC does not look at
                                                                shapes */
    };
    for (size_t i = 0; i < N_OF(pairs); i++)
        assert_false(alike(pairs[i][0], pairs[i][1]));
}

static void what_is_plain_folds_to_itself(void **state)
{
    (void)state;
    assert_true(fold_is_plain(TEXT("a/b-1 c")));
    assert_true(fold_is_plain(TEXT("")));
    assert_false(fold_is_plain(TEXT("aB")));
    assert_false(fold_is_plain(TEXT("a ")));
    assert_false(fold_is_plain(TEXT("\u00e9")));
}

static void the_difference_is_told_in_words(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"a", "A", "case"},
        {"a", " a", "blanks around them"},
        {"\u00e9", "e\u0301", "how their characters are composed (Unicode NFC)"},
        {"\u00c9 ", "e\u0301", "case, blanks around them or how their characters are composed"},
    };
    for (size_t i = 0; i < N_OF(cases); i++)
        assert_string_equal(fold_difference(bytes_of(cases[i][0]), bytes_of(cases[i][1])),
                            cases[i][2]);
}

static void what_is_composed_stays_what_it_is(void **state)
{
    (void)state;
    static const char *const composed[] = {"", "shop", "caf\u00e9", "\uac00", "\U0001F600", "\xff"};
    static const char *const not [] = {"cafe\u0301", "\u1100\u1161", "\u212b"};
    for (size_t i = 0; i < N_OF(composed); i++)
        assert_true(fold_is_composed(bytes_of(composed[i])));
    for (size_t i = 0; i < N_OF(not ); i++)
        assert_false(fold_is_composed(bytes_of(not [i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_composition_and_outer_blanks_make_no_difference),
        cmocka_unit_test(all_else_does),
        cmocka_unit_test(what_is_plain_folds_to_itself),
        cmocka_unit_test(the_difference_is_told_in_words),
        cmocka_unit_test(what_is_composed_stays_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
