/*
 * copy.h: one namespace into another, of the same target or not: values, metadata and absolute
 * expirations. Streams in key order, in bounded memory.
 *
 * What cfkv keeps for itself in the metadata of keys (fingerprints) is left out, and so are keys
 * that have expired or will before a store would take them (restore.h). No default ttl is applied.
 *
 * kv_copy (fill.h) is all that a copy does.
 */
#ifndef CFKV_KV_COPY_H
#define CFKV_KV_COPY_H

#include "sender.h"
#include "restore.h"

/* A namespace and where it is. */
struct copy_place {
    struct store *store;
    struct bytes account, id;
};

struct copy_options {
    struct copy_place from;
    struct sender_options put; /* where to, and who is told; its `resume` is not used */
    struct bytes prefix;       /* empty: all keys */
    struct resume *resume;     /* keys up to its mark were copied; marked as keys are written; NULL:
                                  none. Not for `if_missing`, which finds what is there anyway */
    bool if_missing;           /* keys that are there stay as they are */
    restore_expired_fn on_expired; /* told of keys that are left out for that; NULL: nobody */
    void *on_expired_ctx;
};

struct copy_report {
    uint64_t expired; /* not written for that */
    uint64_t present; /* not written because they are there */
};

/* Keys that failed singly do not make it false; nothing behind the first of them is marked. */
bool copy_keys(const struct copy_options *o, struct copy_report *report, struct error *err);

#endif
