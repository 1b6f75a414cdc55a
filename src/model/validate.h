/*
 * validate.h: every rule a configuration must keep, each a small function with one message.
 *
 * model_validate runs them all and adds what it finds to model->diags, sorted by file and line. It
 * never stops at the first problem and never touches the network or the disk; seeds read from files
 * are checked by seed/ when they are streamed, with the same seed_key_check.
 */
#ifndef CFKV_MODEL_VALIDATE_H
#define CFKV_MODEL_VALIDATE_H

#include "model.h"

#define KEY_LENGTH_HINT    "shorten it, as by a hash of its end: a long part may stand in the value"
#define METADATA_SIZE_HINT "move a part of it into the value"

/* `now` (seconds since the epoch) decides whether an expiration is already past: the only clock
 * that validation knows, and a warning only. */
void model_validate(struct model *m, int64_t now);

/*
 * The rules for one key with its attributes (limits of key, value, metadata, ttl, expiration).
 * Shared by puts, inline bulk items and streamed sources. Adds to `diags` at `seed->pos`; `where`
 * is put before each message ("item 3: ") or is "". `value_len` is the length of the value's
 * bytes. Returns true when nothing was wrong (warnings do not count).
 */
bool seed_key_check(struct diag_list *diags, const struct seed_key *seed, size_t value_len,
                    int64_t now, const char *where);

/*
 * The same for one key alone: its first error is `err` (ERR_INVALID). What stays in
 * `diags`, which is empty before, are warnings when it returns true.
 */
bool seed_key_judge(struct diag_list *diags, const struct seed_key *seed, size_t value_len,
                    int64_t now, const char *where, struct error *err);

/* As above, of a key's name alone; there are no warnings about one. */
bool seed_name_judge(struct bytes key, const char *where, struct error *err);

/*
 * Its expiration is past or under a minute ahead, which Workers KV refuses. seed_key_check warns: a
 * door leaves the key out, and one that puts this key alone fails with `why` (may be NULL), which
 * is the warning's text, ERR_INVALID, and what to give as the hint.
 */
bool seed_key_is_late(const struct seed_key *seed, int64_t now, struct error *why);

/* What is wrong with a ttl that is given: "short" or "long"; NULL: nothing. 0 is no expiry. */
const char *ttl_fault(int64_t ttl, int64_t now);

/* The same of the ttl that `what` ("ttl_seconds") gives to keys without one: false with
 * ERR_INVALID. */
bool ttl_judge(const char *what, int64_t ttl, int64_t now, struct error *err);

/* Adds the bytes that the base64 `text`, the value of `key`, stands for. false with ERR_INVALID,
 * and nothing was added. */
bool seed_value_decode(struct bytes key, struct bytes text, struct buf *out, struct error *err);

/* What fingerprint = true asks of a key besides: its metadata is an object or none, has no member
 * of the fingerprint's name, and leaves room for it. As seed_key_check. */
bool seed_fingerprint_check(struct diag_list *diags, const struct seed_key *seed,
                            const char *where);

/* What a namespace of mode "instant" asks of a key besides: a short name and no metadata. As
 * seed_key_check; the other one's first error is `err` (ERR_INVALID). */
bool seed_instant_check(struct diag_list *diags, const struct seed_key *seed, const char *where);
bool seed_instant_judge(const struct seed_key *seed, struct error *err);

/* … and of all keys that are declared for it together: so many, of so many bytes of keys and
 * values; `n` and `bytes` are those of streamed sources. */
void seed_instant_total(struct diag_list *diags, const struct namespace_decl *ns, uint64_t n,
                        uint64_t bytes);

static inline bool mode_is_instant(struct bytes mode)
{
    return bytes_equal(mode, bytes_of(MODE_INSTANT));
}

/* Looks like a credential (known token prefixes, private key headers, key names such as password,
 * secret, token, api_key with a string value). Used for a warning when not marked secret. */
bool looks_secret(struct bytes key, struct bytes value);

/* The same, looked for in all of the value: for who shows a part of it. */
bool holds_secret(struct bytes key, struct bytes value);

/*
 * true for a URL with a credential in it: a user or a password, which is an '@' anywhere behind the
 * "://" (a password may hold a slash), or a member of its query that is called like one, whose name
 * `*name` is then, else data NULL.
 */
bool url_holds_secret(struct bytes url, struct bytes *name);

/* A JavaScript identifier that is no reserved word: what `env.NAME` needs. ASCII and $ _ only. */
bool binding_name_valid(struct bytes name);

#endif
