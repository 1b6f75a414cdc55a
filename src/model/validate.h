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

/* What fingerprint = true asks of a key besides: its metadata is an object or none, has no member
 * of the fingerprint's name, and leaves room for it. As seed_key_check. */
bool seed_fingerprint_check(struct diag_list *diags, const struct seed_key *seed,
                            const char *where);

/* Looks like a credential (known token prefixes, private key headers, key names such as password,
 * secret, token, api_key with a string value). Used for a warning when not marked secret. */
bool looks_secret(struct bytes key, struct bytes value);

/* A JavaScript identifier that is no reserved word: what `env.NAME` needs. ASCII and $ _ only. */
bool binding_name_valid(struct bytes name);

#endif
