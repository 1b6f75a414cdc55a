#include "failures.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

#define KEY_SHOWN 200

bool failures_add(void *ctx, struct bytes key, const struct error *cause, struct error *err)
{
    struct failures *f = ctx;
    char name[KEY_SHOWN];
    f->n++;
    if (f->verbose || f->n <= FAILURES_SHOWN)
        buf_addf(&f->text, "cfkv: cannot %s key %s: %s\n", f->verb,
                 text_quoted(key, name, sizeof name), cause->message);
    if (f->keep) {
        struct json_writer w = json_writer_to(&f->json, 0);
        if (f->json.len > 0)
            buf_add_char(&f->json, ',');
        json_string(&w, key);
    }
    return buf_ok(&f->text, err) && buf_ok(&f->json, err);
}

void failures_tell(const struct failures *f, const struct output *o)
{
    if (f->text.len > 0)
        fwrite(f->text.data, 1, f->text.len, stderr);
    if (f->n > FAILURES_SHOWN && !f->verbose)
        output_note(o, "and %" PRIu64 " more keys; --verbose lists them all, and so does --json",
                    f->n - FAILURES_SHOWN);
}

void failures_write_json(const struct failures *f, struct json_writer *w)
{
    json_begin_array(w);
    if (f->json.len > 0)
        json_raw(w, buf_bytes(&f->json));
    json_end_array(w);
}

void failures_release(struct failures *f)
{
    buf_release(&f->text);
    buf_release(&f->json);
    *f = (struct failures){0};
}
