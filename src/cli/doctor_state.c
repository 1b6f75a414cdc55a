/* What cfkv doctor finds of a state on a service. One read is sent, and no lock is taken. */
#include "doctor.h"

#include "doctor_state.h"
#include "state_pushed.h"
#include "state_reach.h"

/* Who writes it, and whether he still does. A service's own lock is seen by who asks for it only.
 */
static void add_holder(struct doctor *d, const struct state_reach *r)
{
    const struct envelope *e = &r->document.envelope;
    struct buf who = {0}, age = {0};
    int64_t now = remote_document_now(&r->document);
    if (!e->leased)
        return;
    bool over = lease_expired(&e->lease, now);
    lease_words(&e->lease, 0, &who);
    lease_age(now - e->lease.renewed, &age);
    doctor_begin(d, "state_lock", over ? "over" : "held", over ? DOCTOR_OK : DOCTOR_WARNING);
    json_field_str(&d->w, "age", age.data ? age.data : "");
    json_field_str(&d->w, "holder", who.data ? who.data : "");
    doctor_end(d);
    buf_release(&who);
    buf_release(&age);
}

/* What keeps two writers apart there. */
static void add_safety(struct doctor *d, struct state_reach *r)
{
    const struct remote_document *doc = &r->document;
    const struct remote_object *o = &doc->object;
    bool compares = o->checks && o->checks(o->ctx, &doc->version);
    bool probed = !o->recall || o->recall(o->ctx, doc->envelope.service);
    const char *finding =
        o->lock ? (compares ? "both" : "lock_only") : (probed ? "compared" : "unprobed");
    bool weak = o->lock && !compares && doc->version.exists;
    doctor_begin(d, "state_safety", o->lock && !doc->version.exists ? "locked" : finding,
                 weak ? DOCTOR_WARNING : DOCTOR_OK);
    doctor_end(d);
}

static void add_owed(struct doctor *d, const struct state_reach *r)
{
    struct error unheard;
    bool owes;
    if (!state_reach_owes(d->s, r->address, &owes, &unheard) || !owes)
        return;
    doctor_begin(d, "state_owed", "kept", DOCTOR_WARNING);
    json_field_str(&d->w, "service", r->address->text);
    doctor_end(d);
}

static bool refuse_moved(const struct state_reach *r, struct error *err)
{
    error_set(err, ERR_FAILED, "the state at '%s' was moved to '%s'", r->address->text,
              r->document.envelope.moved_to);
    return error_hint(err, "put that address into cfkv.project { state = … }");
}

/* The state that stands there becomes the target's, for the looks that follow. */
static bool open_state(struct doctor *d, struct state_reach *r, struct error *err)
{
    const struct envelope *e = &r->document.envelope;
    if (e->moved_to)
        return refuse_moved(r, err);
    return state_open_text(&d->target.state, r->address->text, d->s->model.project.name, e->state,
                           err);
}

bool doctor_remote_state(struct doctor *d, const struct state_place *place)
{
    struct state_reach r = {0};
    struct error err;
    bool ok = state_reach_open(d->s, place->address, place->named, &r, &err) &&
              state_reach_read(&r, &err) && open_state(d, &r, &err);
    if (!ok)
        doctor_error(d, "state", "broken", DOCTOR_WRONG, &err);
    else
        doctor_add_state(d);
    if (r.open && ok) {
        add_holder(d, &r);
        add_safety(d, &r);
    }
    if (r.address)
        add_owed(d, &r);
    state_reach_close(&r);
    return ok;
}
