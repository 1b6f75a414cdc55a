#include "rewrites.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

#define PACE_MS 1000

static struct rewrites_slot *slot_of(struct rewrites *r, struct bytes id, struct bytes key,
                                     struct hash_tag *tag)
{
    if (!r->begun)
        hash_tagger_init(&r->tagger);
    r->begun = true;
    buf_clear(&r->name);
    buf_add_bytes(&r->name, id);
    buf_add_char(&r->name, '/');
    buf_add_bytes(&r->name, key);
    *tag = hash_tag(&r->tagger, buf_bytes(&r->name));
    return &r->slots[tag->low % REWRITES_SLOTS];
}

void rewrites_note(struct rewrites *r, struct bytes id, struct bytes key, int64_t now_ms)
{
    struct hash_tag tag;
    if (!r)
        return;
    struct rewrites_slot *slot = slot_of(r, id, key, &tag);
    bool again = slot->n > 0 && slot->tag.high == tag.high && slot->tag.low == tag.low &&
                 now_ms - slot->at_ms < PACE_MS;
    slot->n = again ? slot->n + 1 : 1;
    slot->tag = tag;
    slot->at_ms = now_ms;
    r->keys += slot->n == 2;
    if (slot->n > 1 && slot->n > r->most) {
        r->most = slot->n;
        text_quoted(key, r->key, sizeof r->key);
    }
}

void rewrites_tell(const struct rewrites *r, struct diag_list *diags)
{
    char others[64] = "";
    if (r->most == 0)
        return;
    if (r->keys > 1)
        snprintf(others, sizeof others, ", and %" PRIu64 " more likewise", r->keys - 1);
    diag_add(diags, DIAG_WARNING, "key.rewritten", (struct srcpos){0},
             "key %s was written %" PRIu64 " times, each within a second of the one before%s: "
             "Workers KV takes one write a second of a key, and may refuse the others",
             r->key, r->most, others);
    diag_hint(diags, "write the last value only; what changes that often belongs in a Durable "
                     "Object");
}

void rewrites_release(struct rewrites *r)
{
    buf_release(&r->name);
}
