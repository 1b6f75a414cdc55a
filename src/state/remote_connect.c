#include "remote_connect.h"

#include "s3.h"
#include "terraform_http.h"

bool remote_connect(const struct state_address *address, struct state_access *access,
                    const struct http_options *http, struct remote_stop *stop,
                    struct remote_object *object, struct error *err)
{
    struct http_options o = *http;
    o.interrupted = &stop->now;
    o.interrupt_grace_ms = 0;
    o.beat = remote_stop_beat;
    o.beat_ctx = stop;
    o.unbudgeted = true;
    if (!o.total_timeout_s)
        o.total_timeout_s = REMOTE_EXCHANGE_S;
    if (!o.request_timeout_s)
        o.request_timeout_s = REMOTE_SILENCE_S;
    *object = (struct remote_object){0};
    return address->kind == STATE_S3 ? s3_object(address, access, &o, object, err)
                                     : terraform_http_object(address, access, &o, object, err);
}
