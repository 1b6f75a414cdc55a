/* Titles without declarations: which follow a template, and which template do they follow? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/titles.h"

#define B(s) bytes_of(s)
#define N(a) (sizeof(a) / sizeof *(a))

static bool follows(const char *naming, const char *title)
{
    struct project p = {.naming = B(naming)};
    return title_follows(&p, B(title));
}

static void a_title_is_its_template_with_parts_that_are_not_empty(void **state)
{
    (void)state;
    assert_true(follows("{app}-{purpose}-{env}", "shop-cache-dev"));
    assert_true(follows("{app}-{purpose}-{env}", "my-shop-cache-dev"));
    assert_true(follows("{app}-{purpose}-{env}", "shop-cache-dev_preview"));
    assert_false(follows("{app}-{purpose}-{env}", "shop-cache"));
    assert_false(follows("{app}-{purpose}-{env}", "shop--dev"));
    assert_false(follows("{app}-{purpose}-{env}", "-cache-dev"));
    assert_false(follows("{app}-{purpose}-{env}", ""));
    assert_true(follows("kv/{env}/{app}_x", "kv/dev/a_x"));
    assert_false(follows("kv/{env}/{app}_x", "kv/dev/a_y"));
    assert_false(follows("kv/{env}/{app}_x", "akv/dev/a_x"));
    assert_true(follows("{app}{env}", "ab"));
    assert_false(follows("{app}{env}", "a"));
    assert_true(follows("{app}-x", "a-x-x"));
    assert_true(follows("fixed", "fixed"));
    assert_false(follows("fixed", "fixed1"));
}

static void declared_environments_are_the_only_ones(void **state)
{
    (void)state;
    struct bytes envs[] = {B("dev"), B("prod")};
    struct project p = {.naming = B("{app}-{env}"), .environments = {envs, 2}};
    assert_true(title_follows(&p, B("a-b-dev")));
    assert_true(title_follows(&p, B("prod-prod")));
    assert_false(title_follows(&p, B("a-staging")));
    assert_false(title_follows(&p, B("a-pr-12")));
    p.ephemeral = B("pr-*");
    assert_true(title_follows(&p, B("a-pr-12")));
    assert_false(title_follows(&p, B("a-pr-")));
}

static void titles_have_a_naming_where_somebody_uses_it(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    assert_false(titles_have_naming(&m));
    m.project.naming = B("{env}.{app}");
    assert_true(titles_have_naming(&m));
    model_release(&m);
}

static void assert_template(const struct bytes *titles, size_t n, const char *wanted)
{
    struct buf naming = {0};
    struct titles_found found;
    assert_int_equal(titles_template(titles, n, &naming, &found), wanted != NULL);
    if (wanted)
        assert_string_equal(naming.data, wanted);
    buf_release(&naming);
}

static void a_template_is_told_where_it_is_clear(void **state)
{
    (void)state;
    struct bytes three[] = {B("a-b-dev"), B("a-b-prod"), B("a-c-dev"), B("a-c-prod"), B("odd")};
    struct bytes first[] = {B("dev/a"), B("dev/b"), B("prod/a"), B("staging/b")};
    struct bytes unclear[] = {B("a-b-dev"), B("a-b-prod"), B("x"), B("y"), B("z")};
    struct bytes no_env[] = {B("a-b-c"), B("a-b-d"), B("a-b-e"), B("a-b-f")};
    assert_template(three, N(three), "{app}-{purpose}-{env}");
    assert_template(three, 3, NULL);
    assert_template(first, N(first), "{env}/{app}");
    assert_template(unclear, N(unclear), NULL);
    assert_template(no_env, N(no_env), NULL);
    assert_template(NULL, 0, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_title_is_its_template_with_parts_that_are_not_empty),
        cmocka_unit_test(declared_environments_are_the_only_ones),
        cmocka_unit_test(titles_have_a_naming_where_somebody_uses_it),
        cmocka_unit_test(a_template_is_told_where_it_is_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
