#include "output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/ci.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "host/host.h"
#include "model/excerpt.h"

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
        .json = options->json,
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

/* ---- Under GitHub Actions -------------------------------------------------------------------- */

void output_guard(struct output *o, bool annotate)
{
    o->guarded = annotate || ci_in_actions();
}

/* The region begins with the first text. A token that nobody can know ends it. */
static bool stop_commands(struct output *o, struct error *err)
{
    unsigned char random[16];
    struct buf line = {0};
    if (!o->guarded || o->token.len > 0 || !hash_random(random, sizeof random))
        return true;
    buf_add_hex(&o->token, random, sizeof random);
    buf_addf(&line, "::stop-commands::%s\n", o->token.data);
    bool ok = write_all(buf_bytes(&line), err);
    buf_release(&line);
    return ok;
}

static bool end_guard(struct output *o, struct error *err)
{
    struct buf lines = {0};
    if (o->token.len > 0)
        buf_addf(&lines, "::%s::\n", o->token.data);
    buf_add_bytes(&lines, buf_bytes(&o->annotations));
    bool ok = write_all(buf_bytes(&lines), err);
    o->wrote = o->wrote || lines.len > 0;
    buf_release(&lines);
    buf_release(&o->token);
    buf_release(&o->annotations);
    return ok;
}

/* "##[" stands only inside of strings, where it may be written like this. What may be the beginning
 * of one at the end of a piece waits for the next. */
static bool write_json(struct output *o, bool last, struct error *err)
{
    static const struct bytes command = {"##[", 3};
    struct bytes rest = buf_bytes(&o->out);
    struct buf text = {0};
    size_t held = 0;
    for (const char *at; rest.len > 0 && (at = memchr(rest.data, '#', rest.len));) {
        size_t before = (size_t)(at - rest.data);
        struct bytes found = bytes_make(at, rest.len - before);
        bool whole = bytes_starts_with(found, command);
        buf_add(&text, rest.data, before);
        if (!last && found.len < command.len && bytes_starts_with(command, found)) {
            held = found.len;
            rest.len = 0;
            break;
        }
        buf_add_str(&text, whole ? "\\u0023" : "#");
        rest = bytes_make(at + 1, found.len - 1);
    }
    buf_add_bytes(&text, rest);
    bool ok = write_all(buf_bytes(&text), err);
    buf_release(&text);
    buf_clear(&o->out);
    buf_add(&o->out, command.data, held);
    return ok;
}

/* ---- Results --------------------------------------------------------------------------------- */

static bool write_people(struct output *o, bool styled, struct error *err)
{
    struct buf shown = {0};
    if (styled)
        ci_show_styled(&shown, buf_bytes(&o->out));
    else if (o->guarded)
        ci_show(&shown, buf_bytes(&o->out));
    else
        text_show(&shown, buf_bytes(&o->out));
    bool ok = stop_commands(o, err) && write_all(buf_bytes(&shown), err);
    buf_release(&shown);
    buf_clear(&o->out);
    return ok;
}

static bool flush(struct output *o, bool last, struct error *err)
{
    bool ok;
    if (o->out.len == 0)
        return true;
    o->wrote = true;
    output_undraw(o);
    if (!o->data)
        return write_people(o, false, err);
    if (o->json && ci_in_actions())
        return write_json(o, last, err);
    ok = write_all(buf_bytes(&o->out), err);
    buf_clear(&o->out);
    return ok;
}

bool output_flush(struct output *o, struct error *err)
{
    return flush(o, false, err);
}

bool output_flush_styled(struct output *o, struct error *err)
{
    if (o->out.len == 0)
        return true;
    o->wrote = true;
    output_undraw(o);
    return write_people(o, true, err);
}

bool output_end(struct output *o, struct error *err)
{
    bool ok = flush(o, true, err);
    ok = end_guard(o, ok ? err : &(struct error){0}) && ok;
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

#define WIDTH     80
#define WIDTH_MIN 20
#define WIDTH_MAX 1000

unsigned output_width(int fd)
{
    struct winsize size = {0};
    int64_t columns = WIDTH;
    const char *set = getenv("COLUMNS");
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        columns = size.ws_col;
    else if (!set || !text_to_int64(bytes_of(set), &columns))
        columns = WIDTH;
    return columns < WIDTH_MIN ? WIDTH_MIN : columns > WIDTH_MAX ? WIDTH_MAX : (unsigned)columns;
}

void output_draw(const struct output *o, struct bytes text)
{
    struct buf shown = {0};
    size_t most = output_width(STDERR_FILENO) - 1; /* a full line would scroll */
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

/* Of the lines of a file that are shown below a message; 0: they are not. */
static size_t excerpt_width(const struct output *o)
{
    return o->quiet ? 0 : output_width(STDERR_FILENO);
}

static void say_name(const struct output *o)
{
    output_undraw(o);
    fputs(o->color_err ? "\033[1mcfkv:\033[0m " : "cfkv: ", stderr);
}

/* `shown`: lines that stand between. */
static void say(const struct output *o, const char *message, struct bytes shown, const char *hint)
{
    say_name(o);
    ci_tell(bytes_of(message));
    fputc('\n', stderr);
    ci_tell(shown);
    if (!hint || !*hint)
        return;
    fputs("  hint: ", stderr);
    ci_tell(bytes_of(hint));
    fputc('\n', stderr);
}

void output_talk(const struct output *o, struct bytes text)
{
    output_undraw(o);
    ci_tell(text);
}

void output_talk_styled(const struct output *o, struct bytes text)
{
    struct buf shown = {0};
    output_undraw(o);
    ci_show_styled(&shown, text);
    fwrite(shown.data ? shown.data : "", 1, shown.len, stderr);
    buf_release(&shown);
}

void output_error(const struct output *o, const struct error *err)
{
    say(o, err->message, bytes_make(NULL, 0), err->hint);
}

void output_error_at(const struct output *o, const struct error *err, const struct spot *spot)
{
    struct buf shown = {0};
    excerpt_add(spot, excerpt_width(o), &shown);
    say(o, err->message, buf_bytes(&shown), err->hint);
    buf_release(&shown);
}

void output_refusal(const struct output *o, const char *prefix, const struct diag_group *refusals)
{
    struct buf text = {0};
    buf_addf(&text, "%s: %s\n", prefix, refusals->first->message);
    diag_group_write_rest(refusals, &text);
    say_name(o);
    ci_tell(buf_bytes(&text));
    buf_release(&text);
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
    say(o, message, bytes_make(NULL, 0), NULL);
}

static void tell_diagnostics(const struct output *o, const struct diag_list *diags, bool all)
{
    if (o->quiet && diags->errors == 0)
        return;
    struct buf text = {0};
    diag_write_text(diags, all, excerpt_width(o), &text);
    if (text.len > 0)
        output_talk(o, buf_bytes(&text));
    buf_release(&text);
}

void output_diagnostics(const struct output *o, const struct diag_list *diags)
{
    tell_diagnostics(o, diags, o->verbose);
}

void output_problems(const struct output *o, const struct diag_list *diags)
{
    tell_diagnostics(o, diags, true);
}

bool output_text(struct output *o, const char *module, const char *function, struct buf *document,
                 struct error *err)
{
    struct diag_list problems = {0};
    bool ok = host_text(module, function, buf_bytes(document), &problems, &o->out, err);
    output_problems(o, &problems);
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
