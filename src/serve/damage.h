/*
 * damage.h: does what a fault (faults.h) says to one request.
 */
#ifndef CFKV_SERVE_DAMAGE_H
#define CFKV_SERVE_DAMAGE_H

#include "server.h"

enum delivery_how {
    DELIVERY_WHOLE,
    DELIVERY_CUT,    /* `length` bytes of the body, then the connection ends */
    DELIVERY_PADDED, /* `length` bytes are claimed, and sent: spaces behind the body */
    DELIVERY_SLOW,   /* in ten pieces, `ms` apart */
    DELIVERY_DROP,   /* no answer: the connection ends */
    DELIVERY_RESET,  /* no answer: the connection is reset */
    DELIVERY_HANG    /* no answer for `ms` */
};

struct delivery {
    enum delivery_how how;
    uint64_t length;
    int64_t ms;
};

/* How long the fault makes a request wait before anything is done. */
int64_t damage_delay_ms(const struct call *c);

/* Answers the request, as its fault would have it. `*delivery` says how the reply goes out. */
void damage_answer(struct call *c, struct delivery *delivery);

#endif
