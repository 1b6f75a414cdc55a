/*
 * measure.c: runs a command several times and says how long it took and how much memory it had.
 *
 *     measure RUNS BEFORE COMMAND [ARG...]
 *
 * Prints "MEDIAN_SECONDS PEAK_KIB": the median of the wall times and the largest resident set of
 * all runs. BEFORE is a shell command that is run, untimed, before each run; "" for none. The
 * command's stdout is dropped. Its stderr goes to the file that MEASURE_LOG names and is shown when
 * a run fails; then the exit code is 1.
 *
 * Lua has no clock that is fine enough, and a shell's own measuring would cost as much as what is
 * measured here.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct run {
    double seconds;
    long peak_kib;
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void redirect(int fd, const char *path, int flags)
{
    int to = open(path, flags, 0600);
    if (to < 0 || dup2(to, fd) < 0)
        _exit(127);
    close(to);
}

static _Noreturn void become(char **command)
{
    const char *log = getenv("MEASURE_LOG");
    redirect(STDIN_FILENO, "/dev/null", O_RDONLY);
    redirect(STDOUT_FILENO, "/dev/null", O_WRONLY);
    redirect(STDERR_FILENO, log ? log : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC);
    execvp(command[0], command);
    _exit(127);
}

static bool run_once(char **command, struct run *r)
{
    struct rusage usage;
    int status;
    double began = now();
    pid_t pid = fork();
    if (pid == 0)
        become(command);
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
        return false;
    *r = (struct run){now() - began, usage.ru_maxrss};
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int by_time(const void *a, const void *b)
{
    double x = ((const struct run *)a)->seconds, y = ((const struct run *)b)->seconds;
    return (x > y) - (x < y);
}

static void show_log(void)
{
    char bytes[4096];
    const char *log = getenv("MEASURE_LOG");
    FILE *f = log ? fopen(log, "r") : NULL;
    for (size_t n; f && (n = fread(bytes, 1, sizeof bytes, f)) > 0;)
        fwrite(bytes, 1, n, stderr);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    int n = argc > 3 ? atoi(argv[1]) : 0;
    struct run runs[100];
    long peak = 0;
    if (n < 1 || n > 100)
        return fprintf(stderr, "usage: measure RUNS BEFORE COMMAND [ARG...]\n"), 64;
    for (int i = 0; i < n; i++) {
        if ((argv[2][0] && system(argv[2]) != 0) || !run_once(argv + 3, &runs[i])) {
            fprintf(stderr, "measure: failed: %s %s\n", argv[3], argc > 4 ? argv[4] : "");
            show_log();
            return 1;
        }
        peak = runs[i].peak_kib > peak ? runs[i].peak_kib : peak;
    }
    qsort(runs, (size_t)n, sizeof *runs, by_time);
    double median = (runs[(n - 1) / 2].seconds + runs[n / 2].seconds) / 2;
    printf("%.6f %ld\n", median, peak);
    return 0;
}
