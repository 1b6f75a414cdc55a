#include "parcel.h"

#include "base/mem.h"

#define KEEP_BYTES ((size_t)1024 * 1024) /* storage of an empty batch */

struct parcel *parcel_new(void)
{
    struct parcel *b = mem_zalloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->pairs = mem_zalloc(STORE_BULK_MAX, sizeof *b->pairs);
    b->numbers = mem_zalloc(STORE_BULK_MAX, sizeof *b->numbers);
    if (b->pairs && b->numbers)
        return b;
    parcel_free(b);
    return NULL;
}

void parcel_free(struct parcel *b)
{
    if (!b)
        return;
    buf_release(&b->text);
    mem_free(b->pairs);
    mem_free(b->numbers);
    mem_free(b->keys);
    mem_free(b);
}

void parcel_free_list(struct parcel *first)
{
    while (first) {
        struct parcel *next = first->next;
        parcel_free(first);
        first = next;
    }
}

void parcel_clear(struct parcel *b)
{
    if (b->text.cap > KEEP_BYTES)
        buf_release(&b->text);
    buf_clear(&b->text);
    b->n = 0;
    b->bytes = b->content = 0;
}

bool parcel_add(struct parcel *b, const struct store_pair *pair, uint64_t number)
{
    if (!buf_reserve(&b->text, pair_size(pair)))
        return false;
    buf_add_bytes(&b->text, pair->key);
    buf_add_bytes(&b->text, pair->value);
    buf_add_bytes(&b->text, pair->metadata);
    b->pairs[b->n] = *pair;
    b->numbers[b->n] = number;
    b->bytes += pair_size(pair) + sizeof *b->pairs + sizeof *b->numbers;
    b->content += pair->key.len + pair->value.len;
    b->n++;
    return true;
}

/* The next `len` bytes at `*at`. */
static struct bytes cut(const char **at, size_t len)
{
    struct bytes b = {*at, len};
    *at += len;
    return b;
}

void parcel_seal(struct parcel *b)
{
    const char *at = b->text.data;
    for (size_t i = 0; i < b->n; i++) {
        struct store_pair *pair = &b->pairs[i];
        pair->key = cut(&at, pair->key.len);
        pair->value = cut(&at, pair->value.len);
        if (pair->metadata.data)
            pair->metadata = cut(&at, pair->metadata.len);
    }
}

bool parcel_seal_keys(struct parcel *b)
{
    if (!b->keys && !(b->keys = mem_zalloc(STORE_BULK_MAX, sizeof *b->keys)))
        return false;
    parcel_seal(b);
    for (size_t i = 0; i < b->n; i++)
        b->keys[i] = b->pairs[i].key;
    return true;
}
