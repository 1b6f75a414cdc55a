#include "overwrites.h"

#include "host/host.h"

/* ---- An entry of a plan (lua/host/plan/words.lua) -------------------------------------------- */

static void write_value(struct json_writer *w, const struct kv_overwrite *o,
                        const struct diff_limits *limits)
{
    struct diff_options options = {.key = o->key, .limits = *limits};
    const struct diff_value *a = &o->before.value, *b = &o->after.value;
    if (a->bytes.data && b->bytes.data && bytes_equal(a->bytes, b->bytes))
        return;
    json_key(w, "value");
    value_diff(w, a, b, &options);
}

static void write_metadata(struct json_writer *w, const struct kv_overwrite *o,
                           const struct diff_limits *limits)
{
    struct diff_options options = {.json = true, .limits = *limits};
    struct diff_value a = diff_value_of(o->before.metadata), b = diff_value_of(o->after.metadata);
    if (bytes_same(o->before.metadata, o->after.metadata))
        return;
    json_key(w, "metadata");
    value_diff(w, o->before.metadata.data ? &a : NULL, o->after.metadata.data ? &b : NULL,
               &options);
}

static void write_expiration(struct json_writer *w, const char *name, int64_t at)
{
    json_field_object(w, name);
    if (at)
        json_field_int(w, "at", at);
    else
        json_field_bool(w, "never", true);
    json_end_object(w);
}

static void write_entry(struct json_writer *w, const struct kv_overwrite *o,
                        const struct diff_limits *limits)
{
    json_begin_object(w);
    json_field_str(w, "action", "put");
    json_field_string(w, "key", o->key);
    json_field_str(w, "kind", "key");
    json_field_bool(w, "overwrite", true);
    write_value(w, o, limits);
    write_metadata(w, o, limits);
    if (o->before.expiration != o->after.expiration) {
        json_field_object(w, "expiry");
        write_expiration(w, "after", o->after.expiration);
        write_expiration(w, "before", o->before.expiration);
        json_end_object(w);
    }
    json_end_object(w);
}

/* ---- All of it ------------------------------------------------------------------------------- */

static void write_head(struct json_writer *w, const struct session *s)
{
    json_field_object(w, "head");
    json_field_bool(w, "color", false);
    json_field_str(w, "command", s->command);
    json_field_int(w, "now", s->now);
    json_field_str(w, "target", NULL);
    json_end_object(w);
}

bool overwrites_tell(const struct session *s, const struct kv_preview *p, struct error *err)
{
    struct buf view = {0}, text = {0};
    struct diag_list problems = {0}; /* the text has none */
    struct json_writer w = json_writer_to(&view, 0);
    bool verbose = s->options->verbose;
    size_t shown = verbose || p->n < OVERWRITES_SHOWN ? p->n : OVERWRITES_SHOWN;
    struct diff_limits limits = {0};
    if (!verbose)
        limits = DIFF_LIMITS_SHORT;
    json_begin_object(&w);
    json_field_bool(&w, "complete", p->complete);
    json_field_array(&w, "entries");
    for (size_t i = 0; i < shown; i++)
        write_entry(&w, &p->changes[i], &limits);
    json_end_array(&w);
    write_head(&w, s);
    json_field_count(&w, "hidden", p->n - shown);
    json_field_count(&w, "more", p->more + p->n - shown);
    json_field_count(&w, "same", p->same);
    json_end_object(&w);
    bool ok = host_text("overwrites", "text", buf_bytes(&view), &problems, &text, err);
    if (ok)
        output_talk(s->output, buf_bytes(&text));
    diag_release(&problems);
    buf_release(&view);
    buf_release(&text);
    return ok;
}
