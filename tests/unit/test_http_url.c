#include <stdio.h>

#include "http/credentials.h"
#include "http/http.h"
#include "http/url.h"
#include "test_base.h"

static const char *const good[] = {
    "https://api.example.com/client/v4",
    "https://api.example.com",
    "https://api.example.com:8443/x/",
    "HTTPS://API.EXAMPLE.COM",
    "https://192.0.2.7/x",
    "https://[2001:db8::1]/x",
    "http://127.0.0.1:8787/client/v4",
    "http://127.255.0.3",
    "http://localhost:1/",
    "http://LocalHost/",
    "http://[::1]:8787",
    "http://[0:0:0:0:0:0:0:1]/",
};

static const struct {
    const char *url, *problem;
} bad[] = {
    {"", "does not begin with https://"},
    {"api.example.com", "does not begin with https://"},
    {"https:/api.example.com", "does not begin with https://"},
    {"https://", "no valid host"},
    {"https:///client/v4", "no valid host"},
    {"https://%31%32%37.0.0.1/", "no valid host"},
    {"http://127.0.0.%31/", "no valid host"},
    {"ftp://127.0.0.1/", "neither https nor http"},
    {"file:///etc/passwd", "no valid host"},
    {"file://localhost/etc/passwd", ""},
    {"gopher://127.0.0.1/", "neither https nor http"},
    {"foo://127.0.0.1/", "neither https nor http"},
    {"http://api.example.com/", "plain http to 'api.example.com'"},
    {"http://127.0.0.1.example.com/", "plain http to"},
    {"http://localhost.example.com/", "plain http to"},
    {"http://notlocalhost/", "plain http to"},
    {"http://128.0.0.1/", "plain http to"},
    {"http://0.0.0.0/", "plain http to"},
    {"http://10.0.0.1/", "plain http to"},
    {"http://[::2]/", "plain http to"},
    {"http://[::ffff:192.0.2.1]/", "plain http to"},
    {"https://user:hunter2@api.example.com/", "holds a user or a password"},
    {"https://hunter2@api.example.com/", "holds a user or a password"},
    {"http://127.0.0.1@api.example.com/", "holds a user or a password"},
    {"http://127.0.0.1\\@api.example.com/", "holds a user or a password"},
    {"http://user:hunter2@evil/?#\n", "holds a user or a password"},
    {"https://api.example.com\\.evil/", "a character that no URL may"},
    {"https://api.example.com/a b", "a character that no URL may"},
    {"https://api.example.com/\r\nX: y", "a character that no URL may"},
    {"https://api.example.com/\x7f", "a character that no URL may"},
    {"https://\xc3\xa4.example.com/", "a character that no URL may"},
    {"https://api.example.com/?a=b", "a query or a fragment"},
    {"https://api.example.com/?", "a query or a fragment"},
    {"https://api.example.com/#x", "a query or a fragment"},
    {"https://api.example.com:99999/", "not valid"},
    {"https://api.example.com:x/", "not valid"},
    {"https://[::1/", "not valid"},
};

static void https_and_loopback_are_accepted(void **state)
{
    (void)state;
    struct error err;
    for (size_t i = 0; i < N_OF(good); i++)
        if (!http_check_url(good[i], &err))
            fail_msg("'%s': %s", good[i], err.message);
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct error err = {.code = ERR_NONE};
        if (http_check_url(bad[i].url, &err))
            fail_msg("'%s' passes", bad[i].url);
        if (err.code != ERR_USAGE || !strstr(err.message, bad[i].problem))
            fail_msg("'%s': %s", bad[i].url, err.message);
        assert_null(strstr(err.message, "hunter2"));
        assert_null(strstr(err.hint, "hunter2"));
    }
}

static void a_very_long_url_is_refused(void **state)
{
    (void)state;
    struct error err;
    char url[4000];
    snprintf(url, sizeof url, "https://api.example.com/%0*d", 3000, 0);
    assert_false(http_check_url(url, &err));
    assert_int_equal(err.code, ERR_USAGE);
}

static void slashes_at_the_end_are_dropped(void **state)
{
    (void)state;
    struct error err;
    struct url u = {0};
    assert_true(url_parse(&u, "http://localhost:8787/client/v4//", &err));
    assert_string_equal(u.base, "http://localhost:8787/client/v4");
    assert_string_equal(u.authority, "localhost:8787");
    assert_true(u.is_loopback);
    assert_false(u.is_https);
    url_release(&u);
    assert_true(url_parse(&u, "https://127.0.0.1.example.com", &err));
    assert_false(u.is_loopback);
    assert_true(u.is_https);
    url_release(&u);
}

static void a_path_cannot_change_the_host(void **state)
{
    (void)state;
    assert_true(url_path_ok("/accounts/0/x?page=1&per_page=1000"));
    assert_true(url_path_ok("/a/../b"));
    assert_false(url_path_ok(".evil.example/"));
    assert_false(url_path_ok("@evil.example/"));
    assert_false(url_path_ok(""));
    assert_false(url_path_ok(NULL));
    assert_false(url_path_ok("/a b"));
    assert_false(url_path_ok("/a\r\nX: y"));
    assert_false(url_path_ok("/\xc3\xa4"));
    assert_false(url_path_ok("/a#b"));
}

static const struct {
    struct http_credentials credentials;
    const char *problem; /* NULL: good */
} credentials[] = {
    {{.token = "abc-_DEF.123~"}, NULL},
    {{.key = "0123", .email = "a@example.com"}, NULL},
    {{0}, "no credentials"},
    {{.token = ""}, "the API token is empty"},
    {{.token = "hunter2\n"}, "the API token holds a character"},
    {{.token = "hunter2\r\nX-Evil: 1"}, "the API token holds a character"},
    {{.token = "hunter2 x"}, "at byte 8"},
    {{.token = "hunter2\xc3\xa4"}, "the API token holds a character"},
    {{.token = "hunter2\x7f"}, "the API token holds a character"},
    {{.key = "hunter2"}, "without its email"},
    {{.email = "a@example.com"}, "without its API key"},
    {{.key = "hunter2\n", .email = "a@example.com"}, "the API key holds a character"},
    {{.key = "hunter2", .email = "a@example.com\n"}, "the email of the API key holds a character"},
};

static void credentials_must_fit_in_a_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(credentials); i++) {
        struct error err = {.code = ERR_NONE};
        bool ok = http_check_credentials(&credentials[i].credentials, &err);
        assert_int_equal(ok, credentials[i].problem == NULL);
        if (ok)
            continue;
        assert_int_equal(err.code, ERR_USAGE);
        if (!strstr(err.message, credentials[i].problem))
            fail_msg("%s", err.message);
        assert_null(strstr(err.message, "hunter2"));
        assert_null(strstr(err.hint, "hunter2"));
    }
}

static void endless_credentials_are_refused(void **state)
{
    (void)state;
    char token[5000];
    struct error err;
    memset(token, 'x', sizeof token - 1);
    token[sizeof token - 1] = '\0';
    assert_false(http_check_credentials(&(struct http_credentials){.token = token}, &err));
    assert_int_equal(err.code, ERR_USAGE);
}

static void text_that_repeats_a_secret_is_recognised(void **state)
{
    (void)state;
    struct http_credentials token = {.token = "hunter2"};
    struct http_credentials key = {.key = "hunter2", .email = "a@example.com"};
    assert_true(credentials_shown(&token, NULL, "you said hunter2!"));
    assert_true(credentials_shown(&key, NULL, "hunter2"));
    assert_false(credentials_shown(&token, NULL, "you said hunter"));
    assert_false(credentials_shown(&key, NULL, "a@example.com"));
}

static const struct {
    struct bytes plain;
    const char *encoded;
} segments[] = {
    {{"", 0}, ""},
    {{"AZaz09-_.~", 10}, "AZaz09-_.~"},
    {{"a/b?c#d%e", 9}, "a%2Fb%3Fc%23d%25e"},
    {{" +&=:@", 6}, "%20%2B%26%3D%3A%40"},
    {{"\0\n\x7f", 3}, "%00%0A%7F"},
    {{"\xc3\xa4\xff", 3}, "%C3%A4%FF"},
};

static void segments_are_percent_encoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(segments); i++) {
        struct buf b = {0};
        buf_add_str(&b, "/");
        http_encode(&b, segments[i].plain);
        assert_string_equal(b.data + 1, segments[i].encoded);
        buf_release(&b);
    }
}

static void opening_refuses_what_the_checks_refuse(void **state)
{
    (void)state;
    struct error err;
    struct http_options o = {.base_url = "http://api.example.com/", .credentials = {.token = "x"}};
    assert_null(http_open(&o, &err));
    assert_int_equal(err.code, ERR_USAGE);
    o.base_url = "https://api.example.com/";
    o.credentials.token = "hunter2\n";
    assert_null(http_open(&o, &err));
    assert_int_equal(err.code, ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(https_and_loopback_are_accepted),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(a_very_long_url_is_refused),
        cmocka_unit_test(slashes_at_the_end_are_dropped),
        cmocka_unit_test(a_path_cannot_change_the_host),
        cmocka_unit_test(credentials_must_fit_in_a_header),
        cmocka_unit_test(endless_credentials_are_refused),
        cmocka_unit_test(text_that_repeats_a_secret_is_recognised),
        cmocka_unit_test(segments_are_percent_encoded),
        cmocka_unit_test(opening_refuses_what_the_checks_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
