/*
 * entry.h: one thing that changes, as lua/host/plan words it: the ENTRY of a view.
 *
 * Plans and drift show the same entries. Who has something to show fills a struct entry, which only
 * borrows, and entry_write makes the object of it:
 *
 *     {"action":…, "kind":…, "key":…, "title":…, "address":…, "id":…, "old_title":…, "reason":…,
 *      "overwrite":…, "protected":…, "pruned":…, "counts":{…}, "lines":[…], "value":DIFF,
 *      "metadata":DIFF, "expiry":{"before":EXP,"after":EXP},
 *      "namespaces":{"count":…,"names":[…]}}
 *
 * What there is nothing to say of is left out, as are flags that are false.
 *
 * DIFF is as of model/value_diff.h, and besides {"kind":"deferred"} of a value that is known after
 * apply; {"kind":"replaced","before":null,…} says that nobody looked at what is there. EXP is
 * {"at":SECONDS}, {"ttl":SECONDS} or {"never":true}, and a new key has no `before`. A secret or one
 * side of a value that looks like one is never shown, nor, with `public`, what is there and not
 * cfkv's.
 *
 * A drift item is an entry of action "changed", "deleted", "renamed", "expired" or "added", whose
 * `before` is what was applied and whose `after` is what is live.
 */
#ifndef CFKV_PLAN_ENTRY_H
#define CFKV_PLAN_ENTRY_H

#include "model/value_diff.h"
#include "plan.h"

enum expiry_kind { EXPIRY_UNTOLD, EXPIRY_NEVER, EXPIRY_AT, EXPIRY_TTL };

struct expiry {
    enum expiry_kind kind;
    int64_t seconds; /* since the epoch, or the ttl */
};

/* What a key has, before or after. */
struct entry_side {
    bool there;
    bool deferred;           /* the value is known after apply */
    bool unread;             /* nobody looked at the value */
    bool secret;             /* marked so, or looks so */
    bool foreign;            /* not cfkv's: not for the public */
    struct diff_value value; /* else */
    bool has_metadata;
    struct diff_value metadata; /* JSON, or only its digest: size 0 */
    struct expiry expiry;
};

struct entry {
    const char *action;
    enum action_kind kind;
    struct bytes title, address, id;
    struct bytes key;       /* data NULL: none; of a bulk its source */
    struct bytes old_title; /* of a rename; data NULL: none */
    const char *reason;
    bool overwrite, protected, pruned;
    const struct bulk_counts *counts; /* NULL: none */
    struct bytes lines;               /* of a file, a change a line */
    struct entry_side before, after;  /* of a key; not `there`: nothing is told of it */
    bool value, metadata, expiry;     /* which of them differ */
};

/* The namespaces of a shared entry. */
struct entry_names {
    size_t count;
    const struct bytes *names; /* the first of them */
    size_t n;
};

struct entry_options {
    bool public;
    struct diff_limits limits;
};

/* `names` NULL: it is an entry of one namespace. */
void entry_write(struct json_writer *w, const struct entry *e, const struct entry_names *names,
                 const struct entry_options *options);

/*
 * Adds bytes that are the same of two entries when all that is shown of them is, but for whose they
 * are (lines and old titles are left aside: those differ). Expiries count as equal that people are
 * told alike at `now`.
 */
void entry_add_shown(struct buf *out, const struct entry *e, int64_t now,
                     const struct entry_options *options);

/* What a declaration gives a key, and what is live; `value` as far as it is at hand. They borrow.
 */
struct desired;
void entry_side_desired(const struct desired *d, bool secret, struct entry_side *side);
void entry_side_live(const struct observed_key *live, struct bytes value, bool secret, bool foreign,
                     struct entry_side *side);

/* What is shown of a plan's action. `d` is zeroed at first, may serve many times, and ends with
 * desired_release; it holds what the entry borrows. */
void entry_of_action(const struct plan *p, const struct action *a, struct desired *d,
                     struct entry *e);

#endif
