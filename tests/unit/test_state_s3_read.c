/* Reading an object of S3, and what its refusals are called. */
#include "test_state_s3_kit.h"

#include "state/s3_error.h"

static enum remote_outcome reads(const struct reply *script, size_t n, struct bench **b)
{
    *b = bench_begin(script, n);
    return bench_read(*b);
}

static void what_is_there_comes_with_its_etag_and_the_services_time(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(ANSWER(
        "200 OK", "ETag: \"abc-1\"\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n", "{\"a\": 1}"))};
    struct bench *b;
    assert_int_equal(reads(SCRIPT(script), &b), REMOTE_DONE);
    assert_true(b->answer.version.exists);
    assert_string_equal(b->answer.version.etag, "\"abc-1\"");
    assert_int_equal(b->answer.date, 1700000000);
    assert_buf(&b->answer.body, "{\"a\": 1}");
    bench_end(b);
}

/* What is signed is what is sent: a header that curl leaves out would break the signature, and one
 * that asks for compression could cost the ETag. */
static void a_request_is_signed_and_asks_for_no_compression(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(FOUND("\"1\"", "{}"))};
    struct bench *b;
    assert_int_equal(reads(SCRIPT(script), &b), REMOTE_DONE);
    assert_asks(b, 0, "GET /base/states/shop/kv.json HTTP/1.1");
    assert_asks(b, 0,
                "x-amz-content-sha256: "
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_non_null(strstr(asked(b, 0), "Authorization: AWS4-HMAC-SHA256 Credential=" KEY_ID "/"));
    assert_non_null(strstr(asked(b, 0), "/auto/s3/aws4_request, "
                                        "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "));
    assert_null(strstr(asked(b, 0), "Accept-Encoding"));
    assert_null(strstr(asked(b, 0), "x-amz-security-token"));
    bench_end(b);
}

static void a_session_token_is_sent_and_signed(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(NO_KEY)};
    struct bench *b = bench_begin(SCRIPT(script));
    b->access.aws_session = SESSION;
    assert_int_equal(bench_read(b), REMOTE_DONE);
    assert_asks(b, 0, "x-amz-security-token: " SESSION);
    assert_non_null(strstr(asked(b, 0), "x-amz-date;x-amz-security-token, "));
    bench_end(b);
}

static bool renew(void *ctx, struct state_access *a, struct error *err)
{
    (void)ctx;
    (void)err;
    a->aws_id = "AKIARENEWED";
    a->expires = clock_now() + 3600;
    return true;
}

static void keys_that_end_soon_are_got_again_before_a_request(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(NO_KEY)};
    struct bench *b = bench_begin(SCRIPT(script));
    assert_int_equal(bench_read(b), REMOTE_DONE);
    b->access.expires = clock_now() + 1;
    b->access.renew = renew;
    assert_int_equal(bench_read(b), REMOTE_DONE);
    assert_int_equal(bench_read(b), REMOTE_DONE);
    assert_non_null(strstr(asked(b, 0), "Credential=" KEY_ID "/"));
    assert_non_null(strstr(asked(b, 1), "Credential=AKIARENEWED/"));
    assert_non_null(strstr(asked(b, 2), "Credential=AKIARENEWED/"));
    bench_end(b);
}

static void without_keys_nothing_is_asked(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(NO_KEY)};
    struct bench *b = bench_begin(SCRIPT(script));
    b->access.aws_id = b->access.aws_secret = NULL;
    assert_int_equal(bench_read(b), REMOTE_FAILED);
    assert_said(b, ERR_DENIED, "there are no credentials for the state's host http://127", "set");
    assert_int_equal(b->server.n_seen, 0);
    bench_end(b);
}

static void an_object_that_is_not_there_is_no_failure(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(NO_KEY)};
    struct bench *b;
    assert_int_equal(reads(SCRIPT(script), &b), REMOTE_DONE);
    assert_false(b->answer.version.exists);
    bench_end(b);
}

static void an_empty_object_is_there(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(FOUND("\"d41d8\"", ""))};
    struct bench *b;
    assert_int_equal(reads(SCRIPT(script), &b), REMOTE_DONE);
    assert_true(b->answer.version.exists);
    assert_int_equal(b->answer.body.len, 0);
    bench_end(b);
}

/* A second read replaces what the first brought. */
static void a_reader_may_ask_twice(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(FOUND("\"1\"", "{\"n\": 1}")), SAYS(NO_KEY)};
    struct bench *b;
    assert_int_equal(reads(SCRIPT(script), &b), REMOTE_DONE);
    assert_int_equal(bench_read(b), REMOTE_DONE);
    assert_false(b->answer.version.exists);
    assert_string_equal(b->answer.version.etag, "");
    assert_int_equal(b->answer.body.len, 0);
    bench_end(b);
}

/* ---- Refusals -------------------------------------------------------------------------------- */

#define SKEWED                                                                                     \
    ANSWER("403 Forbidden", "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n",                             \
           "<Error><Code>RequestTimeTooSkewed</Code><Message>too far</Message></Error>")
#define IN_OTHER_REGION                                                                            \
    ANSWER("400 Bad Request", "",                                                                  \
           "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is "   \
           "wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>")
#define REPEATS_ALL                                                                                \
    ANSWER("403 Forbidden", "",                                                                    \
           "<Error><Code>SignatureDoesNotMatch</Code><Message>not with " SECRET                    \
           "</Message><AWSAccessKeyId>" KEY_ID                                                     \
           "</AWSAccessKeyId><StringToSign>x</StringToSign></Error>")
#define PAGE                                                                                       \
    ANSWER("404 Not Found", "Content-Type: text/html\r\n",                                         \
           "<html><Code>NoSuchKey</Code><body>nginx</body></html>")

static const struct {
    const char *answer;
    enum error_code code;
    const char *message, *hint;
} refusals[] = {
    {FAILED_AS("404 Not Found", "NoSuchBucket"), ERR_FAILED,
     "cannot read s3://states/shop/kv.json: HTTP 404, NoSuchBucket: no", "cfkv makes no buckets"},
    {PAGE, ERR_FAILED, "HTTP 404", "the endpoint of an S3 service?"},
    {ANSWER("404 Not Found", "", ""), ERR_FAILED, "HTTP 404", "the endpoint of an S3 service?"},
    {FAILED_AS("403 Forbidden", "AccessDenied"), ERR_DENIED, "HTTP 403, AccessDenied: no",
     "of AWS_ACCESS_KEY_ID: they need s3:GetObject and s3:PutObject here, and s3:ListBucket"},
    {ANSWER("401 Unauthorized", "", ""), ERR_DENIED, "HTTP 401", "s3:GetObject"},
    {FAILED_AS("403 Forbidden", "InvalidAccessKeyId"), ERR_DENIED, "InvalidAccessKeyId",
     "check that id and secret go together"},
    {FAILED_AS("400 Bad Request", "ExpiredToken"), ERR_DENIED, "ExpiredToken", "time is over"},
    {REPEATS_ALL, ERR_DENIED, "SignatureDoesNotMatch: (a message that repeats the credentials)",
     "go together"},
    {SKEWED, ERR_FAILED, "RequestTimeTooSkewed: too far", " s ahead of the service's: set it"},
    {IN_OTHER_REGION, ERR_FAILED, "AuthorizationHeaderMalformed",
     "the bucket is in the region 'eu-west-1', and 'auto' was asked"},
    {FAILED_AS("301 Moved Permanently", "PermanentRedirect"), ERR_FAILED, "PermanentRedirect",
     "say its region"},
    {ANSWER("302 Found", "Location: https://elsewhere.example/\r\n", ""), ERR_FAILED, "HTTP 302",
     "redirects are not followed"},
    {FAILED_AS("503 Slow Down", "SlowDown"), ERR_AWAY, "HTTP 503, SlowDown", "later"},
    {ANSWER("502 Bad Gateway", "", "<html>"), ERR_AWAY, "HTTP 502", "later"},
    {FOUND("W/\"1\"", "{}"), ERR_ANSWER, "is a weak one", "compresses"},
    {ANSWER("200 OK", "", "{}"), ERR_ANSWER, "gives no ETag", "replaced safely"},
    {FOUND("abc", "{}"), ERR_ANSWER, "not in quotes", "an S3 service?"},
};

static void each_refusal_has_words_and_a_hint(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(refusals); i++) {
        struct reply script[] = {SAYS(refusals[i].answer)};
        struct bench *b = bench_begin(script, 1);
        assert_int_equal(bench_read(b), REMOTE_FAILED);
        assert_said(b, refusals[i].code, refusals[i].message, refusals[i].hint);
        assert_null(strstr(b->err.message, "StringToSign"));
        bench_end(b);
    }
}

static void a_service_that_does_not_answer_is_out_of_reach(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = "", .then = THEN_RESET}};
    struct bench *b;
    assert_int_equal(reads(SCRIPT(script), &b), REMOTE_FAILED);
    assert_said(b, ERR_AWAY, "s3://states/shop/kv.json: no answer came", "check the network");
    assert_int_equal(b->server.n_seen, 3);
    bench_end(b);
}

/* ---- Answers that are damaged ---------------------------------------------------------------- */

#define CUT      "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 50\r\n\r\n{\"n\": 1"
#define TOO_LONG "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 99999999999\r\n\r\n{"
#define NO_HTTP  "SSH-2.0-OpenSSH_9.2\r\n"
#define HALF     "HTTP/1.1 200 OK\r\nETag: \"1"
#define TWICE    FOUND("\"1\"\r\nETag: \"2\"", "{}")
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define RANGE    ANSWER("206 Partial Content", "ETag: \"1\"\r\n", "{")
#define NOTHING  ANSWER("204 No Content", "ETag: \"1\"\r\n", "")

static const struct {
    const char *answer;
    enum error_code code; /* ERR_NONE: it is taken */
    size_t requests;
} damaged[] = {
    {CUT, ERR_AWAY, 3},     {TOO_LONG, ERR_LIMIT, 1}, {NO_HTTP, ERR_AWAY, 3},
    {HALF, ERR_AWAY, 3},    {TWICE, ERR_NONE, 1},     {CONTINUE FOUND("\"1\"", "{}"), ERR_NONE, 1},
    {RANGE, ERR_FAILED, 1}, {NOTHING, ERR_FAILED, 1},
};

/* A part of a state is no state, and no 2xx but 200 brings one. */
static void a_damaged_answer_is_no_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(damaged); i++) {
        struct reply script[] = {SAYS(damaged[i].answer)};
        struct bench *b = bench_begin(script, 1);
        enum remote_outcome got = bench_read(b);
        bool is_taken = damaged[i].code == ERR_NONE;
        if ((got == REMOTE_DONE) != is_taken || b->server.n_seen != damaged[i].requests ||
            (!is_taken && b->err.code != damaged[i].code))
            fail_msg("case %zu: %d after %zu requests: %s (%d)", i, (int)got, b->server.n_seen,
                     b->err.message, (int)b->err.code);
        if (is_taken)
            assert_string_equal(b->answer.version.etag, "\"1\"");
        assert_true(is_taken || b->err.hint[0]);
        bench_end(b);
    }
}

static void an_object_has_an_endpoint(void **state)
{
    (void)state;
    struct state_address address = {.text = "s3://states/kv", .bucket = "states", .key = "kv"};
    struct state_access access = {.hint = "say where"};
    struct http_options http = {.jobs = 1};
    struct remote_object object;
    struct error err;
    assert_false(s3_object(&address, &access, &http, &object, &err));
    assert_int_equal(err.code, ERR_DENIED);
    access = (struct state_access){.aws_id = "a", .endpoint = "ftp://example.com"};
    assert_false(s3_object(&address, &access, &http, &object, &err));
    assert_int_equal(err.code, ERR_USAGE);
}

/* ---- The body of a refusal ------------------------------------------------------------------- */

static const struct {
    const char *body, *code, *message, *region;
} bodies[] = {
    {"<Error><Code>A.b-1_</Code><Message> x\n y </Message></Error>", "A.b-1_", "x y", ""},
    {"<ErrorResponse><Error xmlns=\"u\"><Code>A</Code></Error></ErrorResponse>", "A", "", ""},
    {"<Error><Message>a &lt;b&gt; &amp;amp; &#65;&#x42; &quot;&apos;</Message></Error>", "",
     "a <b> &amp; AB \"'", ""},
    {"<Error><Message>&#0;&#xD800;&#x110000;&#99999999999999999999;&x;&</Message></Error>", "",
     "&#0;&#xD800;&#x110000;&#99999999999999999999;&x;&", ""},
    {"<Error><Message>\x1b[31m&#27;]0;x&#7;</Message></Error>", "", "\\x1B[31m\\x1B]0;x\\x07", ""},
    {"<Error><Message>\xff\xc3</Message></Error>", "", "\\xFF\\xC3", ""},
    {"<Error><Code>No Such</Code><Region>eu west</Region></Error>", "", "", ""},
    {"<Error><Code>A<b/></Code><Region>eu-1</Region></Error>", "", "", "eu-1"},
    {"<Error><Code>A", "", "", ""},
    {"<Error><Code><Code>A</Code>", "", "", ""},
    {"<Code>A</Code>", "", "", ""},
    {"<html><title>Error</title>", "", "", ""},
    {"", "", "", ""},
};

static void a_body_may_be_anything_at_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(bodies); i++) {
        struct s3_error e;
        s3_error_read(bytes_of(bodies[i].body), &e);
        assert_string_equal(e.code, bodies[i].code);
        assert_string_equal(e.message, bodies[i].message);
        assert_string_equal(e.region, bodies[i].region);
    }
}

static void a_long_body_is_read_in_part(void **state)
{
    (void)state;
    struct buf body = {0};
    struct s3_error e;
    buf_add_str(&body, "<Error><Message>");
    for (size_t i = 0; i < 5000; i++)
        buf_add_str(&body, "&#x000041;");
    buf_add_str(&body, "</Message>");
    s3_error_read(buf_bytes(&body), &e);
    assert_int_equal(strlen(e.message), 255);
    for (size_t i = 0; i < S3_ERROR_READ; i++)
        buf_add_char(&body, ' ');
    buf_add_str(&body, "<Code>TooFar</Code>");
    s3_error_read(buf_bytes(&body), &e);
    assert_string_equal(e.code, "");
    buf_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_there_comes_with_its_etag_and_the_services_time),
        cmocka_unit_test(a_request_is_signed_and_asks_for_no_compression),
        cmocka_unit_test(a_session_token_is_sent_and_signed),
        cmocka_unit_test(keys_that_end_soon_are_got_again_before_a_request),
        cmocka_unit_test(without_keys_nothing_is_asked),
        cmocka_unit_test(an_object_that_is_not_there_is_no_failure),
        cmocka_unit_test(an_empty_object_is_there),
        cmocka_unit_test(a_reader_may_ask_twice),
        cmocka_unit_test(each_refusal_has_words_and_a_hint),
        cmocka_unit_test(a_service_that_does_not_answer_is_out_of_reach),
        cmocka_unit_test(a_damaged_answer_is_no_state),
        cmocka_unit_test(an_object_has_an_endpoint),
        cmocka_unit_test(a_body_may_be_anything_at_all),
        cmocka_unit_test(a_long_body_is_read_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
