/*
 * lease.h: who writes a remote state, and until when.
 *
 * A lock that nobody frees is the commonest trouble with remote states: the runner is gone, and the
 * next one waits. So ours is a lease: renewed while its holder lives, and over when it was not for
 * LEASE_SECONDS. What it says of its holder is for people, and holds no credential.
 *
 * All instants are seconds since the epoch by the service's clock, since those of two machines may
 * be apart.
 */
#ifndef CFKV_STATE_LEASE_H
#define CFKV_STATE_LEASE_H

#include "base/json.h"

#define LEASE_SECONDS 60
#define LEASE_RENEW   20 /* seconds after which it is renewed */

struct lease {
    char id[64];   /* a UUID of ours; another program's text; "": not known */
    char who[192]; /* "user@host" */
    char host[128];
    char command[160]; /* "cfkv apply" */
    char job[512];     /* URL of the CI job; "": none */
    int64_t pid;       /* 0: not known */
    int64_t taken, renewed;
    int64_t seconds; /* from `renewed`; 0: it does not expire */
};

/* A lease of this process, not taken yet: `taken` and `renewed` are 0. The job is read from the
 * environment of GitHub Actions or GitLab. ERR_IO when the kernel gives no random bytes. */
bool lease_make(struct lease *lease, const char *command, struct error *err);

/* true when it is over at `now`: never for one that does not expire. */
bool lease_expired(const struct lease *lease, int64_t now);

/* As a member of the envelope: an object. */
void lease_write(const struct lease *lease, struct json_writer *w);

/* Reads that object; members that are not known are of no matter, texts are cut to what fits.
 * ERR_FORMAT for a wrong type. */
bool lease_read(const struct json *object, struct lease *lease, struct error *err);

/*
 * Terraform's lock info: an object with the members Created (RFC 3339), ID, Info, Operation, Path,
 * Version, Who, and, where `expiring`, as an eighth Lease, the seconds: a server that knows leases
 * (examples/state-worker) answers with "Expires", others do not look at it. Host, pid and job are
 * words in Info. `path` is what is locked, for people.
 */
void lease_write_lock_info(const struct lease *lease, const char *path, bool expiring,
                           struct buf *out);

/* Reads one, ours or Terraform's; false when the text is none (not an object, or without an ID).
 * `expires`: of an answer that has "Expires" (seconds since the epoch or RFC 3339), else 0; then
 * lease->seconds is 0 unless "Lease" tells. */
bool lease_read_lock_info(struct bytes text, struct lease *lease, int64_t *expires);

/* "anna@build-7 (cfkv apply, pid 4711, for 3 min, https://…/runs/1)", without what a terminal
 * would obey; `now` 0: not known. */
void lease_words(const struct lease *lease, int64_t now, struct buf *out);

/* "40 s", "3 min", "2 h", "5 days". */
void lease_age(int64_t seconds, struct buf *out);

#endif
