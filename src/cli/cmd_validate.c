/* The commands that only evaluate: validate, eval, inputs. */
#include "command.h"

#include "formats.h"
#include "model/eval_json.h"

/* Writes what was collected; the error of an invalid configuration outweighs that of writing. */
static bool flush_verdict(struct cli *cli, bool valid, struct error *err)
{
    struct error unwritten;
    return output_flush(&cli->output, valid ? err : &unwritten) && valid;
}

/* ---- validate -------------------------------------------------------------------------------- */

static void add_count(struct buf *out, size_t n, const char *one, const char *many)
{
    buf_addf(out, "%zu %s", n, n == 1 ? one : many);
}

static void write_valid_text(const struct session *s, struct buf *out)
{
    size_t keys = 0, files = 0; /* of puts and inline bulk arrays; seed files, whose keys are not */
    for (size_t i = 0; i < s->model.n_namespaces; i++) {
        const struct namespace_decl *ns = &s->model.namespaces[i];
        keys += ns->n_puts;
        for (size_t j = 0; j < ns->n_bulks; j++) {
            keys += ns->bulks[j].n;
            files += ns->bulks[j].format != SOURCE_INLINE;
        }
    }
    buf_addf(out, "%s: ", s->file);
    add_count(out, s->model.n_namespaces, "namespace", "namespaces");
    buf_add_str(out, ", ");
    add_count(out, keys, "key", "keys");
    if (files > 0) {
        buf_add_str(out, ", ");
        add_count(out, files, "seed file", "seed files");
    }
    buf_add_str(out, ": valid\n");
}

static void write_verdict_json(const struct session *s, bool valid, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "diagnostics");
    diag_write_json(&s->model.diags, &w);
    json_field_int(&w, "format_version", 1);
    json_field_bool(&w, "valid", valid);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

bool cmd_validate(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    struct buf *out = &cli->output.out;
    formats_begin(&cli->session);
    cli->session.json_end = ",\n  \"format_version\": 1,\n  \"valid\": false\n}\n";
    cli->session.reads_configs = true;
    bool valid = session_evaluate(&cli->session, cli_argument(cli), err);
    if (!valid && err->code != ERR_INVALID)
        return false;
    if (cli->options.json)
        write_verdict_json(&cli->session, valid, out);
    else if (valid && !cli->output.data && !cli->options.quiet)
        write_valid_text(&cli->session, out);
    if (valid && !formats_diagnostics(&cli->session, "valid", NULL, err))
        return false;
    return flush_verdict(cli, valid, err);
}

/* ---- eval ------------------------------------------------------------------------------------ */

bool cmd_eval(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    struct buf *out = &cli->output.out;
    struct json_writer w = json_writer_to(out, 2);
    cli->output.data = cli->output.json = true;
    if (!session_evaluate(&cli->session, cli_argument(cli), err))
        return false;
    model_write_json(&cli->session.model, &w);
    buf_add_char(out, '\n');
    return true;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static void write_inputs_json(const struct model *m, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "diagnostics");
    diag_write_json(&m->diags, &w);
    json_field_int(&w, "format_version", 1);
    json_key(&w, "inputs");
    model_write_inputs_json(m, &w);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

/* An invalid configuration lists its inputs all the same: that one of them is missing is a good
 * reason to ask which there are. */
bool cmd_inputs(struct cli *cli, enum exit_code *code, struct error *err)
{
    (void)code;
    const struct model *m = &cli->session.model;
    struct buf *out = &cli->output.out;
    bool valid = session_evaluate(&cli->session, NULL, err);
    if (!valid && err->code != ERR_INVALID)
        return false;
    if (cli->options.json)
        write_inputs_json(m, out);
    else
        model_write_inputs_text(m, out);
    return flush_verdict(cli, valid, err);
}
