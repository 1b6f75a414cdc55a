/*
 * rewrites.h: keys that one run writes more often than Workers KV takes: once a second.
 *
 * What was written lately is remembered in a small table, whatever the number of keys: of keys that
 * meet in a place of it the last one is known. So a key may go unnoticed, and none is told wrongly.
 */
#ifndef CFKV_KV_REWRITES_H
#define CFKV_KV_REWRITES_H

#include "base/hash.h"
#include "model/diag.h"

#define REWRITES_SLOTS 1024
#define REWRITES_SHOWN 160

/* Zero-initialised nothing was written. */
struct rewrites {
    struct hash_tagger tagger;
    bool begun;
    struct rewrites_slot {
        struct hash_tag tag;
        int64_t at_ms;
        uint64_t n; /* writes in a row, each within a second of the one before */
    } slots[REWRITES_SLOTS];
    struct buf name; /* private */
    uint64_t keys;   /* that were written again within a second; one may count anew, later */
    uint64_t most;   /* the longest row, */
    char key[REWRITES_SHOWN]; /* and of which key that was, quoted */
};

/* A key of the namespace of that id is written now. NULL is fine: nobody wants to know. */
void rewrites_note(struct rewrites *r, struct bytes id, struct bytes key, int64_t now_ms);

/* Adds a warning, unless there is nothing to tell. */
void rewrites_tell(const struct rewrites *r, struct diag_list *diags);

void rewrites_release(struct rewrites *r);

#endif
