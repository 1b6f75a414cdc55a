#define _GNU_SOURCE 1 /* pipe2 */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "clock.h"

#define ENV_MAX   16
#define SECOND_MS 1000
/* What a child of posix_spawn may end with when there was nothing to run (POSIX). */
#define NOT_RUN 127

static void make_env(const struct spawn *s, struct arena *arena, char *env[ENV_MAX + 1])
{
    static const char *const passed[] = {"PATH", "HOME", "XDG_CONFIG_HOME"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
        const char *value = getenv(passed[i]);
        if (value)
            env[n++] = arena_printf(arena, "%s=%s", passed[i], value);
    }
    for (size_t i = 0; s->env && s->env[i] && n < ENV_MAX; i++)
        env[n++] = arena_str(arena, s->env[i]);
    env[n] = NULL;
}

static bool fail(const struct spawn *s, int errnum, struct error *err)
{
    return error_errno(err, errnum, "cannot run '%s'", s->argv[0]);
}

/* `fd` becomes its stdout. It starts with the signals of a program that nobody has changed. */
static int start(const struct spawn *s, int fd, pid_t *pid)
{
    struct arena arena = {0};
    char *env[ENV_MAX + 1];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    if (!s->own)
        make_env(s, &arena, env);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
    if (!s->own)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    int errnum =
        posix_spawnp(pid, s->argv[0], &actions, &attributes, (char *const *)(uintptr_t)s->argv,
                     s->own ? (char *const *)(uintptr_t)s->env : env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    arena_release(&arena);
    return errnum;
}

/* Reads up to the end of its output; false when that does not come in time. */
static bool collect(const struct spawn *s, int fd, struct buf *out)
{
    unsigned second_ms = s->second_ms ? s->second_ms : SECOND_MS;
    int64_t deadline = clock_monotonic_ms() + (int64_t)s->seconds * second_ms;
    size_t taken = 0;
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = deadline - clock_monotonic_ms();
        char block[4096];
        if (left <= 0)
            return false;
        if (poll(&p, 1, (int)left) <= 0)
            continue;
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return true;
        size_t room = SPAWN_OUTPUT_MAX - taken;
        size_t used = (size_t)n < room ? (size_t)n : room;
        buf_add(out, block, used);
        taken += used;
    }
}

bool spawn_run(const struct spawn *s, struct buf *out, int *exit_code, struct error *err)
{
    int fds[2], status = 0;
    pid_t pid;
    if (pipe2(fds, O_CLOEXEC) != 0)
        return fail(s, errno, err);
    int errnum = start(s, fds[1], &pid);
    close(fds[1]);
    if (errnum != 0) {
        close(fds[0]);
        return fail(s, errnum, err);
    }
    bool ended = collect(s, fds[0], out);
    close(fds[0]);
    if (!ended)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (!ended)
        return error_set(err, ERR_FAILED, "'%s' did not end within %u seconds", s->argv[0],
                         s->seconds);
    if (!WIFEXITED(status))
        return error_set(err, ERR_FAILED, "'%s' was ended by a signal", s->argv[0]);
    if (WEXITSTATUS(status) == NOT_RUN)
        return fail(s, ENOENT, err);
    *exit_code = WEXITSTATUS(status);
    return true;
}
