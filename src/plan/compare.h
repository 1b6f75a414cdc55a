/*
 * compare.h: what a live key tells about a declared one.
 */
#ifndef CFKV_PLAN_COMPARE_H
#define CFKV_PLAN_COMPARE_H

#include "planner.h"

enum verdict {
    KEY_SAME,
    KEY_NEW,     /* absent */
    KEY_EXPIRY,  /* only its expiry differs */
    KEY_MARK,    /* only its fingerprint is missing, or one too many */
    KEY_CHANGED, /* differs; what is there was written by cfkv */
    KEY_FOREIGN, /* differs; what is there was written by somebody else */
    KEY_UNREAD   /* differs, or may; whose it is was not looked at */
};

/* What a declaration wants of a key. */
struct desired {
    const struct seed_key *seed;
    int64_t ttl;          /* the relative ttl to send; 0: none */
    bool known;           /* false while an id inside the value is not known */
    struct bytes value;   /* when known; good until the next desired_set */
    struct digest digest; /* of value, when known */

    bool fingerprint;        /* its namespace is declared to have them */
    struct bytes metadata;   /* as it counts, without a fingerprint; data NULL: none */
    bool marked;             /* the key shall carry a fingerprint: */
    struct fingerprint mark; /* this one, when the value is known */

    struct buf scratch, metadata_scratch; /* private */
};

/* `d` is zeroed at first, may be set many times, and ends with desired_release. `ids` as in
 * plan.ids. For who only shows it, desired_read leaves out what is hashed: the digest, and the
 * fingerprint where there shall be one. */
void desired_read(const struct namespace_decl *decl, const struct bytes *ids,
                  const struct seed_key *seed, struct desired *d);
void desired_set(const struct planner *pl, size_t ns, const struct seed_key *seed,
                 struct desired *d);

void desired_release(struct desired *d);

/* The declared expiration is past, or too near for the service to take: the key shall be absent. */
bool desired_is_past(const struct planner *pl, const struct desired *d);

/* What the state records when that is written. */
struct digest desired_hmac(const struct planner *pl, const struct desired *d);

/* The same as what is to be recorded of it. */
struct plan_record desired_record(const struct planner *pl, size_t ns, const struct desired *d,
                                  enum key_origin origin);

/* true when the record (NULL: none) is of just that. */
bool desired_is_recorded(const struct planner *pl, const struct desired *d,
                         const struct state_key *record);

/* true when the record is of the same absolute expiration; what a version recorded that did not
 * tell counts as the same. */
bool desired_expiration_is_recorded(const struct desired *d, const struct state_key *record);

/* true when a listed key is there (it may have gone between the listing and the reading). */
bool live_is_there(const struct planner *pl, const struct observed_key *live);

/* true when the live key is what the record says, whoever wrote it. */
bool live_is_recorded(const struct planner *pl, const struct observed_key *live,
                      const struct state_key *record);

/*
 * What is known of a live key (NULL: none): the record, or, where a run ended before it knew
 * whether its put was done, that put (`pending`; NULL: there was none), if it is what is live now.
 * Where both are, the expiry tells; the record, unless it is certain: then the key is put once
 * more.
 */
const struct state_key *live_record(const struct planner *pl, const struct observed_key *live,
                                    const struct state_key *record,
                                    const struct state_key *pending);

/* Whose a recorded key is: what a version recorded that did not tell was written by cfkv, unless
 * its namespace was adopted. */
enum key_origin record_origin(const struct state_namespace *entry, const struct state_key *record);

/* The user's metadata, and the value as far as `value_holds` says; copies that differ equal
 * nothing. */
bool live_content_holds(const struct observed_key *live, const struct desired *d, bool value_holds);

/* It has the fingerprint that it shall have, or none where there shall be none. */
bool live_mark_holds(const struct observed_key *live, const struct desired *d);

/* true when its fingerprint tells enough: its value need not be read. */
bool live_is_told(bool fingerprint, const struct observed_key *live);

/* Design, "TTL": a relative one is satisfied while it is the one last applied (`ttl_was_other` says
 * when not) and the key does not outlive it; a key is not rewritten to live longer. */
bool live_expiry_holds(const struct planner *pl, const struct observed_key *live,
                       const struct desired *d, bool ttl_was_other);

/* true when the live key expires as it was recorded, relatively as above or absolutely. */
bool live_expiry_is_recorded(const struct planner *pl, const struct observed_key *live,
                             const struct state_key *record);

/*
 * The verdict on a live key that carries a fingerprint, in a namespace that has them. One that
 * differs shows a write of cfkv's, unless the namespace is only being adopted: then it was another
 * configuration's. One that fits while the metadata beside it does not shows somebody else's hand.
 */
enum verdict compare_marked(const struct planner *pl, size_t ns, const struct observed_key *live,
                            const struct desired *d);

/* The verdict on a put, and whether the state has it recorded just so, and no put of it pending.
 * `near` as observed_key. */
enum verdict compare_put(const struct planner *pl, size_t ns, const struct put_decl *put,
                         const struct desired *d, size_t *near, bool *recorded);

#endif
