/*
 * retry.h: which attempts are made again, and when. Pure: no clock, no network. Private to http/.
 *
 *     what happened                                        again                      effect
 *     ---------------------------------------------------  -------------------------  -------
 *     RETRY_ANSWER     any other answer, 3xx included; a    never                      known
 *                      challenge; a 429 with code 10048
 *     RETRY_LIMITED    429                                 always                     none
 *     RETRY_BUSY       503 with Retry-After                 always                     none
 *     RETRY_TRANSIENT  408, any other 5xx                   if repeatable              unknown
 *     RETRY_UNSENT     no name, connection or handshake     always, up to 5 attempts   none
 *     RETRY_REFUSED    nobody listens, and nobody ever did  never                      none
 *     RETRY_LOST       sent; no answer or half of one       if repeatable              unknown
 *     RETRY_HOPELESS   would fail again: certificate,       never                      unknown,
 *                      limits, memory                                                  if sent
 */
#ifndef CFKV_HTTP_RETRY_H
#define CFKV_HTTP_RETRY_H

#include <stdint.h>

#include "base/bytes.h"

enum retry_kind {
    RETRY_ANSWER,
    RETRY_LIMITED,
    RETRY_BUSY,
    RETRY_TRANSIENT,
    RETRY_UNSENT,
    RETRY_REFUSED,
    RETRY_LOST,
    RETRY_HOPELESS
};

/* What is known of one attempt. */
struct retry_facts {
    bool sent;        /* the connection stood and the request began to go out */
    bool whole;       /* an answer came, to its end */
    unsigned status;  /* 0: no status line came */
    bool retry_after; /* the answer has that header */
    bool challenge;   /* a firewall's page */
    bool quota_spent; /* see retry_quota_spent */
    bool hopeless;    /* the failure is none of the network */
    bool refused;     /* the connection was refused, by one who never answered before */
};

/* A status that asks for another attempt decides even when its body was cut short or too long. */
enum retry_kind retry_classify(const struct retry_facts *facts);

/* true when an attempt of that kind, the `attempts`-th, is followed by another. */
bool retry_again(enum retry_kind kind, bool repeatable, unsigned attempts, unsigned max_attempts);

/* How many attempts of a request there are at most, as it seems after one of that kind. */
unsigned retry_attempts(enum retry_kind kind, unsigned max_attempts);

/* true when the request may have had its effect although no answer tells. */
bool retry_maybe_done(enum retry_kind kind, bool sent);

/*
 * Milliseconds to wait after the `attempts`-th attempt: 500 · 2^(attempts-1), at most 30,000, of
 * which `random` takes off up to half; but never less than `retry_after_s` (-1: none).
 */
uint64_t retry_delay_ms(unsigned attempts, int64_t retry_after_s, uint64_t random);

/*
 * Seconds that a Retry-After header asks for: a number, or a date, which is counted from `date`
 * (the answer's Date header: clocks may differ), else from `now`. 0 for a past date, -1 when it
 * makes no sense.
 */
int64_t retry_after_seconds(const char *value, const char *date, int64_t now);

/* Seconds since the epoch of a date as headers have it; -1 when it is none. */
int64_t retry_date_seconds(const char *date);

/* true when the body of a 429 says that the daily quota is spent (code 10048): waiting is no use.
 * Anything unreadable is plainly false. */
bool retry_quota_spent(struct bytes body);

#endif
