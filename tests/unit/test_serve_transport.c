/* Connections to the emulator: many, idle, ambiguous. */
#include "test_serve_kit.h"

#include <sys/resource.h>

#define CROWD 1500 /* more than the emulator keeps */

#define HALF "GET " KV " HTTP/1.1\r\nHost: 127"

/* How many descriptors may be open; returns false where that cannot be. */
static bool allow_files(rlim_t n)
{
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    if (files.rlim_max < n)
        return false;
    files.rlim_cur = n;
    return setrlimit(RLIMIT_NOFILE, &files) == 0;
}

static void dial_all(struct kit *kit, int *fds, size_t n, const char *say)
{
    for (size_t i = 0; i < n; i++) {
        fds[i] = dial(kit);
        send_all(fds[i], say, strlen(say));
    }
}

static void close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
}

static bool is_open(int fd)
{
    char c;
    return recv(fd, &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void crowds_may_come_and_go(void **state)
{
    static const char *const says[] = {HALF, HALF, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"};
    static int fds[CROWD];
    (void)state;
    if (!allow_files(2 * CROWD))
        skip();
    struct kit *kit = serve(NULL);
    for (size_t i = 0; i < N_OF(says); i++) {
        dial_all(kit, fds, CROWD, says[i]);
        close_all(fds, CROWD);
        assert_ok(ask(kit, "GET", KV, NULL));
    }
    end(kit);
}

static void the_idle_give_way_the_oldest_first(void **state)
{
    static int fds[CROWD];
    (void)state;
    if (!allow_files(2 * CROWD))
        skip();
    struct kit *kit = serve(NULL);
    dial_all(kit, fds, CROWD, HALF);
    assert_ok(ask(kit, "GET", KV, NULL));
    assert_false(is_open(fds[0]));
    assert_true(is_open(fds[CROWD - 1]));
    close_all(fds, CROWD);
    end(kit);
}

static void whoever_waits_for_an_answer_does_not_give_way(void **state)
{
    static int fds[CROWD];
    (void)state;
    if (!allow_files(2 * CROWD))
        skip();
    struct kit *kit =
        serve("{\"rules\":[{\"match\":{\"path\":\"*/h\"},\"fault\":\"delay\",\"ms\":700}]}");
    char *head = head_of(kit, "GET", in_ns(kit, "/values/h"), BEARER, 0);
    int waiting = dial(kit);
    send_all(waiting, head, strlen(head));
    dial_all(kit, fds, CROWD, "");
    assert_fails(read_answer(kit, waiting, SIZE_MAX), 404, 10009);
    close_all(fds, CROWD);
    end(kit);
}

static void a_low_limit_of_files_is_raised(void **state)
{
    int fds[200];
    (void)state;
    assert_true(allow_files(64));
    struct kit *kit = serve(NULL);
    if (!allow_files(2 * CROWD))
        skip();
    dial_all(kit, fds, N_OF(fds), "");
    assert_ok(ask(kit, "GET", KV, NULL));
    assert_true(is_open(fds[0]));
    close_all(fds, N_OF(fds));
    end(kit);
}

static void a_connection_that_does_nothing_is_closed(void **state)
{
    char c;
    (void)state;
    struct kit *kit = serve_as((struct serve_options){.idle_s = 1}, NULL, false);
    int silent = dial(kit), half = dial(kit);
    send_all(half, HALF, strlen(HALF));
    assert_int_equal(recv(silent, &c, 1, 0), 0);
    assert_true(recv(half, &c, 1, 0) >= 0);
    close(silent);
    close(half);
    end(kit);
}

/* ---- Ambiguous requests ---------------------------------------------------------------------- */

static void assert_refused(struct kit *kit, const char *headers, const char *body)
{
    const char *head = arena_printf(&kit->arena, "PUT %s HTTP/1.1\r\n%s%s\r\n", in_ns(kit, "/bulk"),
                                    BEARER, headers);
    struct answer *a = ask_raw(kit, head, bytes_of(body));
    if (a->status != 400)
        fail_msg("%d for %s", a->status, headers);
    assert_false(has(a, "\"success\":true"));
}

static void a_request_that_can_be_read_in_two_ways_is_400(void **state)
{
    static const char chunked[] = "2\r\n[]\r\n0\r\n\r\n";
    (void)state;
    struct kit *kit = serve(NULL);
    char *host = arena_printf(&kit->arena, "Host: 127.0.0.1:%u\r\n", kit->port);
#define WITH(lines) arena_printf(&kit->arena, "%s" lines, host)
    assert_refused(kit, WITH("Host: 127.0.0.1\r\nContent-Length: 2\r\n"), "[]");
    assert_refused(kit, WITH("Content-Length: 2\r\nContent-Length: 2\r\n"), "[]");
    assert_refused(kit, WITH("Content-Length: 2\r\ncontent-length: 3\r\n"), "[]");
    assert_refused(kit, WITH("Content-Length: 2, 2\r\n"), "[]");
    assert_refused(kit, WITH("Content-Length: +2\r\n"), "[]");
    assert_refused(kit, WITH("Content-Length : 2\r\n"), "[]");
    assert_refused(kit, WITH("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"), chunked);
    assert_refused(kit, WITH("Transfer-Encoding: chunked\r\nContent-Length: 12\r\n"), chunked);
    assert_refused(kit, WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
                   chunked);
    assert_refused(kit, WITH("Transfer-Encoding: gzip, chunked\r\n"), chunked);
    assert_refused(kit, WITH(BEARER "Content-Length: 2\r\n"), "[]");
    assert_ok(ask_raw(kit,
                      arena_printf(&kit->arena,
                                   "PUT %s HTTP/1.1\r\n%sConnection: close\r\n" BEARER
                                   "Transfer-Encoding: chunked\r\n\r\n",
                                   in_ns(kit, "/bulk"), host),
                      bytes_of(chunked)));
    end(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_low_limit_of_files_is_raised),
        cmocka_unit_test(crowds_may_come_and_go),
        cmocka_unit_test(the_idle_give_way_the_oldest_first),
        cmocka_unit_test(whoever_waits_for_an_answer_does_not_give_way),
        cmocka_unit_test(a_connection_that_does_nothing_is_closed),
        cmocka_unit_test(a_request_that_can_be_read_in_two_ways_is_400),
    };
    return cmocka_run_group_tests_name("serve/transport", tests, NULL, NULL);
}
