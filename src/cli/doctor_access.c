/* Which credentials the host of a remote state gets. Nothing is sent, and no program of AWS's is
 * run: whether they will do is found out by who reads the state. */
#include "doctor.h"

#include "state_access.h"
#include "state_place.h"

static void begin(struct doctor *d, const char *finding, enum doctor_status status,
                  const struct state_address *address, const struct state_access *access)
{
    const char *host = state_address_host(&d->s->arena, address);
    doctor_begin(d, "state_credentials", finding, status);
    json_field_str(&d->w, "service", access->endpoint ? access->endpoint : host);
}

/* Over Terraform's protocol a service may let everybody in; none that speaks S3 does. */
void doctor_access(struct doctor *d)
{
    struct session *s = d->s;
    struct state_place place;
    struct state_access *access;
    struct error err;
    if (s->options->local || !state_place_find(s, &place, &err) || !place.address)
        return; /* what is wrong with the place is told where the state is looked at */
    bool is_s3 = place.address->kind == STATE_S3;
    if (!session_read_access(s, place.address, place.named, &access, &err)) {
        doctor_error(d, "state_credentials", "refused", DOCTOR_WRONG, &err);
    } else if (state_access_given(access)) {
        begin(d, "known", DOCTOR_OK, place.address, access);
        json_field_str(&d->w, "credentials", access->source);
        doctor_end(d);
    } else {
        begin(d, "none", is_s3 ? DOCTOR_WRONG : DOCTOR_WARNING, place.address, access);
        json_field_str(&d->w, "error_hint", access->hint);
        doctor_end(d);
    }
}
