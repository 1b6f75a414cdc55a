#include "test_base.h"

#include <stdlib.h>

#include "base/dotenv.h"

static struct arena arena;
static struct dotenv env;

static int begin(void **state)
{
    (void)state;
    env = (struct dotenv){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void read_text(struct bytes text)
{
    struct error err = {0};
    bool ok = dotenv_read(&arena, ".env", text, &env, &err);
    assert_string_equal(err.message, "");
    assert_true(ok);
}

/* Every `text` has a variable A. */
static void assert_value(const char *text, const char *value)
{
    read_text(bytes_of(text));
    const struct dotenv_variable *v = dotenv_find(&env, "A");
    assert_non_null(v);
    assert_string_equal(v->value, value);
}

static void assert_fails(struct bytes text, const char *message)
{
    struct error err = {0};
    assert_false(dotenv_read(&arena, ".env", text, &env, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_string_equal(err.message, message);
}

static void a_value_ends_with_its_line(void **state)
{
    (void)state;
    assert_value("A=text", "text");
    assert_value("A=two words \t\n", "two words");
    assert_value("  A = text", "text");
    assert_value("A: text", "text");
    assert_value("A=", "");
    assert_value("A=\nB=x", "");
    assert_value("A=a=b", "a=b");
    assert_value("A=it's", "it's");
}

static void a_comment_begins_anywhere_outside_of_quotes(void **state)
{
    (void)state;
    assert_value("# A=no\n\n  # nor this\nA=text # behind it", "text");
    assert_value("A=text#behind it", "text");
    assert_value("A='a # b' # it's behind it", "a # b");
    assert_value("A='x'# close", "x");
    assert_value("A=# nothing", "");
}

static void quotation_marks_keep_what_is_between_them(void **state)
{
    (void)state;
    assert_value("A=' text '", " text ");
    assert_value("A=\" text \"  ", " text ");
    assert_value("A=`it's \"text\"`", "it's \"text\"");
    assert_value("A='it's'", "it's");
    assert_value("A='C:\\'", "C:\\");
    assert_value("A=\"a\\\"b\"", "a\\\"b"); /* dotenv keeps the backslash */
    assert_value("A=\"\"", "");
}

static void escapes_are_those_of_double_quotes(void **state)
{
    (void)state;
    assert_value("A=\"a\\nb\\rc\\td\"", "a\nb\rc\\td");
    assert_value("A='a\\nb'", "a\\nb");
    assert_value("A=a\\nb", "a\\nb");
}

static void a_quoted_value_may_have_several_lines(void **state)
{
    (void)state;
    static const char *const texts[] = {"A=\"one\ntwo = 2 # no comment\n\" # but this\nB=b",
                                        "A='one\r\ntwo = 2 # no comment\r\n'\r\nB=b",
                                        "A=`one\rtwo = 2 # no comment\r`\rB=b"};
    for (size_t i = 0; i < N_OF(texts); i++) {
        assert_value(texts[i], "one\ntwo = 2 # no comment\n");
        const struct dotenv_variable *b = dotenv_find(&env, "B");
        assert_string_equal(b->value, "b");
        assert_int_equal(b->line, 4);
    }
}

static void export_is_what_a_shell_needs(void **state)
{
    (void)state;
    assert_value("export A=text", "text");
    assert_value("export\tA = 'text'", "text");
    read_text(TEXT("export=x"));
    assert_string_equal(dotenv_find(&env, "export")->value, "x");
}

static void windows_writes_a_mark_and_carriage_returns(void **state)
{
    (void)state;
    assert_value("\xef\xbb\xbf"
                 "A=text\r\nB='b'\r\n",
                 "text");
    assert_string_equal(dotenv_find(&env, "B")->value, "b");
    assert_int_equal(dotenv_find(&env, "B")->line, 2);
    assert_fails(TEXT("\xff\xfe"
                      "A\0"),
                 ".env: this is UTF-16");
}

static void what_refers_to_another_variable_is_marked(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value;
        bool refers;
    } cases[] = {
        {"A=a$B", "a$B", true},        {"A='${B}'", "${B}", true}, {"A=a$_b", "a$_b", true},
        {"A=cost: $5", "cost: $5", 0}, {"A=a$", "a$", false},      {"A=a\\$B", "a$B", false},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        assert_value(cases[i].text, cases[i].value);
        assert_int_equal(dotenv_find(&env, "A")->refers, cases[i].refers);
    }
}

static void the_last_of_a_name_counts(void **state)
{
    (void)state;
    assert_value("A=first\nA=second", "second");
    assert_value("A=of another file", "of another file");
    assert_int_equal(env.n, 3);
    assert_null(dotenv_find(&env, "a"));
}

static void the_process_wins_unless_it_is_empty(void **state)
{
    (void)state;
    read_text(TEXT("CFKV_TEST_DOTENV=file"));
    assert_string_equal(dotenv_get(&env, "CFKV_TEST_DOTENV"), "file");
    setenv("CFKV_TEST_DOTENV", "", 1);
    assert_string_equal(dotenv_get(&env, "CFKV_TEST_DOTENV"), "file");
    setenv("CFKV_TEST_DOTENV", "process", 1);
    assert_string_equal(dotenv_get(&env, "CFKV_TEST_DOTENV"), "process");
    assert_null(dotenv_find(&env, "CFKV_TEST_DOTENV"));
    unsetenv("CFKV_TEST_DOTENV");
    env.n = 0;
    assert_null(dotenv_get(&env, "CFKV_TEST_DOTENV"));
}

static void what_is_wrong_is_told_by_its_line_alone(void **state)
{
    (void)state;
    static const char open[] = ".env:2: a quotation mark opens a value, and none ends it";
    static const char no_name[] = ".env:3: this is no NAME=VALUE";
    assert_fails(TEXT("# x\nA=\"s3cret\nB=b\n"), open);
    assert_fails(TEXT("\nA='s3cret' and more\n"), open);
    assert_fails(TEXT("\nA='\n"), open);
    assert_fails(TEXT("A=a\n\ns3cret\n"), no_name);
    assert_fails(TEXT("A='\n'\nexport s3cret\n"), no_name);
    assert_fails(TEXT("A=a\n\n=s3cret\n"), no_name);
    assert_fails(TEXT("A=a\n\nA:s3cret\n"), no_name);
    assert_fails(TEXT("A=s3\0cret\n"), ".env holds a NUL byte");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_value_ends_with_its_line, begin),
        cmocka_unit_test_setup(a_comment_begins_anywhere_outside_of_quotes, begin),
        cmocka_unit_test_setup(quotation_marks_keep_what_is_between_them, begin),
        cmocka_unit_test_setup(escapes_are_those_of_double_quotes, begin),
        cmocka_unit_test_setup(a_quoted_value_may_have_several_lines, begin),
        cmocka_unit_test_setup(export_is_what_a_shell_needs, begin),
        cmocka_unit_test_setup(windows_writes_a_mark_and_carriage_returns, begin),
        cmocka_unit_test_setup(what_refers_to_another_variable_is_marked, begin),
        cmocka_unit_test_setup(the_last_of_a_name_counts, begin),
        cmocka_unit_test_setup(the_process_wins_unless_it_is_empty, begin),
        cmocka_unit_test_setup(what_is_wrong_is_told_by_its_line_alone, begin),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
