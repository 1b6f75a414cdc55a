/*
 * remote_connect.h: from an address and what may be shown to its host to the object that lies
 * there.
 */
#ifndef CFKV_STATE_REMOTE_CONNECT_H
#define CFKV_STATE_REMOTE_CONNECT_H

#include "access.h"
#include "address.h"
#include "http/http.h"
#include "remote_object.h"
#include "remote_stop.h"

/* Seconds that one exchange with a state's service may take, with all its attempts. A run stands
 * still meanwhile, and the lease has to be renewed. */
#define REMOTE_EXCHANGE_S 60

/* Seconds of silence after which an attempt counts as lost: so that a renewal that is due after 20
 * s and hangs once still comes in time. */
#define REMOTE_SILENCE_S 20

/*
 * Sends nothing. `address`, `access` and `stop` are borrowed until the object is closed. Of `http`
 * counts what is told (log, wait) and how long waiting is; interrupts are `stop`'s. The address is
 * no file.
 */
bool remote_connect(const struct state_address *address, struct state_access *access,
                    const struct http_options *http, struct remote_stop *stop,
                    struct remote_object *object, struct error *err);

#endif
