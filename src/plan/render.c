#include "render.h"

#include "base/text.h"
#include "before_after.h"

const char *action_kind_name(enum action_kind kind)
{
    static const char *const names[] = {"namespace", "key", "bulk", "file"};
    return names[kind];
}

const char *action_verb_name(enum action_verb verb)
{
    static const char *const names[] = {"create", "adopt",  "rename", "update",
                                        "delete", "forget", "put",    "write"};
    return names[verb];
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void write_bulk_counts(struct json_writer *w, const struct bulk_counts *c)
{
    json_field_object(w, "counts");
    json_field_count(w, "changed", c->changed);
    json_field_count(w, "delete", 0); /* keys of a bulk source are only ever deleted by prunes */
    json_field_count(w, "new", c->added);
    json_field_count(w, "overwrite", c->overwrite);
    json_field_count(w, "unchanged", c->unchanged);
    json_end_object(w);
}

/* Saved plans are read back as trees, which hold no NUL (json.h). */
static void write_key(struct json_writer *w, struct bytes key, bool whole)
{
    struct buf base64 = {0};
    if (whole || !key.data || !memchr(key.data, '\0', key.len)) {
        json_field_text(w, "key", key);
        return;
    }
    buf_add_base64(&base64, key);
    json_field_object(w, "key");
    json_field_text(w, "base64", buf_bytes(&base64));
    json_end_object(w);
    buf_release(&base64);
}

typedef void (*side_fn)(const struct plan *p, const struct action *a, struct json_writer *w);

/* On one line, whatever stands around it. */
static void write_side(struct json_writer *w, const char *name, const struct plan *p,
                       const struct action *a, side_fn side)
{
    int indent = w->indent;
    json_key(w, name);
    w->indent = 0;
    side(p, a, w);
    w->indent = indent;
}

void action_write_json(const struct plan *p, const struct action *a, bool content,
                       struct json_writer *w)
{
    json_begin_object(w);
    json_field_text(w, "account_id", a->account_id.len ? a->account_id : bytes_make(NULL, 0));
    json_field_str(w, "action", action_verb_name(a->verb));
    json_field_text(w, "address", a->address);
    if (content) {
        write_side(w, "after", p, a, after_write);
        write_side(w, "before", p, a, before_write);
    }
    if (a->kind == ACTION_BULK)
        write_bulk_counts(w, &a->bulk->counts);
    json_field_text(w, "id", a->id);
    write_key(w, a->key, content);
    json_field_str(w, "kind", action_kind_name(a->kind));
    json_field_bool(w, "overwrite", a->overwrite);
    json_field_str(w, "reason", a->reason);
    json_field_text(w, "title", a->title);
    json_end_object(w);
}

void summary_write_json(const struct plan_summary *s, struct json_writer *w)
{
    json_begin_object(w);
    json_field_count(w, "adopt", s->adopt);
    json_field_count(w, "create", s->create);
    json_field_count(w, "delete", s->delete_namespaces);
    json_field_count(w, "delete_keys", s->delete_keys);
    json_field_count(w, "forget", s->forget);
    json_field_count(w, "outputs", s->outputs);
    json_field_count(w, "overwrite", s->overwrite);
    json_field_count(w, "put", s->put);
    json_field_count(w, "rename", s->rename);
    json_field_count(w, "unchanged", s->unchanged);
    json_field_count(w, "update", s->update);
    json_field_count(w, "write", s->write);
    json_end_object(w);
}

static void write_part(struct json_writer *w, const char *name, const struct store_cost *c)
{
    json_field_object(w, name);
    json_field_count(w, "deletes", c->deletes);
    json_field_count(w, "lists", c->lists);
    json_field_count(w, "reads", c->reads);
    json_field_count(w, "requests", c->requests);
    json_field_count(w, "writes", c->writes);
    json_end_object(w);
}

void cost_write_json(const struct plan_cost *c, struct json_writer *w)
{
    json_begin_object(w);
    json_field_bool(w, "at_least", c->at_least);
    json_field_count(w, "deletes", c->total.deletes);
    write_part(w, "execute", &c->execute);
    json_field_count(w, "lists", c->total.lists);
    write_part(w, "observe", &c->observe);
    json_field_count(w, "reads", c->total.reads);
    json_field_count(w, "requests", c->total.requests);
    json_key(w, "seconds");
    if (c->is_timed)
        json_int(w, (int64_t)c->seconds);
    else
        json_null(w);
    json_field_count(w, "writes", c->total.writes);
    json_end_object(w);
}

static void write_value(struct json_writer *w, const char *name, struct bytes json)
{
    json_key(w, name);
    if (json.data)
        json_raw(w, json);
    else
        json_null(w);
}

static void write_output(struct json_writer *w, const struct plan_output *o)
{
    struct bytes unknown = bytes_of("{\"known_after_apply\":true}");
    json_begin_object(w);
    json_field_text(w, "account_id", o->account.len ? o->account : bytes_make(NULL, 0));
    write_value(w, "after", o->unknown ? unknown : o->after);
    write_value(w, "before", o->before);
    json_field_str(w, "name", o->name);
    json_end_object(w);
}

static void write_diagnostics(struct json_writer *w, const struct diag_list *diags,
                              const struct diag_list *notes)
{
    struct diag_list all = {0};
    diag_add_all(&all, diags);
    diag_add_all(&all, notes);
    diag_sort(&all);
    diag_write_json(&all, w);
    diag_release(&all);
}

#define FLUSH_MIN ((size_t)64 * 1024)

bool plan_write_json(const struct plan *p, const struct diag_list *diags, struct buf *out,
                     plan_flush_fn flush, void *ctx, struct error *err)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "accounts");
    target_write_accounts(p->target, &w);
    json_field_array(&w, "actions");
    for (size_t i = 0; i < p->n; i++) {
        action_write_json(p, &p->actions[i], true, &w);
        if (flush && out->len > FLUSH_MIN && !flush(ctx, err))
            return false;
    }
    json_end_array(&w);
    json_key(&w, "cost");
    cost_write_json(&p->cost, &w);
    json_key(&w, "diagnostics");
    write_diagnostics(&w, diags, &p->notes);
    json_field_int(&w, "format_version", 1);
    json_field_count(&w, "left_out", p->left_out);
    json_field_array(&w, "outputs");
    for (size_t i = 0; i < p->n_outputs; i++)
        write_output(&w, &p->outputs[i]);
    json_end_array(&w);
    json_key(&w, "summary");
    summary_write_json(&p->summary, &w);
    json_field_str(&w, "target", p->target->name);
    json_end_object(&w);
    buf_add_char(out, '\n');
    return true;
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* text_quote escapes quotes too, which would make JSON hard to read: so they go in by hand. */
void add_shown(struct buf *out, struct bytes text, size_t max)
{
    struct buf piece = {0};
    for (size_t at = 0; at < text.len && at < max;) {
        const char *quote = memchr(text.data + at, '\'', text.len - at);
        size_t n = quote ? (size_t)(quote - text.data) - at : text.len - at;
        buf_clear(&piece);
        text_quote(&piece, bytes_make(text.data + at, n), max - at);
        if (piece.len >= 2)
            buf_add(out, piece.data + 1, piece.len - 2);
        if (n > max - at)
            break;
        at += n;
        if (quote && at++ < max)
            buf_add_char(out, '\'');
    }
    buf_release(&piece);
}

/* ---- The end of an apply --------------------------------------------------------------------- */

static void write_failure(struct json_writer *w, const struct apply_failure *f,
                          const struct plan *p)
{
    const struct action *a = &p->actions[f->action];
    json_begin_object(w);
    json_field_str(w, "action", action_verb_name(a->verb));
    json_field_text(w, "address", a->address);
    json_field_str(w, "hint", f->hint);
    json_field_text(w, "key", f->key.data ? f->key : a->key);
    json_field_str(w, "kind", action_kind_name(a->kind));
    json_field_str(w, "message", f->message);
    json_end_object(w);
}

void apply_write_json(const struct apply_result *r, const struct plan *p, const struct state *s,
                      struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "accounts");
    target_write_accounts(p->target, &w);
    json_key(&w, "applied");
    summary_write_json(&r->applied, &w);
    json_field_strings(&w, "backups", r->backups, r->n_backups);
    if (p->options.sweep) {
        json_key(&w, "environments");
        sweep_write_json(p->options.sweep, &w);
    }
    json_field_array(&w, "failed");
    for (size_t i = 0; i < r->n_failed; i++)
        write_failure(&w, &r->failed[i], p);
    json_end_array(&w);
    json_field_int(&w, "format_version", 1);
    json_key(&w, "left_alone"); /* nobody can tell whether they exist (unlisted.h) */
    json_int(&w, (int64_t)p->unsure);
    json_field_array(&w, "local_ids");
    for (size_t i = 0; i < r->n_local_ids; i++) {
        json_begin_object(&w);
        json_field_str(&w, "file", r->local_ids[i].file);
        json_field_count(&w, "ids", r->local_ids[i].n);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_field_object(&w, "outputs");
    for (size_t i = 0; i < s->n_outputs; i++) {
        json_key(&w, s->outputs[i].name);
        json_raw(&w, s->outputs[i].json);
    }
    json_end_object(&w);
    json_field_str(&w, "target", p->target->name);
    json_end_object(&w);
    buf_add_char(out, '\n');
}
