/* Terraform's protocol, request by request, and what is made of answers that are none. */
#include "test_http_server.h"

#include "state/terraform_http.h"

#define PASSWORD "p4ssw0rd-of-nobody"
#define BASIC    "Y2ktdXNlcjpwNHNzdzByZC1vZi1ub2JvZHk=" /* ci-user:PASSWORD */
#define ID       "11111111-2222-4333-8444-555555555555"
#define OTHER_ID "99999999-2222-4333-8444-555555555555"
#define HOLDER                                                                                     \
    "{\"ID\":\"" OTHER_ID "\",\"Operation\":\"OperationTypeApply\",\"Info\":\"\",\"Who\":\"bob@"   \
    "build-9\",\"Version\":\"1.11.4\",\"Created\":\"2026-11-30T10:00:00Z\",\"Path\":\"\"}"

/* One service, and one client of it. */
struct scene {
    struct server server;
    char url[128], lock_url[160];
    struct state_address address;
    struct state_access access;
    struct buf log;
    struct remote_object object;
    struct remote_answer answer;
    struct error err;
    volatile int interrupted;
};

static void collect(void *ctx, const char *line)
{
    struct scene *s = ctx;
    buf_addf(&s->log, "%s\n", line);
}

static void client(struct scene *s)
{
    struct http_options http = {.wait_unit_ms = 2,
                                .seed = 1,
                                .max_attempts = 3,
                                .interrupted = &s->interrupted,
                                .log = collect,
                                .log_ctx = s};
    if (!terraform_http_object(&s->address, &s->access, &http, &s->object, &s->err))
        fail_msg("%s", s->err.message);
}

static struct scene *begin_at(const struct reply *script, size_t n, const char *path, bool gitlab)
{
    struct scene *s = calloc(1, sizeof *s);
    server_start(&s->server, script, n);
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u%s", s->server.port, path);
    snprintf(s->lock_url, sizeof s->lock_url, "%s%s", s->url, gitlab ? "/lock" : "");
    s->address = (struct state_address){.kind = STATE_HTTP,
                                        .text = "https://state.example/shop",
                                        .url = s->url,
                                        .lock_url = s->lock_url,
                                        .unlock_url = s->lock_url,
                                        .lock_method = gitlab ? "POST" : "LOCK",
                                        .unlock_method = gitlab ? "DELETE" : "UNLOCK",
                                        .update_method = "POST",
                                        .gitlab = gitlab};
    s->access = (struct state_access){.user = "ci-user", .password = PASSWORD};
    client(s);
    return s;
}

static struct scene *scene(const struct reply *script, size_t n)
{
    return begin_at(script, n, "/shop", false);
}

/* Whatever happened, no credential is told. */
static void finish_scene(struct scene *s)
{
    s->object.close(s->object.ctx);
    server_stop(&s->server);
    assert_true(!s->log.data || (!strstr(s->log.data, PASSWORD) && !strstr(s->log.data, BASIC)));
    assert_null(strstr(s->err.message, PASSWORD));
    assert_null(strstr(s->err.message, BASIC));
    buf_release(&s->log);
    buf_release(&s->answer.body);
    free(s);
}

static void assert_outcome(const struct scene *s, enum remote_outcome got,
                           enum remote_outcome wanted)
{
    if (got != wanted)
        fail_msg("outcome %d, not %d: %s", (int)got, (int)wanted, s->err.message);
}

static void assert_error(const struct scene *s, enum error_code code, const char *part)
{
    if (s->err.code != code || !strstr(s->err.message, part))
        fail_msg("not '%s' (%d) but '%s' (%d)", part, (int)code, s->err.message, (int)s->err.code);
    assert_non_null(strstr(s->err.message, "https://state.example/shop"));
}

static void assert_request(const struct scene *s, size_t i, const char *line)
{
    const char *head = s->server.seen[i].head;
    if (i >= s->server.n_seen || strncmp(head, line, strlen(line)) != 0)
        fail_msg("request %zu of %zu is no '%s' but\n%s", i, s->server.n_seen, line, head);
}

static bool has_line(const struct scene *s, size_t i, const char *line)
{
    return strcasestr(s->server.seen[i].head, line) != NULL;
}

static enum remote_outcome read_it(struct scene *s)
{
    return s->object.read(s->object.ctx, &s->answer, &s->err);
}

static enum remote_outcome write_it(struct scene *s, const char *text, const char *etag)
{
    struct remote_version expected = {.exists = etag != NULL};
    snprintf(expected.etag, sizeof expected.etag, "%s", etag ? etag : "");
    return s->object.write(s->object.ctx, bytes_of(text), &expected, &s->answer, &s->err);
}

static struct lease a_lease(void)
{
    return (struct lease){.id = ID,
                          .who = "anna@build-7",
                          .host = "build-7",
                          .command = "cfkv apply",
                          .pid = 4711,
                          .taken = 1796032800,
                          .renewed = 1796032800,
                          .seconds = LEASE_SECONDS};
}

static enum remote_outcome lock_it(struct scene *s, struct lease *lease)
{
    *lease = a_lease();
    return s->object.lock(s->object.ctx, lease, &s->answer, &s->err);
}

static enum remote_outcome unlock_it(struct scene *s, const char *id)
{
    return s->object.unlock(s->object.ctx, id, &s->answer, &s->err);
}

#define EMPTY(status) "HTTP/1.1 " status "\r\nContent-Length: 0\r\n\r\n"
/* Whose end is that of the connection: for THEN_CLOSE. */
#define SAYS(status, body) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body
#define WITH(status, headers, len, body)                                                           \
    "HTTP/1.1 " status "\r\n" headers "Content-Length: " len "\r\n\r\n" body

static struct reply replying(const char *text, enum then then)
{
    return (struct reply){.text = text, .then = strstr(text, "n: close") ? THEN_CLOSE : then};
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void a_document_comes_with_its_version(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = WITH("200 OK",
                      "ETag: \"abc\"\r\nDate: Tue, 01 Dec 2026 01:00:00 GMT\r\nContent-MD5: "
                      "ZajifYh5KDgxtmS9i38K1A==\r\n",
                      "13", "Hello, World!")}};
    struct scene *s = scene(SCRIPT(script));
    assert_outcome(s, read_it(s), REMOTE_DONE);
    assert_true(s->answer.version.exists);
    assert_string_equal(s->answer.version.etag, "\"abc\"");
    assert_int_equal(s->answer.date, 1796086800);
    assert_buf(&s->answer.body, "Hello, World!");
    assert_request(s, 0, "GET /shop HTTP/1.1\r\n");
    assert_true(has_line(s, 0, "\r\nAuthorization: Basic " BASIC "\r\n"));
    assert_false(has_line(s, 0, "Content-"));
    finish_scene(s);
}

static void nothing_is_said_in_three_ways(void **state)
{
    (void)state;
    static const char *const answers[] = {
        EMPTY("200 OK"), "HTTP/1.1 204 No Content\r\n\r\n",
        WITH("404 Not Found", "Content-Type: text/html\r\nETag: \"x\"\r\n", "6", "<html>")};
    for (size_t i = 0; i < N_OF(answers); i++) {
        struct reply script[] = {{.text = answers[i]}};
        struct scene *s = scene(SCRIPT(script));
        assert_outcome(s, read_it(s), REMOTE_DONE);
        assert_false(s->answer.version.exists);
        assert_string_equal(s->answer.version.etag, "");
        assert_int_equal(s->answer.body.len, 0);
        finish_scene(s);
    }
}

/* Frameworks give each answer such a one, and it matches nothing. */
static void a_weak_etag_is_none(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = WITH("200 OK", "ETag: W/\"abc\"\r\n", "2", "{}")}};
    struct scene *s = scene(SCRIPT(script));
    assert_outcome(s, read_it(s), REMOTE_DONE);
    assert_string_equal(s->answer.version.etag, "");
    assert_false(s->object.checks(s->object.ctx, &s->answer.version));
    finish_scene(s);
}

static void what_no_read_believes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum error_code code;
        const char *part;
        enum then then;
    } cases[] = {
        {SAYS("401 Unauthorized", "{\"message\":\"401 Unauthorized\"}"), ERR_DENIED,
         "are not accepted (HTTP 401", THEN_KEEP},
        {EMPTY("403 Forbidden"), ERR_DENIED, "do not allow it (HTTP 403", THEN_KEEP},
        {EMPTY("403 Forbidden\r\ncf-mitigated: challenge"), ERR_DENIED, "a firewall", THEN_KEEP},
        {EMPTY("302 Found\r\nLocation: https://elsewhere.example/?t=1"), ERR_FAILED,
         "sends us elsewhere (HTTP 302)", THEN_KEEP},
        {EMPTY("400 Bad Request"), ERR_FAILED, "HTTP 400", THEN_KEEP},
        {EMPTY("206 Partial Content"), ERR_ANSWER, "HTTP 206", THEN_KEEP},
        {EMPTY("500 Oops"), ERR_AWAY, "HTTP 500", THEN_KEEP},
        {EMPTY("429 Slow"), ERR_AWAY, "HTTP 429", THEN_KEEP},
        {WITH("200 OK", "Content-MD5: ZajifYh5KDgxtmS9i38K1A==\r\n", "2", "{}"), ERR_ANSWER,
         "Content-MD5", THEN_KEEP},
        {WITH("200 OK", "", "70000000", "{"), ERR_LIMIT, "larger than 64 MiB", THEN_CLOSE},
        {WITH("200 OK", "", "20", "{\"cut\""), ERR_AWAY, "cut short", THEN_CLOSE},
        {"", ERR_AWAY, "no answer came", THEN_CLOSE},
        {"SSH-2.0-OpenSSH_9.2\r\n", ERR_AWAY, "no answer came", THEN_CLOSE},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct reply script[] = {replying(cases[i].text, cases[i].then)};
        struct scene *s = scene(SCRIPT(script));
        assert_outcome(s, read_it(s), REMOTE_FAILED);
        assert_error(s, cases[i].code, cases[i].part);
        assert_true(s->err.hint[0] || s->err.code == ERR_AWAY); /* that one is remote.h's */
        assert_false(s->answer.version.exists && s->answer.body.len > 0);
        finish_scene(s);
    }
}

static void nobody_listens(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = OK_EMPTY}};
    struct scene *s = scene(SCRIPT(script));
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u/shop", closed_port());
    s->object.close(s->object.ctx);
    client(s);
    assert_outcome(s, read_it(s), REMOTE_FAILED);
    assert_error(s, ERR_AWAY, "connection refused");
    finish_scene(s);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void a_write_names_its_lock_and_what_it_replaces(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = EMPTY("200 OK")},
                                          {.text = EMPTY("204 None\r\nETag: \"new\"")},
                                          {.text = EMPTY("201 Created")},
                                          {.text = EMPTY("200 OK")}};
    struct lease lease;
    struct scene *s = begin_at(SCRIPT(script), "/shop?tenant=7&ID=old&b=%2F", false);
    assert_outcome(s, lock_it(s, &lease), REMOTE_DONE);
    assert_request(s, 0, "LOCK /shop?tenant=7&ID=old&b=%2F HTTP/1.1\r\n");
    assert_outcome(s, write_it(s, "Hello, World!", "\"old\""), REMOTE_DONE);
    assert_request(s, 1, "POST /shop?tenant=7&b=%2F&ID=" ID " HTTP/1.1\r\n");
    assert_true(has_line(s, 1, "\r\nIf-Match: \"old\"\r\n"));
    assert_true(has_line(s, 1, "\r\nContent-Type: application/json\r\n"));
    assert_true(has_line(s, 1, "\r\nContent-MD5: ZajifYh5KDgxtmS9i38K1A==\r\n"));
    assert_string_equal(s->server.seen[1].body, "Hello, World!");
    assert_string_equal(s->answer.version.etag, "\"new\"");
    assert_true(s->answer.version.exists);
    assert_outcome(s, write_it(s, "{}", ""), REMOTE_DONE); /* no ETag: no condition */
    assert_false(has_line(s, 2, "\r\nIf-"));
    assert_outcome(s, unlock_it(s, ID), REMOTE_DONE);
    assert_outcome(s, write_it(s, "{}", ""), REMOTE_DONE); /* no lock: no ID */
    assert_request(s, 4, "POST /shop?tenant=7&ID=old&b=%2F HTTP/1.1\r\n");
    finish_scene(s);
}

static void the_first_write_expects_nothing(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = EMPTY("404 Not Found")},
                                          {.text = EMPTY("200 OK")}};
    struct scene *s = scene(SCRIPT(script));
    assert_outcome(s, read_it(s), REMOTE_DONE);
    assert_outcome(s, write_it(s, "{}", NULL), REMOTE_DONE);
    assert_request(s, 1, "POST /shop HTTP/1.1\r\n");
    assert_true(has_line(s, 1, "\r\nIf-None-Match: *\r\n"));
    finish_scene(s);
}

static void what_may_have_been_written_is_never_called_failed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum remote_outcome outcome;
        enum error_code code;
        const char *part;
        enum then then;
    } cases[] = {
        {EMPTY("412 Precondition Failed"), REMOTE_MOVED, ERR_STALE, "HTTP 412", THEN_KEEP},
        {SAYS("422 Unprocessable", "{\"message\":{\"version\":[\"has already been taken\"]}}"),
         REMOTE_MOVED, ERR_STALE, "has already been taken", THEN_KEEP},
        {EMPTY("404 Not Found"), REMOTE_MOVED, ERR_STALE, "HTTP 404", THEN_KEEP},
        {EMPTY("409 Conflict"), REMOTE_MOVED, ERR_LOCKED, "is not ours any more", THEN_KEEP},
        {SAYS("423 Locked", HOLDER), REMOTE_MOVED, ERR_LOCKED, "was taken from us by bob@build-9",
         THEN_KEEP},
        {EMPTY("401 Unauthorized"), REMOTE_FAILED, ERR_DENIED, "HTTP 401", THEN_KEEP},
        {SAYS("413 Too Large", "10 MB max"), REMOTE_FAILED, ERR_LIMIT, "10 MB max", THEN_KEEP},
        {EMPTY("400 Bad Request"), REMOTE_FAILED, ERR_FAILED, "HTTP 400", THEN_KEEP},
        {EMPTY("307 Elsewhere\r\nLocation: /x"), REMOTE_FAILED, ERR_FAILED, "elsewhere", THEN_KEEP},
        {EMPTY("503 Busy\r\nRetry-After: 1"), REMOTE_FAILED, ERR_AWAY, "HTTP 503", THEN_KEEP},
        {EMPTY("502 Bad Gateway"), REMOTE_UNKNOWN, ERR_AWAY, "HTTP 502", THEN_KEEP},
        {EMPTY("202 Accepted"), REMOTE_UNKNOWN, ERR_ANSWER, "HTTP 202", THEN_KEEP},
        {"", REMOTE_UNKNOWN, ERR_AWAY, "no answer came", THEN_CLOSE},
        {WITH("200 OK", "", "99", "{"), REMOTE_UNKNOWN, ERR_AWAY, "cut short", THEN_CLOSE},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct reply script[] = {replying(cases[i].text, cases[i].then)};
        struct scene *s = scene(SCRIPT(script));
        assert_outcome(s, write_it(s, "{}", "\"old\""), cases[i].outcome);
        assert_error(s, cases[i].code, cases[i].part);
        finish_scene(s);
    }
}

/* A refusal behind an attempt that nobody answered says nothing of that one. */
static void a_refusal_behind_a_lost_answer_is_no_failure(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = "", .then = THEN_CLOSE},
                                          {.text = EMPTY("403 Forbidden")}};
    struct scene *s = scene(SCRIPT(script));
    assert_outcome(s, write_it(s, "{}", "\"old\""), REMOTE_UNKNOWN);
    assert_error(s, ERR_DENIED, "HTTP 403");
    assert_int_equal(s->server.n_seen, 2);
    assert_string_equal(s->server.seen[0].body, s->server.seen[1].body);
    finish_scene(s);
}

/* ---- The lock -------------------------------------------------------------------------------- */

static void a_lock_has_terraforms_members_and_ours(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = EMPTY("200 OK")}};
    static const char *const members[] = {"\"ID\":\"" ID "\"",   "\"Operation\":\"apply\"",
                                          "\"Info\":\"pid 4711", "\"Who\":\"anna@build-7\"",
                                          "\"Version\":\"cfkv ", "\"Created\":\"2026-",
                                          "\"Path\":\"",         "\"Lease\":60"};
    struct lease lease;
    struct scene *s = scene(SCRIPT(script));
    assert_outcome(s, lock_it(s, &lease), REMOTE_DONE);
    for (size_t i = 0; i < N_OF(members); i++)
        assert_non_null(strstr(s->server.seen[0].body, members[i]));
    assert_int_equal(lease.seconds, 0); /* an answer without a body: it does not expire */
    assert_outcome(s, unlock_it(s, ID), REMOTE_DONE);
    assert_request(s, 1, "UNLOCK /shop HTTP/1.1\r\n");
    assert_string_equal(s->server.seen[1].body, s->server.seen[0].body);
    finish_scene(s);
}

static void gitlab_locks_by_post_and_delete(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = EMPTY("200 OK")}};
    struct lease lease;
    struct remote_version any = {.exists = true};
    struct scene *s = begin_at(SCRIPT(script), "/api/v4/projects/7/terraform/state/shop", true);
    assert_outcome(s, lock_it(s, &lease), REMOTE_DONE);
    assert_request(s, 0, "POST /api/v4/projects/7/terraform/state/shop/lock HTTP/1.1\r\n");
    assert_null(strstr(s->server.seen[0].body, "Lease"));
    assert_true(s->object.checks(s->object.ctx, &any)); /* it refuses a repeated serial */
    assert_outcome(s, unlock_it(s, OTHER_ID), REMOTE_DONE);
    assert_request(s, 1, "DELETE /api/v4/projects/7/terraform/state/shop/lock HTTP/1.1\r\n");
    assert_string_equal(s->server.seen[1].body,
                        "{\"Created\":\"0001-01-01T00:00:00Z\",\"ID\":\"" OTHER_ID
                        "\",\"Info\":\"\",\"Operation\":\"\",\"Path\":\"\",\"Version\":\"\","
                        "\"Who\":\"\"}");
    finish_scene(s);
}

static void a_lease_ends_when_the_service_says_so(void **state)
{
    (void)state;
    static const char granted[] =
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"ID\":\"" ID
        "\",\"Lease\":60,\"Expires\":\"2026-12-01T01:01:00.250Z\",\"Replaced\":{\"ID\":\"" OTHER_ID
        "\",\"Who\":\"bob@build-9\",\"Lease\":60,\"Expires\":\"2026-12-01T00:50:00Z\"}}";
    static const struct reply script[] = {{.text = granted, .then = THEN_CLOSE}};
    struct lease lease;
    struct remote_version none = {.exists = false};
    struct scene *s = scene(SCRIPT(script));
    assert_outcome(s, lock_it(s, &lease), REMOTE_DONE);
    assert_int_equal(lease.seconds, LEASE_SECONDS);
    assert_string_equal(s->answer.holder.who, "bob@build-9");
    assert_int_equal(s->answer.holder.renewed + s->answer.holder.seconds, 1796086200);
    assert_true(s->object.checks(s->object.ctx, &none)); /* such a one looks at conditions */
    finish_scene(s);
}

static void a_lock_that_is_held(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum remote_outcome outcome;
        const char *holder, *part;
    } cases[] = {
        {SAYS("423 Locked", HOLDER), REMOTE_MOVED, OTHER_ID, "locked by bob@build-9"},
        {SAYS("409 Conflict", HOLDER), REMOTE_MOVED, OTHER_ID, "locked by bob@build-9"},
        {EMPTY("423 Locked"), REMOTE_MOVED, "", "does not say by whom (HTTP 423)"},
        {SAYS("423 Locked", "<html>no</html"), REMOTE_MOVED, "", "does not say by whom"},
        {SAYS("409 Conflict", "{\"error\":\"held now\"}"), REMOTE_MOVED, "", "held now"},
        {SAYS("423 Locked", "{\"ID\":17}"), REMOTE_MOVED, "", "does not say by whom"},
        {WITH("423 Locked", "", "9999999", "x"), REMOTE_MOVED, "", "does not say by whom"},
        /* Taken by an attempt whose answer was lost. */
        {SAYS("423 Locked", "{\"ID\":\"" ID "\"}"), REMOTE_DONE, ID, ""},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct reply script[] = {{.text = cases[i].text, .then = THEN_CLOSE}};
        struct lease lease;
        struct scene *s = scene(SCRIPT(script));
        assert_outcome(s, lock_it(s, &lease), cases[i].outcome);
        assert_string_equal(s->answer.holder.id, cases[i].holder);
        if (cases[i].outcome == REMOTE_MOVED)
            assert_error(s, ERR_LOCKED, cases[i].part);
        finish_scene(s);
    }
}

static void a_service_without_locks_is_not_written_to(void **state)
{
    (void)state;
    static const char *const answers[] = {EMPTY("404 Not Found"), EMPTY("405 Not Allowed"),
                                          EMPTY("501 Not Implemented")};
    for (size_t i = 0; i < N_OF(answers); i++) {
        struct reply script[] = {{.text = answers[i]}};
        struct lease lease;
        struct scene *s = scene(SCRIPT(script));
        assert_outcome(s, lock_it(s, &lease), REMOTE_FAILED);
        assert_error(s, ERR_USAGE, "a lock is required");
        assert_true(s->err.hint[0] != '\0');
        assert_int_equal(s->server.n_seen, 1); /* and is not asked again */
        finish_scene(s);
    }
}

static void a_lock_whose_answer_is_lost_may_be_ours(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = "", .then = THEN_CLOSE}};
    struct lease lease;
    struct scene *s = scene(SCRIPT(script));
    assert_outcome(s, lock_it(s, &lease), REMOTE_UNKNOWN);
    assert_int_equal(s->server.n_seen, 3);
    finish_scene(s);
}

static void an_unlock_that_finds_no_lock(void **state)
{
    (void)state;
    static const struct reply lost[] = {{.text = "", .then = THEN_CLOSE},
                                        {.text = EMPTY("409 Conflict")}};
    static const struct reply gone[] = {{.text = EMPTY("200 OK")},
                                        {.text = EMPTY("404 Not Found")}};
    static const struct reply wrong[] = {{.text = EMPTY("404 Not Found")}};
    static const struct reply others[] = {
        {.text = SAYS("409 Conflict", HOLDER), .then = THEN_CLOSE}};
    struct lease lease;
    struct scene *s = scene(SCRIPT(lost)); /* freed by the attempt that was lost */
    assert_outcome(s, unlock_it(s, ID), REMOTE_DONE);
    finish_scene(s);
    s = scene(SCRIPT(gone));
    assert_outcome(s, lock_it(s, &lease), REMOTE_DONE);
    assert_outcome(s, unlock_it(s, ID), REMOTE_DONE);
    finish_scene(s);
    s = scene(SCRIPT(wrong)); /* nothing tells that a lock was ever there */
    assert_outcome(s, unlock_it(s, ID), REMOTE_FAILED);
    assert_error(s, ERR_FAILED, "could not be unlocked: HTTP 404");
    finish_scene(s);
    s = scene(SCRIPT(others));
    assert_outcome(s, unlock_it(s, ID), REMOTE_MOVED);
    assert_string_equal(s->answer.holder.id, OTHER_ID);
    finish_scene(s);
}

/* ---- Credentials ----------------------------------------------------------------------------- */

static void a_service_that_repeats_the_password_is_not_quoted(void **state)
{
    (void)state;
    static const struct reply script[] = {
        {.text = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nwho is ci-user:" PASSWORD
                 " or " BASIC "?",
         .then = THEN_CLOSE}};
    struct scene *s = scene(SCRIPT(script));
    assert_outcome(s, read_it(s), REMOTE_FAILED);
    assert_string_equal(s->err.message, "https://state.example/shop could not be read: HTTP 400");
    finish_scene(s);
}

static void a_bearer_or_nobody(void **state)
{
    (void)state;
    static const struct reply script[] = {{.text = EMPTY("401 Unauthorized")}};
    struct scene *s = scene(SCRIPT(script));
    s->object.close(s->object.ctx);
    s->access = (struct state_access){.token = TOKEN, .source = "CFKV_STATE_TOKEN_state_example"};
    client(s);
    assert_outcome(s, read_it(s), REMOTE_FAILED);
    assert_true(has_line(s, 0, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
    assert_error(s, ERR_DENIED, "the credentials of CFKV_STATE_TOKEN_state_example are not");
    s->object.close(s->object.ctx);
    s->access = (struct state_access){.hint = "set CFKV_STATE_TOKEN_state_example"};
    client(s);
    assert_outcome(s, read_it(s), REMOTE_FAILED);
    assert_false(has_line(s, 1, "\r\nAuthorization:"));
    assert_error(s, ERR_DENIED, "asks for credentials (HTTP 401)");
    assert_string_equal(s->err.hint, "set CFKV_STATE_TOKEN_state_example");
    finish_scene(s);
}

/* "a b" would forge nothing, a line break would. */
static void credentials_that_no_header_may_carry_are_refused_unseen(void **state)
{
    (void)state;
    struct error err = {.code = ERR_NONE};
    struct remote_object object;
    struct state_address address = {.url = "https://state.example/shop"};
    struct state_access access = {.token = "abc\r\nX-Evil: 1"};
    assert_false(
        terraform_http_object(&address, &access, &(struct http_options){0}, &object, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_null(strstr(err.message, "abc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_comes_with_its_version),
        cmocka_unit_test(nothing_is_said_in_three_ways),
        cmocka_unit_test(a_weak_etag_is_none),
        cmocka_unit_test(what_no_read_believes),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(a_write_names_its_lock_and_what_it_replaces),
        cmocka_unit_test(the_first_write_expects_nothing),
        cmocka_unit_test(what_may_have_been_written_is_never_called_failed),
        cmocka_unit_test(a_refusal_behind_a_lost_answer_is_no_failure),
        cmocka_unit_test(a_lock_has_terraforms_members_and_ours),
        cmocka_unit_test(gitlab_locks_by_post_and_delete),
        cmocka_unit_test(a_lease_ends_when_the_service_says_so),
        cmocka_unit_test(a_lock_that_is_held),
        cmocka_unit_test(a_service_without_locks_is_not_written_to),
        cmocka_unit_test(a_lock_whose_answer_is_lost_may_be_ours),
        cmocka_unit_test(an_unlock_that_finds_no_lock),
        cmocka_unit_test(a_service_that_repeats_the_password_is_not_quoted),
        cmocka_unit_test(a_bearer_or_nobody),
        cmocka_unit_test(credentials_that_no_header_may_carry_are_refused_unseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
