/*
 * test_state_s3_kit.h: an object of S3 whose service says exactly what it is told
 * (test_http_server.h).
 *
 *     static const struct reply script[] = {{.text = FOUND("\"1\"", "{}")}};
 *     struct bench *b = bench_begin(SCRIPT(script));
 *     assert_int_equal(bench_read(b), REMOTE_DONE);
 *     … b->answer, b->err, asked(b, 0), asks(b, 0, "If-Match: \"1\"") …
 *     bench_end(b);
 */
#ifndef CFKV_TESTS_UNIT_TEST_STATE_S3_KIT_H
#define CFKV_TESTS_UNIT_TEST_STATE_S3_KIT_H

#include "test_http_server.h"

#include "state/s3_client.h"

#define KEY_ID  "AKIAEXAMPLE"
#define SECRET  "s3cr3t/of+the/keys"
#define SESSION "session-t0ken"

#define ANSWER(status, headers, body)                                                              \
    "HTTP/1.1 " status "\r\n" headers "Connection: close\r\n\r\n" body
#define FOUND(etag, body) ANSWER("200 OK", "ETag: " etag "\r\n", body)
#define STORED(etag)      ANSWER("200 OK", "ETag: " etag "\r\n", "")
#define FAILED_AS(status, code)                                                                    \
    ANSWER(status, "Content-Type: application/xml\r\n",                                            \
           "<?xml version=\"1.0\"?>\n<Error><Code>" code "</Code><Message>no</Message></Error>")
#define MOVED_ON FAILED_AS("412 Precondition Failed", "PreconditionFailed")
#define NO_KEY   FAILED_AS("404 Not Found", "NoSuchKey")

/* Each answer ends its connection, so that none needs a length. */
#define SAYS(what)                                                                                 \
    {                                                                                              \
        .text = (what), .then = THEN_CLOSE                                                         \
    }

struct bench {
    struct server server;
    char url[64];
    struct state_address address;
    struct state_access access;
    struct http_options http;
    struct remote_object object;
    struct remote_answer answer;
    struct error err;
    struct buf log;
};

static inline void bench_log(void *ctx, const char *line)
{
    struct bench *b = ctx;
    buf_addf(&b->log, "%s\n", line);
}

static inline struct bench *bench_begin(const struct reply *script, size_t n)
{
    struct bench *b = calloc(1, sizeof *b);
    server_start(&b->server, script, n);
    snprintf(b->url, sizeof b->url, "http://127.0.0.1:%u/base", b->server.port);
    b->address = (struct state_address){.kind = STATE_S3,
                                        .text = "s3://states/shop/kv.json",
                                        .bucket = "states",
                                        .key = "shop/kv.json"};
    b->access = (struct state_access){.aws_id = KEY_ID,
                                      .aws_secret = SECRET,
                                      .region = "auto",
                                      .endpoint = b->url,
                                      .source = "AWS_ACCESS_KEY_ID",
                                      .hint = "set them"};
    b->http = (struct http_options){
        .wait_unit_ms = WAIT_UNIT_MS, .seed = 1, .max_attempts = 3, .log = bench_log, .log_ctx = b};
    if (!s3_object(&b->address, &b->access, &b->http, &b->object, &b->err))
        fail_msg("%s", b->err.message);
    return b;
}

static inline bool shows_a_secret(const char *text)
{
    return text && (strstr(text, SECRET) || strstr(text, SESSION));
}

/* Whatever a test is about, no credential is ever logged or told. */
static inline void bench_end(struct bench *b)
{
    b->object.close(b->object.ctx);
    server_stop(&b->server);
    assert_false(shows_a_secret(b->log.data));
    assert_false(shows_a_secret(b->err.message) || shows_a_secret(b->err.hint));
    buf_release(&b->log);
    buf_release(&b->answer.body);
    free(b);
}

static inline enum remote_outcome bench_read(struct bench *b)
{
    return b->object.read(b->object.ctx, &b->answer, &b->err);
}

/* Writes "{}" over what has that ETag; NULL: over nothing. */
static inline enum remote_outcome bench_write(struct bench *b, const char *etag)
{
    struct remote_version expected = {.exists = etag != NULL};
    snprintf(expected.etag, sizeof expected.etag, "%s", etag ? etag : "");
    return b->object.write(b->object.ctx, bytes_of("{}"), &expected, &b->answer, &b->err);
}

static inline const char *asked(const struct bench *b, size_t i)
{
    return b->server.seen[i].head;
}

/* The i-th request has that line. */
static inline bool asks(const struct bench *b, size_t i, const char *line)
{
    const char *hit = i < b->server.n_seen ? strstr(asked(b, i), line) : NULL;
    return hit && (hit == asked(b, i) || hit[-1] == '\n') && hit[strlen(line)] == '\r';
}

static inline void assert_asks(const struct bench *b, size_t i, const char *line)
{
    if (!asks(b, i, line))
        fail_msg("request %zu of %zu has no line '%s': %s", i, b->server.n_seen, line, asked(b, i));
}

static inline void assert_said(const struct bench *b, enum error_code code, const char *part,
                               const char *hint)
{
    if (b->err.code != code || !strstr(b->err.message, part) || !strstr(b->err.hint, hint))
        fail_msg("not '%s' (%d), '%s' but '%s' (%d), '%s'", part, (int)code, hint, b->err.message,
                 (int)b->err.code, b->err.hint);
}

#endif
