#include "command.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "output_format.h"
#include "show.h"

/* ---- Where outputs are recorded -------------------------------------------------------------- */

/* true when the local store has outputs for this configuration: for a hint. */
static bool local_has_outputs(const struct session *s)
{
    struct target target = {.lock.fd = -1};
    struct error err;
    struct target_options options = {
        .kind = TARGET_LOCAL,
        .config = s->file,
        .root = s->root_path,
        .state_path = s->options->state_path,
        .command = "cfkv output",
        .interrupted = &s->interrupt->pending,
    };
    bool has = target_open(&target, &options, &err) && target.state.n_outputs > 0;
    target_close(&target);
    return has;
}

/* A state file that is missing is a slip; an empty local store is not. */
static bool need_state(const struct session *s, struct error *err)
{
    if (s->options->local || !s->target.state.fresh)
        return true;
    error_set(err, ERR_NOT_FOUND, "there is no state '%s'", s->target.state_file);
    if (local_has_outputs(s))
        return error_hint(err, "add --local for the outputs of the local store");
    return error_hint(err, "'cfkv apply' records outputs; with --local it does so for the local "
                           "store");
}

/* ---- Printing -------------------------------------------------------------------------------- */

static bool write_all_text(const struct state *state, struct buf *out, struct error *err)
{
    for (size_t i = 0; i < state->n_outputs; i++)
        if (!show_output(&state->outputs[i], out, err))
            return false;
    return true;
}

static void write_all_json(const struct state *state, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    for (size_t i = 0; i < state->n_outputs; i++) {
        json_key(&w, state->outputs[i].name);
        json_raw(&w, state->outputs[i].json);
    }
    json_end_object(&w);
    buf_add_char(out, '\n');
}

static const struct state_output *find_output(const struct state *state, const char *name)
{
    for (size_t i = 0; i < state->n_outputs; i++)
        if (strcmp(state->outputs[i].name, name) == 0)
            return &state->outputs[i];
    return NULL;
}

static bool unknown_output(const struct state *state, const char *name, struct error *err)
{
    char quoted[80];
    error_set(err, ERR_NOT_FOUND, "there is no output %s",
              text_quoted(bytes_of(name), quoted, sizeof quoted));
    const char **names = mem_zalloc(state->n_outputs + 1, sizeof *names);
    if (!names)
        return error_nomem(err);
    for (size_t i = 0; i < state->n_outputs; i++)
        names[i] = state->outputs[i].name;
    const char *near = text_nearest(bytes_of(name), names);
    if (near)
        error_hint(err, "did you mean '%s'?", near);
    else
        error_hint(err, "'cfkv output' without a name lists them");
    mem_free(names);
    return false;
}

/* The value alone; as JSON a string keeps its quotes. */
static bool write_value(const struct state_output *output, bool json, struct buf *out,
                        struct error *err)
{
    if (json)
        buf_add_bytes(out, output->json);
    else if (!show_value(output, out, err))
        return false;
    return buf_add_char(out, '\n') || error_nomem(err);
}

/* Entries for other programs. */
static bool write_entries(struct cli *cli, enum output_format format,
                          const struct state_output *outputs, size_t n, struct error *err)
{
    struct diag_list problems = {0};
    bool ok = output_format_write(format, outputs, n, &problems, &cli->output.out, err);
    output_diagnostics(&cli->output, &problems);
    diag_release(&problems);
    return ok;
}

static bool print_one(struct cli *cli, const struct state *state, enum output_format format,
                      struct error *err)
{
    const char *name = cli->options.args.items[0];
    const struct state_output *output = find_output(state, name);
    if (!output)
        return unknown_output(state, name, err);
    if (format > OUTPUT_JSON)
        return write_entries(cli, format, output, 1, err);
    return write_value(output, format == OUTPUT_JSON, &cli->output.out, err);
}

static bool print_all(struct cli *cli, const struct state *state, enum output_format format,
                      struct error *err)
{
    struct buf *out = &cli->output.out;
    if (format == OUTPUT_JSON) {
        write_all_json(state, out);
        return buf_ok(out, err);
    }
    if (state->n_outputs == 0)
        output_note(&cli->output, "no outputs are recorded");
    if (format == OUTPUT_TEXT)
        return write_all_text(state, out, err);
    return write_entries(cli, format, state->outputs, state->n_outputs, err);
}

/* --json is --format json. */
static bool choose_format(const struct options *o, enum output_format *format, struct error *err)
{
    *format = (enum output_format)o->output_format;
    if (*format == OUTPUT_FORMAT_UNSET)
        *format = o->json ? OUTPUT_JSON : OUTPUT_TEXT;
    if (o->json && *format != OUTPUT_JSON)
        return error_set(err, ERR_USAGE, "--json and --format %s contradict each other",
                         output_format_words[*format]);
    return true;
}

bool cmd_output(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    struct session *s = &cli->session;
    enum output_format format;
    if (!choose_format(&cli->options, &format, err) || !session_locate(s, NULL, err) ||
        !session_open_state(s, false, err) || !need_state(s, err))
        return false;
    /* A value alone is data, for $(cfkv output NAME), where no person reads it. */
    cli->output.data = format != OUTPUT_TEXT || (cli->options.args.n > 0 && !isatty(STDOUT_FILENO));
    return cli->options.args.n > 0 ? print_one(cli, &s->target.state, format, err)
                                   : print_all(cli, &s->target.state, format, err);
}
