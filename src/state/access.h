/*
 * access.h: with what a remote state's service is asked. Every credential in it is bound to the
 * host of one address already (cli/state_access.h does that), so whoever holds it sends it there
 * and nowhere else.
 *
 * One form counts: `token` (Bearer), else `user` with `password` (Basic), else the `aws_` ones
 * (SigV4), else none. All texts are good as long as the arena that state_access_read was given.
 */
#ifndef CFKV_STATE_ACCESS_H
#define CFKV_STATE_ACCESS_H

#include <stdint.h>

#include "base/error.h"

struct state_access {
    const char *token;
    const char *user, *password;
    const char *aws_id, *aws_secret, *aws_session; /* aws_session NULL: a pair that lasts */
    const char *region;   /* s3: of the signature, never NULL: "auto", "eu-central-1" */
    const char *endpoint; /* s3: the service's base, settled, no slash at its end:
                             "https://s3.eu-central-1.amazonaws.com"; NULL for http */
    /* PEM texts, not files, as Terraform's variables have them; NULL: none, the system's CAs. */
    const char *cert_pem, *key_pem, *ca_pem;
    const char *ca_file; /* a PEM file of CAs (AWS_CA_BUNDLE) instead */
    const char *source;  /* for messages: "AWS_ACCESS_KEY_ID", "profile 'x' of ~/.aws/credentials";
                            with no credentials at all what was looked for */
    const char *hint;    /* what would give some, or others: for a refusal */
    int64_t expires;     /* seconds since the epoch; 0: not known to end */
    /* Gets them again, or for the first time: a program's, or keys that a request derives. NULL:
     * they are what they are. Call state_access_fresh. */
    bool (*renew)(void *ctx, struct state_access *a, struct error *err);
    void *renew_ctx;
};

/* Whether there is anything to show: with a `renew` that was not called yet, too. */
static inline bool state_access_given(const struct state_access *a)
{
    return a->token || a->user || a->aws_id || a->renew;
}

/* false with ERR_DENIED, "there are no credentials for HOST", and the hint, where there are none.
 */
bool state_access_need(const struct state_access *a, const char *host, struct error *err);

#define STATE_ACCESS_MARGIN 120 /* seconds: credentials that end sooner are got again */

/*
 * To be called before the first request, and before each write of a long run: sees to it that the
 * credentials hold for a while from `now`. `*changed` (never NULL): they are others than before, so
 * an http that has the old ones is opened anew, or told (http_add_credentials). Runs a program of
 * at most 30 s, or sends one request, where that is due; else does nothing. The failure of a
 * renewal while the old ones still hold is none.
 *
 * ERR_DENIED and ERR_FAILED where there are none to be had; no credential is in the message.
 */
bool state_access_fresh(struct state_access *a, int64_t now, bool *changed, struct error *err);

#endif
