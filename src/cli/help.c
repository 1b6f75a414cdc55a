#include "help.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "command.h"
#include "host/host.h"
#include "model/model.h"
#include "script/embed.h"
#include "script/tables.h"

static const struct {
    enum exit_code code;
    const char *meaning;
} exit_codes[] = {
    {EXIT_OK, "done"},
    {EXIT_FAILED, "failed"},
    {EXIT_DIFFERENCES,
     "there are differences (plan --detailed-exitcode, drift, wrangler --check, audit --fail-on)"},
    {EXIT_INVALID, "the configuration or an input file is invalid or damaged"},
    {EXIT_PARTIAL, "done in part: what failed is listed, and the next run goes on"},
    {EXIT_REFUSED, "a guard refused, a saved plan is stale, or the prompt was declined"},
    {EXIT_USAGE, "wrong usage"},
    {EXIT_LOCKED, "another run holds a lock: try again, or wait with --lock-timeout"},
    {EXIT_INTERRUPTED, "interrupted: what was in flight is finished, and recorded"},
};

static void write_member(struct json_writer *w, const char *name, const char *text)
{
    json_field_str(w, name, text);
}

static void write_commands(struct json_writer *w)
{
    json_begin_array(w);
    for (const struct command *c = command_table; c->name; c++) {
        json_begin_object(w);
        write_member(w, "about", c->about);
        write_member(w, "args", c->args);
        write_member(w, "name", c->name);
        json_key(w, "options");
        options_write_places(w, c->groups);
        write_member(w, "summary", c->summary);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_exit_codes(struct json_writer *w)
{
    json_begin_array(w);
    for (size_t i = 0; i < sizeof exit_codes / sizeof *exit_codes; i++) {
        json_begin_object(w);
        json_field_int(w, "code", exit_codes[i].code);
        write_member(w, "meaning", exit_codes[i].meaning);
        json_end_object(w);
    }
    json_end_array(w);
}

static void describe(struct json_writer *w, const char *type, const struct fields *fields,
                     const void *record)
{
    json_key(w, type);
    fields_describe(w, fields, record);
}

/* All tables of fields by their types (script/tables.h). Defaults are what stands in a declaration
 * of nothing. */
static void write_fields(struct json_writer *w)
{
    struct removed_decl removed = {0};
    struct wrangler_decl wrangler = {.ids = IDS_FILL};
    struct json_sort sort;
    struct model model;
    model_init(&model);
    const struct namespace_decl *ns = model_add_namespace(&model);
    json_begin_object(w);
    json_sort_begin(w, &sort);
    describe(w, "cfkv.defaults", &namespace_defaults, ns);
    describe(w, "cfkv.namespace_fields", &namespace_fields, ns);
    describe(w, "cfkv.project_fields", &project_fields, &model.project);
    describe(w, "cfkv.removed_fields", &removed_fields, &removed);
    describe(w, "cfkv.wrangler_fields", &wrangler_fields, &wrangler);
    for (const struct typed_fields *t = script_tables; t->type; t++)
        describe(w, t->type, t->fields, NULL);
    json_sort_end(w, &sort);
    json_end_object(w);
    model_release(&model);
}

/* "cfkv.naming" of "cfkv/naming.lua", and "cfkv" of what describes that module. */
static void write_sources(struct json_writer *w)
{
    struct json_sort sort;
    struct buf storage = {0};
    struct bytes text;
    json_begin_object(w);
    json_sort_begin(w, &sort);
    for (const struct embed_file *f = embed_stdlib; f->name; f++) {
        struct bytes name = bytes_of(strrchr(f->name, '/') + 1);
        if (!embed_text(embed_stdlib, "stdlib", f->name, &storage, &text))
            continue;
        json_key_bytes(w, bytes_make(name.data, name.len - (sizeof ".lua" - 1)));
        json_string(w, text);
    }
    json_sort_end(w, &sort);
    json_end_object(w);
    buf_release(&storage);
}

/* The moment that what is built is said to be of (reproducible-builds.org). */
static int64_t source_date(void)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    int64_t date;
    return epoch && text_to_int64(bytes_of(epoch), &date) && date >= 0 ? date : clock_now();
}

void help_write_json(const struct help_request *request, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 0);
    struct bytes topic;
    json_begin_object(&w);
    write_member(&w, "asked", request->asked);
    json_key(&w, "commands");
    write_commands(&w);
    json_field_int(&w, "date", source_date());
    json_key(&w, "exit_codes");
    write_exit_codes(&w);
    json_key(&w, "fields");
    write_fields(&w);
    json_key(&w, "options");
    options_write_json(&w);
    if (request->lua) {
        json_key(&w, "sources");
        write_sources(&w);
    }
    json_field_array(&w, "topics");
    for (size_t i = 0; host_module("topic", i, &topic); i++)
        json_string(&w, topic);
    json_end_array(&w);
    write_member(&w, "version", CFKV_VERSION);
    json_field_int(&w, "width", request->width);
    json_end_object(&w);
}

void help_list_lua(struct buf *names)
{
    struct help_request request = {.lua = true};
    struct buf document = {0};
    struct diag_list problems = {0};
    struct error unmade;
    help_write_json(&request, &document);
    host_text("lua_names", "list", buf_bytes(&document), &problems, names, &unmade);
    diag_release(&problems);
    buf_release(&document);
}

bool help_nearest_lua(struct bytes name, char *near, size_t size)
{
    struct buf names = {0};
    const char **list = NULL;
    size_t n = 0, cap = 0;
    help_list_lua(&names);
    for (char *at = names.data; at && *at; n++) {
        char *end = strchr(at, '\n');
        *end = '\0';
        mem_grow((void **)&list, &cap, n + 2, sizeof *list);
        list[n] = at;
        list[n + 1] = NULL;
        at = end + 1;
    }
    const char *nearest = list ? text_nearest(name, list) : NULL;
    if (nearest)
        snprintf(near, size, "%s", nearest);
    mem_free(list);
    buf_release(&names);
    return nearest != NULL;
}

bool help_is_topic(struct bytes name)
{
    struct bytes topic;
    for (size_t i = 0; host_module("topic", i, &topic); i++)
        if (bytes_equal(topic, name))
            return true;
    return false;
}

bool help_nearest_topic(struct bytes name, char *near, size_t size)
{
    struct bytes topic;
    char candidate[32];
    bool found = false;
    for (size_t i = 0; host_module("topic", i, &topic); i++) {
        snprintf(candidate, sizeof candidate, "%.*s", BYTES_FMT(topic));
        const char *names[] = {found ? near : candidate, found ? candidate : NULL, NULL};
        if (text_nearest(name, names) != candidate)
            continue;
        snprintf(near, size, "%s", candidate);
        found = true;
    }
    return found;
}
