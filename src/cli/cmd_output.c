#include "command.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "show.h"
#include "state_place.h"

/* ---- Where outputs are recorded -------------------------------------------------------------- */

/* true when the local store has outputs for this configuration: for a hint. */
static bool local_has_outputs(struct session *s)
{
    struct target target = {.lock.fd = -1};
    struct state_place place;
    struct error err;
    if (!state_place_find(s, &place, &err))
        return false;
    struct target_options options = {
        .kind = TARGET_LOCAL,
        .config = s->file,
        .root = s->root_path,
        .state_path = place.path,
        .command = "cfkv output",
        .interrupted = &s->interrupt->pending,
    };
    bool has = target_open(&target, &options, &err) && target.state.n_outputs > 0;
    target_close(&target);
    return has;
}

/* A state file that is missing is a slip; an empty local store is not. */
static bool need_state(struct session *s, struct error *err)
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

static bool unknown_output(const struct state *state, const char *name, bool local,
                           struct error *err)
{
    char quoted[80];
    error_set(err, ERR_NOT_FOUND, "there is no output %s",
              text_quoted(bytes_of(name), quoted, sizeof quoted));
    const char **names = mem_zalloc(state->n_outputs + 1, sizeof *names);
    for (size_t i = 0; i < state->n_outputs; i++)
        names[i] = state->outputs[i].name;
    const char *near = text_nearest(bytes_of(name), names);
    if (near)
        error_hint(err, "did you mean '%s'?", near);
    else
        error_hint(err, "'cfkv output%s' without a name lists them", local ? " --local" : "");
    mem_free(names);
    return false;
}

/* One that was asked for by its name is printed alone, as JSON with its quotes. */
static bool print(struct cli *cli, const char *format, const char *name, struct error *err)
{
    const struct state *state = &cli->session.target.state;
    const struct state_output *one = name ? state_find_output(state, bytes_of(name)) : NULL;
    bool text = strcmp(format, "text") == 0;
    struct buf document = {0};
    if (name && !one)
        return unknown_output(state, name, cli->options.local, err);
    if (strcmp(format, "json") == 0) {
        if (!one) {
            show_outputs_json(state, NULL, &cli->output.out);
            return true;
        }
        buf_add_bytes(&cli->output.out, one->json);
        buf_add_char(&cli->output.out, '\n');
        return true;
    }
    if (state->n_outputs == 0)
        output_note(&cli->output, "no outputs are recorded");
    char module[64];
    struct error why;
    snprintf(module, sizeof module, "output.%s", format);
    show_outputs_json(state, name, &document);
    return output_text(&cli->output, module, text && one ? "value" : "entries", &document, &why) ||
           error_set(err, why.code, "%s with --format %s", why.message, format);
}

/* --json is --format json. */
static bool choose_format(const struct options *o, const char **format, struct error *err)
{
    *format = o->output_format ? o->output_format : o->json ? "json" : "text";
    if (o->json && strcmp(*format, "json") != 0)
        return error_set(err, ERR_USAGE, "--json and --format %s contradict each other", *format);
    return true;
}

bool cmd_output(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    struct session *s = &cli->session;
    const char *format;
    const char *name = cli->options.args.n > 0 ? cli->options.args.items[0] : NULL;
    if (!choose_format(&cli->options, &format, err) || !state_place_learn(s, err) ||
        !session_open_state(s, false, err) || !need_state(s, err))
        return false;
    /* A value alone is data, for $(cfkv output NAME), where no person reads it. */
    cli->output.json = strcmp(format, "json") == 0;
    cli->output.data = strcmp(format, "text") != 0 || (name && !isatty(STDOUT_FILENO));
    return print(cli, format, name, err);
}
