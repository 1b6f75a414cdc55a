/* Memory that runs out anywhere: in cfkv, and inside libcurl. */
#include "base/library.h"
#include "http/curl.h"
#include "test_http_server.h"

static const struct reply script[] = {
    {.text = "HTTP/1.1 429 x\r\nRetry-After: 0\r\nContent-Length: 11\r\n\r\n{\"errors\":0"},
    {.text = "HTTP/1.1 200 OK\r\nCF-Ray: x\r\nContent-Length: 2\r\n\r\n{}"},
};

struct job {
    unsigned short port;
    struct server *server;
    unsigned left; /* requests yet to be asked for */
    unsigned pulled, reported;
    unsigned limited; /* answers that say "too many requests" */
};

static enum http_next next_job(void *ctx, struct http_request *request)
{
    static const struct http_part parts[] = {
        {.name = "value", .content_type = "text/plain", .data = {"v", 1}}};
    struct job *j = ctx;
    if (j->left == 0)
        return HTTP_NEXT_END;
    *request = (struct http_request){
        .method = HTTP_PUT, .path = "/x", .repeatable = true, .max_body = 100};
    if (j->left-- % 2 == 0) {
        request->parts = parts;
        request->n_parts = 1;
    } else {
        request->content_type = "application/json";
        request->body = TEXT("{}");
    }
    j->pulled++;
    return HTTP_NEXT_REQUEST;
}

static void done_job(void *ctx, const struct http_request *request,
                     const struct http_response *response)
{
    struct job *j = ctx;
    (void)request;
    j->reported++;
    if (response->ok)
        j->limited += response->status != 200;
    else if (response->error.code != ERR_NOMEM)
        assert_non_null(strstr(response->error.message, "out of memory"));
}

static void ignore_line(void *ctx, const char *line)
{
    (void)ctx;
    (void)line;
}

/* Opens, sends two requests (one of them twice), closes. */
static bool use_once(struct job *job, struct error *err)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v4", job->port);
    struct http_options o = {.base_url = url,
                             .credentials = {.token = TOKEN},
                             .jobs = 2,
                             .wait_unit_ms = 1,
                             .seed = 1,
                             .ca_file = "/dev/null",
                             .log = ignore_line};
    job->left = 2;
    job->pulled = job->reported = job->limited = 0;
    struct http *h = http_open(&o, err);
    bool ok = h && http_run(h, next_job, done_job, job, err);
    http_close(h);
    assert_int_equal(job->pulled, job->reported);
    /* Once the memory of one request failed, the other is not sent again. */
    assert_true(!ok || job->limited == 0);
    return ok;
}

/* ---- libcurl's own --------------------------------------------------------------------------- */

/* Which allocation fails, counted down; 0: none. The resolver's thread is not used for addresses.
 */
static long countdown;

static bool fails(void)
{
    return countdown > 0 && --countdown == 0;
}

static void *failing_malloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

static void *failing_calloc(size_t count, size_t size)
{
    return fails() ? NULL : calloc(count, size);
}

static void *failing_realloc(void *p, size_t size)
{
    return fails() ? NULL : realloc(p, size);
}

static char *failing_strdup(const char *s)
{
    return fails() ? NULL : strdup(s);
}

static void every_failed_allocation_in_libcurl_is_reported(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, SCRIPT(script));
    struct job job = {.port = server.port};
    bool passed = false;
    long n = 1, failed = 0;
    for (; !passed && n < 5000; n++) {
        struct error err = {.code = ERR_NONE};
        countdown = n;
        bool ok = use_once(&job, &err);
        passed = countdown > 0;
        countdown = 0;
        assert_true(ok || err.code != ERR_NONE);
        failed += !ok;
    }
    assert_true(passed);
    assert_true(failed > 0);
    server_stop(&server);
}

/* libcurl with allocations that can fail. The program itself never asks for that. */
static bool start_libcurl(void)
{
    static const char *const name = "curl_global_init_mem";
    void *found;
    struct error err;
    __typeof__(curl_global_init_mem) *init;
    if (!library_load("libcurl.so.4", "libcurl4", &name, 1, &found, &err))
        return false;
    memcpy(&init, &found, sizeof init);
    return init(CURL_GLOBAL_DEFAULT, failing_malloc, free, failing_realloc, failing_strdup,
                failing_calloc) == CURLE_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_in_libcurl_is_reported),
    };
    if (!start_libcurl())
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl_global_cleanup();
    return failed;
}
