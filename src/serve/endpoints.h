/*
 * endpoints.h: what each endpoint does, and the order in which a request is judged: its head, its
 * account, the form of its namespace id, that namespace, parameters and body, the key.
 */
#ifndef CFKV_SERVE_ENDPOINTS_H
#define CFKV_SERVE_ENDPOINTS_H

#include "server.h"

/* Host, Origin, credential and rate; finds the route and the fault that fires. false: it has
 * replied. */
bool endpoints_admit(struct call *c);

/* Does the work and replies, whatever the outcome. */
void endpoints_answer(struct call *c);

/* Each answers the endpoint of its name: it fills c->reply and returns false when that is an error.
 */
#define ENDPOINT_FUNCTION(constant, name, op, method, path) bool name(struct call *c);
ENDPOINTS(ENDPOINT_FUNCTION)

/* true when the account exists here, for who asks. */
bool account_exists(const struct call *c, struct bytes id);

/* The id of the first account that is listed; NULL: there is none. */
bool account_first(struct server *server, const char **id, struct error *err);

/* The query parameter `name` as a number within min and max, `fallback` when it is absent. Else
 * replies with `code`. */
bool query_number(struct call *c, const char *name, int code, size_t min, size_t max,
                  size_t fallback, size_t *n);

/* Which of two words the parameter is; `*second` false when it is the first or absent. */
bool query_choice(struct call *c, const char *name, int code, const char *first,
                  const char *second_word, bool *second);

/* A namespace of mode "instant" takes no metadata, no key above its own limit, and with
 * `key_writes` one write a second; bulk writes none. What the service answers then is not on
 * record. */
bool instant_takes(struct call *c, const struct store_pair *pair);
bool instant_takes_no_bulk(struct call *c);

#endif
