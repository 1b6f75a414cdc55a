/* What every request is and is not: method, headers, credentials, bounds, slots, interrupts. */
#include "test_http_server.h"

static const struct reply ok_script[] = {{.text = OK_EMPTY}};

static bool sent_header(const struct world *w, size_t i, const char *line)
{
    return strstr(w->server.seen[i].head, line) != NULL;
}

/* ---- Requests -------------------------------------------------------------------------------- */

static void an_answer_comes_with_status_body_and_ray(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 404 Not Found\r\nCF-Ray: 8c1f00aa-AMS\r\nExpiration: 1700000060\r\n"
                 "Content-Length: 4\r\n\r\nbody"}};
    struct call c;
    struct world *w = ask(SCRIPT(script), (struct http_request)GET("/x?page=1"), &c);
    assert_status(&c, 404);
    assert_buf(&c.body, "body");
    assert_string_equal(c.cf_ray, "8c1f00aa-AMS");
    assert_int_equal(c.response.expiration, 1700000060);
    assert_int_equal(c.response.attempts, 1);
    assert_false(c.response.maybe_done);
    assert_true(sent_header(w, 0, "GET /client/v4/x?page=1 HTTP/1.1\r\n"));
    finish_call(w, &c);
}

static void what_one_answer_says_does_not_stick_to_the_next(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 OK\r\nCF-Ray: abc\r\nExpiration: 5\r\nContent-Length: 1\r\n\r\nx"},
        {.text = "HTTP/1.1 200 OK\r\nExpiration: never\r\nContent-Length: 0\r\n\r\n"}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1});
    struct call c[2] = {{.request = GET("/a")}, {.request = GET("/b")}};
    run(w, c, 2);
    assert_string_equal(c[1].cf_ray, "");
    assert_int_equal(c[1].response.expiration, 0);
    assert_int_equal(c[1].body.len, 0);
    release_calls(c, 2);
    end(w);
}

static void a_ray_that_is_none_is_cut(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 OK\r\nCF-Ray: abc-AMS\x1b[31m evil\r\nContent-Length: 0\r\n\r\n"}};
    struct call c;
    struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
    assert_string_equal(c.cf_ray, "abc-AMS");
    finish_call(w, &c);
}

static void a_token_goes_as_a_bearer(void **state)
{
    (void)state;
    struct call c;
    struct world *w = ask(SCRIPT(ok_script), (struct http_request)GET("/"), &c);
    assert_true(sent_header(w, 0, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
    assert_true(sent_header(w, 0, "\r\nUser-Agent: cfkv/"));
    assert_true(sent_header(w, 0, "\r\nAccept-Encoding: gzip\r\n"));
    assert_false(sent_header(w, 0, "X-Auth"));
    finish_call(w, &c);
}

static void a_key_goes_with_its_email(void **state)
{
    (void)state;
    struct world *w = begin(
        SCRIPT(ok_script),
        (struct http_options){.jobs = 1, .credentials = {.key = TOKEN, .email = "a@example.com"}});
    struct call c = {.request = GET("/")};
    run(w, &c, 1);
    assert_true(sent_header(w, 0, "\r\nX-Auth-Key: " TOKEN "\r\n"));
    assert_true(sent_header(w, 0, "\r\nX-Auth-Email: a@example.com\r\n"));
    assert_false(sent_header(w, 0, "Authorization"));
    finish_call(w, &c);
}

static void a_request_carries_the_credentials_it_asks_for(void **state)
{
    (void)state;
    static const struct http_credentials other = {.token = "of-another-account"},
                                         again = {.token = TOKEN};
    struct world *w = begin(SCRIPT(ok_script), (struct http_options){.jobs = 1});
    struct error err;
    size_t own, same;
    assert_true(http_add_credentials(w->http, &other, &own, &err));
    assert_true(http_add_credentials(w->http, &again, &same, &err));
    assert_int_equal(same, 0);
    struct call c[2] = {{.request = GET("/a")}, {.request = GET("/b")}};
    c[0].request.credentials = own;
    run(w, c, 2);
    assert_true(sent_header(w, 0, "\r\nAuthorization: Bearer of-another-account\r\n"));
    assert_false(sent_header(w, 0, TOKEN));
    assert_true(sent_header(w, 1, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
    assert_true(http_shows_credentials(w->http, "x of-another-account"));
    release_calls(c, 2);
    end(w);
}

static void credentials_that_are_no_header_are_not_added(void **state)
{
    (void)state;
    static const struct http_credentials broken = {.token = "a\nb"};
    struct world *w = begin(SCRIPT(ok_script), (struct http_options){.jobs = 1});
    struct error err;
    size_t which;
    assert_false(http_add_credentials(w->http, &broken, &which, &err));
    assert_int_equal(err.code, ERR_USAGE);
    end(w);
}

/* The first one's 429 holds back what asks as it does, and nothing else. */
static void a_429_holds_back_only_who_asks_with_the_same_credentials(void **state)
{
    (void)state;
    static const struct http_credentials other = {.token = "of-another-account"};
    static const struct reply script[] = {
        {.text = "HTTP/1.1 429 x\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"},
        {.text = OK_EMPTY}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1, .max_attempts = 1});
    struct error err;
    size_t own;
    assert_true(http_add_credentials(w->http, &other, &own, &err));
    struct call c[2] = {{.request = GET("/a")}, {.request = GET("/b")}};
    c[1].request.credentials = own;
    int64_t began_ms = clock_monotonic_ms();
    run(w, c, 2);
    assert_status(&c[0], 429);
    assert_status(&c[1], 200);
    assert_true(clock_monotonic_ms() - began_ms < 20);
    release_calls(c, 2);
    end(w);
}

static void bodies_arrive_byte_for_byte(void **state)
{
    (void)state;
    static const enum http_method methods[] = {HTTP_POST, HTTP_PUT, HTTP_DELETE};
    static const char *const names[] = {"POST", "PUT", "DELETE"};
    for (size_t i = 0; i < N_OF(methods); i++) {
        char line[64];
        struct call c;
        struct http_request r = {.method = methods[i],
                                 .path = "/b",
                                 .content_type = "application/json",
                                 .body = TEXT("a\0b\xff"),
                                 .max_body = 100};
        struct world *w = ask(SCRIPT(ok_script), r, &c);
        assert_status(&c, 200);
        snprintf(line, sizeof line, "%s /client/v4/b HTTP/1.1\r\n", names[i]);
        assert_true(sent_header(w, 0, line));
        assert_true(sent_header(w, 0, "\r\nContent-Type: application/json\r\n"));
        assert_false(sent_header(w, 0, "Expect"));
        assert_bytes(bytes_make(w->server.seen[0].body, w->server.seen[0].body_len),
                     TEXT("a\0b\xff"));
        finish_call(w, &c);
    }
}

static void an_empty_value_is_put_as_one(void **state)
{
    (void)state;
    struct call c;
    struct http_request r = {.method = HTTP_PUT, .path = "/v", .body = TEXT(""), .max_body = 100};
    struct world *w = ask(SCRIPT(ok_script), r, &c);
    assert_true(sent_header(w, 0, "PUT /client/v4/v"));
    assert_true(sent_header(w, 0, "\r\nContent-Length: 0\r\n"));
    assert_false(sent_header(w, 0, "Content-Type"));
    finish_call(w, &c);
}

static void a_delete_has_no_body(void **state)
{
    (void)state;
    struct call c;
    struct http_request r = {.method = HTTP_DELETE, .path = "/v", .max_body = 100};
    struct world *w = ask(SCRIPT(ok_script), r, &c);
    assert_true(sent_header(w, 0, "DELETE /client/v4/v"));
    assert_false(sent_header(w, 0, "Content-"));
    finish_call(w, &c);
}

static void parts_go_as_a_form(void **state)
{
    (void)state;
    static char value[1200000]; /* more than makes curl ask first, with Expect */
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (char)(i * 7 + i / 256);
    const struct http_part parts[] = {
        {.name = "value", .data = bytes_make(value, sizeof value)},
        {.name = "metadata", .content_type = "application/json", .data = TEXT("{\"a\":1}")}};
    struct http_request r = {.method = HTTP_PUT,
                             .path = "/v",
                             .parts = parts,
                             .n_parts = 2,
                             .repeatable = true,
                             .max_body = 100};
    struct call c;
    struct world *w = ask(SCRIPT(ok_script), r, &c);
    const struct seen *s = &w->server.seen[0];
    assert_true(sent_header(w, 0, "PUT /client/v4/v"));
    assert_true(sent_header(w, 0, "\r\nContent-Type: multipart/form-data; boundary="));
    assert_false(sent_header(w, 0, "Expect"));
    assert_non_null(memmem(s->body, s->body_len, value, sizeof value));
    assert_non_null(strstr(s->body, "name=\"value\"\r\n\r\n"));
    assert_non_null(memmem(s->body, s->body_len, "\r\n\r\n{\"a\":1}\r\n", 13));
    assert_non_null(memmem(s->body, s->body_len, "name=\"metadata\"", 15));
    finish_call(w, &c);
}

static void paths_are_sent_as_they_are(void **state)
{
    (void)state;
    struct call c;
    struct world *w = ask(SCRIPT(ok_script), (struct http_request)GET("/a/%2E%2e/../b//c%2Fd"), &c);
    assert_true(sent_header(w, 0, "GET /client/v4/a/%2E%2e/../b//c%2Fd HTTP"));
    finish_call(w, &c);
}

static void a_path_that_could_change_the_host_is_not_sent(void **state)
{
    (void)state;
    struct call c;
    struct world *w = ask(SCRIPT(ok_script), (struct http_request)GET(".evil/x"), &c);
    assert_failed(&c, ERR_FAILED, "the path '.evil/x' cannot be sent");
    assert_int_equal(c.response.attempts, 0);
    assert_int_equal(w->server.n_seen, 0);
    finish_call(w, &c);
}

static void proxies_and_netrc_are_not_for_loopback(void **state)
{
    (void)state;
    char home[] = "/tmp/cfkv-http-XXXXXX", path[64];
    char *old = getenv("HOME");
    char saved[4096];
    snprintf(saved, sizeof saved, "%s", old ? old : "/");
    assert_non_null(mkdtemp(home));
    snprintf(path, sizeof path, "%s/.netrc", home);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("default login n3trc password n3trc\n", f);
    fclose(f);
    setenv("HOME", home, 1);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    setenv("no_proxy", "", 1);
    struct world *w = begin(
        SCRIPT(ok_script),
        (struct http_options){.jobs = 1, .credentials = {.key = TOKEN, .email = "a@example.com"}});
    struct call c = {.request = GET("/")};
    run(w, &c, 1);
    assert_status(&c, 200);
    assert_false(sent_header(w, 0, "Basic"));
    finish_call(w, &c);
    setenv("HOME", saved, 1);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    unsetenv("no_proxy");
    unlink(path);
    rmdir(home);
}

static void a_redirect_is_an_answer_and_its_target_sees_nothing(void **state)
{
    (void)state;
    static const char *const statuses[] = {"301", "302", "303", "307", "308"};
    struct server target;
    server_start(&target, SCRIPT(ok_script));
    for (size_t i = 0; i < N_OF(statuses); i++) {
        char text[256];
        snprintf(text, sizeof text,
                 "HTTP/1.1 %s Moved\r\nLocation: http://127.0.0.1:%u/\r\nContent-Length: 0\r\n\r\n",
                 statuses[i], target.port);
        const struct reply script[] = {{.text = text}};
        struct call c;
        struct world *w = ask(SCRIPT(script), (struct http_request)POST("/"), &c);
        assert_status(&c, (unsigned)atoi(statuses[i]));
        assert_false(c.response.maybe_done);
        assert_int_equal(w->server.n_seen, 1);
        finish_call(w, &c);
    }
    assert_int_equal(target.n_connections, 0);
    server_stop(&target);
}

/* ---- Bounds ---------------------------------------------------------------------------------- */

static void a_body_of_the_limit_passes_and_one_byte_more_does_not(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"},
        {.text = "HTTP/1.1 200 OK\r\n\r\n0123456789", .then = THEN_CLOSE},
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1});
    struct call c[3] = {{.request = GET("/")}, {.request = GET("/")}, {.request = GET("/")}};
    c[0].request.max_body = 10;
    c[1].request.max_body = c[2].request.max_body = 9;
    run(w, c, 3);
    assert_status(&c[0], 200);
    assert_buf(&c[0].body, "0123456789");
    assert_failed(&c[1], ERR_LIMIT, "the answer (HTTP 200) is longer than the 9 bytes expected");
    assert_failed(&c[2], ERR_LIMIT, "the answer (HTTP 200) is longer than the 9 bytes expected");
    assert_int_equal(w->server.n_seen, 3);
    release_calls(c, 3);
    end(w);
}

static void two_declared_gigabytes_end_at_once(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\nabc", .then = THEN_HANG}};
    struct call c;
    struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
    assert_failed(&c, ERR_LIMIT, "longer than the 65536 bytes");
    assert_int_equal(c.response.attempts, 1);
    finish_call(w, &c);
}

/* 40,000 and 200,000 times 'x' in gzip. */
static const char gzip_40000[] =
    "\037\213\010\000\000\000\000\000\002\003\355\301\061\001\000\000\000\302\240\332\213\357"
    "\145\013\240\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\200\033\107"
    "\135\312\163\100\234\000\000";

static const char gzip_200000[] =
    "\037\213\010\000\000\000\000\000\002\003\355\301\061\001\000\000\000\302\240\332\213\157"
    "\006\177\240\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\200\327"
    "\000\162\002\277\121\100\015\003\000";

static struct reply gzip_reply(const char *gzip, size_t len, struct buf *text)
{
    buf_addf(text, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", len);
    buf_add(text, gzip, len);
    return (struct reply){.text = text->data, .len = text->len};
}

static void gzip_is_decoded_within_the_limit(void **state)
{
    (void)state;
    struct buf small = {0}, bomb = {0};
    const struct reply script[] = {gzip_reply(gzip_40000, sizeof gzip_40000 - 1, &small),
                                   gzip_reply(gzip_200000, sizeof gzip_200000 - 1, &bomb)};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1});
    struct call c[2] = {{.request = GET("/")}, {.request = GET("/bomb")}};
    run(w, c, 2);
    assert_status(&c[0], 200);
    assert_int_equal(c[0].body.len, 40000);
    assert_int_equal(c[0].body.data[39999], 'x');
    assert_failed(&c[1], ERR_LIMIT, "longer than the 65536 bytes");
    assert_int_equal(c[1].response.attempts, 1);
    release_calls(c, 2);
    end(w);
    buf_release(&small);
    buf_release(&bomb);
}

/* "HTTP/1.1 200 OK" with `lines` headers of `width` bytes. */
static char *many_headers(size_t lines, int width)
{
    struct buf b = {0};
    buf_add_str(&b, "HTTP/1.1 200 OK\r\n");
    for (size_t i = 0; i < lines; i++)
        buf_addf(&b, "X-%zu: %0*d\r\n", i, width, 0);
    buf_add_str(&b, "Content-Length: 0\r\n\r\n");
    char *text = strdup(b.data);
    buf_release(&b);
    return text;
}

static void endless_headers_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t lines;
        int width;
        bool passes;
    } cases[] = {{100, 10, true}, {400, 10, false}, {40, 2000, false}, {1, 200000, false}};
    for (size_t i = 0; i < N_OF(cases); i++) {
        char *text = many_headers(cases[i].lines, cases[i].width);
        const struct reply script[] = {{.text = text, .then = THEN_CLOSE}};
        struct call c;
        struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
        assert_int_equal(c.response.ok, cases[i].passes);
        if (!cases[i].passes)
            assert_non_null(strstr(c.response.error.message, "header"));
        assert_int_equal(c.response.attempts, 1);
        finish_call(w, &c);
        free(text);
    }
}

/* ---- Slots ----------------------------------------------------------------------------------- */

static void no_more_than_jobs_are_in_flight(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = OK_EMPTY, .delay_ms = 5}};
    for (unsigned jobs = 1; jobs <= 4; jobs += 3) {
        struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = jobs});
        struct call c[20] = {0};
        for (size_t i = 0; i < N_OF(c); i++)
            c[i].request = (struct http_request)GET("/");
        run(w, c, N_OF(c));
        for (size_t i = 0; i < N_OF(c); i++)
            assert_status(&c[i], 200);
        assert_int_equal(w->max_in_flight, jobs);
        assert_in_range(w->server.max_active, jobs > 1 ? 2 : 1, jobs);
        assert_in_range(w->server.n_connections, jobs > 1 ? 2 : 1, jobs);
        assert_int_equal(http_stats(w->http).requests, N_OF(c));
        release_calls(c, N_OF(c));
        end(w);
    }
}

static void connections_are_used_again_in_the_next_run(void **state)
{
    (void)state;
    struct world *w = begin(SCRIPT(ok_script), (struct http_options){.jobs = 4});
    for (int i = 0; i < 5; i++) {
        struct call c = {.request = GET("/")};
        run(w, &c, 1);
        release_calls(&c, 1);
    }
    assert_int_equal(w->server.n_connections, 1);
    assert_int_equal(http_stats(w->http).bytes_down, 10);
    end(w);
}

static void a_caller_may_wait_while_something_is_in_flight(void **state)
{
    (void)state;
    struct world *w = begin(SCRIPT(ok_script), (struct http_options){.jobs = 4});
    struct call c[3] = {{.request = GET("/")}, {.request = GET("/")}, {.request = GET("/")}};
    w->wait_while_in_flight = true;
    run(w, c, 3);
    assert_int_equal(w->max_in_flight, 1);
    release_calls(c, 3);
    end(w);
}

static enum http_next always_wait(void *ctx, struct http_request *request)
{
    (void)ctx;
    (void)request;
    return HTTP_NEXT_WAIT;
}

static void waiting_for_nothing_is_an_error(void **state)
{
    (void)state;
    struct error err;
    struct world *w = begin(SCRIPT(ok_script), (struct http_options){.jobs = 1});
    assert_false(http_run(w->http, always_wait, done_call, w, &err));
    assert_int_equal(err.code, ERR_FAILED);
    end(w);
}

static void a_delay_is_kept(void **state)
{
    (void)state;
    struct world *w = begin(SCRIPT(ok_script), (struct http_options){.jobs = 2});
    struct call c[2] = {{.request = GET("/later")}, {.request = GET("/now")}};
    c[0].request.delay_ms = 4000;
    int64_t start = clock_monotonic_ms();
    run(w, c, 2);
    size_t later = sent_header(w, 0, "/later") ? 0 : 1;
    assert_true(w->server.seen[later].at_ms - start >= 4 * WAIT_UNIT_MS);
    release_calls(c, 2);
    end(w);
}

static void the_budget_slows_requests_down(void **state)
{
    (void)state;
    struct world *w =
        begin(SCRIPT(ok_script),
              (struct http_options){.jobs = 8, .budget_requests = 4, .budget_seconds = 5});
    struct call c[8] = {0};
    for (size_t i = 0; i < N_OF(c); i++)
        c[i].request = (struct http_request)GET("/");
    int64_t start = clock_monotonic_ms();
    run(w, c, N_OF(c));
    for (size_t i = 4; i < N_OF(c); i++)
        assert_true(w->server.seen[i].at_ms - start >= 5 * WAIT_UNIT_MS);
    release_calls(c, N_OF(c));
    end(w);
}

static void what_the_service_has_left_slows_requests_down(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 OK\r\nRatelimit-Policy: \"default\";q=1200;w=300\r\n"
                 "Ratelimit: \"default\";r=0;t=6\r\nContent-Length: 0\r\n\r\n"},
        {.text = OK_EMPTY}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1});
    struct call c[2] = {{.request = GET("/")}, {.request = GET("/")}};
    run(w, c, 2);
    assert_true(seconds_between(w, 0, 1) >= 5.9);
    release_calls(c, 2);
    end(w);
}

/* ---- The end --------------------------------------------------------------------------------- */

static void an_interrupt_ends_everything_at_once(void **state)
{
    (void)state;
    volatile int interrupted = 0;
    const struct reply script[] = {
        {.text = "HTTP/1.1 503 Busy\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"},
        {.text = NULL, .then = THEN_HANG, .delay_ms = 100, .raise = &interrupted}};
    struct error err;
    struct world *w =
        begin(SCRIPT(script), (struct http_options){.jobs = 2, .interrupted = &interrupted});
    struct call c[4] = {
        {.request = GET("/waits")}, {.request = POST("/hangs")}, {.request = GET("/never")}};
    int64_t start = clock_monotonic_ms();
    assert_false(try_run(w, c, 4, &err));
    assert_true(clock_monotonic_ms() - start < 2000);
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_failed(&c[0], ERR_INTERRUPTED, "interrupted");
    assert_failed(&c[1], ERR_INTERRUPTED, "interrupted");
    assert_int_equal(w->pulled, 2);
    bool first_hung = c[0].response.maybe_done;
    assert_true(first_hung != c[1].response.maybe_done);
    release_calls(c, 4);
    end(w);
}

static void an_interrupt_lets_what_is_in_flight_end(void **state)
{
    (void)state;
    volatile int interrupted = 0;
    const struct reply script[] = {{.text = OK_EMPTY, .delay_ms = 100, .raise = &interrupted}};
    struct error err;
    struct world *w = begin(
        SCRIPT(script),
        (struct http_options){.jobs = 1, .interrupted = &interrupted, .interrupt_grace_ms = 5000});
    struct call c[2] = {{.request = POST("/in-flight")}, {.request = GET("/never")}};
    assert_false(try_run(w, c, 2, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_true(c[0].response.ok);
    assert_int_equal(w->pulled, 1);
    release_calls(c, 2);
    end(w);
}

static void what_outlasts_the_grace_of_an_interrupt_is_ended(void **state)
{
    (void)state;
    volatile int interrupted = 0;
    const struct reply script[] = {{.text = NULL, .then = THEN_HANG, .raise = &interrupted}};
    struct error err;
    struct world *w = begin(
        SCRIPT(script),
        (struct http_options){.jobs = 1, .interrupted = &interrupted, .interrupt_grace_ms = 100});
    struct call c = {.request = POST("/hangs")};
    int64_t start = clock_monotonic_ms();
    assert_false(try_run(w, &c, 1, &err));
    int64_t took = clock_monotonic_ms() - start;
    assert_true(took >= 100 && took < 2000);
    assert_failed(&c, ERR_INTERRUPTED, "interrupted");
    assert_true(c.response.maybe_done);
    release_calls(&c, 1);
    end(w);
}

static void an_interrupt_before_the_start_sends_nothing(void **state)
{
    (void)state;
    int interrupted = 1;
    struct error err;
    struct world *w =
        begin(SCRIPT(ok_script), (struct http_options){.jobs = 2, .interrupted = &interrupted});
    struct call c = {.request = GET("/")};
    assert_false(try_run(w, &c, 1, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_int_equal(w->pulled, 0);
    interrupted = 0;
    run(w, &c, 1);
    release_calls(&c, 1);
    end(w);
}

static void the_log_shows_what_was_done_and_no_token(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"}, {.text = OK_EMPTY}};
    struct call c;
    struct world *w = ask(SCRIPT(script), (struct http_request)GET("/accounts/x"), &c);
    assert_non_null(strstr(w->log.data, "GET /accounts/x → 500 (attempt 1 of 8, again in "));
    assert_non_null(strstr(w->log.data, "GET /accounts/x → 200 (2 attempts, "));
    assert_null(strstr(w->log.data, TOKEN));
    finish_call(w, &c);
}

/* ---- The API's clock ------------------------------------------------------------------------- */

#define SIX "1795500000" /* Tue, 24 Nov 2026 06:00:00 GMT */

#define DATED(status, date) "HTTP/1.1 " status "\r\nDate: " date "\r\nContent-Length: 2\r\n\r\n{}"

/* How far the API is ahead when it is six here, once it has given these answers, one by one. */
static int64_t ahead_after(const struct reply *script, size_t n)
{
    assert_int_equal(setenv("CFKV_NOW", SIX, 1), 0);
    struct world *w = begin(script, n, (struct http_options){.jobs = 1, .max_attempts = 1});
    for (size_t i = 0; i < n; i++) {
        struct call c = {.request = GET("/a")};
        run(w, &c, 1);
        release_calls(&c, 1);
    }
    int64_t ahead = http_clock_ahead(w->http);
    end(w);
    assert_int_equal(unsetenv("CFKV_NOW"), 0);
    return ahead;
}

static void the_date_of_an_answer_tells_how_far_the_api_is_ahead(void **state)
{
    (void)state;
    static const struct {
        const char *answer;
        int64_t ahead;
    } cases[] = {
        {DATED("200 OK", "Tue, 24 Nov 2026 06:01:30 GMT"), 90},
        {DATED("404 x", "Tue, 24 Nov 2026 05:58:30 GMT"), -90},
        {DATED("200 OK", "Wed, 25 Nov 2026 06:00:00 GMT"), 24 * 60 * 60},
        {DATED("200 OK", "Wed, 25 Nov 2026 06:00:01 GMT"), 0}, /* more than a day */
        {DATED("200 OK", "Thu, 01 Jan 1970 00:00:00 GMT"), 0},
        {DATED("200 OK", "Tue, 24 Nov 2026 06:00:02 GMT"), 0}, /* a header and a trip */
        {DATED("502 x", "Tue, 24 Nov 2026 06:01:30 GMT"), 0},  /* a proxy's */
        {DATED("200 OK", "soon"), 0},
        {OK_EMPTY, 0},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        const struct reply script[] = {{.text = cases[i].answer}};
        assert_int_equal(ahead_after(SCRIPT(script)), cases[i].ahead);
    }
}

static void the_quickest_answer_tells_it(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = DATED("200 OK", "Tue, 24 Nov 2026 06:01:00 GMT"), .delay_ms = 400},
        {.text = DATED("200 OK", "Tue, 24 Nov 2026 06:02:00 GMT")},
        {.text = DATED("200 OK", "Tue, 24 Nov 2026 06:03:00 GMT"), .delay_ms = 400}};
    assert_int_equal(ahead_after(SCRIPT(script)), 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_comes_with_status_body_and_ray),
        cmocka_unit_test(what_one_answer_says_does_not_stick_to_the_next),
        cmocka_unit_test(a_ray_that_is_none_is_cut),
        cmocka_unit_test(the_date_of_an_answer_tells_how_far_the_api_is_ahead),
        cmocka_unit_test(the_quickest_answer_tells_it),
        cmocka_unit_test(a_token_goes_as_a_bearer),
        cmocka_unit_test(a_key_goes_with_its_email),
        cmocka_unit_test(a_request_carries_the_credentials_it_asks_for),
        cmocka_unit_test(credentials_that_are_no_header_are_not_added),
        cmocka_unit_test(a_429_holds_back_only_who_asks_with_the_same_credentials),
        cmocka_unit_test(bodies_arrive_byte_for_byte),
        cmocka_unit_test(an_empty_value_is_put_as_one),
        cmocka_unit_test(a_delete_has_no_body),
        cmocka_unit_test(parts_go_as_a_form),
        cmocka_unit_test(paths_are_sent_as_they_are),
        cmocka_unit_test(a_path_that_could_change_the_host_is_not_sent),
        cmocka_unit_test(proxies_and_netrc_are_not_for_loopback),
        cmocka_unit_test(a_redirect_is_an_answer_and_its_target_sees_nothing),
        cmocka_unit_test(a_body_of_the_limit_passes_and_one_byte_more_does_not),
        cmocka_unit_test(two_declared_gigabytes_end_at_once),
        cmocka_unit_test(gzip_is_decoded_within_the_limit),
        cmocka_unit_test(endless_headers_are_refused),
        cmocka_unit_test(no_more_than_jobs_are_in_flight),
        cmocka_unit_test(connections_are_used_again_in_the_next_run),
        cmocka_unit_test(a_caller_may_wait_while_something_is_in_flight),
        cmocka_unit_test(waiting_for_nothing_is_an_error),
        cmocka_unit_test(a_delay_is_kept),
        cmocka_unit_test(the_budget_slows_requests_down),
        cmocka_unit_test(what_the_service_has_left_slows_requests_down),
        cmocka_unit_test(an_interrupt_ends_everything_at_once),
        cmocka_unit_test(an_interrupt_lets_what_is_in_flight_end),
        cmocka_unit_test(what_outlasts_the_grace_of_an_interrupt_is_ended),
        cmocka_unit_test(an_interrupt_before_the_start_sends_nothing),
        cmocka_unit_test(the_log_shows_what_was_done_and_no_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
