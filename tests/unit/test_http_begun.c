/* A request that is sent ahead of its run, and moved by another http meanwhile. */
#include "test_http_server.h"

#define SLOW_MS 60

static const struct reply near_script[] = {{.text = OK_EMPTY, .delay_ms = SLOW_MS}};
static const struct reply far_script[] = {
    {.text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nahead", .delay_ms = SLOW_MS},
    {.text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain"}};

/* `far` is asked ahead, `near` is what is waited for. */
struct pair {
    struct world *near, *far;
    int64_t began_ms;
};

static struct pair a_pair(const struct reply *far, size_t n)
{
    struct pair p = {.far = begin(far, n, (struct http_options){.jobs = 2})};
    p.near = begin(SCRIPT(near_script), (struct http_options){.jobs = 1, .along = p.far->http});
    p.began_ms = clock_monotonic_ms();
    return p;
}

static void end_pair(struct pair *p)
{
    end(p->near);
    end(p->far);
}

static void ask_near(struct pair *p)
{
    struct call c = {.request = GET("/state")};
    run(p->near, &c, 1);
    assert_status(&c, 200);
    release_calls(&c, 1);
}

static void ask_far(struct pair *p, const char *path, const char *body)
{
    struct call c = {.request = GET(path)};
    run(p->far, &c, 1);
    assert_status(&c, 200);
    assert_buf(&c.body, body);
    release_calls(&c, 1);
}

static void both_take_the_time_of_one(void **state)
{
    (void)state;
    struct pair p = a_pair(SCRIPT(far_script));
    http_begin(p.far->http, &(struct http_request)GET("/list"));
    ask_near(&p);
    assert_int_equal(p.far->server.n_seen, 1); /* it went while the other was waited for */
    int64_t apart_ms = p.far->server.seen[0].at_ms - p.near->server.seen[0].at_ms;
    assert_true(apart_ms < SLOW_MS / 2 && apart_ms > -SLOW_MS / 2);
    ask_far(&p, "/list", "ahead");
    assert_int_equal(p.far->server.n_seen, 1);
    assert_int_equal(http_stats(p.far->http).requests, 1);
    end_pair(&p);
}

static void it_carries_the_credentials_of_its_own_http(void **state)
{
    (void)state;
    struct pair p = a_pair(SCRIPT(far_script));
    http_close(p.near->http);
    p.near->http =
        open_on(p.near, p.near->server.port,
                (struct http_options){
                    .jobs = 1, .along = p.far->http, .credentials = {.token = "another-token"}});
    http_begin(p.far->http, &(struct http_request)GET("/list"));
    ask_near(&p);
    assert_non_null(strstr(p.near->server.seen[0].head, "Bearer another-token"));
    assert_null(strstr(p.near->server.seen[0].head, TOKEN));
    assert_non_null(strstr(p.far->server.seen[0].head, "Bearer " TOKEN));
    assert_null(strstr(p.far->server.seen[0].head, "another-token"));
    end_pair(&p);
}

static void what_is_not_asked_for_is_dropped(void **state)
{
    (void)state;
    struct pair p = a_pair(SCRIPT(far_script));
    http_begin(p.far->http, &(struct http_request)GET("/list"));
    ask_near(&p);
    ask_far(&p, "/other", "again");
    ask_far(&p, "/list", "again");
    assert_int_equal(p.far->server.n_seen, 3);
    end_pair(&p);
}

static void with_one_slot_it_gives_it_up(void **state)
{
    (void)state;
    struct pair p = a_pair(SCRIPT(far_script));
    struct call c[2] = {{.request = GET("/a")}, {.request = GET("/b")}};
    http_close(p.far->http);
    p.far->http = open_on(p.far, p.far->server.port, (struct http_options){.jobs = 1});
    http_begin(p.far->http, &(struct http_request)GET("/list"));
    http_begin(p.far->http, &(struct http_request)GET("/a")); /* one at a time */
    run(p.far, c, 2);
    assert_status(&c[1], 200);
    release_calls(c, 2);
    end_pair(&p);
}

static void what_nobody_comes_for_ends_with_its_http(void **state)
{
    (void)state;
    struct pair p = a_pair(SCRIPT(far_script));
    http_begin(p.far->http, &(struct http_request)GET("/list"));
    ask_near(&p);
    end_pair(&p);
}

static void one_that_fails_is_tried_again_by_the_run(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = "", .then = THEN_CLOSE},
                                          {.text = "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"},
                                          {.text = OK_EMPTY}};
    struct pair p = a_pair(SCRIPT(script));
    http_begin(p.far->http, &(struct http_request)GET("/list"));
    ask_near(&p);
    ask_far(&p, "/list", "{}");
    assert_int_equal(p.far->server.n_seen, 3);
    end_pair(&p);
}

static void an_interrupt_ends_it_with_the_run(void **state)
{
    (void)state;
    static const struct reply hangs[] = {{.text = NULL, .then = THEN_HANG}};
    volatile int interrupted = 0;
    struct error err = {.code = ERR_NONE};
    struct pair p = a_pair(SCRIPT(hangs));
    struct call c = {.request = GET("/list")};
    http_close(p.far->http);
    p.far->http = open_on(p.far, p.far->server.port,
                          (struct http_options){.jobs = 1, .interrupted = &interrupted});
    http_begin(p.far->http, &(struct http_request)GET("/list"));
    interrupted = 1;
    assert_false(try_run(p.far, &c, 0, &err) && err.code == ERR_NONE);
    end_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_take_the_time_of_one),
        cmocka_unit_test(it_carries_the_credentials_of_its_own_http),
        cmocka_unit_test(what_is_not_asked_for_is_dropped),
        cmocka_unit_test(with_one_slot_it_gives_it_up),
        cmocka_unit_test(what_nobody_comes_for_ends_with_its_http),
        cmocka_unit_test(one_that_fails_is_tried_again_by_the_run),
        cmocka_unit_test(an_interrupt_ends_it_with_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
