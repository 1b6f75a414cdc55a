#include "test_base.h"

#include "host/foreign_kind.h"

static bool is_taken(const char *name, const char *head)
{
    struct error err = {0};
    bool ok = foreign_kind_check(name, bytes_of(head), &err);
    assert_true(ok || (err.code == ERR_FORMAT && *err.message && *err.hint));
    return ok;
}

static void configurations_in_hcl_are_refused_by_name_or_content(void **state)
{
    static const char *const heads[] = {
        "resource \"cloudflare_workers_kv_namespace\" \"x\" {",
        "\n\t# a comment\r\n// another\n/* a\nthird */ terraform {",
        "locals{}",
        "import {\n  to = x\n}",
        "data  \"a\" \"b\" {",
        "# of terraform show:\nresource \"cloudflare_workers_kv_namespace\" \"x\" {",
    };
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        assert_false(is_taken("file", heads[i]));
    assert_false(is_taken("main.tf", ""));
    assert_false(is_taken("main.tofu", "anything"));
    assert_false(is_taken("prod.tfvars", "a = 1"));
}

static void a_saved_plan_is_refused(void **state)
{
    (void)state;
    assert_false(is_taken("tfplan", "PK\x03\x04..."));
}

static void documents_are_taken(void **state)
{
    static const char *const heads[] = {
        "",         "{",      "{\"resource\": {}}", "resource: x",       "# only a comment",
        "/* open",  "import", "terraform: {}",      "data:\n  \"x\": 1", "resources {",
        "resource", "\"PK\"", "locals = {",         "kind: Kv",
    };
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        assert_true(is_taken("main.tf.json", heads[i]));
    assert_true(is_taken(".tf", "{}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configurations_in_hcl_are_refused_by_name_or_content),
        cmocka_unit_test(a_saved_plan_is_refused),
        cmocka_unit_test(documents_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
