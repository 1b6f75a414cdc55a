#include "access.h"

bool state_access_need(const struct state_access *a, const char *host, struct error *err)
{
    if (state_access_given(a))
        return true;
    error_set(err, ERR_DENIED, "there are no credentials for the state's host %s", host);
    return error_hint(err, "%s", a->hint);
}

bool state_access_fresh(struct state_access *a, int64_t now, bool *changed, struct error *err)
{
    bool held = a->token || a->user || a->aws_id;
    *changed = false;
    if (!a->renew || (held && (a->expires == 0 || a->expires - now > STATE_ACCESS_MARGIN)))
        return true;
    *changed = a->renew(a->renew_ctx, a, err);
    return *changed || (held && a->expires > now);
}
