/* cfkv wrangler: wrangler configs brought in step with what is recorded; and the types of their
 * bindings. */
#include "command.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "credentials.h"
#include "plan/config_notes.h"
#include "plan/config_update.h"
#include "plan/deploy_ids.h"
#include "show.h"
#include "types_file.h"

/* ---- Which configs --------------------------------------------------------------------------- */

static bool is_named(const struct cli *cli, const struct config *config)
{
    const struct text_list *args = &cli->options.args;
    for (size_t i = 0; i < args->n; i++)
        if (strcmp(args->items[i], config->name) == 0 ||
            bytes_equal(bytes_of(args->items[i]), config->decl->path))
            return true;
    return args->n == 0;
}

static bool check_names(const struct cli *cli, const struct configs *configs, struct error *err)
{
    const struct text_list *args = &cli->options.args;
    for (size_t i = 0; i < args->n; i++) {
        bool declared = false;
        for (size_t j = 0; j < configs->n; j++)
            declared = declared || strcmp(args->items[i], configs->items[j].name) == 0 ||
                       bytes_equal(bytes_of(args->items[i]), configs->items[j].decl->path);
        char quoted[160];
        if (declared)
            continue;
        error_set(err, ERR_USAGE, "no wrangler config %s is declared",
                  text_quoted(bytes_of(args->items[i]), quoted, sizeof quoted));
        return error_hint(err, "name one as cfkv.wrangler does, relative to the project root");
    }
    return true;
}

static bool check_options(const struct cli *cli, const struct model *m, struct error *err)
{
    const struct options *o = &cli->options;
    bool has_program = config_program_at(cli->session.root_path);
    if (o->check && o->to_stdout)
        return error_set(err, ERR_USAGE, "--check and --stdout exclude each other");
    if (o->to_stdout && o->json)
        return error_set(err, ERR_USAGE, "--stdout and --json exclude each other");
    if (m->n_wranglers == 0 && !has_program) {
        error_set(err, ERR_INVALID, "the configuration declares no wrangler config");
        return error_hint(err, "add cfkv.wrangler { path = \"wrangler.toml\" }");
    }
    if (o->types && (o->envs.n > 0 || o->only.n > 0)) {
        error_set(err, ERR_USAGE,
                  "--types is of all environments: --env and --only do not go "
                  "with it");
        return error_hint(err, "name a config for its bindings alone: cfkv wrangler PATH --types "
                               "FILE");
    }
    if (o->to_stdout && !o->types && o->args.n != 1 && m->n_wranglers > 1) {
        error_set(err, ERR_USAGE, "--stdout prints one config, and %zu are declared",
                  m->n_wranglers);
        return error_hint(err, "name the one to print: cfkv wrangler --stdout PATH");
    }
    return true;
}

/* ---- Showing --------------------------------------------------------------------------------- */

static bool add_diff(const struct config_update *update, const struct config *config,
                     const struct model *m, struct buf *out, struct error *err)
{
    struct buf text = {0};
    bool ok = configs_text(config, m, update->ids, &text, err);
    if (ok) {
        buf_addf(out, "--- %s\n+++ %s (as declared)\n", config->exists ? config->name : "/dev/null",
                 config->name);
        wrangler_config_diff(buf_bytes(&config->text), buf_bytes(&text), out);
    }
    buf_release(&text);
    return ok;
}

/* `diff`: where it is stale. */
static void write_file_json(struct json_writer *w, const char *name, bool stale,
                            const struct buf *diff, bool written)
{
    json_begin_object(w);
    json_field_text(w, "diff", stale ? buf_bytes(diff) : bytes_make(NULL, 0));
    json_field_str(w, "path", name);
    json_field_bool(w, "stale", stale);
    json_field_bool(w, "written", stale && written);
    json_end_object(w);
}

static bool write_config_json(struct json_writer *w, const struct config_update *update,
                              const struct config *config, const struct model *m, bool written,
                              struct error *err)
{
    struct buf diff = {0};
    bool stale = config_is_stale(config);
    bool ok = !stale || add_diff(update, config, m, &diff, err);
    write_file_json(w, config->name, stale, &diff, written);
    buf_release(&diff);
    return ok;
}

static bool write_json(struct cli *cli, const struct config_update *update, bool written,
                       struct error *err)
{
    struct buf *out = &cli->output.out;
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "diagnostics");
    diag_write_json(&update->notes, &w);
    json_field_array(&w, "files");
    for (size_t i = 0; i < update->configs.n; i++)
        if (is_named(cli, &update->configs.items[i]) &&
            !write_config_json(&w, update, &update->configs.items[i], &cli->session.model, written,
                               err))
            return false;
    json_end_array(&w);
    json_field_int(&w, "format_version", 1);
    json_end_object(&w);
    buf_add_char(out, '\n');
    return true;
}

/* ---- --check --------------------------------------------------------------------------------- */

static bool check(struct cli *cli, const struct config_update *update, enum exit_code *code,
                  struct error *err)
{
    bool stale = update->unapplied > 0 || update->local > 0 || update->notes.errors > 0;
    for (size_t i = 0; i < update->configs.n; i++) {
        const struct config *config = &update->configs.items[i];
        if (!is_named(cli, config) || !config_is_stale(config))
            continue;
        stale = true;
        if (!cli->options.json &&
            !add_diff(update, config, &cli->session.model, &cli->output.out, err))
            return false;
    }
    if (stale)
        *code = EXIT_DIFFERENCES;
    return !cli->options.json || write_json(cli, update, false, err);
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* What guards refuse was told. */
static bool refuse(const struct config_update *update, struct error *err)
{
    size_t foreign = 0;
    for (size_t i = 0; i < update->notes.n; i++)
        foreign += strcmp(update->notes.items[i].code, "guard.take_over") == 0;
    if (foreign > 0)
        return error_set(err, ERR_GUARD,
                         "nothing was written: %zu binding%s that cfkv did not write", foreign,
                         text_plural(foreign));
    return error_set(err, ERR_GUARD, "nothing was written: a config is for another account");
}

/* Nothing is written while something is in the way. */
static bool check_ready(const struct config_update *update, struct error *err)
{
    if (update->notes.errors > 0)
        return refuse(update, err);
    if (update->unapplied == 0)
        return true;
    error_set(err, ERR_FAILED, "nothing was written: %zu binding%s no id yet", update->unapplied,
              update->unapplied == 1 ? " has" : "s have");
    return error_hint(err, "cfkv apply first, or name an environment with --env");
}

static bool write_all(struct cli *cli, const struct config_update *update, struct error *err)
{
    struct session *s = &cli->session;
    struct error save = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < update->configs.n; i++) {
        const struct config *config = &update->configs.items[i];
        if (!is_named(cli, config))
            continue;
        ok = config_update_write(update, config, &s->model, &s->target, err);
        if (!ok)
            error_wrap(err, "cannot write '%s'", config->name);
        else
            output_note(&cli->output, config_is_stale(config) ? "wrote %s" : "%s is as declared",
                        config->name);
        if (ok)
            show_built(&cli->output, config);
    }
    if (!state_save(&s->target.state, &save) && ok) {
        *err = save;
        return false;
    }
    return ok;
}

/* ---- --types --------------------------------------------------------------------------------- */

static void write_types_json(struct cli *cli, const struct types_file *file)
{
    struct buf diff = {0};
    struct json_writer w = json_writer_to(&cli->output.out, 2);
    if (file->stale)
        types_file_diff(file, &diff);
    json_begin_object(&w);
    json_field_array(&w, "diagnostics");
    json_end_array(&w);
    json_field_array(&w, "files");
    write_file_json(&w, file->name, file->stale, &diff, !cli->options.check);
    json_end_array(&w);
    json_field_int(&w, "format_version", 1);
    json_end_object(&w);
    buf_add_char(&cli->output.out, '\n');
    buf_release(&diff);
}

static bool finish_types(struct cli *cli, const struct types_file *file, enum exit_code *code,
                         struct error *err)
{
    const struct options *o = &cli->options;
    struct output *out = &cli->output;
    if (o->to_stdout) {
        out->data = !isatty(STDOUT_FILENO);
        buf_add_bytes(&out->out, buf_bytes(&file->after));
        return true;
    }
    if (!o->check && !types_file_write(file, err))
        return false;
    if (o->json)
        write_types_json(cli, file);
    else if (o->check && file->stale)
        types_file_diff(file, &out->out);
    if (o->check)
        *code = file->stale ? EXIT_DIFFERENCES : EXIT_OK;
    else
        output_note(out, file->stale ? "wrote %s" : "%s is as declared", file->name);
    return true;
}

/* What is declared and what the configs hold is enough: no id is needed, no state, no target. */
static bool run_types(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct configs configs = {0};
    struct diag_list notes = {0};
    struct types_file file = {0};
    bool ok = configs_read(&configs, &s->model, s->root_path, &notes, err) &&
              configs_check(&configs, &s->model, &notes, err);
    const struct config **named = arena_alloc(&s->arena, configs.n, sizeof *named);
    size_t n = 0;
    diag_locate(&notes, &s->model.texts);
    output_diagnostics(&cli->output, &notes);
    for (size_t i = 0; i < configs.n; i++)
        if (is_named(cli, &configs.items[i]))
            named[n++] = &configs.items[i];
    ok = ok && check_names(cli, &configs, err) &&
         types_file_make(&file, s, cli->options.types, named, n, err) &&
         finish_types(cli, &file, code, err);
    types_file_release(&file);
    diag_release(&notes);
    configs_release(&configs);
    return ok;
}

/* ---- The command ----------------------------------------------------------------------------- */

/* Where nothing else is, what goes into programs is what is printed. */
static bool prints_programs(const struct cli *cli)
{
    const struct options *o = &cli->options;
    return !o->json && !o->check && !o->to_stdout;
}

/* What `cfkv apply --local` wrote is no id for a deploy. */
static bool find_local_ids(struct cli *cli, struct config_update *update,
                           const struct plan_options *filters, struct error *err)
{
    struct session *s = &cli->session;
    struct deploy_ids ids;
    if (!session_open_own(s, err))
        return false;
    deploy_ids_open(&ids, &s->model, &s->own);
    for (size_t i = 0; i < update->configs.n; i++)
        if (is_named(cli, &update->configs.items[i]))
            update->local +=
                deploy_ids_note(&ids, &update->configs.items[i], filters, &update->notes);
    deploy_ids_close(&ids);
    return true;
}

/* That the state is missing is a slip; what is known without it is told all the same. */
static bool check_state(const struct cli *cli, const struct config_update *update,
                        struct error *err)
{
    const struct target *t = &cli->session.target;
    if (cli->options.local || !t->state.fresh || update->local > 0)
        return true;
    error_set(err, ERR_NOT_FOUND, "there is no state '%s', which would have the ids",
              t->state_file);
    return error_hint(err, "cfkv apply makes it; --local takes the ids of the local store");
}

static bool find(struct cli *cli, struct config_update *update, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct plan_options options;
    const char *account;
    bool ok = (o->check || check_state(cli, update, err)) &&
              credentials_account(&s->env, &account, err) &&
              session_plan_options(s, &options, err) &&
              config_update_find(update, &s->model, &s->target, &options, bytes_of(account), err) &&
              (!o->check || o->local || find_local_ids(cli, update, &options, err));
    if (ok && !check_state(cli, update, err))
        return false;
    config_programs_note(&update->programs, prints_programs(cli), &update->notes);
    diag_locate(&update->notes, &s->model.texts);
    if (!cli->options.json)
        output_diagnostics(&cli->output, &update->notes);
    return ok && check_names(cli, &update->configs, err);
}

static bool run(struct cli *cli, const struct config_update *update, enum exit_code *code,
                struct error *err)
{
    const struct options *o = &cli->options;
    if (o->check)
        return check(cli, update, code, err);
    if (!check_ready(update, err))
        return false;
    if (prints_programs(cli))
        config_programs_print(&update->programs, &cli->output.out);
    if (!o->to_stdout)
        return write_all(cli, update, err) && (!o->json || write_json(cli, update, true, err));
    cli->output.data = !isatty(STDOUT_FILENO);
    for (size_t i = 0; i < update->configs.n; i++)
        if (is_named(cli, &update->configs.items[i]))
            return configs_text(&update->configs.items[i], &cli->session.model, update->ids,
                                &cli->output.out, err);
    return true;
}

bool cmd_wrangler(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct config_update update = {0};
    bool ok = session_evaluate(s, NULL, err) && check_options(cli, &s->model, err);
    if (ok && o->types)
        return run_types(cli, code, err);
    ok = ok && session_open_states(s, !o->check && !o->to_stdout, err);
    ok = ok && find(cli, &update, err) && run(cli, &update, code, err);
    config_update_release(&update);
    return ok;
}
