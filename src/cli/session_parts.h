/*
 * session_parts.h: what the files of a session share. Private to session*.c.
 */
#ifndef CFKV_CLI_SESSION_PARTS_H
#define CFKV_CLI_SESSION_PARTS_H

#include "session.h"
#include "state_place.h"

/* Prints a note; `session` is a struct session. */
void session_tell(void *session, const char *text);

/* Looks for the configuration from a folder on, when none is named (locate.h). */
bool session_locate_from(struct session *s, const char *folder, struct error *err);

/* Settles the project root: as said, or where the configuration lies. */
void session_settle_root(struct session *s);

/*
 * Says in `options` where the account's state is (state_place.h) and, for one on a service, with
 * what its host is asked. With `ids`, for who wants it for its ids alone, to have no credentials,
 * or none that may go there, is no failure: `access` stays NULL.
 */
bool session_place_state(struct session *s, bool ids, struct target_options *options,
                         struct error *err);

/* How the services that a session talks to are asked, as far as it is not theirs to say. */
struct http_options session_http(struct session *s);

/* While people or services are waited for, the state's lock is kept; `session` is a struct session.
 * What comes of it is found in `s->lost`. */
void session_beat(void *session);

#endif
