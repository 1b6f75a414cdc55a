#include "test_base.h"

#include "base/ini.h"

static struct arena arena;
static struct ini ini;

static int end(void **state)
{
    (void)state;
    arena_release(&arena);
    ini = (struct ini){0};
    return 0;
}

static void read_text(const char *text)
{
    struct error err = {0};
    ini = (struct ini){0};
    bool ok = ini_read(&arena, "F", bytes_of(text), &ini, &err);
    assert_string_equal(err.message, "");
    assert_true(ok);
}

static void assert_value(const char *section, const char *name, const char *sub, const char *value)
{
    const struct ini_setting *s = ini_find(&ini, section, name, sub);
    assert_non_null(s);
    assert_string_equal(s->value, value);
}

static void assert_fails(struct bytes text, const char *message)
{
    struct error err = {0};
    ini = (struct ini){0};
    assert_false(ini_read(&arena, "F", text, &ini, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_string_equal(err.message, message);
}

static void a_setting_is_a_line_of_its_section(void **state)
{
    (void)state;
    read_text("\xef\xbb\xbf"
              "a=1\r\n[default]\r\n  a =  two words \t\n[profile x]\na=\nb==\n");
    assert_value("", "a", NULL, "1");
    assert_value("default", "a", NULL, "two words");
    assert_value("default", "A", NULL, "two words");
    assert_value("profile x", "a", NULL, "");
    assert_value("profile x", "b", NULL, "=");
    assert_null(ini_find(&ini, "default", "b", NULL));
    assert_int_equal(ini_find(&ini, "profile x", "b", NULL)->line, 6);
}

static void names_of_sections_are_plain(void **state)
{
    (void)state;
    read_text("[ profile \t \"my  work\" ] # mine\na=1\n[empty]\n");
    assert_value("profile my work", "a", NULL, "1");
    assert_true(ini_has_section(&ini, "empty"));
    assert_false(ini_has_section(&ini, "profile"));
    assert_false(ini_has_section(&ini, "Empty"));
}

static void comments_begin_a_line_or_follow_a_blank_outside_of_quotes(void **state)
{
    (void)state;
    read_text("# a=0\n; a=0\n  # a=0\na=1#2;3 # 4\nb=\"x # y\" ; z\nc= # nothing\n");
    assert_value("", "a", NULL, "1#2;3");
    assert_value("", "b", NULL, "\"x # y\"");
    assert_value("", "c", NULL, "");
    assert_int_equal(ini.n, 3);
}

static void the_last_of_a_name_counts(void **state)
{
    (void)state;
    read_text("[x]\na=1\n[y]\na=2\n[x]\na=3\n");
    assert_value("x", "a", NULL, "3");
    assert_value("y", "a", NULL, "2");
}

static void what_is_indented_below_an_empty_value_is_a_setting_of_it(void **state)
{
    (void)state;
    read_text(
        "[services x]\ns3 =\n  endpoint_url = https://a\n\n\tmore=1\nsqs =\n endpoint_url=b\n");
    assert_value("services x", "s3", "endpoint_url", "https://a");
    assert_value("services x", "S3", "MORE", "1");
    assert_value("services x", "sqs", "endpoint_url", "b");
    assert_null(ini_find(&ini, "services x", "endpoint_url", NULL));
}

static void what_is_indented_below_a_value_is_left_out_and_said(void **state)
{
    (void)state;
    read_text("[x]\na = 1\n  b = 2\n  3\nc = 4\n");
    assert_value("x", "a", NULL, "1");
    assert_true(ini_find(&ini, "x", "a", NULL)->cut);
    assert_null(ini_find(&ini, "x", "b", NULL));
    assert_false(ini_find(&ini, "x", "c", NULL)->cut);
    read_text("[x]\n  a = 1\n[y]\n  b = 2\n"); /* there is nothing that it could be below */
    assert_value("x", "a", NULL, "1");
    assert_value("y", "b", NULL, "2");
}

static void what_is_none_of_these_is_told_by_its_line(void **state)
{
    (void)state;
    assert_fails(TEXT("a=1\nsecret\n"), "F:2: this is no NAME = VALUE");
    assert_fails(TEXT("= secret"), "F:1: this is no NAME = VALUE");
    assert_fails(TEXT("[x\n"), "F:1: a bracket opens the name of a section, and none ends it");
    assert_fails(TEXT("[ ]\n"), "F:1: a section has no name");
    assert_fails(TEXT("[x] secret\n"), "F:1: there is text behind a section");
    assert_fails(TEXT("\na=b\0c\n"), "F:2: it holds a NUL byte");
    assert_fails(TEXT("a=\n  secret\n"), "F:2: this is no NAME = VALUE");
    assert_fails(TEXT("a\0=\0"), "F: this is UTF-16");
}

static void there_is_a_bound(void **state)
{
    (void)state;
    struct buf text = {0};
    struct error err = {0};
    for (size_t i = 0; i <= INI_SETTINGS_MAX; i++)
        buf_add_str(&text, "a=\n");
    ini = (struct ini){0};
    assert_false(ini_read(&arena, "F", buf_bytes(&text), &ini, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.message, "F:20001: there are more than 20000 settings");
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_setting_is_a_line_of_its_section, end),
        cmocka_unit_test_teardown(names_of_sections_are_plain, end),
        cmocka_unit_test_teardown(comments_begin_a_line_or_follow_a_blank_outside_of_quotes, end),
        cmocka_unit_test_teardown(the_last_of_a_name_counts, end),
        cmocka_unit_test_teardown(what_is_indented_below_an_empty_value_is_a_setting_of_it, end),
        cmocka_unit_test_teardown(what_is_indented_below_a_value_is_left_out_and_said, end),
        cmocka_unit_test_teardown(what_is_none_of_these_is_told_by_its_line, end),
        cmocka_unit_test_teardown(there_is_a_bound, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
