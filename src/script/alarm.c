#define _GNU_SOURCE 1 /* _Fork */
#include "alarm.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_USEC 500000

/* The alarm that the signal handler speaks for: a signal carries no argument, so this one pointer
 * is static. Set by alarm_start, cleared by alarm_stop. */
static struct alarm *volatile ringing;

/* ---- What the handler writes: all of it async-signal-safe ------------------------------------ */

struct alarm_sink {
    int fd;
    size_t used;
    char bytes[512];
};

static void flush(struct alarm_sink *s)
{
    for (size_t at = 0; at < s->used;) {
        ssize_t put = write(s->fd, s->bytes + at, s->used - at);
        if (put <= 0)
            break;
        at += (size_t)put;
    }
    s->used = 0;
}

static void add_char(struct alarm_sink *s, char c)
{
    if (s->used == sizeof s->bytes)
        flush(s);
    s->bytes[s->used++] = c;
}

static void add_text(struct alarm_sink *s, const char *text)
{
    while (*text)
        add_char(s, *text++);
}

static void add_number(struct alarm_sink *s, unsigned long n)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n && at);
    add_text(s, digits + at);
}

/* Inside a JSON string. */
static void add_escaped(struct alarm_sink *s, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            add_char(s, '\\');
        if (c >= 0x20) {
            add_char(s, (char)c);
            continue;
        }
        add_text(s, "\\u00");
        add_char(s, hex[c >> 4]);
        add_char(s, hex[c & 15]);
    }
}

#define HINT                                                                                       \
    "a pattern with many '.-' or '.*' can try for ever, and so can a '__call' that calls itself"

static void add_reason(struct alarm_sink *s, const struct alarm *a)
{
    add_text(s, "evaluation took longer than ");
    add_number(s, a ? a->seconds : 0);
    add_text(s, " s inside a library call");
}

static void write_text(const struct alarm *a)
{
    struct alarm_sink s = {.fd = STDERR_FILENO};
    if (a && a->file) {
        add_text(&s, a->file);
        add_char(&s, ':');
        add_number(&s, (unsigned long)a->line);
        add_text(&s, ": ");
    }
    add_text(&s, "error: ");
    add_reason(&s, a);
    add_text(&s, "\n  hint: " HINT "\n");
    flush(&s);
}

/* As diag_write_json would. */
static void write_json(const struct alarm *a)
{
    struct alarm_sink s = {.fd = STDOUT_FILENO};
    add_text(&s,
             "{\n  \"diagnostics\": [\n    {\n      \"code\": \"budget.time\",\n      \"column\": "
             "null,\n      \"file\": ");
    add_text(&s, a->file ? "\"" : "null");
    add_escaped(&s, a->file ? a->file : "");
    add_text(&s, a->file ? "\"" : "");
    add_text(&s, ",\n      \"hint\": \"" HINT "\",\n      \"line\": ");
    if (a->file)
        add_number(&s, (unsigned long)a->line);
    else
        add_text(&s, "null");
    add_text(&s, ",\n      \"message\": \"");
    add_reason(&s, a);
    add_text(&s, "\",\n      \"severity\": \"error\"\n    }\n  ]");
    add_text(&s, a->json_end);
    flush(&s);
}

static void tell(const struct alarm *a)
{
    write_text(a);
    if (a && a->json_end)
        write_json(a);
    _exit(EXIT_INVALID);
}

/* In a child: what is looked at may be half changed, and whoever looks may fall or never come back.
 * true when the child told it. */
static bool tell_looking(struct alarm *a)
{
    int status;
    pid_t child = _Fork();
    if (child == 0) {
        sigset_t all;
        sigfillset(&all);
        signal(SIGALRM, SIG_DFL);
        sigprocmask(SIG_UNBLOCK, &all, NULL);
        alarm(1);
        a->look(a->look_ctx);
        tell(a);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_INVALID;
}

static void on_alarm(int signo)
{
    (void)signo;
    if (ringing && ringing->look && tell_looking(ringing))
        _exit(EXIT_INVALID);
    tell(ringing);
}

/* ---- Setting it ------------------------------------------------------------------------------ */

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
