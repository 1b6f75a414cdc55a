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

struct drift_shown {
    const struct drift *d;
    struct entry_options options;
};

static struct shown_item drift_item(const void *ctx, size_t i)
{
    const struct drift_shown *shown = ctx;
    const struct drift_item *item = &shown->d->items[i];
    return (struct shown_item){.kind = item->kind,
                               .alone = item->live_title.data != NULL, /* old titles differ */
                               .account = item->account_id,
                               .env = item->env,
                               .address = item->address,
                               .title = item->title,
                               .key = item->key};
}

static void drift_entry(const void *ctx, size_t i, struct desired *d, struct entry *e)
{
    const struct drift_shown *shown = ctx;
    entry_of_item(shown->d, &shown->d->items[i], &shown->options, d, e);
}

bool drift_show(const struct drift *d, const struct view_options *options, view_fn show, void *ctx,
                struct error *err)
{
    struct groups g = {0};
    struct drift_shown drift = {d, view_entry_options(options)};
    struct shown shown = {.n = d->n, .ctx = &drift, .item = drift_item, .entry = drift_entry};
    struct view v = {.shown = &shown,
                     .groups = &g,
                     .head = {.target = d->plan.target, .fresh = d->plan.fresh, .notes = &d->notes},
                     .tail = {.unsure = d->unsure, .checked = d->checked}};
    return view_show(&v, options, show, ctx, err);
}
