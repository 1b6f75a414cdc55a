/*
 * test_serve_kit.h: a running emulator, and requests to it written as one line.
 *
 *     struct kit *kit = serve(&(struct serve_options){0}, "{\"rules\":[…]}");
 *     struct answer *a = ask(kit, "PUT", in_ns(kit, "/values/k"), "value");
 *     assert_int_equal(a->status, 200);
 *     end(kit);
 *
 * It serves in a child process whose clock stands at NOW, over an empty memory store with one
 * namespace. Requests go over plain sockets, one connection each, so that a test sees exactly what
 * comes. Answers live until the kit ends.
 */
#ifndef CFKV_TESTS_UNIT_TEST_SERVE_KIT_H
#define CFKV_TESTS_UNIT_TEST_SERVE_KIT_H

#define _GNU_SOURCE 1 /* strcasestr, memmem */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "test_serve_child.h"

#define NOW     1700000000
#define ACCOUNT "cf000000000000000000000000000001"
#define OTHER   "0123456789abcdef0123456789abcdef"
#define KV      "/client/v4/accounts/" ACCOUNT "/storage/kv/namespaces"

struct kit {
    struct arena arena;
    struct child child;
    unsigned short port; /* the child's */
    char ns[33];         /* of the namespace there is */
    FILE *log;
    char faults[64]; /* the path of the faults file; "" without one */
};

struct answer {
    int status; /* 0: none came */
    const char *head, *body;
    size_t len;
    bool reset; /* the connection ended with RST */
    bool cut;   /* the body is shorter than it was said to be */
    int64_t ms;
};

/* ---- The server ------------------------------------------------------------------------------ */

static inline void write_faults(struct kit *kit, const char *json)
{
    strcpy(kit->faults, "/tmp/cfkv-faults-XXXXXX");
    int fd = mkstemp(kit->faults);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, json, strlen(json)), strlen(json));
    close(fd);
}

static inline struct answer *ask(struct kit *kit, const char *method, const char *path,
                                 const char *body);

static inline void make_namespace(struct kit *kit)
{
    struct answer *a = ask(kit, "POST", KV, "{\"title\":\"first\"}");
    const char *id = a->body ? strstr(a->body, "\"id\":\"") : NULL;
    if (id)
        memcpy(kit->ns, id + 6, 32);
}

/* `faults` is the text of a faults file, or NULL. The child is forked before there is a kit, which
 * it would leak. */
static inline struct kit *serve_as(struct serve_options options, const char *faults, bool discard)
{
    char now[32];
    struct kit made = {0};
    snprintf(now, sizeof now, "%d", NOW);
    setenv("CFKV_NOW", now, 1);
    if (faults) {
        write_faults(&made, faults);
        options.faults = made.faults;
    }
    options.log = made.log = tmpfile();
    assert_non_null(made.log);
    made.child = child_start(options, discard);
    made.port = made.child.port;
    struct kit *kit = calloc(1, sizeof *kit);
    assert_non_null(kit);
    *kit = made;
    make_namespace(kit);
    return kit;
}

static inline struct kit *serve(const char *faults)
{
    return serve_as((struct serve_options){0}, faults, false);
}

static inline void end(struct kit *kit)
{
    child_stop(&kit->child);
    if (kit->faults[0])
        unlink(kit->faults);
    fclose(kit->log);
    arena_release(&kit->arena);
    free(kit);
}

/* ---- Requests -------------------------------------------------------------------------------- */

static inline int dial(const struct kit *kit)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(kit->port)};
    struct timeval patience = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static inline void send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the answer, or its absence, says why */
        data += n;
        len -= (size_t)n;
    }
}

static inline const char *header_of(const struct answer *a, const char *name)
{
    static char value[512];
    char want[64];
    snprintf(want, sizeof want, "\r\n%s: ", name);
    const char *at = a->head ? strcasestr(a->head, want) : NULL;
    if (!at)
        return NULL;
    at += strlen(want);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

/* Reads until the connection ends, or `most` bytes. */
static inline struct answer *read_answer(struct kit *kit, int fd, size_t most)
{
    struct answer *a = arena_alloc(&kit->arena, 1, sizeof *a);
    struct buf in = {0};
    ssize_t n = 0;
    do {
        char piece[16384];
        n = recv(fd, piece, sizeof piece, 0);
        if (n > 0)
            buf_add(&in, piece, (size_t)n);
    } while (n > 0 && in.len < most);
    a->reset = n < 0 && errno == ECONNRESET;
    close(fd);
    struct bytes all = arena_copy(&kit->arena, buf_bytes(&in));
    buf_release(&in);
    char *gap = all.len > 0 ? memmem(all.data, all.len, "\r\n\r\n", 4) : NULL;
    if (!gap)
        return a;
    gap[2] = '\0';
    a->head = all.data;
    a->body = gap + 4;
    a->len = all.len - (size_t)(a->body - all.data);
    a->status = atoi(a->head + strlen("HTTP/1.1 "));
    const char *length = header_of(a, "Content-Length");
    a->cut = length && strtoull(length, NULL, 10) > a->len;
    return a;
}

/* Sends exactly this head ("" lines with CRLF) and body. */
static inline struct answer *ask_raw(struct kit *kit, const char *head, struct bytes body)
{
    int64_t start = clock_monotonic_ms();
    int fd = dial(kit);
    send_all(fd, head, strlen(head));
    if (body.len > 0)
        send_all(fd, body.data, body.len);
    struct answer *a = read_answer(kit, fd, SIZE_MAX);
    a->ms = clock_monotonic_ms() - start;
    return a;
}

static inline char *head_of(struct kit *kit, const char *method, const char *path,
                            const char *headers, size_t len)
{
    char *head = arena_printf(&kit->arena,
                              "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n"
                              "Content-Length: %zu\r\n%s\r\n",
                              method, path, kit->port, len, headers);
    assert_non_null(head);
    return head;
}

#define BEARER "Authorization: Bearer t\r\n"

/* `headers` are lines with CRLF. */
static inline struct answer *ask_with(struct kit *kit, const char *method, const char *path,
                                      const char *headers, struct bytes body)
{
    return ask_raw(kit, head_of(kit, method, path, headers, body.len), body);
}

static inline struct answer *ask(struct kit *kit, const char *method, const char *path,
                                 const char *body)
{
    return ask_with(kit, method, path, BEARER, bytes_of(body));
}

/* KV/ID and what is behind it. */
static inline const char *in_ns(struct kit *kit, const char *rest)
{
    return arena_printf(&kit->arena, KV "/%s%s", kit->ns, rest);
}

/* ---- Answers --------------------------------------------------------------------------------- */

static inline bool has(const struct answer *a, const char *text)
{
    return a->body && memmem(a->body, a->len, text, strlen(text)) != NULL;
}

#define assert_has(a, text)                                                                        \
    do {                                                                                           \
        if (!has(a, text))                                                                         \
            fail_msg("'%s' is not in: %d %.2000s", text, (a)->status, (a)->body ? (a)->body : ""); \
    } while (0)

/* An error of this status and code. */
#define assert_fails(a, want_status, want_code)                                                    \
    do {                                                                                           \
        const struct answer *a_ = (a);                                                             \
        char code_[48];                                                                            \
        snprintf(code_, sizeof code_, "\"errors\":[{\"code\":%d,", want_code);                     \
        assert_has(a_, code_);                                                                     \
        assert_has(a_, "\"success\":false");                                                       \
        assert_int_equal(a_->status, want_status);                                                 \
    } while (0)

#define assert_ok(a)                                                                               \
    do {                                                                                           \
        const struct answer *a_ = (a);                                                             \
        assert_has(a_, "\"success\":true");                                                        \
        assert_int_equal(a_->status, 200);                                                         \
    } while (0)

static inline void assert_value(struct kit *kit, const char *key, const char *want)
{
    char *path = arena_printf(&kit->arena, "/values/%s", key);
    struct answer *a = ask(kit, "GET", in_ns(kit, path), NULL);
    assert_int_equal(a->status, 200);
    assert_bytes(bytes_make(a->body, a->len), bytes_of(want));
}

static inline void assert_no_value(struct kit *kit, const char *key)
{
    char *path = arena_printf(&kit->arena, "/values/%s", key);
    assert_fails(ask(kit, "GET", in_ns(kit, path), NULL), 404, 10009);
}

/* The whole log so far. */
static inline const char *log_of(struct kit *kit)
{
    struct buf text = {0};
    char piece[4096];
    ssize_t n;
    while ((n = pread(fileno(kit->log), piece, sizeof piece, (off_t)text.len)) > 0)
        buf_add(&text, piece, (size_t)n);
    char *copy = arena_str(&kit->arena, text.data ? text.data : "");
    buf_release(&text);
    return copy;
}

#endif
