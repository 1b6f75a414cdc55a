/*
 * address.h: where a state is kept when it does not lie beside its configuration.
 *
 *     s3://BUCKET/KEY         an object of a service that speaks S3 (R2, AWS, Ceph, MinIO …)
 *     https://HOST/PATH       Terraform's http protocol (GitLab, Gitea, our own Worker …)
 *     anything without "://"  a file
 *
 * Whatever an address says is judged here, for cfkv.project, --state, `state move` and what cfkv
 * itself wrote down. An address never holds a credential: one with a user, a password or a query
 * that looks like one is refused, and no message shows it. Plain http goes to loopback only. Every
 * host that an address names beside its own is refused, so that whoever is trusted with credentials
 * by the one name cannot be made to send them to the other.
 *
 * Our parser takes less than RFC 3986 does: what two parsers could read as two hosts is no address.
 */
#ifndef CFKV_STATE_ADDRESS_H
#define CFKV_STATE_ADDRESS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/model.h"

/* Bytes of a URL, and of an S3 key (AWS's and R2's own limit). */
#define STATE_URL_MAX 2048
#define STATE_KEY_MAX 1024

enum state_kind { STATE_FILE, STATE_S3, STATE_HTTP };

/* What was said, as it was said; NULL: nothing. */
struct state_said {
    const char *url;
    const char *endpoint, *region;                                           /* with s3:// */
    const char *lock_address, *unlock_address, *lock_method, *unlock_method; /* with https:// */
    const char *update_method; /* Terraform's variable alone says that one */
    const char *account_id; /* the project's, with an endpoint: whose R2 that may be; no part of the
                               address */
};

struct state_address {
    enum state_kind kind;
    const char *text; /* for messages: as named, a query shortened to "?…" */
    const char *id;   /* what it is, however it was written: equal for one place, and only then */

    const char *path; /* STATE_FILE */

    const char *bucket, *key; /* STATE_S3 */
    const char *endpoint;     /* "https://HOST[:PORT][/PATH]" without a slash at its end; NULL: not
                                 said. The environment may say it (cli/state_access.h). */
    const char *region;       /* NULL: not said */

    const char *url;                    /* STATE_HTTP: host in lower case, no default port */
    const char *lock_url, *lock_method; /* never NULL for STATE_HTTP */
    const char *unlock_url, *unlock_method;
    const char *update_method;
    bool gitlab; /* GitLab's own path: it refuses a repeated serial, and wants all of a lock info */
};

/* What a project declares, whose texts must live as long; `url` NULL: it declares no state. A text
 * with a NUL byte in it is cut there, which makes no address of what was none (bind_project). */
struct state_said state_said_by(const struct project *p);

/* true for what is meant as an address of a service: it holds "://". */
bool state_address_is_url(const char *text);

/*
 * Reads and judges it; texts live in `arena`. `…/terraform/state/NAME`, as GitLab and Gitea have
 * it, is locked by POST and DELETE of its "/lock" unless something else is said; any other URL by
 * LOCK and UNLOCK of itself.
 *
 * ERR_USAGE, with a hint: no message holds what could be a credential.
 */
bool state_address_parse(struct arena *arena, const struct state_said *said,
                         struct state_address *out, struct error *err);

/*
 * The variables of Terraform's http backend: where `t->url` (TF_HTTP_ADDRESS) is the URL of `a`,
 * what they say and `said` does not counts as said with it. Others, and of other kinds, are left
 * alone. ERR_USAGE as above, naming the variable.
 */
bool state_address_follow(struct arena *arena, const struct state_said *said,
                          const struct state_said *t, struct state_address *a, struct error *err);

bool state_address_same(const struct state_address *a, const struct state_address *b);

/* The host with its port where it has one ("127.0.0.1:8787"), of the URL or the endpoint; NULL: a
 * file, or an endpoint that is not said. In `arena`. */
const char *state_address_host(struct arena *arena, const struct state_address *a);

/* 32 hexadecimal digits of `id`: the folder below .cfkv/state that goes with it. */
#define STATE_ADDRESS_HASH_SIZE 33
void state_address_hash(const struct state_address *a, char hash[STATE_ADDRESS_HASH_SIZE]);

#endif
