#include "entry.h"

#include "before_after.h"
#include "render.h"

/* ---- Values ---------------------------------------------------------------------------------- */

static void write_kind(struct json_writer *w, const char *kind)
{
    json_begin_object(w);
    json_field_str(w, "kind", kind);
}

static void write_secret(struct json_writer *w, bool was)
{
    write_kind(w, "secret");
    json_field_bool(w, "was", was);
    json_end_object(w);
}

/* Nobody looked at what is there. */
static void write_unread(struct json_writer *w, const struct diff_value *after,
                         const struct diff_options *options)
{
    write_kind(w, "replaced");
    json_key(w, "after");
    value_diff(w, NULL, after, options);
    json_key(w, "before");
    json_null(w);
    json_end_object(w);
}

static void write_change(struct json_writer *w, const struct diff_value *before,
                         const struct diff_value *after, bool hidden,
                         const struct diff_options *options)
{
    if (before && after && hidden)
        value_diff_replaced(w, before, after, options);
    else
        value_diff(w, before, after, options);
}

static void write_value(struct json_writer *w, const struct entry *e,
                        const struct entry_options *options)
{
    const struct entry_side *before = &e->before, *after = &e->after;
    struct diff_options diff = {.key = e->key, .limits = options->limits};
    if (!e->value || !(before->there || after->there))
        return;
    json_key(w, "value");
    if ((before->there && before->secret) || (after->there && after->secret)) {
        write_secret(w, before->there);
    } else if (after->deferred) {
        write_kind(w, "deferred");
        json_end_object(w);
    } else if (before->there && before->unread) {
        write_unread(w, &after->value, &diff);
    } else {
        write_change(w, before->there ? &before->value : NULL, after->there ? &after->value : NULL,
                     options->public && before->foreign, &diff);
    }
}

static void write_metadata(struct json_writer *w, const struct entry *e,
                           const struct entry_options *options)
{
    const struct entry_side *before = &e->before, *after = &e->after;
    struct diff_options diff = {.json = true, .limits = options->limits};
    bool was = before->there && before->has_metadata, is = after->there && after->has_metadata;
    if (!e->metadata || !(was || is))
        return;
    json_key(w, "metadata");
    write_change(w, was ? &before->metadata : NULL, is ? &after->metadata : NULL,
                 options->public && before->foreign, &diff);
}

/* ---- Expiry ---------------------------------------------------------------------------------- */

static void write_expiry(struct json_writer *w, const char *name, const struct expiry *expiry)
{
    if (expiry->kind == EXPIRY_UNTOLD)
        return;
    json_field_object(w, name);
    if (expiry->kind == EXPIRY_NEVER)
        json_field_bool(w, "never", true);
    else
        json_field_int(w, expiry->kind == EXPIRY_AT ? "at" : "ttl", expiry->seconds);
    json_end_object(w);
}

static void write_expiries(struct json_writer *w, const struct entry *e)
{
    if (!e->expiry)
        return;
    json_field_object(w, "expiry");
    write_expiry(w, "before", &e->before.expiry);
    write_expiry(w, "after", &e->after.expiry);
    json_end_object(w);
}

/* As people are told: by the day from two days on, by the hour from two hours on, else by the
 * minute. What was written by one apply expires within seconds. */
static struct expiry about(struct expiry expiry, int64_t now)
{
    if (expiry.kind == EXPIRY_AT) {
        int64_t left = expiry.seconds - now;
        int64_t unit = left >= 2 * 86400 ? 86400 : left >= 2 * 3600 ? 3600 : 60;
        expiry.seconds = now + (left + unit / 2) / unit * unit;
    }
    return expiry;
}

/* ---- Entries --------------------------------------------------------------------------------- */

static void write_counts(struct json_writer *w, const struct bulk_counts *c)
{
    if (!c)
        return;
    json_field_object(w, "counts");
    json_field_count(w, "changed", c->changed);
    json_field_count(w, "new", c->added);
    json_field_count(w, "overwrite", c->overwrite);
    json_field_count(w, "unchanged", c->unchanged);
    json_end_object(w);
}

static void write_lines(struct json_writer *w, struct bytes lines)
{
    if (!lines.data)
        return;
    json_field_array(w, "lines");
    while (lines.len > 0) {
        const char *end = memchr(lines.data, '\n', lines.len);
        size_t n = end ? (size_t)(end - lines.data) : lines.len;
        json_string(w, bytes_make(lines.data, n));
        n += end != NULL;
        lines = bytes_make(lines.data + n, lines.len - n);
    }
    json_end_array(w);
}

static void write_names(struct json_writer *w, const struct entry_names *names)
{
    if (!names)
        return;
    json_field_object(w, "namespaces");
    json_field_count(w, "count", names->count);
    json_field_strings(w, "names", names->names, names->n);
    json_end_object(w);
}

static void write_text(struct json_writer *w, const char *name, struct bytes text)
{
    if (text.data)
        json_field_string(w, name, text);
}

static void write_flag(struct json_writer *w, const char *name, bool flag)
{
    if (flag)
        json_field_bool(w, name, true);
}

void entry_write(struct json_writer *w, const struct entry *e, const struct entry_names *names,
                 const struct entry_options *options)
{
    json_begin_object(w);
    json_field_str(w, "action", e->action);
    json_field_str(w, "kind", action_kind_name(e->kind));
    write_text(w, "key", e->key);
    json_field_str(w, "reason", e->reason);
    write_flag(w, "overwrite", e->overwrite);
    write_flag(w, "protected", e->protected);
    write_flag(w, "pruned", e->pruned);
    write_counts(w, e->counts);
    write_lines(w, e->lines);
    write_value(w, e, options);
    write_metadata(w, e, options);
    write_expiries(w, e);
    write_text(w, "title", e->title);
    write_text(w, "address", e->address);
    write_text(w, "id", e->id);
    write_text(w, "old_title", e->old_title);
    write_names(w, names);
    json_end_object(w);
}

/* ---- Telling whether entries are equal ------------------------------------------------------- */

static void add_field(struct buf *out, struct bytes field)
{
    buf_add(out, &field.len, sizeof field.len);
    buf_add_bytes(out, field);
}

/* It is compared as a line, so that its bytes say all of what is shown. */
static bool is_line(const struct entry_side *side)
{
    struct bytes b = side->value.bytes;
    return !side->there || (!side->unread && !side->deferred && !side->secret && b.len > 0 &&
                            !strchr("{[ \t\r\n", b.data[0]) && !memchr(b.data, '\n', b.len));
}

static void add_side(struct buf *out, const struct entry_side *side)
{
    buf_add_char(out, side->there ? 'v' : '-');
    if (side->there)
        add_field(out, side->value.bytes);
}

/* What is no line may be equal in what is shown where it is not in its bytes. */
static void add_value(struct buf *out, const struct entry *e, const struct entry_options *options)
{
    if (e->value && is_line(&e->before) && is_line(&e->after)) {
        add_side(out, &e->before);
        add_side(out, &e->after);
        return;
    }
    struct json_writer w = json_writer_to(out, 0);
    json_begin_object(&w);
    write_value(&w, e, options);
    json_end_object(&w);
}

static void add_expiry(struct buf *out, const struct expiry *expiry, int64_t now)
{
    struct expiry told = about(*expiry, now);
    buf_add(out, &told.kind, sizeof told.kind);
    buf_add(out, &told.seconds, sizeof told.seconds);
}

void entry_add_shown(struct buf *out, const struct entry *e, int64_t now,
                     const struct entry_options *options)
{
    add_field(out, bytes_of(e->action));
    add_field(out, e->key);
    add_field(out, bytes_of(e->reason));
    buf_add(out, (uint8_t[]){(uint8_t)e->kind, e->overwrite, e->protected, e->pruned}, 4);
    if (e->counts)
        buf_add(out, e->counts, sizeof *e->counts);
    add_value(out, e, options);
    if (e->metadata) {
        struct json_writer w = json_writer_to(out, 0);
        json_begin_object(&w);
        write_metadata(&w, e, options);
        json_end_object(&w);
    }
    if (e->expiry) {
        add_expiry(out, &e->before.expiry, now);
        add_expiry(out, &e->after.expiry, now);
    }
}

/* ---- Actions --------------------------------------------------------------------------------- */

static struct expiry expiry_at(int64_t expiration)
{
    return (struct expiry){expiration ? EXPIRY_AT : EXPIRY_NEVER, expiration};
}

void entry_side_live(const struct observed_key *live, struct bytes value, bool secret, bool foreign,
                     struct entry_side *side)
{
    side->there = true;
    side->secret = secret;
    side->foreign = foreign;
    side->unread = !live->value;
    if (live->value)
        side->value = (struct diff_value){value, live->value->size, live->value->digest};
    side->has_metadata = live->has_metadata;
    if (!observed_metadata_digest(live, &side->metadata.digest))
        side->metadata = diff_value_of(observed_metadata(live));
    side->expiry = expiry_at(live->expiration);
}

void entry_side_desired(const struct desired *d, bool secret, struct entry_side *side)
{
    side->there = true;
    side->deferred = !d->known;
    side->secret = secret;
    side->value = diff_value_of(d->value);
    side->has_metadata = d->metadata.data != NULL;
    side->metadata = diff_value_of(d->metadata);
    side->expiry = d->ttl ? (struct expiry){EXPIRY_TTL, d->ttl} : expiry_at(d->seed->expiration);
}

static void entry_of_put(const struct plan *p, const struct action *a, struct desired *d,
                         struct entry *e)
{
    const struct observed_key *live = a->live;
    action_desired(p, a, d);
    entry_side_desired(d, a->secret_after, &e->after);
    if (live)
        entry_side_live(live, live->value ? live_value(live, d) : bytes_make(NULL, 0),
                        a->secret_before, !a->wrote, &e->before);
    else if (a->overwrite) /* nobody looked whether it is there */
        e->before = (struct entry_side){.there = true, .unread = true};
    e->value = !live || !live->value || !live_value_is(live, d);
    e->metadata = live ? !observed_metadata_is(live, d->metadata) : d->metadata.data != NULL;
    e->expiry = a->expires;
}

void entry_of_action(const struct plan *p, const struct action *a, struct desired *d,
                     struct entry *e)
{
    *e = (struct entry){.action = action_verb_name(a->verb),
                        .kind = a->kind,
                        .title = a->title,
                        .address = a->address,
                        .id = a->id,
                        .key = a->key,
                        .old_title = a->old_title,
                        .reason = a->reason,
                        .overwrite = a->overwrite,
                        .protected = a->protected,
                        .pruned = a->pruned,
                        .counts = a->bulk ? &a->bulk->counts : NULL,
                        .lines = a->lines};
    if (a->kind == ACTION_KEY && a->verb == ACTION_PUT)
        entry_of_put(p, a, d, e);
}
