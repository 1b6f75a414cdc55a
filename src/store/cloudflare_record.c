#include "cloudflare_record.h"

void record_begin(struct record *r)
{
    for (size_t i = 0; i < RECORD_MEMBERS; i++) {
        r->text[i] = bytes_make(NULL, 0);
        r->number[i] = 0;
        r->has[i] = false;
    }
    r->seen = 0;
    r->current = r->n;
    r->copying = false;
}

void record_release(struct record *r)
{
    buf_release(&r->json);
}

/* ---- Copying a value as text ----------------------------------------------------------------- */

static void copy_event(struct json_writer *w, const struct event *e)
{
    switch (e->kind) {
    case EVENT_NULL:
        json_null(w);
        break;
    case EVENT_BOOL:
        json_bool(w, e->flag);
        break;
    case EVENT_INTEGER:
        json_int(w, e->integer);
        break;
    case EVENT_NUMBER:
        json_raw(w, e->text);
        break;
    case EVENT_STRING:
        json_string(w, e->text);
        break;
    case EVENT_KEY:
        json_key_bytes(w, e->text);
        break;
    case EVENT_BEGIN_OBJECT:
        json_begin_object(w);
        break;
    case EVENT_END_OBJECT:
        json_end_object(w);
        break;
    case EVENT_BEGIN_ARRAY:
        json_begin_array(w);
        break;
    case EVENT_END_ARRAY:
        json_end_array(w);
        break;
    }
}

static bool copy(struct record *r, const struct event *e, struct error *err)
{
    bool begins = e->kind == EVENT_BEGIN_OBJECT || e->kind == EVENT_BEGIN_ARRAY;
    copy_event(&r->writer, e);
    r->copying = e->depth > 0 || begins;
    if (r->copying)
        return !r->json.failed || error_nomem(err);
    return buf_ok(&r->json, err) &&
           (arena_bytes(r->arena, buf_bytes(&r->json), &r->text[r->current]) || error_nomem(err));
}

static bool copy_begin(struct record *r, const struct event *e, struct error *err)
{
    buf_clear(&r->json);
    r->writer = json_writer_to(&r->json, 0);
    return copy(r, e, err);
}

/* ---- Members --------------------------------------------------------------------------------- */

static bool on_name(struct record *r, struct bytes name, struct error *err)
{
    r->current = r->n;
    for (size_t i = 0; i < r->n; i++)
        if (bytes_equal(name, bytes_of(r->members[i].name)))
            r->current = i;
    if (r->current == r->n)
        return true;
    if (r->seen & 1U << r->current)
        return error_set(err, ERR_FORMAT, "%s has '%s' twice", r->what,
                         r->members[r->current].name);
    r->seen |= 1U << r->current;
    return true;
}

static bool on_value(struct record *r, const struct event *e, struct error *err)
{
    size_t i = r->current;
    const struct record_member *m = &r->members[i];
    if (e->kind == EVENT_NULL && !m->required)
        return true;
    r->has[i] = true;
    if (m->kind == RECORD_JSON)
        return copy_begin(r, e, err);
    if (m->kind == RECORD_TEXT && e->kind == EVENT_STRING)
        return arena_bytes(r->arena, e->text, &r->text[i]) || error_nomem(err);
    if (m->kind == RECORD_NUMBER && e->kind == EVENT_INTEGER && e->integer >= 0) {
        r->number[i] = (uint64_t)e->integer;
        return true;
    }
    if (m->kind == RECORD_NUMBER && (e->kind == EVENT_INTEGER || e->kind == EVENT_NUMBER))
        return error_set(err, ERR_FORMAT, "'%s' of %s is no whole number from 0", m->name, r->what);
    return error_set(err, ERR_FORMAT, "'%s' of %s is %s, not %s", m->name, r->what, event_name(e),
                     m->kind == RECORD_TEXT ? "a string" : "a number");
}

bool record_event(struct record *r, const struct event *e, struct error *err)
{
    if (r->copying)
        return copy(r, e, err);
    if (e->depth > 0)
        return true; /* inside of something that is skipped */
    if (e->kind == EVENT_KEY)
        return on_name(r, e->text, err);
    return r->current == r->n || !event_is_value(e) || on_value(r, e, err);
}

bool record_end(const struct record *r, struct error *err)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->members[i].required && !r->has[i])
            return error_set(err, ERR_FORMAT, "%s has no '%s'", r->what, r->members[i].name);
    return true;
}
