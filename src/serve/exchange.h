/*
 * exchange.h: one request and its answer, in stages. Private to transport.
 *
 *     RECEIVE    the body arrives
 *     WORK       it is complete and admitted; latency and delays are over
 *     SEND       the reply is decided
 *     DROP       there will be none
 *
 * Between stages an exchange may be waiting: its connection is suspended until `due_ms`.
 */
#ifndef CFKV_SERVE_EXCHANGE_H
#define CFKV_SERVE_EXCHANGE_H

#include "damage.h"
#include "microhttpd.h"

enum exchange_stage { EXCHANGE_RECEIVE, EXCHANGE_WORK, EXCHANGE_SEND, EXCHANGE_DROP };

struct waiting_list {
    struct exchange *first;
};

struct exchange {
    struct call call;
    struct arena arena;
    struct buf body;
    struct reply reply;
    struct delivery delivery;
    struct MHD_Connection *connection;
    struct waiting_list *waiting_list;
    struct exchange *next, *previous; /* among the waiting */
    enum exchange_stage stage;
    bool begun;     /* its head was seen */
    bool too_large; /* its body is not kept any more */
    bool waiting;
    bool watched; /* it hangs: ends when the client goes away */
    int64_t due_ms;
    int64_t complete_ms; /* when its body was there */
    uint64_t moved; /* bytes of the body that came; then, of a slow answer, those that may go */
    char ray[32];
};

struct exchange *exchange_new(struct server *server, struct waiting_list *list, const char *target);
void exchange_free(struct exchange *x);

/* The access handler's work on it. */
enum MHD_Result exchange_handle(struct exchange *x, struct MHD_Connection *connection,
                                const char *method, const char *data, size_t *size);

/* Ends the wait. */
void exchange_resume(struct exchange *x);

/* The socket of a connection; -1: none. */
int connection_fd(struct MHD_Connection *connection);

#endif
