#include "formats.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/ci.h"
#include "base/file.h"
#include "base/text.h"
#include "host/host.h"

#define STEP_SUMMARY_MAX ((int64_t)1 << 20) /* bytes that GitHub takes of one step */
#define STEP_SUMMARY_MIN 16384              /* less than that is no summary */
#define CHARACTER_MAX    3                  /* bytes of a character as markdown counts them */

void formats_begin(struct session *s)
{
    enum document_format format = s->options->document;
    if (format == DOCUMENT_TEXT || format == DOCUMENT_GITHUB)
        output_guard(s->output, format == DOCUMENT_GITHUB);
    else
        s->output->data = true;
}

/* ---- Annotations ----------------------------------------------------------------------------- */

/* Where the program was started, below the workspace of GitHub Actions; "" elsewhere. */
static void add_workspace_folder(struct buf *out)
{
    char here[PATH_MAX], top[PATH_MAX];
    const char *workspace = getenv("GITHUB_WORKSPACE");
    if (!workspace || !realpath(workspace, top) || !realpath(".", here))
        return;
    size_t n = strlen(top);
    if (strncmp(here, top, n) == 0 && here[n] == '/')
        buf_add_str(out, here + n + 1);
}

bool formats_annotate(struct session *s, const struct error *failure, struct error *err)
{
    struct buf view = {0}, folder = {0};
    struct diag_list all = {0}, problems = {0};
    struct json_writer w = json_writer_to(&view, 0);
    session_diagnostics(s, failure, &all);
    add_workspace_folder(&folder);
    json_begin_object(&w);
    json_key(&w, "diagnostics");
    diag_write_json_grouped(&all, s->output->verbose, &w);
    json_field_text(&w, "folder", bytes_make(folder.len > 0 ? folder.data : "", folder.len));
    json_end_object(&w);
    bool ok = host_text("plan.github", "annotations", buf_bytes(&view), &problems,
                        &s->output->annotations, err);
    diag_release(&all);
    diag_release(&problems);
    buf_release(&folder);
    buf_release(&view);
    return ok;
}

/* ---- The step summary ------------------------------------------------------------------------ */

/* Opens the file that GITHUB_STEP_SUMMARY names, and says how many bytes there is room for; -1 when
 * there is none, or no room. */
static int open_step_summary(const struct session *s, int64_t *room)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    struct stat st;
    if (!path || !*path)
        return -1;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    bool opened = fd >= 0 && fstat(fd, &st) == 0;
    *room = opened ? STEP_SUMMARY_MAX - (int64_t)st.st_size : 0;
    if (*room >= STEP_SUMMARY_MIN)
        return fd;
    if (fd >= 0)
        close(fd);
    output_note(s->output, opened ? "the step summary is full: GitHub takes 1 MiB of a step"
                                  : "GITHUB_STEP_SUMMARY names no file that can be written");
    return -1;
}

/* ---- Plans ----------------------------------------------------------------------------------- */

/* Where the pieces of a text go. */
struct showing {
    struct session *s;
    const struct drift *drift; /* what is shown; NULL: the session's plan */
    struct host *host;
    struct buf text;
    bool (*send)(struct showing *showing, struct error *err);
};

static bool send_styled(struct showing *showing, struct error *err)
{
    struct output *o = showing->s->output;
    buf_add_bytes(&o->out, buf_bytes(&showing->text));
    buf_clear(&showing->text);
    return output_flush_styled(o, err);
}

static bool send_document(struct showing *showing, struct error *err)
{
    struct output *o = showing->s->output;
    buf_add_bytes(&o->out, buf_bytes(&showing->text));
    buf_clear(&showing->text);
    return output_flush(o, err);
}

static bool send_talk(struct showing *showing, struct error *err)
{
    (void)err;
    output_talk_styled(showing->s->output, buf_bytes(&showing->text));
    buf_clear(&showing->text);
    return true;
}

static bool keep(struct showing *showing, struct error *err)
{
    (void)showing;
    (void)err;
    return true;
}

static bool take_view(void *ctx, const char *function, struct bytes view, struct error *err)
{
    struct showing *showing = ctx;
    struct diag_list problems = {0};
    bool ok = host_call(showing->host, function, view, &problems, &showing->text, err) &&
              showing->send(showing, err);
    diag_release(&problems);
    return ok;
}

static bool show(struct showing *showing, const char *module, const struct view_options *options,
                 struct error *err)
{
    const struct drift *drift = showing->drift;
    showing->host = host_open(module, err);
    bool ok =
        showing->host && (drift ? drift_show(drift, options, take_view, showing, err)
                                : plan_show(&showing->s->plan, options, take_view, showing, err));
    host_close(showing->host);
    return ok;
}

/* What others may read shows no value that cfkv did not write, unless that is asked for. */
static struct view_options view_options_for(const struct session *s, bool others)
{
    return (struct view_options){
        .command = s->command,
        .by = s->above ? s->file : NULL,
        .verbose = s->output->verbose,
        .public = others && !s->options->show_values,
        .brief = s->options->summary,
        .now = s->now,
        .diags = &s->model.diags,
    };
}

struct view_options formats_text_options(const struct session *s, int fd)
{
    struct view_options options = view_options_for(s, ci_running() || s->output->guarded);
    struct tm local;
    time_t now = (time_t)s->now;
    options.color = fd == STDOUT_FILENO ? s->output->color_out : s->output->color_err;
    options.width = output_width(fd);
    options.local_time = isatty(fd) && localtime_r(&now, &local);
    options.utc_offset = options.local_time ? local.tm_gmtoff : 0;
    return options;
}

static bool show_text(struct session *s, const struct drift *drift, int fd, struct error *err)
{
    struct showing showing = {s, drift, .send = fd == STDOUT_FILENO ? send_styled : send_talk};
    struct view_options options = formats_text_options(s, fd);
    bool ok = show(&showing, s->options->summary ? "plan.summary" : "plan.text", &options, err);
    buf_release(&showing.text);
    return ok;
}

static bool show_document(struct session *s, const struct drift *drift, const char *module,
                          struct error *err)
{
    enum document_format format = s->options->document;
    struct showing showing = {s, drift, .send = send_document};
    struct view_options options = view_options_for(s, true);
    options.by_environment = format == DOCUMENT_MARKDOWN;
    options.verbose = options.verbose || format == DOCUMENT_GITLAB; /* it counts */
    bool ok = show(&showing, module, &options, err);
    buf_release(&showing.text);
    return ok;
}

static bool summarize_plan(struct session *s, const struct drift *drift, struct error *err)
{
    int64_t room;
    struct showing showing = {s, drift, .send = keep};
    struct view_options options = view_options_for(s, true);
    int fd = open_step_summary(s, &room);
    if (fd < 0)
        return true;
    options.by_environment = true;
    options.limit = (size_t)(room / CHARACTER_MAX);
    bool ok = show(&showing, "plan.markdown", &options, err) &&
              file_write_fd(fd, "GITHUB_STEP_SUMMARY", buf_bytes(&showing.text), err);
    close(fd);
    buf_release(&showing.text);
    return ok;
}

static bool show_format(struct session *s, const struct drift *drift, struct error *err)
{
    switch ((enum document_format)s->options->document) {
    case DOCUMENT_MARKDOWN:
        return show_document(s, drift, "plan.markdown", err);
    case DOCUMENT_GITLAB:
        return show_document(s, drift, "plan.gitlab", err);
    case DOCUMENT_GITHUB:
        return show_text(s, drift, STDOUT_FILENO, err) && summarize_plan(s, drift, err);
    default:
        return show_text(s, drift, STDOUT_FILENO, err);
    }
}

bool formats_plan(struct session *s, struct error *err)
{
    return show_format(s, NULL, err);
}

bool formats_drift(struct session *s, const struct drift *d, struct error *err)
{
    return show_format(s, d, err);
}

bool formats_talk_plan(struct session *s, struct error *err)
{
    return show_text(s, NULL, STDERR_FILENO, err);
}

/* ---- Diagnostics alone ----------------------------------------------------------------------- */

/* The view of what has no plan: `verdict` says what it came to. `limit` 0: the format's own. */
static void write_view(const struct session *s, const char *verdict, const struct error *failure,
                       int64_t limit, struct buf *view)
{
    struct json_writer w = json_writer_to(view, 0);
    struct diag_list all = {0};
    session_diagnostics(s, failure, &all);
    json_begin_object(&w);
    json_field_str(&w, "by", s->file);
    json_field_str(&w, "command", s->command);
    json_key(&w, "diagnostics");
    diag_write_json_grouped(&all, s->output->verbose, &w);
    json_key(&w, "limit");
    if (limit > 0)
        json_int(&w, limit);
    else
        json_null(&w);
    json_field_str(&w, "target", NULL);
    json_field_str(&w, "verdict", verdict);
    json_end_object(&w);
    diag_release(&all);
}

static bool make_text(const char *module, struct bytes view, struct buf *out, struct error *err)
{
    struct diag_list problems = {0};
    struct host *host = host_open(module, err);
    bool ok = host && host_call(host, "open", view, &problems, out, err) &&
              host_call(host, "close", bytes_of("{}"), &problems, out, err);
    host_close(host);
    diag_release(&problems);
    return ok;
}

static bool summarize(const struct session *s, const char *verdict, const struct error *failure,
                      struct error *err)
{
    int64_t room;
    struct buf view = {0}, text = {0};
    int fd = open_step_summary(s, &room);
    if (fd < 0)
        return true;
    write_view(s, verdict, failure, room / CHARACTER_MAX, &view);
    bool ok = make_text("plan.markdown", buf_bytes(&view), &text, err) &&
              file_write_fd(fd, "GITHUB_STEP_SUMMARY", buf_bytes(&text), err);
    close(fd);
    buf_release(&text);
    buf_release(&view);
    return ok;
}

bool formats_diagnostics(struct session *s, const char *verdict, const struct error *failure,
                         struct error *err)
{
    enum document_format format = s->options->document;
    struct buf view = {0};
    if (format == DOCUMENT_GITHUB)
        return summarize(s, verdict, failure, err);
    if (format != DOCUMENT_MARKDOWN && format != DOCUMENT_GITLAB)
        return true;
    write_view(s, verdict, failure, 0, &view);
    bool ok = make_text(format == DOCUMENT_MARKDOWN ? "plan.markdown" : "plan.gitlab",
                        buf_bytes(&view), &s->output->out, err);
    buf_release(&view);
    return ok;
}
