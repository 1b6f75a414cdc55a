#include "test_base.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static const char *program; /* this one; /proc/self/exe is valgrind's own under valgrind */
static char log_path[] = "/tmp/cfkv-fault-XXXXXX";

/* What runs in a process of its own, since the environment is read once: three points and two
 * allocations. Ends with the number of the point that failed, or 0. */
static int three_points(void)
{
    static const char *const names[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++)
        if (FAULT(names[i]))
            return errno == EIO ? i + 1 : 99;
    for (int i = 0; i < 2; i++)
        mem_free(mem_alloc(8));
    return 0;
}

static void in_child(const char *fault)
{
    setenv("CFKV_FAULT_LOG", log_path, 1);
    if (fault)
        setenv("CFKV_FAULT", fault, 1);
    execl(program, program, "three-points", (char *)NULL);
    _exit(98);
}

/* Runs three_points with CFKV_FAULT; returns wait's status. */
static int run(const char *fault)
{
    int status;
    truncate(log_path, 0) == 0 ? (void)0 : abort();
    pid_t pid = fork();
    if (pid == 0)
        in_child(fault);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void assert_exit(int status, int code)
{
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), code);
}

static void assert_log(const char *want)
{
    struct buf log = {0};
    struct error err;
    assert_true(file_read(log_path, 10000, &log, &err));
    assert_buf(&log, want);
    buf_release(&log);
}

static void without_a_fault_every_point_is_logged_and_passed(void **state)
{
    (void)state;
    assert_exit(run(NULL), 0);
    assert_log("1 one\n2 two\n3 three\nalloc 2\n");
}

static void a_failing_point_sets_eio_and_is_the_last_logged(void **state)
{
    (void)state;
    assert_exit(run("fail:2"), 2);
    assert_log("1 one\n2 two\nalloc 0\n");
}

static void a_killing_point_ends_the_process_after_its_line(void **state)
{
    (void)state;
    int status = run("kill:2");
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_log("1 one\n2 two\n");
}

static void a_failing_allocation_ends_the_process_and_leaves_points_alone(void **state)
{
    (void)state;
    assert_exit(run("alloc:2"), EXIT_FAILED);
    assert_log("1 one\n2 two\n3 three\n");
}

static void a_number_that_is_never_reached_changes_nothing(void **state)
{
    (void)state;
    assert_exit(run("fail:4"), 0);
    assert_exit(run("kill:4"), 0);
    assert_exit(run("alloc:3"), 0);
}

static void a_fault_that_cannot_be_meant_aborts(void **state)
{
    (void)state;
    static const char *const bad[] = {"boom:1", "fail:0", "fail:", "kill:x"};
    for (size_t i = 0; i < N_OF(bad); i++) {
        int status = run(bad[i]);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
    }
}

static void a_test_counts_from_now(void **state)
{
    (void)state;
    assert_false(FAULT("a"));
    fault_set(FAULT_MODE_FAIL, 2);
    assert_false(FAULT("b"));
    assert_true(FAULT("c"));
    assert_false(FAULT("d"));
    fault_set(FAULT_MODE_FAIL, 1);
    fault_set(FAULT_MODE_NONE, 0);
    assert_false(FAULT("e"));
}

static int make_log(void **state)
{
    (void)state;
    int fd = mkstemp(log_path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_log(void **state)
{
    (void)state;
    return unlink(log_path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_fault_every_point_is_logged_and_passed),
        cmocka_unit_test(a_failing_point_sets_eio_and_is_the_last_logged),
        cmocka_unit_test(a_killing_point_ends_the_process_after_its_line),
        cmocka_unit_test(a_failing_allocation_ends_the_process_and_leaves_points_alone),
        cmocka_unit_test(a_number_that_is_never_reached_changes_nothing),
        cmocka_unit_test(a_fault_that_cannot_be_meant_aborts),
        cmocka_unit_test(a_test_counts_from_now),
    };
    program = argv[0];
    if (argc > 1 && strcmp(argv[1], "three-points") == 0)
        return three_points();
    return cmocka_run_group_tests(tests, make_log, remove_log);
}
