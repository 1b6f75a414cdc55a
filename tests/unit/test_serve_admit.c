#include "test_base.h"

#include "serve/admit.h"
#include "serve/rate.h"

static void a_host_is_a_loopback_name_with_our_port(void **state)
{
    (void)state;
    assert_true(admit_host("127.0.0.1:8787", 8787));
    assert_true(admit_host("127.9.9.9:8787", 8787));
    assert_true(admit_host("LocalHost:8787", 8787));
    assert_true(admit_host("[::1]:8787", 8787));
    assert_true(admit_host("localhost", 80));
    assert_false(admit_host("localhost", 8787));
    assert_false(admit_host("localhost:8788", 8787));
    assert_false(admit_host("localhost:+8787", 8787));
    assert_false(admit_host("evil.example:8787", 8787));
    assert_false(admit_host("127.0.0.1.evil.example:8787", 8787));
    assert_false(admit_host("localhost.evil.example:8787", 8787));
    assert_false(admit_host("10.0.0.1:8787", 8787));
    assert_false(admit_host("0.0.0.0:8787", 8787));
    assert_false(admit_host("", 80));
}

static void an_origin_is_loopback_with_any_port(void **state)
{
    (void)state;
    assert_true(admit_origin("http://localhost:3000"));
    assert_true(admit_origin("https://127.0.0.1"));
    assert_true(admit_origin("http://[::1]:1"));
    assert_false(admit_origin("null"));
    assert_false(admit_origin("https://evil.example"));
    assert_false(admit_origin("http://localhost.evil.example"));
    assert_false(admit_origin("http://evil.example://localhost"));
}

static int code_of(const struct admit_rules *rules, struct head head)
{
    struct reply reply = {0};
    const char *credential = NULL;
    head.host = head.host ? head.host : "localhost:1";
    bool ok = admit_check(rules, &head, &credential, &reply);
    assert_int_equal(ok, reply.code == 0);
    assert_int_equal(ok, credential && reply.status == 0);
    reply_release(&reply);
    return reply.code;
}

static void a_credential_is_always_asked_for(void **state)
{
    const struct admit_rules any = {.port = 1}, one = {.port = 1, .token = "secret"};
    (void)state;
    assert_int_equal(code_of(&any, (struct head){0}), 9106);
    assert_int_equal(code_of(&any, (struct head){.auth_email = "a@b"}), 9106);
    assert_int_equal(code_of(&any, (struct head){.auth_key = "k", .auth_email = ""}), 9106);
    assert_int_equal(code_of(&any, (struct head){.authorization = "Basic x"}), 6003);
    assert_int_equal(code_of(&any, (struct head){.authorization = "Bearer "}), 6003);
    assert_int_equal(code_of(&any, (struct head){.authorization = "bearer x"}), 0);
    assert_int_equal(code_of(&any, (struct head){.auth_key = "k", .auth_email = "a@b"}), 0);
    assert_int_equal(code_of(&one, (struct head){.authorization = "Bearer secret"}), 0);
    assert_int_equal(code_of(&one, (struct head){.authorization = "Bearer secre"}), 10000);
    assert_int_equal(code_of(&one, (struct head){.authorization = "Bearer secret2"}), 10000);
    assert_int_equal(code_of(&one, (struct head){.auth_key = "k", .auth_email = "a@b"}), 10000);
    assert_int_equal(code_of(&one, (struct head){.auth_key = "secret", .auth_email = "a@b"}), 0);
}

static void a_foreign_host_or_origin_is_refused_before_the_credential(void **state)
{
    const struct admit_rules rules = {.port = 1}, open = {.port = 1, .any_host = true};
    const struct head foreign = {.host = "x.example:1", .authorization = "Bearer t"};
    const struct head page = {.origin = "https://x.example", .authorization = "Bearer t"};
    (void)state;
    assert_int_equal(code_of(&rules, foreign), 1003);
    assert_int_equal(code_of(&open, foreign), 0);
    assert_int_equal(code_of(&rules, page), 1020);
    assert_int_equal(code_of(&open, page), 1020);
}

static void a_window_allows_so_many_and_ends(void **state)
{
    struct rate rate = {.requests = 2, .seconds = 10};
    struct rate_state s;
    (void)state;
    assert_true(rate_take(&rate, "a", 1000, &s));
    assert_int_equal(s.remaining, 1);
    assert_int_equal(s.reset_s, 10);
    assert_true(rate_take(&rate, "a", 2500, &s));
    assert_int_equal(s.remaining, 0);
    assert_int_equal(s.reset_s, 9);
    assert_false(rate_take(&rate, "a", 10001, &s));
    assert_int_equal(s.reset_s, 1);
    assert_true(rate_take(&rate, "b", 10001, &s));
    assert_true(rate_take(&rate, "a", 11000, &s));
    assert_int_equal(s.remaining, 1);
    rate_release(&rate);
}

static void without_a_limit_the_quota_of_the_service_is_shown(void **state)
{
    struct rate rate = {0};
    struct rate_state s;
    (void)state;
    for (int i = 0; i < 2000; i++)
        assert_true(rate_take(&rate, "a", i, &s));
    assert_int_equal(s.quota, 1200);
    assert_int_equal(s.window_s, 300);
    assert_int_equal(s.remaining, 1200);
    rate_release(&rate);
}

static void a_key_is_written_once_a_second(void **state)
{
    struct rate rate = {0};
    (void)state;
    assert_true(rate_take_key(&rate, TEXT("n"), TEXT("k"), 5000));
    assert_false(rate_take_key(&rate, TEXT("n"), TEXT("k"), 5999));
    assert_true(rate_take_key(&rate, TEXT("n"), TEXT("k2"), 5999));
    assert_true(rate_take_key(&rate, TEXT("nk"), TEXT(""), 5999));
    assert_true(rate_take_key(&rate, TEXT("n"), TEXT("k"), 6000));
    assert_false(rate_take_key(&rate, TEXT("n"), TEXT("k"), 6001));
    rate_release(&rate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_a_loopback_name_with_our_port),
        cmocka_unit_test(an_origin_is_loopback_with_any_port),
        cmocka_unit_test(a_credential_is_always_asked_for),
        cmocka_unit_test(a_foreign_host_or_origin_is_refused_before_the_credential),
        cmocka_unit_test(a_window_allows_so_many_and_ends),
        cmocka_unit_test(without_a_limit_the_quota_of_the_service_is_shown),
        cmocka_unit_test(a_key_is_written_once_a_second),
    };
    return cmocka_run_group_tests_name("serve/admit", tests, NULL, NULL);
}
