/*
 * cloudflare_answer.h: what the answers of Cloudflare's KV API say (fact sheet, sections 2 to 5).
 * Pure; hard against answers of any kind. Private to store/.
 */
#ifndef CFKV_STORE_CLOUDFLARE_ANSWER_H
#define CFKV_STORE_CLOUDFLARE_ANSWER_H

#include "base/arena.h"
#include "store.h"

/* What every answer says. */
struct answer {
    bool success;      /* "success": true */
    int64_t code;      /* of the first error that has one; 0: none */
    char message[256]; /* of the first error that has one: one line of printable UTF-8, maybe cut */
};

/*
 * What a refusal says, however it is shaped: the envelope, {"code":…,"error":"…"}, errors without a
 * code, bare strings among "errors", HTML (its title), nothing at all. What cannot be read leaves
 * code 0 and message "".
 */
void answer_refusal(struct bytes body, struct answer *a);

/*
 * The parsers below read the answer of a request that got a 2xx. false: ERR_NOMEM, or ERR_FORMAT
 * when the body is not what the endpoint is documented to answer. With "success": false they
 * return true, a->success false, and nothing else filled. Unknown members are skipped; a known one
 * that is there twice is an error. Texts and arrays live in `arena`.
 */

/* Put, delete, rename: any result. An empty body is a success too. */
bool answer_plain(struct bytes body, struct answer *a, struct error *err);

/* Create, get. */
bool answer_namespace(struct bytes body, struct arena *arena, struct answer *a,
                      struct store_namespace *ns, struct error *err);

struct answer_namespaces {
    struct store_namespace *items;
    size_t n, cap;
    bool has_total;
    uint64_t total; /* of result_info */
};

bool answer_namespaces(struct bytes body, struct arena *arena, struct answer *a,
                       struct answer_namespaces *page, struct error *err);

struct answer_keys {
    struct store_key *items; /* metadata: its compact JSON text; null counts as none */
    size_t n, cap;
    struct bytes cursor; /* empty: that was the last page */
};

bool answer_keys(struct bytes body, struct arena *arena, struct answer *a, struct answer_keys *page,
                 struct error *err);

/* Bulk get of texts with metadata: `on_pair` for each key that is there, one value in memory at a
 * time, and only when "success" is true. */
bool answer_values(struct bytes body, struct answer *a, store_pair_fn on_pair, void *ctx,
                   struct error *err);

struct answer_bulk {
    struct bytes *failed; /* unsuccessful_keys */
    size_t n_failed, cap;
};

bool answer_bulk(struct bytes body, struct arena *arena, struct answer *a,
                 struct answer_bulk *result, struct error *err);

/* The metadata of one key: its compact JSON text; data NULL: none. */
bool answer_metadata(struct bytes body, struct arena *arena, struct answer *a,
                     struct bytes *metadata, struct error *err);

struct answer_account {
    struct bytes id, name;
};

struct answer_accounts {
    struct answer_account *items;
    size_t n, cap;
    bool has_total;
    uint64_t total;
};

bool answer_accounts(struct bytes body, struct arena *arena, struct answer *a,
                     struct answer_accounts *page, struct error *err);

#endif
