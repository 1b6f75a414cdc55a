#include "show.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void show_target(const struct session *s, struct buf *out)
{
    buf_add_str(out, "Target: ");
    target_heading(&s->target, out);
    if (s->above) {
        buf_add_str(out, ", by ");
        text_show(out, bytes_of(s->file));
    }
    buf_add_char(out, '\n');
}

void show_result(const struct session *s, const char *fmt, ...)
{
    char what[1024]; /* names in it are quoted, and cut */
    struct buf text = {0};
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    buf_addf(&text, "%s, in ", what);
    target_words(&s->target, &text);
    output_note(s->output, "%s", text.data);
    buf_release(&text);
}

void show_accounts_member(const struct session *s, const struct kv_namespace *ns,
                          struct json_writer *w)
{
    json_field_array(w, "accounts");
    if (!s->target.local && ns->account.len > 0)
        json_string(w, ns->account);
    json_end_array(w);
}

void show_target_member(const struct session *s, struct json_writer *w)
{
    json_field_str(w, "target", s->target.name);
}

static bool is_guard(const struct diag *d)
{
    return strncmp(d->code, "guard.", 6) == 0;
}

/* The notes that are no guard's. */
static void show_others(const struct output *o, const struct diag_list *notes)
{
    struct diag_list others = {0};
    for (size_t i = 0; i < notes->n; i++)
        if (!is_guard(&notes->items[i]))
            diag_copy(&others, &notes->items[i]);
    output_diagnostics(o, &others);
    diag_release(&others);
}

size_t show_notes(const struct output *o, const struct plan *p, const char *prefix)
{
    struct diag_groups groups;
    size_t refusals = 0;
    show_others(o, &p->notes);
    diag_groups_make(&groups, &p->notes, o->verbose);
    for (size_t i = 0; i < groups.n; i++) {
        if (!is_guard(groups.items[i].first))
            continue;
        output_refusal(o, prefix, &groups.items[i]);
        refusals += groups.items[i].n;
    }
    diag_groups_release(&groups);
    return refusals;
}

/* ---- Actions --------------------------------------------------------------------------------- */

static const char *verb_word(const struct action *a)
{
    switch (a->verb) {
    case ACTION_CREATE:
        return "create";
    case ACTION_ADOPT:
        return "adopt";
    case ACTION_RENAME:
        return "rename";
    case ACTION_UPDATE:
        return "update";
    case ACTION_DELETE:
        return "delete";
    case ACTION_FORGET:
        return "forget";
    case ACTION_PUT:
        return a->kind == ACTION_BULK ? "seed" : "put";
    case ACTION_WRITE:
        return "write";
    }
    return "do";
}

void show_action(const struct action *a, struct buf *out)
{
    buf_addf(out, "%s ", verb_word(a));
    if (a->kind == ACTION_KEY || a->kind == ACTION_BULK) {
        text_quote(out, a->key, 100);
        buf_add_str(out, " in ");
    }
    text_quote(out, a->title, 100);
}

struct count_words {
    size_t field; /* offset in struct plan_summary */
    const char *one, *many;
};

#define FIELD(name) offsetof(struct plan_summary, name)

static const struct count_words done_words[] = {
    {FIELD(create), "namespace created", "namespaces created"},
    {FIELD(adopt), "namespace adopted", "namespaces adopted"},
    {FIELD(rename), "namespace renamed", "namespaces renamed"},
    {FIELD(update), "namespace updated", "namespaces updated"},
    {FIELD(put), "key put", "keys put"},
    {FIELD(overwrite), "key overwritten", "keys overwritten"},
    {FIELD(write), "file written", "files written"},
    {FIELD(delete_keys), "key deleted", "keys deleted"},
    {FIELD(delete_namespaces), "namespace deleted", "namespaces deleted"},
    {FIELD(forget), "entry forgotten", "entries forgotten"},
    {FIELD(outputs), "output changed", "outputs changed"},
};

void show_done(const struct plan_summary *done, struct buf *out)
{
    const char *gap = "";
    for (size_t i = 0; i < sizeof done_words / sizeof *done_words; i++) {
        uint64_t n;
        memcpy(&n, (const char *)done + done_words[i].field, sizeof n);
        if (n == 0)
            continue;
        buf_addf(out, "%s%llu %s", gap, (unsigned long long)n,
                 n == 1 ? done_words[i].one : done_words[i].many);
        gap = ", ";
    }
    if (!*gap)
        buf_add_str(out, "nothing");
}

/* ---- Outputs --------------------------------------------------------------------------------- */

void show_outputs_json(const struct state *state, const char *name, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    for (size_t i = 0; i < state->n_outputs; i++) {
        if (name && strcmp(state->outputs[i].name, name) != 0)
            continue;
        json_key(&w, state->outputs[i].name);
        json_raw(&w, state->outputs[i].json);
    }
    json_end_object(&w);
    buf_add_char(out, '\n');
}

void show_built(const struct output *o, const struct config *config)
{
    char built[QUOTED_SIZE], name[QUOTED_SIZE];
    if (config->built && config_is_stale(config))
        output_note(o,
                    "build again: wrangler's dev and deploy read %s, which does not have the ids "
                    "of %s yet",
                    text_quoted(bytes_of(config->built), built, sizeof built),
                    text_quoted(bytes_of(config->name), name, sizeof name));
}
