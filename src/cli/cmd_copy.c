/* copy: one namespace into another, of the same target or the other one. */
#include "command.h"

#include "report.h"
#include "which.h"

/* Each side has a session when they are not of the same target. */
struct sides {
    struct session *from, *to;
    struct options local_options; /* those of the command line, and --local */
    struct session local;         /* beside the account's, where it is in use */
    bool has_local;
};

/* The command's own session is the account's, unless both sides are local. */
static bool open_sides(struct cli *cli, const char *from, const char *to, struct sides *sides,
                       struct error *err)
{
    bool local = cli->options.local;
    sides->from = sides->to = &cli->session;
    if (!local && kv_word_is_local(from) && kv_word_is_local(to))
        cli->options.local = true;
    if (!session_open_store(&cli->session, false, err))
        return false;
    if (local || kv_word_is_local(from) == kv_word_is_local(to))
        return true;
    sides->local_options = cli->options;
    sides->local_options.local = true;
    session_init(&sides->local, cli->session.command, &sides->local_options, &cli->output,
                 cli->session.interrupt);
    sides->has_local = true;
    if (kv_word_is_local(from))
        sides->from = &sides->local;
    else
        sides->to = &sides->local;
    return session_open_store(&sides->local, false, err);
}

static bool find_both(const struct sides *sides, const char *from, const char *to,
                      struct kv_namespace *source, struct kv_namespace *out, bool *created,
                      struct error *err)
{
    char name[KV_QUOTED_SIZE];
    if (!which_by_word(sides->from, kv_word_plain(from), source, err))
        return false;
    struct kv_kind kind = kv_kind_of(source);
    if (!which_or_create(sides->to, kv_word_plain(to), &kind, out, created, err))
        return false;
    if (sides->from != sides->to || !bytes_equal(source->id, out->id))
        return true;
    return error_set(err, ERR_USAGE, "both namespaces are %s", kv_quoted(out, name));
}

bool cmd_copy(struct cli *cli, enum exit_code *code, struct error *err)
{
    const char *from = cli->options.args.items[0], *to = cli->options.args.items[1];
    struct sides sides = {0};
    struct kv_namespace source;
    struct buf what = {0};
    struct report r;
    char name[KV_QUOTED_SIZE];
    bool created;
    (void)code;
    report_init(&r, cli, REPORT_COPY);
    r.from = &source;
    bool ok = open_sides(cli, from, to, &sides, err);
    r.s = sides.to;
    ok = ok && find_both(&sides, from, to, &source, &r.ns, &created, err);
    if (ok) {
        buf_addf(&what, "Copy %s", kv_quoted(&source, name));
        r.question.fill = what.data;
        struct kv_fill fill = report_fill(&r, created);
        ok = kv_copy(&fill, &sides.from->kv, &source, err);
        ok = report_end_fill(&r, &fill, ok, err);
    }
    buf_release(&what);
    report_release(&r);
    if (sides.has_local)
        session_release(&sides.local);
    return ok;
}
