/*
 * test_cloudflare_kit.h: the cloudflare store, and a service that answers exactly what it is told.
 *
 *     struct service *s = serve(SAYS(NO(429, 10022, "slower"), OK("[]")));
 *     expect_ok(list_namespaces(s->kit, "", 1));
 *     assert_asked(s, 1, "GET " KV "?page=1…", "");
 *     hang_up(s);
 *
 * The n-th request gets the n-th answer, later ones the last. A "second" of waiting is a
 * millisecond, unless a test is about waiting. No message may ever hold the token.
 */
#ifndef CFKV_TESTS_UNIT_TEST_CLOUDFLARE_KIT_H
#define CFKV_TESTS_UNIT_TEST_CLOUDFLARE_KIT_H

#include "test_http_server.h"
#include "test_store_kit.h"

#include "store/cloudflare.h"

#define ACCOUNT "cf000000000000000000000000000001"
#define NS      "0123456789abcdef0123456789abcdef"
#define KV      "/accounts/" ACCOUNT "/storage/kv/namespaces"
#define IN_NS   KV "/" NS

/* ---- What the service says ------------------------------------------------------------------- */

struct say {
    unsigned status;  /* 0: 200 */
    const char *body; /* NULL: none */
    const char *headers;
    size_t len;  /* of the body; 0: strlen(body) */
    bool is_cut; /* the connection ends within the answer: the client does not know what came of it
                  */
    unsigned delay_ms;
    volatile int *raise;
};

#define SAYS(...)                                                                                  \
    (const struct say[]){__VA_ARGS__},                                                             \
        sizeof((const struct say[]){__VA_ARGS__}) / sizeof(struct say)

#define ENVELOPE(success, errors, result)                                                          \
    "{\"success\":" success ",\"errors\":[" errors "],\"messages\":[],\"result\":" result "}"
#define OK(result)                                                                                 \
    {                                                                                              \
        .body = ENVELOPE("true", "", result)                                                       \
    }
#define OK_PAGE(result, info)                                                                      \
    {                                                                                              \
        .body = "{\"success\":true,\"errors\":[],\"result\":" result ",\"result_info\":" info "}"  \
    }
#define NO(status_, code, text)                                                                    \
    {                                                                                              \
        .status = status_,                                                                         \
        .body = ENVELOPE("false", "{\"code\":" #code ",\"message\":\"" text "\"}", "null")         \
    }
#define BODY(text)                                                                                 \
    {                                                                                              \
        .body = text                                                                               \
    }
#define LOST                                                                                       \
    {                                                                                              \
        .is_cut = true                                                                             \
    }

#define NAMESPACE(id, title) "{\"id\":\"" id "\",\"title\":\"" title "\"}"

/* ---- The service ----------------------------------------------------------------------------- */

struct service {
    struct kit store; /* `kit` points here */
    struct kit *kit;
    struct server server;
    struct buf log;
    char url[64];
};

static inline struct reply reply_of(struct service *s, const struct say *say)
{
    struct buf text = {0};
    const char *body = say->body ? say->body : "";
    size_t len = say->len ? say->len : strlen(body);
    buf_addf(&text, "HTTP/1.1 %u x\r\n%sContent-Length: %zu\r\n\r\n",
             say->status ? say->status : 200, say->headers ? say->headers : "",
             say->is_cut ? 100 : len);
    buf_add(&text, body, len);
    struct bytes kept_text = arena_copy(&s->kit->arena, buf_bytes(&text));
    buf_release(&text);
    return (struct reply){.text = kept_text.data,
                          .len = kept_text.len,
                          .then = say->is_cut ? THEN_CLOSE : THEN_KEEP,
                          .delay_ms = say->delay_ms,
                          .raise = say->raise};
}

static inline void collect_log(void *ctx, const char *line)
{
    buf_addf(&((struct service *)ctx)->log, "%s\n", line);
}

static inline struct service *start_service(const struct say *says, size_t n)
{
    struct service *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->kit = &s->store;
    struct reply *script = arena_alloc(&s->kit->arena, n, sizeof *script);
    for (size_t i = 0; i < n; i++)
        script[i] = reply_of(s, &says[i]);
    server_start(&s->server, script, n);
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u/client/v4", s->server.port);
    return s;
}

/* Fills in what `o` leaves open. */
static inline struct cloudflare_options options_for(struct service *s, struct cloudflare_options o)
{
    o.http.base_url = s->url;
    o.http.credentials.token = TOKEN;
    o.http.jobs = o.http.jobs ? o.http.jobs : 1;
    o.http.wait_unit_ms = o.http.wait_unit_ms ? o.http.wait_unit_ms : 1;
    o.http.seed = 1;
    o.http.log = collect_log;
    o.http.log_ctx = s;
    return o;
}

static inline struct service *serve_with(struct cloudflare_options o, const struct say *says,
                                         size_t n)
{
    struct error err = {0};
    struct service *s = start_service(says, n);
    o = options_for(s, o);
    s->kit->store = cloudflare_store_open(&o, &err);
    if (!s->kit->store)
        fail_msg("%s", err.message);
    return s;
}

static inline struct service *serve(const struct say *says, size_t n)
{
    return serve_with((struct cloudflare_options){.account_id = ACCOUNT}, says, n);
}

static inline void stop_service(struct service *s)
{
    server_stop(&s->server);
    arena_release(&s->kit->arena);
    buf_release(&s->log);
    free(s);
}

static inline void hang_up(struct service *s)
{
    store_close(s->kit->store);
    assert_true(!s->log.data || !strstr(s->log.data, TOKEN));
    stop_service(s);
}

/* ---- What it was asked ----------------------------------------------------------------------- */

static inline size_t n_asked(const struct service *s)
{
    return s->server.n_seen;
}

/* "GET /accounts/…" of the i-th request, in memory of the kit. */
static inline const char *line_of(struct service *s, size_t i)
{
    assert_true(i < n_asked(s));
    const char *head = s->server.seen[i].head;
    const char *base = strstr(head, "/client/v4"), *end_of_line = strstr(head, " HTTP/1.1\r\n");
    assert_true(base && end_of_line);
    return arena_printf(&s->kit->arena, "%.*s%.*s", (int)(base - head), head,
                        (int)(end_of_line - base - 10), base + 10);
}

static inline struct bytes body_of(const struct service *s, size_t i)
{
    assert_true(i < n_asked(s));
    return bytes_make(s->server.seen[i].body, s->server.seen[i].body_len);
}

static inline void assert_asked(struct service *s, size_t i, const char *line, const char *body)
{
    assert_string_equal(line_of(s, i), line);
    assert_string_equal(body_of(s, i).data, body);
    assert_int_equal(body_of(s, i).len, strlen(body));
}

static inline bool asked_with(const struct service *s, size_t i, const char *header)
{
    return strstr(s->server.seen[i].head, header) != NULL;
}

/* ---- What came of it ------------------------------------------------------------------------- */

static inline void assert_no_token(const struct error *err)
{
    assert_null(strstr(err->message, TOKEN));
    assert_null(strstr(err->hint, TOKEN));
    assert_null(strstr(err->message, "s3cr3t"));
}

static inline void assert_failed_as(const struct answer *a, enum error_code code,
                                    const char *message, const char *hint)
{
    assert_false(a->ok);
    assert_no_token(&a->error);
    if (a->error.code != code || !strstr(a->error.message, message) || !strstr(a->error.hint, hint))
        fail_msg("not %d '%s' '%s' but %d '%s' '%s'", (int)code, message, hint, (int)a->error.code,
                 a->error.message, a->error.hint);
}

#endif
