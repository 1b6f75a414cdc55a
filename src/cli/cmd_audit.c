/* cfkv audit: every namespace of the account, who takes care of it, and where it is bound. */
#include "command.h"

#include <string.h>

#include "base/text.h"
#include "formats.h"
#include "plan/audit.h"
#include "show.h"
#include "state/state_file.h"

#define TOLD_SECONDS 3 /* what takes no longer is not worth a word */

/* ---- --fail-on ------------------------------------------------------------------------------- */

static bool unknown_word(struct bytes word, struct error *err)
{
    const char *words[AUDIT_WORDS + 1] = {NULL};
    char quoted[QUOTED_SIZE];
    struct buf all = {0};
    for (int i = 0; i < AUDIT_WORDS; i++) {
        words[i] = audit_word_name((enum audit_word)i);
        buf_addf(&all, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    const char *near = text_nearest(word, words);
    error_set(err, ERR_USAGE, "--fail-on takes words of audit, and %s is none",
              text_quoted(word, quoted, sizeof quoted));
    if (near)
        error_hint(err, "did you mean '%s'?", near);
    else
        error_hint(err, "they are %s", all.data);
    buf_release(&all);
    return false;
}

static bool add_word(unsigned *words, struct bytes word, struct error *err)
{
    for (int i = 0; i < AUDIT_WORDS; i++)
        if (bytes_equal(word, bytes_of(audit_word_name((enum audit_word)i)))) {
            *words |= 1u << i;
            return true;
        }
    return unknown_word(word, err);
}

/* The words of "orphan,stale", a bit each; an empty one is refused as any other. */
static bool read_words(const struct options *o, unsigned *words, struct error *err)
{
    *words = 0;
    for (size_t i = 0; i < o->fail_on.n; i++) {
        const char *at = o->fail_on.items[i];
        for (;; at++) {
            size_t len = strcspn(at, ",");
            if (!add_word(words, bytes_make(at, len), err))
                return false;
            at += len;
            if (!*at)
                break;
        }
    }
    bool unseen = *words & 1u << AUDIT_NO_EXPIRY && !o->keys && !o->without_ttl;
    if (!unseen)
        return true;
    error_set(err, ERR_USAGE, "--fail-on no-expiry needs the keys, and they are not listed");
    return error_hint(err, "add --ttl (or --keys, which lists those of every namespace)");
}

static bool fails_on(const struct audit *a, unsigned words)
{
    for (int i = 0; i < AUDIT_WORDS; i++)
        if (words >> i & 1 && a->counts[i] > 0)
            return true;
    return false;
}

/* ---- What is printed ------------------------------------------------------------------------- */

static bool write_audit(struct cli *cli, const struct audit *a, struct error *err)
{
    struct session *s = &cli->session;
    const char *module = "audit";
    struct buf document = {0}, where = {0};
    if (!cli->options.json)
        target_words(&s->target, &where);
    audit_write_json(a, &s->plan, where.data, &document);
    if (cli->options.document == DOCUMENT_TEXT)
        show_target(s, &cli->output.out);
    else if (cli->options.document == DOCUMENT_MARKDOWN)
        module = "audit.markdown";
    else if (cli->options.document == DOCUMENT_HTML)
        module = "audit.html";
    buf_release(&where);
    return output_document(&cli->output, cli->options.json, module, "text", &document, err);
}

/* ---- What is looked at ----------------------------------------------------------------------- */

/* The state of this configuration, or the one that --state names, and with --local the account's
 * beside it: they are not another project's. */
static void look_below(struct session *s, struct below *below, struct diag_list *notes)
{
    const char *own[] = {s->options->state_path && !s->options->local
                             ? s->options->state_path
                             : state_path_for(&s->arena, s->file),
                         NULL};
    below_find(below, s->root_path, own, notes);
}

static void tell_listing(const struct session *s, const struct audit *a,
                         const struct audit_wish *wish)
{
    struct audit_forecast forecast;
    struct buf text = {0};
    if (!audit_keys_forecast(a, &s->target, wish, &forecast))
        return;
    buf_addf(&text, "listing the keys of %zu namespace%s: %zu request%s or more",
             forecast.namespaces, text_plural(forecast.namespaces), forecast.namespaces,
             text_plural(forecast.namespaces));
    if (forecast.seconds > TOLD_SECONDS) {
        buf_add_str(&text, ", about ");
        progress_time(forecast.seconds, &text);
    }
    output_note(s->output, "%s", text.data);
    buf_release(&text);
}

static bool list_keys(struct cli *cli, struct audit *a, struct error *err)
{
    struct session *s = &cli->session;
    const struct options *o = &cli->options;
    struct audit_wish wish = {.all = o->keys};
    if (!o->keys && !o->without_ttl)
        return true;
    tell_listing(s, a, &wish);
    return audit_keys_list(a, &s->plan, &wish, err);
}

static bool look(struct cli *cli, struct audit *a, struct below *below, struct error *err)
{
    struct session *s = &cli->session;
    struct plan_options options;
    struct diag_list notes = {0};
    if (!session_audit_options(s, &options, err))
        return false;
    look_below(s, below, &notes);
    a->below = below;
    a->configuration = s->evaluated ? s->file : NULL;
    bool ok =
        audit_find(a, &s->plan, &s->model, &s->target, &options, err) && list_keys(cli, a, err);
    diag_add_all(&s->plan.notes, &notes);
    diag_release(&notes);
    progress_end(&s->looking);
    output_diagnostics(&cli->output, &s->plan.notes);
    return ok;
}

bool cmd_audit(struct cli *cli, enum exit_code *code, struct error *err)
{
    struct session *s = &cli->session;
    struct audit audit = {0};
    struct below below = {0};
    unsigned words;
    formats_begin(s);
    if (!read_words(&cli->options, &words, err) ||
        !session_evaluate_any(s, cli_argument(cli), err) || !session_open_target(s, false, err))
        return false;
    bool ok = look(cli, &audit, &below, err) && write_audit(cli, &audit, err);
    if (ok && fails_on(&audit, words))
        *code = EXIT_DIFFERENCES;
    if (ok && audit.verdict.code != ERR_NONE) { /* what is known is written all the same */
        ok = false;
        if (output_flush(&cli->output, err))
            *err = audit.verdict;
    }
    audit_release(&audit);
    below_release(&below);
    return ok;
}
