/*
 * preview.h: what becomes of the first keys that are there already, before a namespace is filled
 * (fill.h): for whoever is asked whether it may be.
 *
 * The first page of the namespace's keys stands for all of them: the listing that tells whether
 * anything is there at all is not longer than that. Of the first keys that the source has too,
 * values are read by one bulk get.
 */
#ifndef CFKV_KV_PREVIEW_H
#define CFKV_KV_PREVIEW_H

#include "base/arena.h"
#include "find.h"
#include "model/value_diff.h"
#include "store/store.h"

/* Keys whose values are read: those of one bulk get. */
#define KV_PREVIEW_MAX STORE_GET_MAX

/* Larger values are known by size and digest. */
#define KV_PREVIEW_VALUE_MAX ((size_t)256 * 1024)

struct kv_content {
    struct diff_value value;
    struct bytes metadata; /* data NULL: none; without what cfkv keeps for itself */
    int64_t expiration;    /* 0: none */
};

struct kv_overwrite {
    struct bytes key;
    struct kv_content before, after;
    bool value, metadata; /* which of them differ; the expirations tell themselves */
};

struct kv_preview {
    struct arena arena; /* of all texts */
    struct kv_overwrite *changes;
    size_t n;
    uint64_t same; /* keys that were read and stay as they are */
    uint64_t more; /* that are there and were not read */
    bool complete; /* there are no other keys that are overwritten */
    uint64_t requests;
};

/* Gets each pair that is asked for and would be written. */
typedef bool (*kv_pair_fn)(void *ctx, const struct store_pair *pair, struct error *err);

struct kv_source;

/* `live` gets how many keys the page has. Release `p` whatever it returns. */
bool kv_preview_make(struct kv_preview *p, struct kv *kv, const struct kv_namespace *ns,
                     struct bytes prefix, const struct kv_source *source, uint64_t *live,
                     struct error *err);

/* Two texts of the same metadata; data NULL: none. */
bool kv_metadata_same(struct bytes a, struct bytes b);

void kv_preview_release(struct kv_preview *p); /* safe on a zeroed one */

#endif
