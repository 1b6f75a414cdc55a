/*
 * guard.h: what must not happen to namespaces and keys without a word from the user. Pure: every
 * guard is one question with one message, for plans (as diagnostics) and for doors (as errors).
 *
 * A hint names the way without loss first, and the exact permission last.
 */
#ifndef CFKV_KV_GUARD_H
#define CFKV_KV_GUARD_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "model/permit.h"

#define GUARD_MASS_NAMESPACES_MIN 4 /* of the managed namespaces, from so many up */

/* Thresholds of a project: more than so much of so many keys; 0: as model.h says. */
struct guards {
    unsigned mass_percent;
    unsigned mass_from;
};

struct guards guards_or_default(struct guards given);

/* true when `part` is more than the percentage of `whole`. */
bool guards_mass(struct guards g, uint64_t part, uint64_t whole);

/* The fewest keys that a deletion can be of to be too many of a namespace of any size. */
uint64_t guards_mass_least(struct guards g);

/* Where the message is read: what the way without loss is, and how permissions are given. */
enum guard_words {
    GUARD_VERB,  /* a command that was typed: options */
    GUARD_PLAN,  /* a plan: the configuration, options */
    GUARD_FIELDS /* a script's call: fields */
};

/* What a guard is about. Texts are borrowed; data NULL: not known. */
struct guarded {
    struct bytes address, title, id;
    struct bytes account;      /* as permissions are matched with it */
    struct bytes account_word; /* how it is told, where there are several; data NULL: there are not
                                */
    struct permits permits;
    bool loss_said, mass_said; /* allowed by other words than an option: cfkv.removed */
    struct guards guards;
    bool alone;   /* the bare form of a permission is good: no other namespace would be refused */
    bool protect; /* it is protected (nothing is on the local target) */
    bool unsaved; /* no backup will be written */
    enum guard_words words;
};

/* Each of these: true when it may be, else ERR_GUARD with message and hint. */

/* Deleting the namespace. No permission helps where it is protected. */
bool guard_protected(const struct guarded *g, struct error *err);

/* Deleting it with `n` keys; `more`: at least so many; `looked`: false when nobody looked. */
bool guard_data_loss(const struct guarded *g, bool looked, uint64_t n, bool more,
                     struct error *err);

/* Its title is still the one it was found or recorded under. */
bool guard_title(const struct guarded *g, struct bytes recorded, struct bytes live,
                 struct error *err);

/* Deleting `n` keys of a protected namespace needs allowed loss. `how`: "deleted", "pruned". */
bool guard_protected_keys(const struct guarded *g, uint64_t n, const char *how, struct error *err);

/* Deleting `doomed` of its `live` keys needs allowed mass deletion when that is too many. */
bool guard_mass_keys(const struct guarded *g, uint64_t doomed, uint64_t live, const char *how,
                     struct error *err);

/* So does deleting all of them because what they are compared with is empty. */
bool guard_emptied(const struct guarded *g, uint64_t doomed, const char *source, struct error *err);

/* Overwriting and pruning keys of a namespace that is being adopted needs allowed loss. */
bool guard_adopted(const struct guarded *g, uint64_t overwritten, uint64_t pruned,
                   struct error *err);

/* Namespaces that would be deleted together. */
struct guarded_many {
    struct guards guards;
    const struct bytes *names; /* address or title of each that was not allowed to go, sorted */
    size_t n;
    const char *glob; /* names just these, for the hint where they are too many; NULL: none does */
    uint64_t managed; /* all that are recorded */
    bool emptied;     /* nothing is declared, and none that could be deleted would stay */
};

/* Deleting more of the managed namespaces than the percentage, from GUARD_MASS_NAMESPACES_MIN up,
 * or all of them because nothing is declared. */
bool guard_mass_namespaces(const struct guarded_many *g, struct error *err);

/* So many recorded namespaces that a listing lacks, more than `most`, are not believed to be gone.
 * Of `g` the names count. */
bool guard_missing(const struct guarded_many *g, size_t most, struct error *err);

#endif
