#include "test_base.h"

#include <stdio.h>

#include "serve/faults.h"

static struct faults load(const char *json)
{
    struct faults f;
    struct error err = {0};
    faults_init(&f);
    if (!faults_parse(&f, bytes_of(json), "f.json", &err))
        fail_msg("%s", err.message);
    return f;
}

static const struct route bulk = {.endpoint = ENDPOINT_BULK_PUT, .path = {"/a/b/bulk", 9}};
static const struct route list = {.endpoint = ENDPOINT_KEY_LIST, .path = {"/a/b/keys", 9}};

/* "x" for each request that a rule fires at, "." for the others. */
static const char *pattern(struct faults *f, size_t n)
{
    static char text[256];
    assert_true(n < sizeof text);
    for (size_t i = 0; i < n; i++)
        text[i] = faults_pick(f, "PUT", &bulk) ? 'x' : '.';
    text[n] = '\0';
    return text;
}

static void assert_pattern(const char *json, const char *want)
{
    struct faults f = load(json);
    assert_string_equal(pattern(&f, strlen(want)), want);
    faults_release(&f);
}

static void rules_fire_at_the_nth_each_nth_or_so_many_times(void **state)
{
    (void)state;
    assert_pattern("{\"rules\":[{\"fault\":\"status\"}]}", "xxxx");
    assert_pattern("{\"rules\":[{\"match\":{\"nth\":3},\"fault\":\"status\"}]}", "..x...");
    assert_pattern("{\"rules\":[{\"match\":{\"every\":2},\"fault\":\"status\"}]}", ".x.x.x");
    assert_pattern("{\"rules\":[{\"fault\":\"status\",\"times\":2}]}", "xx...");
    assert_pattern("{\"rules\":[{\"match\":{\"every\":2},\"times\":1,\"fault\":\"status\"}]}",
                   ".x....");
    assert_pattern("{\"rules\":[{\"match\":{\"chance\":0},\"fault\":\"status\"}]}", "....");
    assert_pattern("{}", "..");
}

static void chance_is_a_matter_of_the_seed_alone(void **state)
{
    static const char json[] =
        "{\"seed\":7,\"rules\":[{\"match\":{\"chance\":0.25},\"fault\":\"status\"}]}";
    char first[201];
    size_t hits = 0;
    (void)state;
    struct faults f = load(json), again = load(json), other = load(json);
    other.seed = 8;
    strcpy(first, pattern(&f, 200));
    for (size_t i = 0; i < 200; i++)
        hits += first[i] == 'x';
    assert_in_range(hits, 30, 70);
    assert_string_equal(pattern(&again, 200), first);
    assert_string_not_equal(pattern(&other, 200), first);
    faults_release(&f);
    faults_release(&again);
    faults_release(&other);
}

static void a_rule_concerns_what_all_of_its_match_says(void **state)
{
    struct faults f = load("{\"rules\":[{\"match\":{\"method\":\"GET\",\"path\":\"/a*/keys\","
                           "\"endpoint\":\"key_list\"},\"fault\":\"html\"},"
                           "{\"match\":{\"path\":\"*bulk\"},\"fault\":\"reset\"}]}");
    (void)state;
    assert_int_equal(faults_pick(&f, "GET", &list)->kind, FAULT_HTML);
    assert_null(faults_pick(&f, "PUT", &list));
    assert_int_equal(faults_pick(&f, "GET", &bulk)->kind, FAULT_RESET);
    faults_release(&f);
}

static void the_first_rule_that_fires_decides_and_all_count(void **state)
{
    struct faults f = load("{\"rules\":[{\"match\":{\"nth\":1},\"fault\":\"html\"},"
                           "{\"match\":{\"nth\":2},\"fault\":\"reset\"}]}");
    (void)state;
    assert_int_equal(faults_pick(&f, "PUT", &bulk)->kind, FAULT_HTML);
    assert_int_equal(faults_pick(&f, "PUT", &bulk)->kind, FAULT_RESET);
    assert_null(faults_pick(&f, "PUT", &bulk));
    faults_release(&f);
}

static void a_partial_bulk_leaves_out_the_named_keys_or_a_share(void **state)
{
    struct faults f = load("{\"rules\":[{\"fault\":\"partial\",\"keys\":[\"a\",\"b\"]},"
                           "{\"fault\":\"partial\",\"fraction\":0.3},"
                           "{\"fault\":\"partial\",\"fraction\":1}]}");
    size_t out = 0;
    (void)state;
    assert_true(faults_leaves_out(&f, &f.rules[0], TEXT("b")));
    assert_false(faults_leaves_out(&f, &f.rules[0], TEXT("c")));
    for (int i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        out += faults_leaves_out(&f, &f.rules[1], bytes_of(key));
    }
    assert_in_range(out, 240, 360);
    assert_true(faults_leaves_out(&f, &f.rules[2], TEXT("k")));
    faults_release(&f);
}

static void the_top_level_says_what_the_account_is_like(void **state)
{
    struct faults f = load("{\"max_namespaces\":3,\"key_writes\":true,\"accounts\":[{\"id\":"
                           "\"0123456789abcdef0123456789abcdef\",\"name\":\"n\"}],\"rules\":["
                           "{\"fault\":\"stale_list\"}]}");
    (void)state;
    assert_int_equal(f.max_namespaces, 3);
    assert_true(f.key_writes && f.has_accounts);
    assert_int_equal(f.stale_writes, 1);
    assert_string_equal(f.accounts[0].name, "n");
    faults_release(&f);
    assert_int_equal(f.max_namespaces, 1000);
}

static void assert_refused(const char *json, const char *message, const char *hint)
{
    struct faults f;
    struct error err = {0};
    faults_init(&f);
    assert_false(faults_parse(&f, bytes_of(json), "f.json", &err));
    if (!strstr(err.message, message) || !strstr(err.hint, hint))
        fail_msg("got '%s', hint '%s'", err.message, err.hint);
    assert_non_null(strstr(err.message, "faults file 'f.json'"));
    faults_release(&f);
}

static void what_is_unknown_or_senseless_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_refused("{\"rule\":[]}", "unknown member 'rule'", "'rules'");
    assert_refused("{\"rules\":[{\"fault\":\"status\"},{\"fautl\":\"status\"}]}",
                   "rule 2: unknown member 'fautl'", "'fault'");
    assert_refused("{\"rules\":[{\"match\":{\"methd\":\"PUT\"},\"fault\":\"status\"}]}",
                   "rule 1: match: unknown member 'methd'", "'method'");
    assert_refused("{\"rules\":[{\"fault\":\"statsu\"}]}", "unknown fault 'statsu'", "'status'");
    assert_refused("{\"rules\":[{\"match\":{\"endpoint\":\"bulkput\"},\"fault\":\"html\"}]}",
                   "unknown endpoint 'bulkput'", "'bulk_put'");
    assert_refused("{\"rules\":[{}]}", "without 'fault'", "");
    assert_refused("{\"rules\":[{\"fault\":\"redirect\"}]}", "without 'location'", "");
    assert_refused("{\"rules\":[{\"fault\":\"redirect\",\"location\":\"a\\r\\nb\"}]}", "URL", "");
    assert_refused("{\"rules\":[{\"fault\":\"delay\"}]}", "without 'ms'", "");
    assert_refused("{\"rules\":[{\"fault\":\"status\",\"status\":99}]}", "'status' is not", "");
    assert_refused("{\"rules\":[{\"match\":{\"chance\":1.5},\"fault\":\"html\"}]}",
                   "'chance' is not", "");
    assert_refused("{\"rules\":[{\"match\":{\"chance\":\"0.5\"},\"fault\":\"html\"}]}",
                   "'chance' is not", "");
    assert_refused("{\"rules\":[{\"match\":{\"nth\":0},\"fault\":\"html\"}]}", "'nth' is not", "");
    assert_refused("{\"rules\":[{\"fault\":\"stale\",\"writes\":1001}]}",
                   "'writes' is not a whole number from 1 to 1000", "");
    assert_refused("{\"rules\":[{\"fault\":\"short\",\"missing\":0}]}", "'missing' is not", "");
    assert_refused("{\"rules\":[{\"fault\":\"short\",\"total\":\"non\"}]}", "unknown total 'non'",
                   "'none'");
    assert_refused("{\"rules\":{}}", "'rules' is not an array", "");
    assert_refused("{\"accounts\":[{\"id\":\"x\"}]}", "account 1", "");
    assert_refused("[]", "not an object", "");
    assert_refused("{", "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_fire_at_the_nth_each_nth_or_so_many_times),
        cmocka_unit_test(chance_is_a_matter_of_the_seed_alone),
        cmocka_unit_test(a_rule_concerns_what_all_of_its_match_says),
        cmocka_unit_test(the_first_rule_that_fires_decides_and_all_count),
        cmocka_unit_test(a_partial_bulk_leaves_out_the_named_keys_or_a_share),
        cmocka_unit_test(the_top_level_says_what_the_account_is_like),
        cmocka_unit_test(what_is_unknown_or_senseless_is_refused_with_its_place),
    };
    return cmocka_run_group_tests_name("serve/faults", tests, NULL, NULL);
}
