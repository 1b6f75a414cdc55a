/* One writer at a time. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test_base.h"

#include "base/file.h"
#include "state/lock.h"

struct folder {
    char path[64], file[80];
};

static int enter_folder(void **state)
{
    static struct folder f;
    snprintf(f.path, sizeof f.path, "/tmp/cfkv-lock-XXXXXX");
    if (!mkdtemp(f.path))
        return -1;
    snprintf(f.file, sizeof f.file, "%s/kv.lock", f.path);
    *state = &f;
    return 0;
}

static int leave_folder(void **state)
{
    struct folder *f = *state;
    unlink(f->file);
    return rmdir(f->path);
}

static bool take(struct lock *lock, const struct folder *f, double timeout, struct error *err)
{
    return lock_take(lock, f->file, "'kv.state.json'", "cfkv apply", timeout, NULL, err);
}

static void a_second_taker_is_told_who_holds_it(void **state)
{
    const struct folder *f = *state;
    struct lock one, two;
    struct error err;
    char host[128] = "", want[512];
    gethostname(host, sizeof host - 1);
    assert_true(take(&one, f, 0, &err));
    assert_false(take(&two, f, 0, &err));
    snprintf(want, sizeof want, "'kv.state.json' is in use by pid %ld on host %s (cfkv apply)",
             (long)getpid(), host);
    assert_int_equal(err.code, ERR_LOCKED);
    assert_string_equal(err.message, want);
    assert_non_null(strstr(err.hint, "--lock-timeout"));
    assert_int_equal(two.fd, -1);
    lock_drop(&one);
    assert_true(take(&two, f, 0, &err));
    lock_drop(&two);
}

static void it_waits_no_longer_than_it_was_told(void **state)
{
    const struct folder *f = *state;
    struct lock one, two;
    struct error err;
    assert_true(take(&one, f, 0, &err));
    assert_false(take(&two, f, 0.06, &err));
    assert_int_equal(err.code, ERR_LOCKED);
    lock_drop(&one);
}

static void whoever_waits_gets_it_when_it_is_dropped(void **state)
{
    const struct folder *f = *state;
    struct lock one;
    struct error err;
    int status;
    assert_true(take(&one, f, 0, &err));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct lock two;
        close(one.fd);
        _exit(take(&two, f, 5, &err) ? 0 : 1);
    }
    lock_drop(&one);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void an_interrupt_ends_the_wait(void **state)
{
    const struct folder *f = *state;
    struct lock one, two;
    struct error err;
    volatile int interrupted = 1;
    assert_true(take(&one, f, 0, &err));
    assert_false(lock_take(&two, f->file, "it", "cfkv apply", 60, &interrupted, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    lock_drop(&one);
}

static void a_killed_holder_leaves_no_lock(void **state)
{
    const struct folder *f = *state;
    struct lock lock;
    struct error err;
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (take(&lock, f, 0, &err))
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_true(take(&lock, f, 0, &err));
    lock_drop(&lock);
}

static void the_file_stays_and_is_private(void **state)
{
    const struct folder *f = *state;
    struct lock lock;
    struct error err;
    struct stat st;
    assert_true(take(&lock, f, 0, &err));
    lock_drop(&lock);
    assert_int_equal(stat(f->file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, 0);
}

static void what_a_stranger_wrote_cannot_forge_the_message(void **state)
{
    const struct folder *f = *state;
    static const char text[] = "1\x1b[2J\nhost\n\x1b]0;x\a\n";
    struct lock one, two;
    struct error err;
    assert_true(take(&one, f, 0, &err));
    int fd = open(f->file, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    assert_false(take(&two, f, 0, &err));
    assert_string_equal(err.message,
                        "'kv.state.json' is in use by pid 1?[2J on host host (?]0;x?)");
    assert_int_equal(ftruncate(one.fd, 0), 0);
    assert_false(take(&two, f, 0, &err));
    assert_string_equal(err.message, "'kv.state.json' is in use by another cfkv");
    lock_drop(&one);
}

static void a_lock_file_that_was_removed_is_made_again(void **state)
{
    const struct folder *f = *state;
    struct lock one, two, three;
    struct error err;
    assert_true(take(&one, f, 0, &err));
    assert_int_equal(unlink(f->file), 0);
    assert_true(take(&two, f, 0, &err));
    assert_false(take(&three, f, 0, &err));
    lock_drop(&one);
    lock_drop(&two);
}

static void a_link_is_not_followed(void **state)
{
    const struct folder *f = *state;
    struct lock lock;
    struct error err;
    assert_int_equal(symlink("/tmp/cfkv-lock-elsewhere", f->file), 0);
    assert_false(take(&lock, f, 0, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_false(file_exists("/tmp/cfkv-lock-elsewhere"));
}

static void dropping_what_is_not_held_is_fine(void **state)
{
    struct lock never = {-1}, zeroed = {0};
    (void)state;
    lock_drop(&never);
    lock_drop(&zeroed);
    assert_int_not_equal(fcntl(0, F_GETFD), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_folder, leave_folder)
    const struct CMUnitTest tests[] = {
        TEST(a_second_taker_is_told_who_holds_it),
        TEST(it_waits_no_longer_than_it_was_told),
        TEST(whoever_waits_gets_it_when_it_is_dropped),
        TEST(an_interrupt_ends_the_wait),
        TEST(a_killed_holder_leaves_no_lock),
        TEST(the_file_stays_and_is_private),
        TEST(what_a_stranger_wrote_cannot_forge_the_message),
        TEST(a_lock_file_that_was_removed_is_made_again),
        TEST(a_link_is_not_followed),
        TEST(dropping_what_is_not_held_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
