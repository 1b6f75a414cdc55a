/*
 * cmd_import.c: what other tools and live accounts hold, as a configuration and in the state. What
 * is written, and what is said of it, is lua/host/import.lua's. Nothing in an account is changed.
 */
#include "import.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "credentials.h"
#include "env_files.h"
#include "grown.h"
#include "kv/wrangler_find.h"

bool import_ask(struct import *in, const char *function, const struct buf *view, struct buf *out,
                struct error *err)
{
    struct diag_list problems = {0};
    struct buf unheard = {0};
    struct bytes given = view ? buf_bytes(view) : bytes_of("{}");
    bool ok = host_call(in->host, function, given, &problems, out ? out : &unheard, err);
    diag_release(&problems);
    buf_release(&unheard);
    return ok;
}

/* ---- What is asked for ----------------------------------------------------------------------- */

static bool check_options(const struct options *o, struct error *err)
{
    if (o->args.n == 0 && !o->all && o->match.n == 0) {
        error_set(err, ERR_USAGE, "'import' needs files, --all or --match GLOB");
        return error_hint(err, "--all takes every namespace of the account; a file is a Terraform "
                               "state, a Pulumi export, a manifest or a wrangler config");
    }
    if (o->local) {
        error_set(err, ERR_USAGE, "'import' is about the account, not about the local store");
        return error_hint(err, "leave --local out; 'cfkv apply --local' fills the local store");
    }
    if (o->output && strcmp(o->output, "-") == 0) {
        error_set(err, ERR_USAGE, "'import' writes files, not to standard output");
        return error_hint(err, "name a file: -o more.lua");
    }
    return true;
}

/* Without credentials files are taken at their word; what is to be listed cannot be. */
static bool choose_looking(struct import *in, struct error *err)
{
    const struct options *o = in->s->options;
    struct buf hint = {0};
    in->looks = credentials_given(&in->s->env);
    if (in->looks || (!o->all && o->match.n == 0 && !o->keys))
        return true;
    buf_add_str(
        &hint,
        "set CLOUDFLARE_API_TOKEN (or CLOUDFLARE_API_TOKEN_FILE, or CFKV_CREDENTIALS_COMMAND)");
    env_files_hint(&o->env_files, in->root, &hint);
    error_set(err, ERR_USAGE, "%s needs the account, and there are no credentials",
              o->all           ? "--all"
              : o->match.n > 0 ? "--match"
                               : "--keys");
    error_hint(err, "%s", hint.data);
    buf_release(&hint);
    return false;
}

/* ---- What is there --------------------------------------------------------------------------- */

static bool is_module_path(const char *path)
{
    size_t len = strlen(path), stem = len - strlen(".lua");
    for (size_t i = 0; len > strlen(".lua") && i < stem; i++)
        if (!strchr("/_-", path[i]) && !isalnum((unsigned char)path[i]))
            return false;
    return len > strlen(".lua") && strcmp(path + stem, ".lua") == 0;
}

/* A part is found by `require`, below the root. */
static bool check_part(struct import *in, struct error *err)
{
    char name[QUOTED_SIZE];
    if (!in->is_part || (!file_path_fault(bytes_of(in->shown)) && is_module_path(in->shown)))
        return true;
    error_set(err, ERR_USAGE, "%s can require no file %s", in->s->file,
              text_quoted(bytes_of(in->shown), name, sizeof name));
    return error_hint(err, "name a file below its folder, of letters, digits, '-' and '_', that "
                           "ends in .lua: -o more.lua");
}

static bool check_folder(struct import *in, struct error *err)
{
    const char *folder = path_parent(&in->s->arena, in->s->file);
    char name[QUOTED_SIZE];
    if (in->exists || file_exists(folder))
        return true;
    text_quoted(bytes_of(folder), name, sizeof name);
    error_set(err, ERR_NOT_FOUND, "there is no folder %s, in which the configuration is to be",
              name);
    return error_hint(err, "make it first, with mkdir -p");
}

/* Where there is no configuration yet, -o says where it is to be. */
static bool locate(struct import *in, struct error *err)
{
    const struct options *o = in->s->options;
    struct arena *arena = &in->s->arena;
    if (!session_locate(in->s, NULL, err))
        return false;
    in->exists = file_exists(in->s->file);
    if (!in->exists && o->output && !o->file) {
        in->named = o->output;
        if (!session_locate(in->s, in->named, err))
            return false;
        in->exists = file_exists(in->s->file);
    }
    in->root = in->s->root_path;
    in->is_part = o->output && in->exists && !wrangler_path_same(arena, o->output, in->s->file);
    in->file = in->is_part ? o->output : in->s->file;
    in->shown = in->is_part ? wrangler_path_shown(arena, in->root, o->output) : in->s->file;
    return check_folder(in, err) && check_part(in, err);
}

static bool evaluate_there(struct import *in, struct error *err)
{
    struct session *there = &in->there;
    if (!in->exists)
        return session_locate(there, in->named, err);
    return session_evaluate(there, in->named, err) ||
           (err->code == ERR_INVALID && !*err->hint &&
            error_hint(err, "mend it first, or move it away and import again"));
}

/* ---- Problems -------------------------------------------------------------------------------- */

static const char *keep_text(struct import *in, const struct json *object, const char *name)
{
    const char *text = NULL;
    json_as_str(json_member(object, name), &text);
    return text ? arena_str(&in->s->arena, text) : NULL;
}

static bool is_error(const struct json *d)
{
    const char *severity = "";
    json_as_str(json_member(d, "severity"), &severity);
    return strcmp(severity, "error") == 0;
}

static void take_diagnostic(struct import *in, const struct json *d)
{
    struct diag_list *diags = &in->s->model.diags;
    int64_t line = 0;
    json_as_int(json_member(d, "line"), &line);
    const char *hint = keep_text(in, d, "hint");
    struct srcpos pos = {.file = keep_text(in, d, "file"), .line = (int)line};
    diag_add(diags, is_error(d) ? DIAG_ERROR : DIAG_WARNING, keep_text(in, d, "code"), pos, "%s",
             keep_text(in, d, "message"));
    if (hint)
        diag_hint(diags, "%s", hint);
}

static struct json *ask_diagnostics(struct import *in, bool early, struct error *err)
{
    struct buf view = {0}, text = {0};
    buf_add_str(&view, early ? "{\"early\":true}" : "{\"early\":false}");
    struct json *list = import_ask(in, "diagnostics", &view, &text, err)
                            ? json_doc_parse(buf_bytes(&text), err)
                            : NULL;
    buf_release(&view);
    buf_release(&text);
    return list;
}

/* All that was found, printed; with an error among it nothing is written. `early`: only errors end
 * it, and the rest is told later. */
static bool judge(struct import *in, bool early, struct error *err)
{
    struct diag_list *diags = &in->s->model.diags;
    struct json *list = ask_diagnostics(in, early, err);
    bool ends = !early || diags->errors > 0;
    for (const struct json *d = json_first(list); d; d = json_next(d))
        ends = ends || is_error(d);
    for (const struct json *d = json_first(list); ends && d; d = json_next(d))
        take_diagnostic(in, d);
    bool ok = list != NULL;
    json_doc_free(list);
    if (!ok || !ends)
        return ok;
    if (in->s->options->strict)
        diag_make_strict(diags);
    diag_sort(diags);
    output_diagnostics(in->s->output, diags);
    return diags->errors == 0 || error_set(err, ERR_INVALID, "nothing is imported: %zu error%s",
                                           diags->errors, text_plural(diags->errors));
}

/* ---- The files ------------------------------------------------------------------------------- */

static const char *folder_name(struct import *in)
{
    struct error missing;
    const char *real = path_real(&in->s->arena, *in->root ? in->root : ".", &missing);
    return path_name(real ? real : in->root);
}

static bool plan_files(struct import *in, struct error *err)
{
    struct buf view = {0}, files = {0};
    struct json_writer w = json_writer_to(&view, 0);
    json_begin_object(&w);
    import_write_declared(in, &w);
    json_field_str(&w, "file", in->shown);
    json_field_str(&w, "folder", folder_name(in));
    import_write_project(in, &w);
    json_field_str(&w, "root", in->root);
    json_field_bool(&w, "standalone", !in->is_part);
    json_end_object(&w);
    bool ok = import_ask(in, "files", &view, &files, err) &&
              (in->written = json_doc_parse(buf_bytes(&files), err));
    buf_release(&view);
    buf_release(&files);
    return ok;
}

static bool add_file(struct import *in, const struct json *file, struct error *err)
{
    struct arena *arena = &in->s->arena;
    const char *path = "", *text = "";
    int64_t mode = 0;
    json_as_str(json_member(file, "path"), &path);
    json_as_str(json_member(file, "text"), &text);
    json_as_int(json_member(file, "mode"), &mode);
    bool is_main = file == json_first(in->written);
    const char *place = is_main ? in->file : path_join(arena, in->root, path);
    if (json_member(file, "lines")) {
        struct grown grown;
        return grown_plan(&in->files.set, arena, place, file, &grown, err);
    }
    new_files_add(&in->files, place, bytes_of(text), mode == 0600);
    return true;
}

static void add_seed(struct import *in, const struct import_seed *seed)
{
    struct file_part part = {.fd = in->seeds_fd, .from = seed->from, .size = seed->size};
    new_files_add(&in->files, path_join(&in->s->arena, in->root, seed->path), bytes_make(NULL, 0),
                  false);
    new_files_from(&in->files, &part);
}

/* The configuration comes last: whoever is killed before it is there begins anew. */
static bool write_files(struct import *in, struct error *err)
{
    const struct json *main = json_first(in->written);
    bool ok = true;
    for (size_t i = 0; i < in->n_seeds; i++)
        add_seed(in, &in->seeds[i]);
    for (const struct json *f = main ? json_next(main) : NULL; ok && f; f = json_next(f))
        ok = add_file(in, f, err);
    return ok && (!main || add_file(in, main, err)) && new_files_write(&in->files, in->s, err);
}

/* ---- What is said ---------------------------------------------------------------------------- */

static void write_done(const struct import *in, struct json_writer *w)
{
    static const char *const words[] = {
        [NEW_FILE_MADE] = "made", [NEW_FILE_SAME] = "same", [NEW_FILE_REPLACED] = "replaced"};
    json_field_array(w, "files");
    for (size_t i = 0; i < in->files.n; i++) {
        json_begin_object(w);
        json_field_str(w, "done", words[in->files.items[i].done]);
        json_field_str(w, "kept", in->files.items[i].kept);
        json_field_str(w, "path", in->files.items[i].path);
        json_end_object(w);
    }
    json_end_array(w);
}

static bool report(struct import *in, struct error *err)
{
    struct output *o = &in->cli->output;
    struct buf view = {0}, target = {0};
    struct json_writer w = json_writer_to(&view, 0);
    target_words(in->looks ? &in->s->target : &in->there.target, &target);
    json_begin_object(&w);
    json_key(&w, "diagnostics");
    diag_write_json(&in->s->model.diags, &w);
    json_field_str(&w, "file", in->shown);
    write_done(in, &w);
    json_field_bool(&w, "looked", in->looks);
    json_field_bool(&w, "main", json_first(in->written) != NULL);
    json_field_bool(&w, "part", in->is_part);
    json_field_bool(&w, "seeds", in->n_seeds > 0);
    json_field_object(&w, "recorded");
    json_field_count(&w, "keys", in->recorded.keys);
    json_field_count(&w, "namespaces", in->recorded.namespaces);
    json_end_object(&w);
    json_field_str(&w, "target", target.data);
    json_end_object(&w);
    o->data = in->cli->options.json;
    bool ok = import_ask(in, in->cli->options.json ? "document" : "report", &view, &o->out, err);
    buf_release(&view);
    buf_release(&target);
    return ok;
}

/* ---- All ------------------------------------------------------------------------------------- */

static bool look(struct import *in, struct error *err)
{
    if (!in->looks) {
        output_note(in->s->output, "no credentials: files are taken at their word, and what has no "
                                   "id there is adopted by its title at the next apply");
        return true;
    }
    return import_accounts(in, err) && (!in->s->options->keys || import_seeds(in, err));
}

/* The state is locked before anything is written: what is written is recorded. */
static bool run(struct import *in, struct error *err)
{
    return check_options(in->s->options, err) && locate(in, err) && choose_looking(in, err) &&
           (in->host = host_open("import", err)) && evaluate_there(in, err) &&
           import_inputs(in, err) && judge(in, true, err) && look(in, err) &&
           session_open_state(&in->there, true, err) && plan_files(in, err) &&
           judge(in, false, err) && write_files(in, err) && import_record(in, err) &&
           report(in, err);
}

bool cmd_import(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct import in = {.cli = cli, .s = &cli->session, .seeds_fd = -1};
    (void)code;
    session_init(&in.there, "import", &cli->options, &cli->output, cli->session.interrupt);
    session_init(&in.result, "import", &cli->options, &cli->output, cli->session.interrupt);
    bool ok = run(&in, err);
    session_release(&in.result);
    session_release(&in.there);
    import_seeds_release(&in);
    new_files_release(&in.files);
    json_doc_free(in.written);
    host_close(in.host);
    return ok;
}
