/*
 * error.h: what went wrong, worded once.
 *
 * An error carries a code (what a caller decides on), a one-line message (no capital, no full
 * stop, no newline; the problem first, with the value) and, where there is one, a hint (what to
 * do). It is a plain value without heap storage.
 *
 * Fallible functions return bool, true for success, and take `struct error *err` last. They fill
 * it exactly when they return false. The setters below return false so that a failing path reads
 * `return error_set(err, ERR_IO, "cannot …")`. `err` is never NULL.
 */
#ifndef CFKV_BASE_ERROR_H
#define CFKV_BASE_ERROR_H

#include <stdbool.h>

enum error_code {
    ERR_NONE = 0,
    ERR_IO,          /* the operating system refused: disk full, permission, … */
    ERR_INVALID,     /* the configuration is invalid (exit 3) */
    ERR_FORMAT,      /* a file or an input does not parse or has an unknown version (exit 3) */
    ERR_ANSWER,      /* what the service says is not what it must be */
    ERR_LIMIT,       /* input beyond a documented limit */
    ERR_USAGE,       /* wrong command line (exit 64) */
    ERR_GUARD,       /* a guard refused, or the prompt was declined (exit 5) */
    ERR_STALE,       /* a saved plan no longer fits (exit 5) */
    ERR_LOCKED,      /* somebody else holds the lock (exit 75) */
    ERR_AWAY,        /* a remote state is out of reach (exit 75) */
    ERR_NOT_FOUND,   /* no such namespace, key, file, entry */
    ERR_EXISTS,      /* the title is taken (Cloudflare's 10014) */
    ERR_DENIED,      /* the credentials will not do, or there are none */
    ERR_PARTIAL,     /* some of it was done (exit 4) */
    ERR_INTERRUPTED, /* Ctrl-C (exit 130) */
    ERR_FAILED       /* anything else that failed (exit 1) */
};

struct error {
    enum error_code code;
    char message[1024]; /* longer texts are cut at a character boundary and end in "…" */
    char hint[512];     /* empty when there is none */
};

/* Exit codes are API (README). */
enum exit_code {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_DIFFERENCES = 2,
    EXIT_INVALID = 3,
    EXIT_PARTIAL = 4,
    EXIT_REFUSED = 5,
    EXIT_USAGE = 64,
    EXIT_LOCKED = 75, /* sysexits.h calls it EX_TEMPFAIL: try again */
    EXIT_INTERRUPTED = 130
};

bool error_set(struct error *err, enum error_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set, with ": " and strerror(errnum) behind. Code is ERR_NOT_FOUND for ENOENT, else
 * ERR_IO. EMFILE brings its hint along. */
bool error_errno(struct error *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The hint for a process that may not open one more file (EMFILE). */
bool error_too_many_files(struct error *err);

/* Sets the hint of an error that is already set; returns false. */
bool error_hint(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Puts "CONTEXT: " before the message of an error that is already set; returns false. */
bool error_wrap(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The process exit code that an error of this code ends in. */
enum exit_code error_exit_code(enum error_code code);

#endif
