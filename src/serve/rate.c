#include "rate.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"

struct rate_state rate_fresh(const struct rate *rate)
{
    unsigned quota = rate->requests > 0 ? rate->requests : RATE_REQUESTS;
    unsigned window_s = rate->requests > 0 ? rate->seconds : RATE_SECONDS;
    return (struct rate_state){
        .quota = quota, .window_s = window_s, .remaining = quota, .reset_s = window_s};
}

/* The window of a credential, made when it is new. */
static struct rate_window *window_of(struct rate *rate, const char *credential, int64_t now_ms)
{
    struct digest digest = hash_sha256(bytes_of(credential));
    struct bytes name = bytes_make((const char *)digest.bytes, sizeof digest.bytes);
    size_t at = map_get(&rate->by_credential, name);
    if (at != MAP_NONE)
        return &rate->windows[at];
    mem_grow((void **)&rate->windows, &rate->cap, rate->n + 1, sizeof *rate->windows);
    map_add(&rate->by_credential, arena_copy(&rate->arena, name), rate->n, NULL);
    rate->windows[rate->n] = (struct rate_window){.start_ms = now_ms};
    return &rate->windows[rate->n++];
}

bool rate_take(struct rate *rate, const char *credential, int64_t now_ms, struct rate_state *state)
{
    *state = rate_fresh(rate);
    if (rate->requests == 0)
        return true;
    struct rate_window *window = window_of(rate, credential, now_ms);
    int64_t length_ms = (int64_t)rate->seconds * 1000;
    if (now_ms - window->start_ms >= length_ms)
        *window = (struct rate_window){.start_ms = now_ms};
    state->reset_s = (unsigned)((window->start_ms + length_ms - now_ms + 999) / 1000);
    bool allowed = window->used < rate->requests;
    if (allowed)
        window->used++;
    state->remaining = rate->requests - window->used;
    return allowed;
}

bool rate_take_key(struct rate *rate, struct bytes id, struct bytes key, int64_t now_ms)
{
    struct hash h;
    hash_init(&h);
    hash_add_field(&h, id);
    hash_add_field(&h, key);
    struct digest digest = hash_end(&h);
    struct bytes name = bytes_make((const char *)digest.bytes, sizeof digest.bytes);
    size_t last = map_get(&rate->key_writes, name);
    if (last != MAP_NONE && now_ms - (int64_t)last < clock_wait_unit_ms())
        return false;
    if (last == MAP_NONE)
        name = arena_copy(&rate->arena, name);
    map_set(&rate->key_writes, name, (size_t)now_ms);
    return true;
}

void rate_release(struct rate *rate)
{
    mem_free(rate->windows);
    map_release(&rate->by_credential);
    map_release(&rate->key_writes);
    arena_release(&rate->arena);
    *rate = (struct rate){0};
}
