/* backup list, purge: the backups that cfkv kept before something was lost. */
#include "command.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/json.h"
#include "base/text.h"
#include "kv/restore.h"
#include "kv/shelf.h"

#define NAME_SHOWN 160

/* ---- list ------------------------------------------------------------------------------------ */

/* One of them, read whole. */
struct kept {
    const struct shelf_file *file;
    struct restore_file content;
    struct error error; /* why it cannot be read; code 0: it can */
};

static void add_when(struct buf *out, int64_t at)
{
    char text[MOMENT_SIZE];
    moment_show(at, text);
    buf_add_str(out, text);
}

static void json_namespaces(const struct restore_file *f, struct json_writer *w)
{
    json_begin_array(w);
    for (size_t i = 0; i < f->n; i++) {
        const struct backup_info *info = &f->all[i].info;
        json_begin_object(w);
        json_field_text(w, "account_id", info->account_id);
        json_field_string(w, "id", info->id);
        json_field_string(w, "reason", info->reason);
        json_field_string(w, "title", info->title);
        json_end_object(w);
    }
    json_end_array(w);
}

static void list_json(const struct kept *k, struct json_writer *w)
{
    struct buf when = {0};
    add_when(&when, k->file->created);
    json_begin_object(w);
    json_field_str(w, "created", when.data ? when.data : "");
    json_field_bool(w, "damaged", k->error.code != ERR_NONE);
    json_field_count(w, "keys", k->content.totals.keys);
    json_key(w, "namespaces");
    json_namespaces(&k->content, w);
    json_field_str(w, "path", k->file->path);
    json_field_count(w, "size", k->file->size);
    json_end_object(w);
    buf_release(&when);
}

static void write_list_json(struct session *s, const struct shelf_file *files, size_t n,
                            struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    struct kept k;
    json_begin_object(&w);
    json_field_array(&w, "backups");
    for (size_t i = 0; i < n; i++) {
        if (files[i].partial)
            continue;
        k = (struct kept){.file = &files[i]};
        if (restore_verify(files[i].path, bytes_make("", 0), s->now, &s->arena, &k.content,
                           &k.error))
            k.error = (struct error){0};
        list_json(&k, &w);
    }
    json_end_array(&w);
    json_field_int(&w, "format_version", 1);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

bool cmd_backup_list(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct shelf_file *files;
    char name[NAME_SHOWN];
    size_t n;
    (void)code;
    if (!session_open_kept(s, err) || !shelf_list(s->kv.backups.dir, &s->arena, &files, &n, err))
        return false;
    struct buf document = {0};
    write_list_json(s, files, n, &document);
    if (n == 0)
        output_note(&cli->output, "there is no backup in %s",
                    text_quoted(bytes_of(s->kv.backups.dir), name, sizeof name));
    return output_document(&cli->output, cli->options.json, "backup", "list", &document, err);
}

/* ---- purge ----------------------------------------------------------------------------------- */

bool cmd_backup_purge(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct shelf_file *files;
    struct buf question = {0};
    char name[NAME_SHOWN];
    uint64_t due, removed = 0;
    size_t n;
    (void)code;
    if (!session_open_kept(s, err) || !shelf_list(s->kv.backups.dir, &s->arena, &files, &n, err))
        return false;
    struct kv_backups limits = s->kv.backups;
    if (o->keep > 0 || o->days > 0) {
        limits.keep = (unsigned)o->keep;
        limits.days = (unsigned)o->days;
    }
    due = shelf_due(&limits, files, n, s->now);
    if (due > 0) {
        buf_addf(&question, "Delete %" PRIu64 " of the %zu backup%s in %s?", due, n, text_plural(n),
                 text_quoted(bytes_of(s->kv.backups.dir), name, sizeof name));
        bool confirmed = session_confirm(s, question.data, err);
        buf_release(&question);
        if (!confirmed)
            return false;
        shelf_sweep(&limits, s->now, &removed);
    }
    output_note(&cli->output, "%" PRIu64 " backup%s deleted, %" PRIu64 " kept", removed,
                removed == 1 ? " is" : "s are", (uint64_t)n - removed);
    if (o->json)
        buf_addf(&cli->output.out,
                 "{\n  \"deleted\": %" PRIu64 ",\n  \"format_version\": 1,\n  \"kept\": %" PRIu64
                 "\n}\n",
                 removed, (uint64_t)n - removed);
    return true;
}
