/*
 * state_host.h: what the host of a remote state is, by its name alone. Pure.
 *
 * URLs are those of state/address.h: judged, the host in lower case, no default port.
 */
#ifndef CFKV_CLI_STATE_HOST_H
#define CFKV_CLI_STATE_HOST_H

#include "base/arena.h"

/*
 * The variables of its token: "CFKV_STATE_TOKEN_state_my__company_com_8443", for this port only,
 * and the same without the port. As Terraform's TF_TOKEN_: "." is "_" and "-" is "__". false: none
 * can be meant by such a name, since another host has the same one (it has a "_"), or it is IPv6.
 */
struct state_host_tokens {
    const char *of_port, *of_host;
};
bool state_host_tokens(struct arena *arena, const char *url, struct state_host_tokens *out);

enum state_service {
    SERVICE_AWS,  /* Amazon's S3 itself: "s3.eu-central-1.amazonaws.com" */
    SERVICE_R2,   /* "ACCOUNT.r2.cloudflarestorage.com", or of a jurisdiction */
    SERVICE_OTHER /* whoever answers there */
};

struct state_host {
    enum state_service service;
    const char *region;   /* that its name says: "eu-central-1" (AWS); NULL: none */
    struct bytes account; /* R2: whose it is */
};

/* Only https at its usual port is a service that its name says: anything else is OTHER. Under
 * amazonaws.com there are hosts of everybody's; only the names of S3 are AWS's. */
struct state_host state_host_of(struct arena *arena, const char *endpoint);

#endif
