#include "hash.h"

#include <endian.h>
#include <errno.h>
#include <nettle/base16.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/memops.h>
#include <sys/random.h>

_Static_assert(HASH_SIZE == SHA256_DIGEST_SIZE, "a digest holds one SHA-256");

static const uint8_t *octets(struct bytes b)
{
    return (const uint8_t *)(b.len > 0 ? b.data : "");
}

void hash_init(struct hash *h)
{
    sha256_init(&h->ctx);
}

void hash_add(struct hash *h, struct bytes b)
{
    sha256_update(&h->ctx, b.len, octets(b));
}

void hash_add_u64(struct hash *h, uint64_t n)
{
    n = htobe64(n);
    sha256_update(&h->ctx, sizeof n, (const uint8_t *)&n);
}

void hash_add_field(struct hash *h, struct bytes b)
{
    hash_add_u64(h, b.len);
    hash_add(h, b);
}

struct digest hash_end(struct hash *h)
{
    struct digest d;
    sha256_digest(&h->ctx, sizeof d.bytes, d.bytes);
    return d;
}

struct digest hash_sha256(struct bytes b)
{
    struct hash h;
    hash_init(&h);
    hash_add(&h, b);
    return hash_end(&h);
}

struct digest hash_hmac_sha256(struct bytes key, struct bytes message)
{
    struct hmac_sha256_ctx ctx;
    struct digest d;
    hmac_sha256_set_key(&ctx, key.len, octets(key));
    hmac_sha256_update(&ctx, message.len, octets(message));
    hmac_sha256_digest(&ctx, sizeof d.bytes, d.bytes);
    return d;
}

void hash_md5(struct bytes b, uint8_t out[HASH_MD5_SIZE])
{
    struct md5_ctx ctx;
    _Static_assert(HASH_MD5_SIZE == MD5_DIGEST_SIZE, "the sizes are one");
    md5_init(&ctx);
    md5_update(&ctx, b.len, octets(b));
    md5_digest(&ctx, HASH_MD5_SIZE, out);
}

void hash_tagger_init(struct hash_tagger *t)
{
    uint8_t secret[AES128_KEY_SIZE] = {0};
    hash_random(secret, sizeof secret); /* without a generator a fixed one has to do */
    cmac_aes128_set_key(&t->ctx, secret);
}

struct hash_tag hash_tag(struct hash_tagger *t, struct bytes b)
{
    struct hash_tag tag;
    _Static_assert(sizeof tag == CMAC128_DIGEST_SIZE, "a tag holds one CMAC");
    cmac_aes128_update(&t->ctx, b.len, octets(b));
    cmac_aes128_digest(&t->ctx, sizeof tag, (uint8_t *)&tag);
    return tag;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return memeql_sec(a->bytes, b->bytes, HASH_SIZE); /* in constant time: of secrets */
}

void digest_hex(const struct digest *d, char out[HASH_HEX_SIZE])
{
    base16_encode_update(out, HASH_SIZE, d->bytes);
    out[2 * HASH_SIZE] = '\0';
}

bool digest_parse(struct bytes hex, struct digest *d)
{
    static const char digits[] = "0123456789abcdef";
    struct digest parsed;
    if (hex.len != 2 * HASH_SIZE)
        return false;
    for (size_t i = 0; i < HASH_SIZE; i++) {
        const char *high = memchr(digits, hex.data[2 * i], 16);
        const char *low = memchr(digits, hex.data[2 * i + 1], 16);
        if (!high || !low)
            return false;
        parsed.bytes[i] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    *d = parsed;
    return true;
}

bool hash_random(void *out, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = getrandom((char *)out + done, len - done, 0);
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}
