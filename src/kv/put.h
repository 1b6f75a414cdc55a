/*
 * put.h: any number of pairs into a namespace, in bounded memory.
 *
 * Pairs become batches (batch.h), several of which are in flight, holding at most PUT_FLIGHT_BYTES
 * among them, or one batch. There are two ways to feed it:
 *
 *   put_stream   pulls pairs while requests are in flight: for files, which need no store
 *   put_add      takes one pair after the other, and sends when enough are there: for who must be
 *                outside the store while making them (a Lua iterator, another store)
 *
 * A key that the store did not take is told to `on_failed`, and all others are still written. When
 * the store fails as a whole for a batch (network, quota), its keys are failed likewise and nothing
 * more is started.
 */
#ifndef CFKV_KV_PUT_H
#define CFKV_KV_PUT_H

#include "seed/resume.h"
#include "store/store.h"
#include "counts.h"

#define PUT_FLIGHT_BYTES ((size_t)12 * 1024 * 1024)

/* A key that was not written (or deleted), and why; the cause does not name it. */
typedef bool (*put_failed_fn)(void *ctx, struct bytes key, const struct error *cause,
                              struct error *err);

struct put_options {
    struct store *store;
    struct bytes account, id;
    unsigned jobs;         /* batches in flight; 0: STORE_JOBS */
    int64_t default_ttl;   /* seconds, for pairs that have neither field; 0: none */
    struct resume *resume; /* what was done already is skipped, what is done is noted; NULL: none */
    put_failed_fn on_failed;
    void *on_failed_ctx;
    kv_progress_fn progress; /* NULL: none */
    void *progress_ctx;
    struct kv_counts *counts; /* brought up to date all the time; the caller's */
};

enum pull { PULL_PAIR, PULL_END, PULL_FAILED };

/* Gives the next pair (good until the next call) and its number in the source, from 1, ascending.
 * Must not call into the store. */
typedef enum pull (*pull_pair_fn)(void *ctx, struct store_pair *pair, uint64_t *number,
                                  struct error *err);

struct put;

struct put *put_begin(const struct put_options *options, struct error *err); /* NULL with err */

/* Sends all that `pull` gives. false when `pull` failed, or the store did as a whole; what was in
 * flight is settled then. Keys that failed singly do not make it false. */
bool put_stream(struct put *p, pull_pair_fn pull, void *ctx, struct error *err);

/* Copies the pair; sends when there are enough, and returns when that is answered. */
bool put_add(struct put *p, const struct store_pair *pair, uint64_t number, struct error *err);

/* Sends what is left of put_add; nothing more when sending failed before. Frees `p` in any case.
 * The resume journal stays the caller's. */
bool put_end(struct put *p, struct error *err);
void put_abandon(struct put *p); /* sends nothing more; NULL is fine */

#endif
