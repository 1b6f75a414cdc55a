/*
 * main.c: from the operating system to cli_main and back: signals, standard descriptors, exit code.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/interrupt.h"

static struct interrupt interrupt; /* the only global: a signal handler gets no argument */

static void on_signal(int signal)
{
    /* A terminal that closes often sends two: one from the kernel, one from the shell. */
    if (signal == SIGHUP && interrupt.pending)
        return;
    if (!interrupt.graceful || interrupt.pending)
        _exit(EXIT_INTERRUPTED);
    interrupt.pending = 1;
}

/* No SA_RESTART: the first Ctrl-C also ends a read from the terminal. SIGPIPE and SIGXFSZ would end
 * an apply half-way; the write that raised them fails instead, and is reported. */
static void set_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal}, before;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* Whoever was started by nohup is to outlive its terminal. */
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

/* A standard descriptor that is closed is filled with one that can do nothing, so that no file
 * opened later takes its number and gets what was meant for the terminal. Writing to it fails,
 * which tells that stdout was closed. */
static void fill_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    fill_descriptors();
    set_signals();
    return (int)cli_main(argc, argv, &interrupt);
}
