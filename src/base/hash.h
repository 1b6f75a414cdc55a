/*
 * hash.h: SHA-256, HMAC-SHA-256, AES-CMAC and MD5, by the library nettle.
 */
#ifndef CFKV_BASE_HASH_H
#define CFKV_BASE_HASH_H

#include <nettle/cmac.h>
#include <nettle/sha2.h>
#include <stdint.h>

#include "bytes.h"

#define HASH_SIZE     32
#define HASH_HEX_SIZE (2 * HASH_SIZE + 1)

struct digest {
    uint8_t bytes[HASH_SIZE];
};

struct hash {
    struct sha256_ctx ctx;
};

void hash_init(struct hash *h);
void hash_add(struct hash *h, struct bytes b);
void hash_add_u64(struct hash *h, uint64_t n); /* eight bytes, big-endian */

/* A length (as hash_add_u64) and the bytes: so that no two lists of fields share a digest. */
void hash_add_field(struct hash *h, struct bytes b);
struct digest hash_end(struct hash *h);

struct digest hash_sha256(struct bytes b);
struct digest hash_hmac_sha256(struct bytes key, struct bytes message);

/* For protocols that ask for it against accidents (Content-MD5); it proves nothing against malice.
 */
#define HASH_MD5_SIZE 16
void hash_md5(struct bytes b, uint8_t out[HASH_MD5_SIZE]);

/*
 * 128 bits that tell texts apart, at a fifth of what a digest costs. They are made under a random
 * secret, so that no text can be chosen to have the tag of another; a tag means nothing to another
 * hash_tagger, and is not for keeping.
 */
struct hash_tag {
    uint64_t high, low;
};

struct hash_tagger {
    struct cmac_aes128_ctx ctx;
};

void hash_tagger_init(struct hash_tagger *t);
struct hash_tag hash_tag(struct hash_tagger *t, struct bytes b);

bool digest_equal(const struct digest *a, const struct digest *b);
void digest_hex(const struct digest *d, char out[HASH_HEX_SIZE]);

/* 64 lowercase hex digits to a digest; false when `hex` is anything else. */
bool digest_parse(struct bytes hex, struct digest *d);

/* `len` bytes from the kernel's generator; false when it has none. */
bool hash_random(void *out, size_t len);

#endif
