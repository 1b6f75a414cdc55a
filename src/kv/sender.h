/*
 * sender.h: any number of pairs, or deletes of their keys, on their way into a store, in bounded
 * memory.
 *
 * Pairs become batches (batch.h), several of which are in flight, holding at most
 * SENDER_FLIGHT_BYTES among them, or one batch. There are two ways to feed it:
 *
 *   sender_stream   pulls pairs while requests are in flight: for files, which need no store
 *   sender_add      takes one pair after the other, and sends when enough are there: for who must
 *                   be outside the store while making them (a Lua iterator, another store)
 *
 * A key that the store did not take is told to `on_failed`, and all others are still written. When
 * the store fails as a whole for a batch (network, quota), its keys are failed likewise and nothing
 * more is started. Deleting a key that is not there succeeds.
 *
 * Who keeps books of its own (apply) says where each batch goes, and is told what came of it.
 */
#ifndef CFKV_KV_SENDER_H
#define CFKV_KV_SENDER_H

#include "seed/resume.h"
#include "seed/seed.h"
#include "batch.h"
#include "counts.h"

#define SENDER_FLIGHT_BYTES ((size_t)12 * 1024 * 1024)

/* Says where a batch goes whose first pair has that number. */
typedef void (*sender_where_fn)(void *ctx, uint64_t number, struct bytes *account,
                                struct bytes *id);

/* Gets a batch that was answered, and why those failed that batch_failed tells. true after a
 * refusal goes on with the others; false (with err) ends the work. */
typedef bool (*sender_answer_fn)(void *ctx, const struct batch *b, const struct error *cause,
                                 struct error *err);

struct sender_options {
    struct store *store;
    struct bytes account, id;
    bool deletes;          /* the keys are deleted; else the pairs are put */
    unsigned jobs;         /* batches in flight; 0: STORE_JOBS */
    int64_t default_ttl;   /* seconds, for pairs that have neither field; 0: none */
    struct resume *resume; /* what was done already is skipped, what is done is noted; NULL: none */
    kv_failed_fn on_failed;
    void *on_failed_ctx;
    struct rewrites *rewrites; /* notes each pair that is put; NULL: none does */
    kv_progress_fn progress;   /* NULL: none */
    void *progress_ctx;
    struct kv_counts *counts; /* brought up to date all the time; the caller's; NULL: none */

    sender_where_fn where;      /* NULL: all go to `account` and `id` */
    sender_answer_fn on_answer; /* instead of `resume`, `on_failed` and all counts but that of
                                   requests; NULL: these */
    void *books;                /* ctx of both */
};

enum pull {
    PULL_PAIR,
    PULL_CUT,  /* no pair: what was given so far goes out before it is pulled again */
    PULL_DROP, /* no pair: what was given since the last batch does not go out */
    PULL_END,
    PULL_FAILED
};

/* What is put for an item of a source; good as long as the item is. */
static inline struct store_pair pair_of_item(const struct seed_item *item)
{
    return (struct store_pair){.key = item->seed.key,
                               .value = item->value,
                               .metadata = item->seed.metadata,
                               .expiration = item->seed.expiration,
                               .expiration_ttl = item->seed.expiration_ttl,
                               .no_ttl = item->seed.no_ttl};
}

/* Gives the next pair (good until the next call) and its number in the source, from 1, ascending.
 * Must not call into the store. */
typedef enum pull (*pull_pair_fn)(void *ctx, struct store_pair *pair, uint64_t *number,
                                  struct error *err);

/* Gives the next key, likewise; cuts and drops nothing. */
typedef enum pull (*pull_key_fn)(void *ctx, struct bytes *key, struct error *err);

/* Sends all that `pull` gives. false when `pull` failed, or the store did as a whole; what was in
 * flight is settled then. Keys that failed singly do not make it false. */
bool sender_stream(const struct sender_options *options, pull_pair_fn pull, void *ctx,
                   struct error *err);

/* Deletes all keys that `pull` gives, likewise. */
bool sender_delete(const struct sender_options *options, pull_key_fn pull, void *ctx,
                   struct error *err);

/* ---- One after the other --------------------------------------------------------------------- */

struct sender;

struct sender *sender_open(const struct sender_options *options);

/* Copies the pair; sends when there are enough, and returns when that is answered. */
bool sender_add(struct sender *s, const struct store_pair *pair, uint64_t number,
                struct error *err);

/* Sends what is left; nothing more when sending failed before. Frees `s` in any case. The resume
 * journal stays the caller's. */
bool sender_close(struct sender *s, struct error *err);
void sender_abandon(struct sender *s); /* sends nothing more; NULL is fine */

#endif
