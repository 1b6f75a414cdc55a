#include "batch.h"

#include "base/mem.h"

#define KEEP_BYTES ((size_t)1024 * 1024) /* storage of an empty batch */

struct batch *batch_new(void)
{
    return mem_zalloc(1, sizeof(struct batch));
}

void batch_free_list(struct batch *first)
{
    while (first) {
        struct batch *next = first->next;
        map_release(&first->failed);
        buf_release(&first->text);
        mem_free(first->pairs);
        mem_free(first->numbers);
        mem_free(first->keys);
        mem_free(first);
        first = next;
    }
}

void batch_clear(struct batch *b)
{
    if (b->text.cap > KEEP_BYTES)
        buf_release(&b->text);
    buf_clear(&b->text);
    map_release(&b->failed);
    b->refused = false;
    b->n = 0;
    b->bytes = b->content = 0;
}

void batch_add(struct batch *b, const struct store_pair *pair, uint64_t number)
{
    buf_reserve(&b->text, pair_size(pair));
    mem_grow((void **)&b->pairs, &b->cap_pairs, b->n + 1, sizeof *b->pairs);
    mem_grow((void **)&b->numbers, &b->cap_numbers, b->n + 1, sizeof *b->numbers);
    buf_add_bytes(&b->text, pair->key);
    buf_add_bytes(&b->text, pair->value);
    buf_add_bytes(&b->text, pair->metadata);
    b->pairs[b->n] = *pair;
    b->numbers[b->n] = number;
    b->bytes += pair_size(pair) + sizeof *b->pairs + sizeof *b->numbers;
    b->content += pair_content(pair);
    b->n++;
}

/* The next `len` bytes at `*at`. */
static struct bytes cut(const char **at, size_t len)
{
    struct bytes b = {*at, len};
    *at += len;
    return b;
}

void batch_seal(struct batch *b, bool keys)
{
    const char *at = b->text.data;
    if (keys)
        mem_grow((void **)&b->keys, &b->cap_keys, b->n, sizeof *b->keys);
    for (size_t i = 0; i < b->n; i++) {
        struct store_pair *pair = &b->pairs[i];
        pair->key = cut(&at, pair->key.len);
        pair->value = cut(&at, pair->value.len);
        if (pair->metadata.data)
            pair->metadata = cut(&at, pair->metadata.len);
        if (keys)
            b->keys[i] = pair->key;
    }
}
