#include "test_base.h"

#include <string.h>

#include "base/text.h"

static void valid_utf8_is_accepted_and_counted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t points;
    } cases[] = {
        {"", 0},
        {"plain ascii of more than eight bytes", 36},
        {"\xc3\xa9t\xc3\xa9", 3},
        {"\xc2\x80\xdf\xbf", 2},
        {"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 4},
        {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 2},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        assert_true(utf8_valid(bytes_of(cases[i].text)));
        assert_int_equal(utf8_count(bytes_of(cases[i].text)), cases[i].points);
    }
    assert_true(utf8_valid(TEXT("a\0b")));
    assert_true(utf8_valid(bytes_make(NULL, 0)));
}

static void invalid_utf8_is_refused_where_it_starts(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc3",
        "\xc3(",
        "\xe0\x9f\xbf",
        "\xe2\x82",
        "\xe2(\xa1",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x9f\x98",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xfe",
        "\xff",
        "\xf0(\x8c\xbc",
        "\xe2\x82(",
        "\xf0\x9f\x98(",
    };
    for (size_t i = 0; i < N_OF(bad); i++)
        for (size_t before = 0; before < 10; before++) {
            struct buf b = {0};
            buf_addf(&b, "%.*s", (int)before, "0123456789");
            buf_add_str(&b, bad[i]);
            buf_add_str(&b, "tail of text");
            assert_false(utf8_valid(buf_bytes(&b)));
            assert_int_equal(utf8_first_invalid(buf_bytes(&b)), before);
            /* cut short: must not look past the end */
            struct bytes cut = bytes_make(b.data, before + strlen(bad[i]));
            assert_int_equal(utf8_first_invalid(cut), before);
            buf_release(&b);
        }
}

static void a_slip_gets_the_nearest_name(void **state)
{
    (void)state;
    static const char *const names[] = {"title", "binding",     "ttl_seconds", "env",
                                        "app",   "description", NULL};
    static const struct {
        const char *slip, *want;
    } cases[] = {
        {"titel", "title"},
        {"tilte", "title"},
        {"titles", "title"},
        {"bindng", "binding"},
        {"enw", "env"},
        {"envv", "env"},
        {"ttl_second", "ttl_seconds"},
        {"ttlseconds", "ttl_seconds"},
        {"descripton", "description"},
        {"title", "title"},
    };
    for (size_t i = 0; i < N_OF(cases); i++)
        assert_string_equal(text_nearest(bytes_of(cases[i].slip), names), cases[i].want);
}

static void a_name_that_begins_another_is_near(void **state)
{
    (void)state;
    static const char *const names[] = {"dev", "prod", "prod-eu", NULL};
    assert_string_equal(text_nearest(TEXT("production"), names), "prod");
    assert_string_equal(text_nearest(TEXT("development"), names), "dev");
    assert_string_equal(text_nearest(TEXT("prod-europe"), names), "prod-eu");
    assert_null(text_nearest(TEXT("pr"), names)); /* too short to tell */
}

static void what_is_too_far_gets_no_name(void **state)
{
    (void)state;
    static const char *const names[] = {"title", "env", "ttl_seconds", NULL};
    static const char *const none[] = {NULL};
    assert_null(text_nearest(TEXT("evn1"), names)); /* two edits of a name of four */
    assert_null(text_nearest(TEXT("colour"), names));
    assert_null(text_nearest(TEXT("tixxxe"), names));
    assert_null(text_nearest(TEXT("title"), none));
    char endless[1000];
    memset(endless, 'a', sizeof endless);
    assert_null(text_nearest(bytes_make(endless, sizeof endless), names));
}

static void a_swap_is_one_edit_and_the_first_of_equals_wins(void **state)
{
    (void)state;
    static const char *const names[] = {"abd", "abe", NULL};
    static const char *const swapped[] = {"acb", NULL};
    assert_string_equal(text_nearest(TEXT("abc"), names), "abd");
    assert_string_equal(text_nearest(TEXT("abc"), swapped), "acb");
}

static void a_name_longer_than_we_compare_is_no_candidate(void **state)
{
    (void)state;
    char longer[100];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    const char *const names[] = {longer, "aab", NULL};
    assert_string_equal(text_nearest(TEXT("aaa"), names), "aab");
}

static void assert_quoted(struct bytes b, size_t max, const char *want)
{
    struct buf out = {0};
    text_quote(&out, b, max);
    assert_buf(&out, want);
    buf_release(&out);
}

static void what_is_shown_cannot_steer_a_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown, *json;
    } cases[] = {
        {"", "", ""},
        {"plain\ttext\nof 2 lines", "plain\ttext\nof 2 lines", "plain\ttext\nof 2 lines"},
        {"it's \"caf\xc3\xa9\" \\", "it's \"caf\xc3\xa9\" \\", "it's \"caf\xc3\xa9\" \\"},
        {"\033[31mred", "\\x1B[31mred", "\\u001B[31mred"},
        {"a\rb\x7f", "a\\x0Db\\x7F", "a\\u000Db\\u007F"},
        {"\xc2\x9b"
         "31m",
         "\\xC2\\x9B31m", "\\u009B31m"},
        {"\x9b"
         "31m\xff",
         "\\x9B31m\\xFF", "\\x9B31m\\xFF"},
        {"\xe2\x80\xaelmth", "\\xE2\\x80\\xAElmth", "\\u202Elmth"},
        {"\xe2\x81\xa6x\xe2\x81\xa9", "\\xE2\\x81\\xA6x\\xE2\\x81\\xA9", "\\u2066x\\u2069"},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct buf shown = {0}, json = {0};
        text_show(&shown, bytes_of(cases[i].text));
        text_show_json(&json, bytes_of(cases[i].text));
        assert_string_equal(shown.data ? shown.data : "", cases[i].shown);
        assert_string_equal(json.data ? json.data : "", cases[i].json);
        buf_release(&shown);
        buf_release(&json);
    }
    assert_true(text_is_plain(bytes_of("caf\xc3\xa9 'x'")));
    assert_false(text_is_plain(bytes_of("a\nb")));
    assert_false(text_is_plain(TEXT("a\0b")));
    assert_false(text_is_plain(bytes_of("\xc2\x9b")));
    assert_false(text_is_plain(bytes_of("\xe2\x80\xae")));
}

#define NO_WIDTH "\xe2\x80\x8b"

static void a_log_of_github_actions_gets_no_command(void **state)
{
    (void)state;
    static const struct {
        const char *text, *defused, *anywhere;
    } cases[] = {
        {"", "", ""},
        {"plain: a :b ## [c]\n", "plain: a :b ## [c]\n", "plain: a :b ## [c]\n"},
        {"::error::x", ":" NO_WIDTH ":error::x", ":" NO_WIDTH ":error::x"},
        {"  :::x\n::y", "  :" NO_WIDTH "::x\n:" NO_WIDTH ":y",
         "  :" NO_WIDTH "::x\n:" NO_WIDTH ":y"},
        {"\t\xc2\xa0\xe3\x80\x80::x", "\t\xc2\xa0\xe3\x80\x80:" NO_WIDTH ":x",
         "\t\xc2\xa0\xe3\x80\x80:" NO_WIDTH ":x"},
        {"a::b::\r::c", "a::b::\r:" NO_WIDTH ":c", "a:" NO_WIDTH ":b::\r:" NO_WIDTH ":c"},
        {"a##[b]###[c]##", "a##" NO_WIDTH "[b]###" NO_WIDTH "[c]##",
         "a##" NO_WIDTH "[b]###" NO_WIDTH "[c]##"},
        {"\xff:", "\xff:", "\xff:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        text_defuse(&out, bytes_of(cases[i].text), false);
        assert_buf(&out, cases[i].defused);
        buf_clear(&out);
        text_defuse(&out, bytes_of(cases[i].text), true);
        assert_buf(&out, cases[i].anywhere);
        buf_release(&out);
    }
}

static void a_column_is_what_a_terminal_makes_of_it(void **state)
{
    (void)state;
    struct buf cell = {0};
    assert_int_equal(text_columns(bytes_of("")), 0);
    assert_int_equal(text_columns(bytes_of("shop")), 4);
    assert_int_equal(text_columns(bytes_of("caf\xc3\xa9\xe2\x80\xa6")), 5);
    assert_int_equal(text_columns(bytes_of("\xe6\xbc\xa2\xe5\xad\x97")), 4);
    assert_int_equal(text_columns(bytes_of("e\xcc\x81")), 1);
    text_pad(&cell, 2, 5);
    text_pad(&cell, 5, 5);
    assert_string_equal(cell.data, "   ");
    buf_release(&cell);
}

static void quoting_shows_text_and_escapes_what_could_forge(void **state)
{
    (void)state;
    assert_quoted(TEXT("plain \xc3\xa9"), 100, "'plain \xc3\xa9'");
    assert_quoted(TEXT(""), 100, "''");
    assert_quoted(bytes_make(NULL, 0), 100, "''");
    assert_quoted(TEXT("it's"), 100, "'it\\x27s'");
    assert_quoted(TEXT("a\0b\n\x1b[31m\x7f"), 100, "'a\\x00b\\x0A\\x1B[31m\\x7F'");
    assert_quoted(TEXT("\xff\xc3"), 100, "'\\xFF\\xC3'");
    /* C1 CSI, right-to-left override, line separator */
    assert_quoted(TEXT("\xc2\x9b"
                       "1m"),
                  100, "'\\xC2\\x9B1m'");
    assert_quoted(TEXT("\xe2\x80\xae"), 100, "'\\xE2\\x80\\xAE'");
    assert_quoted(TEXT("\xe2\x80\xa8"), 100, "'\\xE2\\x80\\xA8'");
}

static void a_shell_reads_a_word_back(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"plan.out", "plan.out"},
                                           {"a b", "'a b'"},
                                           {"it's", "'it'\\''s'"},
                                           {"", "''"},
                                           {"$x", "'$x'"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};
        text_shell_word(&out, bytes_of(cases[i][0]));
        assert_buf(&out, cases[i][1]);
        buf_release(&out);
    }
}

static void quoting_cuts_at_a_character(void **state)
{
    (void)state;
    assert_quoted(TEXT("abcdef"), 6, "'abcdef'");
    assert_quoted(TEXT("abcdef"), 5, "'abcde\xe2\x80\xa6'");
    assert_quoted(TEXT("ab\xc3\xa9"), 3, "'ab\xe2\x80\xa6'");
    assert_quoted(TEXT("a"), 0, "'\xe2\x80\xa6'");
}

static void quoting_into_an_array_never_leaves_it(void **state)
{
    (void)state;
    char out[32];
    assert_string_equal(text_quoted(TEXT("ab\n"), out, sizeof out), "'ab\\x0A'");
    assert_string_equal(text_quoted(TEXT("abcd"), out, 7), "'abcd'");
    assert_string_equal(text_quoted(TEXT("abcde"), out, 7), "'a\xe2\x80\xa6'");
    assert_string_equal(text_quoted(TEXT("abcdefgh"), out, 7), "'a\xe2\x80\xa6'");
    for (size_t size = 1; size < sizeof out; size++) {
        memset(out, '#', sizeof out);
        text_quoted(TEXT("\n\xc3\xa9 and much more of the same text"), out, size);
        assert_true(strlen(out) < size);
        assert_true(utf8_valid(bytes_of(out)));
        assert_int_equal(out[size], '#');
    }
}

static void whole_decimal_integers_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"+7", 7},
        {"007", 7},
        {"-1", -1},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < N_OF(good); i++) {
        int64_t n = 99;
        assert_true(text_to_int64(bytes_of(good[i].text), &n));
        assert_true(n == good[i].want);
    }
}

static void anything_else_does_not_parse(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "-",
        "+",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "0x1",
        "--1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
        "18446744073709551616",
    };
    for (size_t i = 0; i < N_OF(bad); i++) {
        int64_t n = 99;
        assert_false(text_to_int64(bytes_of(bad[i]), &n));
        assert_int_equal(n, 99);
    }
    int64_t n;
    assert_false(text_to_int64(TEXT("1\0"), &n));
}

static void utf_16_is_known_by_its_mark_or_its_zeros(void **state)
{
    (void)state;
    assert_true(text_is_utf16(TEXT("\xff\xfe")));
    assert_true(text_is_utf16(TEXT("\xfe\xff\0a")));
    assert_true(text_is_utf16(TEXT("k\0e\0")));
    assert_true(text_is_utf16(TEXT("\0k\0e")));
    assert_false(text_is_utf16(TEXT("")));
    assert_false(text_is_utf16(TEXT("\xff")));
    assert_false(text_is_utf16(TEXT("key,value")));
    assert_false(text_is_utf16(TEXT("\0\0\0\0")));
    assert_false(text_is_utf16(TEXT("a\0bc")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_utf8_is_accepted_and_counted),
        cmocka_unit_test(invalid_utf8_is_refused_where_it_starts),
        cmocka_unit_test(a_slip_gets_the_nearest_name),
        cmocka_unit_test(a_name_that_begins_another_is_near),
        cmocka_unit_test(what_is_too_far_gets_no_name),
        cmocka_unit_test(a_swap_is_one_edit_and_the_first_of_equals_wins),
        cmocka_unit_test(a_name_longer_than_we_compare_is_no_candidate),
        cmocka_unit_test(what_is_shown_cannot_steer_a_terminal),
        cmocka_unit_test(a_log_of_github_actions_gets_no_command),
        cmocka_unit_test(a_column_is_what_a_terminal_makes_of_it),
        cmocka_unit_test(utf_16_is_known_by_its_mark_or_its_zeros),
        cmocka_unit_test(quoting_shows_text_and_escapes_what_could_forge),
        cmocka_unit_test(a_shell_reads_a_word_back),
        cmocka_unit_test(quoting_cuts_at_a_character),
        cmocka_unit_test(quoting_into_an_array_never_leaves_it),
        cmocka_unit_test(whole_decimal_integers_parse),
        cmocka_unit_test(anything_else_does_not_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
