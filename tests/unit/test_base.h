/* test_base.h: what every unit test of src/base starts with. */
#ifndef CFKV_TESTS_UNIT_TEST_BASE_H
#define CFKV_TESTS_UNIT_TEST_BASE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/fault.h"

#define TEXT(literal) bytes_make("" literal, sizeof(literal) - 1)
#define N_OF(array)   (sizeof(array) / sizeof *(array))

static inline void assert_bytes(struct bytes got, struct bytes want)
{
    assert_int_equal(got.len, want.len);
    if (want.len > 0)
        assert_memory_equal(got.data, want.data, want.len);
}

static inline void assert_buf(const struct buf *b, const char *want)
{
    assert_string_equal(b->data ? b->data : "", want);
    assert_int_equal(b->len, strlen(want));
}

/* For tests that something is not quadratic: minutes when it is, so the bound can be generous. */
static inline void assert_cpu_seconds_below(clock_t start, int seconds)
{
    assert_true((clock() - start) / CLOCKS_PER_SEC < seconds);
}

/* How a child that runs `body` ended; what it wrote to stderr lies in `said`. */
static inline int ends(void (*body)(void), char *said, size_t size)
{
    int pipes[2], status = 0;
    size_t len = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        body();
        _exit(0);
    }
    close(pipes[1]);
    for (ssize_t n; (n = read(pipes[0], said + len, size - 1 - len)) > 0;)
        len += (size_t)n;
    said[len] = '\0';
    close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* `body` asks for more memory than there is: the process says so and ends. */
static inline void assert_out_of_memory(void (*body)(void))
{
    char said[200];
    assert_int_equal(ends(body, said, sizeof said), 1);
    assert_string_equal(said, "cfkv: out of memory\n");
}

#endif
