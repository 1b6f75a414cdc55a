/* export: what is declared as another tool declares it. The formats are lua/host/export's. */
#include "command.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "host/host.h"
#include "model/export_json.h"
#include "new_files.h"
#include "plan/local_ids.h"
#include "plan/planner.h"

struct export
{
    struct cli *cli;
    struct session *s;
    struct export_known *known; /* per namespace of the model */
    struct export_gaps gaps;
    struct diag_list notes;
    struct json *files; /* what the host state made */
    struct new_files written;
};

/* ---- What is recorded ------------------------------------------------------------------------ */

/* The id that is pinned, else the recorded one; the title that is declared, else the recorded one.
 */
static struct export_known look_up(const struct model *m, struct state *state, size_t ns)
{
    const struct namespace_decl *decl = &m->namespaces[ns];
    struct export_known known = {.id = decl->id, .account_id = namespace_account(m, decl)};
    if (!known.id.data)
        known.id = recorded_ids(state, m, ns, known.account_id).id;
    if (!known.account_id.len)
        known.account_id = recorded_account(state, known.id);
    if (!known.account_id.len)
        known.account_id = bytes_make(NULL, 0);
    const struct state_namespace *entry =
        known.id.data ? state_find_id(state, known.account_id, known.id) : NULL;
    known.title = !decl->keeps_title ? decl->title : entry ? entry->title : bytes_make(NULL, 0);
    return known;
}

static bool find_known(struct export *ex, struct error *err)
{
    const struct model *m = &ex->s->model;
    struct state *state = &ex->s->target.state;
    struct plan_options options;
    if (!session_plan_options(ex->s, &options, err))
        return false;
    ex->known = mem_zalloc(m->n_namespaces, sizeof *ex->known);
    for (size_t i = 0; i < m->n_namespaces; i++) {
        ex->known[i] = look_up(m, state, i);
        ex->known[i].left_out = !planner_takes_recorded(&options, m, state, &m->namespaces[i]);
    }
    return true;
}

/* ---- What is told ---------------------------------------------------------------------------- */

static void note_namespace(struct export *ex, size_t ns)
{
    const struct namespace_decl *decl = &ex->s->model.namespaces[ns];
    char title[QUOTED_SIZE];
    text_quoted(decl->title, title, sizeof title);
    diag_add(&ex->notes, DIAG_WARNING, "export.no_id", decl->pos,
             "namespace %s has no recorded id yet, so the other tool would make it anew", title);
    diag_hint(&ex->notes, "cfkv apply records its id; export again behind it");
}

/* Without a state the cause is one. */
static void note_ids(struct export *ex)
{
    const struct model *m = &ex->s->model;
    const struct target *t = &ex->s->target;
    char name[QUOTED_SIZE];
    size_t missing = 0;
    for (size_t i = 0; i < m->n_namespaces; i++)
        missing += !ex->known[i].left_out && !ex->known[i].id.data;
    if (missing > 0 && t->state.fresh) {
        diag_add(
            &ex->notes, DIAG_WARNING, "export.no_state", (struct srcpos){0},
            "there is no state %s, so %zu namespace%s no id and the other tool would make %s anew",
            text_quoted(bytes_of(t->state_file), name, sizeof name), missing,
            missing == 1 ? " has" : "s have", missing == 1 ? "it" : "them");
        diag_hint(&ex->notes,
                  "cfkv apply records the ids; --state names a state that is elsewhere");
        return;
    }
    for (size_t i = 0; missing > 0 && i < m->n_namespaces; i++)
        if (!ex->known[i].left_out && !ex->known[i].id.data)
            note_namespace(ex, i);
}

static void note_gaps(struct export *ex)
{
    const struct export_gaps *gaps = &ex->gaps;
    static const struct srcpos nowhere = {0};
    if (gaps->secrets > 0) {
        diag_add(&ex->notes, DIAG_WARNING, "export.secrets", nowhere,
                 "%zu secret value%s left out: only the name of the key is written", gaps->secrets,
                 gaps->secrets == 1 ? " is" : "s are");
        diag_hint(&ex->notes, "give them to the other tool as it takes secrets");
    }
    if (gaps->unknown > 0) {
        diag_add(&ex->notes, DIAG_WARNING, "export.unknown", nowhere,
                 "%zu value%s an id that is not recorded yet, and %s left out", gaps->unknown,
                 gaps->unknown == 1 ? " holds" : "s hold", gaps->unknown == 1 ? "is" : "are");
        diag_hint(&ex->notes, "cfkv apply records the ids; export again behind it");
    }
    if (gaps->bulks > 0) {
        diag_add(&ex->notes, DIAG_WARNING, "export.bulk", nowhere,
                 "the keys of %zu bulk source%s in %zu namespace%s are not exported", gaps->bulks,
                 text_plural(gaps->bulks), gaps->bulk_namespaces,
                 text_plural(gaps->bulk_namespaces));
        diag_hint(&ex->notes, "'cfkv kv bulk put FILE' and wrangler write such files");
    }
    if (gaps->prunes > 0) {
        diag_add(&ex->notes, DIAG_WARNING, "export.prune", nowhere,
                 "%zu ns:prune%s left out: no other tool deletes keys that it did not write",
                 gaps->prunes, gaps->prunes == 1 ? " is" : "s are");
        diag_hint(&ex->notes, "keep them in a configuration of cfkv");
    }
}

static const char *text_of(const struct json *object, const char *member)
{
    const char *text = NULL;
    json_as_str(json_member(object, member), &text);
    return text;
}

/* What the format cannot say, as its module tells it. */
static void note_unsayable(struct export *ex)
{
    const struct json *item = json_first(ex->files);
    for (; item; item = json_next(item)) {
        const char *warning = text_of(item, "warning"), *hint = text_of(item, "hint");
        int64_t line = 0;
        json_as_int(json_member(item, "line"), &line);
        struct srcpos pos = {.file = text_of(item, "file"), .line = (int)line};
        if (!warning)
            continue;
        if (pos.file)
            pos.file = arena_str(&ex->s->arena, pos.file);
        diag_add(&ex->notes, DIAG_WARNING, "export.unsayable", pos, "%s", warning);
        if (hint)
            diag_hint(&ex->notes, "%s", hint);
    }
}

/* ---- Making the files ------------------------------------------------------------------------ */

static bool make_files(struct export *ex, struct error *err)
{
    struct buf model = {0}, view = {0}, files = {0};
    struct diag_list problems = {0};
    struct json_writer w = json_writer_to(&view, 0);
    struct json_writer inner = json_writer_to(&model, 0);
    model_write_export(&ex->s->model, ex->known, &inner, &ex->gaps);
    json_begin_object(&w);
    json_key(&w, "model");
    json_raw(&w, buf_bytes(&model));
    json_field_str(&w, "to", ex->cli->options.export_to);
    json_end_object(&w);
    bool ok = host_text("export", "files", buf_bytes(&view), &problems, &files, err) &&
              (ex->files = json_doc_parse(buf_bytes(&files), err)) != NULL;
    diag_release(&problems);
    buf_release(&model);
    buf_release(&view);
    buf_release(&files);
    return ok;
}

/* ---- Writing them ---------------------------------------------------------------------------- */

static size_t count_files(const struct export *ex)
{
    size_t n = 0;
    for (const struct json *item = json_first(ex->files); item; item = json_next(item))
        n += json_member(item, "path") != NULL;
    return n;
}

static bool is_folder(const char *path)
{
    struct stat st;
    size_t len = strlen(path);
    return (len > 0 && path[len - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

static bool print(struct export *ex, size_t n, struct error *err)
{
    const struct json *item = json_first(ex->files);
    while (item && !json_member(item, "path"))
        item = json_next(item);
    if (n != 1) {
        error_set(err, ERR_USAGE, "the export to %s is %zu files, and they need a folder",
                  ex->cli->options.export_to, n);
        return error_hint(err, "name it: -o DIR");
    }
    ex->cli->output.data = !isatty(STDOUT_FILENO);
    buf_add_str(&ex->cli->output.out, text_of(item, "text"));
    return true;
}

/* Several go into a folder, and one where a folder is named. */
static bool write_files(struct export *ex, size_t n, const char *place, struct error *err)
{
    bool into = n > 1 || is_folder(place);
    for (const struct json *item = json_first(ex->files); item; item = json_next(item)) {
        const char *path = text_of(item, "path");
        if (path)
            new_files_add(&ex->written, into ? path_join(&ex->s->arena, place, path) : place,
                          bytes_of(text_of(item, "text")), false);
    }
    if (!new_files_write(&ex->written, ex->s, err))
        return false;
    new_files_tell(&ex->written, &ex->cli->output);
    return true;
}

static bool put_out(struct export *ex, struct error *err)
{
    const char *place = ex->cli->options.output;
    size_t n = count_files(ex);
    return !place || strcmp(place, "-") == 0 ? print(ex, n, err) : write_files(ex, n, place, err);
}

/* ---- The command ----------------------------------------------------------------------------- */

static bool check_options(const struct options *o, struct error *err)
{
    if (o->export_to)
        return true;
    struct option_shown option = {.name = NULL};
    options_named("--to", GROUP_EXPORT, &option);
    error_set(err, ERR_USAGE, "'export' needs to know for which tool");
    return error_hint(err, "add --to %s", option.arg);
}

bool cmd_export(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct export ex = {.cli = cli, .s = s};
    (void)code;
    bool ok = check_options(&cli->options, err) && session_evaluate(s, cli_argument(cli), err) &&
              session_open_state(s, false, err) && find_known(&ex, err) && make_files(&ex, err);
    if (ok) {
        note_ids(&ex);
        note_gaps(&ex);
        note_unsayable(&ex);
        diag_locate(&ex.notes, &s->model.texts);
        output_diagnostics(&cli->output, &ex.notes);
        ok = put_out(&ex, err);
    }
    new_files_release(&ex.written);
    json_doc_free(ex.files);
    diag_release(&ex.notes);
    mem_free(ex.known);
    return ok;
}
