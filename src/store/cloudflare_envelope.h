/*
 * cloudflare_envelope.h: the object that every JSON answer of Cloudflare is. Private to the parsers
 * of its answers.
 */
#ifndef CFKV_STORE_CLOUDFLARE_ENVELOPE_H
#define CFKV_STORE_CLOUDFLARE_ENVELOPE_H

#include "cloudflare_answer.h"
#include "cloudflare_shape.h"

/*
 * Reads the answer to a request that got a 2xx: first the envelope over the whole body, so that
 * nothing is taken of an answer that is not whole or says "success": false; then, of a success,
 * `members` ("result", "result_info") into `ctx`.
 */
bool answer_envelope_read(struct bytes body, struct answer *a, const struct shape *members,
                          void *ctx, struct error *err);

#endif
