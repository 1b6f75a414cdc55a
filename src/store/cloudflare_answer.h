/* Placeholder until wt-b is merged. */
#ifndef CFKV_STORE_CLOUDFLARE_ANSWER_H
#define CFKV_STORE_CLOUDFLARE_ANSWER_H
#include "base/arena.h"
#include "store.h"
struct answer {
    bool is_envelope;
    bool success;
    int64_t code;
    char message[256];
};
bool answer_refusal(struct bytes body, struct answer *a, struct error *err);
bool answer_plain(struct bytes body, struct answer *a, struct error *err);
bool answer_namespace(struct bytes body, struct arena *arena, struct answer *a,
                      struct store_namespace *ns, struct error *err);
struct answer_namespaces {
    struct store_namespace *items;
    size_t n;
    bool has_total;
    uint64_t total;
};
bool answer_namespaces(struct bytes body, struct arena *arena, struct answer *a,
                       struct answer_namespaces *page, struct error *err);
struct answer_keys {
    struct store_key *items;
    size_t n;
    struct bytes cursor;
};
bool answer_keys(struct bytes body, struct arena *arena, struct answer *a, struct answer_keys *page,
                 struct error *err);
bool answer_values(struct bytes body, struct answer *a, store_pair_fn on_pair, void *ctx,
                   struct error *err);
struct answer_bulk {
    struct bytes *failed;
    size_t n_failed;
};
bool answer_bulk(struct bytes body, struct arena *arena, struct answer *a,
                 struct answer_bulk *result, struct error *err);
bool answer_metadata(struct bytes body, struct arena *arena, struct answer *a,
                     struct bytes *metadata, struct error *err);
struct answer_account {
    struct bytes id, name;
};
struct answer_accounts {
    struct answer_account *items;
    size_t n;
    bool has_total;
    uint64_t total;
};
bool answer_accounts(struct bytes body, struct arena *arena, struct answer *a,
                     struct answer_accounts *page, struct error *err);
#endif
