#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#define POLL_MS  50
#define GRACE_MS 200 /* in which a new holder has written its name */
#define LOOK_MS  5

/* ---- Who holds it ---------------------------------------------------------------------------- */

/* Moves one line of `text` to `out`, cut to fit, without anything that a terminal would obey. */
static void take_line(struct bytes *text, char *out, size_t size)
{
    size_t n = 0;
    while (n < text->len && text->data[n] != '\n')
        n++;
    size_t len = n < size - 1 ? n : size - 1;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        out[i] = c >= 0x20 && c < 0x7F ? (char)c : '?';
    }
    out[len] = '\0';
    n += n < text->len;
    *text = bytes_make(text->data + n, text->len - n);
}

/* The text of a lock file: "PID\nHOST\nCOMMAND\n". */
static void read_holder(int fd, struct lock_holder *h)
{
    char data[512];
    ssize_t n = pread(fd, data, sizeof data, 0);
    struct bytes text = bytes_make(data, n > 0 ? (size_t)n : 0);
    take_line(&text, h->pid, sizeof h->pid);
    take_line(&text, h->host, sizeof h->host);
    take_line(&text, h->command, sizeof h->command);
}

/* For whoever waits; that nobody can read it is no reason not to work. */
static void write_holder(int fd, const char *path, const char *command)
{
    char host[128] = "", text[512];
    struct error ignored;
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    int n = snprintf(text, sizeof text, "%ld\n%s\n%s\n", (long)getpid(), host, command);
    if (n < 0 || ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        return;
    size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    file_write_fd(fd, path, bytes_make(text, len), &ignored);
}

/* false in the moment between taking the lock and writing the name: the text is empty, or names a
 * process of this host that was killed. */
static bool holder_is_known(const struct lock_holder *h)
{
    char host[sizeof h->host] = "";
    int64_t pid;
    if (!h->pid[0] || !text_to_int64(bytes_of(h->pid), &pid))
        return h->pid[0] != '\0';
    bool here = gethostname(host, sizeof host - 1) == 0 && strcmp(host, h->host) == 0;
    return !here || kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

static bool fail_locked(int fd, const char *what, struct error *err)
{
    struct lock_holder h;
    read_holder(fd, &h);
    if (holder_is_known(&h))
        error_set(err, ERR_LOCKED, "%s is in use by pid %s on host %s (%s)", what, h.pid, h.host,
                  h.command);
    else
        error_set(err, ERR_LOCKED, "%s is in use by another cfkv", what);
    return error_hint(err, "wait for it with --lock-timeout SECONDS");
}

/* ---- Taking it ------------------------------------------------------------------------------- */

static bool fail(const char *what, const char *path, struct error *err)
{
    char name[512];
    return error_errno(err, errno, "cannot %s lock file %s", what,
                       text_quoted(bytes_of(path), name, sizeof name));
}

/* true when the file behind `fd` is still the one at `path`: a lock on a file that somebody removed
 * keeps nobody out. */
static bool is_current(int fd, const char *path)
{
    struct stat open_file, named;
    return fstat(fd, &open_file) == 0 && stat(path, &named) == 0 &&
           open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

enum attempt { TAKEN, BUSY, STALE, FAILED };

static enum attempt try_lock(int fd, const char *path, struct error *err)
{
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return BUSY;
        if (errno == EINTR)
            continue;
        fail("take", path, err);
        return FAILED;
    }
    return is_current(fd, path) ? TAKEN : STALE;
}

static void pause_for(int64_t ms)
{
    struct timespec t = {.tv_nsec = (long)(ms < POLL_MS ? ms : POLL_MS) * 1000000L};
    nanosleep(&t, NULL); /* a signal may end it early: the caller looks again anyway */
}

struct wait {
    const char *what;
    int64_t deadline; /* on the monotonic clock, in ms */
    const volatile int *interrupted;
};

/* Waits a little; false when the wait is over. */
static bool wait_more(const struct wait *w, int fd, struct error *err)
{
    int64_t left = w->deadline - clock_monotonic_ms();
    if (w->interrupted && *w->interrupted)
        return error_set(err, ERR_INTERRUPTED, "interrupted while waiting for %s", w->what);
    if (left <= 0) {
        struct lock_holder h;
        read_holder(fd, &h);
        if (holder_is_known(&h) || left <= -GRACE_MS)
            return fail_locked(fd, w->what, err);
        left = LOOK_MS;
    }
    pause_for(left);
    return true;
}

static int open_file(const char *path, struct error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && fd <= STDERR_FILENO) {
        /* Started with a standard stream closed: what is printed must not end up in the file. */
        int low = fd;
        fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        close(low);
    }
    if (fd < 0)
        fail("open", path, err);
    if (fd < 0 || file_is_regular(fd, path, ERR_IO, err))
        return fd;
    close(fd);
    return -1;
}

/* Takes the lock on one open of the file. STALE: it must be opened anew. */
static enum attempt take(int fd, const char *path, const struct wait *w, struct error *err)
{
    enum attempt a;
    while ((a = try_lock(fd, path, err)) == BUSY)
        if (!wait_more(w, fd, err))
            return FAILED;
    return a;
}

static int64_t deadline_after(double seconds)
{
    const double most = 1e9; /* longer than anybody waits, and far from overflow */
    double ms = seconds > 0 ? (seconds < most ? seconds : most) * 1000 : 0;
    return clock_monotonic_ms() + (int64_t)ms;
}

bool lock_take(struct lock *lock, const char *path, const char *what, const char *command,
               double timeout, const volatile int *interrupted, struct error *err)
{
    struct wait w = {.what = what, .deadline = deadline_after(timeout), .interrupted = interrupted};
    enum attempt a = STALE;
    int fd = -1;
    lock->fd = -1;
    while (a == STALE) {
        if (fd >= 0)
            close(fd);
        fd = open_file(path, err);
        if (fd < 0)
            return false;
        a = take(fd, path, &w, err);
    }
    if (a == FAILED) {
        close(fd);
        return false;
    }
    write_holder(fd, path, command);
    lock->fd = fd;
    return true;
}

/* A lock can only be looked at by taking it: shared, and for a moment in which whoever wants it,
 * and finds no holder's name, waits (GRACE_MS). */
bool lock_look(const char *path, struct lock_holder *holder)
{
    *holder = (struct lock_holder){.pid = ""};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!held)
        flock(fd, LOCK_UN);
    read_holder(fd, holder);
    close(fd);
    return held;
}

void lock_drop(struct lock *lock)
{
    if (lock->fd <= STDERR_FILENO)
        return;
    /* Whoever takes it next must not be mistaken for us while it has not written its own name. */
    if (ftruncate(lock->fd, 0) == 0)
        flock(lock->fd, LOCK_UN);
    close(lock->fd);
    lock->fd = -1;
}
