/*
 * launch.c: runs a program for a spec, with an environment of its own and for a limited time.
 *
 *     launch SECONDS [NAME=VALUE…] -- PROGRAM [ARGS…]
 *
 * Ends as the program ends, with 128 + N when signal N ended it, and with 124 when it was still at
 * work behind SECONDS: it gets SIGTERM then, and SIGKILL two seconds later. What `env -i timeout
 * --foreground -k 2` does in two programs more, for each of the thousands of runs of the tests.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE     2.0 /* seconds between SIGTERM and SIGKILL */
#define TIMED_OUT 124

extern char **environ;

/* Takes the place of this process. */
static void become(char **env, char **program, const sigset_t *mask)
{
    environ = env;
    sigprocmask(SIG_SETMASK, mask, NULL);
    execvp(program[0], program);
    perror(program[0]);
    _exit(errno == ENOENT ? 127 : 126);
}

/* true: the child has ended; false: `seconds` went by. */
static bool ends_within(pid_t child, double seconds, const sigset_t *sigchld, int *status)
{
    struct timespec wait = {.tv_sec = (time_t)seconds};
    wait.tv_nsec = (long)((seconds - (double)wait.tv_sec) * 1e9);
    while (waitpid(child, status, WNOHANG) == 0)
        if (sigtimedwait(sigchld, NULL, &wait) < 0 && errno == EAGAIN)
            return waitpid(child, status, WNOHANG) != 0;
    return true;
}

int main(int argc, char **argv)
{
    int status = 0, dashes = 2;
    while (dashes < argc && strcmp(argv[dashes], "--") != 0)
        dashes++;
    if (dashes + 1 >= argc) {
        fputs("usage: launch SECONDS [NAME=VALUE...] -- PROGRAM [ARGS...]\n", stderr);
        return 64;
    }
    argv[dashes] = NULL; /* ends the environment */
    sigset_t sigchld, before;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &sigchld, &before);
    pid_t child = fork();
    if (child < 0) {
        perror("launch");
        return 125;
    }
    if (child == 0)
        become(argv + 2, argv + dashes + 1, &before);
    /* What the whole group gets is the program's to answer. */
    for (const int *s = (const int[]){SIGINT, SIGTERM, SIGHUP, SIGQUIT, 0}; *s; s++)
        signal(*s, SIG_IGN);
    if (!ends_within(child, strtod(argv[1], NULL), &sigchld, &status)) {
        kill(child, SIGTERM);
        if (!ends_within(child, GRACE, &sigchld, &status)) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
        }
        return TIMED_OUT;
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
