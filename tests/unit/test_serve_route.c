#include "test_base.h"

#include "serve/route.h"

#define KV "/client/v4/accounts/A/storage/kv/namespaces"

static struct route find(struct arena *arena, const char *method, const char *target)
{
    return route_find(method, bytes_of(target), arena);
}

static enum endpoint endpoint_of(const char *method, const char *target)
{
    struct arena arena = {0};
    enum endpoint e = find(&arena, method, target).endpoint;
    arena_release(&arena);
    return e;
}

static void each_endpoint_is_found_by_method_and_path(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *name;
    } table[] = {
        {"GET", KV, "namespace_list"},
        {"POST", KV, "namespace_create"},
        {"GET", KV "/I", "namespace_get"},
        {"PUT", KV "/I", "namespace_rename"},
        {"DELETE", KV "/I", "namespace_delete"},
        {"GET", KV "/I/keys?limit=10", "key_list"},
        {"GET", KV "/I/values/k", "value_get"},
        {"PUT", KV "/I/values/k", "value_put"},
        {"DELETE", KV "/I/values/k", "value_delete"},
        {"GET", KV "/I/metadata/k", "metadata_get"},
        {"PUT", KV "/I/bulk", "bulk_put"},
        {"POST", KV "/I/bulk/delete", "bulk_delete"},
        {"DELETE", KV "/I/bulk", "bulk_delete_old"},
        {"POST", KV "/I/bulk/get", "bulk_get"},
        {"GET", "/client/v4/accounts", "account_list"},
        {"GET", "/client/v4/accounts/A", "account_get"},
        {"GET", "/client/v4/accounts/A/tokens/verify", "account_token"},
        {"GET", "/client/v4/accounts/A/r2/buckets", "bucket_list"},
        {"GET", "/client/v4/user", "user_get"},
        {"GET", "/client/v4/user/tokens/verify", "user_token"},
        {"GET", "/client/v4/memberships?page=1", "membership_list"},
        {"POST", "/client/v4/graphql", "graphql"},
    };
    assert_int_equal(N_OF(table), ENDPOINT_COUNT - 1);
    for (size_t i = 0; i < N_OF(table); i++)
        assert_string_equal(endpoint_name(endpoint_of(table[i].method, table[i].target)),
                            table[i].name);
}

static void the_version_prefix_may_be_left_out_and_a_slash_doubled(void **state)
{
    (void)state;
    assert_int_equal(endpoint_of("GET", "/accounts/A/storage/kv/namespaces"),
                     ENDPOINT_NAMESPACE_LIST);
    assert_int_equal(endpoint_of("GET", "//accounts"), ENDPOINT_ACCOUNT_LIST);
    assert_int_equal(endpoint_of("GET", KV "/"), ENDPOINT_NAMESPACE_LIST);
}

static void names_in_the_path_are_decoded_once_and_after_the_split(void **state)
{
    struct arena arena = {0};
    (void)state;
    struct route r = find(&arena, "GET", KV "/I%31/values/a%2Fb%252F%00+%c3%a9?x=/y");
    assert_int_equal(r.endpoint, ENDPOINT_VALUE_GET);
    assert_bytes(r.account, TEXT("A"));
    assert_bytes(r.id, TEXT("I1"));
    assert_bytes(r.key, TEXT("a/b%2F\0+\xc3\xa9"));
    assert_bytes(r.query, TEXT("x=/y"));
    assert_false(r.undecodable);
    arena_release(&arena);
}

static void a_bare_slash_in_a_key_is_no_route(void **state)
{
    (void)state;
    assert_int_equal(endpoint_of("GET", KV "/I/values/a/b"), ENDPOINT_NONE);
}

static void an_empty_key_is_a_key_and_other_empty_ends_are_not(void **state)
{
    struct arena arena = {0};
    (void)state;
    struct route r = find(&arena, "GET", KV "/I/values/");
    assert_int_equal(r.endpoint, ENDPOINT_VALUE_GET);
    assert_non_null(r.key.data);
    assert_int_equal(r.key.len, 0);
    r = find(&arena, "DELETE", KV "/");
    assert_int_equal(r.endpoint, ENDPOINT_NONE);
    assert_true(r.path_known);
    arena_release(&arena);
}

static void a_known_path_with_another_method_is_told_from_an_unknown_one(void **state)
{
    struct arena arena = {0};
    (void)state;
    assert_true(find(&arena, "HEAD", KV "/I").path_known);
    assert_false(find(&arena, "GET", "/client/v4/zones").path_known);
    assert_false(find(&arena, "GET", "/").path_known);
    assert_false(find(&arena, "GET", "").path_known);
    assert_false(find(&arena, "GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t").path_known);
    arena_release(&arena);
}

static void a_broken_escape_is_told(void **state)
{
    struct arena arena = {0};
    (void)state;
    assert_true(find(&arena, "GET", KV "/I/values/%zz").undecodable);
    assert_true(find(&arena, "GET", KV "/I/values/a%4").undecodable);
    assert_true(find(&arena, "GET", KV "/I/values/%").undecodable);
    arena_release(&arena);
}

static void a_parameter_is_found_and_decoded(void **state)
{
    struct arena arena = {0};
    struct bytes query = TEXT("a=1&prefix=x%2F+y&empty=&flag&prefix=second&bad=%zz"), value;
    (void)state;
    value = query_get(query, "prefix", &arena);
    assert_bytes(value, TEXT("x/ y"));
    value = query_get(query, "empty", &arena);
    assert_true(value.data && value.len == 0);
    value = query_get(query, "flag", &arena);
    assert_true(value.data && value.len == 0);
    value = query_get(query, "bad", &arena);
    assert_bytes(value, TEXT("%zz"));
    value = query_get(query, "none", &arena);
    assert_null(value.data);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_endpoint_is_found_by_method_and_path),
        cmocka_unit_test(the_version_prefix_may_be_left_out_and_a_slash_doubled),
        cmocka_unit_test(names_in_the_path_are_decoded_once_and_after_the_split),
        cmocka_unit_test(a_bare_slash_in_a_key_is_no_route),
        cmocka_unit_test(an_empty_key_is_a_key_and_other_empty_ends_are_not),
        cmocka_unit_test(a_known_path_with_another_method_is_told_from_an_unknown_one),
        cmocka_unit_test(a_broken_escape_is_told),
        cmocka_unit_test(a_parameter_is_found_and_decoded),
    };
    return cmocka_run_group_tests_name("serve/route", tests, NULL, NULL);
}
