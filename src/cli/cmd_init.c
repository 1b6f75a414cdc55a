/* init: what a project begins with. Which files, and what is in them, is lua/host/init.lua's. */
#include "command.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file_set.h"
#include "base/text.h"
#include "grown.h"
#include "host/host.h"
#include "init_view.h"

enum init_done { INIT_MADE, INIT_GROWN, INIT_COMPLETE, INIT_LEFT };

struct init_file {
    const char *path; /* relative to the folder */
    const char *place;
    enum init_done done;
    size_t lines; /* that it got */
    struct bytes note;
};

struct init {
    struct cli *cli;
    struct init_view view;
    struct host *host;
    struct json *plan;
    struct init_file *files;
    size_t n, cap;
    struct file_set set;
};

/* ---- One file -------------------------------------------------------------------------------- */

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static struct bytes text_of(const struct json *value)
{
    const char *text = "";
    json_as_str(value, &text);
    return bytes_of(text);
}

static bool plan_lines(struct init *in, struct init_file *f, const struct json *file,
                       struct error *err)
{
    struct grown grown;
    if (!grown_plan(&in->set, &in->view.arena, f->place, file, &grown, err))
        return false;
    f->lines = grown.lines;
    f->done = grown.made ? INIT_MADE : grown.lines > 0 ? INIT_GROWN : INIT_COMPLETE;
    return true;
}

static bool plan_file(struct init *in, const struct json *file, struct error *err)
{
    arena_grow(&in->view.arena, (void **)&in->files, &in->cap, in->n + 1, sizeof *in->files);
    struct init_file *f = &in->files[in->n++];
    const char *path = text_of(json_member(file, "path")).data;
    *f = (struct init_file){.path = path,
                            .note = text_of(json_member(file, "note")),
                            .place = path_join(&in->view.arena, in->view.folder, path)};
    if (json_member(file, "lines"))
        return plan_lines(in, f, file, err);
    f->done = is_there(f->place) ? INIT_LEFT : INIT_MADE;
    if (f->done == INIT_MADE)
        file_set_make(&in->set, f->place, text_of(json_member(file, "text")));
    return true;
}

/* ---- Which files ----------------------------------------------------------------------------- */

static bool ask_host(struct init *in, const char *function, const struct buf *view, struct buf *out,
                     struct error *err)
{
    struct diag_list problems = {0};
    bool ok = host_call(in->host, function, buf_bytes(view), &problems, out, err);
    diag_release(&problems);
    return ok;
}

static const char *ci_word(unsigned ci)
{
    return ci == CI_GITHUB ? "github" : ci == CI_GITLAB ? "gitlab" : NULL;
}

static bool make_plan(struct init *in, struct error *err)
{
    struct buf view = {0}, plan = {0};
    struct json_writer w = json_writer_to(&view, 0);
    json_begin_object(&w);
    json_field_str(&w, "ci", ci_word(in->cli->options.ci));
    bool ok = init_view_write(&in->view, &w, err);
    json_end_object(&w);
    ok = ok && (in->host = host_open("init", err)) && ask_host(in, "plan", &view, &plan, err) &&
         (in->plan = json_doc_parse(buf_bytes(&plan), err));
    const struct json *file = ok ? json_first(in->plan) : NULL;
    for (; ok && file; file = json_next(file))
        ok = plan_file(in, file, err);
    buf_release(&view);
    buf_release(&plan);
    return ok;
}

/* ---- What is said ---------------------------------------------------------------------------- */

static void write_files(const struct init *in, struct json_writer *w)
{
    static const char *const words[] = {[INIT_MADE] = "made",
                                        [INIT_GROWN] = "grown",
                                        [INIT_COMPLETE] = "complete",
                                        [INIT_LEFT] = "left"};
    json_field_array(w, "files");
    for (size_t i = 0; i < in->n; i++) {
        json_begin_object(w);
        json_field_str(w, "done", words[in->files[i].done]);
        json_field_int(w, "lines", (int64_t)in->files[i].lines);
        json_field_string(w, "note", in->files[i].note);
        json_field_str(w, "path", in->files[i].path);
        json_end_object(w);
    }
    json_end_array(w);
}

/* How wrangler is started on the first config; NULL: there is none, or none is known. */
static void write_dev(const struct init *in, struct json_writer *w)
{
    const struct init_config *first = in->view.n > 0 ? &in->view.configs[0] : NULL;
    struct buf words = {0};
    buf_add_str(&words, "npx wrangler ");
    buf_add_str(&words, first && first->content.pages_line > 0 ? "pages dev" : "dev");
    if (first && strchr(first->path, '/')) {
        buf_add_str(&words, " -c ");
        text_shell_word(&words, bytes_of(first->path));
    }
    json_field_str(w, "dev", first || in->view.starter ? words.data : NULL);
    buf_release(&words);
}

static bool report(struct init *in, struct error *err)
{
    struct buf view = {0}, folder = {0};
    struct json_writer w = json_writer_to(&view, 0);
    bool here = wrangler_path_same(&in->view.arena, in->view.folder, ".");
    text_shell_word(&folder, bytes_of(in->view.folder));
    json_begin_object(&w);
    json_field_str(&w, "cd", here || !text_is_plain(buf_bytes(&folder)) ? NULL : folder.data);
    write_dev(in, &w);
    write_files(in, &w);
    json_end_object(&w);
    bool ok = ask_host(in, "report", &view, &in->cli->output.out, err);
    buf_release(&view);
    buf_release(&folder);
    return ok;
}

bool cmd_init(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct init in = {.cli = cli};
    const char *folder = cli_argument(cli);
    (void)code;
    bool ok = init_view_find(&in.view, folder ? folder : ".", folder != NULL, err) &&
              make_plan(&in, err) && file_set_write(&in.set, err) && report(&in, err);
    file_set_release(&in.set);
    json_doc_free(in.plan);
    host_close(in.host);
    init_view_release(&in.view);
    return ok;
}
