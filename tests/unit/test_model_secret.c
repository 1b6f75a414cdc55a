#include "test_model_builder.h"

static bool secret(const char *key, const char *value)
{
    return looks_secret(B(key), B(value));
}

#define A36 "abcdefghijklmnopqrstuvwxyz0123456789"

static void known_tokens_are_found_anywhere_in_a_value(void **state)
{
    (void)state;
    static const char *const found[] = {
        ("ghp_" A36),
        ("github_pat_" A36),
        "xoxb-123456789012-abcdef",
        ("rk_live_" A36),
        ("whsec_" A36),
        ("npm_" A36),
        ("pypi-" A36),
        ("shpat_" A36),
        ("dop_v1_" A36),
        ("hf_" A36),
        ("SG." A36),
        ("ya29." A36),
        ("AIza" A36),
        ("sk_live_" A36),
        "AKIAIOSFODNN7EXAMPLE",
        "token is glpat-abcdefghijklmnopqrst.",
        "{\"hook\":\"https://x/?k=ghp_" A36 "\"}",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "-----BEGIN PRIVATE KEY-----\nMII",
        "-----BEGIN RSA PRIVATE KEY-----\nMII",
    };
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        assert_true(secret("k", found[i]));
}

static void what_only_resembles_a_token_is_not(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "",
        "ghp_short",
        "AKIA",
        "a ghp_ prefix",
        ("xghp_" A36),
        "eyJhbGciOiJIUzI1NiJ9",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0",
        "-----BEGIN PUBLIC KEY-----\nMII",
        "-----BEGIN CERTIFICATE-----\nMII",
        "just a sentence about tokens and passwords",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_false(secret("k", fine[i]));
}

static void a_secrets_name_with_a_string_tells(void **state)
{
    (void)state;
    static const char *const names[] = {"password",      "db/password",  "API_KEY", "apiKey",
                                        "stripe.secret", "access-token", "PASSWD",  "credentials",
                                        "client_secret", "private key"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_true(secret(names[i], "hunter2"));
        assert_false(secret(names[i], ""));
        assert_false(secret(names[i], "true"));
        assert_false(secret(names[i], "3600"));
        assert_false(secret(names[i], "{\"min_length\":\"8\"}"));
    }
    static const char *const fine[] = {
        "", "max_tokens", "password_rules", "secretary", "broken", "token_count", "keys"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_false(secret(fine[i], "hunter2"));
}

static void members_of_a_json_value_tell_too(void **state)
{
    (void)state;
    assert_true(secret("config", "{\"db\":{\"password\":\"hunter2\"}}"));
    assert_true(secret("config", "[{ \"apiKey\" : \"x\" }]"));
    assert_false(secret("config", "{\"password\":\"\"}"));
    assert_false(secret("config", "{\"password\":true}"));
    assert_false(secret("config", "{\"password\":null,\"a\":\"b\"}"));
    assert_false(secret("config", "{\"url\":\"http://x\"}"));
    assert_false(secret("config", ":"));
    assert_false(secret("config", "\":\""));
}

static void binary_values_are_looked_at_safely(void **state)
{
    (void)state;
    char value[256];
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (char)i;
    assert_false(looks_secret(bytes_make(value, 256), bytes_make(value, 256)));
    assert_false(looks_secret(bytes_make(NULL, 0), bytes_make(NULL, 0)));
}

static void only_the_front_of_a_large_value_is_read(void **state)
{
    (void)state;
    struct buf value = {0};
    for (int i = 0; i < 4096; i++)
        buf_add_char(&value, ' ');
    buf_add_str(&value, "ghp_" A36);
    assert_false(looks_secret(B("k"), buf_bytes(&value)));
    assert_true(looks_secret(B("k"), bytes_make(value.data + 1000, value.len - 1000)));
    buf_release(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_tokens_are_found_anywhere_in_a_value),
        cmocka_unit_test(what_only_resembles_a_token_is_not),
        cmocka_unit_test(a_secrets_name_with_a_string_tells),
        cmocka_unit_test(members_of_a_json_value_tell_too),
        cmocka_unit_test(binary_values_are_looked_at_safely),
        cmocka_unit_test(only_the_front_of_a_large_value_is_read),
    };
    return cmocka_run_group_tests_name("model/secret", tests, NULL, NULL);
}
