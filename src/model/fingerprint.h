/*
 * fingerprint.h: a short hash of what cfkv wrote under a key, kept in the key's own metadata.
 *
 * A namespace declared with `fingerprint = true` carries it in member "cfkv" of the metadata of
 * every key that cfkv seeds into it: {"cfkv":"Zk3v0QmW8a-TQ_xy","owner":"ops"}. Key listings show
 * metadata, so a plan sees from the listing alone, without reading a value, which keys are as
 * declared. All other members are the user's and stay as they are.
 *
 * What it covers: the key, the value, the user's metadata, and the relative ttl that was asked for
 * (a listing shows only when the key expires, not what was asked). An absolute expiration is
 * not in it: a listing shows that itself. Metadata {} counts as none: beside the member, nothing
 * tells the two apart.
 *
 * What it cannot show: that somebody wrote another value and put the same metadata back with it.
 * Whoever writes a key without its metadata drops the fingerprint, and that is seen.
 *
 * How long: the first 96 bits of SHA-256, in 16 characters of base64url. It guards against
 * accidents, not forgery (whoever may write metadata may write the value too): two contents share
 * 96 bits by chance once in 8e28 comparisons, a million keys compared every minute for 1e17 years.
 * Every character more would be paid by every key, in listings and out of the 1,024 bytes of
 * metadata.
 *
 * Not salted. A salt would have to live in the state; a lost state would then make a million keys
 * look foreign, and two checkouts could not tell each other's keys. Who can list metadata can read
 * values with the same permission, so it reveals nothing to them; since the key is hashed in, equal
 * values of two keys do not show, and no table of common values serves for more than one key. A
 * value of few possible contents that lists must not give away belongs into a namespace without
 * fingerprints.
 */
#ifndef CFKV_MODEL_FINGERPRINT_H
#define CFKV_MODEL_FINGERPRINT_H

#include "base/buf.h"
#include "base/hash.h"

#define FINGERPRINT_SIZE   12 /* bytes, */
#define FINGERPRINT_TEXT   16 /* and characters in metadata */
#define FINGERPRINT_MEMBER "cfkv"

/* What it takes of KV_METADATA_MAX beside other members: "cfkv":"…", and a comma. */
#define FINGERPRINT_COST (sizeof "\"" FINGERPRINT_MEMBER "\":\"\"," - 1 + FINGERPRINT_TEXT)

struct fingerprint {
    uint8_t bytes[FINGERPRINT_SIZE];
};

/* The user's metadata as it counts beside a fingerprint: {} is none. */
struct bytes fingerprint_user(struct bytes metadata);

/* `value` is the SHA-256 of the value; `metadata` the user's, canonical, data NULL: none; `ttl` the
 * relative ttl that is sent, 0: none. */
struct fingerprint fingerprint_make(struct bytes key, const struct digest *value,
                                    struct bytes metadata, int64_t ttl);

bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b);

/* Appends the metadata to send: the user's (canonical; an object or none) with the fingerprint in
 * it, canonical again. */
bool fingerprint_add(struct bytes metadata, const struct fingerprint *mark, struct buf *out,
                     struct error *err);

/* Metadata taken apart. */
struct fingerprint_parts {
    bool has;
    struct fingerprint mark; /* when `has` */
    struct bytes user;       /* the metadata without it; data NULL: none */
};

/*
 * Takes live metadata apart (JSON text in any spelling; data NULL: none). Only what has the form of
 * a fingerprint is one: any other member "cfkv" is the user's. `user` is `metadata` itself, or text
 * in `scratch` (cleared first) with members in their order and bytes as they were. Text that is no
 * JSON has no fingerprint.
 */
struct fingerprint_parts fingerprint_read(struct bytes metadata, struct buf *scratch);

/* What a backup or a copy keeps: the same without the fingerprint. */
struct bytes fingerprint_strip(struct bytes metadata, struct buf *scratch);

#endif
