/*
 * cloudflare.h: the store contract over Cloudflare's REST API (reference: Cloudflare API, "Workers
 * KV Namespaces"), through http/. Keeps as many requests in flight as http has slots.
 *
 * One operation may take several requests: bulk puts and deletes are split by count (10,000) and by
 * bytes, cut smaller after a 413 or 524; a bulk get that is refused for a value that is not text is
 * divided and the odd keys are read singly; keys that come back in `unsuccessful_keys` are sent
 * again after at least a second, then reported as failed; a value too large for a batch goes by a
 * single PUT. A 10013 right after a create is retried for a moment. None of that is seen outside.
 *
 * Answers are judged by endpoint, HTTP status and error code, never by text or content type, and
 * are read within bounds whatever they claim. Every error says what was attempted, method and
 * path, HTTP status, code and message, and cf-ray, with a hint for the common codes.
 */
#ifndef CFKV_STORE_CLOUDFLARE_H
#define CFKV_STORE_CLOUDFLARE_H

#include "http/http.h"
#include "store.h"

/* The API that is meant when no other is named. */
#define CLOUDFLARE_API_URL "https://api.cloudflare.com/client/v4"

struct cloudflare_options {
    struct http_options http;
    const char *account_id; /* the default account, 32 hex digits; NULL: asked for when needed */
    const char *source;     /* where http.credentials come from, for messages; borrowed; NULL: the
                               usual variable */
};

/* An account that the project names. */
struct cloudflare_named_account {
    struct bytes id;
    const char *variable; /* of its token, for messages */
    const char *token;    /* borrowed until the store is closed; NULL: the common credentials */
};

/* NULL with err. Sends nothing yet. http.credentials may be empty: then only accounts with tokens
 * of their own can be asked. */
struct store *cloudflare_store_open(const struct cloudflare_options *options, struct error *err);

/* From here on requests of that account carry its own token, and no request of another one does.
 * Before anything is sent. ERR_USAGE for what is no token. */
bool cloudflare_store_name_account(struct store *s, const struct cloudflare_named_account *named,
                                   struct error *err);

/*
 * The default account: as given, else the only one the credentials can see (GET /accounts, once).
 * Several: ERR_USAGE that lists them; none: ERR_USAGE that says to set CLOUDFLARE_ACCOUNT_ID.
 * Good until the store is closed.
 */
bool cloudflare_store_account(struct store *s, struct bytes *id, struct error *err);

/* What to do where it cannot be found out, instead of the usual words; borrowed. NULL: those. */
void cloudflare_store_hint_account(struct store *s, const char *hint);

/* The default account where none was given: `id` instead of asking. Nothing happens with what is no
 * id. */
void cloudflare_store_suggest_account(struct store *s, struct bytes id);

/* What is known of it already, without a request; "" each where it is not. The name comes with the
 * answer that told the account. */
const char *cloudflare_store_known_account(const struct store *s);
const char *cloudflare_store_account_name(const struct store *s);

/*
 * Sends the first page of the listing of an account's namespaces ahead of the run that asks for it
 * (http_begin): the caller knows that this is the first thing that will be asked, and has something
 * else to wait for. Empty: the default account. NULL where it cannot be known yet, or where nothing
 * may be sent; else the http to go along with.
 */
struct http *cloudflare_store_begin(struct store *s, struct bytes account);

struct http_stats cloudflare_store_stats(const struct store *s);

/* As http_library. */
const char *cloudflare_store_library(struct error *err);

#endif
