#include "drift.h"

#include "before_after.h"
#include "model/validate.h"
#include "render.h"

static void write_counts(const struct drift_item *item, struct json_writer *w)
{
    const struct bulk_counts *c = &item->counts;
    json_key(w, "counts");
    json_begin_object(w);
    json_field_count(w, "changed", c->changed + c->overwrite);
    json_field_count(w, "new", c->added);
    json_field_count(w, "unchanged", c->unchanged);
    json_end_object(w);
}

static void write_content(struct json_writer *w, const char *name, struct bytes json)
{
    json_key(w, name);
    if (json.data)
        json_raw(w, json);
    else
        json_null(w);
}

static void write_item(const struct drift_item *item, struct json_writer *w)
{
    bool bulk = item->kind == ACTION_BULK;
    json_begin_object(w);
    json_field_text(w, "account_id", item->account_id.len ? item->account_id : bytes_make(NULL, 0));
    json_field_text(w, "address", item->address);
    write_content(w, "after", item->after);
    write_content(w, "before", item->before);
    json_field_str(w, "change", item->change);
    if (bulk)
        write_counts(item, w);
    json_field_str(w, "detail", item->detail);
    json_field_text(w, "id", item->id);
    json_field_text(w, "key", item->key);
    if (bulk) {
        json_field_array(w, "keys");
        for (size_t i = 0; i < item->n_keys; i++)
            json_value(w, item->keys[i]);
        json_end_array(w);
    }
    json_field_str(w, "kind", action_kind_name(item->kind));
    json_field_text(w, "title", item->title);
    json_end_object(w);
}

void drift_write_json(const struct drift *d, const struct target *t, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    json_begin_object(&w);
    json_key(&w, "accounts");
    target_write_accounts(t, &w);
    json_field_count(&w, "checked", d->checked);
    json_key(&w, "diagnostics");
    diag_write_json(&d->notes, &w);
    json_field_array(&w, "drift");
    for (size_t i = 0; i < d->n; i++)
        write_item(&d->items[i], &w);
    json_end_array(&w);
    json_field_int(&w, "format_version", 1);
    json_field_str(&w, "target", t->name);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

/* ---- For people ------------------------------------------------------------------------------ */

/* What others wrote is not for the public. */
static void add_sides(const struct drift *d, const struct drift_item *item,
                      const struct entry_options *options, struct desired *desired, struct entry *e)
{
    const struct observed_key *live = item->live;
    struct entry_side *after = &e->after;
    desired_read(&d->intended.namespaces[item->ns], d->plan.ids, item->seed, desired);
    entry_side_desired(desired, item->secret, &e->before);
    e->value = e->metadata = true;
    if (!live)
        return;
    bool same = live->value && live_value_is(live, desired);
    bool secret = item->secret || (live->value && looks_secret(item->key, live->value->kept));
    entry_side_live(live, live->value ? live_value(live, desired) : bytes_make(NULL, 0), secret,
                    true, after);
    if (options->public && !same) {
        after->value.bytes = bytes_make(NULL, 0);
        after->metadata = (struct diff_value){.size = after->metadata.size,
                                              .digest = hash_sha256(after->metadata.bytes)};
    }
    e->value = !same && live->value;
    e->metadata = !observed_metadata_is(live, desired->metadata);
    e->expiry = strcmp(item->change, "changed") == 0 && !e->value && !e->metadata;
}

static void entry_of_item(const struct drift *d, const struct drift_item *item,
                          const struct entry_options *options, struct desired *desired,
                          struct entry *e)
{
    bool renamed = item->live_title.data != NULL;
    *e = (struct entry){.action = item->change,
                        .kind = item->kind,
                        .title = renamed ? item->live_title : item->title,
                        .address = item->address,
                        .id = item->id,
                        .key = item->key,
                        .reason = renamed ? NULL : item->detail,
                        .counts = item->kind == ACTION_BULK ? &item->counts : NULL};
    if (renamed)
        e->old_title = item->title;
    if (item->seed)
        add_sides(d, item, options, desired, e);
}

static bool is_same_place(const struct drift_item *a, const struct drift_item *b)
{
    return bytes_equal(a->account_id, b->account_id) && bytes_equal(a->address, b->address);
}

/* The items from `*at` on that are of one namespace. */
static bool show_namespace(const struct drift *d, size_t *at, struct view_section *s, bool all,
                           struct error *err)
{
    const struct drift_item *first = &d->items[*at];
    struct desired desired = {0};
    uint64_t keys = 0, more = 0;
    bool ok = true;
    s->env = first->env;
    s->account = target_account_word(d->plan.target, first->account_id);
    s->address = first->address;
    s->title = first->title;
    s->continued = false;
    view_section_begin(s);
    for (; ok && *at < d->n && is_same_place(first, &d->items[*at]); (*at)++) {
        struct entry e;
        if (!all && d->items[*at].kind != ACTION_NAMESPACE && keys++ >= VIEW_KEYS_MAX) {
            more++;
            continue;
        }
        entry_of_item(d, &d->items[*at], &s->options, &desired, &e);
        ok = view_section_add(s, &e, NULL, err);
    }
    if (ok)
        ok = view_section_end(s, more, 0, err);
    buf_release(&s->json);
    desired_release(&desired);
    return ok;
}

bool drift_show(const struct drift *d, const struct view_options *options, view_fn show, void *ctx,
                struct error *err)
{
    struct view_head head = {.target = d->plan.target, .fresh = d->plan.fresh, .notes = &d->notes};
    struct view_tail tail = {.unsure = d->unsure, .checked = d->checked};
    struct view_section section = {
        .show = show, .ctx = ctx, .options = view_entry_options(options)};
    bool ok = view_open(&head, options, show, ctx, err);
    for (size_t at = 0; ok && at < d->n;)
        ok = show_namespace(d, &at, &section, options->verbose, err);
    return ok && view_close(&tail, options, show, ctx, err);
}
