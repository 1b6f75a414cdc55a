#include "output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "host/host.h"

struct output_line {
    bool live;
    bool drawn;
};

static bool is_clever(int fd)
{
    const char *term = getenv("TERM");
    return term && *term && strcmp(term, "dumb") != 0 && isatty(fd);
}

static bool wants_color(int fd, const struct options *options)
{
    const char *no_color = getenv("NO_COLOR");
    return !options->no_color && !(no_color && *no_color) && is_clever(fd);
}

void output_init(struct output *o, const struct options *options)
{
    struct output_line *line = mem_zalloc(1, sizeof *line);
    line->live = !options->quiet && is_clever(STDERR_FILENO);
    *o = (struct output){
        .data = options->json,
        .color_out = wants_color(STDOUT_FILENO, options),
        .color_err = wants_color(STDERR_FILENO, options),
        .quiet = options->quiet,
        .verbose = options->verbose,
        .line = line,
    };
}

/* Not file_write_fd: stdout is no place where tests break the program (fault.h). */
static bool write_all(struct bytes data, struct error *err)
{
    while (data.len > 0) {
        ssize_t n = write(STDOUT_FILENO, data.data, data.len);
        if (n < 0 && errno != EINTR)
            return error_errno(err, errno, "cannot write to stdout");
        if (n > 0)
            data = bytes_make(data.data + n, data.len - (size_t)n);
    }
    return true;
}

static bool write_shown(struct bytes text, struct error *err)
{
    struct buf shown = {0};
    text_show(&shown, text);
    bool ok = write_all(buf_bytes(&shown), err);
    buf_release(&shown);
    return ok;
}

bool output_flush(struct output *o, struct error *err)
{
    struct bytes out = buf_bytes(&o->out);
    bool ok = true;
    if (out.len > 0) {
        output_undraw(o);
        ok = o->data || text_is_plain(out) ? write_all(out, err) : write_shown(out, err);
        o->wrote = true;
    }
    buf_clear(&o->out);
    return ok;
}

bool output_flush_styled(struct output *o, struct error *err)
{
    bool data = o->data;
    o->data = true;
    bool ok = output_flush(o, err);
    o->data = data;
    return ok;
}

bool output_end(struct output *o, struct error *err)
{
    bool ok = output_flush(o, err);
    output_undraw(o);
    mem_free(o->line);
    o->line = NULL;
    buf_release(&o->out);
    if (close(STDOUT_FILENO) != 0 && ok && o->wrote)
        ok = error_errno(err, errno, "cannot write to stdout");
    return ok;
}

/* ---- The line that is drawn anew ------------------------------------------------------------- */

bool output_is_live(const struct output *o)
{
    return o->line && o->line->live;
}

static size_t terminal_width(void)
{
    struct winsize size = {0};
    bool told = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return told ? size.ws_col : 80;
}

void output_draw(const struct output *o, struct bytes text)
{
    struct buf shown = {0};
    size_t most = terminal_width() - 1; /* a full line would scroll */
    if (!output_is_live(o))
        return;
    text_show(&shown, text);
    struct bytes line = buf_bytes(&shown);
    while (text_columns(line) > most)
        do
            line.len--;
        while (line.len > 0 && ((unsigned char)line.data[line.len] & 0xc0) == 0x80);
    fprintf(stderr, "\r%.*s\033[K", BYTES_FMT(line));
    fflush(stderr);
    o->line->drawn = true;
    buf_release(&shown);
}

void output_undraw(const struct output *o)
{
    if (!o->line || !o->line->drawn)
        return;
    fputs("\r\033[K", stderr);
    o->line->drawn = false;
}

/* ---- Messages -------------------------------------------------------------------------------- */

/* Nothing is shown raw. */
static void show_on_stderr(const char *before, struct bytes text)
{
    struct buf shown = {0};
    text_show(&shown, text);
    fputs(before, stderr);
    if (shown.len > 0)
        fwrite(shown.data, 1, shown.len, stderr);
    buf_release(&shown);
}

static void say(const struct output *o, const char *message, const char *hint)
{
    output_undraw(o);
    show_on_stderr(o->color_err ? "\033[1mcfkv:\033[0m " : "cfkv: ", bytes_of(message));
    if (hint && *hint)
        show_on_stderr("\n  hint: ", bytes_of(hint));
    fputc('\n', stderr);
}

void output_talk(const struct output *o, struct bytes text)
{
    output_undraw(o);
    show_on_stderr("", text);
}

void output_error(const struct output *o, const struct error *err)
{
    say(o, err->message, err->hint);
}

void output_note(const struct output *o, const char *fmt, ...)
{
    if (o->quiet)
        return;
    char message[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    say(o, message, NULL);
}

void output_diagnostics(const struct output *o, const struct diag_list *diags)
{
    if (o->quiet && diags->errors == 0)
        return;
    struct buf text = {0};
    diag_write_text(diags, &text);
    if (text.len > 0)
        output_talk(o, buf_bytes(&text));
    buf_release(&text);
}

bool output_text(struct output *o, const char *module, const char *function, struct buf *document,
                 struct error *err)
{
    struct diag_list problems = {0};
    bool ok = host_text(module, function, buf_bytes(document), &problems, &o->out, err);
    output_diagnostics(o, &problems);
    diag_release(&problems);
    buf_release(document);
    return ok;
}

bool output_document(struct output *o, bool json, const char *module, const char *function,
                     struct buf *document, struct error *err)
{
    if (!json)
        return output_text(o, module, function, document, err);
    buf_add_bytes(&o->out, buf_bytes(document));
    buf_release(document);
    return true;
}
