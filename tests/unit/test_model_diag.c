#include "test_model_builder.h"

static struct diag_list three(void)
{
    struct diag_list list = {0};
    diag_add(&list, DIAG_ERROR, "b.two", (struct srcpos){"b.lua", 2}, "second of %s", "b");
    diag_add(&list, DIAG_WARNING, "a.nine", (struct srcpos){"a.lua", 9}, "late in a");
    diag_hint(&list, "look at line %d", 9);
    diag_add(&list, DIAG_ERROR, "none", (struct srcpos){NULL, 0}, "everywhere");
    return list;
}

static void it_sorts_by_file_and_line_with_the_whole_configuration_first(void **state)
{
    (void)state;
    struct diag_list list = three();
    diag_add(&list, DIAG_ERROR, "a.ten", (struct srcpos){"a.lua", 10}, "x");
    diag_add(&list, DIAG_ERROR, "z.first", (struct srcpos){"b.lua", 2}, "added later, same line");
    diag_sort(&list);
    assert_int_equal(list.n, 5);
    const char *codes[] = {"none", "a.nine", "a.ten", "b.two", "z.first"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(list.items[i].code, codes[i]);
    diag_release(&list);
}

static void it_drops_exact_repeats_even_when_others_stand_between(void **state)
{
    (void)state;
    struct diag_list list = {0};
    for (int i = 0; i < 3; i++) {
        diag_add(&list, DIAG_ERROR, "x.y", at(1), "same");
        diag_add(&list, DIAG_ERROR, "x.y", at(1), "other %d", i % 2);
        diag_add(&list, DIAG_WARNING, "x.y", at(1), "same");
    }
    diag_sort(&list);
    assert_int_equal(list.n, 4);
    assert_int_equal(list.errors, 3);
    assert_string_equal(list.items[0].message, "same");
    assert_string_equal(list.items[1].message, "other 0");
    assert_int_equal(list.items[2].severity, DIAG_WARNING);
    assert_string_equal(list.items[3].message, "other 1");
    diag_release(&list);
}

static void a_hint_tells_two_diagnostics_apart(void **state)
{
    (void)state;
    struct diag_list list = {0};
    diag_add(&list, DIAG_ERROR, "x.y", at(1), "same");
    diag_add(&list, DIAG_ERROR, "x.y", at(1), "same");
    diag_hint(&list, "but");
    diag_sort(&list);
    assert_int_equal(list.n, 2);
    diag_release(&list);
}

static void it_copies_what_it_is_given(void **state)
{
    (void)state;
    char file[] = "a.lua", text[] = "text";
    struct diag_list list = {0};
    diag_add(&list, DIAG_ERROR, "x.y", (struct srcpos){file, 1}, "%s", text);
    file[0] = text[0] = '!';
    assert_string_equal(list.items[0].pos.file, "a.lua");
    assert_string_equal(list.items[0].message, "text");
    diag_release(&list);
}

static void it_prints_text_for_people(void **state)
{
    (void)state;
    struct diag_list list = three();
    struct buf out = {0};
    diag_sort(&list);
    diag_write_text(&list, &out);
    assert_string_equal(out.data, "error: everywhere\n"
                                  "a.lua:9: warning: late in a\n"
                                  "  hint: look at line 9\n"
                                  "b.lua:2: error: second of b\n");
    buf_release(&out);
    diag_release(&list);
}

static void it_prints_json_for_programs(void **state)
{
    (void)state;
    struct diag_list list = three();
    struct buf out = {0};
    struct json_writer w = json_writer_to(&out, 0);
    diag_sort(&list);
    diag_write_json(&list, &w);
    assert_string_equal(
        out.data,
        "[{\"code\":\"none\",\"file\":null,\"hint\":null,\"line\":null,\"message\":\"everywhere\","
        "\"severity\":\"error\"},"
        "{\"code\":\"a.nine\",\"file\":\"a.lua\",\"hint\":\"look at line 9\",\"line\":9,"
        "\"message\":\"late in a\",\"severity\":\"warning\"},"
        "{\"code\":\"b.two\",\"file\":\"b.lua\",\"hint\":null,\"line\":2,"
        "\"message\":\"second of b\",\"severity\":\"error\"}]");
    buf_release(&out);
    diag_release(&list);
}

static void an_empty_list_prints_nothing_and_passes(void **state)
{
    (void)state;
    struct diag_list list = {0};
    struct buf out = {0};
    struct error err;
    struct json_writer w = json_writer_to(&out, 0);
    diag_sort(&list);
    diag_make_strict(&list);
    diag_hint(&list, "for nobody");
    assert_true(diag_check(&list, &err));
    diag_write_text(&list, &out);
    assert_int_equal(out.len, 0);
    diag_write_json(&list, &w);
    assert_string_equal(out.data, "[]");
    buf_release(&out);
    diag_release(&list);
}

static void check_counts_errors_only(void **state)
{
    (void)state;
    struct diag_list list = {0};
    struct error err = {0};
    diag_add(&list, DIAG_WARNING, "x.y", at(1), "w");
    assert_true(diag_check(&list, &err));
    diag_add(&list, DIAG_ERROR, "x.y", at(2), "e");
    assert_false(diag_check(&list, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.message, "the configuration has 1 error");
    diag_make_strict(&list);
    assert_false(diag_check(&list, &err));
    assert_string_equal(err.message, "the configuration has 2 errors");
    assert_int_equal(list.items[0].severity, DIAG_ERROR);
    diag_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_sorts_by_file_and_line_with_the_whole_configuration_first),
        cmocka_unit_test(it_drops_exact_repeats_even_when_others_stand_between),
        cmocka_unit_test(a_hint_tells_two_diagnostics_apart),
        cmocka_unit_test(it_copies_what_it_is_given),
        cmocka_unit_test(it_prints_text_for_people),
        cmocka_unit_test(it_prints_json_for_programs),
        cmocka_unit_test(an_empty_list_prints_nothing_and_passes),
        cmocka_unit_test(check_counts_errors_only),
    };
    return cmocka_run_group_tests_name("model/diag", tests, NULL, NULL);
}
