#include "session_parts.h"

#include <signal.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

/* Waits at most a second for input: 1 there is some, 0 there is none yet, -1 a signal ends it.
 * Signals are let through only while it waits: one between a look at `pending` and the waiting
 * would leave it waiting. */
static int wait_a_second(const struct interrupt *interrupt)
{
    struct timespec second = {.tv_sec = 1};
    sigset_t stopping, before;
    fd_set in;
    int ready = -1;
    sigemptyset(&stopping);
    sigaddset(&stopping, SIGINT);
    sigaddset(&stopping, SIGTERM);
    sigaddset(&stopping, SIGHUP);
    sigprocmask(SIG_BLOCK, &stopping, &before);
    FD_ZERO(&in);
    FD_SET(STDIN_FILENO, &in);
    if (!interrupt->pending)
        ready = pselect(STDIN_FILENO + 1, &in, NULL, NULL, &second, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ready;
}

/* Who thinks long keeps the state's lock meanwhile. */
static bool wait_for_input(struct session *s)
{
    int ready;
    while ((ready = wait_a_second(s->interrupt)) == 0)
        session_beat(s);
    return ready > 0;
}

/* One line from the terminal, without its newline; false at the end of input or a signal. */
static bool read_line(struct session *s, char *line, size_t size)
{
    size_t n = 0;
    for (;;) {
        char c;
        if (!wait_for_input(s) || read(STDIN_FILENO, &c, 1) != 1)
            return false;
        if (c == '\n')
            break;
        if (n + 1 < size)
            line[n++] = c;
    }
    line[n] = '\0';
    return true;
}

bool session_asks(const struct session *s)
{
    return !s->options->yes && isatty(STDIN_FILENO);
}

/* "TARGET: QUESTION Only WORD is accepted: " */
static bool confirm(struct session *s, bool named, const char *question, struct bytes word,
                    struct error *err)
{
    struct buf text = {0};
    char line[256] = "";
    if (s->options->yes)
        return true;
    if (!session_asks(s)) {
        error_set(err, ERR_GUARD, "there is no terminal to ask on");
        return error_hint(err, "add --yes to go ahead without a question");
    }
    if (named)
        target_words(&s->target, &text);
    buf_addf(&text, "%s%s Only ", named ? ": " : "", question);
    text_quote(&text, word, word.len);
    buf_add_str(&text, " is accepted: ");
    output_talk(s->output, buf_bytes(&text));
    buf_release(&text);
    bool answered = read_line(s, line, sizeof line);
    if (s->lost.code) {
        *err = s->lost;
        return false;
    }
    if (s->interrupt->pending)
        return error_set(err, ERR_INTERRUPTED, "interrupted; nothing was changed");
    if (answered && bytes_equal(bytes_of(line), word))
        return true;
    return error_set(err, ERR_GUARD, "declined; nothing was changed");
}

bool session_confirm_by(struct session *s, const char *question, struct bytes word,
                        struct error *err)
{
    return confirm(s, true, question, word, err);
}

bool session_confirm_here(struct session *s, const char *question, struct error *err)
{
    return confirm(s, false, question, bytes_of("yes"), err);
}

bool session_confirm(struct session *s, const char *question, struct error *err)
{
    return session_confirm_by(s, question, bytes_of("yes"), err);
}
