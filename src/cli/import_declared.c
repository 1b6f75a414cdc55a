#include "import.h"

#include <string.h>

/* ---- What is declared ------------------------------------------------------------------------ */

static void write_keys(const struct namespace_decl *ns, struct json_writer *w)
{
    json_field_array(w, "bulks");
    for (size_t i = 0; i < ns->n_bulks; i++)
        if (ns->bulks[i].path.data)
            json_string(w, ns->bulks[i].path);
    json_end_array(w);
    json_field_array(w, "keys");
    for (size_t i = 0; i < ns->n_puts; i++)
        json_string(w, ns->puts[i].seed.key);
    json_end_array(w);
}

/* It stands in the part that is written anew, and is declared no more unless that says it again. */
static bool is_replaced(const struct import *in, const struct srcpos *pos)
{
    return in->is_part && pos->file && strcmp(pos->file, in->shown) == 0;
}

static void write_namespace(const struct model *m, const struct namespace_decl *ns,
                            struct json_writer *w)
{
    struct bytes none = {0}, account = namespace_account(m, ns);
    json_begin_object(w);
    json_field_text(w, "account", account.len > 0 ? account : none);
    json_field_text(w, "id", ns->id);
    json_field_text(w, "title", ns->keeps_title ? none : ns->title);
    write_keys(ns, w);
    json_end_object(w);
}

void import_write_declared(const struct import *in, struct json_writer *w)
{
    const struct model *m = &in->there.model;
    json_key(w, "declared");
    if (!in->exists) {
        json_null(w);
        return;
    }
    json_begin_array(w);
    for (size_t i = 0; i < m->n_namespaces; i++)
        if (!is_replaced(in, &m->namespaces[i].pos))
            write_namespace(m, &m->namespaces[i], w);
    json_end_array(w);
}

/* Wrangler configs that the configuration names already. */
static void write_configs(const struct import *in, struct json_writer *w)
{
    const struct model *m = &in->there.model;
    json_field_array(w, "configs");
    for (size_t i = 0; i < m->n_wranglers; i++)
        if (m->wranglers[i].path.data && !is_replaced(in, &m->wranglers[i].pos))
            json_string(w, m->wranglers[i].path);
    json_end_array(w);
}

/* By the configuration, else by its state. */
static struct bytes project_name(const struct import *in)
{
    struct bytes name = in->there.model.project.name;
    if (name.len == 0)
        name = in->there.target.state.project;
    return name.len > 0 ? name : bytes_make(NULL, 0);
}

void import_write_project(const struct import *in, struct json_writer *w)
{
    const struct project *p = &in->there.model.project;
    json_field_object(w, "project");
    json_field_text(w, "account_id", p->account_id);
    json_field_object(w, "accounts");
    for (size_t i = 0; i < p->accounts.n; i++) {
        json_key_bytes(w, p->accounts.items[i].from);
        json_string(w, p->accounts.items[i].to);
    }
    json_end_object(w);
    write_configs(in, w);
    json_field_text(w, "name", project_name(in));
    json_field_text(w, "naming", p->naming);
    json_field_int(w, "title_max", p->title_max);
    json_end_object(w);
}

/* ---- What is recorded ------------------------------------------------------------------------ */

static struct bytes member(const struct json *object, const char *name)
{
    const char *text = NULL;
    json_as_str(json_member(object, name), &text);
    return text ? bytes_of(text) : bytes_make(NULL, 0);
}

/* What has no account is in the default one, and is known where that is. */
static size_t read_known(const struct json *list, const struct model *m, struct adopt_known *known)
{
    size_t n = 0;
    for (const struct json *item = json_first(list); item; item = json_next(item)) {
        struct adopt_known k = {.account = member(item, "account"),
                                .id = member(item, "id"),
                                .title = member(item, "title"),
                                .jurisdiction = member(item, "jurisdiction"),
                                .mode = member(item, "mode")};
        if (!k.account.data)
            k.account = m->project.account_id;
        if (k.account.len > 0 && k.title.len > 0)
            known[n++] = k;
    }
    return n;
}

/* From here on as if declared, as for apply (session_open_target). */
static void assume_account(struct import *in)
{
    struct project *project = &in->result.model.project;
    if (project->account_id.len > 0 || in->account.len == 0)
        return;
    project->account_id = arena_copy(&in->result.model.arena, in->account);
    project->account_assumed = true;
}

static bool adopt(struct import *in, const struct json *list, struct error *err)
{
    struct session *s = &in->there;
    const struct model *m = &in->result.model;
    struct plan plan = {0};
    assume_account(in);
    s->target.words.names = &m->project.accounts;
    target_keep_to(&s->target, m);
    target_find_accounts(&s->target, m);
    struct adopt_known *known = arena_alloc(&s->arena, json_count(list) + 1, sizeof *known);
    size_t n = read_known(list, m, known);
    bool ok = plan_adopt(&plan, m, &s->target, s->now, known, n, &in->recorded, err);
    plan_release(&plan);
    return ok;
}

bool import_record(struct import *in, struct error *err)
{
    struct buf list = {0};
    struct json *known = NULL;
    struct session *result = &in->result;
    result->mute = true;
    bool ok = session_evaluate(result, in->named, err);
    if (!ok) {
        output_diagnostics(in->s->output, &result->model.diags);
        error_hint(err, "%s is written, and nothing is recorded yet: mend it, and import again",
                   in->file);
    }
    ok = ok && import_ask(in, "known", NULL, &list, err) &&
         (known = json_doc_parse(buf_bytes(&list), err)) && adopt(in, known, err);
    json_doc_free(known);
    buf_release(&list);
    return ok;
}
