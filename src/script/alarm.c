#include "alarm.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define GRACE_USEC 500000

/* The alarm that the signal handler speaks for: a signal carries no argument, so this one pointer
 * is static. Set by alarm_start, cleared by alarm_stop. */
static struct alarm *volatile ringing;

/* Everything below up to on_alarm is async-signal-safe. */

static size_t add_text(char *out, size_t used, size_t size, const char *s)
{
    while (*s && used < size)
        out[used++] = *s++;
    return used;
}

static size_t add_number(char *out, size_t used, size_t size, unsigned long n)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n && at);
    return add_text(out, used, size, digits + at);
}

static void on_alarm(int signo)
{
    (void)signo;
    const struct alarm *a = ringing;
    char out[1024];
    size_t n = 0;
    if (a && a->file) {
        n = add_text(out, n, sizeof out, a->file);
        n = add_text(out, n, sizeof out, ":");
        n = add_number(out, n, sizeof out, (unsigned long)a->line);
        n = add_text(out, n, sizeof out, ": ");
    }
    n = add_text(out, n, sizeof out, "error: evaluation took longer than ");
    n = add_number(out, n, sizeof out, a ? a->seconds : 0);
    n = add_text(out, n, sizeof out,
                 " s inside a library call\n"
                 "  hint: a pattern with many '.-' or '.*' can try for ever\n");
    for (size_t at = 0; at < n;) {
        ssize_t put = write(STDERR_FILENO, out + at, n - at);
        if (put <= 0)
            break;
        at += (size_t)put;
    }
    _exit(EXIT_INVALID);
}

bool alarm_start(struct alarm *a, unsigned seconds, struct error *err)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    sigemptyset(&action.sa_mask);
    a->seconds = seconds;
    ringing = a;
    if (sigaction(SIGALRM, &action, &a->old_action) != 0) {
        ringing = NULL;
        return error_errno(err, errno, "cannot catch SIGALRM");
    }
    struct itimerval timer = {{0, 0}, {(time_t)seconds, GRACE_USEC}};
    if (setitimer(ITIMER_REAL, &timer, &a->old_timer) != 0) {
        int errnum = errno;
        sigaction(SIGALRM, &a->old_action, NULL);
        ringing = NULL;
        return error_errno(err, errnum, "cannot start the wall clock");
    }
    return true;
}

void alarm_note(struct alarm *a, struct srcpos pos)
{
    if (!pos.file)
        return;
    a->file = pos.file;
    a->line = pos.line;
}

void alarm_stop(struct alarm *a)
{
    setitimer(ITIMER_REAL, &a->old_timer, NULL);
    sigaction(SIGALRM, &a->old_action, NULL);
    ringing = NULL;
}
