/* test_serve_child.h: an emulator in a child process, over an empty memory store. */
#ifndef CFKV_TESTS_UNIT_TEST_SERVE_CHILD_H
#define CFKV_TESTS_UNIT_TEST_SERVE_CHILD_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/serve.h"
#include "store/memory.h"
#include "test_base.h"

struct child {
    pid_t pid;
    unsigned short port;
};

static volatile int stop_serving;

static inline void on_stop(int n)
{
    (void)n;
    stop_serving = 1;
}

static inline bool tell_port(void *ctx, const struct serve_ready *ready, struct error *err)
{
    int fd = *(int *)ctx;
    unsigned short port;
    (void)err;
    if (sscanf(ready->url, "http://127.0.0.1:%hu/client/v4", &port) != 1 ||
        write(fd, &port, sizeof port) != sizeof port)
        _exit(2);
    close(fd);
    return true;
}

/* Leaks end a sanitized child with another code than 0. */
static inline void child_serve(struct serve_options options, bool discard, int port_fd)
{
    struct error err;
    struct store *store = discard ? NULL : memory_store_new();
    signal(SIGTERM, on_stop);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails does not end its kit */
    options.store = store;
    options.interrupted = &stop_serving;
    options.on_ready = tell_port;
    options.ready_ctx = &port_fd;
    bool ok = serve_run(&options, &err);
    store_close(store);
    if (!ok)
        fprintf(stderr, "serve_run: %s\n", err.message);
    exit(ok ? 0 : 1);
}

/* Returns when it listens. */
static inline struct child child_start(struct serve_options options, bool discard)
{
    int ends[2];
    struct child child = {0};
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    child.pid = fork();
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        close(ends[0]);
        child_serve(options, discard, ends[1]);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &child.port, sizeof child.port), sizeof child.port);
    close(ends[0]);
    return child;
}

static inline void child_stop(const struct child *child)
{
    int status = -1;
    kill(child->pid, SIGTERM);
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    assert_int_equal(status, 0);
}

#endif
