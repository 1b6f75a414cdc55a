/*
 * alarm.h: the wall clock above everything else.
 *
 * The count hook does not see C code: a pattern that never ends would run for ever. When the time
 * is up and the hook has not ended the evaluation, SIGALRM writes FILE:LINE and the reason to
 * stderr, with `json_end` a JSON document of the same to stdout, and ends the process with
 * EXIT_INVALID. The handler formats by hand and calls only write and _exit, because the interrupted
 * code may be anything; where user code is right now is looked at in a child process, and where it
 * was last seen is told when that does not come back.
 *
 * One alarm at a time in a process: the handler finds it through the only static variable of the
 * script layer.
 */
#ifndef CFKV_SCRIPT_ALARM_H
#define CFKV_SCRIPT_ALARM_H

#include <signal.h>
#include <sys/time.h>

#include "base/error.h"
#include "model/diag.h"

struct alarm {
    /* Where user code was last seen. Read by the handler: a file and a line that do not belong
     * together cost nothing worse than an odd message. */
    const char *volatile file;
    volatile sig_atomic_t line;
    unsigned seconds;        /* the budget, for the message */
    const char *json_end;    /* script.h's; NULL: no document */
    void (*look)(void *ctx); /* notes where user code is; NULL: nobody can tell */
    void *look_ctx;
    struct sigaction old_action;
    struct itimerval old_timer;
};

/* Fires `seconds` plus half a second from now: the hook, which ends a run with a proper diagnostic,
 * comes first whenever it can. Nothing runs after a failure. */
bool alarm_start(struct alarm *a, unsigned seconds, struct error *err);

/* Remembers where user code is. `pos.file` must outlive the alarm. */
void alarm_note(struct alarm *a, struct srcpos pos);

/* Restores the timer and the handler that alarm_start found. */
void alarm_stop(struct alarm *a);

#endif
