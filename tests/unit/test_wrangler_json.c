#include "test_wrangler_kit.h"

static void there_and_back(const char *text, struct wrangler_edit edit, const char *want)
{
    assert_there_and_back(WRANGLER_JSON, text, edit, want);
}

static void edits(const char *text, struct wrangler_edit edit, const char *want)
{
    assert_edit(WRANGLER_JSON, text, edit, want);
}

static void refuses(const char *text, const char *want)
{
    assert_refused(WRANGLER_JSON, text, want);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void it_lists_the_bindings_of_each_environment(void **state)
{
    (void)state;
    struct wrangler_config c;
    struct error err;
    assert_true(wrangler_config_read(TEXT("{ \"name\": \"w\", // c\n"
                                          "\"kv_namespaces\": [\n"
                                          "{\"binding\":\"\\u0041\",\"id\":\"\"},],\n"
                                          "\"env\":{\"p\":{\"account_id\":\"x\"}} }"),
                                     WRANGLER_JSON, &c, &err));
    assert_text(c.name, "w");
    assert_int_equal(c.n_bindings, 1);
    assert_text(c.bindings[0].binding, "A");
    assert_text(c.bindings[0].id, "");
    assert_int_equal(c.bindings[0].line, 3);
    assert_int_equal(c.bindings[0].form, WRANGLER_OBJECT);
    assert_text(c.environments[0].account_id, "x");
    assert_text(c.redirect_to, NULL);
    wrangler_config_release(&c);
}

static void it_knows_redirected_configs(void **state)
{
    (void)state;
    struct wrangler_config c;
    struct error err;
    assert_true(wrangler_config_read(TEXT("{\"configPath\":\"../../dist/w.json\"}"), WRANGLER_JSON,
                                     &c, &err));
    assert_text(c.redirect_to, "../../dist/w.json");
    assert_text(c.generated_from, NULL);
    wrangler_config_release(&c);
    assert_true(wrangler_config_read(TEXT("{\"configPath\":\"/w\",\"userConfigPath\":\"/w\"}"),
                                     WRANGLER_JSON, &c, &err));
    assert_text(c.redirect_to, NULL);
    assert_text(c.generated_from, "/w");
    wrangler_config_release(&c);
}

static void the_name_of_a_file_tells_its_syntax(void **state)
{
    (void)state;
    enum wrangler_syntax syntax;
    assert_true(wrangler_syntax_of(TEXT("a/wrangler.toml"), &syntax));
    assert_int_equal(syntax, WRANGLER_TOML);
    assert_true(wrangler_syntax_of(TEXT("wrangler.jsonc"), &syntax));
    assert_int_equal(syntax, WRANGLER_JSON);
    assert_true(wrangler_syntax_of(TEXT("wrangler.json"), &syntax));
    assert_int_equal(syntax, WRANGLER_JSON);
    assert_false(wrangler_syntax_of(TEXT("wrangler.yaml"), &syntax));
}

static void it_refuses_what_does_not_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "line 1, column 1: the text ends too early"},
        {"[]", "line 1, column 1: the file must hold an object"},
        {"{} x", "line 1, column 4: nothing more is expected"},
        {"{\n  \"a\": 01 }", "line 2, column 8: a value is expected"},
        {"{\"a\": tru}", "line 1, column 7: a value is expected"},
        {"{\"a\": 1.}", "line 1, column 7: a value is expected"},
        {"{\"a\" 1}", "line 1, column 6: ':' is expected behind the name"},
        {"{a: 1}", "line 1, column 2: a name in double quotes is expected"},
        {"{,}", "line 1, column 2: a name in double quotes is expected"},
        {"{\"a\": 1", "line 1, column 8: '}' is missing"},
        {"{\"a\": [1", "line 1, column 9: ']' is missing"},
        {"{\"a\": [1 2]}", "line 1, column 10: ',' is expected"},
        {"{\"a\": \"b\n\"}", "line 1, column 7: the string does not end"},
        {"{\"a\": \"\t\"}", "line 1, column 8: a control character must be escaped in a string"},
        {"{\"a\": \"\\x\"}", "line 1, column 8: there is no such escape"},
        {"{\"a\": \"\\ud800\"}", "line 1, column 14: half of a surrogate pair stands alone"},
        {"{ // a\r}", "line 1, column 7: a carriage return alone in a comment"},
        {"{ /* ", "line 1, column 3: the comment does not end"},
        {"{\"a\": 1,\n \"a\": 2}", "line 2, column 2: 'a' is there twice, first at line 1"},
        {"{\"kv_namespaces\": {}}", "line 1, column 2: 'kv_namespaces' must be an array of tables"},
        {"{\"kv_namespaces\": [\n {\"binding\": \"A\", \"id\": null}]}",
         "line 2, column 25: 'id' of a KV binding must be a string"},
    };
    for (size_t i = 0; i < N_OF(cases); i++)
        refuses(cases[i].text, cases[i].want);
}

static void depth_is_limited(void **state)
{
    (void)state;
    struct buf text = {0};
    struct wrangler_config config;
    struct error err;
    for (int i = 0; i < 100000; i++)
        buf_add_str(&text, "{\"a\":");
    assert_false(wrangler_config_read(buf_bytes(&text), WRANGLER_JSON, &config, &err));
    assert_string_equal(err.message, "line 1, column 322: more than 64 levels");
    wrangler_config_release(&config);
    buf_release(&text);
}

static void size_is_limited(void **state)
{
    (void)state;
    struct buf text = {0};
    struct wrangler_config config;
    struct error err;
    for (int i = 0; i <= WRANGLER_CONFIG_MAX; i++)
        buf_add_char(&text, ' ');
    assert_false(wrangler_config_read(buf_bytes(&text), WRANGLER_JSON, &config, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    wrangler_config_release(&config);
    buf_release(&text);
}

/* ---- A new binding --------------------------------------------------------------------------- */

static void what_is_missing_is_made_at_the_end_of_its_parent(void **state)
{
    (void)state;
    there_and_back("{\n  \"name\": \"w\" // n\n}\n", set(NULL, "N", "9"),
                   "{\n  \"name\": \"w\", // n\n  \"kv_namespaces\": [\n    {\n"
                   "      \"binding\": \"N\",\n      \"id\": \"9\"\n    }\n  ]\n}\n");
    there_and_back("{\n\t\"name\": \"w\",\n}", set("my env", "N", "9"),
                   "{\n\t\"name\": \"w\",\n\t\"env\": {\n\t\t\"my env\": {\n"
                   "\t\t\t\"kv_namespaces\": [\n\t\t\t\t{\n\t\t\t\t\t\"binding\": \"N\",\n"
                   "\t\t\t\t\t\"id\": \"9\",\n\t\t\t\t},\n\t\t\t],\n\t\t},\n\t},\n}");
    there_and_back("{\r\n  \"env\": {\r\n    \"p\": {\r\n      \"x\": 1\r\n    }\r\n  }\r\n}",
                   set("p", "N", "9"),
                   "{\r\n  \"env\": {\r\n    \"p\": {\r\n      \"x\": 1,\r\n"
                   "      \"kv_namespaces\": [\r\n        {\r\n          \"binding\": \"N\",\r\n"
                   "          \"id\": \"9\"\r\n        }\r\n      ]\r\n    }\r\n  }\r\n}");
}

static void previews_have_bindings_of_their_own(void **state)
{
    (void)state;
    const struct wrangler_edit edit = set(WRANGLER_PREVIEWS, "N", "9");
    there_and_back("{\n  \"env\": {\n    \"[p]\": { \"x\": 1 }\n  }\n}\n", edit,
                   "{\n  \"env\": {\n    \"[p]\": { \"x\": 1 }\n  },\n  \"previews\": {\n"
                   "    \"kv_namespaces\": [\n      {\n        \"binding\": \"N\",\n"
                   "        \"id\": \"9\"\n      }\n    ]\n  }\n}\n");
    there_and_back("{\"previews\":{\"vars\":{}},\"kv_namespaces\":[{\"binding\":\"N\"}]}", edit,
                   "{\"previews\":{\"vars\":{},\"kv_namespaces\":[{\"binding\":\"N\","
                   "\"id\":\"9\"}]},\"kv_namespaces\":[{\"binding\":\"N\"}]}");
}

static void one_line_stays_one_line(void **state)
{
    (void)state;
    there_and_back("{\"name\":\"w\"}", set("p", "N", "9"),
                   "{\"name\":\"w\",\"env\":{\"p\":{\"kv_namespaces\":[{\"binding\":\"N\","
                   "\"id\":\"9\"}]}}}");
    there_and_back(
        "{ \"name\": \"w\" }", set(NULL, "N", "9"),
        "{ \"name\": \"w\", \"kv_namespaces\": [{ \"binding\": \"N\", \"id\": \"9\" }] }");
    there_and_back("{}", set(NULL, "N", "9"),
                   "{\"kv_namespaces\": [{ \"binding\": \"N\", \"id\": \"9\" }]}");
}

#define EXPANDED "{\n        \"binding\": \"N\",\n        \"id\": \"9\"\n      }"

static void empty_brackets_get_lines(void **state)
{
    (void)state;
    edits("{\n  \"kv_namespaces\": []\n}\n", set(NULL, "N", "9"),
          "{\n  \"kv_namespaces\": [\n    {\n      \"binding\": \"N\",\n      \"id\": \"9\"\n"
          "    }\n  ]\n}\n");
    edits("{\n  \"previews\": { },\n  \"x\": 1\n}\n", set(WRANGLER_PREVIEWS, "N", "9"),
          "{\n  \"previews\": {\n    \"kv_namespaces\": [\n      " EXPANDED
          "\n    ]\n  },\n  \"x\": 1\n}\n");
    edits("{\n  \"env\": {}\n}\n", set("p", "N", "9"),
          "{\n  \"env\": {\n    \"p\": {\n      \"kv_namespaces\": [\n        {\n"
          "          \"binding\": \"N\",\n          \"id\": \"9\"\n        }\n      ]\n    }\n"
          "  }\n}\n");
    edits("{\r\n\t\"env\": {\r\n\t\t\"p\": {}, // p\r\n\t}\r\n}", set("p", "N", "9"),
          "{\r\n\t\"env\": {\r\n\t\t\"p\": {\r\n\t\t\t\"kv_namespaces\": [\r\n\t\t\t\t{\r\n"
          "\t\t\t\t\t\"binding\": \"N\",\r\n\t\t\t\t\t\"id\": \"9\",\r\n\t\t\t\t},\r\n\t\t\t],\r\n"
          "\t\t}, // p\r\n\t}\r\n}");
}

static void brackets_around_empty_ones_get_lines_too(void **state)
{
    (void)state;
    edits("{\n  \"previews\": { \"x\": [1], \"kv_namespaces\": [ ] },\n}\n",
          set(WRANGLER_PREVIEWS, "N", "9"),
          "{\n  \"previews\": {\n    \"x\": [1],\n    \"kv_namespaces\": [\n      {\n"
          "        \"binding\": \"N\",\n        \"id\": \"9\",\n      },\n    ],\n  },\n}\n");
    edits("{\n  \"env\": { \"p\": {}, \"q\": { \"x\": 1 } }\n}\n", set("p", "N", "9"),
          "{\n  \"env\": {\n    \"p\": {\n      \"kv_namespaces\": [\n        {\n"
          "          \"binding\": \"N\",\n          \"id\": \"9\"\n        }\n      ]\n    },\n"
          "    \"q\": { \"x\": 1 }\n  }\n}\n");
    edits("{\n  \"env\": { \"p\": {}, \"q\": {} },\n}\n", set("p", "N", "9"),
          "{\n  \"env\": {\n    \"p\": {\n      \"kv_namespaces\": [\n        {\n"
          "          \"binding\": \"N\",\n          \"id\": \"9\",\n        },\n      ],\n    },\n"
          "    \"q\": {},\n  },\n}\n");
    edits("{\n  \"env\": { \"p\": {} /* c */ }\n}\n", set("p", "N", "9"),
          "{\n  \"env\": { \"p\": {\"kv_namespaces\": "
          "[{ \"binding\": \"N\", \"id\": \"9\" }]} /* c */ }\n}\n");
}

static void brackets_that_were_empty_stay_before_what_is_not_of_bindings(void **state)
{
    (void)state;
    there_and_back("{\n  \"previews\": {},\n  \"x\": 1\n}\n", set(WRANGLER_PREVIEWS, "N", "9"),
                   "{\n  \"previews\": {\n    \"kv_namespaces\": [\n      " EXPANDED
                   "\n    ]\n  },\n  \"x\": 1\n}\n");
    there_and_back("{\n  \"kv_namespaces\": [],\n  \"env\": { \"p\": { \"x\": 1 } }\n}\n",
                   set(NULL, "N", "9"),
                   "{\n  \"kv_namespaces\": [\n    {\n      \"binding\": \"N\",\n"
                   "      \"id\": \"9\"\n    }\n  ],\n  \"env\": { \"p\": { \"x\": 1 } }\n}\n");
    edits("{\n  \"previews\": {\n    \"kv_namespaces\": [\n      " EXPANDED "\n    ]\n  },\n"
          "  \"kv_namespaces\": [\n    { \"binding\": \"A\" }\n  ]\n}\n",
          removal(WRANGLER_PREVIEWS, "N"),
          "{\n  \"kv_namespaces\": [\n    { \"binding\": \"A\" }\n  ]\n}\n");
}

static void a_first_binding_looks_like_those_elsewhere(void **state)
{
    (void)state;
#define OTHER                                                                                      \
    "{\n  \"kv_namespaces\": [\n    {\"binding\": \"A\"}\n  ],\n  \"env\": {\n    \"p\": {\n"
    there_and_back(OTHER "      \"x\": 1\n    }\n  }\n}\n", set("p", "N", "9"),
                   OTHER "      \"x\": 1,\n      \"kv_namespaces\": [\n"
                         "        { \"binding\": \"N\", \"id\": \"9\" }\n      ]\n    }\n  }\n}\n");
}

static void a_further_binding_looks_like_the_last(void **state)
{
    (void)state;
    there_and_back("{\"kv_namespaces\": [\n  {\"binding\": \"A\"}, // a\n]}", set(NULL, "N", "9"),
                   "{\"kv_namespaces\": [\n  {\"binding\": \"A\"}, // a\n"
                   "  { \"binding\": \"N\", \"id\": \"9\" },\n]}");
    there_and_back("{\"kv_namespaces\": [{\n    \"binding\": \"A\",\n  }]}", set(NULL, "N", "9"),
                   "{\"kv_namespaces\": [{\n    \"binding\": \"A\",\n  }, {\n"
                   "    \"binding\": \"N\",\n    \"id\": \"9\",\n  }]}");
}

static void comments_of_others_are_not_taken_along(void **state)
{
    (void)state;
    there_and_back("{\n  \"kv_namespaces\": [\n    // none\n  ]\n}\n", set(NULL, "N", "9"),
                   "{\n  \"kv_namespaces\": [\n    // none\n\n    {\n      \"binding\": \"N\",\n"
                   "      \"id\": \"9\"\n    }\n  ]\n}\n");
    there_and_back("{\"kv_namespaces\": [\n  {\"binding\":\"A\"} /* a */ // b\n  // c\n]}",
                   set(NULL, "N", "9"),
                   "{\"kv_namespaces\": [\n  {\"binding\":\"A\"}, /* a */ // b\n"
                   "  {\"binding\":\"N\",\"id\":\"9\"}\n  // c\n]}");
    there_and_back("{\"kv_namespaces\": [{ \"binding\": \"A\" } /* a */]}", set(NULL, "N", "9"),
                   "{\"kv_namespaces\": [{ \"binding\": \"A\" }, "
                   "{ \"binding\": \"N\", \"id\": \"9\" } /* a */]}");
}

/* ---- A binding that is there ----------------------------------------------------------------- */

static void a_set_changes_the_value_where_it_stands(void **state)
{
    (void)state;
    edits("{\"kv_namespaces\": [{ \"id\" : /* was */ \"old\" , \"binding\": \"A\" }]}",
          set(NULL, "A", "n\"w"),
          "{\"kv_namespaces\": [{ \"id\" : /* was */ \"n\\\"w\" , \"binding\": \"A\" }]}");
    edits("{\"kv_namespaces\": [\n  {\n    \"binding\": \"A\", // a\n    \"remote\": true\n  }\n]}",
          set_preview(NULL, "A", "1", "2"),
          "{\"kv_namespaces\": [\n  {\n    \"binding\": \"A\", // a\n    \"id\": \"1\",\n"
          "    \"preview_id\": \"2\",\n    \"remote\": true\n  }\n]}");
    edits("{\"kv_namespaces\": [{\"binding\":\"A\"}]}", set(NULL, "A", "1"),
          "{\"kv_namespaces\": [{\"binding\":\"A\",\"id\":\"1\"}]}");
}

static void an_empty_preview_id_takes_it_out(void **state)
{
    (void)state;
    edits("{\"kv_namespaces\": [{\"binding\":\"A\",\"id\":\"1\",\"preview_id\":\"2\"}]}",
          set_preview(NULL, "A", "1", ""),
          "{\"kv_namespaces\": [{\"binding\":\"A\",\"id\":\"1\"}]}");
    edits("{\"kv_namespaces\": [{\n  \"preview_id\": \"2\", // p\n  \"binding\": \"A\"\n}]}",
          set_preview(NULL, "A", NULL, ""), "{\"kv_namespaces\": [{\n  \"binding\": \"A\"\n}]}");
    edits("{}", set_preview(NULL, "A", "1", ""),
          "{\"kv_namespaces\": [{ \"binding\": \"A\", \"id\": \"1\" }]}");
}

static void a_removal_takes_the_comments_that_are_its_own(void **state)
{
    (void)state;
    static const char text[] = "{\n  \"kv_namespaces\": [\n"
                               "    // all\n    { \"binding\": \"A\" }, // a\n\n"
                               "    // about B\n    { \"binding\": \"B\" }, // b\n"
                               "    { \"binding\": \"C\" } // c\n  ]\n}";
    edits(text, removal(NULL, "B"),
          "{\n  \"kv_namespaces\": [\n    // all\n    { \"binding\": \"A\" }, // a\n\n"
          "    { \"binding\": \"C\" } // c\n  ]\n}");
    edits(text, removal(NULL, "C"),
          "{\n  \"kv_namespaces\": [\n    // all\n    { \"binding\": \"A\" }, // a\n\n"
          "    // about B\n    { \"binding\": \"B\" } // b\n  ]\n}");
    edits("{\"a\": [], \"kv_namespaces\": [{\"binding\": \"A\"}]}", removal(NULL, "A"),
          "{\"a\": []}");
}

static void an_emptied_container_with_a_comment_stays(void **state)
{
    (void)state;
    edits("{\n  \"kv_namespaces\": [\n    { \"binding\": \"A\" }\n    // more to come\n  ]\n}",
          removal(NULL, "A"), "{\n  \"kv_namespaces\": [\n    // more to come\n  ]\n}");
}

/* ---- New files, memory ----------------------------------------------------------------------- */

static void a_new_file_holds_the_bindings(void **state)
{
    (void)state;
    struct wrangler_new config = {
        .name = TEXT("w"), .main = TEXT("a.js"), .compatibility_date = TEXT("2026-11-24")};
    struct wrangler_edit edit = set(NULL, "N", "9");
    struct buf out = {0};
    struct error err;
    assert_true(wrangler_config_create(&config, WRANGLER_JSON, &edit, 1, &out, &err));
    assert_buf(&out, "{\n  \"name\": \"w\",\n  \"main\": \"a.js\",\n"
                     "  \"compatibility_date\": \"2026-11-24\",\n  \"kv_namespaces\": [\n    {\n"
                     "      \"binding\": \"N\",\n      \"id\": \"9\"\n    }\n  ]\n}\n");
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_lists_the_bindings_of_each_environment),
        cmocka_unit_test(it_knows_redirected_configs),
        cmocka_unit_test(the_name_of_a_file_tells_its_syntax),
        cmocka_unit_test(it_refuses_what_does_not_parse),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(size_is_limited),
        cmocka_unit_test(what_is_missing_is_made_at_the_end_of_its_parent),
        cmocka_unit_test(previews_have_bindings_of_their_own),
        cmocka_unit_test(one_line_stays_one_line),
        cmocka_unit_test(empty_brackets_get_lines),
        cmocka_unit_test(brackets_around_empty_ones_get_lines_too),
        cmocka_unit_test(brackets_that_were_empty_stay_before_what_is_not_of_bindings),
        cmocka_unit_test(a_first_binding_looks_like_those_elsewhere),
        cmocka_unit_test(a_further_binding_looks_like_the_last),
        cmocka_unit_test(comments_of_others_are_not_taken_along),
        cmocka_unit_test(a_set_changes_the_value_where_it_stands),
        cmocka_unit_test(an_empty_preview_id_takes_it_out),
        cmocka_unit_test(a_removal_takes_the_comments_that_are_its_own),
        cmocka_unit_test(an_emptied_container_with_a_comment_stays),
        cmocka_unit_test(a_new_file_holds_the_bindings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
