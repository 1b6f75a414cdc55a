#include "fault.h"

#ifdef CFKV_FAULTS

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The only static state of the program, and only in test builds. */
static struct {
    bool ready;
    enum fault_mode mode;
    uint64_t at; /* counts from 1; 0: never */
    uint64_t points;
    uint64_t allocs;
    const char *log;
} faults;

/* Opened anew for each line, so that SIGKILL loses none; a log that cannot be written is a broken
 * test, not a reason to change what the program does. */
static void log_line(uint64_t n, const char *name)
{
    char line[256];
    int len = name ? snprintf(line, sizeof line, "%llu %s\n", (unsigned long long)n, name)
                   : snprintf(line, sizeof line, "alloc %llu\n", (unsigned long long)n);
    int fd = open(faults.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    if (len > 0 && write(fd, line, (size_t)len) < 0)
        perror(faults.log);
    close(fd);
}

static void log_allocs(void)
{
    log_line(faults.allocs, NULL);
}

static enum fault_mode mode_named(const char *name, size_t len)
{
    if (len == 4 && memcmp(name, "kill", 4) == 0)
        return FAULT_MODE_KILL;
    if (len == 4 && memcmp(name, "fail", 4) == 0)
        return FAULT_MODE_FAIL;
    if (len == 5 && memcmp(name, "alloc", 5) == 0)
        return FAULT_MODE_ALLOC;
    return FAULT_MODE_NONE;
}

/* A misspelt CFKV_FAULT would make a test pass that tests nothing. */
static void read_environment(void)
{
    faults.ready = true;
    const char *what = getenv("CFKV_FAULT");
    const char *colon = what ? strchr(what, ':') : NULL;
    if (colon) {
        faults.mode = mode_named(what, (size_t)(colon - what));
        faults.at = strtoull(colon + 1, NULL, 10);
    }
    if (what && *what && (faults.mode == FAULT_MODE_NONE || faults.at == 0)) {
        fprintf(stderr, "invalid CFKV_FAULT '%s'\n", what);
        abort();
    }
    const char *log = getenv("CFKV_FAULT_LOG");
    if (log && *log && atexit(log_allocs) == 0)
        faults.log = log;
}

bool fault_point(const char *name)
{
    if (!faults.ready)
        read_environment();
    uint64_t n = ++faults.points;
    int saved = errno;
    if (faults.log)
        log_line(n, name);
    errno = saved;
    if (n != faults.at)
        return false;
    if (faults.mode == FAULT_MODE_KILL)
        kill(getpid(), SIGKILL);
    if (faults.mode != FAULT_MODE_FAIL)
        return false;
    errno = EIO;
    return true;
}

bool fault_alloc(void)
{
    if (!faults.ready)
        read_environment();
    return ++faults.allocs == faults.at && faults.mode == FAULT_MODE_ALLOC;
}

void fault_set(enum fault_mode mode, uint64_t n)
{
    if (!faults.ready)
        read_environment();
    uint64_t passed = mode == FAULT_MODE_ALLOC ? faults.allocs : faults.points;
    faults.mode = mode;
    faults.at = n == 0 ? 0 : passed + n;
}

#else

/* ISO C wants a translation unit to declare something. */
typedef int fault_none;

#endif
