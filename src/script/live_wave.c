/* Pairs whose keys are backed up before they are overwritten. */
#include "kv/batch.h"
#include "kv/save.h"
#include "live.h"

/* What stands before the bytes of key, value and metadata of each. */
struct head {
    struct store_pair pair; /* lengths; of the pointers only whether there is metadata */
    uint64_t number;
};

static void start_reading(struct live_wave *wave)
{
    wave->at = wave->given = 0;
}

static struct bytes take(struct live_wave *wave, struct bytes like)
{
    struct bytes b = bytes_make(like.data ? wave->pairs.data + wave->at : NULL, like.len);
    wave->at += like.len;
    return b;
}

static bool next_pair(struct live_wave *wave, struct head *head)
{
    if (wave->given == wave->n)
        return false;
    wave->given++;
    memcpy(head, wave->pairs.data + wave->at, sizeof *head);
    wave->at += sizeof *head;
    head->pair.key = take(wave, head->pair.key);
    head->pair.value = take(wave, head->pair.value);
    head->pair.metadata = take(wave, head->pair.metadata);
    return true;
}

static enum pull pull_key(void *ctx, struct bytes *key, struct error *err)
{
    struct head head;
    (void)err;
    if (!next_pair(ctx, &head))
        return PULL_END;
    *key = head.pair.key;
    return PULL_PAIR;
}

static bool back_up(struct live_wave *wave, struct error *err)
{
    struct kv_saving what = {.ns = wave->ns, .reason = "overwrite", .partial = true};
    struct kv_section saved;
    wave->kv->backups.off = false; /* a call of the iterator's may have said otherwise */
    start_reading(wave);
    if (!kv_save(wave->kv, &what, pull_key, wave, &saved, err))
        return false;
    if (saved.path)
        wave->backup = saved.path;
    return true;
}

bool live_wave_flush(struct live_wave *wave, struct error *err)
{
    struct head head;
    bool ok = wave->n == 0 || back_up(wave, err);
    start_reading(wave);
    while (ok && next_pair(wave, &head))
        ok = sender_add(wave->put, &head.pair, head.number, err);
    buf_clear(&wave->pairs);
    wave->n = 0;
    return ok;
}

bool live_wave_add(struct live_wave *wave, const struct store_pair *pair, uint64_t number,
                   struct error *err)
{
    struct head head = {.pair = *pair, .number = number};
    size_t size = pair->key.len + pair->value.len;
    if (batch_is_full(wave->n, wave->pairs.len, size) && !live_wave_flush(wave, err))
        return false;
    wave->n++;
    buf_add(&wave->pairs, &head, sizeof head);
    buf_add_bytes(&wave->pairs, pair->key);
    buf_add_bytes(&wave->pairs, pair->value);
    buf_add_bytes(&wave->pairs, pair->metadata);
    return true;
}
