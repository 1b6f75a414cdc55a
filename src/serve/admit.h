/*
 * admit.h: who may ask. Pure questions about the head of a request.
 *
 * The emulator is reachable by every page in the user's browser, so a Host that is not ours (a name
 * rebound to loopback) and an Origin that is not loopback are refused before anything else; and
 * there is always a credential, which a page cannot send to a foreign origin unasked.
 */
#ifndef CFKV_SERVE_ADMIT_H
#define CFKV_SERVE_ADMIT_H

#include "reply.h"

/* Headers are NULL when absent; all borrowed. */
struct head {
    const char *method;
    struct bytes target; /* as it came */
    const char *host, *origin;
    const char *authorization, *auth_email, *auth_key;
    const char *content_type;
};

struct admit_rules {
    unsigned short port;
    bool any_host;     /* listens beyond loopback: the token is the guard */
    const char *token; /* NULL: any credential */
};

/* A loopback name or address with that port; without one it means port 80. */
bool admit_host(const char *host, unsigned short port);

/* "http://localhost:3000" and the like; "null" is not. */
bool admit_origin(const char *origin);

/* Host, Origin and credential. On success `*credential` is the secret that was sent (borrowed),
 * what a rate is counted by. Else replies. */
bool admit_check(const struct admit_rules *rules, const struct head *head, const char **credential,
                 struct reply *reply);

/* "bearer", "key" or "none": what kind of credential came, for the log. */
const char *admit_credential_kind(const struct head *head);

#endif
