/* cfkv audit: every namespace of the account, and where it is bound. */
#include "command.h"

#include "plan/audit.h"
#include "formats.h"
#include "show.h"

static bool write_audit(struct cli *cli, const struct audit *a, struct error *err)
{
    struct buf document = {0};
    audit_write_json(a, &cli->session.plan, &document);
    if (!cli->options.json)
        show_target(&cli->session, &cli->output.out);
    return output_document(&cli->output, cli->options.json, "audit", "text", &document, err);
}

bool cmd_audit(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct plan_options options;
    struct audit audit = {0};
    (void)code;
    formats_begin(s);
    if (!session_evaluate(s, o->args.n > 0 ? o->args.items[0] : NULL, err) ||
        !session_open_target(s, false, err) || !session_audit_options(s, &options, err))
        return false;
    bool ok = audit_find(&audit, &s->plan, &s->model, &s->target, &options, err);
    if (!o->json)
        output_diagnostics(&cli->output, &s->plan.notes);
    ok = ok && write_audit(cli, &audit, err);
    if (ok && audit.verdict.code != ERR_NONE) { /* what is known is written all the same */
        ok = false;
        if (output_flush(&cli->output, err))
            *err = audit.verdict;
    }
    audit_release(&audit);
    return ok;
}
