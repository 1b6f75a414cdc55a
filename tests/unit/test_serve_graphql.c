#include "test_base.h"

#include "serve/graphql.h"

static struct graphql_field *parse(struct arena *arena, const char *text, const char *variables)
{
    struct error err = {0};
    struct graphql_field *fields = NULL;
    struct json *json = variables ? json_doc_parse(bytes_of(variables), &err) : NULL;
    if (!graphql_parse(bytes_of(text), json, arena, &fields, &err))
        fail_msg("%s", err.message);
    json_doc_free(json);
    return fields;
}

static void fields_nest_and_have_aliases(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct graphql_field *f = parse(&arena, "query Q { a { b , c:d } # e\n g }", NULL);
    assert_bytes(f->name, TEXT("a"));
    assert_bytes(f->first->name, TEXT("b"));
    assert_bytes(f->first->next->name, TEXT("d"));
    assert_bytes(f->first->next->alias, TEXT("c"));
    assert_null(f->first->next->next);
    assert_bytes(f->next->name, TEXT("g"));
    assert_string_equal(f->next->arguments, "{}");
    arena_release(&arena);
}

static void arguments_are_json_with_the_variables_put_in(void **state)
{
    struct arena arena = {0};
    (void)state;
    const struct graphql_field *f =
        parse(&arena,
              "query($f: F!, $n: Int = 5){a(filter:$f,limit:$n,o:[date_DESC, x],"
              "s:\"q\\\"}\",t:true,u:null,m:{k:-1.5e3,e:{}})}",
              "{\"f\":{\"date_geq\":\"2026-01-01\"},\"n\":7}");
    assert_string_equal(f->arguments,
                        "{\"filter\":{\"date_geq\":\"2026-01-01\"},\"limit\":7,"
                        "\"o\":[\"date_DESC\",\"x\"],\"s\":\"q\\\"}\",\"t\":true,\"u\":null,"
                        "\"m\":{\"k\":-1.5e3,\"e\":{}}}");
    arena_release(&arena);
}

static void assert_refused(const char *text, const char *message)
{
    struct arena arena = {0};
    struct error err = {0};
    struct graphql_field *fields;
    assert_false(graphql_parse(bytes_of(text), NULL, &arena, &fields, &err));
    if (!strstr(err.message, message))
        fail_msg("'%s' gave '%s'", text, err.message);
    arena_release(&arena);
}

static void what_is_not_known_or_not_whole_is_refused(void **state)
{
    (void)state;
    assert_refused("", "name is missing");
    assert_refused("mutation{a}", "only queries");
    assert_refused("{a", "name is missing");
    assert_refused("{}", "name is missing");
    assert_refused("{a}}", "something behind");
    assert_refused("{...f}", "fragments");
    assert_refused("{a @skip}", "directives");
    assert_refused("{a(x:$v)}", "variable 'v' is not given");
    assert_refused("{a(x:\"abc)}", "does not end");
    assert_refused("{a(x:\"abc\\", "does not end");
    assert_refused("{a(x 1)}", "':' is missing");
    assert_refused("query($a:", "')' is missing");
    assert_refused("{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a}}}}}}}}}}}}}}}}}}}", "too deeply");
    assert_refused("{a(x:[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]])}", "too deeply");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_nest_and_have_aliases),
        cmocka_unit_test(arguments_are_json_with_the_variables_put_in),
        cmocka_unit_test(what_is_not_known_or_not_whole_is_refused),
    };
    return cmocka_run_group_tests_name("serve/graphql", tests, NULL, NULL);
}
