#include "foreign.h"

#include "command.h"
#include "host/host.h"

/* The names of the commands that take options of one of the groups. */
static void write_commands(struct json_writer *w, option_groups groups)
{
    json_begin_array(w);
    for (const struct command *c = command_table; c->name; c++)
        if (c->groups & groups)
            json_str(w, c->name);
    json_end_array(w);
}

/* A bug in the words is not worth losing the error that they are to explain. */
static bool ask(const char *function, const struct buf *view, struct error *err)
{
    struct diag_list problems = {0};
    struct buf hint = {0};
    struct error unmade;
    bool ok = host_text("foreign", function, buf_bytes(view), &problems, &hint, &unmade);
    if (ok && hint.len > 0)
        error_hint(err, "%.*s", BYTES_FMT(buf_bytes(&hint)));
    ok = ok && hint.len > 0;
    diag_release(&problems);
    buf_release(&hint);
    return ok;
}

bool foreign_command(struct bytes words, struct error *err)
{
    struct buf view = {0};
    struct json_writer w = json_writer_to(&view, 0);
    json_begin_object(&w);
    json_key(&w, "commands");
    write_commands(&w, ANY_GROUP);
    json_key(&w, "word");
    json_string(&w, words);
    json_end_object(&w);
    bool known = ask("command", &view, err);
    buf_release(&view);
    return known;
}

bool foreign_option(const char *command, option_groups groups, struct bytes name, struct error *err)
{
    struct buf view = {0};
    struct json_writer w = json_writer_to(&view, 0);
    const char *option;
    option_groups takers;
    json_begin_object(&w);
    json_field_str(&w, "command", command);
    json_field_array(&w, "options");
    for (size_t i = 0; (option = options_name(i, &takers)); i++) {
        json_begin_object(&w);
        json_key(&w, "commands");
        write_commands(&w, takers);
        json_field_bool(&w, "mine", (takers & groups) != 0);
        json_field_str(&w, "name", option);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_key(&w, "word");
    json_string(&w, name);
    json_end_object(&w);
    bool known = ask("option", &view, err);
    buf_release(&view);
    return known;
}

bool foreign_argument(const char *command, struct error *err)
{
    struct buf view = {0};
    struct json_writer w = json_writer_to(&view, 0);
    json_begin_object(&w);
    json_field_str(&w, "command", command);
    json_end_object(&w);
    bool known = ask("argument", &view, err);
    buf_release(&view);
    return known;
}
