/*
 * find.h: which namespace is meant, by title, by id, or by a word that is a title, an id or an
 * address. (By a wrangler config's binding: binding.h.)
 *
 * What the state records of it goes with it: its default ttl, so that a key put by hand lives as
 * long as a declared one, and its protection. Both are looked up by what the namespace is (account
 * and id). The account's namespaces are listed once for a struct kv, and the list is kept in step.
 *
 * On the local target namespaces of every account that the state records count, for a developer's
 * store has no such borders.
 */
#ifndef CFKV_KV_FIND_H
#define CFKV_KV_FIND_H

#include "kv.h"

#define KV_QUOTED_SIZE 160

/* What a namespace is made with, for life; data NULL: without. */
struct kv_kind {
    struct bytes jurisdiction;
    struct bytes mode;
};

struct kv_namespace {
    struct bytes account;
    struct bytes id;
    struct bytes title;                  /* data NULL: not asked for, or there is none */
    struct bytes jurisdiction;           /* data NULL: none, or not told */
    struct bytes mode;                   /* the same */
    const struct state_namespace *entry; /* what the state records of it; NULL: nothing */
    int64_t ttl_seconds;                 /* recorded default; 0: none */
    bool protect;                        /* recorded, and the target is not the local one */
};

/* Texts of what is found live as long as the kv. ERR_NOT_FOUND, with the nearest title as the hint;
 * what is not on a list that an earlier call asked for is looked up once more. */
bool kv_find_title(struct kv *kv, struct bytes title, struct kv_namespace *out, struct error *err);

/* By title, else by id, else by the address ("shop/config/prod") that the state records: in the
 * default account, else by an address that is recorded in one other; else, as ACCOUNT:WORD, in that
 * account. */
bool kv_find_word(struct kv *kv, struct bytes word, struct kv_namespace *out, struct error *err);

/* By id: nothing is sent unless `need_title` (ERR_NOT_FOUND; a namespace of wrangler's own in the
 * local store has no title, and is no error). `account` empty: the one that the target, or on the
 * local one the state, says. */
bool kv_find_id(struct kv *kv, struct bytes account, struct bytes id, bool need_title,
                struct kv_namespace *out, struct error *err);

/* "local:TITLE" means one of the local store, whatever the target; and without that mark. */
bool kv_word_is_local(const char *word);
const char *kv_word_plain(const char *word);

/* All namespaces of the default account, by title. */
bool kv_find_all(struct kv *kv, struct kv_namespace **all, size_t *n, struct error *err);

/* What is known of a namespace as a store told it. */
struct kv_namespace kv_known(struct kv *kv, struct bytes account, const struct store_namespace *ns);

/* Keeps the list in step: one was made, one has another title, one is gone; the next question asks
 * anew. */
void kv_note_made(struct kv *kv, const struct kv_namespace *ns);
void kv_note_title(struct kv *kv, const struct kv_namespace *ns, struct bytes title);
void kv_note_gone(struct kv *kv, const struct kv_namespace *ns);
void kv_forget_names(struct kv *kv);

/* That of one which is there, as far as the service told or the state records. */
struct kv_kind kv_kind_of(const struct kv_namespace *ns);

/* What guards ask about it. */
struct guarded kv_guarded(const struct kv *kv, const struct kv_namespace *ns);

/* Its title, or what is recorded as it, or its id. */
struct bytes kv_title(const struct kv_namespace *ns);

/* Its title, or its id when that is not known, in quotes; for messages. Returns `out`. */
char *kv_quoted(const struct kv_namespace *ns, char out[KV_QUOTED_SIZE]);

#endif
