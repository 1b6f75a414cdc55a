/*
 * host_text.c: a module of the host state as a filter, for tests of what it makes of views that no
 * run of the program would bring about.
 *
 *     host_text MODULE <CALLS >TEXT
 *
 * A line of CALLS is a function and its view: "open {…}".
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "host/host.h"

#define CALLS_MAX ((size_t)256 << 20)

static bool call_all(struct host *host, struct bytes calls, struct buf *out, struct error *err)
{
    struct diag_list problems = {0};
    char function[32];
    bool ok = true;
    while (ok && calls.len > 0) {
        const char *end = memchr(calls.data, '\n', calls.len);
        struct bytes line = bytes_make(calls.data, end ? (size_t)(end - calls.data) : calls.len);
        const char *blank = memchr(line.data, ' ', line.len);
        size_t n = blank ? (size_t)(blank - line.data) : line.len;
        if (!blank || n >= sizeof function)
            return error_set(err, ERR_USAGE, "a function and its view are expected");
        snprintf(function, sizeof function, "%.*s", (int)n, line.data);
        ok =
            host_call(host, function, bytes_make(blank + 1, line.len - n - 1), &problems, out, err);
        n = line.len + (end != NULL);
        calls = bytes_make(calls.data + n, calls.len - n);
    }
    diag_release(&problems);
    return ok;
}

int main(int argc, char **argv)
{
    struct buf calls = {0}, out = {0};
    struct error err = {0};
    struct host *host = argc == 2 ? host_open(argv[1], &err) : NULL;
    bool ok = host && file_read_fd(STDIN_FILENO, "standard input", CALLS_MAX, &calls, &err) &&
              call_all(host, buf_bytes(&calls), &out, &err);
    if (ok)
        ok = fwrite(out.data ? out.data : "", 1, out.len, stdout) == out.len;
    else
        fprintf(stderr, "%s\n", err.message);
    host_close(host);
    buf_release(&calls);
    buf_release(&out);
    return ok ? 0 : 1;
}
