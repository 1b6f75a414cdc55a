#include "drift.h"

#include "base/text.h"
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
    json_field_array(&w, "drift");
    for (size_t i = 0; i < d->n; i++)
        write_item(&d->items[i], &w);
    json_end_array(&w);
    json_field_int(&w, "format_version", 1);
    json_field_str(&w, "target", t->name);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

void drift_write_text(const struct drift *d, struct buf *out)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct drift_item *item = &d->items[i];
        add_shown(out, item->address, SIZE_MAX);
        buf_add_str(out, ": ");
        if (item->key.data) {
            buf_add_str(out, item->kind == ACTION_BULK ? "bulk " : "key ");
            text_quote(out, item->key, 120);
            buf_add_char(out, ' ');
        }
        buf_addf(out, "%s (%s)\n", item->change, item->detail);
    }
    buf_addf(out, "Drift: %zu difference%s in %zu namespace%s.\n", d->n, text_plural(d->n),
             d->checked, text_plural(d->checked));
}
