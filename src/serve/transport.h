/*
 * transport.h: HTTP on a listening socket, one thread, through libmicrohttpd's external loop. What
 * a request means is none of its business (endpoints.h).
 */
#ifndef CFKV_SERVE_TRANSPORT_H
#define CFKV_SERVE_TRANSPORT_H

#include "server.h"

/* Serves until interrupted; closes `listen_fd` in any case. `ready` is called once requests are
 * taken. */
bool transport_run(struct server *server, int listen_fd, struct error *err);

#endif
