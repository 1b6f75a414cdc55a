/* Replacing an object of S3 by who knows what he replaces, and finding out whether the service
 * looks. */
#include "test_state_s3_kit.h"

/* ---- Conditions ------------------------------------------------------------------------------ */

static void what_is_new_is_written_where_nothing_is(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(STORED("\"1\""))};
    struct bench *b = bench_begin(SCRIPT(script));
    assert_int_equal(bench_write(b, NULL), REMOTE_DONE);
    assert_true(b->answer.version.exists);
    assert_string_equal(b->answer.version.etag, "\"1\"");
    assert_asks(b, 0, "PUT /base/states/shop/kv.json HTTP/1.1");
    assert_asks(b, 0, "If-None-Match: *");
    assert_asks(b, 0, "Content-Type: application/json");
    assert_asks(b, 0, "Content-Length: 2");
    assert_asks(b, 0,
                "x-amz-content-sha256: "
                "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    assert_non_null(strstr(asked(b, 0), "SignedHeaders=content-type;host;if-none-match;x-amz-"));
    assert_string_equal(b->server.seen[0].body, "{}");
    bench_end(b);
}

/* Many services break on what newer SDKs add. */
static void a_body_goes_plain(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(STORED("\"1\""))};
    static const char *const never[] = {"chunked",   "Trailer", "STREAMING", "x-amz-checksum",
                                        "x-amz-sdk", "Expect",  "If-Match"};
    struct bench *b = bench_begin(SCRIPT(script));
    assert_int_equal(bench_write(b, NULL), REMOTE_DONE);
    for (size_t i = 0; i < N_OF(never); i++)
        assert_null(strcasestr(asked(b, 0), never[i]));
    bench_end(b);
}

static void an_etag_is_sent_back_as_it_came(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(STORED("\"2\""))};
    struct bench *b = bench_begin(SCRIPT(script));
    assert_int_equal(bench_write(b, "\"a b-1,'x'\""), REMOTE_DONE);
    assert_asks(b, 0, "If-Match: \"a b-1,'x'\"");
    assert_null(strstr(asked(b, 0), "If-None-Match"));
    bench_end(b);
}

/* Sent as no condition they would overwrite whatever is there. */
static void without_a_good_etag_nothing_is_sent(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(STORED("\"2\""))};
    static const char *const bad[] = {"", "W/\"1\"", "1", "\"", "*", "\"1\r\nX: y\""};
    struct bench *b = bench_begin(SCRIPT(script));
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct remote_version v = {.exists = true};
        snprintf(v.etag, sizeof v.etag, "%s", bad[i]);
        assert_int_equal(bench_write(b, bad[i]), REMOTE_FAILED);
        assert_true(i == 5 || !b->object.checks(b->object.ctx, &v));
    }
    assert_int_equal(b->server.n_seen, 0);
    bench_end(b);
}

static void a_write_whose_answer_has_no_etag_was_done(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(ANSWER("200 OK", "", "")), SAYS(STORED("W/\"1\""))};
    struct bench *b = bench_begin(SCRIPT(script));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(bench_write(b, NULL), REMOTE_DONE);
        assert_true(b->answer.version.exists);
        assert_string_equal(b->answer.version.etag, "");
        assert_false(b->object.checks(b->object.ctx, &b->answer.version));
    }
    bench_end(b);
}

/* ---- What else is there ---------------------------------------------------------------------- */

#define GONE     FAILED_AS("404 Not Found", "NoSuchKey")
#define CONFLICT FAILED_AS("409 Conflict", "ConditionalRequestConflict")
#define DENIED   FAILED_AS("403 Forbidden", "AccessDenied")
#define BROKEN   FAILED_AS("500 Internal Server Error", "InternalError")
#define BUSY     FAILED_AS("429 Too Many Requests", "TooManyRequests")

#define LOST                                                                                       \
    {                                                                                              \
        .text = "", .then = THEN_RESET                                                             \
    }

static const struct {
    const char *etag; /* NULL: nothing is expected */
    struct reply script[8];
    size_t n;
    enum remote_outcome outcome;
    enum error_code code;
    size_t requests;
} outcomes[] = {
    /* Another one has written. */
    {NULL, {SAYS(MOVED_ON)}, 1, REMOTE_MOVED, ERR_STALE, 1},
    {"\"1\"", {SAYS(MOVED_ON), SAYS(FOUND("\"2\"", "{}"))}, 2, REMOTE_MOVED, ERR_STALE, 2},
    {"\"1\"", {SAYS(MOVED_ON), SAYS(GONE)}, 2, REMOTE_MOVED, ERR_STALE, 2},
    {"\"1\"", {SAYS(GONE)}, 1, REMOTE_MOVED, ERR_STALE, 1},
    /* A writer is at it: once he is done the condition is judged. */
    {"\"1\"", {SAYS(CONFLICT), SAYS(CONFLICT), SAYS(STORED("\"2\""))}, 3, REMOTE_DONE, 0, 3},
    {NULL, {SAYS(CONFLICT), SAYS(MOVED_ON)}, 2, REMOTE_MOVED, ERR_STALE, 2},
    {NULL, {SAYS(CONFLICT)}, 1, REMOTE_MOVED, ERR_STALE, 6},
    /* The answer was lost: what the next attempt is told may be about the first. */
    {NULL, {LOST, SAYS(STORED("\"2\""))}, 2, REMOTE_DONE, 0, 2},
    {NULL, {LOST, SAYS(MOVED_ON)}, 2, REMOTE_MOVED, ERR_STALE, 2},
    {NULL, {LOST}, 1, REMOTE_UNKNOWN, ERR_AWAY, 3},
    {NULL, {LOST, SAYS(DENIED)}, 2, REMOTE_UNKNOWN, ERR_DENIED, 2},
    {NULL, {SAYS(BROKEN)}, 1, REMOTE_UNKNOWN, ERR_AWAY, 3},
    /* Surely not done. */
    {NULL, {SAYS(BUSY), SAYS(STORED("\"2\""))}, 2, REMOTE_DONE, 0, 2},
    {NULL, {SAYS(BUSY)}, 1, REMOTE_FAILED, ERR_AWAY, 3},
    {NULL, {SAYS(DENIED)}, 1, REMOTE_FAILED, ERR_DENIED, 1},
    {"\"1\"", {SAYS(FAILED_AS("404 Not Found", "NoSuchBucket"))}, 1, REMOTE_FAILED, ERR_FAILED, 1},
    {NULL, {SAYS(FAILED_AS("413 Too Large", "EntityTooLarge"))}, 1, REMOTE_FAILED, ERR_LIMIT, 1},
};

static void each_answer_has_its_outcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(outcomes); i++) {
        struct bench *b = bench_begin(outcomes[i].script, outcomes[i].n);
        enum remote_outcome got = bench_write(b, outcomes[i].etag);
        if (got != outcomes[i].outcome || b->server.n_seen != outcomes[i].requests)
            fail_msg("case %zu: outcome %d after %zu requests: %s", i, (int)got, b->server.n_seen,
                     b->err.message);
        if (got != REMOTE_DONE)
            assert_int_equal(b->err.code, outcomes[i].code);
        bench_end(b);
    }
}

/* ---- Quotes ---------------------------------------------------------------------------------- */

/* Ceph RGW 16 and DigitalOcean Spaces. */
static void a_service_that_misses_its_own_etag_gets_it_unquoted(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(MOVED_ON), SAYS(FOUND("\"1\"", "{}")),
                                          SAYS(STORED("\"2\"")), SAYS(STORED("\"3\""))};
    struct bench *b = bench_begin(SCRIPT(script));
    assert_int_equal(bench_write(b, "\"1\""), REMOTE_DONE);
    assert_asks(b, 0, "If-Match: \"1\"");
    assert_asks(b, 1, "GET /base/states/shop/kv.json HTTP/1.1");
    assert_asks(b, 2, "If-Match: 1");
    assert_int_equal(bench_write(b, "\"2\""), REMOTE_DONE); /* remembered */
    assert_asks(b, 3, "If-Match: 2");
    bench_end(b);
}

/* workerd answers 500 to an ETag without quotes, and that is not asked again and again. */
static void a_service_that_is_not_as_remembered_gets_the_quotes(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(BROKEN), SAYS(FOUND("\"1\"", "{}")),
                                          SAYS(STORED("\"2\"")), SAYS(STORED("\"3\""))};
    struct bench *b = bench_begin(SCRIPT(script));
    char service[256];
    snprintf(service, sizeof service,
             "{\"bucket\":\"states\",\"conditions\":\"unquoted\",\"endpoint\":\"%s\"}", b->url);
    assert_true(b->object.recall(b->object.ctx, bytes_of(service)));
    assert_int_equal(bench_write(b, "\"1\""), REMOTE_DONE);
    assert_asks(b, 0, "If-Match: 1");
    assert_asks(b, 2, "If-Match: \"1\"");
    assert_int_equal(bench_write(b, "\"2\""), REMOTE_DONE);
    assert_asks(b, 3, "If-Match: \"2\"");
    bench_end(b);
}

static void a_service_that_takes_it_neither_way_is_refused(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(MOVED_ON), SAYS(FOUND("\"1\"", "{}")),
                                          SAYS(MOVED_ON), SAYS(FOUND("\"1\"", "{}"))};
    struct bench *b = bench_begin(SCRIPT(script));
    assert_int_equal(bench_write(b, "\"1\""), REMOTE_FAILED);
    assert_said(b, ERR_FAILED, "the service refuses its own ETag", "another service");
    bench_end(b);
}

/* ---- What the envelope remembers ------------------------------------------------------------- */

static void only_a_verdict_of_this_service_counts(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(NO_KEY)};
    static const struct {
        const char *text; /* with a %s for the endpoint */
        bool counts;
    } verdicts[] = {
        {"{\"bucket\":\"states\",\"conditions\":\"quoted\",\"endpoint\":\"%s\"}", true},
        {"{\"bucket\":\"states\",\"conditions\":\"unquoted\",\"endpoint\":\"%s\",\"x\":1}", true},
        {"{\"bucket\":\"other\",\"conditions\":\"quoted\",\"endpoint\":\"%s\"}", false},
        {"{\"bucket\":\"states\",\"conditions\":\"quoted\",\"endpoint\":\"%s/\"}", false},
        {"{\"bucket\":\"states\",\"conditions\":\"ignored\",\"endpoint\":\"%s\"}", false},
        {"{\"bucket\":\"states\",\"endpoint\":\"%s\"}", false},
        {"{\"bucket\":1,\"conditions\":[],\"endpoint\":\"%s\"}", false},
        {"[\"%s\"]", false},
        {"\"%s", false},
    };
    struct bench *b = bench_begin(SCRIPT(script));
    for (size_t i = 0; i < N_OF(verdicts); i++) {
        struct buf text = {0};
        const char *at = strstr(verdicts[i].text, "%s");
        buf_add(&text, verdicts[i].text, (size_t)(at - verdicts[i].text));
        buf_addf(&text, "%s%s", b->url, at + 2);
        assert_int_equal(b->object.recall(b->object.ctx, buf_bytes(&text)), verdicts[i].counts);
        buf_release(&text);
    }
    assert_false(b->object.recall(b->object.ctx, bytes_make(NULL, 0)));
    bench_end(b);
}

/* ---- The probe ------------------------------------------------------------------------------- */

static bool probes(struct bench *b, struct buf *service)
{
    return b->object.probe(b->object.ctx, service, &b->err);
}

static void a_service_that_looks_passes(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(STORED("\"1\"")), SAYS(MOVED_ON),
                                          SAYS(STORED("\"2\"")), SAYS(MOVED_ON),
                                          SAYS(ANSWER("204 No Content", "", ""))};
    struct bench *b = bench_begin(SCRIPT(script));
    struct buf service = {0};
    assert_true(probes(b, &service));
    assert_int_equal(b->server.n_seen, 5);
    assert_asks(b, 0, "If-None-Match: *");
    assert_asks(b, 1, "If-None-Match: *");
    assert_asks(b, 2, "If-Match: \"1\"");
    assert_asks(b, 3, "If-Match: \"1\"");
    for (size_t i = 0; i < 5; i++) /* never the state itself */
        assert_non_null(strstr(asked(b, i), " /base/states/shop/kv.json.probe-"));
    assert_int_equal(strncmp(asked(b, 4), "DELETE ", 7), 0);
    for (size_t i = 0; i < 3; i++) /* or the ETag would not change */
        assert_string_not_equal(b->server.seen[i].body, b->server.seen[i + 1].body);
    assert_true(b->object.recall(b->object.ctx, buf_bytes(&service)));
    assert_non_null(strstr(service.data, "\"conditions\":\"quoted\""));
    buf_release(&service);
    bench_end(b);
}

static void a_service_that_wants_no_quotes_passes_and_is_remembered(void **state)
{
    (void)state;
    static const struct reply script[] = {
        SAYS(STORED("\"1\"")), SAYS(MOVED_ON), SAYS(MOVED_ON),
        SAYS(STORED("\"2\"")), SAYS(MOVED_ON), SAYS(ANSWER("204 No Content", "", "")),
        SAYS(STORED("\"3\""))};
    struct bench *b = bench_begin(SCRIPT(script));
    struct buf service = {0};
    assert_true(probes(b, &service));
    assert_asks(b, 2, "If-Match: \"1\"");
    assert_asks(b, 3, "If-Match: 1");
    assert_asks(b, 4, "If-Match: 1");
    assert_non_null(strstr(service.data, "\"conditions\":\"unquoted\""));
    assert_int_equal(bench_write(b, "\"2\""), REMOTE_DONE);
    assert_asks(b, 6, "If-Match: 2");
    buf_release(&service);
    bench_end(b);
}

#define UNKNOWN_HEADER FAILED_AS("501 Not Implemented", "NotImplemented")

static const struct {
    struct reply script[8];
    size_t n;
    bool is_removed; /* what was put there */
    enum error_code code;
    const char *message;
} failing[] = {
    {{SAYS(STORED("\"1\"")), SAYS(STORED("\"2\""))},
     2,
     true,
     ERR_FAILED,
     "cannot keep s3://states/shop/kv.json: it takes 'If-None-Match: *' and writes all the same"},
    {{SAYS(STORED("\"1\"")), SAYS(MOVED_ON), SAYS(STORED("\"2\"")), SAYS(STORED("\"3\""))},
     4,
     true,
     ERR_FAILED,
     "takes 'If-Match: an ETag of the past' and writes all the same"},
    {{SAYS(UNKNOWN_HEADER)}, 1, false, ERR_FAILED, "does not know 'If-None-Match: *' (HTTP 501)"},
    {{SAYS(STORED("\"1\"")), SAYS(MOVED_ON), SAYS(UNKNOWN_HEADER)},
     3,
     true,
     ERR_FAILED,
     "does not know 'If-Match' (HTTP 501)"},
    {{SAYS(STORED("\"1\"")), SAYS(MOVED_ON)},
     2,
     true,
     ERR_FAILED,
     "answers 412 to 'If-Match' with its own ETag"},
    {{SAYS(MOVED_ON)}, 1, true, ERR_FAILED, "answers 412 to 'If-None-Match: *' where nothing is"},
    {{SAYS(ANSWER("200 OK", "", ""))}, 1, true, ERR_ANSWER, "gives no ETag"},
    {{SAYS(STORED("W/\"1\""))}, 1, true, ERR_ANSWER, "weak"},
    {{SAYS(DENIED)}, 1, false, ERR_DENIED, "cannot write s3://states/shop/kv.json: HTTP 403"},
    {{SAYS(BUSY)}, 1, false, ERR_AWAY, "HTTP 429"},
    {{LOST}, 1, false, ERR_AWAY, "no answer came"},
};

static void a_service_that_does_not_look_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(failing); i++) {
        struct bench *b = bench_begin(failing[i].script, failing[i].n);
        struct buf service = {0};
        assert_false(probes(b, &service));
        assert_said(b, failing[i].code, failing[i].message, "");
        assert_true(b->err.hint[0]);
        assert_int_equal(service.len, 0);
        bool is_removed = strncmp(asked(b, b->server.n_seen - 1), "DELETE ", 7) == 0;
        assert_int_equal(is_removed, failing[i].is_removed);
        bench_end(b);
    }
}

/* The first answer was lost, and the repeated request finds what the first one wrote. */
static void a_lost_answer_fails_no_service(void **state)
{
    (void)state;
    static const struct reply script[] = {
        LOST,           SAYS(MOVED_ON),        SAYS(NO_KEY),   SAYS(STORED("\"1\"")),
        SAYS(MOVED_ON), SAYS(STORED("\"2\"")), SAYS(MOVED_ON), SAYS(ANSWER("204 No", "", ""))};
    struct bench *b = bench_begin(SCRIPT(script));
    struct buf service = {0};
    if (!probes(b, &service))
        fail_msg("%s", b->err.message);
    assert_int_equal(b->server.n_seen, 8);
    buf_release(&service);
    bench_end(b);
}

/* ---- R2's pace ------------------------------------------------------------------------------- */

static void a_key_is_written_once_a_second(void **state)
{
    (void)state;
    assert_int_equal(s3_pace_ms(0, 5, 1000), 0);
    assert_int_equal(s3_pace_ms(5000, 5000, 1000), 1000);
    assert_int_equal(s3_pace_ms(5000, 5400, 1000), 600);
    assert_int_equal(s3_pace_ms(5000, 6000, 1000), 0);
    assert_int_equal(s3_pace_ms(5000, 5010, 20), 500);
    assert_int_equal(s3_pace_ms(5000, 4000, 1000), 0);
    assert_int_equal(s3_pace_ms(5000, 5400, 0), 600);
}

static void only_r2_is_paced(void **state)
{
    (void)state;
    static const struct reply script[] = {SAYS(STORED("\"1\""))};
    struct bench *b = bench_begin(SCRIPT(script));
    struct s3 *s = b->object.ctx;
    assert_false(s->is_r2);
    s->wait_unit_ms = 20;
    for (int i = 0; i < 2; i++) {
        s->is_r2 = i == 1;
        assert_int_equal(bench_write(b, NULL), REMOTE_DONE);
        assert_int_equal(bench_write(b, NULL), REMOTE_DONE);
    }
    assert_true(b->server.seen[3].at_ms - b->server.seen[2].at_ms >= 18);
    bench_end(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_new_is_written_where_nothing_is),
        cmocka_unit_test(a_body_goes_plain),
        cmocka_unit_test(an_etag_is_sent_back_as_it_came),
        cmocka_unit_test(without_a_good_etag_nothing_is_sent),
        cmocka_unit_test(a_write_whose_answer_has_no_etag_was_done),
        cmocka_unit_test(each_answer_has_its_outcome),
        cmocka_unit_test(a_service_that_misses_its_own_etag_gets_it_unquoted),
        cmocka_unit_test(a_service_that_is_not_as_remembered_gets_the_quotes),
        cmocka_unit_test(a_service_that_takes_it_neither_way_is_refused),
        cmocka_unit_test(only_a_verdict_of_this_service_counts),
        cmocka_unit_test(a_service_that_looks_passes),
        cmocka_unit_test(a_service_that_wants_no_quotes_passes_and_is_remembered),
        cmocka_unit_test(a_service_that_does_not_look_is_refused),
        cmocka_unit_test(a_lost_answer_fails_no_service),
        cmocka_unit_test(a_key_is_written_once_a_second),
        cmocka_unit_test(only_r2_is_paced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
