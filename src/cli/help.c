#include "help.h"

#include "command.h"
#include "host/host.h"
#include "model/fields.h"

static const struct {
    enum exit_code code;
    const char *meaning;
} exit_codes[] = {
    {EXIT_OK, "done"},
    {EXIT_FAILED, "failed"},
    {EXIT_DIFFERENCES, "there are differences (plan --detailed-exitcode, drift, wrangler --check)"},
    {EXIT_INVALID, "the configuration or an input file is invalid or damaged"},
    {EXIT_PARTIAL, "done in part"},
    {EXIT_REFUSED, "a guard refused, a saved plan is stale, or the prompt was declined"},
    {EXIT_USAGE, "wrong usage"},
    {EXIT_LOCKED, "another run holds a lock: try again"},
    {EXIT_INTERRUPTED, "interrupted"},
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

void help_write_json(const char *asked, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 0);
    struct bytes topic;
    json_begin_object(&w);
    write_member(&w, "asked", asked);
    json_key(&w, "commands");
    write_commands(&w);
    json_key(&w, "exit_codes");
    write_exit_codes(&w);
    json_key(&w, "fields");
    fields_describe(&w, &namespace_fields, &namespace_defaults);
    json_field_int(&w, "format_version", 1);
    json_key(&w, "options");
    options_write_json(&w);
    json_field_array(&w, "topics");
    for (size_t i = 0; host_module("topic", i, &topic); i++)
        json_string(&w, topic);
    json_end_array(&w);
    json_end_object(&w);
}

bool help_is_topic(struct bytes name)
{
    struct bytes topic;
    for (size_t i = 0; host_module("topic", i, &topic); i++)
        if (bytes_equal(topic, name))
            return true;
    return false;
}
