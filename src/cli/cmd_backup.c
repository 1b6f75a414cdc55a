/* backup: namespaces into files. */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "which.h"
#include "progress.h"
#include "kv/backup.h"
#include "show.h"

#define NAME_SHOWN 300

/* In a folder whose backups are not all there yet: what is there is of the run that was
 * interrupted. */
#define UNFINISHED ".unfinished"

struct backing {
    struct cli *cli;
    struct kv_namespace *all;
    size_t n;
    const char *folder; /* NULL: one file, or stdout */
    char *mark;         /* FOLDER/UNFINISHED */
    bool going_on;      /* it was there */
    struct buf json;
    struct json_writer w;
};

/* ---- Which ----------------------------------------------------------------------------------- */

static bool check_options(const struct options *o, struct error *err)
{
    bool to_stdout = o->output && strcmp(o->output, "-") == 0;
    if (o->all && o->args.n > 0)
        return error_set(err, ERR_USAGE, "--all and names of namespaces exclude each other");
    if (!o->all && o->args.n == 0) {
        error_set(err, ERR_USAGE, "'backup' needs a namespace");
        return error_hint(err, "name it by title or id, or add --all");
    }
    if (!o->output) {
        error_set(err, ERR_USAGE, "'backup' needs a place to write to");
        return error_hint(err, "add -o FILE, or -o FOLDER for several namespaces");
    }
    if (to_stdout && (o->all || o->args.n > 1))
        return error_set(err, ERR_USAGE, "standard output takes one namespace");
    if (to_stdout && o->json)
        return error_set(err, ERR_USAGE, "--json and -o - exclude each other");
    return true;
}

static bool find_all(struct backing *b, struct error *err)
{
    const struct options *o = &b->cli->options;
    char quoted[NAME_SHOWN];
    if (o->all)
        return kv_find_all(&b->cli->session.kv, &b->all, &b->n, err);
    b->all = arena_alloc(&b->cli->session.arena, o->args.n, sizeof *b->all);
    for (; b->n < o->args.n; b->n++) {
        struct kv_namespace *ns = &b->all[b->n];
        if (!which_by_word(&b->cli->session, o->args.items[b->n], ns, err))
            return false;
        for (size_t i = 0; i < b->n; i++)
            if (bytes_equal(b->all[i].id, ns->id))
                return error_set(err, ERR_USAGE, "namespace %s is named twice",
                                 text_quoted(ns->title, quoted, sizeof quoted));
    }
    return true;
}

/* ---- Where ----------------------------------------------------------------------------------- */

static bool open_folder(struct backing *b, struct error *err)
{
    const struct options *o = &b->cli->options;
    struct stat st;
    size_t n = strlen(o->output);
    bool is_folder =
        (n > 0 && o->output[n - 1] == '/') || (stat(o->output, &st) == 0 && S_ISDIR(st.st_mode));
    if (!o->all && o->args.n == 1 && !is_folder)
        return true;
    b->folder = o->output;
    b->mark = path_join(&b->cli->session.arena, b->folder, UNFINISHED);
    if (!file_make_dirs(b->folder, 0700, err))
        return false;
    b->going_on = file_exists(b->mark);
    return true;
}

static const char *path_of(const struct backing *b, const struct kv_namespace *ns)
{
    struct backup_info info = {.id = ns->id, .title = ns->title};
    struct buf name = {0};
    if (!b->folder)
        return b->cli->options.output;
    backup_file_name(&info, &name);
    const char *path = path_join(&b->cli->session.arena, b->folder, name.data);
    buf_release(&name);
    return path;
}

/* Nothing is begun when it could not be finished: all names must be free, but for what an
 * interrupted run of the same command has finished. */
static bool check_free(struct backing *b, struct error *err)
{
    char shown[NAME_SHOWN];
    for (size_t i = 0; b->folder && !b->going_on && i < b->n; i++) {
        const char *path = path_of(b, &b->all[i]);
        if (!file_exists(path))
            continue;
        error_set(err, ERR_EXISTS, "%s exists already",
                  text_quoted(bytes_of(path), shown, sizeof shown));
        return error_hint(err, "a backup replaces nothing: name another folder");
    }
    return !b->folder || b->going_on || file_replace(b->mark, bytes_of(""), 0600, err);
}

/* ---- One ------------------------------------------------------------------------------------- */

static void report(struct backing *b, const struct kv_namespace *ns, const char *path,
                   const struct backup_report *r)
{
    char hex[HASH_HEX_SIZE];
    digest_hex(&r->totals.digest, hex);
    json_begin_object(&b->w);
    json_field_count(&b->w, "bytes", r->totals.bytes);
    json_field_string(&b->w, "id", ns->id);
    json_field_count(&b->w, "keys", r->totals.keys);
    json_field_str(&b->w, "path", path);
    json_field_str(&b->w, "sha256", hex);
    json_field_string(&b->w, "title", ns->title);
    json_end_object(&b->w);
}

static void say_done(const struct backing *b, const char *name, const char *path,
                     const struct backup_report *r)
{
    const struct output *out = &b->cli->output;
    const struct backup_begun *begun = &r->begun;
    if (begun->too_old)
        output_note(out, "an unfinished backup of %s was older than a day, and was begun anew",
                    name);
    if (begun->keys > 0)
        output_note(out, "%" PRIu64 " of the keys %s there already, from an interrupted run",
                    begun->keys, begun->keys == 1 ? "was" : "were");
    show_result(&b->cli->session, "backed up %s: %" PRIu64 " key%s into '%s'", name, r->totals.keys,
                text_plural(r->totals.keys), strcmp(path, "-") == 0 ? "stdout" : path);
}

/* A whole file that an interrupted run left is as good as a new one. */
static bool keep_finished(struct backing *b, const char *name, const struct backup_options *o,
                          struct backup_report *r, struct error *err)
{
    if (!backup_verify(o, r, err))
        return error_hint(err, "--restart makes it anew");
    output_note(&b->cli->output,
                "kept '%s', which an interrupted run made of %s: %" PRIu64 " key%s", o->path, name,
                r->totals.keys, text_plural(r->totals.keys));
    return true;
}

static bool back_up(struct backing *b, const struct kv_namespace *ns, struct error *err)
{
    struct session *s = &b->cli->session;
    const struct options *o = &b->cli->options;
    const char *path = path_of(b, ns);
    struct kv_counts counts = {0};
    struct progress progress;
    struct backup_report r;
    char name[NAME_SHOWN];
    text_quoted(ns->title.len ? ns->title : ns->id, name, sizeof name);
    bool to_stdout = strcmp(path, "-") == 0;
    struct backup_options options = {.store = s->target.store,
                                     .account = ns->account,
                                     .id = ns->id,
                                     .title = ns->title,
                                     .kind = kv_kind_of(ns),
                                     .prefix = bytes_of(o->prefix),
                                     .path = to_stdout ? NULL : path,
                                     .restart = o->restart,
                                     .replace = b->going_on && o->restart,
                                     .jobs = (unsigned)o->jobs,
                                     .now = s->now,
                                     .progress = progress_keys,
                                     .progress_ctx = &progress,
                                     .counts = &counts};
    bool finished = b->going_on && !o->restart && file_exists(path);
    progress_begin(&progress, &b->cli->output, session_service(s), "reading");
    bool ok =
        finished ? keep_finished(b, name, &options, &r, err) : backup_namespace(&options, &r, err);
    progress_end(&progress);
    if (!ok)
        return error_wrap(err, "namespace %s", name);
    if (!finished)
        say_done(b, name, path, &r);
    report(b, ns, path, &r);
    return true;
}

/* ---- All ------------------------------------------------------------------------------------- */

static void write_json(struct backing *b)
{
    struct buf *out = &b->cli->output.out;
    struct json_writer w = json_writer_to(out, 2);
    json_end_array(&b->w);
    json_begin_object(&w);
    json_key(&w, "backups");
    json_raw(&w, buf_bytes(&b->json));
    json_field_int(&w, "format_version", 1);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

bool cmd_backup(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct backing b = {.cli = cli};
    (void)code;
    b.w = json_writer_to(&b.json, 0);
    json_begin_array(&b.w);
    bool ok = check_options(&cli->options, err) && session_open_store(&cli->session, true, err) &&
              find_all(&b, err) && open_folder(&b, err) && check_free(&b, err);
    for (size_t i = 0; ok && i < b.n; i++)
        ok = back_up(&b, &b.all[i], err);
    if (ok && b.folder && unlink(b.mark) != 0 && errno != ENOENT)
        ok = error_errno(err, errno, "cannot remove '%s'", b.mark);
    if (ok && cli->options.json)
        write_json(&b);
    buf_release(&b.json);
    return ok;
}
