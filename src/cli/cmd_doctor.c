/* cfkv doctor: looks at all that a run depends on. */
#include "command.h"

#include "doctor.h"
#include "formats.h"
#include "host/host.h"

void doctor_begin(struct doctor *d, const char *check, const char *finding,
                  enum doctor_status status)
{
    static const char *const words[] = {"ok", "warning", "wrong"};
    json_begin_object(&d->w);
    json_field_str(&d->w, "check", check);
    json_field_str(&d->w, "finding", finding);
    json_field_str(&d->w, "status", words[status]);
    json_field_object(&d->w, "facts");
    json_sort_begin(&d->w, &d->facts);
    d->n[status]++;
}

void doctor_end(struct doctor *d)
{
    json_sort_end(&d->w, &d->facts);
    json_end_object(&d->w);
    json_end_object(&d->w);
}

void doctor_error(struct doctor *d, const char *check, const char *finding,
                  enum doctor_status status, const struct error *err)
{
    doctor_begin(d, check, finding, status);
    json_field_str(&d->w, "error", err->message);
    json_field_str(&d->w, "error_hint", *err->hint ? err->hint : NULL);
    doctor_end(d);
}

static void look(struct doctor *d)
{
    json_begin_object(&d->w);
    json_field_array(&d->w, "checks");
    doctor_versions(d);
    doctor_project(d);
    doctor_access(d);
    doctor_account(d);
    json_end_array(&d->w);
    json_field_int(&d->w, "format_version", 1);
    json_field_object(&d->w, "summary");
    json_field_count(&d->w, "ok", d->n[DOCTOR_OK]);
    json_field_count(&d->w, "warning", d->n[DOCTOR_WARNING]);
    json_field_count(&d->w, "wrong", d->n[DOCTOR_WRONG]);
    json_end_object(&d->w);
    json_end_object(&d->w);
}

/* The words are in the document, too: whoever reads it wants to know what to do. */
static bool write_json(struct output *o, struct bytes view, struct error *err)
{
    struct buf text = {0};
    struct diag_list problems = {0};
    bool ok = host_text("doctor", "document", view, &problems, &text, err);
    if (ok) {
        struct json_writer w = json_writer_to(&o->out, 2);
        ok = json_copy(&w, buf_bytes(&text), err);
        buf_add_char(&o->out, '\n');
    }
    buf_release(&text);
    diag_release(&problems);
    return ok;
}

bool cmd_doctor(struct cli *cli, enum exit_code *code, struct error *err)
{
    const struct options *o = &cli->options;
    struct doctor d = {.s = &cli->session, .target.lock.fd = -1};
    formats_begin(d.s);
    d.s->only_looks = d.s->offline = d.s->impatient = true;
    d.w = json_writer_to(&d.text, 0);
    look(&d);
    target_close(&d.target);
    size_t bad = d.n[DOCTOR_WRONG] + (o->strict ? d.n[DOCTOR_WARNING] : 0);
    if (bad > 0)
        *code = EXIT_FAILED;
    bool ok = o->json ? write_json(&cli->output, buf_bytes(&d.text), err)
                      : output_text(&cli->output, "doctor", "text", &d.text, err);
    buf_release(&d.text);
    return ok;
}
