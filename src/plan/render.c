#include "render.h"

#include <inttypes.h>

#include "account_map.h"
#include "base/mem.h"
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

#define TEXT_KEYS_MAX    20  /* keys shown of one namespace unless all are asked for */
#define TEXT_CONTENT_MAX 200 /* bytes shown of "before" and "after" */

struct text_style {
    char sign;
    const char *color; /* SGR */
};

static struct text_style style_of(const struct action *a)
{
    static const struct text_style add = {'+', "32"}, change = {'~', "33"}, take = {'=', "36"},
                                   drop = {'-', "31"}, lose = {'!', "31"};
    switch (a->verb) {
    case ACTION_CREATE:
        return add;
    case ACTION_ADOPT:
    case ACTION_FORGET:
        return take;
    case ACTION_DELETE:
        return drop;
    case ACTION_PUT:
        if (a->overwrite)
            return lose;
        return a->live || (a->kind == ACTION_BULK && a->bulk->counts.changed) ? change : add;
    default:
        return change;
    }
}

static void add_quoted(struct buf *out, struct bytes text)
{
    text_quote(out, text, 120);
}

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

static void add_bulk(struct buf *out, const struct action *a)
{
    buf_add_str(out, "bulk ");
    add_quoted(out, a->key);
    buf_addf(out,
             ": %" PRIu64 " new, %" PRIu64 " changed, %" PRIu64 " overwritten, %" PRIu64
             " unchanged",
             a->bulk->counts.added, a->bulk->counts.changed, a->bulk->counts.overwrite,
             a->bulk->counts.unchanged);
}

static void add_subject(struct buf *out, const struct action *a)
{
    if (a->kind == ACTION_BULK) {
        add_bulk(out, a);
        return;
    }
    buf_addf(out, "%s", a->overwrite ? "overwrite" : action_verb_name(a->verb));
    if (a->kind == ACTION_KEY) {
        buf_add_char(out, ' ');
        add_quoted(out, a->key);
    } else if (a->verb == ACTION_RENAME) {
        buf_add_str(out, " to ");
        add_quoted(out, a->title);
    }
}

static void add_side(struct buf *out, const struct plan *p, const struct action *a, side_fn side)
{
    struct buf json = {0};
    struct json_writer w = json_writer_to(&json, 0);
    side(p, a, &w);
    add_shown(out, buf_bytes(&json), TEXT_CONTENT_MAX);
    buf_release(&json);
}

static void add_content(struct buf *out, const struct plan *p, const struct action *a)
{
    if (a->kind != ACTION_KEY || a->verb != ACTION_PUT)
        return;
    buf_add_str(out, "\n        ");
    if (a->live) {
        add_side(out, p, a, before_write);
        buf_add_str(out, "\n     -> ");
    }
    add_side(out, p, a, after_write);
}

static void add_action(struct buf *out, const struct plan *p, const struct action *a,
                       const struct plan_text_options *options)
{
    struct text_style style = style_of(a);
    if (options->color)
        buf_addf(out, "  \033[%sm%c\033[0m ", style.color, style.sign);
    else
        buf_addf(out, "  %c ", style.sign);
    add_subject(out, a);
    buf_add_str(out, "  (");
    text_show(out, bytes_of(a->reason));
    buf_add_char(out, ')');
    add_content(out, p, a);
    buf_add_char(out, '\n');
    text_show(out, a->lines);
}

/* Actions of one namespace are apart in the plan (names before keys); people read them together. */
struct group {
    struct bytes address, title;
    size_t first, last; /* chain through `next` */
};

struct groups {
    struct group *items;
    size_t n, cap;
    size_t *next; /* per action: the next one of its group, or SIZE_MAX */
    struct account_map index;
    struct map files;
};

static void group_add(struct groups *g, const struct plan *p, size_t i)
{
    const struct action *a = &p->actions[i];
    struct bytes name = a->kind == ACTION_FILE ? a->title : a->address;
    size_t at;
    if (a->kind == ACTION_FILE)
        map_add(&g->files, name, g->n, &at);
    else
        account_map_add(&g->index, a->account_id, name, g->n, &at);
    g->next[i] = SIZE_MAX;
    if (at != MAP_NONE) {
        g->next[g->items[at].last] = i;
        g->items[at].last = i;
        g->items[at].title = a->title;
        return;
    }
    mem_grow((void **)&g->items, &g->cap, g->n + 1, sizeof *g->items);
    g->items[g->n++] = (struct group){.address = name, .title = a->title, .first = i, .last = i};
}

static void add_group(struct buf *out, const struct plan *p, const struct groups *g,
                      const struct group *group, const struct plan_text_options *options)
{
    size_t shown = 0, left = 0;
    if (options->color)
        buf_add_str(out, "\033[1m");
    add_shown(out, group->address, SIZE_MAX);
    if (options->color)
        buf_add_str(out, "\033[0m");
    if (!bytes_equal(group->address, group->title)) {
        buf_add_str(out, " (");
        add_shown(out, group->title, SIZE_MAX);
        buf_add_char(out, ')');
    }
    buf_add_char(out, '\n');
    for (size_t i = group->first; i != SIZE_MAX; i = g->next[i]) {
        const struct action *a = &p->actions[i];
        bool fits = options->all || a->kind == ACTION_NAMESPACE || shown < TEXT_KEYS_MAX;
        shown += a->kind != ACTION_NAMESPACE;
        if (fits)
            add_action(out, p, a, options);
        else
            left++;
    }
    if (left)
        buf_addf(out, "    and %zu more (--verbose shows all)\n", left);
    buf_add_char(out, '\n');
}

static void add_groups(struct buf *out, const struct plan *p,
                       const struct plan_text_options *options)
{
    struct groups g = {.next = mem_zalloc(p->n + 1, sizeof *g.next)};
    for (size_t i = 0; i < p->n; i++)
        group_add(&g, p, i);
    for (size_t i = 0; i < g.n; i++)
        add_group(out, p, &g, &g.items[i], options);
    mem_free(g.items);
    mem_free(g.next);
    account_map_release(&g.index);
    map_release(&g.files);
}

static void add_output(struct buf *out, const struct plan_output *o)
{
    buf_addf(out, "  %c %s: ", o->removed ? '-' : o->before.data ? '~' : '+', o->name);
    if (o->before.data)
        add_shown(out, o->before, TEXT_CONTENT_MAX);
    if (o->before.data && !o->removed)
        buf_add_str(out, " -> ");
    if (!o->removed)
        add_shown(out, o->unknown ? bytes_of("(known after apply)") : o->after, TEXT_CONTENT_MAX);
    buf_add_char(out, '\n');
}

static void add_outputs(struct buf *out, const struct plan *p)
{
    if (p->n_outputs == 0)
        return;
    buf_add_str(out, "Outputs:\n");
    for (size_t i = 0; i < p->n_outputs; i++)
        add_output(out, &p->outputs[i]);
    buf_add_char(out, '\n');
}

static void add_part(struct buf *out, bool *any, uint64_t n, const char *one, const char *many)
{
    if (n == 0)
        return;
    buf_addf(out, "%s%" PRIu64 " %s", *any ? ", " : "", n, n == 1 ? one : many);
    *any = true;
}

void plan_summary_text(const struct plan *p, struct buf *out)
{
    const struct plan_summary *s = &p->summary;
    bool any = false;
    add_part(out, &any, s->create, "namespace to create", "namespaces to create");
    add_part(out, &any, s->adopt, "to adopt", "to adopt");
    add_part(out, &any, s->rename, "to rename", "to rename");
    add_part(out, &any, s->update, "to update", "to update");
    add_part(out, &any, s->delete_namespaces, "namespace to delete", "namespaces to delete");
    add_part(out, &any, s->forget, "to forget", "to forget");
    add_part(out, &any, s->put, "key to put", "keys to put");
    add_part(out, &any, s->overwrite, "key to overwrite", "keys to overwrite");
    add_part(out, &any, s->delete_keys, "key to delete", "keys to delete");
    add_part(out, &any, s->write, "file to write", "files to write");
    add_part(out, &any, s->outputs, "output to change", "outputs to change");
    if (!any)
        buf_add_str(out, "no changes");
    if (s->unchanged)
        buf_addf(out, "; %" PRIu64 " %s as declared", s->unchanged,
                 s->unchanged == 1 ? "key is" : "keys are");
    if (p->left_out)
        buf_addf(out, "; %zu %s left out by the filters", p->left_out,
                 p->left_out == 1 ? "namespace" : "namespaces");
}

static void add_cost(struct buf *out, const struct store_cost *c)
{
    buf_addf(out,
             "Cost: %" PRIu64 " request%s (%" PRIu64 " write%s, %" PRIu64 " read%s, %" PRIu64
             " list%s, %" PRIu64 " delete%s).\n",
             c->requests, text_plural(c->requests), c->writes, text_plural(c->writes), c->reads,
             text_plural(c->reads), c->lists, text_plural(c->lists), c->deletes,
             text_plural(c->deletes));
}

static void add_lost_state(struct buf *out, const struct plan *p)
{
    if (p->fresh && p->summary.adopt)
        buf_add_str(out, "There is no state: what exists is adopted, and nothing is deleted.\n");
}

void plan_write_text(const struct plan *p, const struct plan_text_options *options, struct buf *out)
{
    add_groups(out, p, options);
    add_outputs(out, p);
    add_lost_state(out, p);
    buf_add_str(out, "Plan: ");
    plan_summary_text(p, out);
    buf_add_str(out, ".\n");
    if (p->cost.total.requests)
        add_cost(out, &p->cost.total);
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
    json_field_array(&w, "backups");
    for (size_t i = 0; i < r->n_backups; i++)
        json_string(&w, r->backups[i]);
    json_end_array(&w);
    json_field_array(&w, "failed");
    for (size_t i = 0; i < r->n_failed; i++)
        write_failure(&w, &r->failed[i], p);
    json_end_array(&w);
    json_field_int(&w, "format_version", 1);
    json_key(&w, "left_alone"); /* nobody can tell whether they exist (unlisted.h) */
    json_int(&w, (int64_t)p->unsure);
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
