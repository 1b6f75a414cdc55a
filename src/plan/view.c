#include "view.h"

#include "base/mem.h"
#include "compare.h"
#include "render.h"

#define PIECE_ENTRIES 256                  /* of a section, or */
#define PIECE_BYTES   ((size_t)256 * 1024) /* so long a view, then it is shown */

struct entry_options view_entry_options(const struct view_options *options)
{
    return (struct entry_options){.public = options->public,
                                  .limits = diff_limits(options->verbose)};
}

static bool show_view(struct buf *json, const char *function, view_fn show, void *ctx,
                      struct error *err)
{
    bool ok = show(ctx, function, buf_bytes(json), err);
    buf_clear(json);
    return ok;
}

/* ---- The head -------------------------------------------------------------------------------- */

static void write_accounts(struct json_writer *w, const struct target *t)
{
    json_field_array(w, "accounts");
    for (size_t i = 0; t && !t->local && i < t->n_accounts; i++) {
        json_begin_object(w);
        json_field_string(w, "id", t->accounts[i]);
        json_field_text(w, "name", account_name_of(t->words.names, t->accounts[i]));
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_summary(struct json_writer *w, const struct plan_summary *summary)
{
    json_key(w, "summary");
    if (summary)
        summary_write_json(summary, w);
    else
        json_null(w);
}

static void write_environments(struct json_writer *w, const struct view_head *head)
{
    json_field_array(w, "environments");
    for (size_t i = 0; i < head->n_environments; i++) {
        const struct environment *env = &head->environments[i];
        json_begin_object(w);
        json_field_text(w, "name", env->name);
        json_field_text(w, "account", target_account_word(head->target, env->account));
        json_field_count(w, "items", env->items);
        write_summary(w, &env->summary);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_target(struct json_writer *w, const struct target *t)
{
    struct buf words = {0};
    if (t)
        target_heading(t, &words);
    json_field_text(w, "target", buf_bytes(&words));
    buf_release(&words);
}

static void write_diagnostics(struct json_writer *w, bool verbose, const struct diag_list *diags,
                              const struct diag_list *notes)
{
    struct diag_list all = {0};
    if (diags)
        diag_add_all(&all, diags);
    if (notes)
        diag_add_all(&all, notes);
    diag_sort(&all);
    json_key(w, "diagnostics");
    diag_write_json_grouped(&all, verbose, w);
    diag_release(&all);
}

bool view_open(const struct view_head *head, const struct view_options *options, view_fn show,
               void *ctx, struct error *err)
{
    struct buf json = {0};
    struct json_writer w = json_writer_to(&json, 0);
    json_begin_object(&w);
    json_field_str(&w, "command", options->command);
    write_target(&w, head->target);
    json_field_str(&w, "by", options->by);
    write_accounts(&w, head->target);
    json_field_int(&w, "now", options->now);
    json_field_int(&w, "utc_offset", options->utc_offset);
    json_field_bool(&w, "local_time", options->local_time);
    json_field_count(&w, "width", options->width);
    json_field_bool(&w, "color", options->color);
    json_field_bool(&w, "verbose", options->verbose);
    json_field_bool(&w, "brief", options->brief);
    json_key(&w, "limit");
    if (options->limit > 0)
        json_int(&w, (int64_t)options->limit);
    else
        json_null(&w);
    json_field_bool(&w, "public", options->public);
    json_field_bool(&w, "fresh", head->fresh);
    json_field_bool(&w, "adopts", head->adopts);
    write_summary(&w, head->summary);
    write_environments(&w, head);
    write_diagnostics(&w, options->verbose, options->diags, head->notes);
    json_end_object(&w);
    bool ok = show_view(&json, "open", show, ctx, err);
    buf_release(&json);
    return ok;
}

/* ---- A section ------------------------------------------------------------------------------- */

void view_section_begin(struct view_section *s)
{
    s->w = json_writer_to(&s->json, 0);
    s->n = 0;
    json_begin_object(&s->w);
    json_field_text(&s->w, "env", s->env);
    json_field_text(&s->w, "account", s->account);
    json_field_text(&s->w, "address", s->address);
    json_field_text(&s->w, "title", s->title);
    json_field_text(&s->w, "file", s->file);
    json_field_bool(&s->w, "shared", s->shared);
    json_field_bool(&s->w, "continued", s->continued);
    json_field_array(&s->w, "entries");
}

static bool end_piece(struct view_section *s, uint64_t more, uint64_t more_losses,
                      struct error *err)
{
    json_end_array(&s->w);
    json_field_count(&s->w, "more", more);
    json_field_count(&s->w, "more_losses", more_losses);
    json_end_object(&s->w);
    return show_view(&s->json, "section", s->show, s->ctx, err);
}

bool view_section_add(struct view_section *s, const struct entry *e,
                      const struct entry_names *names, struct error *err)
{
    if (s->n == PIECE_ENTRIES || s->json.len > PIECE_BYTES) {
        if (!end_piece(s, 0, 0, err))
            return false;
        s->continued = true;
        view_section_begin(s);
    }
    entry_write(&s->w, e, names, &s->options);
    s->n++;
    return true;
}

bool view_section_end(struct view_section *s, uint64_t more, uint64_t more_losses,
                      struct error *err)
{
    bool ok = end_piece(s, more, more_losses, err);
    buf_release(&s->json);
    return ok;
}

/* ---- Sections of what is shown --------------------------------------------------------------- */

struct shower {
    const struct shown *shown;
    const struct target *target;
    const struct view_options *options;
    const struct groups *g;
    struct desired desired;
    struct view_section section;
    uint64_t all;          /* keys shown that lose nothing; of them */
    uint64_t keys, losses; /* shown in this section, and left out: */
    uint64_t more, more_losses;
};

static struct shown_item item_at(const struct shower *s, size_t i)
{
    return s->shown->item(s->shown->ctx, i);
}

/* The bounds are for keys and sources: all namespaces and files are told, and of what is lost as
 * much in the last section as in the first. */
static bool fits(struct shower *s, const struct shown_item *item, size_t n)
{
    if (item->kind == ACTION_NAMESPACE || item->kind == ACTION_FILE || s->options->verbose)
        return true;
    if (item->loss ? s->losses < VIEW_KEYS_MAX : s->keys < VIEW_KEYS_MAX && s->all < VIEW_ALL_MAX) {
        s->losses += item->loss;
        s->keys += !item->loss;
        s->all += !item->loss;
        return true;
    }
    s->more += n;
    s->more_losses += item->loss ? n : 0;
    return false;
}

static void begin_section(struct shower *s)
{
    s->keys = s->losses = s->more = s->more_losses = 0;
    s->section.continued = false;
    view_section_begin(&s->section);
}

static bool end_section(struct shower *s, bool ok, struct error *err)
{
    if (ok)
        ok = view_section_end(&s->section, s->more, s->more_losses, err);
    buf_release(&s->section.json);
    return ok;
}

static void set_heading(struct shower *s, const struct section *section)
{
    struct shown_item last = item_at(s, section->last);
    struct bytes none = {0};
    bool file = last.kind == ACTION_FILE;
    s->section.shared = false;
    s->section.title = last.title;
    s->section.file = file ? last.title : none;
    s->section.address = file ? none : last.address;
    s->section.env = file ? none : s->g->environments[section->env].name;
    s->section.account = file ? none : target_account_word(s->target, last.account);
}

static bool show_section(struct shower *s, const struct section *section, struct error *err)
{
    bool ok = true;
    set_heading(s, section);
    begin_section(s);
    for (size_t i = section->first; ok && i != SIZE_MAX; i = s->g->next[i]) {
        struct shown_item item = item_at(s, i);
        struct entry e;
        if (!fits(s, &item, 1))
            continue;
        s->shown->entry(s->shown->ctx, i, &s->desired, &e);
        ok = view_section_add(&s->section, &e, NULL, err);
    }
    return end_section(s, ok, err);
}

/* ---- Shared entries -------------------------------------------------------------------------- */

#define NAMES_SHOWN 3 /* where nothing is lost, and no namespace is what changes */

static bool add_shared(struct shower *s, const struct shared *shared, struct error *err)
{
    const struct tagged_item *tagged = &s->g->tagged[shared->from];
    struct shown_item first = item_at(s, tagged->item);
    bool all = s->options->verbose || first.loss || first.kind == ACTION_NAMESPACE;
    size_t n = all || shared->n < NAMES_SHOWN ? shared->n : NAMES_SHOWN;
    struct arena arena = {0};
    struct entry e;
    if (!fits(s, &first, shared->n))
        return true;
    struct bytes *names = arena_alloc(&arena, n, sizeof *names);
    for (size_t i = 0; i < n; i++) {
        struct shown_item item = item_at(s, tagged[i].item);
        names[i] = target_address(s->target, &arena, item.account, item.title);
    }
    s->shown->entry(s->shown->ctx, tagged->item, &s->desired, &e);
    bool ok = view_section_add(&s->section, &e, &(struct entry_names){shared->n, names, n}, err);
    arena_release(&arena);
    return ok;
}

/* Those from `*at` on that stand together: all, or those of one environment. */
static bool show_shared(struct shower *s, size_t *at, struct error *err)
{
    const struct groups *g = s->g;
    const struct environment *env = &g->environments[g->shared[*at].env];
    size_t together = g->shared[*at].env;
    struct bytes none = {0};
    bool apart = s->options->by_environment, ok = true;
    s->section.shared = true;
    s->section.env = apart ? env->name : none;
    s->section.account = apart ? target_account_word(s->target, env->account) : none;
    s->section.file = s->section.address = s->section.title = none;
    begin_section(s);
    for (; ok && *at < g->n_shared && g->shared[*at].env == together; (*at)++)
        ok = add_shared(s, &g->shared[*at], err);
    return end_section(s, ok, err);
}

/* ---- The tail -------------------------------------------------------------------------------- */

/* A side that is not there is left out. */
static void write_outputs(struct json_writer *w, const struct plan *p)
{
    json_field_array(w, "outputs");
    for (size_t i = 0; p && i < p->n_outputs; i++) {
        const struct plan_output *o = &p->outputs[i];
        struct bytes none = {0};
        json_begin_object(w);
        json_field_str(w, "name", o->name);
        json_field_text(w, "account",
                        o->account.len ? target_account_word(p->target, o->account) : none);
        if (o->before.data) {
            json_key(w, "before");
            json_string(w, o->before);
        }
        if (o->after.data) {
            json_key(w, "after");
            json_string(w, o->after);
        }
        json_field_bool(w, "unknown", o->unknown);
        json_end_object(w);
    }
    json_end_array(w);
}

bool view_close(const struct view_tail *tail, const struct view_options *options, view_fn show,
                void *ctx, struct error *err)
{
    struct buf json = {0};
    struct json_writer w = json_writer_to(&json, 0);
    json_begin_object(&w);
    write_outputs(&w, tail->plan);
    write_summary(&w, tail->plan ? &tail->plan->summary : NULL);
    json_key(&w, "cost");
    if (tail->plan)
        cost_write_json(&tail->plan->cost, &w);
    else
        json_null(&w);
    json_field_count(&w, "left_out", tail->left_out);
    json_field_count(&w, "unsure", tail->unsure);
    json_key(&w, "checked");
    if (tail->checked == SIZE_MAX)
        json_null(&w);
    else
        json_int(&w, (int64_t)tail->checked);
    json_field_str(&w, "saved", options->saved);
    json_end_object(&w);
    bool ok = show_view(&json, "close", show, ctx, err);
    buf_release(&json);
    return ok;
}

/* ---- All ------------------------------------------------------------------------------------- */

/* Where environments stand apart, each has its shared entries in front. */
static bool show_sections(struct shower *s, struct error *err)
{
    const struct groups *g = s->g;
    size_t shared = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < g->n_sections; i++) {
        while (ok && shared < g->n_shared && g->shared[shared].env <= g->sections[i].env)
            ok = show_shared(s, &shared, err);
        ok = ok && show_section(s, &g->sections[i], err);
    }
    while (ok && shared < g->n_shared)
        ok = show_shared(s, &shared, err);
    return ok;
}

bool view_show(const struct view *v, const struct view_options *options, view_fn show, void *ctx,
               struct error *err)
{
    struct entry_options entries = view_entry_options(options);
    struct group_options grouping = {
        .by_environment = options->by_environment, .now = options->now, .entry = entries};
    struct view_head head = v->head;
    groups_find(v->groups, v->shown, &grouping);
    struct shower s = {.shown = v->shown,
                       .target = v->head.target,
                       .options = options,
                       .g = v->groups,
                       .section = {.show = show, .ctx = ctx, .options = entries}};
    head.environments = v->groups->environments;
    head.n_environments = v->groups->n_environments;
    bool ok = view_open(&head, options, show, ctx, err) && show_sections(&s, err) &&
              view_close(&v->tail, options, show, ctx, err);
    desired_release(&s.desired);
    groups_release(v->groups);
    return ok;
}

/* ---- A plan ---------------------------------------------------------------------------------- */

static struct shown_item plan_item(const void *ctx, size_t i)
{
    const struct plan *p = ctx;
    const struct action *a = &p->actions[i];
    struct shown_item item = {.kind = a->kind,
                              .what = (uint8_t)a->verb,
                              .alone = a->verb == ACTION_RENAME, /* old titles differ */
                              .loss = a->verb == ACTION_DELETE || a->overwrite,
                              .account = a->account_id,
                              .address = a->address,
                              .title = a->title,
                              .key = a->key};
    if (a->kind != ACTION_FILE)
        item.env = a->ns != SIZE_MAX ? p->model->namespaces[a->ns].env : p->removals[a->index].env;
    return item;
}

static void plan_entry(const void *ctx, size_t i, struct desired *d, struct entry *e)
{
    const struct plan *p = ctx;
    entry_of_action(p, &p->actions[i], d, e);
}

static void plan_count(const void *ctx, size_t i, struct plan_summary *summary)
{
    const struct plan *p = ctx;
    plan_summarise(summary, &p->actions[i]);
}

/* What is declared comes first, changed or not. */
static void add_declared(struct groups *g, const struct plan *p)
{
    for (size_t i = 0; i < p->n_ids && !p->options.destroy; i++) {
        const struct namespace_decl *ns = &p->model->namespaces[i];
        if (p->resolutions[i].in_scope)
            groups_environment(g, namespace_account(p->model, ns), ns->env)->summary.unchanged +=
                p->resolutions[i].unchanged;
    }
}

bool plan_show(const struct plan *p, const struct view_options *options, view_fn show, void *ctx,
               struct error *err)
{
    struct groups g = {0};
    struct shown shown = {
        .n = p->n, .ctx = p, .item = plan_item, .entry = plan_entry, .count = plan_count};
    struct view v = {
        .shown = &shown,
        .groups = &g,
        .head = {.target = p->target,
                 .fresh = p->fresh,
                 .adopts = p->summary.adopt > 0,
                 .summary = &p->summary,
                 .notes = &p->notes},
        .tail = {.plan = p, .left_out = p->left_out, .unsure = p->unsure, .checked = SIZE_MAX}};
    add_declared(&g, p);
    return view_show(&v, options, show, ctx, err);
}
