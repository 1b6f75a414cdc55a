/* Memory that runs out inside libcurl. */
#include <sys/wait.h>

#include "base/library.h"
#include "http/curl.h"
#include "test_http_server.h"

static const struct reply script[] = {
    {.text = "HTTP/1.1 429 x\r\nRetry-After: 0\r\nContent-Length: 11\r\n\r\n{\"errors\":0"},
    {.text = "HTTP/1.1 200 OK\r\nCF-Ray: x\r\nContent-Length: 2\r\n\r\n{}"},
};

struct job {
    unsigned short port;
    unsigned left; /* requests yet to be asked for */
    unsigned pulled, reported;
    bool wrong; /* something else than memory was named */
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
    if (!response->ok && !strstr(response->error.message, "out of memory"))
        j->wrong = true;
}

static void ignore_line(void *ctx, const char *line)
{
    (void)ctx;
    (void)line;
}

/* Opens, sends two requests (one of them twice), closes. */
static bool use_once(struct job *job)
{
    struct error err;
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
    struct http *h = http_open(&o, &err);
    bool ok = h && http_run(h, next_job, done_job, job, &err);
    http_close(h);
    return ok && job->pulled == job->reported && !job->wrong;
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

/* How a process ends in which the n-th allocation of libcurl fails. */
enum { GOT_BY = 0, EXHAUSTED = EXIT_FAILED, NEVER_CAME = 2, WRONG = 3 };

static int end_with_failure(unsigned short port, long n)
{
    int status;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct job job = {.port = port};
        bool ok = freopen("/dev/null", "w", stderr) != NULL;
        countdown = n;
        ok = use_once(&job) && ok;
        _exit(!ok ? WRONG : countdown > 0 ? NEVER_CAME : GOT_BY);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_failed_allocation_in_libcurl_ends_the_process(void **state)
{
    (void)state;
    struct server server;
    server_start(&server, SCRIPT(script));
    unsigned ended = 0;
    int end = GOT_BY;
    for (long n = 1; end != NEVER_CAME && n < 5000; n++) {
        end = end_with_failure(server.port, n);
        assert_int_not_equal(end, WRONG);
        ended += end == EXHAUSTED;
    }
    assert_int_equal(end, NEVER_CAME);
    assert_true(ended > 0);
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
        cmocka_unit_test(a_failed_allocation_in_libcurl_ends_the_process),
    };
    if (!start_libcurl())
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    curl()->global_cleanup();
    return failed;
}
