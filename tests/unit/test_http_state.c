/* What a state's host is sent: other kinds of credentials, verbs and headers, one request at a
 * time, and what happens beside a run. */
#include "test_http_server.h"

#include "base/hash.h"

#define AWS_ID       "AKIDEXAMPLE"
#define AWS_SECRET   "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define AWS_SESSION  "FwoGZXIvYXdzEXAMPLE-session"
#define PASSWORD     "p4ss:word \xc3\xa4"
#define BASIC        "Y2ktdXNlcjpwNHNzOndvcmQgw6Q=" /* ci-user:PASSWORD */
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct http_credentials basic = {.user = "ci-user", .password = PASSWORD};
static const struct http_credentials aws = {
    .aws_id = AWS_ID, .aws_secret = AWS_SECRET, .aws_session = AWS_SESSION, .aws_region = "auto"};

static const struct reply ok_script[] = {{.text = OK_EMPTY}};

static struct world *world_of(const struct reply *script, size_t n, struct http_options o)
{
    struct world *w = begin(script, n, (struct http_options){.jobs = 1});
    struct error err = {.code = ERR_NONE};
    bool given = o.credentials.user || o.credentials.aws_id || o.credentials.none;
    http_close(w->http);
    if (!given)
        o.credentials.token = TOKEN;
    o.base_url = w->url;
    o.jobs = 1;
    o.wait_unit_ms = WAIT_UNIT_MS;
    o.seed = 1;
    o.log = collect_line;
    o.log_ctx = w;
    w->http = http_open(&o, &err);
    if (!w->http)
        fail_msg("%s", err.message);
    return w;
}

static void end_world(struct world *w)
{
    static const char *const secrets[] = {AWS_SECRET, AWS_SESSION, PASSWORD, BASIC};
    for (size_t i = 0; i < N_OF(secrets); i++)
        assert_true(!w->log.data || !strstr(w->log.data, secrets[i]));
    end(w);
}

static const char *head_of(const struct world *w, size_t i)
{
    assert_true(i < w->server.n_seen);
    return w->server.seen[i].head;
}

/* The value of a header of a request; of the caller. */
static char *value_of(const struct world *w, size_t i, const char *name)
{
    char line[64];
    snprintf(line, sizeof line, "\r\n%s: ", name);
    const char *at = strcasestr(head_of(w, i), line);
    if (!at)
        fail_msg("no %s in\n%s", name, head_of(w, i));
    at += strlen(line);
    return mem_text(bytes_make(at, strcspn(at, "\r")));
}

static void assert_header(const struct world *w, size_t i, const char *name, const char *value)
{
    char *got = value_of(w, i, name);
    assert_string_equal(got, value);
    mem_free(got);
}

static bool has_header(const struct world *w, size_t i, const char *name)
{
    char line[64];
    snprintf(line, sizeof line, "\r\n%s:", name);
    return strcasestr(head_of(w, i), line) != NULL;
}

static bool send_one(struct world *w, struct http_request r, struct http_answer *answer,
                     struct error *err)
{
    r.max_body = r.max_body ? r.max_body : 1000;
    return http_send(w->http, &r, answer, err);
}

static void send_ok(struct world *w, struct http_request r)
{
    struct http_answer answer;
    struct error err = {.code = ERR_NONE};
    if (!send_one(w, r, &answer, &err))
        fail_msg("%s", err.message);
    buf_release(&answer.body);
}

/* ---- Credentials ----------------------------------------------------------------------------- */

static void a_user_goes_with_its_password(void **state)
{
    (void)state;
    struct world *w = world_of(SCRIPT(ok_script), (struct http_options){.credentials = basic});
    send_ok(w, (struct http_request){.path = "/x"});
    assert_header(w, 0, "Authorization", "Basic " BASIC);
    end_world(w);
}

static void nothing_is_shown_where_nothing_is_asked_for(void **state)
{
    (void)state;
    struct world *w =
        world_of(SCRIPT(ok_script), (struct http_options){.credentials = {.none = true}});
    send_ok(w, (struct http_request){.path = "/x"});
    assert_false(has_header(w, 0, "Authorization"));
    end_world(w);
}

static void every_secret_is_recognised(void **state)
{
    (void)state;
    static const char *const shown[] = {"a " AWS_SECRET "!", AWS_SESSION, "it is " PASSWORD,
                                        "Basic " BASIC};
    size_t which;
    struct error err;
    struct world *w = world_of(SCRIPT(ok_script), (struct http_options){.credentials = basic});
    assert_true(http_add_credentials(w->http, &aws, &which, &err));
    for (size_t i = 0; i < N_OF(shown); i++)
        assert_true(http_shows_credentials(w->http, shown[i]));
    assert_false(http_shows_credentials(w->http, "user ci-user, key " AWS_ID));
    end_world(w);
}

static void what_forges_headers_is_refused_unseen(void **state)
{
    (void)state;
    static const struct http_credentials wrong[] = {
        {.user = "a\r\nX-Evil: hunter2", .password = "x"},
        {.user = "a:b", .password = "hunter2"},
        {.user = "a", .password = "hunter2\n"},
        {.aws_id = "hunter2 x", .aws_secret = "x", .aws_region = "auto"},
        {.aws_id = "id", .aws_secret = "hunter2\n", .aws_region = "auto"},
        {.aws_id = "id", .aws_secret = "x", .aws_session = "hunter2\r", .aws_region = "auto"},
        {.aws_id = "id", .aws_secret = "hunter2", .aws_region = "auto:s3"},
        {.aws_id = "id", .aws_secret = "hunter2"},
        {.aws_id = "hunter2", .aws_region = "auto"},
    };
    for (size_t i = 0; i < N_OF(wrong); i++) {
        struct error err = {.code = ERR_NONE};
        assert_false(http_check_credentials(&wrong[i], &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_null(strstr(err.message, "hunter2"));
        assert_null(strstr(err.hint, "hunter2"));
    }
}

/* ---- Signatures ------------------------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "name:value\n" of each name that stands in `signed_names`, sorted and divided by semicolons. */
static void add_signed_headers(const struct world *w, size_t i, const char *signed_names,
                               struct buf *out)
{
    for (const char *at = signed_names; *at;) {
        char name[64];
        size_t len = strcspn(at, ";");
        snprintf(name, sizeof name, "%.*s", (int)len, at);
        char *value = value_of(w, i, name);
        buf_addf(out, "%s:%s\n", name, value);
        mem_free(value);
        at += len + (at[len] == ';');
    }
}

static struct digest hmac(struct digest key, const char *text)
{
    return hash_hmac_sha256(bytes_make((const char *)key.bytes, sizeof key.bytes), bytes_of(text));
}

/* AWS's Signature Version 4, as its documentation has it, for a path that is canonical already. */
static void signature_of(const struct world *w, size_t i, const char *verb, const char *path,
                         const char *query, const char *signed_names, char out[HASH_HEX_SIZE])
{
    struct buf canonical = {0}, text = {0};
    char hex[HASH_HEX_SIZE], day[9];
    char *date = value_of(w, i, "x-amz-date"), *sha = value_of(w, i, "x-amz-content-sha256");
    snprintf(day, sizeof day, "%s", date);
    buf_addf(&canonical, "%s\n%s\n%s\n", verb, path, query);
    add_signed_headers(w, i, signed_names, &canonical);
    buf_addf(&canonical, "\n%s\n%s", signed_names, sha);
    struct digest d = hash_sha256(buf_bytes(&canonical));
    digest_hex(&d, hex);
    buf_addf(&text, "AWS4-HMAC-SHA256\n%s\n%s/auto/s3/aws4_request\n%s", date, day, hex);
    struct digest key = hash_hmac_sha256(bytes_of("AWS4" AWS_SECRET), bytes_of(day));
    key = hmac(hmac(hmac(key, "auto"), "s3"), "aws4_request");
    d = hmac(key, text.data);
    digest_hex(&d, out);
    mem_free(date);
    mem_free(sha);
    buf_release(&canonical);
    buf_release(&text);
}

static void assert_signed(const struct world *w, size_t i, const char *verb, const char *path,
                          const char *query)
{
    char names[256], wanted[HASH_HEX_SIZE], *auth = value_of(w, i, "Authorization");
    const char *at = strstr(auth, "SignedHeaders=");
    assert_non_null(strstr(auth, "Credential=" AWS_ID "/"));
    assert_non_null(at);
    at += strlen("SignedHeaders=");
    snprintf(names, sizeof names, "%.*s", (int)strcspn(at, ","), at);
    signature_of(w, i, verb, path, query, names, wanted);
    at = strstr(auth, "Signature=");
    assert_non_null(at);
    assert_string_equal(at + strlen("Signature="), wanted);
    /* What changes the meaning is signed. */
    static const char *const must[] = {"host", "x-amz-content-sha256", "x-amz-date",
                                       "x-amz-security-token"};
    char *sorted[16], *copy = mem_text(bytes_of(names));
    size_t n = 0;
    for (char *name = strtok(copy, ";"); name && n < N_OF(sorted); name = strtok(NULL, ";"))
        sorted[n++] = name;
    for (size_t k = 0; k < N_OF(must); k++) {
        const char *key = must[k];
        assert_non_null(bsearch(&key, sorted, n, sizeof *sorted, by_text));
    }
    mem_free(copy);
    mem_free(auth);
}

static void what_is_signed_is_signed_as_aws_says(void **state)
{
    (void)state;
    static const char *const condition[] = {"If-Match: \"0123\"", NULL};
    static const char body[] = "{\"serial\":1}";
    char hex[HASH_HEX_SIZE];
    struct digest d = hash_sha256(bytes_of(body));
    struct world *w = world_of(SCRIPT(ok_script), (struct http_options){.credentials = aws});
    digest_hex(&d, hex);
    send_ok(w, (struct http_request){.path = "/bucket/kv.json"});
    send_ok(w, (struct http_request){.method = HTTP_PUT,
                                     .path = "/bucket/a/b-c_d.json",
                                     .headers = condition,
                                     .content_type = "application/json",
                                     .body = bytes_of(body)});
    send_ok(w, (struct http_request){.path = "/bucket?list-type=2&prefix=a%2Fb"});
    assert_header(w, 0, "x-amz-content-sha256", EMPTY_SHA256);
    assert_header(w, 1, "x-amz-content-sha256", hex);
    assert_header(w, 1, "x-amz-security-token", AWS_SESSION);
    assert_header(w, 1, "If-Match", "\"0123\"");
    assert_signed(w, 0, "GET", "/client/v4/bucket/kv.json", "");
    assert_signed(w, 1, "PUT", "/client/v4/bucket/a/b-c_d.json", "");
    assert_signed(w, 2, "GET", "/client/v4/bucket", "list-type=2&prefix=a%2Fb");
    for (size_t i = 0; i < 3; i++) {
        assert_false(has_header(w, i, "Expect"));
        assert_false(has_header(w, i, "Accept-Encoding"));
        assert_null(strstr(head_of(w, i), AWS_SECRET));
    }
    end_world(w);
}

static void without_a_session_there_is_no_header_of_one(void **state)
{
    (void)state;
    struct http_credentials lasting = aws;
    lasting.aws_session = NULL;
    struct world *w = world_of(SCRIPT(ok_script), (struct http_options){.credentials = lasting});
    send_ok(w, (struct http_request){.path = "/bucket/kv.json"});
    assert_false(has_header(w, 0, "x-amz-security-token"));
    end_world(w);
}

/* A repeated request is signed anew: its time is another. */
static void each_attempt_is_signed(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 503 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"},
        {.text = OK_EMPTY}};
    struct world *w = world_of(SCRIPT(script), (struct http_options){.credentials = aws});
    send_ok(w, (struct http_request){.path = "/bucket/kv.json", .repeatable = true});
    assert_int_equal(w->server.n_seen, 2);
    assert_signed(w, 0, "GET", "/client/v4/bucket/kv.json", "");
    assert_signed(w, 1, "GET", "/client/v4/bucket/kv.json", "");
    end_world(w);
}

/* ---- Verbs and headers ----------------------------------------------------------------------- */

static void a_verb_goes_with_body_and_headers(void **state)
{
    (void)state;
    static const char *const headers[] = {"Content-MD5: abc", "If-None-Match: *", NULL};
    struct world *w = world_of(SCRIPT(ok_script), (struct http_options){.jobs = 1});
    send_ok(w, (struct http_request){.method = HTTP_POST,
                                     .verb = "LOCK",
                                     .path = "/x?ID=1",
                                     .headers = headers,
                                     .content_type = "application/json",
                                     .body = bytes_of("{}")});
    assert_true(strncmp(head_of(w, 0), "LOCK /client/v4/x?ID=1 HTTP/1.1\r\n", 33) == 0);
    assert_header(w, 0, "Content-MD5", "abc");
    assert_header(w, 0, "If-None-Match", "*");
    assert_header(w, 0, "Content-Type", "application/json");
    assert_string_equal(w->server.seen[0].body, "{}");
    send_ok(w, (struct http_request){.path = "/y"}); /* none of it sticks */
    assert_true(strncmp(head_of(w, 1), "GET /client/v4/y HTTP/1.1\r\n", 27) == 0);
    assert_false(has_header(w, 1, "Content-MD5"));
    assert_false(has_header(w, 1, "Content-Type"));
    end_world(w);
}

/* Its Content-Length is of a body that does not come. */
static void a_head_waits_for_no_body(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 500\r\n\r\n"}};
    struct http_answer answer;
    struct error err = {.code = ERR_NONE};
    struct world *w = world_of(SCRIPT(script), (struct http_options){.jobs = 1});
    assert_true(send_one(w, (struct http_request){.verb = "HEAD", .path = "/x"}, &answer, &err));
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.etag, "\"e\"");
    assert_int_equal(answer.body.len, 0);
    buf_release(&answer.body);
    end_world(w);
}

static void a_header_that_forges_others_is_not_sent(void **state)
{
    (void)state;
    static const char *const forged[] = {"If-Match: \"a\"\r\nX-Evil: 1", NULL};
    struct http_answer answer;
    struct error err = {.code = ERR_NONE};
    struct world *w = world_of(SCRIPT(ok_script), (struct http_options){.jobs = 1});
    assert_false(
        send_one(w, (struct http_request){.path = "/x", .headers = forged}, &answer, &err));
    assert_int_equal(err.code, ERR_FAILED);
    assert_null(strstr(err.message, "Evil"));
    assert_int_equal(w->server.n_seen, 0);
    assert_false(answer.maybe_done);
    end_world(w);
}

/* ---- One request ----------------------------------------------------------------------------- */

static void an_answer_is_whole_when_the_next_is_sent(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text =
             "HTTP/1.1 200 OK\r\nETag: \"one\"\r\nDate: Tue, 01 Dec 2026 01:00:00 GMT\r\n"
             "Content-Type: application/json\r\nContent-MD5: m\r\nContent-Length: 3\r\n\r\none"},
        {.text =
             "HTTP/1.1 302 Found\r\nLocation: https://else.example/\r\nContent-Length: 0\r\n\r\n"}};
    struct http_answer one, two;
    struct error err = {.code = ERR_NONE};
    struct world *w = world_of(SCRIPT(script), (struct http_options){.jobs = 1});
    assert_true(send_one(w, (struct http_request){.path = "/1"}, &one, &err));
    assert_true(send_one(w, (struct http_request){.path = "/2"}, &two, &err));
    assert_buf(&one.body, "one");
    assert_string_equal(one.etag, "\"one\"");
    assert_string_equal(one.content_type, "application/json");
    assert_string_equal(one.content_md5, "m");
    assert_int_equal(one.date, 1796086800);
    assert_int_equal(two.status, 302);
    assert_string_equal(two.location, "https://else.example/");
    assert_string_equal(two.etag, "");
    assert_int_equal(two.date, 0);
    assert_int_equal(w->server.n_seen, 2); /* nobody went there */
    buf_release(&one.body);
    buf_release(&two.body);
    end_world(w);
}

static void a_write_whose_answer_is_lost_is_not_repeated_unasked(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = "", .then = THEN_CLOSE}};
    struct http_answer answer;
    struct error err = {.code = ERR_NONE};
    struct world *w = world_of(SCRIPT(script), (struct http_options){.jobs = 1});
    struct http_request lock = {.method = HTTP_POST, .verb = "LOCK", .path = "/x"};
    assert_false(send_one(w, lock, &answer, &err));
    assert_int_equal(w->server.n_seen, 1);
    assert_true(answer.maybe_done);
    assert_int_equal(answer.status, 0);
    assert_int_equal(err.code, ERR_FAILED);
    end_world(w);
}

/* ---- Beside a run ---------------------------------------------------------------------------- */

static void a_state_host_has_no_budget_of_cloudflares(void **state)
{
    (void)state;
    struct world *w = world_of(SCRIPT(ok_script),
                               (struct http_options){.unbudgeted = true, .budget_requests = 2});
    int64_t began_ms = clock_monotonic_ms();
    for (int i = 0; i < 20; i++)
        send_ok(w, (struct http_request){.path = "/x"});
    assert_int_equal(w->server.n_seen, 20);
    assert_true(clock_monotonic_ms() - began_ms < 100 * WAIT_UNIT_MS); /* else 300 s of waiting */
    end_world(w);
}

struct beats {
    struct world *other;
    unsigned n;
};

static void on_beat(void *ctx)
{
    struct beats *b = ctx;
    b->n++;
    send_ok(b->other, (struct http_request){.path = "/renew"});
}

static void a_beat_may_ask_another_host_while_one_is_silent(void **state)
{
    (void)state;
    static const struct reply slow[] = {{.text = OK_EMPTY, .delay_ms = 6 * WAIT_UNIT_MS}};
    struct beats b = {.other = world_of(SCRIPT(ok_script), (struct http_options){.jobs = 1})};
    struct world *w =
        world_of(SCRIPT(slow), (struct http_options){.beat = on_beat, .beat_ctx = &b});
    send_ok(w, (struct http_request){.path = "/slow"});
    assert_true(b.n >= 3);
    assert_int_equal(b.other->server.n_seen, b.n);
    end_world(w);
    end_world(b.other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_user_goes_with_its_password),
        cmocka_unit_test(nothing_is_shown_where_nothing_is_asked_for),
        cmocka_unit_test(every_secret_is_recognised),
        cmocka_unit_test(what_forges_headers_is_refused_unseen),
        cmocka_unit_test(what_is_signed_is_signed_as_aws_says),
        cmocka_unit_test(without_a_session_there_is_no_header_of_one),
        cmocka_unit_test(each_attempt_is_signed),
        cmocka_unit_test(a_verb_goes_with_body_and_headers),
        cmocka_unit_test(a_head_waits_for_no_body),
        cmocka_unit_test(a_header_that_forges_others_is_not_sent),
        cmocka_unit_test(an_answer_is_whole_when_the_next_is_sent),
        cmocka_unit_test(a_write_whose_answer_is_lost_is_not_repeated_unasked),
        cmocka_unit_test(a_state_host_has_no_budget_of_cloudflares),
        cmocka_unit_test(a_beat_may_ask_another_host_while_one_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
