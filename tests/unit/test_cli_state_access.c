/* Which credentials go to which host: hosts that no test can be are judged here by their names. */
#include "test_cloudflare_kit.h"

#include "base/hash.h"
#include "cli/own_program.h"
#include "cli/state_access.h"
#include "cli/state_host.h"
#include "cli/state_keys.h"
#include "state/address.h"

#define R2    "https://" ACCOUNT ".r2.cloudflarestorage.com"
#define OTHER "https://99999999999999999999999999999999.r2.cloudflarestorage.com"

static struct arena arena;
static const struct dotenv no_file;

static const char *const variables[] = {
    "HOME",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_CA_BUNDLE",
    "TF_HTTP_ADDRESS",
    "TF_HTTP_USERNAME",
    "TF_HTTP_PASSWORD",
    "TF_HTTP_CLIENT_CERTIFICATE_PEM",
    "TF_HTTP_CLIENT_PRIVATE_KEY_PEM",
    "TF_HTTP_CLIENT_CA_CERTIFICATE_PEM",
    "CLOUDFLARE_API_TOKEN",
    "CFKV_STATE_TOKEN_a__b_example_com",
    "CFKV_STATE_TOKEN_a__b_example_com_8443",
    "CFKV_STATE_TOKEN_a__b_example_com_443",
};

static int forget_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(variables); i++)
        unsetenv(variables[i]);
    return 0;
}

static int let_go(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void set(const char *name, const char *value)
{
    assert_int_equal(setenv(name, value, 1), 0);
}

static void set_keys(const char *id)
{
    set("AWS_ACCESS_KEY_ID", id);
    set("AWS_SECRET_ACCESS_KEY", "secret");
}

struct case_of {
    const char *url, *endpoint, *region;
    bool by_user;
    const char *account;
    const struct cloudflare_options *api;
};

static bool read_access(struct case_of c, struct state_access *out, struct error *err)
{
    struct state_said said = {
        .url = c.url ? c.url : "s3://bucket/kv.json", .endpoint = c.endpoint, .region = c.region};
    struct state_address address;
    if (!state_address_parse(&arena, &said, &address, err))
        fail_msg("%s", err->message);
    struct state_access_wanted w = {.env = &no_file,
                                    .address = &address,
                                    .named_by_user = c.by_user,
                                    .account = bytes_of(c.account ? c.account : ACCOUNT),
                                    .api = c.api};
    *err = (struct error){0};
    return state_access_read(&arena, &w, out, err);
}

static struct state_access access_of(struct case_of c)
{
    struct state_access a;
    struct error err = {0};
    if (!read_access(c, &a, &err))
        fail_msg("%s", err.message);
    return a;
}

static void assert_refused(struct case_of c, enum error_code code, const char *message)
{
    struct state_access a;
    struct error err = {0};
    assert_false(read_access(c, &a, &err));
    if (err.code != code || !strstr(err.message, message))
        fail_msg("not '%s' but %d '%s'", message, (int)err.code, err.message);
    assert_true(*err.hint);
    assert_null(strstr(err.message, "secret"));
}

static void assert_text(const char *got, const char *want)
{
    assert_string_equal(got ? got : "(none)", want);
}

/* ---- Hosts ----------------------------------------------------------------------------------- */

static void assert_tokens(const char *url, const char *of_port, const char *of_host)
{
    struct state_host_tokens t;
    assert_true(state_host_tokens(&arena, url, &t));
    assert_string_equal(t.of_port, of_port);
    assert_string_equal(t.of_host, of_host);
}

static void a_tokens_variable_is_its_hosts_alone(void **state)
{
    (void)state;
    struct state_host_tokens t;
    assert_tokens("https://a-b.example.com/x", "CFKV_STATE_TOKEN_a__b_example_com_443",
                  "CFKV_STATE_TOKEN_a__b_example_com");
    assert_tokens("https://example.com:8443", "CFKV_STATE_TOKEN_example_com_8443",
                  "CFKV_STATE_TOKEN_example_com");
    assert_tokens("http://127.0.0.1/", "CFKV_STATE_TOKEN_127_0_0_1_80",
                  "CFKV_STATE_TOKEN_127_0_0_1");
    assert_false(state_host_tokens(&arena, "https://a_b.example.com/x", &t));
    assert_false(state_host_tokens(&arena, "http://[::1]:80/x", &t));
}

static void only_s3s_own_names_are_amazons(void **state)
{
    (void)state;
    static const struct {
        const char *endpoint, *region; /* NULL: not Amazon's */
    } cases[] = {
        {"https://s3.amazonaws.com", ""},
        {"https://s3.eu-central-1.amazonaws.com", "eu-central-1"},
        {"https://s3-eu-west-1.amazonaws.com", "eu-west-1"},
        {"https://s3.dualstack.eu-west-1.amazonaws.com", "eu-west-1"},
        {"https://s3-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
        {"https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1"},
        {"http://s3.eu-central-1.amazonaws.com", NULL},
        {"https://s3.eu-central-1.amazonaws.com:8443", NULL},
        {"https://s3.amazonaws.com.example.com", NULL},
        {"https://s3.evil.eu-central-1.amazonaws.com", NULL},
        {"https://ec2-1-2-3-4.compute-1.amazonaws.com", NULL},
        {"https://x.execute-api.eu-west-1.amazonaws.com", NULL},
        {"https://amazonaws.com", NULL},
        {"https://xs3.amazonaws.com", NULL},
        {"https://evil-amazonaws.com", NULL},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct state_host h = state_host_of(&arena, cases[i].endpoint);
        assert_int_equal(h.service, cases[i].region ? SERVICE_AWS : SERVICE_OTHER);
        assert_string_equal(h.region ? h.region : "", cases[i].region ? cases[i].region : "");
    }
}

static void r2_is_of_an_account(void **state)
{
    (void)state;
    static const char *const others[] = {"http://" ACCOUNT ".r2.cloudflarestorage.com",
                                         R2 ":8443",
                                         R2 ".example.com",
                                         "https://" ACCOUNT ".evil.r2.cloudflarestorage.com",
                                         "https://r2.cloudflarestorage.com",
                                         "https://x.r2.cloudflarestorage.com"};
    struct state_host h = state_host_of(&arena, R2);
    assert_int_equal(h.service, SERVICE_R2);
    assert_bytes(h.account, bytes_of(ACCOUNT));
    assert_int_equal(
        state_host_of(&arena, "https://" ACCOUNT ".eu.r2.cloudflarestorage.com").service,
        SERVICE_R2);
    for (size_t i = 0; i < N_OF(others); i++)
        assert_int_equal(state_host_of(&arena, others[i]).service, SERVICE_OTHER);
}

/* ---- S3 -------------------------------------------------------------------------------------- */

static void amazon_is_what_no_endpoint_means(void **state)
{
    (void)state;
    set_keys("AKIAIOSFODNN7EXAMPLE");
    set("AWS_REGION", "eu-central-1");
    struct state_access a = access_of((struct case_of){0});
    assert_text(a.endpoint, "https://s3.eu-central-1.amazonaws.com");
    assert_text(a.region, "eu-central-1");
    assert_text(a.aws_id, "AKIAIOSFODNN7EXAMPLE");
    assert_text(a.source, "AWS_ACCESS_KEY_ID");
    a = access_of((struct case_of){.region = "cn-north-1"});
    assert_text(a.endpoint, "https://s3.cn-north-1.amazonaws.com.cn");
    a = access_of((struct case_of){.endpoint = "https://s3.us-west-2.amazonaws.com"});
    assert_text(a.region, "us-west-2");
    unsetenv("AWS_REGION");
    assert_refused((struct case_of){0}, ERR_USAGE, "is in no region and at no endpoint");
    set("AWS_REGION", "eu.example.com/");
    assert_refused((struct case_of){0}, ERR_USAGE, "region");
}

static void the_users_word_names_an_endpoint(void **state)
{
    (void)state;
    struct case_of named = {.endpoint = "https://minio.example.com"};
    set_keys("id");
    assert_refused(named, ERR_DENIED, "is named by the project alone");
    set("AWS_ENDPOINT_URL", "https://other.example.com");
    assert_refused(named, ERR_DENIED, "is named by the project alone");
    set("AWS_ENDPOINT_URL_S3", "https://MINIO.example.com:443/");
    struct state_access a = access_of(named);
    assert_text(a.aws_id, "id");
    assert_text(a.region, "us-east-1");
    set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_refused(named, ERR_DENIED, "is named by the project alone");
    named.by_user = true;
    assert_text(access_of(named).aws_id, "id");
    set("AWS_ENDPOINT_URL_S3", "https://user:secret@minio.example.com");
    unsetenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    named.by_user = false;
    assert_refused(named, ERR_USAGE, "AWS_ENDPOINT_URL_S3");
}

static void r2_of_the_account_gets_keys_of_r2(void **state)
{
    (void)state;
    struct cloudflare_options api = {.http.credentials.token = "T0ken", .source = "S"};
    struct case_of r2 = {.endpoint = R2, .api = &api};
    set("AWS_REGION", "eu-central-1");
    struct state_access a = access_of(r2);
    assert_text(a.source, "the keys derived from S");
    assert_text(a.region, "auto");
    assert_true(state_access_given(&a) && a.renew && !a.aws_id && !a.token);
    set_keys("AKIAIOSFODNN7EXAMPLE"); /* Amazon's, which R2 does not know */
    assert_text(access_of(r2).source, "the keys derived from S");
    set_keys("0123456789abcdef0123456789abcdef");
    assert_text(access_of(r2).source, "AWS_ACCESS_KEY_ID");
    r2.endpoint = OTHER;
    assert_refused(r2, ERR_DENIED, "is R2 of another account than");
    r2.account = "";
    assert_refused(r2, ERR_DENIED, "which account is worked on is not known");
    set("AWS_ENDPOINT_URL_S3", OTHER);
    assert_text(access_of(r2).source, "AWS_ACCESS_KEY_ID");
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    a = access_of(r2); /* what the user names gets the user's keys, but none of the token */
    assert_false(state_access_given(&a));
    api.http.credentials.token = NULL;
    r2 = (struct case_of){.endpoint = R2, .api = &api};
    a = access_of(r2);
    assert_false(state_access_given(&a));
    assert_non_null(strstr(a.hint, "CLOUDFLARE_API_TOKEN"));
}

/* ---- Keys of a token ------------------------------------------------------------------------- */

#define VERIFIED OK("{\"id\":\"" NS "\",\"status\":\"active\"}")

static bool derive(struct service *s, struct state_access *a, struct error *err)
{
    struct cloudflare_options *api = arena_alloc(&arena, 1, sizeof *api);
    bool changed = false;
    *api = options_for(s, (struct cloudflare_options){0});
    *a = (struct state_access){0};
    state_keys_of_token(&arena, api, TOKEN, ACCOUNT, "CLOUDFLARE_API_TOKEN_EINS", a);
    assert_null(strstr(a->source, TOKEN));
    bool ok = state_access_fresh(a, 0, &changed, err);
    assert_true(ok == changed);
    return ok;
}

static void a_token_of_the_user_or_of_the_account_tells_its_id(void **state)
{
    (void)state;
    struct state_access a;
    struct error err = {0};
    bool changed = true;
    const struct say says[] = {NO(401, 1000, "Invalid API Token"), VERIFIED};
    for (size_t first = 0; first < 2; first++) {
        struct service *s = start_service(says + first, 2 - first);
        if (!derive(s, &a, &err))
            fail_msg("%s", err.message);
        assert_string_equal(line_of(s, 0), "GET /user/tokens/verify");
        if (first == 0)
            assert_string_equal(line_of(s, 1), "GET /accounts/" ACCOUNT "/tokens/verify");
        assert_string_equal(a.aws_id, NS);
        struct digest d = hash_sha256(bytes_of(TOKEN));
        char hex[HASH_HEX_SIZE];
        digest_hex(&d, hex);
        assert_string_equal(a.aws_secret, hex);
        assert_true(state_access_fresh(&a, 0, &changed, &err) && !changed);
        assert_int_equal(n_asked(s), 2 - first);
        stop_service(s);
    }
    assert_string_equal(state_keys_secret(&arena, "T0ken"),
                        "e78650d4a8f07cbc9f12b14a24e63c299834e28a811d2b5b7746f95f2b810479");
}

static void a_token_that_is_refused_has_no_keys(void **state)
{
    (void)state;
    static const struct say says[][1] = {
        {NO(401, 1000, "Invalid API Token " TOKEN)},
        {OK("{\"id\":\"../evil\",\"status\":\"active\"}")},
        {OK("{\"status\":\"active\"}")},
        {BODY("<html>")},
    };
    for (size_t i = 0; i < N_OF(says); i++) {
        struct state_access a;
        struct error err = {0};
        struct service *s = start_service(says[i], 1);
        assert_false(derive(s, &a, &err));
        assert_non_null(strstr(err.message, "the R2 keys of CLOUDFLARE_API_TOKEN_EINS"));
        assert_no_token(&err);
        assert_true(*err.hint && !a.aws_id);
        stop_service(s);
    }
}

/* ---- Programs -------------------------------------------------------------------------------- */

static void assert_words(const char *line, const char *want)
{
    struct buf got = {0};
    const char *const *words = own_program_shell_words(&arena, line);
    for (size_t i = 0; words && words[i]; i++)
        buf_addf(&got, "<%s>", words[i]);
    assert_string_equal(!words ? "(open)" : got.data ? got.data : "", want);
    buf_release(&got);
}

static void words_are_taken_apart_as_amazon_does(void **state)
{
    (void)state;
    assert_words("", "");
    assert_words("  a\tb  c ", "<a><b><c>");
    assert_words("\"/my dir/x\" --a=\"b c\" 'd \"e' \"\"", "</my dir/x><--a=b c><d \"e><>");
    assert_words("a\\ b \"c\\\"d\\\\e\\f\" '\\'", "<a b><c\"d\\e\\f><\\>");
    assert_words("$HOME `x` a|b;c & ~ * #d", "<$HOME><`x`><a|b;c><&><~><*><#d>");
    assert_words("a\"b", "(open)");
    assert_words("a 'b", "(open)");
    assert_words("\\", "<\\>");
}

static void what_a_process_prints_has_an_end(void **state)
{
    (void)state;
    struct state_access a = {0};
    struct error err = {0};
    assert_true(state_keys_read(&arena,
                                TEXT("{\"Version\":1,\"AccessKeyId\":\"i\",\"SecretAccessKey\":"
                                     "\"s\",\"SessionToken\":\"t\",\"Expiration\":"
                                     "\"2027-01-31T12:00:00+01:00\"}"),
                                1000, &a, &err));
    assert_string_equal(a.aws_session, "t");
    assert_int_equal(a.expires, 1801393200);
    assert_false(state_keys_read(&arena,
                                 TEXT("{\"Version\":1,\"AccessKeyId\":\"i\",\"SecretAccessKey\":"
                                      "\"s\",\"Expiration\":\"tomorrow\"}"),
                                 1000, &a, &err));
    assert_string_equal(a.aws_session, "t"); /* what was held is held */
}

static int renewals;

static bool renew(void *ctx, struct state_access *a, struct error *err)
{
    renewals++;
    if (!ctx)
        return error_set(err, ERR_FAILED, "no");
    a->aws_id = "new";
    a->expires = 5000;
    return true;
}

static void keys_are_got_again_before_they_end(void **state)
{
    (void)state;
    struct error err = {0};
    bool changed;
    struct state_access a = {.aws_id = "old", .expires = 1000, .renew = renew, .renew_ctx = &a};
    renewals = 0;
    assert_true(state_access_fresh(&a, 1000 - STATE_ACCESS_MARGIN - 1, &changed, &err));
    assert_true(!changed && renewals == 0);
    assert_true(state_access_fresh(&a, 1000 - STATE_ACCESS_MARGIN, &changed, &err));
    assert_true(changed && renewals == 1);
    assert_string_equal(a.aws_id, "new");
    a = (struct state_access){.aws_id = "old", .expires = 1000, .renew = renew};
    assert_true(state_access_fresh(&a, 999, &changed, &err) && !changed); /* it holds so far */
    assert_false(state_access_fresh(&a, 1000, &changed, &err));
    assert_int_equal(renewals, 3);
}

/* ---- Terraform's protocol -------------------------------------------------------------------- */

#define URL "https://a-b.example.com/state/x"

static void a_token_goes_to_the_host_of_its_name(void **state)
{
    (void)state;
    struct state_access a = access_of((struct case_of){.url = URL});
    assert_false(state_access_given(&a));
    assert_non_null(strstr(a.hint, "set CFKV_STATE_TOKEN_a__b_example_com, or TF_HTTP_ADDRESS="));
    set("CFKV_STATE_TOKEN_a__b_example_com", "token");
    assert_text(access_of((struct case_of){.url = URL}).token, "token");
    a = access_of((struct case_of){.url = "https://a-b.example.org/state/x"});
    assert_false(state_access_given(&a));
    a = access_of((struct case_of){.url = "https://x.a-b.example.com/state/x"});
    assert_false(state_access_given(&a));
    set("CFKV_STATE_TOKEN_a__b_example_com_8443", "of the port");
    assert_text(access_of((struct case_of){.url = URL}).token, "token");
    assert_refused((struct case_of){.url = "https://a-b.example.com:8443/x"}, ERR_USAGE,
                   "CFKV_STATE_TOKEN_a__b_example_com_8443 holds a character");
    set("CLOUDFLARE_API_TOKEN", "token");
    assert_refused((struct case_of){.url = URL}, ERR_DENIED,
                   "CFKV_STATE_TOKEN_a__b_example_com is the token of Cloudflare's API");
}

static void terraforms_variables_go_to_terraforms_address(void **state)
{
    (void)state;
    struct case_of here = {.url = URL};
    set("TF_HTTP_USERNAME", "user");
    set("TF_HTTP_PASSWORD", "secret");
    set("TF_HTTP_CLIENT_CERTIFICATE_PEM", "-----BEGIN CERTIFICATE-----");
    set("TF_HTTP_CLIENT_PRIVATE_KEY_PEM", "-----BEGIN PRIVATE KEY-----");
    static const char *const elsewhere[] = {"https://a-b.example.com/state/y",
                                            "https://user:secret@a-b.example.com/state/x",
                                            "https://a-b.example.com:8443/state/x", "nonsense"};
    for (size_t i = 0; i <= N_OF(elsewhere); i++) {
        struct state_access a = access_of(here);
        assert_true(!state_access_given(&a) && !a.cert_pem && !a.key_pem);
        set("TF_HTTP_ADDRESS", elsewhere[i < N_OF(elsewhere) ? i : 0]);
    }
    set("TF_HTTP_ADDRESS", "https://A-B.example.com:443/state/x");
    struct state_access a = access_of(here);
    assert_text(a.user, "user");
    assert_text(a.password, "secret");
    assert_text(a.source, "TF_HTTP_USERNAME");
    assert_non_null(a.cert_pem);
    unsetenv("TF_HTTP_ADDRESS");
    here.by_user = true;
    assert_text(access_of(here).user, "user");
    set("TF_HTTP_CLIENT_PRIVATE_KEY_PEM", "/etc/key.pem");
    assert_refused(here, ERR_USAGE, "TF_HTTP_CLIENT_PRIVATE_KEY_PEM holds no PEM text");
    unsetenv("TF_HTTP_CLIENT_PRIVATE_KEY_PEM");
    assert_refused(here, ERR_USAGE, "TF_HTTP_CLIENT_CERTIFICATE_PEM is set, but not");
    unsetenv("TF_HTTP_CLIENT_CERTIFICATE_PEM");
    set("CLOUDFLARE_API_TOKEN", "secret");
    assert_refused(here, ERR_DENIED, "TF_HTTP_PASSWORD is the token of Cloudflare's API");
    unsetenv("TF_HTTP_USERNAME");
    assert_refused(here, ERR_USAGE, "TF_HTTP_PASSWORD is set, but not TF_HTTP_USERNAME");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_tokens_variable_is_its_hosts_alone, forget_all, let_go),
        cmocka_unit_test_setup_teardown(only_s3s_own_names_are_amazons, forget_all, let_go),
        cmocka_unit_test_setup_teardown(r2_is_of_an_account, forget_all, let_go),
        cmocka_unit_test_setup_teardown(amazon_is_what_no_endpoint_means, forget_all, let_go),
        cmocka_unit_test_setup_teardown(the_users_word_names_an_endpoint, forget_all, let_go),
        cmocka_unit_test_setup_teardown(r2_of_the_account_gets_keys_of_r2, forget_all, let_go),
        cmocka_unit_test_setup_teardown(a_token_of_the_user_or_of_the_account_tells_its_id,
                                        forget_all, let_go),
        cmocka_unit_test_setup_teardown(a_token_that_is_refused_has_no_keys, forget_all, let_go),
        cmocka_unit_test_setup_teardown(words_are_taken_apart_as_amazon_does, forget_all, let_go),
        cmocka_unit_test_setup_teardown(what_a_process_prints_has_an_end, forget_all, let_go),
        cmocka_unit_test_setup_teardown(keys_are_got_again_before_they_end, forget_all, let_go),
        cmocka_unit_test_setup_teardown(a_token_goes_to_the_host_of_its_name, forget_all, let_go),
        cmocka_unit_test_setup_teardown(terraforms_variables_go_to_terraforms_address, forget_all,
                                        let_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
