/*
 * cloudflare_answer.h: what the answers of Cloudflare's Workers KV REST API say.
 *
 * Pure parsers: a body in, values out. A body may hold anything at all; none makes a parser crash,
 * guess, or use more memory than a small multiple of the body. A member that is there twice is
 * refused, since the first and the last of them would both be a guess; unknown members are passed
 * over.
 */
#ifndef CFKV_STORE_CLOUDFLARE_ANSWER_H
#define CFKV_STORE_CLOUDFLARE_ANSWER_H

#include <stdint.h>

#include "base/arena.h"
#include "store.h"

/* What every answer says. */
struct answer {
    bool is_envelope; /* a whole JSON object with a boolean "success" */
    bool success;     /* "success": true */
    int64_t code;     /* of the first error that has one; 0: none */
    /* Of the first error that has one, else "": one line of valid UTF-8. Runs of white space are
     * one space, control bytes and invalid bytes are shown as \xNN; what is too long ends in "…".
     */
    char message[256];
};

/*
 * What a refusal says, however it is shaped: the envelope, {"code":…,"error":"…"}, errors without
 * code, bare strings in "errors", an HTML page (its title is the message), nothing. What cannot be
 * read leaves code 0 and message "". Codes are positive.
 */
struct answer answer_refusal(struct bytes body);

/*
 * The parsers below read the answer of a request that got a 2xx. false: ERR_FORMAT
 * when the body is not what the endpoint's documentation allows; the message says what is wrong.
 * An answer that says "success": false is true, with `a` filled and everything else zero. Texts and
 * arrays live in `arena`, and after a failure what was read of them stays there.
 *
 * Ids are 32 lowercase hexadecimal digits; titles, names of accounts and cursors up to 4096 bytes
 * without NUL; keys 1 to 4096 bytes of any kind.
 */

/* Put, delete, rename: "result" is an object, null or absent. An empty body is fine too: success
 * without is_envelope. */
bool answer_plain(struct bytes body, struct answer *a, struct error *err);

/* Create and get a namespace. */
bool answer_namespace(struct bytes body, struct arena *arena, struct answer *a,
                      struct store_namespace *ns, struct error *err);

/* A page of namespaces; at most 10 * STORE_PAGE. */
struct answer_namespaces {
    struct store_namespace *items;
    size_t n;
    bool has_total;
    uint64_t total;    /* in the account */
    uint64_t per_page; /* as the service cut the pages; 0: not told */
    uint64_t count;    /* of items, as it says; 0: it does not */
};

bool answer_namespaces(struct bytes body, struct arena *arena, struct answer *a,
                       struct answer_namespaces *page, struct error *err);

/* A page of keys; at most 10 * STORE_PAGE. Metadata is JSON text without white space, members in
 * their order, numbers as they came (-0 as 0); data NULL: none, or null. */
struct answer_keys {
    struct store_key *items;
    size_t n;
    struct bytes cursor; /* empty: the last page */
    uint64_t count;      /* of keys, as the service says; 0: it does not */
};

bool answer_keys(struct bytes body, struct arena *arena, struct answer *a, struct answer_keys *page,
                 struct error *err);

/*
 * Bulk get with metadata: `on_pair` gets each found key, in the order of the answer, with metadata
 * as in answer_keys. It is called only when the whole body is JSON and says "success": true, but
 * what is wrong with a pair is found when those before it were given. More than STORE_GET_MAX keys,
 * a key that is there twice and a value that is no string are ERR_FORMAT. One value at a time is in
 * memory.
 */
bool answer_values(struct bytes body, struct answer *a, store_pair_fn on_pair, void *ctx,
                   struct error *err);

/* Bulk put and delete; "result" may be null or absent, as it was before November 2024. At most
 * STORE_BULK_MAX. */
struct answer_bulk {
    struct bytes *failed; /* "unsuccessful_keys" */
    size_t n_failed;
};

bool answer_bulk(struct bytes body, struct arena *arena, struct answer *a,
                 struct answer_bulk *result, struct error *err);

/* "result" is the metadata, given as in answer_keys. */
bool answer_metadata(struct bytes body, struct arena *arena, struct answer *a,
                     struct bytes *metadata, struct error *err);

/* A page of accounts; at most 10 * STORE_PAGE. */
struct answer_accounts {
    struct answer_account {
        struct bytes id, name;
    } * items;
    size_t n;
    bool has_total;
    uint64_t total;
};

bool answer_accounts(struct bytes body, struct arena *arena, struct answer *a,
                     struct answer_accounts *page, struct error *err);

#endif
