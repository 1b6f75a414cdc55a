#include "output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"

static bool wants_color(int fd, const struct options *options)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return !options->no_color && !(no_color && *no_color) && term && *term &&
           strcmp(term, "dumb") != 0 && isatty(fd);
}

void output_init(struct output *o, const struct options *options)
{
    *o = (struct output){
        .color_out = wants_color(STDOUT_FILENO, options),
        .color_err = wants_color(STDERR_FILENO, options),
        .quiet = options->quiet,
        .verbose = options->verbose,
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

bool output_flush(struct output *o, struct error *err)
{
    bool ok = buf_ok(&o->out, err);
    if (ok && o->out.len > 0) {
        ok = write_all(buf_bytes(&o->out), err);
        o->wrote = true;
    }
    buf_clear(&o->out);
    return ok;
}

bool output_end(struct output *o, struct error *err)
{
    bool ok = output_flush(o, err);
    buf_release(&o->out);
    if (close(STDOUT_FILENO) != 0 && ok && o->wrote)
        ok = error_errno(err, errno, "cannot write to stdout");
    return ok;
}

/* C1 control characters are two bytes of UTF-8, of which the first is 0xC2. */
static bool is_plain(struct bytes name)
{
    if (!utf8_valid(name) || (name.len > 0 && name.data[0] == '"'))
        return false;
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)name.data[i + 1] < 0xa0))
            return false;
    }
    return true;
}

void output_name(struct buf *out, struct bytes name)
{
    struct json_writer w = json_writer_to(out, 0);
    if (is_plain(name))
        buf_add_bytes(out, name);
    else
        json_string(&w, name);
}

static void say(const struct output *o, const char *message, const char *hint)
{
    const char *bold = o->color_err ? "\033[1m" : "";
    const char *plain = o->color_err ? "\033[0m" : "";
    fprintf(stderr, "%scfkv:%s %s\n", bold, plain, message);
    if (hint && *hint)
        fprintf(stderr, "  hint: %s\n", hint);
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
    if (diag_write_text(diags, &text) && text.len > 0)
        fwrite(text.data, 1, text.len, stderr);
    buf_release(&text);
}
