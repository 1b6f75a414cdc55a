#include "test_model_builder.h"

#include <stdio.h>

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
    diag_write_text(&list, false, 0, &out);
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
        out.data, "[{\"code\":\"none\",\"column\":null,\"file\":null,\"hint\":null,\"line\":null,"
                  "\"message\":\"everywhere\","
                  "\"severity\":\"error\"},"
                  "{\"code\":\"a.nine\",\"column\":null,\"file\":\"a.lua\",\"hint\":\"look at line "
                  "9\",\"line\":9,"
                  "\"message\":\"late in a\",\"severity\":\"warning\"},"
                  "{\"code\":\"b.two\",\"column\":null,\"file\":\"b.lua\",\"hint\":null,\"line\":2,"
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
    diag_write_text(&list, false, 0, &out);
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

/* ---- Those of one cause ---------------------------------------------------------------------- */

static const char *text_of(struct diag_list *list, bool all)
{
    static char text[4096];
    struct buf out = {0};
    diag_write_text(list, all, 0, &out);
    snprintf(text, sizeof text, "%s", out.len ? out.data : "");
    buf_release(&out);
    return text;
}

static void add_unbound(struct diag_list *list, int line, const char *name)
{
    diag_add(list, DIAG_WARNING, "namespace.unbound", (struct srcpos){"kv.lua", line},
             "namespace '%s' is selected by no wrangler declaration", name);
}

static void three_of_one_cause_are_told_one_by_one(void **state)
{
    (void)state;
    struct diag_list list = {0};
    add_unbound(&list, 3, "a");
    add_unbound(&list, 3, "b");
    add_unbound(&list, 3, "c");
    assert_string_equal(text_of(&list, false), text_of(&list, true));
    diag_release(&list);
}

static void more_are_one_paragraph_that_names_the_first(void **state)
{
    (void)state;
    struct diag_list list = {0};
    const char *names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    for (int i = 0; i < 9; i++)
        add_unbound(&list, i < 3 ? 3 : 3 + i, names[i]);
    assert_string_equal(
        text_of(&list, false),
        "kv.lua:3: warning: namespace 'a' is selected by no wrangler declaration\n"
        "  also 'b', 'c', 'd' (kv.lua:6), 'e' (kv.lua:7), 'f' (kv.lua:8) and 3 more "
        "(--verbose shows all)\n");
    assert_non_null(strstr(text_of(&list, true), "kv.lua:11: warning: namespace 'i'"));
    diag_release(&list);
}

static void what_differs_in_more_than_names_and_numbers_has_another_cause(void **state)
{
    (void)state;
    struct diag_list list = {0};
    for (int i = 0; i < 4; i++) {
        struct srcpos none = {0};
        diag_add(&list, DIAG_ERROR, "a", none, "namespace 'n%d' holds %d key%s", i, i,
                 i == 1 ? "" : "s");
        diag_add(&list, i == 0 ? DIAG_WARNING : DIAG_ERROR, "b", none, "the account's '%d' is %s",
                 i, i == 3 ? "red" : "blue");
    }
    assert_string_equal(text_of(&list, false), "error: namespace 'n0' holds 0 keys\n"
                                               "  also 'n1', 'n2', 'n3'\n"
                                               "warning: the account's '0' is blue\n"
                                               "error: the account's '1' is blue\n"
                                               "error: the account's '2' is blue\n"
                                               "error: the account's '3' is red\n");
    diag_release(&list);
}

static void names_are_told_by_what_distinguishes_them(void **state)
{
    (void)state;
    struct diag_list list = {0};
    for (int i = 0; i < 4; i++)
        diag_add(&list, DIAG_ERROR, "c", (struct srcpos){"kv.lua", 1},
                 "binding 'CACHE' of environment 'e%d' in 'w%d.toml'", i, i);
    assert_non_null(
        strstr(text_of(&list, false), "also 'e1' of 'w1.toml', 'e2' of 'w2.toml', 'e3' of"));
    diag_release(&list);
    for (int i = 0; i < 4; i++)
        diag_add(&list, DIAG_ERROR, "c", (struct srcpos){"kv.lua", i + 1}, "a key is empty");
    assert_non_null(strstr(text_of(&list, false), "  also kv.lua:2, kv.lua:3, kv.lua:4\n"));
    diag_release(&list);
}

static void one_hint_lists_the_words_of_those_that_are_named(void **state)
{
    (void)state;
    struct diag_list list = {0};
    for (int i = 0; i < 9; i++) {
        diag_add(&list, DIAG_ERROR, "guard.data_loss", (struct srcpos){0}, "namespace 'n%d' goes",
                 i);
        diag_hint(&list, "keep it; --allow-data-loss=n%d lets it go; it is saved", i);
    }
    assert_non_null(strstr(text_of(&list, false),
                           "  hint: keep it; --allow-data-loss=n0 --allow-data-loss=n1 "
                           "--allow-data-loss=n2 --allow-data-loss=n3 --allow-data-loss=n4 "
                           "--allow-data-loss=n5 … (and so on, 3 more) lets it go; it is saved\n"));
    for (size_t i = 0; i < list.n; i++)
        list.items[i].together = "--allow-data-loss='n*'";
    assert_non_null(strstr(text_of(&list, false),
                           "  hint: keep it; --allow-data-loss='n*' lets it go; it is saved\n"));
    diag_release(&list);
    for (int i = 0; i < 4; i++) {
        diag_add(&list, DIAG_ERROR, "d", (struct srcpos){0}, "'n%d' is protected", i);
        diag_hint(&list, "run cfkv state unprotect 'n%d'", i);
    }
    assert_non_null(strstr(text_of(&list, false), "unprotect 'n0', 'n1', 'n2', 'n3'\n"));
    diag_release(&list);
}

static void json_holds_each_of_them(void **state)
{
    (void)state;
    struct diag_list list = {0};
    struct buf out = {0};
    struct json_writer w = json_writer_to(&out, 0);
    for (int i = 0; i < 9; i++)
        add_unbound(&list, i, "a");
    diag_write_json(&list, &w);
    size_t n = 0;
    for (const char *at = out.data; (at = strstr(at, "\"code\"")); at++)
        n++;
    assert_int_equal(n, 9);
    buf_release(&out);
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
        cmocka_unit_test(three_of_one_cause_are_told_one_by_one),
        cmocka_unit_test(more_are_one_paragraph_that_names_the_first),
        cmocka_unit_test(what_differs_in_more_than_names_and_numbers_has_another_cause),
        cmocka_unit_test(names_are_told_by_what_distinguishes_them),
        cmocka_unit_test(one_hint_lists_the_words_of_those_that_are_named),
        cmocka_unit_test(json_holds_each_of_them),
    };
    return cmocka_run_group_tests_name("model/diag", tests, NULL, NULL);
}
