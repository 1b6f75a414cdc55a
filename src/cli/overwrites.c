#include "overwrites.h"

#include <unistd.h>

#include "formats.h"
#include "host/host.h"

/* The host module, and what its texts say so far. */
struct telling {
    struct host *host;
    struct buf text;
    struct diag_list problems; /* it has none */
};

static bool show(void *ctx, const char *function, struct bytes view, struct error *err)
{
    struct telling *t = ctx;
    return host_call(t->host, function, view, &t->problems, &t->text, err);
}

static struct entry_side side_of(const struct kv_content *content)
{
    return (struct entry_side){
        .there = true,
        .value = content->value,
        .has_metadata = content->metadata.data != NULL,
        .metadata = diff_value_of(content->metadata),
        .expiry = {content->expiration ? EXPIRY_AT : EXPIRY_NEVER, content->expiration}};
}

static struct entry entry_of(const struct kv_overwrite *o)
{
    return (struct entry){.action = "put",
                          .kind = ACTION_KEY,
                          .key = o->key,
                          .overwrite = true,
                          .before = side_of(&o->before),
                          .after = side_of(&o->after),
                          .value = o->value,
                          .metadata = o->metadata,
                          .expiry = o->before.expiration != o->after.expiration};
}

static bool show_keys(const struct kv_preview *p, size_t n, const struct view_options *options,
                      struct telling *t, struct error *err)
{
    struct view_section section = {
        .shared = true, .show = show, .ctx = t, .options = view_entry_options(options)};
    bool ok = true;
    view_section_begin(&section);
    for (size_t i = 0; ok && i < n; i++) {
        struct entry entry = entry_of(&p->changes[i]);
        ok = view_section_add(&section, &entry, NULL, err);
    }
    ok = ok && view_section_end(&section, 0, 0, err);
    buf_release(&section.json);
    return ok;
}

static bool show_rest(const struct kv_preview *p, size_t shown, struct telling *t,
                      struct error *err)
{
    struct buf view = {0};
    struct json_writer w = json_writer_to(&view, 0);
    json_begin_object(&w);
    json_field_bool(&w, "complete", p->complete);
    json_field_count(&w, "hidden", p->n - shown);
    json_field_count(&w, "more", p->more + p->n - shown);
    json_field_count(&w, "same", p->same);
    json_field_count(&w, "shown", shown);
    json_end_object(&w);
    bool ok = show(t, "close", buf_bytes(&view), err);
    buf_release(&view);
    return ok;
}

bool overwrites_tell(const struct session *s, const struct kv_preview *p, struct error *err)
{
    struct view_options options = formats_text_options(s, STDERR_FILENO);
    struct view_head head = {0};
    size_t shown = options.verbose || p->n < OVERWRITES_SHOWN ? p->n : OVERWRITES_SHOWN;
    struct telling t = {.host = host_open("overwrites", err)};
    bool ok = t.host && view_open(&head, &options, show, &t, err) &&
              (shown == 0 || show_keys(p, shown, &options, &t, err)) &&
              show_rest(p, shown, &t, err);
    if (ok)
        output_talk_styled(s->output, buf_bytes(&t.text));
    host_close(t.host);
    diag_release(&t.problems);
    buf_release(&t.text);
    return ok;
}
