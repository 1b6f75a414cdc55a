/*
 * test_http_server.h: a server on loopback that says exactly what it is told, and an http to talk
 * to it.
 *
 *     static const struct reply script[] = {{.text = "HTTP/1.1 503 Busy\r\n…"}, {.text =
 * OK_EMPTY}}; struct world *w = begin(SCRIPT(script), (struct http_options){.jobs = 2}); struct
 * call call = {.request = GET("/x")}; run(w, &call, 1); … call.response, w->server.seen[0] …
 *     end(w);
 *
 * The n-th request gets the n-th reply, later ones the last. Every request is recorded. A "second"
 * of waiting is WAIT_UNIT_MS long.
 */
#ifndef CFKV_TESTS_UNIT_TEST_HTTP_SERVER_H
#define CFKV_TESTS_UNIT_TEST_HTTP_SERVER_H

#define _GNU_SOURCE 1 /* memmem */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "http/http.h"
#include "test_base.h"

#define WAIT_UNIT_MS 20
#define TOKEN        "s3cr3t-t0k3n-0123456789"

enum then { THEN_KEEP, THEN_CLOSE, THEN_RESET, THEN_HANG };

struct reply {
    const char *text;
    size_t len; /* 0: strlen(text) */
    enum then then;
    unsigned delay_ms;
    volatile int *raise; /* set to 1 when the request is in */
};

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

struct seen {
    char head[4096]; /* request line and headers */
    char *body;
    size_t body_len;
    int64_t at_ms;
    unsigned connection;
};

#define SEEN_MAX        256
#define CONNECTIONS_MAX 256

struct server {
    int fd;
    unsigned short port;
    const struct reply *script;
    size_t n_script;
    pthread_mutex_t lock; /* of all that follows */
    struct seen seen[SEEN_MAX];
    size_t n_seen;
    unsigned active, max_active; /* requests being answered */
    pthread_t acceptor, threads[CONNECTIONS_MAX];
    int connections[CONNECTIONS_MAX];
    unsigned n_connections;
    bool stopping;
};

struct connection {
    struct server *server;
    unsigned number;
};

/* ---- The server ------------------------------------------------------------------------------ */

static inline void pause_ms(unsigned ms)
{
    struct timespec ts = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&ts, NULL);
}

static inline size_t content_length(const char *head)
{
    for (const char *line = head; (line = strstr(line, "\r\n")) != NULL;) {
        line += 2;
        if (strncasecmp(line, "content-length:", 15) == 0)
            return strtoul(line + 15, NULL, 10);
    }
    return 0;
}

/* Reads one request; false when the other side has gone. */
static inline bool read_request(int fd, struct seen *seen)
{
    size_t len = 0;
    char *end = NULL;
    while (!end) {
        ssize_t n = read(fd, seen->head + len, sizeof seen->head - 1 - len);
        if (n <= 0)
            return false;
        len += (size_t)n;
        seen->head[len] = '\0';
        end = strstr(seen->head, "\r\n\r\n");
    }
    seen->at_ms = clock_monotonic_ms();
    seen->body_len = content_length(seen->head);
    seen->body = calloc(1, seen->body_len + 1);
    size_t have = len - (size_t)(end + 4 - seen->head);
    memcpy(seen->body, end + 4, have);
    while (have < seen->body_len) {
        ssize_t n = read(fd, seen->body + have, seen->body_len - have);
        if (n <= 0)
            return false;
        have += (size_t)n;
    }
    end[2] = '\0';
    return true;
}

static inline void write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        data += n;
        len -= (size_t)n;
    }
}

static inline void wait_for_the_other_side(int fd)
{
    char c;
    while (read(fd, &c, 1) > 0)
        ;
}

static inline const struct reply *record(struct connection *c, struct seen *seen)
{
    struct server *s = c->server;
    pthread_mutex_lock(&s->lock);
    size_t n = s->n_seen < SEEN_MAX ? s->n_seen++ : SEEN_MAX - 1;
    free(s->seen[n].body);
    s->seen[n] = *seen;
    s->seen[n].connection = c->number;
    if (++s->active > s->max_active)
        s->max_active = s->active;
    pthread_mutex_unlock(&s->lock);
    return &s->script[n < s->n_script ? n : s->n_script - 1];
}

static inline void finish(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->active--;
    pthread_mutex_unlock(&s->lock);
}

/* false when the connection is over. */
static inline bool answer(struct connection *c, int fd)
{
    struct seen seen = {.body = NULL};
    if (!read_request(fd, &seen)) {
        free(seen.body);
        return false;
    }
    const struct reply *r = record(c, &seen);
    pause_ms(r->delay_ms);
    finish(c->server);
    if (r->raise)
        *r->raise = 1;
    if (r->text)
        write_all(fd, r->text, r->len ? r->len : strlen(r->text));
    if (r->then == THEN_HANG)
        wait_for_the_other_side(fd);
    if (r->then == THEN_RESET) {
        struct linger now = {1, 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    return r->then == THEN_KEEP;
}

static inline void *serve_connection(void *arg)
{
    struct connection *c = arg;
    struct server *s = c->server;
    int fd = s->connections[c->number];
    while (answer(c, fd))
        ;
    pthread_mutex_lock(&s->lock);
    s->connections[c->number] = -1;
    close(fd);
    pthread_mutex_unlock(&s->lock);
    free(c);
    return NULL;
}

static inline void *accept_connections(void *arg)
{
    struct server *s = arg;
    int fd;
    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        struct connection *c = malloc(sizeof *c);
        pthread_mutex_lock(&s->lock);
        if (!c || s->stopping || s->n_connections == CONNECTIONS_MAX) {
            close(fd);
            free(c);
        } else {
            *c = (struct connection){s, s->n_connections++};
            s->connections[c->number] = fd;
            pthread_create(&s->threads[c->number], NULL, serve_connection, c);
        }
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

static inline void server_start(struct server *s, const struct reply *script, size_t n)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    *s = (struct server){.script = script, .n_script = n};
    pthread_mutex_init(&s->lock, NULL);
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(s->fd, 128), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
    s->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&s->acceptor, NULL, accept_connections, s), 0);
}

static inline void server_stop(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    for (unsigned i = 0; i < s->n_connections; i++)
        if (s->connections[i] >= 0)
            shutdown(s->connections[i], SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->acceptor, NULL);
    for (unsigned i = 0; i < s->n_connections; i++)
        pthread_join(s->threads[i], NULL);
    for (size_t i = 0; i < s->n_seen; i++)
        free(s->seen[i].body);
    close(s->fd);
    pthread_mutex_destroy(&s->lock);
}

/* A port on which nobody listens. */
static inline unsigned short closed_port(void)
{
    struct server s;
    static const struct reply none = {.text = ""};
    server_start(&s, &none, 1);
    server_stop(&s);
    return s.port;
}

/* ---- The client ------------------------------------------------------------------------------ */

struct call {
    struct http_request request;
    struct http_response response; /* its body and cf_ray are not good any more */
    struct buf body;
    char cf_ray[64];
    unsigned reports;
};

struct world {
    struct server server;
    struct http *http;
    struct buf log; /* lines */
    char url[64];

    struct call *calls;
    size_t n, pulled, done, max_in_flight;
    bool wait_while_in_flight;
};

#define SCRIPT(array) (array), N_OF(array)
#define GET(p)                                                                                     \
    {                                                                                              \
        .method = HTTP_GET, .path = (p), .repeatable = true, .max_body = 65536                     \
    }
#define POST(p)                                                                                    \
    {                                                                                              \
        .method = HTTP_POST, .path = (p), .max_body = 65536                                        \
    }

static inline void collect_line(void *ctx, const char *line)
{
    struct world *w = ctx;
    buf_addf(&w->log, "%s\n", line);
}

static inline struct http *open_on(struct world *w, unsigned short port, struct http_options o)
{
    struct error err = {.code = ERR_NONE};
    snprintf(w->url, sizeof w->url, "http://127.0.0.1:%u/client/v4", port);
    o.base_url = o.base_url ? o.base_url : w->url;
    if (!o.credentials.token && !o.credentials.key)
        o.credentials.token = TOKEN;
    o.jobs = o.jobs ? o.jobs : 1;
    o.wait_unit_ms = o.wait_unit_ms ? o.wait_unit_ms : WAIT_UNIT_MS;
    o.seed = 1;
    o.log = collect_line;
    o.log_ctx = w;
    struct http *h = http_open(&o, &err);
    if (!h)
        fail_msg("%s", err.message);
    return h;
}

static inline struct world *begin(const struct reply *script, size_t n, struct http_options o)
{
    struct world *w = calloc(1, sizeof *w);
    server_start(&w->server, script, n);
    w->http = open_on(w, w->server.port, o);
    return w;
}

/* Whatever a test is about, no credential is ever logged. */
static inline void end(struct world *w)
{
    http_close(w->http);
    server_stop(&w->server);
    assert_true(!w->log.data || !strstr(w->log.data, TOKEN));
    buf_release(&w->log);
    free(w);
}

static inline enum http_next next_call(void *ctx, struct http_request *request)
{
    struct world *w = ctx;
    if (w->pulled == w->n)
        return HTTP_NEXT_END;
    if (w->wait_while_in_flight && w->pulled > w->done)
        return HTTP_NEXT_WAIT;
    *request = w->calls[w->pulled].request;
    request->tag = &w->calls[w->pulled++];
    if (w->pulled - w->done > w->max_in_flight)
        w->max_in_flight = w->pulled - w->done;
    return HTTP_NEXT_REQUEST;
}

static inline void done_call(void *ctx, const struct http_request *request,
                             const struct http_response *response)
{
    struct world *w = ctx;
    struct call *c = request->tag;
    c->response = *response;
    c->reports++;
    buf_clear(&c->body);
    buf_add_bytes(&c->body, response->body);
    snprintf(c->cf_ray, sizeof c->cf_ray, "%s", response->cf_ray);
    assert_null(strstr(response->error.message, TOKEN));
    assert_null(strstr(response->error.hint, TOKEN));
    w->done++;
}

static inline bool try_run(struct world *w, struct call *calls, size_t n, struct error *err)
{
    w->calls = calls;
    w->n = n;
    w->pulled = w->done = 0;
    bool ok = http_run(w->http, next_call, done_call, w, err);
    assert_int_equal(w->done, w->pulled);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(calls[i].reports, i < w->pulled);
    return ok;
}

static inline void run(struct world *w, struct call *calls, size_t n)
{
    struct error err = {.code = ERR_NONE};
    if (!try_run(w, calls, n, &err))
        fail_msg("%s", err.message);
    assert_int_equal(w->done, n);
}

static inline void release_calls(struct call *calls, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_release(&calls[i].body);
}

/* One request against one script; its answer is good until the next. `w` still stands. */
static inline struct world *ask(const struct reply *script, size_t n, struct http_request request,
                                struct call *call)
{
    struct world *w = begin(script, n, (struct http_options){.jobs = 1});
    *call = (struct call){.request = request};
    run(w, call, 1);
    return w;
}

static inline void finish_call(struct world *w, struct call *call)
{
    buf_release(&call->body);
    end(w);
}

static inline void assert_status(const struct call *c, unsigned status)
{
    if (!c->response.ok)
        fail_msg("%s", c->response.error.message);
    assert_int_equal(c->response.status, status);
}

static inline void assert_failed(const struct call *c, enum error_code code, const char *part)
{
    assert_false(c->response.ok);
    if (c->response.error.code != code || !strstr(c->response.error.message, part))
        fail_msg("not '%s' (%d) but '%s' (%d)", part, (int)code, c->response.error.message,
                 (int)c->response.error.code);
}

/* The time between two requests the server saw, in "seconds". */
static inline double seconds_between(const struct world *w, size_t a, size_t b)
{
    return (double)(w->server.seen[b].at_ms - w->server.seen[a].at_ms) / WAIT_UNIT_MS;
}

#endif
