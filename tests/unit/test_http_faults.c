/* Everything a network and a service do wrong, and which of it is tried again. */
#include "test_http_server.h"

#define BUSY(status) "HTTP/1.1 " status " x\r\nContent-Length: 0\r\n\r\n"

/* ---- Tried again ----------------------------------------------------------------------------- */

static const struct reply passing_faults[] = {
    {.text = BUSY("408")},
    {.text = BUSY("429")},
    {.text = BUSY("500")},
    {.text = BUSY("502")},
    {.text = BUSY("503")},
    {.text = BUSY("504")},
    {.text = "HTTP/1.1 520 x\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"},
    {.text = BUSY("524")},
    {.text = NULL, .then = THEN_RESET},                  /* reset */
    {.text = NULL, .then = THEN_CLOSE},                  /* empty reply */
    {.text = "HTTP/1.1 200 OK\r\n", .then = THEN_CLOSE}, /* half a head */
    {.text = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"succ", .then = THEN_CLOSE},
    {.text = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"succ", .then = THEN_RESET},
    {.text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"suc",
     .then = THEN_CLOSE},
    {.text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .then = THEN_CLOSE},
    {.text = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"},
    {.text = "SSH-2.0-OpenSSH_9.2\r\n", .then = THEN_CLOSE},
    {.text = "HTTP/9.9 200 OK\r\n\r\n", .then = THEN_CLOSE},
    {.text = "HTTP/1.1 500 x\r\nContent-Length: 100\r\n\r\n<html", .then = THEN_CLOSE},
};

static void every_passing_fault_is_tried_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(passing_faults); i++) {
        const struct reply script[] = {passing_faults[i], {.text = OK_EMPTY}};
        struct call c;
        struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
        if (!c.response.ok || c.response.status != 200 || c.response.attempts != 2)
            fail_msg("row %zu: %u %s, %u attempts", i, c.response.status, c.response.error.message,
                     c.response.attempts);
        assert_false(c.response.maybe_done);
        assert_buf(&c.body, "{}");
        assert_true(c.response.waited_ms >= 250);
        assert_int_equal(http_stats(w->http).retries, 1);
        assert_int_equal(w->server.n_seen, 2);
        finish_call(w, &c);
    }
}

/* What a request that may not be sent twice gets of the same faults. */
static void a_request_that_is_not_repeatable_is_sent_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(passing_faults); i++) {
        const struct reply script[] = {passing_faults[i], {.text = OK_EMPTY}};
        struct call c;
        struct http_request r = POST("/");
        r.body = TEXT("{}");
        struct world *w = ask(SCRIPT(script), r, &c);
        bool limited = passing_faults[i].text && strstr(passing_faults[i].text, " 429 ");
        if (c.response.attempts != (limited ? 2 : 1) || c.response.maybe_done == limited ||
            w->server.n_seen != c.response.attempts)
            fail_msg("row %zu: %u %s, %u attempts, maybe_done %d", i, c.response.status,
                     c.response.error.message, c.response.attempts, c.response.maybe_done);
        finish_call(w, &c);
    }
}

/* curl by itself would send it again on a new connection. */
static void a_kept_connection_that_dies_does_not_send_a_post_twice(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = OK_EMPTY}, {.text = NULL, .then = THEN_CLOSE}, {.text = OK_EMPTY}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1});
    struct call c[2] = {{.request = GET("/")}, {.request = POST("/create")}};
    run(w, c, 2);
    assert_status(&c[0], 200);
    assert_failed(&c[1], ERR_FAILED, "the connection was closed before an answer came");
    assert_true(c[1].response.maybe_done);
    assert_int_equal(w->server.n_seen, 2);
    assert_int_equal(w->server.seen[0].connection, w->server.seen[1].connection);
    release_calls(c, 2);
    end(w);
}

static void a_kept_connection_that_dies_does_send_a_get_again(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = OK_EMPTY}, {.text = NULL, .then = THEN_CLOSE}, {.text = OK_EMPTY}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1});
    struct call c[2] = {{.request = GET("/")}, {.request = GET("/again")}};
    run(w, c, 2);
    assert_status(&c[1], 200);
    assert_int_equal(w->server.n_seen, 3);
    assert_int_equal(http_stats(w->http).requests, 3);
    release_calls(c, 2);
    end(w);
}

static void a_busy_service_is_asked_again_by_anyone(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 503 x\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"},
        {.text = OK_EMPTY}};
    struct call c;
    struct world *w = ask(SCRIPT(script), (struct http_request)POST("/"), &c);
    assert_status(&c, 200);
    assert_int_equal(c.response.attempts, 2);
    finish_call(w, &c);
}

struct told {
    char causes[8][64];
    unsigned attempt, attempts;
    uint64_t until_ms;
    size_t n, ends;
};

static void take_wait(void *ctx, const struct http_wait *wait)
{
    struct told *told = ctx;
    told->ends += !wait;
    if (!wait)
        return;
    snprintf(told->causes[told->n++], sizeof told->causes[0], "%s %s%s", wait->method, wait->path,
             wait->cause);
    told->attempt = wait->attempt;
    told->attempts = wait->attempts;
    told->until_ms = wait->until_ms;
}

static void what_is_waited_for_is_told_and_that_it_is_over(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n"},
                                          {.text = "HTTP/1.1 429 x\r\nContent-Length: 0\r\n\r\n"},
                                          {.text = OK_EMPTY}};
    struct told told = {0};
    struct world *w = begin(
        SCRIPT(script),
        (struct http_options){.jobs = 1, .wait_unit_ms = 1, .wait = take_wait, .wait_ctx = &told});
    struct call c = {.request = GET("/")};
    run(w, &c, 1);
    assert_status(&c, 200);
    assert_int_equal(told.n, 2);
    assert_string_equal(told.causes[0], "GET /HTTP 503");
    assert_string_equal(told.causes[1], "GET /HTTP 429");
    assert_int_equal(told.attempt, 3);
    assert_int_equal(told.attempts, 8);
    assert_in_range(told.until_ms, 890000, 900000);
    assert_int_equal(told.ends, 1);
    release_calls(&c, 1);
    end(w);
}

static void no_connection_is_tried_again_by_anyone_and_never_done(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
         .then = THEN_CLOSE}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1, .wait_unit_ms = 1});
    struct call c[] = {{.request = POST("/")}, {.request = POST("/")}};
    run(w, c, 1);
    assert_status(&c[0], 200);
    shutdown(w->server.fd, SHUT_RDWR); /* it was there once, and may come back */
    run(w, &c[1], 1);
    assert_failed(&c[1], ERR_FAILED, "no connection to 127.0.0.1:");
    assert_int_equal(c[1].response.unreached, HTTP_NO_ANSWER);
    assert_false(c[1].response.maybe_done);
    assert_int_equal(c[1].response.attempts, 5);
    assert_int_equal(http_stats(w->http).requests, 1);
    release_calls(c, 2);
    end(w);
}

static void where_nobody_ever_listened_is_asked_once(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = OK_EMPTY}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1});
    http_close(w->http);
    w->http = open_on(w, closed_port(), (struct http_options){.wait_unit_ms = 1000});
    struct call c = {.request = GET("/")};
    int64_t start = clock_monotonic_ms();
    run(w, &c, 1);
    assert_true(clock_monotonic_ms() - start < 400);
    assert_failed(&c, ERR_FAILED, ": connection refused");
    assert_int_equal(c.response.unreached, HTTP_NO_ANSWER);
    assert_int_equal(c.response.attempts, 1);
    release_calls(&c, 1);
    end(w);
}

static void a_failed_handshake_was_no_request(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = "HTTP/1.1 400 x\r\n\r\n", .then = THEN_CLOSE}};
    char url[64];
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1});
    http_close(w->http);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/client/v4", w->server.port);
    w->http = open_on(
        w, 0, (struct http_options){.base_url = url, .connect_timeout_s = 1, .max_attempts = 1});
    struct call c = {.request = POST("/")};
    w->server.stopping = true; /* hang up on whoever comes */
    run(w, &c, 1);
    assert_failed(&c, ERR_FAILED, "no connection to 127.0.0.1:");
    assert_false(c.response.maybe_done);
    release_calls(&c, 1);
    end(w);
}

static void attempts_end(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = BUSY("502")}};
    struct world *w = begin(SCRIPT(script),
                            (struct http_options){.jobs = 1, .max_attempts = 3, .wait_unit_ms = 5});
    struct call c = {.request = GET("/")};
    run(w, &c, 1);
    assert_status(&c, 502);
    assert_int_equal(c.response.attempts, 3);
    assert_int_equal(w->server.n_seen, 3);
    assert_true(c.response.maybe_done);
    release_calls(&c, 1);
    end(w);
}

static void all_attempts_end_within_the_total_time(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = BUSY("502")}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 1, .total_timeout_s = 2});
    struct call c = {.request = GET("/")};
    run(w, &c, 1);
    assert_status(&c, 502);
    assert_in_range(c.response.attempts, 2, 4);
    assert_true(c.response.waited_ms < 2000);
    release_calls(&c, 1);
    end(w);
}

static void later_attempts_send_the_whole_body_again(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = NULL, .then = THEN_RESET}, {.text = BUSY("500")}, {.text = OK_EMPTY}};
    const struct http_part parts[] = {{.name = "value", .data = TEXT("v\0lue")}};
    struct http_request plain = {.method = HTTP_PUT,
                                 .path = "/",
                                 .body = TEXT("v\0lue"),
                                 .repeatable = true,
                                 .max_body = 100};
    struct http_request form = {.method = HTTP_PUT,
                                .path = "/",
                                .parts = parts,
                                .n_parts = 1,
                                .repeatable = true,
                                .max_body = 100};
    struct call c;
    struct world *w = ask(SCRIPT(script), plain, &c);
    assert_status(&c, 200);
    for (size_t i = 0; i < 3; i++)
        assert_bytes(bytes_make(w->server.seen[i].body, w->server.seen[i].body_len),
                     TEXT("v\0lue"));
    finish_call(w, &c);
    w = ask(SCRIPT(script), form, &c);
    assert_status(&c, 200);
    for (size_t i = 0; i < 3; i++)
        assert_non_null(
            memmem(w->server.seen[i].body, w->server.seen[i].body_len, "v\0lue\r\n--", 9));
    finish_call(w, &c);
}

/* ---- Retry-After ----------------------------------------------------------------------------- */

static void seconds_of_retry_after_are_never_undercut(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 429 x\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"},
        {.text = "HTTP/1.1 503 x\r\nRetry-After: 4\r\nContent-Length: 0\r\n\r\n"},
        {.text = OK_EMPTY}};
    struct call c;
    struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
    assert_status(&c, 200);
    assert_true(seconds_between(w, 0, 1) >= 7);
    assert_true(seconds_between(w, 1, 2) >= 4);
    assert_int_equal(c.response.waited_ms, 11000);
    finish_call(w, &c);
}

static void a_date_of_retry_after_is_never_undercut(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 429 x\r\nDate: Tue, 24 Nov 2026 06:00:00 GMT\r\n"
                 "Retry-After: Tue, 24 Nov 2026 06:00:06 GMT\r\nContent-Length: 0\r\n\r\n"},
        {.text = OK_EMPTY}};
    struct call c;
    struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
    assert_status(&c, 200);
    assert_true(seconds_between(w, 0, 1) >= 6);
    finish_call(w, &c);
}

static void a_429_holds_back_every_other_request(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 429 x\r\nRetry-After: 8\r\nContent-Length: 0\r\n\r\n"},
        {.text = OK_EMPTY}};
    struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 2});
    struct call c[6] = {0};
    for (size_t i = 0; i < N_OF(c); i++)
        c[i].request = (struct http_request)GET("/");
    c[1].request.delay_ms = 2000;
    run(w, c, N_OF(c));
    for (size_t i = 1; i < N_OF(c) + 1; i++)
        assert_true(seconds_between(w, 0, i) >= 7.9);
    release_calls(c, N_OF(c));
    end(w);
}

static void a_retry_after_beyond_the_total_time_is_the_answer(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 429 x\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"}};
    struct call c;
    struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
    assert_status(&c, 429);
    assert_int_equal(c.response.attempts, 1);
    assert_int_equal(c.response.retry_after_s, 3600);
    assert_false(c.response.maybe_done);
    finish_call(w, &c);
}

/* ---- Not tried again ------------------------------------------------------------------------- */

static void a_spent_daily_quota_is_final(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 429 x\r\nContent-Length: 45\r\n\r\n"
                 "{\"success\":false,\"errors\":[{\"code\":10048 }] }"},
        {.text = OK_EMPTY}};
    struct call c;
    struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
    assert_status(&c, 429);
    assert_int_equal(c.response.attempts, 1);
    assert_int_equal(c.body.len, 45);
    finish_call(w, &c);
}

static void a_challenge_is_recognised_and_final(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "HTTP/1.1 403 x\r\ncf-mitigated: challenge\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 503 x\r\nCF-Mitigated: Challenge\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 429 x\r\ncf-mitigated: challenge\r\nContent-Length: 0\r\n\r\n"};
    for (size_t i = 0; i < N_OF(texts); i++) {
        const struct reply script[] = {{.text = texts[i]}, {.text = OK_EMPTY}};
        struct call c;
        struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
        assert_true(c.response.ok);
        assert_true(c.response.is_challenge);
        assert_int_equal(c.response.attempts, 1);
        finish_call(w, &c);
    }
}

static void other_answers_are_final(void **state)
{
    (void)state;
    static const char *const statuses[] = {"204", "304", "400", "401", "403",
                                           "404", "405", "409", "413", "425"};
    for (size_t i = 0; i < N_OF(statuses); i++) {
        char text[64];
        snprintf(text, sizeof text, "HTTP/1.1 %s x\r\nContent-Length: 0\r\n\r\n", statuses[i]);
        const struct reply script[] = {{.text = text}};
        struct call c;
        struct world *w = ask(SCRIPT(script), (struct http_request)GET("/"), &c);
        assert_status(&c, (unsigned)atoi(statuses[i]));
        assert_int_equal(c.response.attempts, 1);
        assert_false(c.response.is_challenge);
        finish_call(w, &c);
    }
}

static void a_status_may_be_declared_final(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = BUSY("502")}, {.text = BUSY("524")}};
    struct call c;
    struct http_request r = GET("/");
    r.final_status = 524;
    struct world *w = ask(SCRIPT(script), r, &c);
    assert_status(&c, 524);
    assert_int_equal(c.response.attempts, 2);
    assert_true(c.response.maybe_done);
    finish_call(w, &c);
}

static void an_error_page_over_the_limit_is_still_its_status(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 502 x\r\nContent-Length: 20\r\n\r\n01234567890123456789"},
        {.text = "HTTP/1.1 502 x\r\n\r\n01234567890123456789", .then = THEN_CLOSE},
        {.text = OK_EMPTY}};
    struct call c;
    struct http_request r = GET("/");
    r.max_body = 10;
    struct world *w = ask(SCRIPT(script), r, &c);
    assert_status(&c, 200);
    assert_int_equal(c.response.attempts, 3);
    finish_call(w, &c);
}

static void an_effect_that_was_lost_once_stays_in_doubt(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = NULL, .then = THEN_CLOSE},
                                          {.text = BUSY("404")}};
    struct call c;
    struct http_request r = {
        .method = HTTP_DELETE, .path = "/x", .repeatable = true, .max_body = 100};
    struct world *w = ask(SCRIPT(script), r, &c);
    assert_status(&c, 404);
    assert_true(c.response.maybe_done);
    finish_call(w, &c);
}

/* ---- Time ------------------------------------------------------------------------------------ */

static void a_server_that_hangs_is_given_up(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0", .then = THEN_HANG}};
    struct world *w =
        begin(SCRIPT(script),
              (struct http_options){.jobs = 2, .request_timeout_s = 1, .max_attempts = 1});
    struct call c[2] = {{.request = GET("/")}, {.request = POST("/")}};
    c[0].request.max_body = c[1].request.max_body = 100;
    int64_t start = clock_monotonic_ms();
    run(w, c, 2);
    assert_true(clock_monotonic_ms() - start < 3000);
    assert_failed(&c[0], ERR_FAILED, "the answer was cut short");
    assert_failed(&c[1], ERR_FAILED, "the answer was cut short");
    assert_true(c[1].response.maybe_done);
    release_calls(c, 2);
    end(w);
}

/* ---- Secrets --------------------------------------------------------------------------------- */

static void a_token_that_the_server_repeats_stays_out_of_messages(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: " TOKEN "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: " TOKEN "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: " TOKEN "\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/" TOKEN " 200 OK\r\n\r\n",
        "HTTP/1.1 " TOKEN "\r\n\r\n",
        TOKEN "\r\n\r\n",
    };
    for (size_t i = 0; i < N_OF(texts); i++) {
        const struct reply script[] = {{.text = texts[i], .then = THEN_CLOSE}};
        struct world *w =
            begin(SCRIPT(script), (struct http_options){.jobs = 1, .max_attempts = 1});
        struct call c = {.request = GET("/")};
        run(w, &c, 1); /* done_call and end look at errors and log */
        release_calls(&c, 1);
        end(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_passing_fault_is_tried_again),
        cmocka_unit_test(a_request_that_is_not_repeatable_is_sent_once),
        cmocka_unit_test(a_kept_connection_that_dies_does_not_send_a_post_twice),
        cmocka_unit_test(a_kept_connection_that_dies_does_send_a_get_again),
        cmocka_unit_test(a_busy_service_is_asked_again_by_anyone),
        cmocka_unit_test(what_is_waited_for_is_told_and_that_it_is_over),
        cmocka_unit_test(no_connection_is_tried_again_by_anyone_and_never_done),
        cmocka_unit_test(where_nobody_ever_listened_is_asked_once),
        cmocka_unit_test(a_failed_handshake_was_no_request),
        cmocka_unit_test(attempts_end),
        cmocka_unit_test(all_attempts_end_within_the_total_time),
        cmocka_unit_test(later_attempts_send_the_whole_body_again),
        cmocka_unit_test(seconds_of_retry_after_are_never_undercut),
        cmocka_unit_test(a_date_of_retry_after_is_never_undercut),
        cmocka_unit_test(a_429_holds_back_every_other_request),
        cmocka_unit_test(a_retry_after_beyond_the_total_time_is_the_answer),
        cmocka_unit_test(a_spent_daily_quota_is_final),
        cmocka_unit_test(a_challenge_is_recognised_and_final),
        cmocka_unit_test(other_answers_are_final),
        cmocka_unit_test(a_status_may_be_declared_final),
        cmocka_unit_test(an_error_page_over_the_limit_is_still_its_status),
        cmocka_unit_test(an_effect_that_was_lost_once_stays_in_doubt),
        cmocka_unit_test(a_server_that_hangs_is_given_up),
        cmocka_unit_test(a_token_that_the_server_repeats_stays_out_of_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
