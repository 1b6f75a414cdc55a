/* schema: what the documents of the other commands are made of. */
#include "command.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "host/host.h"
#include "model/fields.h"
#include "model/namespace_fields.h"
#include "plan/audit.h"
#include "plan/render.h"
#include "script/tables.h"
#include "state/state.h"

/* ---- The view of lua/host/schemas.lua -------------------------------------------------------- */

static void write_fields(struct json_writer *w)
{
    json_field_object(w, "fields");
    json_key(w, "namespace");
    fields_write_schema(w, &namespace_fields);
    json_key(w, "project");
    fields_write_schema(w, &project_fields);
    json_key(w, "removed");
    fields_write_schema(w, &removed_fields);
    json_key(w, "wrangler");
    fields_write_schema(w, &wrangler_fields);
    json_end_object(w);
}

/* Names of those fields of a namespace that the state records, and that audit tells. */
static void write_recorded(struct json_writer *w)
{
#define RECORDED(name, kind, at_most, use, doc) json_str(w, #name);
#define AUDITED(name, kind, at_most, use, doc)                                                     \
    if ((use)&FIELD_AUDIT)                                                                         \
        json_str(w, #name);
    json_field_array(w, "audited");
    NAMESPACE_RECORDED(AUDITED)
    json_end_array(w);
    json_field_array(w, "recorded");
    NAMESPACE_RECORDED(RECORDED)
    json_end_array(w);
}

typedef const char *(*word_fn)(int value);

static const char *kind_word(int kind)
{
    return action_kind_name((enum action_kind)kind);
}

static const char *verb_word(int verb)
{
    return action_verb_name((enum action_verb)verb);
}

static const char *audit_word(int word)
{
    return audit_word_name((enum audit_word)word);
}

static void write_words(struct json_writer *w, const char *name, word_fn word, int last)
{
    json_field_array(w, name);
    for (int i = 0; i <= last; i++)
        json_str(w, word(i));
    json_end_array(w);
}

static void write_view(const char *asked, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 0);
    struct bytes module;
    json_begin_object(&w);
    json_field_str(&w, "asked", asked);
    write_recorded(&w);
    write_fields(&w);
    json_key(&w, "item");
    fields_describe(&w, &seed_item_fields, NULL);
    json_field_array(&w, "modules");
    for (size_t i = 0; host_module("schema", i, &module); i++)
        json_string(&w, module);
    json_end_array(&w);
    json_key(&w, "state");
    state_write_schema(&w);
    json_field_int(&w, "state_version", STATE_VERSION);
    json_field_object(&w, "words");
    write_words(&w, "action", verb_word, ACTION_WRITE);
    write_words(&w, "audit", audit_word, AUDIT_WORDS - 1);
    write_words(&w, "kind", kind_word, ACTION_FILE);
    write_words(&w, "status", audit_word, AUDIT_STATUSES - 1);
    json_end_object(&w);
    json_end_object(&w);
}

/* ---- What is asked for ----------------------------------------------------------------------- */

static bool unknown_document(const char *asked, const char *const *names, struct error *err)
{
    char quoted[80];
    const char *near = text_nearest(bytes_of(asked), names);
    error_set(err, ERR_USAGE, "there is no document %s",
              text_quoted(bytes_of(asked), quoted, sizeof quoted));
    return near ? error_hint(err, "did you mean '%s'?", near)
                : error_hint(err, "'cfkv schema' lists them");
}

/* `lines` has a name a line. */
static bool is_among(const char *asked, char *lines, struct error *err)
{
    const char **names = mem_zalloc(strlen(lines) + 1, sizeof *names);
    size_t n = 0;
    bool found = false;
    for (char *name = strtok(lines, "\n"); name; name = strtok(NULL, "\n")) {
        found = found || strcmp(name, asked) == 0;
        names[n++] = name;
    }
    bool ok = found || unknown_document(asked, names, err);
    mem_free(names);
    return ok;
}

static bool check_asked(const char *asked, struct bytes view, struct error *err)
{
    struct diag_list problems = {0};
    struct buf lines = {0};
    bool ok = host_text("schemas", "names", view, &problems, &lines, err) &&
              is_among(asked, lines.data, err);
    diag_release(&problems);
    buf_release(&lines);
    return ok;
}

bool cmd_schema(struct cli *cli, enum exit_code *code, struct error *err)
{
    const struct text_list *args = &cli->options.args;
    struct buf view = {0}, asked = {0};
    (void)code;
    for (size_t i = 0; i < args->n; i++)
        buf_addf(&asked, "%s%s", i ? " " : "", args->items[i]);
    write_view(args->n > 0 ? asked.data : NULL, &view);
    bool ok = args->n == 0 || check_asked(asked.data, buf_bytes(&view), err);
    if (ok && (args->n > 0 || cli->options.json))
        cli->output.data = cli->output.json = true;
    ok = ok && output_text(&cli->output, "schemas",
                           args->n > 0         ? "document"
                           : cli->options.json ? "list_json"
                                               : "list",
                           &view, err);
    buf_release(&view);
    buf_release(&asked);
    return ok;
}
